// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/csv.hh"

#include <utility>

namespace packetwright::runner {

Result<std::vector<std::vector<std::string>>, std::string> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;  // inside quotes
  bool any = false;     // the row has at least a character or a comma
  std::size_t line = 1, opened = 0;

  const auto end_row = [&] {
    if (any) {
      row.push_back(std::exchange(field, {}));
      rows.push_back(std::exchange(row, {}));
    }
    any = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += '"', ++i;
      } else {
        quoted = false;
      }
    } else if (c == '\n') {
      end_row();
    } else if (c == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) {
      continue;
    } else if (c == ',') {
      row.push_back(std::exchange(field, {}));
      any = true;
    } else if (c == '"' && field.empty()) {
      quoted = true, any = true, opened = line;
    } else {
      field += c, any = true;
    }
  }
  if (quoted) {
    return Err{"line " + std::to_string(opened) + ": a quote is opened and never closed"};
  }
  end_row();
  return rows;
}

}  // namespace packetwright::runner
