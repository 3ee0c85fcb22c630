// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/capture/packet.hh"
#include "harness/capture/pcap_reader.hh"
#include "harness/capture/pcapng_reader.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::capture {

// A capture of either format; its first octets tell which. Any octets at all may be given: what can
// be read is read, and an error says where the rest went wrong.
class Reader {
 public:
  // `file` must outlive the reader and its packets.
  [[nodiscard]] static Result<Reader, Error> open(Bytes file);

  // The next packet; nullopt at the end; an error when the rest cannot be read, and from then on.
  [[nodiscard]] Result<std::optional<Packet>, Error> next();

  // Those of the packets read so far, at least.
  [[nodiscard]] const std::vector<Interface>& interfaces() const noexcept;
  // "pcap" or "pcapng".
  [[nodiscard]] std::string_view format() const noexcept;

 private:
  explicit Reader(PcapReader reader) : reader_(std::move(reader)) {}
  explicit Reader(PcapngReader reader) : reader_(std::move(reader)) {}

  std::variant<PcapReader, PcapngReader> reader_;
};

// A whole capture at once.
struct Capture {
  std::vector<Interface> interfaces;
  std::vector<Packet> packets;
  // Set when the file ends in the middle of a record, as it does when the capturing program was
  // killed, or is damaged: the packets before that place are all there.
  std::optional<Error> damage;
};

// An error: not a capture at all. `file` must outlive the packets.
[[nodiscard]] Result<Capture, Error> read_all(Bytes file);

}  // namespace packetwright::capture
