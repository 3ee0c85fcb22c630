// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/trials.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "harness/contract/sound_frames.hh"
#include "harness/engine/settings.hh"

namespace packetwright::contract {
namespace {

using targets::SentFrame;
using targets::Target;
using Known = std::span<const std::string>;

constexpr std::size_t kLargestFrame = 14 + 65535;

// What the engine would ask for on behalf of a script that asks for nothing.
targets::Config usual_config(const Target& target) {
  return engine::settings_of({}, {}, target.traits()).value().config;
}

bool is_virtual(const Target& target) {
  return target.traits().clock == targets::ClockKind::virtual_time;
}

// "": it could be reset.
std::string reset(Target& target, bool strongly) {
  const targets::Config config = usual_config(target);
  const auto done = strongly ? target.reset_strongly(config) : target.reset(config);
  if (!done) return (strongly ? "a strong reset: " : "a reset: ") + done.error().reason;
  if (target.now() >= instant_at(1'000'000'000)) return "after a reset its clock does not begin";
  return "";
}

TrialResult claims(Target& target, Known known) {
  const targets::Traits& traits = target.traits();
  if (traits.version.empty()) return broken("it has no version");
  if (!traits.has("ipv4") && !traits.has("ipv6")) {
    return broken("it claims neither ipv4 nor ipv6, so that no case can run");
  }
  for (const char* const link : {"arp", "ndp"}) {
    if (traits.has(link) && !traits.ethernet) {
      return broken(std::string{"it claims "} + link + " and has no Ethernet");
    }
  }
  for (const std::string& capability : traits.capabilities) {
    if (std::find(known.begin(), known.end(), capability) == known.end()) {
      return broken("it claims \"" + capability + "\", which nobody knows (docs/targets.md)");
    }
  }
  return kept(std::to_string(traits.capabilities.size()) + " capabilities");
}

TrialResult lives(Target& target, Known) {
  for (const bool strongly : {false, false, true, true, false}) {
    if (std::string wrong = reset(target, strongly); !wrong.empty()) return broken(wrong);
  }
  return kept("begins and ends five times");
}

TrialResult knobs(Target& target, Known) {
  targets::Config config = usual_config(target);
  config.knobs = {{"no_such_knob_exists", "1"}};
  const auto done = target.reset(config);
  if (done.ok()) return broken("it took a knob that it cannot know: no_such_knob_exists");
  if (std::string wrong = reset(target, false); !wrong.empty()) return broken(wrong);
  return kept("one that it does not know is refused: " + done.error().reason);
}

// Every call on a descriptor that was never given out.
TrialResult descriptors(Target& target, Known) {
  if (std::string wrong = reset(target, false); !wrong.empty()) return broken(wrong);
  constexpr targets::Fd kNone = 12345;
  const Endpoint somewhere{IpAddress::v4(192, 0, 2, 1), 7};
  const Buffer octets{1};
  const std::pair<const char*, int> calls[] = {
      {"bind", target.bind(kNone, {}).ok() ? 0 : target.bind(kNone, {}).error()},
      {"listen", target.listen(kNone, 1).ok() ? 0 : target.listen(kNone, 1).error()},
      {"accept", target.accept(kNone, nullptr).ok() ? 0 : target.accept(kNone, nullptr).error()},
      {"connect",
       target.connect(kNone, somewhere).ok() ? 0 : target.connect(kNone, somewhere).error()},
      {"read", target.read(kNone, 1, {}).ok() ? 0 : target.read(kNone, 1, {}).error()},
      {"write", target.write(kNone, octets, {}, nullptr).ok()
                    ? 0
                    : target.write(kNone, octets, {}, nullptr).error()},
      {"poll", target.poll(kNone).ok() ? 0 : target.poll(kNone).error()},
      {"close", target.close(kNone).ok() ? 0 : target.close(kNone).error()},
  };
  for (const auto& [name, error] : calls) {
    if (error == 0) return broken(std::string{name} + "() took a descriptor that is not open");
    if (error != EBADF && error != ENOTSUP) {
      return broken(std::string{name} + "() on a descriptor that is not open: " +
                    std::strerror(error) + ", not " + std::strerror(EBADF));
    }
  }
  return kept("one that is not open is refused");
}

// Lengths that no stack expects, of octets that mean nothing, and real frames cut anywhere.
TrialResult frames(Target& target, Known) {
  if (std::string wrong = reset(target, false); !wrong.empty()) return broken(wrong);
  std::size_t count = 0;
  const auto inject = [&](Bytes frame) {
    target.inject(frame);
    ++count;
  };
  for (const std::uint8_t octet : {0x00, 0xff, 0x45, 0x60}) {
    for (std::size_t size = 0; size <= 128; ++size) inject(Buffer(size, octet));
    inject(Buffer(kLargestFrame, octet));
  }
  for (const Buffer& whole : sound_frames(target.traits(), usual_config(target))) {
    for (std::size_t size = 0; size <= whole.size(); ++size) inject(Bytes{whole}.first(size));
  }
  std::vector<SentFrame> sent;
  target.drain(sent);
  return kept(std::to_string(count) + " odd frames of up to 65,549 octets are survived");
}

TrialResult time(Target& target, Known) {
  if (!is_virtual(target)) return not_claimed("virtual time");
  if (std::string wrong = reset(target, false); !wrong.empty()) return broken(wrong);
  constexpr Instant kEnd = instant_at(600'000'000'000);
  std::size_t stops = 0;
  while (target.now() < kEnd && !target.death()) {
    const Instant before = target.now();
    const auto timer = target.next_timer();
    if (timer && *timer < before) {
      return broken("next_timer() is in the past: " + std::to_string(nanos(*timer)) + " ns, at " +
                    std::to_string(nanos(before)) + " ns");
    }
    target.advance_to(std::min(kEnd, before + 1s), true);
    if (target.now() <= before && ++stops > 10'000) return broken("time does not move on");
  }
  std::vector<SentFrame> sent;
  target.drain(sent);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    if (sent[i].at < sent[i - 1].at) return broken("frames are not in the order of their times");
  }
  if (target.now() != kEnd) return broken("ten minutes do not end where they should");
  return kept("ten minutes of silence, " + std::to_string(sent.size()) + " frames");
}

// What a life looks like from the wire: answers, a question, and timers.
std::vector<SentFrame> life(Target& target, const targets::Config& config) {
  std::vector<SentFrame> sent;
  if (!target.reset(config)) return sent;
  target.drain(sent);
  for (const Buffer& frame : sound_frames(target.traits(), config)) {
    target.inject(frame);
    target.drain(sent);
  }
  const auto fd =
      target.socket(targets::Domain::inet, targets::SocketType::stream, targets::Protocol::tcp);
  if (fd) static_cast<void>(target.connect(*fd, {config.peer4, 7}));
  target.advance_to(target.now() + 20s, false);
  target.drain(sent);
  return sent;
}

TrialResult seed(Target& target, Known) {
  if (!target.traits().has("seed")) return not_claimed("seed");
  const std::vector<SentFrame> one = life(target, usual_config(target));
  const std::vector<SentFrame> two = life(target, usual_config(target));
  for (std::size_t i = 0; i < std::max(one.size(), two.size()); ++i) {
    const std::string frame = "with the same seed, frame " + std::to_string(i + 1);
    if (i >= std::min(one.size(), two.size())) {
      return broken(frame + " is sent in one life and not in the other");
    }
    if (one[i].at != two[i].at) return broken(frame + " is sent at another time");
    const auto differs = std::mismatch(one[i].octets.begin(), one[i].octets.end(),
                                       two[i].octets.begin(), two[i].octets.end());
    if (differs.first == one[i].octets.end() && differs.second == two[i].octets.end()) continue;
    return broken(frame + " differs at octet " +
                  std::to_string(differs.first - one[i].octets.begin()));
  }
  return kept("two lives, the same " + std::to_string(one.size()) + " frames");
}

}  // namespace

std::span<const Trial> trials() {
  static constexpr Trial kTrials[] = {
      {"claims", claims},           {"lives", lives}, {"knobs", knobs},
      {"frames", frames},           {"time", time},   {"seed", seed},
      {"descriptors", descriptors},
  };
  return kTrials;
}

}  // namespace packetwright::contract
