// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/engine/live_values.hh"
#include "harness/engine/settings.hh"
#include "harness/engine/stream.hh"
#include "harness/packet/dissect.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"

// How the numbers of a script and those on the wire belong together.
namespace packetwright::engine {

// The sequence numbers of one side. In packets with SYN a script writes absolute numbers, in all
// others it counts from the ISN, as tcpdump does. Before a SYN was seen the ISN is 0 and the
// numbers are those of the wire.
class SequenceSpace {
 public:
  // The wire's number of the SYN that the script calls `script`.
  void learn(std::uint32_t live, std::uint32_t script) noexcept {
    isn_ = script;
    shift_ = live - script;
    known_ = true;
  }
  // Script numbers and wire numbers differ by this from the start.
  void set_shift(std::uint32_t shift) noexcept { shift_ = shift; }

  [[nodiscard]] bool known() const noexcept { return known_; }
  [[nodiscard]] std::uint32_t live_isn() const noexcept { return isn_ + shift_; }
  [[nodiscard]] std::uint32_t to_live(std::uint32_t script, bool absolute) const noexcept {
    return script + shift_ + (absolute ? 0 : isn_);
  }
  [[nodiscard]] std::uint32_t to_script(std::uint32_t live, bool absolute) const noexcept {
    return live - shift_ - (absolute ? 0 : isn_);
  }

 private:
  std::uint32_t isn_ = 0;    // in script space
  std::uint32_t shift_ = 0;  // wire - script
  bool known_ = false;
};

// The timestamp clock of the target (RFC 7323): values the script expects, and what came.
class TimestampMap {
 public:
  void learn(std::uint32_t script, std::uint32_t live);
  [[nodiscard]] bool anchored() const noexcept { return first_.has_value(); }
  // The wire's value for one the script saw before; nullopt: it never did.
  [[nodiscard]] std::optional<std::uint32_t> to_live(std::uint32_t script) const;
  // By counting on from the first pair; the value itself before there is one.
  [[nodiscard]] std::uint32_t extrapolate(std::uint32_t script) const noexcept;
  [[nodiscard]] std::uint32_t to_script(std::uint32_t live) const noexcept;

 private:
  std::optional<std::pair<std::uint32_t, std::uint32_t>> first_;
  std::map<std::uint32_t, std::uint32_t> live_;
};

enum class Transport : std::uint8_t { tcp, udp };  // udp: UDP-Lite too

// One connection, or one flow of datagrams.
struct Connection {
  Transport transport = Transport::tcp;
  std::string label;  // empty: the one that packetdrill has
  Endpoint local;     // port 0: not known yet
  Endpoint remote;
  bool active = false;  // the target opens it, so its port is learned from its first packet

  SequenceSpace local_space, remote_space;
  TimestampMap timestamps;
  LiveValues live;
  Stream inbound, outbound;  // octets that the peer sends; that the target sends

  std::optional<std::uint32_t> last_syn_in;  // script number of the peer's last SYN
  // For the parting RST on a real clock: wire numbers of what the peer would send next.
  struct Last {
    std::uint32_t seq = 0, ack = 0;
    std::uint16_t win = 0;
  };
  std::optional<Last> last_in;
  std::optional<packet::Dissected> last_out;  // the last packet of the target, as it came
};

// All connections of a script, by label.
class ConnectionTable {
 public:
  // `run_number` moves the peer's ports on a real clock; on a virtual one they follow from the
  // seed alone, so that a repeat is one.
  ConnectionTable(const Settings& settings, std::uint64_t seed, std::uint32_t run_number);

  // The connection that packets with this label belong to now.
  [[nodiscard]] Connection& labelled(Transport transport, std::string_view label);
  // The same for packets that name their ports, as they are on the wire.
  [[nodiscard]] Connection& with_ports(Transport transport, std::uint16_t remote,
                                       std::uint16_t local);

  // socket() gave a stream: the unlabelled connection is a new one from now on.
  void on_stream_socket() noexcept { renew_ = true; }
  // The target was asked to connect. `claim`: by the unlabelled connection; else by the first
  // labelled one that expects a SYN.
  void on_connect(const Endpoint& remote, bool claim);
  // The target may connect there of itself, any number of times, as a resolver does that asks over
  // TCP: a labelled connection that expects a SYN claims it.
  void may_connect(const Endpoint& remote) { servers_.push_back(remote); }

  // The connection that a packet of the target belongs to, by its ports. The first packet of a
  // connection that the target opens teaches its port; `wanted`, if not nullptr, may become that
  // connection. nullptr: none.
  [[nodiscard]] Connection* of_outbound(const packet::Dissected& frame, Connection* wanted);
  [[nodiscard]] Connection* of_remote(Transport transport, const Endpoint& remote);
  [[nodiscard]] Connection* of_local_port(Transport transport, std::uint16_t port);

  [[nodiscard]] std::deque<Connection>& all() noexcept { return all_; }

 private:
  Connection& add(Transport transport, std::string_view label);
  [[nodiscard]] std::uint16_t next_port() noexcept;

  const Settings& settings_;
  Rng rng_;
  std::uint32_t next_port_;
  std::deque<Connection> all_;  // a deque: references stay good
  std::map<std::string, Connection*, std::less<>> by_label_[2];
  std::vector<Endpoint> connecting_;  // not yet claimed by a connection
  std::vector<Endpoint> servers_;     // may be claimed again and again
  bool renew_ = false;
};

// The transport header of a packet of the target and its ports: nullopt if it has none.
struct TransportPorts {
  Transport transport;
  Endpoint src, dst;
};
[[nodiscard]] std::optional<TransportPorts> ports_of(const packet::Dissected& frame);

// Rewrites the numbers of a packet of the target into those of the script: sequence number,
// acknowledgement, SACK blocks, timestamp, and what an ICMP error quotes. `absolute_seq`: the
// sequence number is left alone.
void map_to_script(packet::Dissected& frame, const Connection& connection, bool absolute_seq);

// A SYN of the target fixes its sequence space. `script`: the number the script gives it; without
// one it counts from 0 until the script says otherwise.
void learn_from_syn(const packet::Dissected& frame, Connection& connection,
                    std::optional<std::uint32_t> script);

}  // namespace packetwright::engine
