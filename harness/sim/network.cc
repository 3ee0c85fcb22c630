// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/network.hh"

#include <algorithm>
#include <string>
#include <utility>

#include "stack/base/assert.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::sim {
namespace {

// Sources that a switch remembers; more are passed on to everywhere.
constexpr std::size_t kMaxLearnt = 4'096;

constexpr std::size_t kAddresses = 12;  // destination and source

}  // namespace

NodeId Network::add_host(Node& host) {
  places_.push_back({&host, {}, {}});
  return static_cast<NodeId>(places_.size() - 1);
}

NodeId Network::add_switch() {
  places_.emplace_back();
  return static_cast<NodeId>(places_.size() - 1);
}

LinkId Network::connect(NodeId a, NodeId b, const PipeConfig& forth, const PipeConfig& back) {
  PW_ASSERT(a != b);
  PW_ASSERT(place(a).host == nullptr || place(a).ports.empty());
  PW_ASSERT(place(b).host == nullptr || place(b).ports.empty());
  const auto link = static_cast<LinkId>(pipes_.size() / 2);
  const std::string name = "link." + std::to_string(pipes_.size() / 2);
  const std::size_t at_a = place(a).ports.size();
  const std::size_t at_b = place(b).ports.size();
  place(a).ports.push_back({b, pipes_.size(), at_b});
  place(b).ports.push_back({a, pipes_.size() + 1, at_a});
  pipes_.emplace_back(forth, rng_.fork(name + ".forth"));
  pipes_.emplace_back(back, rng_.fork(name + ".back"));
  return link;
}

Pipe& Network::pipe(LinkId link, Way way) {
  return pipes_[static_cast<std::size_t>(link) * 2 + (way == Way::forth ? 0 : 1)];
}

void Network::transmit(const Port& port, Bytes frame) {
  arrivals_.clear();
  pipes_[port.pipe].send(now_, frame, arrivals_);
  for (Pipe::Arrival& arrival : arrivals_) {
    events_.push_back(
        {arrival.at, scheduled_++, port.peer, port.peer_port, std::move(arrival.frame)});
    std::push_heap(events_.begin(), events_.end(), Later{});
  }
}

void Network::collect(NodeId id) {
  Place& host = place(id);
  PW_ASSERT(host.host != nullptr);
  while (host.host->next_tx(frame_)) {
    if (!host.ports.empty()) transmit(host.ports.front(), frame_);
  }
}

void Network::arrive(const Event& event) {
  Place& here = place(event.node);
  if (here.host == nullptr) return pass_on(here, event.port, event.frame);
  if (tap_) tap_({now_, event.node, event.frame});
  here.host->on_frame(now_, event.frame);
  collect(event.node);
}

void Network::pass_on(Place& bridge, std::size_t from, Bytes frame) {
  if (frame.size() < kAddresses) return;
  const MacAddress source = wire::load_mac(frame, 6);
  if (!source.is_group() && (bridge.learnt.size() < kMaxLearnt || bridge.learnt.contains(source))) {
    bridge.learnt[source] = from;
  }
  const MacAddress destination = wire::load_mac(frame, 0);
  const auto known = bridge.learnt.find(destination);
  for (std::size_t port = 0; port < bridge.ports.size(); ++port) {
    const bool wanted = known == bridge.learnt.end() || known->second == port;
    if (port != from && wanted) transmit(bridge.ports[port], frame);
  }
}

std::optional<Instant> Network::next_deadline(std::size_t& place) const {
  std::optional<Instant> first;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].host == nullptr) continue;
    const auto deadline = places_[i].host->next_deadline();
    if (!deadline || (first && *first <= *deadline)) continue;
    first = deadline;
    place = i;
  }
  return first;
}

bool Network::step(Instant limit) {
  std::size_t due = 0;
  const auto deadline = next_deadline(due);
  const bool has_arrival = !events_.empty() && (!deadline || events_.front().at <= *deadline);
  if (!has_arrival && !deadline) {
    now_ = std::max(now_, limit);
    return false;
  }
  const Instant at = std::max(now_, has_arrival ? events_.front().at : *deadline);
  if (at > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  now_ = at;
  if (has_arrival) {
    std::pop_heap(events_.begin(), events_.end(), Later{});
    const Event event = std::move(events_.back());
    events_.pop_back();
    arrive(event);
  } else {
    places_[due].host->on_deadline(now_);
    collect(static_cast<NodeId>(due));
  }
  return true;
}

void Network::run_until(Instant limit) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].host != nullptr) collect(static_cast<NodeId>(i));
  }
  while (step(limit)) {
  }
}

}  // namespace packetwright::sim
