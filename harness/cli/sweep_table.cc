// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/sweep_table.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

using model::State;
using report::Colour;
using report::Json;

// In the order of the RFC, with what heads their columns.
constexpr std::pair<State, std::string_view> kColumns[] = {
    {State::closed, "CLOSED"},      {State::listen, "LISTEN"},     {State::syn_sent, "SYN-S"},
    {State::syn_received, "SYN-R"}, {State::established, "ESTAB"}, {State::fin_wait_1, "FIN-1"},
    {State::fin_wait_2, "FIN-2"},   {State::close_wait, "CLO-W"},  {State::closing, "CLOSNG"},
    {State::last_ack, "LAST-A"},    {State::time_wait, "TIME-W"}};
constexpr std::size_t kFirst = 21, kWidth = 7;

enum class Look : std::uint8_t { blank, holds, deviates, ended };

Look look_of(const SweepCell* cell) {
  if (cell == nullptr) return Look::blank;
  if (!cell->problems.empty()) return Look::ended;
  return cell->deviating > 0 ? Look::deviates : Look::holds;
}

const SweepCell* cell_of(const SweepTable& table, State state, const sweep::Kind& kind) {
  const auto found = table.cells.find({state, &kind});
  return found == table.cells.end() ? nullptr : &found->second;
}

std::string word_of(const SweepCell* cell) {
  switch (look_of(cell)) {
    case Look::blank: return "-";
    case Look::holds: return ".";
    case Look::deviates: return std::to_string(cell->deviating);
    case Look::ended: return cell->deviating > 0 ? std::to_string(cell->deviating) + "!" : "!";
  }
  return "";
}

Colour colour_of(const SweepCell* cell) {
  switch (look_of(cell)) {
    case Look::blank: return Colour::dim;
    case Look::holds: return Colour::green;
    case Look::deviates:
    case Look::ended: return Colour::red;
  }
  return Colour::none;
}

bool has_row(const SweepTable& table, const sweep::Kind& kind) {
  return std::any_of(std::begin(kColumns), std::end(kColumns), [&](const auto& column) {
    return cell_of(table, column.first, kind) != nullptr;
  });
}

// Every red cell, in the order of the table.
template <class Act>
void for_each_red(const SweepTable& table, const Act& act) {
  for (const sweep::Kind& kind : sweep::kinds()) {
    for (const auto& [state, head] : kColumns) {
      const SweepCell* const cell = cell_of(table, state, kind);
      const Look look = look_of(cell);
      if (look == Look::deviates || look == Look::ended) act(state, kind, *cell);
    }
  }
}

Json to_json(const SweepFinding& finding) {
  return {{"prelude", finding.prelude}, {"stimulus", finding.stimulus}, {"rule", finding.rule},
          {"model", finding.wanted},    {"stack", finding.seen},        {"file", finding.file},
          {"script", finding.script}};
}

