// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"

namespace packetwright::peers {

// Which of the two hosts on the wire: 10.1.0.1 connects, 10.1.0.2 listens.
enum class Side : std::uint8_t { client, server };

inline constexpr std::uint16_t kPort = 80;
// Of all stacks: octets of text in a segment, and of what a connection buffers each way.
inline constexpr std::uint16_t kMss = 1'460;
inline constexpr std::uint32_t kBuffer = 64 * 1024;

// A TCP/IP stack as the benchmarks drive it: Ethernet frames and time at the bottom, the calls of
// an application at the top. Everything it does, it does in these calls. All of them negotiate the
// same options (MSS, window scale, SACK), verify and fill in every checksum, and resolve their
// neighbour by ARP.
class Host {
 public:
  using Handle = int;  // of a connection; never negative

  virtual ~Host() = default;

  virtual void on_frame(Instant now, Bytes frame) = 0;
  // The next frame, in place of what `frame` held; false: there is none.
  virtual bool next_tx(Instant now, Buffer& frame) = 0;
  // Runs the timers that are due.
  virtual void on_time(Instant now) = 0;
  // After this, connections that this host closed first are gone from TIME-WAIT.
  [[nodiscard]] virtual Duration time_wait() const = 0;

  virtual void listen() = 0;  // at kPort
  [[nodiscard]] virtual Handle connect(Instant now) = 0;
  [[nodiscard]] virtual std::optional<Handle> accept(Instant now) = 0;
  // How many octets were taken.
  [[nodiscard]] virtual std::size_t write(Instant now, Handle connection, Bytes octets) = 0;
  // How many octets there were; 0: none yet, or none any more.
  [[nodiscard]] virtual std::size_t read(Instant now, Handle connection, MutableBytes into) = 0;
  // All was read, and the peer has closed.
  [[nodiscard]] virtual bool at_end(Instant now, Handle connection) = 0;
  virtual void close(Instant now, Handle connection) = 0;
};

// A kind of stack that was built in. `make` may be called again and again; of one kind only one
// pair lives at a time.
struct Kind {
  std::string name;
  std::unique_ptr<Host> (*make)(Side side);
};

// The first one is ours; it is what the others are compared with.
[[nodiscard]] const std::vector<Kind>& kinds();

[[nodiscard]] std::unique_ptr<Host> make_packetwright(Side side);
[[nodiscard]] std::unique_ptr<Host> make_lwip(Side side);
[[nodiscard]] std::unique_ptr<Host> make_smoltcp(Side side);

}  // namespace packetwright::peers
