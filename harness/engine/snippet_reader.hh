// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace packetwright::engine {

// What a snippet came to.
struct SnippetOutcome {
  enum class Kind : std::uint8_t {
    holds,
    failed,          // an assertion does not hold; `text` is what it says and what its names are
    unknown_name,    // `text` is the name
    not_understood,  // `text` says what is beyond this reader
  };
  Kind kind = Kind::holds;
  std::uint32_t line = 0;  // of the snippet, from 1
  std::string text;
};

// Snippets of scripts (`%{ assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd }%`), for targets without a
// system that would have Python. Read is what nearly all of them are made of: assert, assignments,
// print(), which is left out, and integers with + - * & | ^ << >>, comparisons, also in chains, and
// and, or, not. Names keep their values from one snippet of a script to the next.
class SnippetReader {
 public:
  void set(std::string_view name, std::int64_t value);
  [[nodiscard]] SnippetOutcome run(std::string_view text);
  // Whether a snippet is understood, whatever its names are; nullopt: it is.
  [[nodiscard]] static std::optional<SnippetOutcome> objection(std::string_view text);

 private:
  std::map<std::string, std::int64_t, std::less<>> names_;
};

}  // namespace packetwright::engine
