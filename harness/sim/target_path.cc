// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/target_path.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "stack/base/assert.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::sim {
namespace {

constexpr std::uint16_t kPort = 5'001;
constexpr std::size_t kChunk = 65'536;
// How long a handshake may take: a SYN or two may be lost.
constexpr Duration kConnectTime = 60s;

targets::Config target_config(std::uint64_t seed) {
  targets::Config config;
  config.seed = seed;
  config.local4 = {IpAddress::v4(10, 0, 0, 1), 24};
  config.peer4 = config.gateway4 = IpAddress::v4(10, 0, 0, 2);
  return config;
}

iface::StackConfig receiver_config(std::uint64_t seed) {
  const targets::Config sender = target_config(seed);
  iface::StackConfig config = bulk_host(seed * 16 + 1, sender.peer_mac, sender.peer4);
  config.static_neighbors = {{sender.local4.address, sender.local_mac}};
  return config;
}

}  // namespace

TargetPath::TargetPath(targets::Target& target, const Path& path, std::uint64_t seed)
    : target_(target),
      config_(target_config(seed)),
      data_(bottleneck(path), Rng{seed}.fork("data")),
      acknowledgments_(way_back(path), Rng{seed}.fork("acknowledgments")),
      receiver_(receiver_config(seed)) {
  iface::Stack& stack = receiver_.stack;
  listener_ = stack.socket(iface::Domain::inet, iface::SocketType::stream).value();
  PW_ASSERT(stack.bind(listener_, {IpAddress{}, kPort}).ok());
  PW_ASSERT(stack.listen(listener_, 1).ok());
}

std::string TargetPath::failed(const char* call, int error) const {
  if (const auto death = target_.death()) return "it died: " + death->log;
  return std::string{call} + "(): " + std::strerror(error);
}

Result<void, std::string> TargetPath::connect(const std::map<std::string, std::string>& knobs) {
  config_.knobs = knobs;
  if (auto reset = target_.reset(config_); !reset) return Err{reset.error().reason};
  const auto socket =
      target_.socket(targets::Domain::inet, targets::SocketType::stream, targets::Protocol::tcp);
  if (!socket) return Err{failed("socket", socket.error())};
  socket_ = *socket;
  const auto connected = target_.connect(socket_, {config_.peer4, kPort});
  if (!connected && connected.error() != EINPROGRESS) {
    return Err{failed("connect", connected.error())};
  }
  const Instant limit = now_ + kConnectTime;
  for (;;) {
    const auto ready = target_.poll(socket_);
    if (!ready) return Err{failed("poll", ready.error())};
    if (ready->error) return Err{std::string{"the connection was not made"}};
    if (ready->writable) return {};
    if (now_ >= limit) return Err{std::string{"the connection was not made in a minute"}};
    if (auto ran = run_until(std::min(now_ + 1ms, limit), UINT64_MAX); !ran) return ran;
  }
}

Result<std::uint64_t, std::string> TargetPath::write(std::uint64_t most) {
  static const Buffer chunk(kChunk, 'x');
  std::uint64_t written = 0;
  while (written < most) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most - written, kChunk));
    const auto taken = target_.write(socket_, Bytes{chunk}.first(size), {}, nullptr);
    if (!taken && (taken.error() == EAGAIN || taken.error() == EWOULDBLOCK)) break;
    if (!taken) return Err{failed("write", taken.error())};
    written += *taken;
    if (*taken < size) break;
  }
  collect();
  return written;
}

void TargetPath::send_on(Pipe& pipe, Instant at, Bytes frame, To to) {
  arrivals_.clear();
  pipe.send(at, frame, arrivals_);
  for (Pipe::Arrival& arrival : arrivals_) {
    events_.push_back({arrival.at, scheduled_++, to, std::move(arrival.frame)});
    std::push_heap(events_.begin(), events_.end(), Later{});
  }
}

bool TargetPath::collect() {
  while (receiver_.next_tx(frame_)) send_on(acknowledgments_, now_, frame_, To::target);
  sent_.clear();
  target_.drain(sent_);
  for (const targets::SentFrame& sent : sent_) {
    if (target_.traits().ethernet) {
      frame_ = sent.octets;
    } else {
      frame_.assign(wire::kEthernetHeaderSize, 0);
      wire::EthernetFields{config_.peer_mac, config_.local_mac, {}, wire::EtherType::ipv4}.emit(
          frame_);
      frame_.insert(frame_.end(), sent.octets.begin(), sent.octets.end());
    }
    send_on(data_, sent.at, frame_, To::receiver);
  }
  return !sent_.empty();
}

void TargetPath::deliver(const Event& event) {
  if (event.to == To::receiver) {
    receiver_.on_frame(now_, event.frame);
    return read();
  }
  const std::size_t header = target_.traits().ethernet ? 0 : wire::kEthernetHeaderSize;
  // Of its exact size, as inject() wants it.
  const Buffer frame(event.frame.begin() + static_cast<std::ptrdiff_t>(header), event.frame.end());
  target_.inject(frame);
}

void TargetPath::read() {
  iface::Stack& stack = receiver_.stack;
  if (accepted_ < 0) {
    const auto accepted = stack.accept(now_, listener_);
    if (!accepted) return;
    accepted_ = *accepted;
  }
  for (;;) {
    const auto octets = stack.read(now_, accepted_, kChunk);
    if (!octets || octets->octets.empty()) return;
    received_ += octets->octets.size();
  }
}

Result<void, std::string> TargetPath::run_until(Instant limit, std::uint64_t octets) {
  for (;;) {
    collect();
    if (received_ >= octets) return {};
    Instant next = limit;
    if (!events_.empty()) next = std::min(next, events_.front().at);
    if (const auto deadline = receiver_.next_deadline()) next = std::min(next, *deadline);
    next = std::max(next, now_);
    // What the target sends before that arrives first. On a wire with a delay it need not be
    // stopped at each frame: nothing can come of one before it has arrived.
    if (const Instant before = target_.now(); before < next) {
      const Duration delay = data_.config().delay;
      target_.advance_to(delay > 0ns ? std::min(next, before + delay) : next, delay == 0ns);
      if (const auto death = target_.death()) return Err{"it died: " + death->log};
      if (!collect() && target_.now() == before) return Err{std::string{"its clock stands still"}};
      continue;
    }
    now_ = next;
    if (!events_.empty() && events_.front().at <= now_) {
      std::pop_heap(events_.begin(), events_.end(), Later{});
      const Event event = std::move(events_.back());
      events_.pop_back();
      deliver(event);
    } else if (const auto deadline = receiver_.next_deadline(); deadline && *deadline <= now_) {
      receiver_.on_deadline(now_);
    } else {
      return {};
    }
  }
}

}  // namespace packetwright::sim
