// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/peers/host.hh"

namespace packetwright::peers {

// Two hosts of one kind, back to back: a wire without delay, loss or limit, and an application at
// either end. Every step checks what came of it, and ends the program if that is wrong: a stack
// that does nothing would be fast.
class Wire {
 public:
  explicit Wire(const Kind& kind);

  // One connection from SYN to the end of TIME-WAIT: the client asks in 5 octets, is answered in 6,
  // and closes; then so does the server.
  void life();

  // A connection for transfer(), and its end.
  void open();
  void close();
  // The client sends `octets`; the server reads and compares every one of them.
  void transfer(std::size_t octets);

 private:
  [[noreturn]] void give_up(const std::string& why) const;
  // True when a frame has gone over the wire.
  bool carry(Host& from, Host& to);
  void settle();
  // Nothing moves: the next thing to happen is a timer.
  void wait(Duration time);
  [[nodiscard]] std::size_t read(Host& host, Host::Handle connection);

  std::string name_;
  std::unique_ptr<Host> client_, server_;
  Instant now_{};
  Buffer frame_;
  Buffer pattern_;   // what is sent, over and over; then its beginning once more
  Buffer received_;  // scratch
  Host::Handle client_end_ = 0, server_end_ = 0;
};

}  // namespace packetwright::peers
