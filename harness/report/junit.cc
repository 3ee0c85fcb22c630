// SPDX-License-Identifier: Apache-2.0
#include "harness/report/junit.hh"

#include <cstdint>
#include <vector>

#include "harness/report/failure_text.hh"
#include "harness/runner/case.hh"

namespace packetwright::report {
namespace {

using runner::Verdict;

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml_escaped(value) + "\"";
}

std::string folder_name(const Json& one) {
  const std::string id = one.value("id", "");
  const std::string_view folder = runner::folder_of(id);
  return folder.empty() ? "top" : std::string(folder);
}

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  std::int64_t wall_us = 0;

  [[nodiscard]] std::string attributes() const {
    return attribute("tests", std::to_string(tests)) +
           attribute("failures", std::to_string(failures)) +
           attribute("errors", std::to_string(errors)) +
           attribute("skipped", std::to_string(skipped)) + attribute("time", seconds_text(wall_us));
  }
};

// The element that tells a verdict; nullptr: none, it passed.
const char* element_of(Verdict verdict, bool strict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::info: return nullptr;
    case Verdict::non_strict: return strict ? "failure" : nullptr;
    case Verdict::fail:
    case Verdict::xpass: return "failure";
    case Verdict::crash:
    case Verdict::hang:
    case Verdict::error: return "error";
    case Verdict::xfail:
    case Verdict::unsupported: return "skipped";
  }
  return nullptr;
}

void count(Counts& counts, const Json& one, bool strict) {
  const char* const element = element_of(verdict_of(one), strict);
  const std::string_view name = element == nullptr ? "" : element;
  ++counts.tests;
  if (name == "failure") ++counts.failures;
  if (name == "error") ++counts.errors;
  if (name == "skipped") ++counts.skipped;
  counts.wall_us += one.value("wall_us", std::int64_t{0});
}

void write_property(std::ostream& out, std::string_view name, std::string_view value) {
  out << "        <property" << attribute("name", name) << attribute("value", value) << "/>\n";
}

void write_case(std::ostream& out, const Json& one, bool strict) {
  const Verdict verdict = verdict_of(one);
  std::string classname = one.value("target", "") + "." + folder_name(one);
  for (char& c : classname) c = c == '/' ? '.' : c;
  const std::string name = std::string(runner::leaf_of(one.value("id", ""))) + " " + run_label(one);
  out << "    <testcase" << attribute("name", name) << attribute("classname", classname)
      << attribute("file", one.value("path", ""))
      << attribute("time", seconds_text(one.value("wall_us", std::int64_t{0}))) << ">\n"
      << "      <properties>\n";
  write_property(out, "verdict", runner::name_of(verdict));
  write_property(out, "level", one.value("level", ""));
  write_property(out, "variant", one.value("variant", ""));
  for (const Json& id : one.value("requirements", Json::array())) {
    if (id.is_string()) write_property(out, "requirement", id.get<std::string>());
  }
  out << "      </properties>\n";
  const char* const element = element_of(verdict, strict);
  if (element == nullptr) {
    // What fell short without being red is worth reading all the same.
    if (verdict != Verdict::pass) {
      out << "      <system-out>" << xml_escaped(word_of(verdict) + ": " + short_cause(one))
          << "</system-out>\n";
    }
  } else if (std::string_view(element) == "skipped") {
    const std::string why =
        verdict == Verdict::xfail ? "known: " + one.value("known", "") : one.value("cause", "");
    out << "      <skipped" << attribute("message", why) << "/>\n";
  } else {
    out << "      <" << element << attribute("message", short_cause(one))
        << attribute("type", runner::name_of(verdict)) << ">";
    std::string body;
    for (const std::string& line : failure_lines(one, {100, true}, Paint(false))) {
      body += line + "\n";
    }
    out << xml_escaped(body) << "</" << element << ">\n";
  }
  out << "    </testcase>\n";
}

// What befell the run and not one of its cases; empty: nothing did.
std::string trouble_of(const Json& document) {
  if (std::string error = document.value("error", ""); !error.empty()) return error;
  return document.value("interrupted", false) ? "interrupted: some runs have no verdict" : "";
}

// A reader of JUnit looks at nothing but test cases, so this is one.
void write_trouble(std::ostream& out, const std::string& trouble) {
  Counts counts;
  counts.tests = counts.errors = 1;
  out << "  <testsuite" << attribute("name", "run") << counts.attributes() << ">\n"
      << "    <testcase" << attribute("name", "the run came to its end")
      << attribute("classname", "run") << ">\n      <error" << attribute("message", trouble)
      << attribute("type", "run") << "/>\n    </testcase>\n  </testsuite>\n";
}

void write_stale(std::ostream& out, const Json& stale) {
  Counts counts;
  counts.tests = counts.failures = stale.size();
  out << "  <testsuite" << attribute("name", "expectations") << counts.attributes() << ">\n";
  for (const Json& entry : stale) {
    const std::string text = entry.is_string() ? entry.get<std::string>() : entry.dump();
    out << "    <testcase" << attribute("name", text) << attribute("classname", "expectations")
        << ">\n      <failure" << attribute("message", "a known failure that selects no case")
        << attribute("type", "stale") << "/>\n    </testcase>\n";
  }
  out << "  </testsuite>\n";
}

// How many octets of well-formed UTF-8 stand at the start of `text`, which is not empty; 0: none.
std::size_t sequence_at(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = octet(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 && lead < 0xf5   ? 4
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                                                         : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond Unicode (RFC 3629, 4).
  const unsigned second = octet(1);
  const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = sequence_at(text);
    const char c = text.front();
    if (size != 1) {
      out += size == 0 ? std::string_view("?") : text.substr(0, size);
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      const bool allowed = c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f);
      out += allowed ? c : '?';
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

void write_junit(std::ostream& out, const Json& document) {
  const bool strict = document.value("strict", false);
  const Json& cases = document.at("cases");
  const Json stale = document.value("stale_expectations", Json::array());
  Counts all;
  for (const Json& one : cases) count(all, one, strict);
  all.tests += stale.size(), all.failures += stale.size();
  const std::string trouble = trouble_of(document);
  if (!trouble.empty()) ++all.tests, ++all.errors;
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      << "<testsuites" << attribute("name", "packetwright") << all.attributes() << ">\n";
  const std::string started = document.value("started", "");
  for (std::size_t i = 0; i < cases.size();) {
    // Cases of a folder stand together.
    const std::string folder = folder_name(cases[i]);
    std::size_t end = i;
    Counts counts;
    while (end < cases.size() && folder_name(cases[end]) == folder) {
      count(counts, cases[end++], strict);
    }
    out << "  <testsuite" << attribute("name", folder) << counts.attributes();
    if (!started.empty()) out << attribute("timestamp", started);
    out << ">\n";
    for (; i < end; ++i) write_case(out, cases[i], strict);
    out << "  </testsuite>\n";
  }
  if (!stale.empty()) write_stale(out, stale);
  if (!trouble.empty()) write_trouble(out, trouble);
  out << "</testsuites>\n";
}

}  // namespace packetwright::report
