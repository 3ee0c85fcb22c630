// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/targets/linux/netlink.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

enum class Medium : std::uint8_t {
  veth,  // an Ethernet pair; carries ARP and NDP and needs no device node
  tun,   // bare IP packets, as packetdrill has them; needs /dev/net/tun
};

// Names inside the namespace. Scripts written for packetdrill know its tun0.
inline constexpr char kVethName[] = "eth0";
inline constexpr char kWireName[] = "wire0";  // the harness's end of the pair
inline constexpr char kTunName[] = "tun0";

[[nodiscard]] constexpr const char* name_of_device(Medium medium) {
  return medium == Medium::veth ? kVethName : kTunName;
}

[[nodiscard]] constexpr const char* name_of_target(Medium medium) {
  return medium == Medium::veth ? "linux" : "linux-tun";
}

// Makes devices keep quiet when they come up. Call it before any is made, in the namespace.
// Returns what could not be set, each with its reason.
[[nodiscard]] std::vector<std::string> quieten_new_devices();

// Why there is no pair of devices, and what would change that, from the errno.
[[nodiscard]] std::string why_no_veth(int error);
// Makes the pair of Ethernet devices with the address and MTU of `config`, both down.
[[nodiscard]] Result<void, std::string> make_veth(Netlink& route, const targets::Config& config);

// Brings the device up, gives it its addresses if it is to be `addressed`, and sets the routes to
// what is off link.
[[nodiscard]] Result<void, std::string> configure(Netlink& route, Medium medium,
                                                  const targets::Config& config, bool addressed);

// Forgets what the stack learnt of the wire since: neighbours, and what the routes carry of path
// MTUs and redirects.
[[nodiscard]] Result<void, std::string> forget(Netlink& route, Medium medium,
                                               const targets::Config& config);

// Switches off what a device would do for the stack: checksums, segmentation, reassembly. Frames
// are then as the stack would send them on a plain wire. An error names what stayed on.
[[nodiscard]] Result<void, std::string> switch_offloads_off(const char* device);

// The link-local address that RFC 4291, appendix A, makes of an Ethernet address.
[[nodiscard]] IpAddress link_local_of(const MacAddress& mac);

}  // namespace packetwright::linux_stack
