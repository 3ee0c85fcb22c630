// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/installed.hh"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "harness/targets/installed.hh"

namespace packetwright::uml {
namespace {

namespace fs = std::filesystem;

fs::path guest() {
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = here / ".." / PW_INSTALL_LIBDIR / "packetwright" / "uml";
  if (fs::exists(installed / "agent", error)) return installed.lexically_normal();
  // harness/cli, or another folder of a build.
  for (fs::path folder = here; folder != folder.root_path(); folder = folder.parent_path()) {
    if (fs::exists(folder / "uml" / "agent", error)) return folder / "uml";
  }
  return {};
}

}  // namespace

Result<Parts, std::string> find_parts(std::string_view name) {
#if !defined(__x86_64__)
  return Err{std::string{"user-mode Linux 6.1 needs an x86-64 machine"}};
#endif
  Parts parts;
  const char* const variable = std::getenv("PACKETWRIGHT_UML");
  const bool named = variable != nullptr && *variable != '\0';
  parts.kernel = named ? variable : (fs::path{targets::cache_folder()} / name / "linux").string();
  if (::access(parts.kernel.c_str(), X_OK) != 0) {
    return Err{named ? "PACKETWRIGHT_UML: there is no program " + parts.kernel
                     : "it is not installed; ./pw targets --install " + std::string{name} +
                           " builds it (or set PACKETWRIGHT_UML to a kernel)"};
  }
  parts.guest = guest().string();
  if (parts.guest.empty()) {
    return Err{
        std::string{"this packetwright was built without the agent for it, which needs "
                    "a static C library"}};
  }
  return parts;
}

}  // namespace packetwright::uml
