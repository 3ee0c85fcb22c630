// SPDX-License-Identifier: Apache-2.0
#include "harness/report/document.hh"

#include <charconv>
#include <string_view>
#include <utility>

#include "harness/runner/text.hh"
#include "harness/script/tree.hh"
#include "stack/base/instant.hh"

namespace packetwright::report {
namespace {

std::string_view name_of(engine::HistoryEntry::Kind kind) {
  switch (kind) {
    case engine::HistoryEntry::Kind::frame_in: return "frame_in";
    case engine::HistoryEntry::Kind::frame_out: return "frame_out";
    case engine::HistoryEntry::Kind::call: return "call";
    case engine::HistoryEntry::Kind::note: return "note";
  }
  return "note";
}

Json to_json(const engine::Mismatch& mismatch) {
  Json fields = Json::array();
  for (const engine::FieldDifference& field : mismatch.fields) {
    fields.push_back({{"name", field.name}, {"want", field.want}, {"got", field.got}});
  }
  return {{"file", mismatch.file},      {"line", mismatch.line},
          {"column", mismatch.column},  {"expected", mismatch.expected},
          {"actual", mismatch.actual},  {"symptom", engine::symptom_of(mismatch)},
          {"fields", std::move(fields)}};
}

Json to_json(const engine::HistoryEntry& entry) {
  return {{"at_us", nanos(entry.at) / 1000},
          {"kind", name_of(entry.kind)},
          {"line", entry.line},
          {"prelude", entry.prelude},
          {"text", entry.text}};
}

template <class List>
Json array_of(const List& list) {
  Json out = Json::array();
  for (const auto& element : list) out.push_back(to_json(element));
  return out;
}

// Whole numbers as numbers, everything else as text.
Json value_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return text;
}

}  // namespace

Json to_json(const RunInfo& info) {
  return {{"schema", kSchema},
          {"version", info.version},
          {"mode", info.mode},
          {"target",
           {{"name", info.target},
            {"version", info.target_version},
            {"clock", info.clock},
            {"medium", info.medium},
            {"capabilities", info.capabilities}}},
          {"seed", number_text(info.seed)},
          {"started", info.started},
          {"workers", info.workers},
          {"repeat", info.repeat},
          {"shard", info.shard},
          {"strict", info.strict}};
}

Json to_json(const runner::CaseResult& result) {
  Json ids = Json::array(), places = Json::array();
  for (const runner::Citation& cited : result.requirements) {
    ids.push_back(cited.id);
    places.push_back(cited.place);
  }
  Json params = Json::object();
  for (const auto& [name, value] : result.params) params[name] = value_of(value);
  return {{"id", result.id},
          {"path", result.path},
          {"title", result.title},
          {"variant", script::name_of(result.variant)},
          {"params", std::move(params)},
          {"target", result.target},
          {"mode", result.strict ? "strict" : "packetdrill"},
          {"verdict", runner::name_of(result.verdict)},
          {"level", runner::name_of(result.level)},
          {"requirements", std::move(ids)},
          {"places", std::move(places)},
          {"cause", result.cause},
          {"symptom", result.symptom},
          {"known", result.known},
          {"vacuous", result.vacuous},
          {"order_dependent", result.order_dependent},
          {"retried", result.retried},
          {"rounds", result.rounds},
          {"assertions_skipped", result.events_skipped},
          {"seed", number_text(result.seed)},
          {"wall_us", result.wall_us},
          {"virtual_us", result.virtual_us},
          {"late_us", result.late_us},
          {"trace_hash", number_text(result.trace_hash)},
          {"line", result.line},
          {"prelude", result.prelude},
          {"replay", result.replay},
          {"pcap", result.pcap},
          {"log", result.log},
          {"mismatches", array_of(result.mismatches)},
          {"history", array_of(result.history)}};
}

Json to_json(const runner::Tally& tally) {
  Json out;
  for (std::size_t i = 0; i < runner::kVerdictCount; ++i) {
    const auto verdict = static_cast<runner::Verdict>(i);
    out[std::string(runner::name_of(verdict))] = tally[verdict];
  }
  out["total"] = tally.total();
  return out;
}

std::string number_text(std::uint64_t value) {
  return runner::hex(value);
}

std::string one_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

runner::Verdict verdict_of(const Json& one) {
  return runner::verdict_named(one.value("verdict", "error")).value_or(runner::Verdict::error);
}

std::string run_label(const Json& one) {
  std::string label = "[" + one.value("variant", "ipv4");
  const auto params = one.find("params");
  if (params != one.end()) {
    for (const auto& [name, value] : params->items()) {
      label += ", " + name + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return label + "]";
}

std::string full_name(const Json& one) {
  return one.value("id", "") + " " + run_label(one);
}

runner::Tally tally_of(const Json& cases) {
  runner::Tally tally;
  for (const Json& one : cases) tally.add(verdict_of(one));
  return tally;
}

}  // namespace packetwright::report
