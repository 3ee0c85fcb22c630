// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/wire_host/wire_target.hh"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>

#include "harness/targets/linux/link.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::wire_host {
namespace {

using packet::Field;
using packet::Proto;
using targets::ResetError;

// How long somebody may take to answer a question about an address. A host that sleeps takes long.
constexpr Duration kAnswerLimit = 500ms;
constexpr int kQuestions = 3;
// An address is free if nobody says within this time, twice, that it is not.
constexpr Duration kClaimLimit = 150ms;
constexpr int kClaims = 2;
// So many addresses are tried before a network counts as full.
constexpr int kCandidates = 16;

// Hosts send an ICMP error a second to one peer, or a few more in a burst (RFC 1812, 4.3.2.8;
// RFC 4443, 2.4 f). Whoever has drawn some waits until he may expect others.
constexpr Duration kPauseForError = 1s;
constexpr int kMostPauses = 3;

// A kernel tick of the slowest usual configuration, and what a network and two schedulers may add.
constexpr Duration kTick = 4ms;
constexpr Duration kLeastSlack = 20ms;
constexpr Duration kLeastSettle = 5ms, kMostSettle = 200ms;

constexpr std::uint8_t kDefaultLength4 = 24, kDefaultLength6 = 64;

// The network of the host: as given, as this machine has it, or of the usual size.
Prefix network_of(const Words& words, const Interface& interface) {
  Prefix network{words.host, words.host.is_v4() ? kDefaultLength4 : kDefaultLength6};
  if (words.length) {
    network.length = *words.length;
    return network;
  }
  for (const Prefix& own : interface.addresses) {
    if (own.contains(words.host)) network.length = own.length;
  }
  return network;
}

// The address that RFC 4291, appendix A, makes of a network and an Ethernet address.
IpAddress address_from(const Prefix& network, const MacAddress& mac) {
  const IpAddress link_local = linux_stack::link_local_of(mac);
  Buffer octets(network.address.octets().begin(), network.address.octets().end());
  const Bytes identifier = Bytes{link_local.octets()}.subspan(8);
  std::copy(identifier.begin(), identifier.end(), octets.begin() + 8);
  return IpAddress::from_octets(octets);
}

// Addresses that the peer may have, the last of the network first: they are the least used.
std::vector<IpAddress> candidates(const Prefix& network, const MacAddress& mac) {
  if (network.address.is_v6()) return {address_from(network, mac)};
  std::vector<IpAddress> all;
  const std::uint32_t hosts = network.length == 0 ? 0xffffffff : 0xffffffffU >> network.length;
  const std::uint32_t first = network.address.v4_value() & ~hosts;
  for (std::uint32_t host = hosts - 1; host > 0 && host < hosts; --host) {
    const IpAddress address = IpAddress::v4(first | host);
    if (address == network.address) continue;
    all.push_back(address);
    if (all.size() == kCandidates) break;
  }
  return all;
}

// A name in the network namespace that goes away with the process.
linux_stack::UniqueFd lock(const std::string& words) {
  linux_stack::UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const std::string name = "packetwright wire " + words;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(),
              std::min(name.size(), sizeof address.sun_path - 2));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return socket;
}

bool is_icmp_error(const packet::Dissected& frame) {
  if (frame.has(Proto::icmpv6)) return frame.u32(Field::icmpv6_type) < 128;
  const std::uint32_t type = frame.u32(Field::icmpv4_type);
  return frame.has(Proto::icmpv4) && (type == 3 || type == 11 || type == 12);
}

}  // namespace

