// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/iface/driver.hh"
#include "stack/iface/frame_queue.hh"

namespace packetwright::iface {

// A cable in memory with a driver at each end: what one sends the other has at once, in order. For
// links that take time and lose frames there is harness/sim.
class MemoryLink {
 public:
  struct Config {
    MacAddress first{{0x02, 0x50, 0x57, 0, 0, 1}};  // of the drivers
    MacAddress second{{0x02, 0x50, 0x57, 0, 0, 2}};
    std::uint16_t mtu = 1500;
    std::size_t max_frames = 256;  // on their way in each direction; beyond that there is no room
  };

  explicit MemoryLink(const Config& config);
  MemoryLink() : MemoryLink(Config{}) {}
  MemoryLink(const MemoryLink&) = delete;  // the ends know each other
  MemoryLink& operator=(const MemoryLink&) = delete;

  [[nodiscard]] Driver& first() noexcept { return first_; }
  [[nodiscard]] Driver& second() noexcept { return second_; }

  // Pulls the cable out, which loses what is on its way, or plugs it in again.
  void plug(bool in);

 private:
  class End final : public Driver {
   public:
    End(const MacAddress& mac, const MemoryLink& link, FrameQueue& in, FrameQueue& out)
        : mac_(mac), link_(link), in_(in), out_(out) {}

    [[nodiscard]] MacAddress mac() const override { return mac_; }
    [[nodiscard]] std::uint16_t mtu() const override { return link_.mtu_; }
    [[nodiscard]] bool link_up() const override { return link_.plugged_in_; }
    [[nodiscard]] bool receive(Buffer& frame) override { return in_.pop(frame); }
    [[nodiscard]] bool transmit(Bytes frame) override;

   private:
    MacAddress mac_;
    const MemoryLink& link_;
    FrameQueue& in_;
    FrameQueue& out_;
  };

  std::uint16_t mtu_;
  bool plugged_in_ = true;
  FrameQueue to_first_, to_second_;
  End first_, second_;
};

}  // namespace packetwright::iface
