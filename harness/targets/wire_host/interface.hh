// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::wire_host {

// A network interface of this machine, as it is now.
struct Interface {
  std::string name;
  int index = 0;
  std::uint16_t mtu = 0;
  std::vector<Prefix> addresses;  // this machine's own on it
};

// An error says why nothing can be sent there: it does not exist, is down, is no Ethernet.
[[nodiscard]] Result<Interface, std::string> find_interface(const std::string& name);

}  // namespace packetwright::wire_host
