// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/engine/connection.hh"
#include "harness/engine/settings.hh"
#include "harness/packet/packet.hh"
#include "harness/script/packet.hh"
#include "stack/base/result.hh"

// From the packets of a script to packets that can be built or compared.
namespace packetwright::engine {

// Why a packet cannot be made or expected here.
struct CraftError {
  bool unsupported = false;  // else the script is wrong
  std::string reason;
};

// What a packet needs to know about the run.
struct CraftContext {
  const Settings& settings;
  bool ethernet = true;                      // frames have an Ethernet header
  Connection* connection = nullptr;          // of TCP and UDP packets, and what ICMP quotes
  const packet::Dissected* quote = nullptr;  // a packet of the target that an ICMP error may quote
};

// The frame to inject: numbers are those of the wire, everything the script leaves out has its
// usual value. Content of TCP and UDP payload is the connection's stream in strict mode and zeros
// otherwise.
[[nodiscard]] Result<Buffer, CraftError> craft_inbound(const script::Packet& packet,
                                                       const CraftContext& context);

// What is compared: numbers are those of the script. Payload content is compared only where the
// script gives it; streams are the business of the caller.
[[nodiscard]] Result<packet::Packet, CraftError> craft_expected(const script::Packet& packet,
                                                                const CraftContext& context);

// The address that a script means by a literal or a word; nullopt: the word is not known.
[[nodiscard]] std::optional<IpAddress> resolve(const script::Address& address,
                                               const Settings& settings);
[[nodiscard]] std::optional<MacAddress> resolve(const script::LinkAddress& address,
                                                const Settings& settings);

// TCP options as they are on the wire (`live`: SACK blocks and echoes are mapped to the wire's
// numbers) or in script numbers, with what is not compared marked.
[[nodiscard]] Result<std::vector<packet::HeaderOption>, CraftError> craft_tcp_options(
    const script::Tcp& tcp, const CraftContext& context, bool live);

}  // namespace packetwright::engine
