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

// Members that views read, and what they must be where they are there. A document comes from a disk
// and may have been edited.
bool well_formed(const Json& object, std::initializer_list<std::string_view> texts,
                 std::initializer_list<std::string_view> numbers) {
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items()) {
    if (std::find(texts.begin(), texts.end(), key) != texts.end() && !value.is_string())
      return false;
    if (std::find(numbers.begin(), numbers.end(), key) != numbers.end() &&
        !value.is_number_integer()) {
      return false;
    }
  }
  return true;
}

bool is_case(const Json& one) {
  if (!well_formed(one,
                   {"id", "path", "title", "variant", "target", "mode", "verdict", "level", "cause",
                    "symptom", "known", "seed", "trace_hash", "replay", "pcap", "log"},
                   {"rounds", "assertions_skipped", "wall_us", "virtual_us", "line"})) {
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

// Of a text that breaks off, every line up to the first that is no whole case.
Result<Json, std::string> salvaged(std::string_view text) {
  const std::size_t cases_at = text.find(kCases);
  if (cases_at == std::string_view::npos) {
    return Err{std::string{"not the results of a run: it is no JSON"}};
  }
  Json document =
      Json::parse(std::string(text.substr(0, cases_at)) + "\"cases\":[]}", nullptr, false);
  if (document.is_discarded()) return Err{std::string{"not the results of a run"}};
  text.remove_prefix(cases_at + kCases.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with(',')) line.remove_suffix(1);
    if (line.empty()) continue;
    Json one = Json::parse(line, nullptr, false);
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
  static_cast<void>(end_document());
}

bool DocumentWriter::add(const Json& one) {
  tally_.add(verdict_of(one));
  out_.seekp(end_of_cases_);
  out_ << (any_ ? ",\n" : "") << one_line(one);
  any_ = true;
  end_of_cases_ = out_.tellp();
  return end_document();
}

bool DocumentWriter::end_document() {
  // Grows with every case, or stays as long as it is.
  out_ << "\n],\n\"summary\":" << one_line(to_json(tally_)) << ",\"complete\":false}\n";
  out_.flush();
  return out_.good();
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
  Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return salvaged(text);
  return checked(std::move(document));
}

}  // namespace packetwright::report
