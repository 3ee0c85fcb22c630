// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/rng.hh"

namespace packetwright::sim {

// One direction of a link. Faults are drawn for each frame by itself; shares are millionths, so
// that 1'000 is a thousandth. The default is a perfect wire.
struct PipeConfig {
  std::uint64_t bits_per_second = 0;  // 0: no time is needed to send
  Duration delay{0};                  // of propagation
  Duration jitter{0};                 // up to so much more; the order stays
  // Frames that wait to be sent, octets of frames; what comes when they are more is dropped.
  std::size_t queue_octets = SIZE_MAX;
  std::size_t mtu = SIZE_MAX;  // octets behind the Ethernet header; longer frames are dropped

  std::uint32_t loss = 0;
  std::uint32_t duplication = 0;  // the copy arrives right behind the frame
  std::uint32_t reordering = 0;   // held back, so that frames behind it pass it,
  Duration reordering_delay{0};   //   for so long
  std::uint32_t corruption = 0;   // on the wire: the frame check sequence tells, and it is dropped
  std::uint32_t silent_corruption = 0;  // behind the check, in memory: it arrives
  // Frames that are lost because a scenario wants it; asked once for each that leaves.
  std::function<bool(Instant, Bytes)> lose;
};

// What became of the frames that were handed in.
struct PipeCounters {
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;  // copies included
  std::uint64_t octets_delivered = 0;
  std::uint64_t queue_full = 0, too_long = 0, lost = 0, duplicated = 0, reordered = 0;
  std::uint64_t corrupted = 0, silently_corrupted = 0;

  friend bool operator==(const PipeCounters&, const PipeCounters&) = default;
};

// One direction of a link: takes frames and says when each arrives, and how.
class Pipe {
 public:
  struct Arrival {
    Instant at;
    Buffer frame;
  };

  // `rng` is the pipe's own.
  Pipe(PipeConfig config, Rng rng) : config_(std::move(config)), rng_(rng) {}

  // Appends what comes of `frame` at the other end: nothing, the frame, or twice the frame.
  void send(Instant now, Bytes frame, std::vector<Arrival>& arrivals);

  [[nodiscard]] const PipeCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] PipeConfig& config() noexcept { return config_; }
  // Octets that wait to be sent at `now`, the frame on the wire not included.
  [[nodiscard]] std::size_t backlog(Instant now);

 private:
  struct Waiting {
    Instant begins;  // to be sent
    std::size_t size;
  };

  [[nodiscard]] bool happens(std::uint32_t millionths) noexcept;
  [[nodiscard]] Duration time_to_send(std::size_t frame_size) const noexcept;
  // Flips one to three bits, which a CRC-32 always sees in a frame of this size.
  void corrupt(Buffer& frame) noexcept;
  void deliver(Instant at, Buffer frame, std::vector<Arrival>& arrivals);

  PipeConfig config_;
  Rng rng_;
  PipeCounters counters_;
  Instant free_at_;       // when the last frame has been sent
  Instant last_arrival_;  // of those that keep their order
  std::deque<Waiting> queue_;
  std::size_t queued_octets_ = 0;
};

}  // namespace packetwright::sim
