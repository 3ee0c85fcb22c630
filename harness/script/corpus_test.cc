// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "harness/script/expand.hh"
#include "harness/script/testing.hh"

// Whole collections of scripts: our own cases, and those of others where a checkout is given.
namespace packetwright::script {
namespace {

namespace fs = std::filesystem;
using testing::all_remarks;

std::vector<fs::path> scripts_below(const fs::path& root) {
  std::vector<fs::path> found;
  if (!fs::exists(root)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().extension() == ".pkt") {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Source read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return {path.string(), text.str()};
}

// What a file has to satisfy: it parses, and the formatter changes neither its meaning nor, the
// second time, anything.
void expect_round_trip(const Script& script, const ParseOptions& options, const std::string& name) {
  if (script.conditional) return;  // one branch of it is not in the tree
  const std::string printed = print(script);
  const ParseResult again = parse({name, printed}, options);
  EXPECT_TRUE(again.ok()) << name << "\n" << all_remarks(again.diagnostics);
  EXPECT_TRUE(again.script == script) << name << " changes its meaning when formatted";
  EXPECT_EQ(print(again.script), printed) << name;
}

const fs::path kConformance = fs::path(PW_SOURCE_DIR) / "conformance";

Result<Source, std::string> load_prelude(std::string_view name) {
  const fs::path path = kConformance / "preludes" / (std::string(name) + ".pkt");
  if (!fs::exists(path)) return Err{std::string("there is no such prelude")};
  return read(path);
}

TEST(Corpus, EveryCaseOfOursParsesPrintsAndExpands) {
  const auto files = scripts_below(kConformance);
  if (files.empty()) GTEST_SKIP() << "no cases in this checkout";
  for (const fs::path& file : files) {
    const ParseResult result = parse(read(file));
    ASSERT_TRUE(result.ok()) << all_remarks(result.diagnostics);
    expect_round_trip(result.script, {}, file.string());
    for (const Combination& combination : combinations(result.script)) {
      const ParseResult concrete = expand(result.script, combination.values, load_prelude);
      EXPECT_TRUE(concrete.ok()) << file << " " << combination.name << "\n"
                                 << all_remarks(concrete.diagnostics);
    }
  }
}

TEST(Corpus, EveryScriptOfPacketdrillParsesAndPrints) {
  const fs::path root = PW_PACKETDRILL_CHECKOUT;
  if (root.empty())
    GTEST_SKIP() << "configure with PACKETDRILL_CHECKOUT set to a checkout of google/packetdrill";
  const auto files = scripts_below(root);
  ASSERT_GE(files.size(), 177u) << root;
  // The symbols that packetdrill's own runner defines.
  ParseOptions options;
  options.defines = {
      {"MSS", "1460"}, {"CODE", "host_unreachable"}, {"TFO_COOKIE", "3021b9d889017eeb"}};
  for (const fs::path& file : files) {
    const ParseResult result = parse(read(file), options);
    EXPECT_TRUE(result.ok()) << all_remarks(result.diagnostics);
    EXPECT_EQ(result.script.dialect, Dialect::google) << file;
    expect_round_trip(result.script, options, file.string());
    for (const Event& event : result.script.events) {
      EXPECT_FALSE(event.ours) << file << ": " << print_event(event);
    }
  }
}

TEST(Corpus, EveryScriptOfTheFreeBsdSuiteParsesAndPrints) {
  const fs::path root = PW_TCP_TESTSUITE_CHECKOUT;
  if (root.empty()) {
    GTEST_SKIP() << "configure with TCP_TESTSUITE_CHECKOUT set to a checkout of "
                    "freebsd-net/tcp-testsuite";
  }
  const auto files = scripts_below(root);
  ASSERT_FALSE(files.empty()) << root;
  ParseOptions options;
  options.defines = {{"FreeBSD", "1"}};
  std::size_t wrong = 0;
  for (const fs::path& file : files) {
    const ParseResult result = parse(read(file), options);
    if (result.ok()) {
      expect_round_trip(result.script, options, file.string());
    } else {
      ++wrong;
    }
  }
  EXPECT_EQ(wrong, 1u) << "one script of that suite starts with a stray letter";
}

// nplab's own parser does not read these of its scripts either: they are in a syntax that it gave
// up. What is of SCTP alone is not taken apart.
TEST(Corpus, EveryScriptOfNplabParsesAndPrints) {
  const fs::path root = PW_NPLAB_PACKETDRILL_CHECKOUT;
  if (root.empty()) {
    GTEST_SKIP() << "configure with NPLAB_PACKETDRILL_CHECKOUT set to a checkout of "
                    "nplab/packetdrill";
  }
  std::vector<std::string> unread;
  std::size_t read_count = 0;
  for (const fs::path& file : scripts_below(root)) {
    const Source source = read(file);
    const ParseResult result = parse(source);
    if (result.ok()) {
      ++read_count;
      expect_round_trip(result.script, {}, file.string());
    } else {
      unread.push_back(file.filename().string());
    }
  }
  EXPECT_GE(read_count, 324u);
  EXPECT_EQ(unread, (std::vector<std::string>{"sctp_icmp_active.pkt", "sctp_icmp_passive.pkt",
                                              "sctp_icmp_protocol_unreachable.pkt",
                                              "pmtud-10pkt-1460-to-1160.pkt",
                                              "pmtud-1pkt-1460-to-1160.pkt"}));
}

}  // namespace
}  // namespace packetwright::script
