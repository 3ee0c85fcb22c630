// SPDX-License-Identifier: Apache-2.0
#include "harness/report/matrix.hh"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "harness/runner/case.hh"

namespace packetwright::report {
namespace {

using runner::Verdict;

bool is_judged(Verdict verdict) {
  return verdict != Verdict::unsupported && verdict != Verdict::error;
}

bool is_held(Verdict verdict) {
  return verdict == Verdict::pass || verdict == Verdict::xpass;
}

std::string folder_of(const std::string& id) {
  const std::size_t slash = id.rfind('/');
  return slash == std::string::npos ? std::string{} : id.substr(0, slash);
}

std::string joined(const Json& words) {
  std::string text;
  for (const Json& word : words) text += (text.empty() ? "" : "; ") + word.get<std::string>();
  return text;
}

std::string fraction(const Matrix::Cell& cell) {
  if (cell.judged == 0) return "-";
  return std::to_string(cell.held) + "/" + std::to_string(cell.judged);
}

// One case with one variant and one set of parameters, and what each target made of it.
struct Row {
  std::string id;
  std::size_t place = 0;  // among those that were met
  const Json* first = nullptr;
  std::vector<std::optional<Verdict>> verdicts;
};

std::vector<Row> rows_of(std::span<const Json> documents) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> places;
  for (std::size_t target = 0; target < documents.size(); ++target) {
    for (const Json& one : documents[target].at("cases")) {
      const auto [place, added] = places.emplace(full_name(one), rows.size());
      if (added) {
        rows.push_back({one.value("id", ""), rows.size(), &one, {}});
        rows.back().verdicts.resize(documents.size());
      }
      rows[place->second].verdicts[target] = verdict_of(one);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.id == b.id ? a.place < b.place : runner::in_report_order(a.id, b.id);
  });
  return rows;
}

bool differs(const Row& row) {
  bool held = false, fell_short = false;
  for (const auto& verdict : row.verdicts) {
    if (!verdict || !is_judged(*verdict)) continue;
    (is_held(*verdict) ? held : fell_short) = true;
  }
  return held && fell_short;
}

void add_names(std::span<const Json> documents, Matrix& matrix) {
  std::map<std::string, int> seen;
  for (const Json& document : documents) {
    std::string name = document.value("target", Json::object()).value("name", "?");
    const int times = ++seen[name];
    if (times > 1) name += "#" + std::to_string(times);
    matrix.targets.push_back(std::move(name));
    matrix.versions.push_back(document.value("target", Json::object()).value("version", ""));
  }
}

}  // namespace

Matrix matrix_of(std::span<const Json> documents) {
  Matrix matrix;
  add_names(documents, matrix);
  matrix.total.resize(documents.size());
  for (const Row& row : rows_of(documents)) {
    const std::string folder = folder_of(row.id);
    if (matrix.areas.empty() || matrix.areas.back().folder != folder) {
      matrix.areas.push_back({folder, std::vector<Matrix::Cell>(documents.size())});
    }
    for (std::size_t target = 0; target < documents.size(); ++target) {
      const auto verdict = row.verdicts[target];
      if (!verdict || !is_judged(*verdict)) continue;
      for (Matrix::Cell* const cell : {&matrix.areas.back().cells[target], &matrix.total[target]}) {
        ++cell->judged;
        if (is_held(*verdict)) ++cell->held;
      }
    }
    if (!differs(row)) continue;
    Matrix::Difference difference{full_name(*row.first),
                                  row.first->value("title", ""),
                                  joined(row.first->value("places", Json::array())),
                                  {}};
    for (const auto& verdict : row.verdicts) {
      difference.verdicts.emplace_back(verdict ? runner::name_of(*verdict) : "");
    }
    matrix.differences.push_back(std::move(difference));
  }
  return matrix;
}

