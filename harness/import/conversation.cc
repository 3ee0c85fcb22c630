// SPDX-License-Identifier: Apache-2.0
#include "harness/import/conversation.hh"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "stack/wire/address_text.hh"

namespace packetwright::import {
namespace {

// A packet and its copy are seen within this time of each other.
constexpr std::int64_t kCopyNs = 5'000'000;
constexpr std::size_t kCopyPackets = 64;

using FlowKey = std::tuple<Transport, Endpoint, Endpoint>;

FlowKey key_of(const Datagram& datagram) {
  return {datagram.transport, std::min(datagram.src, datagram.dst),
          std::max(datagram.src, datagram.dst)};
}

// Who opened it, as the first packet shows: a SYN tells, and so does a SYN,ACK. In the middle of a
// connection the lower port is the one that is listened on.
void name_ends(Conversation& conversation, const Datagram& first) {
  bool from_client = true;
  if (first.transport == Transport::tcp && !(first.has(kSyn) && !first.has(kAck))) {
    from_client = !first.has(kSyn) && first.dst.port <= first.src.port;
  } else if (first.transport == Transport::udp && first.src.port == 53 && first.dst.port != 53) {
    from_client = false;
  }
  conversation.client = from_client ? first.src : first.dst;
  conversation.server = from_client ? first.dst : first.src;
}

class Sorter {
 public:
  std::vector<Conversation> run(std::vector<Datagram> datagrams) {
    for (Datagram& datagram : datagrams) add(std::move(datagram));
    return std::move(out_);
  }

 private:
  // A copy of a packet is the same packet again; two packets may be equal too, but then they have
  // different IP ids, or come from the same tap.
  [[nodiscard]] bool is_copy(const Conversation& conversation, const Datagram& datagram) const {
    if (datagram.identity == 0) return false;
    std::size_t back = 0;
    for (auto it = conversation.packets.rbegin(); it != conversation.packets.rend(); ++it) {
      if (datagram.time_ns - it->time_ns > kCopyNs || ++back > kCopyPackets) return false;
      const bool other_tap =
          it->interface != datagram.interface || it->direction != datagram.direction;
      if (it->identity == datagram.identity && (datagram.numbered || other_tap)) return true;
    }
    return false;
  }

  [[nodiscard]] bool begins_another(std::size_t index, const Datagram& datagram) const {
    if (datagram.transport != Transport::tcp) return false;
    if (!datagram.has(kSyn) || datagram.has(kAck)) return false;
    // A SYN that is sent again has the same number.
    if (syns_[index].contains({datagram.src, datagram.seq})) return false;
    const auto& packets = out_[index].packets;
    // Both may open at once (RFC 9293, 3.5).
    const bool simultaneous = packets.size() == 1 && packets.front().has(kSyn) &&
                              !packets.front().has(kAck) && packets.front().dst == datagram.src;
    return !simultaneous;
  }

  void add(Datagram datagram) {
    const FlowKey key = key_of(datagram);
    auto found = newest_.find(key);
    if (found != newest_.end() && begins_another(found->second, datagram)) {
      newest_.erase(found);
      found = newest_.end();
    }
    if (found == newest_.end()) {
      found = newest_.emplace(key, out_.size()).first;
      Conversation& fresh = out_.emplace_back();
      syns_.emplace_back();
      fresh.transport = datagram.transport;
      name_ends(fresh, datagram);
    }
    Conversation& conversation = out_[found->second];
    if (is_copy(conversation, datagram)) {
      conversation.copies.push_back(datagram.frame);
      return;
    }
    if (datagram.direction != capture::Direction::unknown && !conversation.captured_on) {
      conversation.captured_on = datagram.direction == capture::Direction::outbound
                                     ? datagram.src.address
                                     : datagram.dst.address;
    }
    if (datagram.transport == Transport::tcp && datagram.has(kSyn)) {
      syns_[found->second].insert({datagram.src, datagram.seq});
    }
    conversation.packets.push_back(std::move(datagram));
  }

  std::vector<Conversation> out_;
  std::vector<std::set<std::pair<Endpoint, std::uint32_t>>> syns_;  // one for each of them
  std::map<FlowKey, std::size_t> newest_;
};

std::string milliseconds(std::int64_t nanoseconds) {
  const std::int64_t all = std::max<std::int64_t>(nanoseconds, 0) / 1'000'000;
  std::string fraction = std::to_string(all % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(all / 1000) + "." + fraction + " s";
}

std::string how_whole(const Conversation& conversation) {
  if (conversation.transport == Transport::udp) return conversation.is_dns() ? ", DNS" : "";
  bool opened = false, accepted = false, reset = false;
  int ended = 0;
  for (const Datagram& one : conversation.packets) {
    opened = opened || (one.has(kSyn) && !one.has(kAck));
    accepted = accepted || (one.has(kSyn) && one.has(kAck));
    reset = reset || one.has(kRst);
    ended += one.has(kFin) ? 1 : 0;
  }
  if (!opened || !(accepted || reset)) return ", without its beginning";
  if (reset) return ", reset";
  return ended >= 2 ? ", complete" : ", without its end";
}

}  // namespace

std::vector<Conversation> conversations_of(std::vector<Datagram> datagrams) {
  return Sorter().run(std::move(datagrams));
}

std::string text_of(const Endpoint& endpoint) {
  const std::string address = wire::to_string(endpoint.address);
  const bool v4 = endpoint.address.is_v4();
  return (v4 ? address : "[" + address + "]") + ":" + std::to_string(endpoint.port);
}

std::string summary_of(const Conversation& conversation) {
  std::uint64_t octets = 0;
  for (const Datagram& one : conversation.packets) octets += one.length;
  const std::size_t count = conversation.packets.size();
  return std::string(conversation.transport == Transport::tcp ? "tcp " : "udp ") +
         text_of(conversation.client) + " > " + text_of(conversation.server) + ", " +
         std::to_string(count) + (count == 1 ? " packet, " : " packets, ") +
         std::to_string(octets) + " octets, " +
         milliseconds(conversation.packets.back().time_ns - conversation.packets.front().time_ns) +
         how_whole(conversation);
}

}  // namespace packetwright::import
