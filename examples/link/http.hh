// SPDX-License-Identifier: Apache-2.0
#pragma once
// As much of HTTP/1.1 (RFC 9110, RFC 9112) as a small server and a small client need.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/result.hh"

namespace packetwright::example {

// What stands in front of the body of a message.
struct HttpHead {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> fields;  // names in small letters

  // The first field of that name; nullptr: there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  // Whether one of the values that commas separate is `token`, in letters of any size.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
  // Octets of the body. nullopt: not said. An error is a sentence.
  [[nodiscard]] Result<std::optional<std::uint64_t>, std::string> content_length() const;
};

// Takes a head off the front of `text` when all of it is there; nullopt: not yet. An error is a
// sentence about what can never become one: malformed, or over 16 KiB.
[[nodiscard]] Result<std::optional<HttpHead>, std::string> take_head(std::string& text);

// The body of a response as it arrives: of a known length, in chunks, or until the end of the
// stream.
class HttpBody {
 public:
  // An error: the head contradicts itself.
  [[nodiscard]] static Result<HttpBody, std::string> of(const HttpHead& head);

  // Takes from the front of `text` what belongs to the body, and appends its content to `out`. An
  // error: the chunks are malformed.
  [[nodiscard]] Result<void, std::string> take(std::string& text, std::string& out);
  [[nodiscard]] bool complete() const noexcept { return state_ == State::complete; }
  // True if the end of the stream is the end of the body, and not its loss.
  [[nodiscard]] bool ends_with_stream() const noexcept { return state_ == State::until_end; }

 private:
  enum class State : std::uint8_t {
    counted,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    until_end,
    complete
  };
  [[nodiscard]] Result<void, std::string> begin_chunk(std::string_view line);

  State state_ = State::until_end;
  std::uint64_t left_ = 0;  // counted, chunk_data
};

// http://HOST[:PORT][/PATH], with IPv6 addresses in brackets.
struct HttpUrl {
  std::string host;  // without brackets
  std::uint16_t port = 80;
  std::string authority;  // HOST[:PORT] as it stood there, for the Host field
  std::string path = "/";
};
// nullopt: it is none.
[[nodiscard]] std::optional<HttpUrl> parse_url(std::string_view text);

// The path of a request's target below the root of a server: without the query, with percent signs
// resolved, and never one that leads out of the root. nullopt: none of those.
[[nodiscard]] std::optional<std::string> path_of_target(std::string_view target);

}  // namespace packetwright::example