Json to_json(const Matrix& matrix) {
  Json out{{"schema", kSchema}, {"targets", Json::array()}};
  for (std::size_t i = 0; i < matrix.targets.size(); ++i) {
    out["targets"].push_back({{"name", matrix.targets[i]},
                              {"version", matrix.versions[i]},
                              {"held", matrix.total[i].held},
                              {"judged", matrix.total[i].judged}});
  }
  out["differences"] = Json::array();
  for (const Matrix::Difference& one : matrix.differences) {
    Json verdicts = Json::object();
    for (std::size_t i = 0; i < matrix.targets.size(); ++i) {
      verdicts[matrix.targets[i]] = one.verdicts[i].empty() ? Json() : Json(one.verdicts[i]);
    }
    out["differences"].push_back(
        {{"run", one.name}, {"title", one.title}, {"places", one.places}, {"verdicts", verdicts}});
  }
  out["areas"] = Json::array();
  for (const Matrix::Area& area : matrix.areas) {
    Json cells = Json::object();
    for (std::size_t i = 0; i < matrix.targets.size(); ++i) {
      cells[matrix.targets[i]] = {{"held", area.cells[i].held}, {"judged", area.cells[i].judged}};
    }
    out["areas"].push_back({{"folder", area.folder}, {"cells", std::move(cells)}});
  }
  return out;
}

void write_text(std::ostream& out, const Matrix& matrix, const Paint& paint) {
  constexpr std::size_t kGap = 2, kLeast = 11;
  std::vector<std::size_t> widths;
  for (const std::string& name : matrix.targets) {
    widths.push_back(std::max(columns_of(name), kLeast) + kGap);
  }
  std::size_t first = columns_of("held of judged");
  for (const auto& one : matrix.differences) first = std::max(first, columns_of(one.name));
  for (const auto& area : matrix.areas) first = std::max(first, columns_of(area.folder));
  first += kGap;
  const auto line = [&](const std::string& head, const auto& cell_of, const std::string& tail) {
    out << padded(head, first);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool last = i + 1 == widths.size() && tail.empty();
      out << cell_of(i, last ? 0 : widths[i]);
    }
    out << tail << '\n';
  };
  const auto name = [&](std::size_t i, std::size_t width) {
    return paint(Colour::bold, padded(matrix.targets[i], width));
  };
  const auto word = [&](const Matrix::Difference& one) {
    return [&](std::size_t i, std::size_t width) {
      const std::string& verdict = one.verdicts[i];
      const bool plain = verdict.empty() || verdict == "unsupported";
      const Colour colour = plain ? Colour::dim : verdict == "pass" ? Colour::green : Colour::red;
      return paint(colour, padded(plain ? "-" : verdict, width));
    };
  };
  const auto counts = [](const std::vector<Matrix::Cell>& cells) {
    return [&](std::size_t i, std::size_t width) { return padded(fraction(cells[i]), width); };
  };
  if (!matrix.differences.empty()) {
    line("differences", name, "");
    for (const auto& one : matrix.differences) line(one.name, word(one), one.places);
    out << '\n';
  }
  line("held of judged", name, "");
  for (const Matrix::Area& area : matrix.areas) line(area.folder, counts(area.cells), "");
  line("all", counts(matrix.total), "");
  out << '\n' << matrix.differences.size() << " differences\n";
}

void write_markdown(std::ostream& out, const Matrix& matrix) {
  const auto row = [&](const std::string& first, const auto& cell_of) {
    out << "| " << first << " |";
    for (std::size_t i = 0; i < matrix.targets.size(); ++i) out << ' ' << cell_of(i) << " |";
    out << '\n';
  };
  const auto rule = [&] {
    out << "|---|";
    for (std::size_t i = 0; i < matrix.targets.size(); ++i) out << "---|";
    out << '\n';
  };
  row("held of judged", [&](std::size_t i) { return matrix.targets[i]; });
  rule();
  row("version", [&](std::size_t i) { return matrix.versions[i]; });
  for (const Matrix::Area& area : matrix.areas) {
    row("`" + area.folder + "`", [&](std::size_t i) { return fraction(area.cells[i]); });
  }
  row("**all**", [&](std::size_t i) { return "**" + fraction(matrix.total[i]) + "**"; });
  if (matrix.differences.empty()) return;
  out << '\n';
  row("difference", [&](std::size_t i) { return matrix.targets[i]; });
  rule();
  for (const Matrix::Difference& one : matrix.differences) {
    row("`" + one.name + "` " + one.places, [&](std::size_t i) {
      const std::string& word = one.verdicts[i];
      return word.empty() || word == "unsupported" ? std::string{"-"} : word;
    });
  }
}

}  // namespace packetwright::report
