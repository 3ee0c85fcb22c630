// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string_view>

#include "harness/capture/packet.hh"
#include "stack/base/bytes.hh"

namespace packetwright::capture {

// Writes a pcapng capture to a stream: one section, little endian on every host, times in
// nanoseconds. The same calls give the same octets. Errors are the stream's: look at its state
// after flush(), since nothing is checked in between.
class PcapngWriter {
 public:
  // Writes the section header. `application` is what wrote the file: "packetwright 0.1.0".
  PcapngWriter(std::ostream& out, std::string_view application);

  // The number by which packets name the interface: 0, 1, ... `interface.fcs_octets` is not
  // written: the frames of packetwright have none.
  std::uint32_t add_interface(const Interface& interface);

  // Writes `packet.octets` of an interface that was added. Its time must not be before 1970 (it is
  // written as 1970 then), and its offset is not used. A comment over 65535 octets is shortened.
  // original_length may be 0 for "not cut".
  void write(const Packet& packet);

 private:
  std::ostream& out_;
  std::uint32_t interfaces_ = 0;
};

}  // namespace packetwright::capture
