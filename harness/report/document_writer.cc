// SPDX-License-Identifier: Apache-2.0
#include "harness/report/document_writer.hh"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace packetwright::report {
namespace {

constexpr std::string_view kCases = "\"cases\":[";

// An object's text without its closing brace, to be continued with further members.
std::string open_object(const Json& object) {
  std::string text = one_line(object);
  text.pop_back();
  return text;
}

std::int64_t virtual_ms_of(const Json& cases) {
  std::int64_t sum = 0;
  for (const Json& one : cases) sum += one.value("virtual_us", std::int64_t{0});
  return sum / 1000;
}

// Far above anything that is counted, and far below what a sum could not hold.
bool is_count(const Json& value) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  return value.is_number_integer() && value >= 0 && value <= kMost;
}

// Members that views read, and what they must be where they are there. A document comes from a disk
// and may have been edited.
bool well_formed(const Json& object, std::initializer_list<std::string_view> texts,
                 std::initializer_list<std::string_view> numbers,
                 std::initializer_list<std::string_view> truths = {}) {
  if (!object.is_object()) return false;
  const auto named = [](const auto& names, std::string_view key) {
    return std::find(names.begin(), names.end(), key) != names.end();
  };
  for (const auto& [key, value] : object.items()) {
    if (named(texts, key) && !value.is_string()) return false;
    if (named(numbers, key) && !is_count(value)) return false;
    if (named(truths, key) && !value.is_boolean()) return false;
  }
  return true;
}

bool is_case(const Json& one) {
  if (!well_formed(one,
                   {"id", "path", "title", "variant", "target", "mode", "verdict", "level", "cause",
                    "symptom", "known", "seed", "trace_hash", "replay", "pcap", "log", "prelude"},
                   {"rounds", "assertions_skipped", "wall_us", "virtual_us", "line"},
                   {"vacuous", "order_dependent", "retried"})) {
    return false;
  }
  for (const std::string_view list : {"requirements", "places", "mismatches", "history"}) {
    const auto found = one.find(list);
    if (found != one.end() && !found->is_array()) return false;
  }
  for (const Json& mismatch : one.value("mismatches", Json::array())) {
    if (!well_formed(mismatch, {"file", "expected", "actual", "symptom"}, {"line", "column"})) {
      return false;
    }
  }
  return one.contains("id") && one.contains("verdict") &&
         one.value("params", Json::object()).is_object() &&
         runner::verdict_named(one["verdict"].get<std::string>()).has_value();
}

Result<Json, std::string> checked(Json document) {
  if (!document.is_object() || !document.contains("cases") || !document["cases"].is_array()) {
    return Err{std::string{"not the results of a run: there is no list \"cases\""}};
  }
  const Json schema = document.value("schema", Json(0));
  if (schema != Json(kSchema)) {
    return Err{"results of schema " + schema.dump() + "; this version reads schema " +
               std::to_string(kSchema)};
  }
  for (const Json& one : document["cases"]) {
    if (!is_case(one)) return Err{std::string{"one of the cases is not what schema 1 says"}};
  }
  return document;
}

// Discarded: it is no JSON, or nested deeper than any document of ours, which could not be printed.
Json parsed(std::string_view text) {
  constexpr int kDeepest = 32;
  bool deep = false;
  Json value = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json&) {
        deep = deep || depth > kDeepest;
        return !deep;
      },
      false);
  return deep ? Json(Json::value_t::discarded) : value;
}

// Of a text that breaks off, every line up to the first that is no whole case.
Result<Json, std::string> salvaged(std::string_view text) {
  const std::size_t cases_at = text.find(kCases);
  if (cases_at == std::string_view::npos) {
    return Err{std::string{"not the results of a run: it is no JSON"}};
  }
  Json document = parsed(std::string(text.substr(0, cases_at)) + "\"cases\":[]}");
  if (document.is_discarded()) return Err{std::string{"not the results of a run"}};
  text.remove_prefix(cases_at + kCases.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with(',')) line.remove_suffix(1);
    if (line.empty()) continue;
    Json one = parsed(line);
    if (one.is_discarded() || !one.is_object()) break;
    document["cases"].push_back(std::move(one));
  }
  document["complete"] = false;
  return checked(std::move(document));
}

}  // namespace

void DocumentWriter::begin(const Json& head) {
  out_ << open_object(head) << ",\n" << kCases << '\n';
  end_of_cases_ = out_.tellp();
  out_ << ending();
  out_.flush();
}

bool DocumentWriter::add(const Json& one) {
  const runner::Tally before = tally_;
  tally_.add(verdict_of(one));
  out_.seekp(end_of_cases_);
  out_ << (any_ ? ",\n" : "") << one_line(one);
  const std::streampos end = out_.tellp();
  // Grows with every case, or stays as long as it is.
  out_ << ending();
  out_.flush();
  if (!out_.good()) {
    tally_ = before;
    return false;
  }
  any_ = true;
  end_of_cases_ = end;
  return true;
}

std::string DocumentWriter::ending() const {
  return "\n],\n\"summary\":" + one_line(to_json(tally_)) + ",\"complete\":false}\n";
}

void write_document(std::ostream& out, const Json& document) {
  Json head = document;
  head.erase("cases");
  out << open_object(head) << ",\n" << kCases;
  bool first = true;
  for (const Json& one : document.at("cases")) {
    out << (first ? "\n" : ",\n") << one_line(one);
    first = false;
  }
  out << "\n]}\n";
}

Json whole_document(const Json& head, const Json& cases, const RunEnd& end) {
  Json document = head;
  document["wall_ms"] = end.wall_ms;
  document["virtual_ms"] = virtual_ms_of(cases);
  document["complete"] = end.complete;
  document["interrupted"] = end.interrupted;
  document["error"] = end.error;
  document["sanity"] = {{"first", end.sanity_first}, {"last", end.sanity_last}};
  document["stale_expectations"] = end.stale;
  document["summary"] = to_json(tally_of(cases));
  document["cases"] = cases;
  return document;
}

Result<Json, std::string> read_document(const std::string& text) {
  Json document = parsed(text);
  if (document.is_discarded()) return salvaged(text);
  return checked(std::move(document));
}

}  // namespace packetwright::report
