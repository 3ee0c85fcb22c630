// SPDX-License-Identifier: Apache-2.0
#include "python/src/link.hh"

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/capture/pcapng_writer.hh"
#include "harness/engine/neighbor.hh"
#include "harness/targets/reference/reference_target.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::python {
namespace {

using targets::SentFrame;

// More frames than this at one moment are two hosts that answer each other without end.
constexpr std::size_t kMostAtOnce = 100'000;
// So often may time stand still while the target is asked to let it pass.
constexpr int kMostStandstills = 1'000;
// How long a wait on a real clock goes on without a look at the rest of the world.
constexpr Duration kGlance = 20ms;
constexpr std::int64_t kPollEvery_ns = 20'000'000;

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Another address of the same network, for a gateway that does not exist.
IpAddress neighbour_of(const IpAddress& address) {
  const Bytes octets = address.octets();
  Buffer other(octets.begin(), octets.end());
  other.back() = other.back() == 254 ? 253 : 254;
  return IpAddress::from_octets(other);
}

}  // namespace

Link::Link(std::unique_ptr<targets::Target> target, engine::Settings settings, std::size_t history)
    : target_(std::move(target)), settings_(std::move(settings)), history_limit_(history) {
  exchange();
}

Result<void, targets::ResetError> Link::reset() {
  peer_.reset();
  bend_ = nullptr;
  events_.clear();
  queue_.clear();
  history_.clear();
  forgotten_ = 0;
  auto made = target_->reset_strongly(settings_.config);
  if (made) exchange();
  return made;
}

void Link::remember(Instant at, bool from_target, bool by_itself, Bytes octets) {
  if (history_limit_ == 0) return;
  if (history_.size() >= history_limit_) {
    history_.pop_front();
    ++forgotten_;
  }
  history_.push_back({at, from_target, by_itself, Buffer(octets.begin(), octets.end())});
}

void Link::give(Bytes frame, bool by_itself) {
  remember(target_->now(), false, by_itself, frame);
  for (const auto& listener : listeners_) {
    if (!listener->everything) continue;
    auto state = std::make_shared<PacketState>(packet::dissect(frame, target_->traits().ethernet));
    state->at = target_->now();
    state->ethernet = target_->traits().ethernet;
    listener->queue.push_back(std::move(state));
    listener->notify();
  }
  // Octets in an allocation of exactly their size: an over-read of one is seen.
  const Buffer exact(frame.begin(), frame.end());
  target_->inject(exact);
}

void Link::inject(Bytes frame) {
  give(frame, false);
  exchange();
  poll();
}

void Link::offer(const PacketPointer& frame, bool by_itself) {
  for (const auto& listener : listeners_) {
    if (by_itself && !listener->everything) continue;
    listener->queue.push_back(frame);
    listener->notify();
  }
  if (!by_itself && listeners_.empty()) queue_.push_back(frame);
}

bool Link::is_for_peer(const packet::Dissected& frame) const {
  if (!peer_) return false;
  const auto addresses = frame.addresses();
  return addresses &&
         (addresses->dst == settings_.config.peer4 || addresses->dst == settings_.config.peer6);
}

void Link::take(SentFrame sent) {
  const bool ethernet = target_->traits().ethernet;
  auto state = std::make_shared<PacketState>(packet::dissect(sent.octets, ethernet));
  state->at = sent.at;
  state->from_target = true;
  state->ethernet = ethernet;
  engine::ChatterVerdict chatter;
  if (answers_) chatter = engine::judge_chatter(*state->seen(), {}, settings_);
  const bool by_itself = chatter.what != engine::Chatter::none;
  remember(sent.at, true, by_itself, sent.octets);
  if (!by_itself && is_for_peer(*state->seen())) {
    if (!bend_) return send_on(true, sent.at, std::move(sent.octets));
    for (Bent& one : bend_(true, state)) {
      send_on(true, sent.at + one.delay, std::move(one.octets));
    }
    return;
  }
  offer(state, by_itself);
  if (chatter.what == engine::Chatter::answer && ethernet) give(chatter.reply, true);
}

void Link::send_on(bool to_peer, Instant at, Buffer octets) {
  events_.push_back({at, scheduled_++, to_peer, std::move(octets)});
  std::push_heap(events_.begin(), events_.end(), Later{});
}

bool Link::collect_target() {
  sent_.clear();
  target_->drain(sent_);
  // A copy: answering a frame may make the target send, which the next round drains.
  std::vector<SentFrame> sent = std::exchange(sent_, {});
  for (SentFrame& one : sent) take(std::move(one));
  return !sent.empty();
}

bool Link::collect_peer() {
  if (!peer_) return false;
  std::vector<SentFrame> sent;
  peer_->drain(sent);
  const bool ethernet = target_->traits().ethernet;
  for (SentFrame& one : sent) {
    auto state = std::make_shared<PacketState>(packet::dissect(one.octets, true));
    const auto chatter = engine::judge_chatter(*state->seen(), {}, peer_settings_);
    if (chatter.what == engine::Chatter::answer) peer_->inject(chatter.reply);
    if (chatter.what != engine::Chatter::none) continue;
    if (!ethernet) {
      one.octets.erase(one.octets.begin(), one.octets.begin() + wire::kEthernetHeaderSize);
    }
    if (!bend_) {
      send_on(false, one.at, std::move(one.octets));
      continue;
    }
    state = std::make_shared<PacketState>(packet::dissect(one.octets, ethernet));
    state->at = one.at;
    state->ethernet = ethernet;
    for (Bent& bent : bend_(false, state)) {
      send_on(false, one.at + bent.delay, std::move(bent.octets));
    }
  }
  return !sent.empty();
}

