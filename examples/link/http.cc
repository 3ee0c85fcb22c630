// SPDX-License-Identifier: Apache-2.0
#include "examples/link/http.hh"

#include <algorithm>
#include <charconv>

namespace packetwright::example {
namespace {

constexpr std::size_t kMaxHead = 16'384;
constexpr std::string_view kEndOfLine = "\r\n";
constexpr std::string_view kEndOfHead = "\r\n\r\n";

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string in_small_letters(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), small);
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// All of `text` as a number; nullopt: it is none, or too large.
template <class Number>
std::optional<Number> number_of(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The line at the front of `text`, which is taken off; nullopt: its end is not there yet.
std::optional<std::string> take_line(std::string& text) {
  const std::size_t end = text.find(kEndOfLine);
  if (end == std::string::npos) return std::nullopt;
  std::string line = text.substr(0, end);
  text.erase(0, end + kEndOfLine.size());
  return line;
}

}  // namespace

const std::string* HttpHead::find(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (known == name) return &value;
  }
  return nullptr;
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const {
  const std::string* value = find(name);
  std::string_view rest = value != nullptr ? *value : std::string_view{};
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (in_small_letters(trimmed(rest.substr(0, comma))) == token) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

Result<std::optional<std::uint64_t>, std::string> HttpHead::content_length() const {
  const std::string* text = find("content-length");
  if (text == nullptr) return std::optional<std::uint64_t>{};
  const auto length = number_of<std::uint64_t>(*text);
  if (!length) return Err{"Content-Length is '" + *text + "'"};
  return length;
}

Result<std::optional<HttpHead>, std::string> take_head(std::string& text) {
  const std::size_t end = text.find(kEndOfHead);
  if (std::min(end, text.size()) > kMaxHead) return Err{std::string{"a head of over 16 KiB"}};
  if (end == std::string::npos) return std::optional<HttpHead>{};

  std::string lines = text.substr(0, end + kEndOfLine.size());
  text.erase(0, end + kEndOfHead.size());
  HttpHead head;
  head.start_line = take_line(lines).value_or("");
  while (const auto line = take_line(lines)) {
    const std::size_t colon = line->find(':');
    // RFC 9112, 5.1: no blank between the name and the colon; others read it in other ways.
    if (colon == std::string::npos || colon == 0 ||
        line->substr(0, colon).find_first_of(" \t") != std::string::npos) {
      return Err{"the field '" + *line + "' is malformed"};
    }
    head.fields.emplace_back(in_small_letters(line->substr(0, colon)),
                             trimmed(std::string_view{*line}.substr(colon + 1)));
  }
  return std::optional<HttpHead>{std::move(head)};
}

// RFC 9112, 6.3.
Result<HttpBody, std::string> HttpBody::of(const HttpHead& head) {
  HttpBody body;
  if (head.has_token("transfer-encoding", "chunked")) {
    body.state_ = State::chunk_size;
    return body;
  }
  const auto length = head.content_length();
  if (!length) return Err{length.error()};
  if (*length) {
    body.left_ = **length;
    body.state_ = body.left_ == 0 ? State::complete : State::counted;
  }
  return body;
}

Result<void, std::string> HttpBody::begin_chunk(std::string_view line) {
  // What follows a semicolon is an extension, which nobody uses.
  const auto size = number_of<std::uint64_t>(trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) return Err{"the size of a chunk is '" + std::string{line} + "'"};
  left_ = *size;
  state_ = left_ == 0 ? State::trailer : State::chunk_data;
  return {};
}

Result<void, std::string> HttpBody::take(std::string& text, std::string& out) {
  for (;;) {
    switch (state_) {
      case State::until_end:
        out += text;
        text.clear();
        return {};
      case State::counted:
      case State::chunk_data: {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, text.size()));
        out.append(text, 0, part);
        text.erase(0, part);
        left_ -= part;
        if (left_ > 0) return {};
        state_ = state_ == State::counted ? State::complete : State::chunk_end;
        break;
      }
      case State::chunk_size:
      case State::chunk_end:
      case State::trailer: {
        const auto line = take_line(text);
        if (!line) {
          if (text.size() > kMaxHead) return Err{std::string{"a chunk without an end of line"}};
          return {};
        }
        if (state_ == State::chunk_size) {
          if (auto begun = begin_chunk(*line); !begun) return begun;
        } else if (state_ == State::chunk_end) {
          if (!line->empty()) return Err{std::string{"a chunk is longer than it says"}};
          state_ = State::chunk_size;
        } else if (line->empty()) {
          state_ = State::complete;
        }
        break;
      }
      case State::complete: return {};
    }
  }
}

std::optional<HttpUrl> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  HttpUrl url;
  const std::size_t slash = std::min(text.find('/'), text.size());
  url.authority = text.substr(0, slash);
  if (slash < text.size()) url.path = text.substr(slash);

  std::string_view rest = url.authority;
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    url.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    url.host = rest.substr(0, colon);
    rest.remove_prefix(colon);
  }
  if (rest.starts_with(':')) {
    const auto port = number_of<std::uint16_t>(rest.substr(1));
    if (!port) return std::nullopt;
    url.port = *port;
  } else if (!rest.empty()) {
    return std::nullopt;
  }
  if (url.host.empty()) return std::nullopt;
  return url;
}

std::optional<std::string> path_of_target(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (!target.starts_with('/')) return std::nullopt;
  std::string path;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] != '%') {
      path += target[i];
      continue;
    }
    if (i + 2 >= target.size()) return std::nullopt;
    const auto octet = number_of<std::uint8_t>(target.substr(i + 1, 2), 16);
    if (!octet || *octet == 0) return std::nullopt;
    path += static_cast<char>(*octet);
    i += 2;
  }
  // Steps are looked at after percent signs are resolved, or %2e%2e would be one.
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (rest.substr(0, slash) == "..") return std::nullopt;
    rest.remove_prefix(slash);
  }
  return path;
}

}  // namespace packetwright::example
