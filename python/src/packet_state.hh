// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "harness/packet/dissect.hh"
#include "harness/packet/match.hh"
#include "harness/packet/packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"

namespace packetwright::python {

// A packet as Python sees it: seen on a wire (octets, dissected) or described (headers of which
// fields are said). What was seen becomes a description when somebody changes it. Layers that
// Python holds are places in the same state.
class PacketState {
 public:
  explicit PacketState(packet::Packet described) : said_(std::move(described)) {}
  explicit PacketState(packet::Dissected seen) : seen_(std::move(seen)) {}

  // nullptr: it is a description.
  [[nodiscard]] const packet::Dissected* seen() const noexcept { return seen_ ? &*seen_ : nullptr; }
  // The description, to be changed. std::invalid_argument: what was seen cannot be described.
  [[nodiscard]] packet::Packet& edit();
  // A copy of the description.
  [[nodiscard]] packet::Packet described() const;
  // Behind everything that a length counts, as it was seen: padding of Ethernet.
  [[nodiscard]] const Buffer& tail() const noexcept { return tail_; }

  [[nodiscard]] std::size_t size() const noexcept {
    return seen_ ? seen_->parts().size() : said_.layers.size();
  }
  [[nodiscard]] packet::Proto proto(std::size_t index) const {
    return seen_ ? seen_->parts()[index].proto : said_.layers[index].proto;
  }
  // What is said about a field, also by fields that contain it; nullopt: nothing, or no value.
  [[nodiscard]] std::optional<packet::Wide> get(std::size_t index, packet::Field field) const;
  // The octets on the wire: as seen, or as packet::build() makes them.
  [[nodiscard]] Buffer octets() const;

  std::optional<Instant> at;  // when it was on the wire
  bool from_target = false;   // with `at`: the target sent it
  bool ethernet = true;       // of what was seen: it begins with an Ethernet header

 private:
  std::optional<packet::Dissected> seen_;
  packet::Packet said_;
  Buffer tail_;
};

using PacketPointer = std::shared_ptr<PacketState>;

// The description of what was seen. Lengths and checksums that are right are left out, so that they
// stay right when something else is changed.
[[nodiscard]] packet::Packet describe(const packet::Dissected& seen);

// A pattern says nothing of headers around and behind those that it names: they are added to it, as
// far as the packet that came has them.
[[nodiscard]] packet::Packet widened(packet::Packet pattern, const packet::Dissected& live);

// Every difference between a pattern and what came; the order of options does not matter.
[[nodiscard]] std::vector<packet::Difference> differences(const packet::Packet& pattern,
                                                          const packet::Dissected& live);

}  // namespace packetwright::python
