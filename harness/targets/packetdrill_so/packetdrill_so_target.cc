// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/packetdrill_so_target.hh"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <utility>

#include "harness/targets/packetdrill_so/abilities.hh"

namespace packetwright::packetdrill_so {
namespace {

// How far a virtual clock that keeps its timers to itself is moved on where a packet may come.
constexpr Duration kStep = std::chrono::milliseconds{1};
// How long a real clock is left alone between two looks at the wire.
constexpr Duration kLook = std::chrono::microseconds{200};
// So many packets are taken at a time: a stack that never stops sending is somebody else's to
// judge, who must get a chance to.
constexpr int kMostAtATime = 4096;
// So often may a sleep leave the clock where it was.
constexpr int kMostStandstills = 100;

// Whole microseconds, and not less.
std::int64_t micros_up(Duration duration) {
  return (duration.count() + 999) / 1000;
}

}  // namespace

Result<std::unique_ptr<PacketdrillSoTarget>, std::string> PacketdrillSoTarget::open(
    std::string_view target) {
  // A write to a connection that is gone is an error of the call, not the end of the harness.
  std::signal(SIGPIPE, SIG_IGN);
  auto words = words_of(target);
  if (!words) return Err{words.error()};
  auto plugin = Plugin::load(words->file);
  if (!plugin) return Err{plugin.error()};
  std::unique_ptr<PacketdrillSoTarget> opened{
      new PacketdrillSoTarget{std::move(*plugin), words->flags}};
  opened->traits_.name = target;
  opened->traits_.version = words->file.substr(words->file.rfind('/') + 1);
  const targets::Config config = plausible_config();
  if (auto reset = opened->reset(config); !reset) return Err{reset.error().reason};
  const auto clock = opened->clock_.kind();
  if (!clock) return Err{clock.error()};
  opened->traits_.clock = *clock;
  if (*clock == targets::ClockKind::real_time) {
    opened->traits_.tick = std::chrono::milliseconds{4};
    opened->traits_.slack = std::chrono::milliseconds{4};
  } else if (opened->plugin_->next_timer() == nullptr) {
    opened->traits_.tick = kStep;
  }
  // The trial took time.
  if (auto reset = opened->reset(config); !reset) return Err{reset.error().reason};
  const bool seeded = words->flags.find("{seed}") != std::string::npos;
  find_abilities(*opened, config, seeded, opened->traits_);
  if (const auto death = opened->death()) return Err{death->log};
  if (auto reset = opened->reset(config); !reset) return Err{reset.error().reason};
  return opened;
}

PacketdrillSoTarget::PacketdrillSoTarget(std::unique_ptr<Plugin> plugin, std::string flags)
    : plugin_(std::move(plugin)),
      flags_(std::move(flags)),
      clock_(*plugin_),
      calls_(*plugin_),
      sockets_(calls_),
      posix_(calls_, sockets_, [this] { return now(); }) {
  traits_.medium = "memory";
  traits_.ethernet = false;
}

PacketdrillSoTarget::~PacketdrillSoTarget() {
  bury();
}

void PacketdrillSoTarget::bury() {
  posix_.cancel_all();
  sockets_.close_all();
}

void PacketdrillSoTarget::begin() {
  calls_.forget_all();
  sent_.clear();
  last_sent_ = now_ = Instant{};
  quiet_at_.reset();
  zero_us_ = clock_.read();
}

Result<void, targets::ResetError> PacketdrillSoTarget::reset(const targets::Config& config) {
  const auto flags = flags_for(flags_, config);
  if (!flags) return Err{flags.error()};
  bury();
  if (auto started = plugin_->restart(*flags); !started) return Err{started.error()};
  begin();
  return {};
}

Result<void, targets::ResetError> PacketdrillSoTarget::reset_strongly(
    const targets::Config& config) {
  const auto flags = flags_for(flags_, config);
  if (!flags) return Err{flags.error()};
  bury();
  const auto unloaded = plugin_->reload(*flags);
  if (!unloaded) return Err{unloaded.error()};
  const std::string note = "the shared object cannot be unloaded, so its static data live on";
  if (!*unloaded && (traits_.notes.empty() || traits_.notes.back() != note)) {
    traits_.notes.push_back(note);
  }
  begin();
  return {};
}

std::optional<targets::Death> PacketdrillSoTarget::death() const {
  if (!calls_.fault()) return std::nullopt;
  return targets::Death{0, "the plug-in broke its interface: " + *calls_.fault()};
}

// --- the wire

void PacketdrillSoTarget::inject(Bytes frame) {
  // What the stack refuses could not have been on this wire either.
  static_cast<void>(calls_.netdev_send(frame));
}

bool PacketdrillSoTarget::collect() {
  // Asking again may mean "go on" to a plug-in: packetdrill asks without end while it waits.
  if (is_virtual() && quiet_at_ == calls_.count()) return false;
  for (int taken = 0; taken < kMostAtATime; ++taken) {
    const auto packet = calls_.netdev_receive();
    if (!packet) {
      quiet_at_ = calls_.count();
      return taken > 0;
    }
    Instant at = now_;
    if (packet->time_us >= zero_us_) {
      at = instant_at((packet->time_us - zero_us_) * 1000);
      // Its clock may have gone on by itself.
      if (at > now_) read_clock();
      at = std::min(at, now_);
    }
    last_sent_ = std::max(last_sent_, at);
    sent_.push_back({last_sent_, Buffer(packet->packet.begin(), packet->packet.end())});
  }
  return true;
}

void PacketdrillSoTarget::drain(std::vector<targets::SentFrame>& out) {
  collect();
  out.insert(out.end(), std::make_move_iterator(sent_.begin()),
             std::make_move_iterator(sent_.end()));
  sent_.clear();
}

// --- time

void PacketdrillSoTarget::read_clock() {
  now_ = std::max(now_, instant_at((clock_.read() - zero_us_) * 1000));
}

Instant PacketdrillSoTarget::now() const {
  // A virtual clock moves when it is slept by; reading it may move it too, for the sake of those
  // who wait by reading, so it is left alone.
  if (!is_virtual()) now_ = std::max(now_, instant_at((clock_.read() - zero_us_) * 1000));
  return now_;
}

std::optional<Instant> PacketdrillSoTarget::next_timer() const {
  if (plugin_->next_timer() == nullptr) return std::nullopt;
  long long time_us = 0;
  if (plugin_->next_timer()(plugin_->slots().userdata, &time_us) != 0) return std::nullopt;
  return instant_at((time_us - zero_us_) * 1000);
}

void PacketdrillSoTarget::sleep_until(Instant until) {
  clock_.sleep(micros_up(until - now_));
  quiet_at_.reset();
  read_clock();
}

void PacketdrillSoTarget::advance_to(Instant until, bool stop_on_frame) {
  if (calls_.fault()) return;
  if (is_virtual()) {
    advance_virtually(until, stop_on_frame);
  } else {
    advance_really(until, stop_on_frame);
  }
}

void PacketdrillSoTarget::advance_virtually(Instant until, bool stop_on_frame) {
  int standstills = 0;
  while (now_ < until) {
    Instant stop = until;
    if (stop_on_frame && plugin_->next_timer() != nullptr) {
      // What is due at once takes the least time that the clock can count.
      if (const auto timer = next_timer()) {
        stop = std::clamp(*timer, now_ + std::chrono::microseconds{1}, std::max(until, now_));
      }
    } else if (stop_on_frame) {
      stop = std::min(until, now_ + kStep);
    }
    const Instant before = now_;
    sleep_until(std::min(stop, until));
    if (collect() && stop_on_frame) return;
    if (now_ > before) {
      standstills = 0;
    } else if (++standstills >= kMostStandstills) {
      return calls_.fault("usleep() does not move gettimeofday() on any more");
    }
  }
}

void PacketdrillSoTarget::advance_really(Instant until, bool stop_on_frame) {
  while (now() < until) {
    if (stop_on_frame && (collect() || !sent_.empty())) return;
    const Duration rest = until - now();
    if (rest <= Duration{0}) break;
    clock_.sleep(micros_up(stop_on_frame ? std::min(rest, kLook) : rest));
  }
}

}  // namespace packetwright::packetdrill_so
