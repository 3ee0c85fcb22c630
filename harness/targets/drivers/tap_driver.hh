// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/result.hh"
#include "stack/iface/driver.hh"

namespace packetwright::drivers {

// One end of a cable whose other end is a TAP device of the kernel: what the kernel sends by the
// device arrives here, and what is sent here the kernel receives by it. The device is made and
// given its addresses with ip(8); /dev/net/tun and CAP_NET_ADMIN are needed, which root of a
// namespace of one's own has.
class TapDriver final : public iface::Driver {
 public:
  // Attaches to the device of the network namespace that the calling thread is in; makes one if
  // there is none, which lives as long as the driver. Without `mac`, an address is drawn. An error
  // is a sentence that says what is missing.
  [[nodiscard]] static Result<std::unique_ptr<TapDriver>, std::string> open(
      const std::string& device, const std::optional<MacAddress>& mac = std::nullopt);

  [[nodiscard]] MacAddress mac() const override { return mac_; }
  [[nodiscard]] std::uint16_t mtu() const override { return mtu_; }  // as it was when opened
  // The kernel's end is up.
  [[nodiscard]] bool link_up() const override { return link_up_; }
  [[nodiscard]] bool receive(Buffer& frame) override;
  [[nodiscard]] bool transmit(Bytes frame) override;

  // For poll(): readable when a frame has arrived, writable when there is room for one and the link
  // is up, POLLERR when the device is gone.
  [[nodiscard]] int frames_fd() const noexcept { return frames_.get(); }
  // For poll(): readable when link_up() may have changed. Call look_at_link() then.
  [[nodiscard]] int link_fd() const noexcept { return link_news_.get(); }
  void look_at_link();

 private:
  TapDriver() = default;
  [[nodiscard]] Result<void, std::string> attach(const std::string& device);

  std::string device_;
  MacAddress mac_;
  std::uint16_t mtu_ = 0;
  bool link_up_ = false;
  linux_stack::UniqueFd frames_;
  linux_stack::UniqueFd link_news_;  // a netlink socket that hears of changes of devices
  linux_stack::UniqueFd control_;    // any socket, to ask about the device
  Buffer chunk_;
};

}  // namespace packetwright::drivers
