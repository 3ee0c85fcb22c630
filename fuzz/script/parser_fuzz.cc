// SPDX-License-Identifier: Apache-2.0

// Any octets give a tree or errors; a tree, once printed, is read back as the same tree; printing
// what was read back changes nothing; and expanding never crashes.

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/script/expand.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "stack/base/assert.hh"

using namespace packetwright;
using namespace packetwright::script;

namespace {

// Short names are preludes, and each uses another: recursion is met soon.
Result<Source, std::string> load(std::string_view name) {
  if (name.size() > 3) return Err{std::string("there is no such prelude")};
  return Source{std::string(name), "default $n = 1\n+0 f(${n}) = 0\nuse b\n"};
}

void check_round_trip(const Script& script) {
  const std::string printed = print(script);
  const ParseResult again = parse({"input", printed});
  PW_ASSERT(again.ok());
  PW_ASSERT(again.script == script);
  PW_ASSERT(print(again.script) == printed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Source source{"input", std::string(data, data + size)};
  const ParseResult result = parse(source);
  for (const Diagnostic& diagnostic : result.diagnostics) (void)render(diagnostic);
  PW_ASSERT(result.diagnostics.size() <= 2 * kMaxDiagnostics);
  (void)variants(result.script);
  if (!result.ok()) return 0;
  // Of conditional text only one branch is in the tree.
  if (!result.script.conditional) check_round_trip(result.script);
  const ParseResult concrete =
      expand(result.script, combinations(result.script).front().values, load);
  for (const Event& event : concrete.script.events) (void)print_event(event);
  return 0;
}