Result<std::unique_ptr<WireTarget>, std::string> WireTarget::open(std::string_view name) {
  const auto words = read_words(name);
  if (!words) return Err{words.error()};
  auto interface = find_interface(words->interface);
  if (!interface) return Err{interface.error()};
  const std::string host = wire::to_string(words->host);
  for (const Prefix& own : interface->addresses) {
    if (own.address == words->host) {
      return Err{host + " is this machine's own address on " + interface->name +
                 "; the target linux is its stack"};
    }
  }
  auto line = Line::open(*interface);
  if (!line) return Err{line.error()};
  const Prefix network = network_of(*words, *interface);
  std::unique_ptr<WireTarget> target{
      new WireTarget{std::move(*interface), std::move(*line), *words}};
  if (auto taken = target->take_peer(*words, network); !taken) return Err{taken.error()};
  if (auto found = target->find_host(); !found) return Err{found.error()};
  target->describe(network, name);
  return target;
}

Result<std::optional<MacAddress>, std::string> WireTarget::look_for(const IpAddress& address,
                                                                    const packet::Station& asker,
                                                                    int times) {
  const Duration limit = asker.address.is_unspecified() ? kClaimLimit : kAnswerLimit;
  for (int i = 0; i < times; ++i) {
    std::vector<targets::SentFrame> came;
    line_.receive(clock_, came);
    came.clear();
    const Instant asked = clock_.now();
    if (auto sent = line_.send(packet::who_has(address, asker)); !sent) return Err{sent.error()};
    while (clock_.now() < asked + limit) {
      line_.wait(clock_.to_monotonic(asked + limit));
      line_.receive(clock_, came);
      for (const targets::SentFrame& frame : came) {
        const auto mac = packet::told_of(address, frame.octets);
        if (!mac || *mac == asker.mac) continue;
        const Duration twice = 2 * (clock_.now() - asked);
        settle_ = std::clamp(twice, settle_, kMostSettle);
        return std::optional{*mac};
      }
      came.clear();
    }
  }
  return std::optional<MacAddress>{};
}

Result<bool, std::string> WireTarget::claim(const IpAddress& address) {
  const IpAddress nobody = address.is_v4() ? IpAddress{} : IpAddress::v6({});
  const auto owner = look_for(address, {peer_.mac, nobody}, kClaims);
  if (!owner) return Err{owner.error()};
  if (owner->has_value()) return false;
  lock_ = lock(interface_.name + " " + wire::to_string(address));
  if (!lock_) return false;
  peer_.address = address;
  return true;
}

Result<void, std::string> WireTarget::take_peer(const Words& words, const Prefix& network) {
  if (words.peer && !network.contains(*words.peer)) {
    return Err{"peer=" + wire::to_string(*words.peer) + " is not on the network of the host, " +
               wire::to_string(network)};
  }
  const std::vector<IpAddress> tried =
      words.peer ? std::vector{*words.peer} : candidates(network, words.peer_mac);
  for (const IpAddress& address : tried) {
    const auto claimed = claim(address);
    if (!claimed) return Err{claimed.error()};
    if (*claimed) {
      settle_ = kLeastSettle;
      return {};
    }
  }
  if (words.peer)
    return Err{"somebody on " + interface_.name + " has peer=" + wire::to_string(*words.peer) +
               " already"};
  return Err{"no free address was found for the peer in " + wire::to_string(network) +
             "; name one that nobody has with peer=ADDRESS"};
}

Result<void, std::string> WireTarget::find_host() {
  line_.hear_all();
  const auto mac = look_for(host_.address, peer_, kQuestions);
  if (!mac) return Err{mac.error()};
  if (!mac->has_value()) {
    return Err{wire::to_string(host_.address) + " does not answer on " + interface_.name + " (" +
               std::to_string(kQuestions) +
               (host_.address.is_v4() ? " ARP requests from " : " neighbor solicitations from ") +
               wire::to_string(peer_.address) + ")"};
  }
  host_.mac = **mac;
  hearing_ = Hearing{host_, peer_};
  line_.hear_only(host_.mac);
  return {};
}

