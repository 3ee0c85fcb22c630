// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/version.hh"

#include "packetwright_version.hh"  // written by CMake: PW_VERSION, PW_COMMIT, PW_BUILD

namespace packetwright::cli {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string sanitizers() {
  std::string out;
#if defined(__SANITIZE_ADDRESS__)
  out += " address";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  out += " address";
#endif
#if __has_feature(undefined_behavior_sanitizer)
  out += " undefined";
#endif
#endif
  return out.empty() ? " none" : out;
}

}  // namespace

std::string version_text() {
  const std::string commit = PW_COMMIT;
  return std::string(PW_VERSION) + (commit.empty() ? "" : " (" + commit + ")");
}

std::string version_report() {
  const std::string commit = PW_COMMIT;
  return std::string("packetwright ") + PW_VERSION + "\ncommit       " +
         (commit.empty() ? "unknown" : commit) + "\ncompiler     " + compiler() +
         "\nbuild        " + PW_BUILD + "\nsanitizers  " + sanitizers() + "\n";
}

}  // namespace packetwright::cli
