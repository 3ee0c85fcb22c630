// SPDX-License-Identifier: Apache-2.0
#include "harness/report/tap.hh"

#include <string>
#include <string_view>

#include "harness/report/failure_text.hh"

namespace packetwright::report {
namespace {

using runner::Kind;
using runner::Verdict;

// A description or a reason: one line, in which '#' and '\' do not mean what TAP means by them.
std::string description(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '#' || c == '\\') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

// A YAML double-quoted scalar is a JSON string.
std::string scalar(const std::string& text) {
  return one_line(Json(text));
}

void write_diagnostics(std::ostream& out, const Json& one) {
  out << "  ---\n";
  out << "  verdict: " << runner::name_of(verdict_of(one)) << '\n';
  out << "  message: " << scalar(short_cause(one)) << '\n';
  for (const char* const key : {"title", "level", "path", "known", "replay", "pcap"}) {
    const std::string text = one.value(key, "");
    if (!text.empty()) out << "  " << key << ": " << scalar(text) << '\n';
  }
  if (const Json requirements = one.value("requirements", Json::array()); !requirements.empty()) {
    out << "  requirements: " << one_line(requirements) << '\n';
  }
  const Json mismatches = one.value("mismatches", Json::array());
  if (!mismatches.empty()) out << "  mismatches:\n";
  for (const Json& mismatch : mismatches) {
    out << "    - line: " << mismatch.value("line", 0) << '\n'
        << "      expected: " << scalar(mismatch.value("expected", "")) << '\n'
        << "      actual: " << scalar(mismatch.value("actual", "")) << '\n';
  }
  out << "  ...\n";
}

}  // namespace

void write_tap(std::ostream& out, const Json& document) {
  const bool strict = document.value("strict", false);
  const Json& cases = document.at("cases");
  const Json stale = document.value("stale_expectations", Json::array());
  out << "TAP version 13\n1.." << cases.size() + stale.size() << '\n';
  std::size_t number = 0;
  for (const Json& one : cases) {
    const Verdict verdict = verdict_of(one);
    const bool ok = runner::kind_of(verdict, strict) != Kind::failed && verdict != Verdict::xfail;
    out << (ok ? "ok " : "not ok ") << ++number << " - " << description(full_name(one));
    if (verdict == Verdict::unsupported) out << " # SKIP " << description(one.value("cause", ""));
    if (verdict == Verdict::xfail) out << " # TODO " << description(one.value("known", ""));
    out << '\n';
    if (verdict != Verdict::pass && verdict != Verdict::unsupported) write_diagnostics(out, one);
  }
  for (const Json& entry : stale) {
    const std::string text = entry.is_string() ? entry.get<std::string>() : entry.dump();
    out << "not ok " << ++number << " - stale expectation: " << description(text) << '\n';
  }
  if (document.value("interrupted", false)) out << "Bail out! interrupted\n";
  if (const auto error = document.value("error", ""); !error.empty()) {
    out << "Bail out! " << description(error) << '\n';
  }
}

}  // namespace packetwright::report
