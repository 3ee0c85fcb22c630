// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/pipe.hh"

#include <algorithm>
#include <utility>

#include "harness/sim/frame_check.hh"

namespace packetwright::sim {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;
constexpr std::size_t kEthernetHeader = 14;
// What a frame takes on the wire beside itself: preamble 8, check sequence 4, gap 12 (IEEE 802.3).
constexpr std::size_t kOverhead = 24;
constexpr std::size_t kShortestFrame = 60;  // shorter ones are padded

}  // namespace

bool Pipe::happens(std::uint32_t millionths) noexcept {
  // A fault that is off draws nothing, so that turning one on does not shift the others.
  return millionths != 0 && rng_.chance(millionths, kMillion);
}

Duration Pipe::time_to_send(std::size_t frame_size) const noexcept {
  if (config_.bits_per_second == 0) return Duration{0};
  const std::uint64_t bits = (std::max(frame_size, kShortestFrame) + kOverhead) * 8;
  // Rounded up: a wire is never faster than it says.
  const std::uint64_t nanoseconds =
      (bits * 1'000'000'000 + config_.bits_per_second - 1) / config_.bits_per_second;
  return Duration{static_cast<Duration::rep>(nanoseconds)};
}

std::size_t Pipe::backlog(Instant now) {
  while (!queue_.empty() && queue_.front().begins <= now) {
    queued_octets_ -= queue_.front().size;
    queue_.pop_front();
  }
  return queued_octets_;
}

void Pipe::corrupt(Buffer& frame) noexcept {
  const std::uint64_t bits = frame.size() * 8;
  const std::uint64_t first = rng_.below(bits);
  const std::uint64_t count = 1 + rng_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    // Neighbours, so that no bit is flipped twice.
    const std::uint64_t bit = (first + i) % bits;
    frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ (1u << (bit % 8)));
  }
}

void Pipe::deliver(Instant at, Buffer frame, std::vector<Arrival>& arrivals) {
  ++counters_.delivered;
  counters_.octets_delivered += frame.size();
  arrivals.push_back({at, std::move(frame)});
}

void Pipe::send(Instant now, Bytes octets, std::vector<Arrival>& arrivals) {
  ++counters_.offered;
  if (octets.size() > kEthernetHeader && octets.size() - kEthernetHeader > config_.mtu) {
    ++counters_.too_long;
    return;
  }
  const Instant begins = std::max(now, free_at_);
  if (begins > now) {
    if (backlog(now) + octets.size() > config_.queue_octets) {
      ++counters_.queue_full;
      return;
    }
    queue_.push_back({begins, octets.size()});
    queued_octets_ += octets.size();
  }
  free_at_ = begins + time_to_send(octets.size());

  // From here on the frame is on the wire, and has taken its time whatever becomes of it.
  if (happens(config_.loss) || (config_.lose && config_.lose(now, octets))) {
    ++counters_.lost;
    return;
  }
  Instant at = free_at_ + config_.delay;
  if (config_.jitter > Duration{0}) {
    const auto most = static_cast<std::uint64_t>(config_.jitter.count());
    at += Duration{static_cast<Duration::rep>(rng_.below(most + 1))};
  }
  at = std::max(at, last_arrival_);
  if (happens(config_.reordering)) {
    ++counters_.reordered;
    at += config_.reordering_delay;
  } else {
    last_arrival_ = at;
  }
  Buffer frame(octets.begin(), octets.end());
  if (happens(config_.corruption) && !frame.empty()) {
    const std::uint32_t sent = frame_check_sequence(frame);
    corrupt(frame);
    if (frame_check_sequence(frame) != sent) {
      ++counters_.corrupted;
      return;
    }
  }
  if (happens(config_.silent_corruption) && !frame.empty()) {
    ++counters_.silently_corrupted;
    corrupt(frame);
  }
  if (happens(config_.duplication)) {
    ++counters_.duplicated;
    deliver(at, frame, arrivals);
  }
  deliver(at, std::move(frame), arrivals);
}

}  // namespace packetwright::sim
