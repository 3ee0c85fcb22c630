// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::dns {

// Names a TCP connection that the resolver asked for; never used again.
enum class StreamId : std::uint32_t {};

// What the resolver wants done with its TCP connections. Whoever owns TCP does it, in order.
struct StreamAction {
  enum class Kind : std::uint8_t {
    open,   // connect to `server`; octets may be sent at once, and wait for the connection
    send,   // `octets`, all of them
    close,  // send what is left, and forget the connection
  };
  Kind kind = Kind::open;
  StreamId stream{};
  Endpoint server;  // of `open`
  Buffer octets;    // of `send`
};

// A message as it travels over TCP: behind its length in two octets (RFC 1035, 4.2.2).
[[nodiscard]] Buffer framed(Bytes message);

// Takes octets as they come out of a TCP connection, and gives messages. Holds at most one message
// and what came with its last octets.
class Deframer {
 public:
  void add(Bytes octets) { held_.insert(held_.end(), octets.begin(), octets.end()); }
  // The next message; nullopt: more octets have to come. Drain it after each add().
  [[nodiscard]] std::optional<Buffer> next();
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

 private:
  Buffer held_;
};

}  // namespace packetwright::dns
