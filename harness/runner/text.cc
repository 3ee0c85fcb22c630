// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/text.hh"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "stack/base/bytes.hh"
#include "stack/base/siphash.hh"

namespace packetwright::runner {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string_view last_component(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return lower(text).find(lower(part)) != std::string::npos;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const auto part = trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string join(std::span<const std::string> parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // A failed match goes back to the last star and lets it take one character more. `**` crosses
  // slashes, so it is kept apart: when the inner star is exhausted the outer one grows.
  struct Restart {
    std::size_t pattern = std::string_view::npos, text = 0;
  };
  Restart star, double_star;
  std::size_t p = 0, t = 0;
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      const bool crosses = p + 1 < pattern.size() && pattern[p + 1] == '*';
      while (p < pattern.size() && pattern[p] == '*') ++p;
      if (crosses) {
        double_star = {p, t}, star = {};
      } else {
        star = {p, t};
      }
      continue;
    }
    if (t == text.size() && p == pattern.size()) return true;
    const bool matches = t < text.size() && p < pattern.size() &&
                         (pattern[p] == '?' ? text[t] != '/' : pattern[p] == text[t]);
    if (matches) {
      ++p, ++t;
    } else if (star.pattern != std::string_view::npos && star.text < text.size() &&
               text[star.text] != '/') {
      p = star.pattern, t = ++star.text;
    } else if (double_star.pattern != std::string_view::npos && double_star.text < text.size()) {
      p = double_star.pattern, t = ++double_star.text, star = {};
    } else {
      return false;
    }
  }
}

bool is_glob(std::string_view text) noexcept {
  return text.find_first_of("*?") != std::string_view::npos;
}

std::vector<std::string> near_misses(std::string_view word, std::span<const std::string> candidates,
                                     std::size_t limit) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  const std::string typed = lower(word);
  for (const std::string& candidate : candidates) {
    const std::string other = lower(candidate);
    // A part of the word counts as near; so does a typing error in the last part of a path, which
    // is the part that people remember.
    std::size_t distance =
        std::min(edit_distance(typed, other),
                 edit_distance(last_component(typed), last_component(other)) + 1);
    if (typed.size() >= 3 && other.find(typed) != std::string::npos) distance = 1;
    const std::size_t tolerable = std::max<std::size_t>(2, typed.size() / 4);
    if (distance <= tolerable) ranked.emplace_back(distance, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> best;
  for (std::size_t i = 0; i < ranked.size() && i < limit; ++i) best.push_back(ranked[i].second);
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::vector<std::string> near = near_misses(word, candidates);
  if (near.empty()) return {};
  std::string out = "; did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (i > 0) out += i + 1 == near.size() ? " or " : ", ";
    out += near[i];
  }
  return out + "?";
}

std::uint64_t stable_hash(std::string_view text) noexcept {
  static constexpr SipKey kKey{0x7061636b65747772, 0x6967687420686173};
  return siphash24(kKey, Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string hex(std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(kSafe) == std::string_view::npos) {
    return std::string(word);
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const bool controls = std::any_of(word.begin(), word.end(), is_control);
  std::string out = controls ? "$'" : "'";
  for (const char c : word) {
    if (controls && is_control(c)) {
      const auto octet = static_cast<unsigned>(c);
      for (const unsigned shift : {6u, 3u, 0u}) {
        if (shift == 6) out += '\\';
        out += static_cast<char>('0' + ((octet >> shift) & 7));
      }
    } else if (controls && (c == '\'' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace packetwright::runner