void WireTarget::describe(const Prefix& network, std::string_view name) {
  traits_.name = name;
  traits_.version = wire::to_string(host_.address) + " at " + wire::to_string(host_.mac);
  traits_.medium = "wire";
  traits_.clock = targets::ClockKind::real_time;
  traits_.tick = kTick;
  traits_.slack = std::max(kLeastSlack, settle_);
  traits_.notes.push_back("the peer is " + wire::to_string(peer_.address) + " at " +
                          wire::to_string(peer_.mac));
  const bool v4 = host_.address.is_v4();
  traits_.capabilities = {"frags", "icmp", "tcp", "udp"};
  traits_.capabilities.insert(traits_.capabilities.end(),
                              {v4 ? "ipv4" : "ipv6", v4 ? "arp" : "ndp"});
  std::sort(traits_.capabilities.begin(), traits_.capabilities.end());
  targets::Config config;
  (v4 ? config.local4 : config.local6) = network;
  (v4 ? config.peer4 : config.peer6) = peer_.address;
  (v4 ? config.gateway4 : config.gateway6) = peer_.address;
  config.local_mac = host_.mac;
  config.peer_mac = peer_.mac;
  config.mtu = interface_.mtu;
  given_ = std::move(config);
}

Result<void, ResetError> WireTarget::check(const targets::Config& config) const {
  if (!config.knobs.empty()) {
    return Err{
        ResetError{"a host on a wire takes no settings: " + config.knobs.begin()->first, true}};
  }
  const bool same_family = host_.address.is_v4()
                               ? config.local4 == given_.local4 && config.peer4 == given_.peer4 &&
                                     config.gateway4 == given_.gateway4
                               : config.local6 == given_.local6 && config.peer6 == given_.peer6 &&
                                     config.gateway6 == given_.gateway6;
  const bool same = same_family && config.mtu == given_.mtu;
  if (!same) return Err{ResetError{"a host on a wire keeps its addresses and its MTU", true}};
  return {};
}

Result<void, ResetError> WireTarget::begin() {
  let_pass(std::min(errors_heard_, kMostPauses) * kPauseForError);
  errors_heard_ = 0;
  // What the host has learnt of the peer is confirmed, lest it ask in the middle of a case.
  auto sent = line_.send(packet::here_is(peer_, host_));
  if (!sent) return Err{ResetError{sent.error()}};
  let_pass(settle_);
  hearing_.begin();
  listen_in();
  heard_.clear();
  errors_heard_ = 0;
  clock_.restart();
  return {};
}

Result<void, ResetError> WireTarget::reset(const targets::Config& config) {
  if (auto fine = check(config); !fine) return fine;
  return begin();
}

Result<void, ResetError> WireTarget::reset_strongly(const targets::Config& config) {
  if (auto fine = check(config); !fine) return fine;
  if (auto found = find_host(); !found) return Err{ResetError{found.error()}};
  // Whatever limit it has on answers, it may have reached it.
  errors_heard_ = std::max(errors_heard_, 1);
  return begin();
}

void WireTarget::let_pass(Duration time) {
  const Instant until = clock_.now() + time;
  const timespec deadline = clock_.to_monotonic(until);
  while (clock_.now() < until) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
}

void WireTarget::inject(Bytes frame) {
  hearing_.note_sent(packet::dissect(frame, true));
  // What cannot be sent any more is told by the next reset.
  static_cast<void>(line_.send(frame));
}

void WireTarget::listen_in() {
  std::vector<targets::SentFrame> came;
  line_.receive(clock_, came);
  for (targets::SentFrame& one : came) {
    const packet::Dissected frame = packet::dissect(one.octets, true);
    if (!hearing_.concerns(frame)) continue;
    if (is_icmp_error(frame)) ++errors_heard_;
    heard_.push_back(std::move(one));
  }
}

void WireTarget::drain(std::vector<targets::SentFrame>& out) {
  listen_in();
  std::move(heard_.begin(), heard_.end(), std::back_inserter(out));
  heard_.clear();
}

void WireTarget::advance_to(Instant until, bool stop_on_frame) {
  if (!stop_on_frame) return let_pass(until - clock_.now());
  const timespec deadline = clock_.to_monotonic(until);
  while (clock_.now() < until) {
    listen_in();
    if (!heard_.empty()) return;
    line_.wait(deadline);
  }
}

}  // namespace packetwright::wire_host