bool Link::deliver() {
  bool any = false;
  while (!events_.empty() && events_.front().at <= target_->now()) {
    std::pop_heap(events_.begin(), events_.end(), Later{});
    Event event = std::move(events_.back());
    events_.pop_back();
    any = true;
    if (!event.to_peer) {
      give(event.frame, false);
    } else if (peer_) {
      if (!target_->traits().ethernet) {
        Buffer frame(wire::kEthernetHeaderSize);
        const bool v6 = !event.frame.empty() && event.frame[0] >> 4 == 6;
        wire::EthernetFields{settings_.config.peer_mac,
                             settings_.config.local_mac,
                             {},
                             v6 ? wire::EtherType::ipv6 : wire::EtherType::ipv4}
            .emit(frame);
        event.frame.insert(event.frame.begin(), frame.begin(), frame.end());
      }
      const Buffer exact(event.frame.begin(), event.frame.end());
      peer_->inject(exact);
    }
  }
  return any;
}

void Link::exchange() {
  if (peer_) peer_->advance_to(target_->now(), false);
  for (std::size_t rounds = 0;; ++rounds) {
    if (rounds > kMostAtOnce) throw LinkTrouble{"frames go round and round at one moment"};
    bool any = collect_target();
    any = collect_peer() || any;
    any = deliver() || any;
    if (!any) break;
    if (peer_) poll();
  }
  check_alive();
}

void Link::check_alive() const {
  if (auto death = target_->death()) throw TargetDied{std::move(*death)};
}

void Link::poll() {
  if (!poll_) return;
  const std::int64_t now = wall_ns();
  if (now - polled_ns_ < kPollEvery_ns) return;
  polled_ns_ = now;
  poll_();
}

Instant Link::next_stop(Instant until) const {
  Instant next = until;
  if (!events_.empty()) next = std::min(next, events_.front().at);
  if (peer_) {
    if (const auto timer = peer_->next_timer()) next = std::min(next, *timer);
  }
  if (settings_.real_time) next = std::min(next, target_->now() + kGlance);
  return std::max(next, target_->now());
}

void Link::leap(Instant until) {
  const Instant before = target_->now();
  target_->advance_to(next_stop(until), true);
  exchange();
  poll();
  if (target_->now() > before) {
    standstills_ = 0;
  } else if (++standstills_ > kMostStandstills) {
    throw LinkTrouble{"the clock of the target does not move on"};
  }
}

void Link::pass(Instant until, bool stop_on_frame) {
  exchange();
  while ((!stop_on_frame || queue_.empty()) && target_->now() < until) leap(until);
}

void Link::step(Instant until) {
  exchange();
  Instant next = until;
  if (settings_.real_time) {
    next = std::min(next, target_->now() + 1ms);
  } else if (const auto timer = target_->next_timer()) {
    next = std::min(next, *timer);
  }
  leap(next);
}

targets::Target& Link::attach_peer(std::uint64_t seed, std::map<std::string, std::string> knobs) {
  const targets::Config& ours = settings_.config;
  targets::Config config;
  config.seed = seed;
  config.local4 = {ours.peer4, 24};
  config.peer4 = ours.local4.address;
  config.gateway4 = neighbour_of(ours.peer4);
  config.local6 = {ours.peer6, 64};
  config.peer6 = ours.local6.address;
  config.gateway6 = neighbour_of(ours.peer6);
  config.local_mac = ours.peer_mac;
  config.peer_mac = ours.local_mac;
  config.mtu = ours.mtu;
  config.knobs = std::move(knobs);
  auto peer = std::make_unique<reference::ReferenceTarget>();
  if (auto made = peer->reset(config); !made) throw LinkTrouble{made.error().reason};
  peer_ = std::move(peer);
  peer_settings_ = settings_;
  peer_settings_.config = config;
  events_.clear();
  exchange();
  return *peer_;
}

std::shared_ptr<Link::Listener> Link::listen() {
  listeners_.push_back(std::make_shared<Listener>());
  return listeners_.back();
}

void Link::forget(const std::shared_ptr<Listener>& listener) {
  std::erase(listeners_, listener);
}

void Link::write_capture(std::ostream& out, std::string_view application) const {
  capture::PcapngWriter writer(out, application);
  capture::Interface interface;
  interface.link_type =
      target_->traits().ethernet ? capture::LinkType::ethernet : capture::LinkType::raw;
  interface.name = target_->traits().name;
  const std::uint32_t number = writer.add_interface(interface);
  for (const PastFrame& frame : history_) {
    capture::Packet packet;
    packet.interface = number;
    packet.time_ns = nanos(frame.at);
    packet.octets = frame.octets;
    packet.direction =
        frame.from_target ? capture::Direction::outbound : capture::Direction::inbound;
    writer.write(packet);
  }
}

}  // namespace packetwright::python