// In a cell of Markdown.
std::string in_table(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void SweepTable::add(const sweep::Prelude& prelude, const sweep::Kind& kind, sweep::Swept swept) {
  if (!swept.unsupported.empty()) {
    if (std::find(unsupported.begin(), unsupported.end(), swept.unsupported) == unsupported.end()) {
      unsupported.push_back(std::move(swept.unsupported));
    }
    return;
  }
  SweepCell& cell = cells[{prelude.state, &kind}];
  cell.stimuli += swept.stimuli;
  cell.deviating += swept.deviating;
  if (!swept.problem.empty()) {
    cell.problems.push_back(std::string(prelude.name) + ": " + swept.problem);
  }
  if (!swept.first) return;
  const unsigned count = swept.first->stimulus.deviations();
  if (cell.finding && cell.finding->deviations <= count) return;
  sweep::Finding& found = *swept.first;
  cell.finding = SweepFinding{std::string(prelude.name),
                              found.stimulus.name(),
                              std::move(found.rule),
                              std::move(found.wanted),
                              std::move(found.seen),
                              std::move(found.script),
                              count,
                              ""};
}

std::uint64_t SweepTable::stimuli() const {
  std::uint64_t sum = 0;
  for (const auto& [key, cell] : cells) sum += cell.stimuli;
  return sum;
}

std::uint64_t SweepTable::deviating() const {
  std::uint64_t sum = 0;
  for (const auto& [key, cell] : cells) sum += cell.deviating;
  return sum;
}

bool SweepTable::holds() const {
  return std::all_of(cells.begin(), cells.end(),
                     [](const auto& one) { return look_of(&one.second) == Look::holds; });
}

report::Json to_json(const SweepTable& table) {
  Json cells = Json::array();
  for (const sweep::Kind& kind : sweep::kinds()) {
    for (const auto& [state, head] : kColumns) {
      const SweepCell* const cell = cell_of(table, state, kind);
      if (cell == nullptr) continue;
      cells.push_back({{"state", name_of(state)},
                       {"kind", kind.name},
                       {"stimuli", cell->stimuli},
                       {"deviating", cell->deviating},
                       {"problems", cell->problems},
                       {"finding", cell->finding ? to_json(*cell->finding) : Json()}});
    }
  }
  return {{"schema", 1},
          {"target", {{"name", table.target}, {"version", table.version}}},
          {"seed", report::number_text(table.seed)},
          {"deviations", table.deviations},
          {"stimuli", table.stimuli()},
          {"deviating", table.deviating()},
          {"wall_ms", table.wall_ms},
          {"unsupported", table.unsupported},
          {"cells", std::move(cells)}};
}

void write_text(std::ostream& out, const SweepTable& table, const report::Paint& paint) {
  out << report::padded("", kFirst);
  for (const auto& [state, head] : kColumns) {
    out << std::string(kWidth - head.size(), ' ') << head;
  }
  out << '\n';
  for (const sweep::Kind& kind : sweep::kinds()) {
    if (!has_row(table, kind)) continue;
    out << report::padded(kind.name, kFirst);
    for (const auto& [state, head] : kColumns) {
      const SweepCell* const cell = cell_of(table, state, kind);
      const std::string word = word_of(cell);
      out << std::string(kWidth - std::min(kWidth, word.size()), ' ')
          << paint(colour_of(cell), word);
    }
    out << '\n';
  }
  for_each_red(table, [&](State state, const sweep::Kind& kind, const SweepCell& cell) {
    out << '\n'
        << paint(Colour::red, "x") << ' ' << name_of(state) << ", " << kind.name << ": "
        << cell.deviating << " of " << cell.stimuli << " deviate\n";
    for (const std::string& problem : cell.problems) {
      out << "    ended   " << report::harmless(problem) << '\n';
    }
    if (!cell.finding) return;
    const SweepFinding& finding = *cell.finding;
    out << "    segment " << finding.stimulus << ", after " << finding.prelude << "\n    model   "
        << finding.wanted << " (" << finding.rule << ")\n    stack   "
        << report::harmless(finding.seen) << '\n';
    if (!finding.file.empty()) {
      out << "    replay  packetwright run " << runner::shell_word(finding.file) << " --target "
          << runner::shell_word(table.target) << '\n';
    }
  });
  for (const std::string& why : table.unsupported) {
    out << "\nleft out: " << report::harmless(why) << '\n';
  }
  out << '\n'
      << table.target << ' ' << table.version << ": " << table.stimuli() << " stimuli, "
      << table.deviating() << " deviating from the model\n";
}

void write_markdown(std::ostream& out, const SweepTable& table) {
  out << "# Sweep of " << table.target << ' ' << table.version << "\n\n"
      << table.stimuli() << " stimuli, at most " << table.deviations
      << " fields at once other than in a normal segment; " << table.deviating()
      << " were answered in a way that the model does not allow.\n\n| segment |";
  for (const auto& [state, head] : kColumns) out << ' ' << name_of(state) << " |";
  out << "\n|---|";
  for (std::size_t i = 0; i < std::size(kColumns); ++i) out << "---:|";
  out << '\n';
  for (const sweep::Kind& kind : sweep::kinds()) {
    if (!has_row(table, kind)) continue;
    out << "| " << kind.name << " |";
    for (const auto& [state, head] : kColumns) {
      const SweepCell* const cell = cell_of(table, state, kind);
      const bool red = look_of(cell) == Look::deviates || look_of(cell) == Look::ended;
      out << ' ' << (red ? "**" : "") << word_of(cell) << (red ? "**" : "") << " |";
    }
    out << '\n';
  }
  if (!table.holds()) {
    out << "\n| state | segment | deviating | first | model | stack | rule |\n"
           "|---|---|---|---|---|---|---|\n";
    for_each_red(table, [&](State state, const sweep::Kind& kind, const SweepCell& cell) {
      out << "| " << name_of(state) << " | " << kind.name << " | " << cell.deviating << " of "
          << cell.stimuli << " | ";
      if (cell.finding) {
        const SweepFinding& finding = *cell.finding;
        out << finding.stimulus << ", after " << finding.prelude << " | "
            << in_table(finding.wanted) << " | " << in_table(finding.seen) << " | " << finding.rule
            << " |\n";
      } else {
        out << in_table(cell.problems.front()) << " | | | |\n";
      }
    });
  }
  for (const std::string& why : table.unsupported) out << "\nLeft out: " << why << "\n";
}

Buffer to_octets(const sweep::Swept& swept) {
  Json json{{"stimuli", swept.stimuli},
            {"deviating", swept.deviating},
            {"unsupported", swept.unsupported},
            {"problem", swept.problem}};
  if (swept.first) {
    const sweep::Finding& first = *swept.first;
    json["first"] = {{"values", first.stimulus.values},
                     {"rule", first.rule},
                     {"wanted", first.wanted},
                     {"seen", first.seen},
                     {"script", first.script}};
  }
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return {text.begin(), text.end()};
}

sweep::Swept swept_from(const Buffer& octets, const sweep::Kind& kind) {
  const Json json = Json::parse(octets.begin(), octets.end());
  sweep::Swept swept;
  json.at("stimuli").get_to(swept.stimuli);
  json.at("deviating").get_to(swept.deviating);
  json.at("unsupported").get_to(swept.unsupported);
  json.at("problem").get_to(swept.problem);
  if (const auto first = json.find("first"); first != json.end()) {
    sweep::Finding finding;
    finding.stimulus.kind = &kind;
    first->at("values").get_to(finding.stimulus.values);
    first->at("rule").get_to(finding.rule);
    first->at("wanted").get_to(finding.wanted);
    first->at("seen").get_to(finding.seen);
    first->at("script").get_to(finding.script);
    swept.first = std::move(finding);
  }
  return swept;
}

}  // namespace packetwright::cli
