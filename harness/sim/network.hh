// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "harness/sim/node.hh"
#include "harness/sim/pipe.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"

namespace packetwright::sim {

// Names a host or a switch of one network.
enum class NodeId : std::uint32_t {};

// Which way over a link: from the node that connect() named first, or back.
enum class Way : std::uint8_t { forth, back };

enum class LinkId : std::uint32_t {};

// A frame as it arrives at a node.
struct Arrived {
  Instant at;
  NodeId node;
  Bytes frame;
};

// A discrete-event simulation of hosts and learning switches on Ethernet links. The same seed, the
// same hosts and the same calls give the same frames at the same nanoseconds: there is no clock
// here, and what is due at the same time happens in the order in which it was scheduled, arrivals
// before deadlines.
class Network {
 public:
  explicit Network(Rng rng) : rng_(rng) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // `host` outlives the network. A host has one link.
  [[nodiscard]] NodeId add_host(Node& host);
  // Passes frames on without delay, to where their destination was seen, otherwise to everywhere.
  [[nodiscard]] NodeId add_switch();
  LinkId connect(NodeId a, NodeId b, const PipeConfig& forth, const PipeConfig& back);
  LinkId connect(NodeId a, NodeId b, const PipeConfig& both) { return connect(a, b, both, both); }

  [[nodiscard]] Instant now() const noexcept { return now_; }
  // After a call into a host from outside: puts on the wire what it has to send.
  void collect(NodeId host);
  // Lets time pass up to the next thing that is due, if it is not after `limit`, and does it.
  // False: there is none; time stands at `limit`.
  bool step(Instant limit);
  void run_until(Instant limit);
  void run_for(Duration duration) { run_until(now_ + duration); }

  [[nodiscard]] Pipe& pipe(LinkId link, Way way);
  // Called for every frame that arrives at a host; an empty one ends it.
  void set_tap(std::function<void(const Arrived&)> tap) { tap_ = std::move(tap); }

 private:
  struct Port {
    NodeId peer{};
    std::size_t pipe = 0;       // index of the outgoing one
    std::size_t peer_port = 0;  // index at the peer
  };

  struct Place {
    Node* host = nullptr;  // nullptr: a switch
    std::vector<Port> ports;
    std::map<MacAddress, std::size_t> learnt;  // the port behind which a source was seen last
  };

  struct Event {
    Instant at;
    std::uint64_t order = 0;
    NodeId node{};
    std::size_t port = 0;
    Buffer frame;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  [[nodiscard]] Place& place(NodeId id) { return places_[static_cast<std::size_t>(id)]; }
  void transmit(const Port& port, Bytes frame);
  void arrive(const Event& event);
  void pass_on(Place& bridge, std::size_t from, Bytes frame);
  [[nodiscard]] std::optional<Instant> next_deadline(std::size_t& place) const;

  Rng rng_;
  Instant now_;
  std::vector<Place> places_;
  std::vector<Pipe> pipes_;    // two for each link
  std::vector<Event> events_;  // a heap, the next one first
  std::uint64_t scheduled_ = 0;
  std::function<void(const Arrived&)> tap_;
  std::vector<Pipe::Arrival> arrivals_;  // scratch
  Buffer frame_;                         // scratch
};

}  // namespace packetwright::sim
