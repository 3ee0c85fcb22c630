// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "examples/link/http.hh"
#include "stack/base/instant.hh"
#include "stack/iface/stack.hh"

namespace packetwright::example {

// One client of the web server: requests in, files out, over a socket that never blocks. Whoever
// asks several things at once, or keeps the connection, is answered in order.
class WebConnection {
 public:
  // `root`: the folder that is served. `socket` is this object's to close.
  WebConnection(iface::Stack& stack, iface::Descriptor socket, const Endpoint& peer,
                const std::filesystem::path& root, Instant now)
      : stack_(stack), socket_(socket), peer_(peer), root_(root), last_progress_(now) {}

  // Does all that can be done now. False: the connection is over and its socket closed.
  [[nodiscard]] bool serve(Instant now);

  // Ends the connection at once; serve() is not to be called any more.
  void abort(Instant now) { static_cast<void>(stack_.abort(now, socket_)); }

  // When a client that says and takes nothing is given up.
  [[nodiscard]] Instant gives_up_at() const noexcept { return last_progress_ + kPatience; }

 private:
  static constexpr Duration kPatience = 30s;
  enum class Outcome : std::uint8_t { progress, wait, over };

  [[nodiscard]] Outcome write_some(Instant now);
  [[nodiscard]] Outcome read_some(Instant now);
  [[nodiscard]] bool answer_next();
  void answer(const HttpHead& request);
  void answer_file(const std::string& path, bool with_body);
  void answer_error(std::string_view status);
  void begin_answer(std::string_view status, std::uint64_t length, std::string_view type);

  iface::Stack& stack_;
  iface::Descriptor socket_;
  Endpoint peer_;
  const std::filesystem::path& root_;
  Instant last_progress_;

  std::string in_;               // not yet understood
  Buffer out_;                   // to be written; then the rest of file_
  std::size_t out_written_ = 0;  // of it
  std::ifstream file_;
  std::uint64_t file_left_ = 0;
  std::string request_line_;  // of what is being answered, for the log
  bool last_answer_ = false;  // the connection ends with it
  bool said_all_ = false;     // our end is closed; the client's is awaited
};

}  // namespace packetwright::example
