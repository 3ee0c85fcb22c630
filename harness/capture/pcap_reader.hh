// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/capture/byte_order.hh"
#include "harness/capture/packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::capture {

// The classic capture format: one header of 24 octets, then records. Both byte orders, micro- and
// nanoseconds, and the variant with longer record headers that some Linux 2.2 systems wrote.
class PcapReader {
 public:
  // The magic number of any of the variants stands first.
  [[nodiscard]] static bool recognises(Bytes file) noexcept;

  // `file` must outlive the reader and its packets.
  [[nodiscard]] static Result<PcapReader, Error> open(Bytes file);

  // The next packet; nullopt at the end; an error when the rest cannot be read, and from then on.
  [[nodiscard]] Result<std::optional<Packet>, Error> next();

  // The one interface of the file.
  [[nodiscard]] const std::vector<Interface>& interfaces() const noexcept { return interfaces_; }

 private:
  explicit PcapReader(Bytes file) : file_(file) {}

  Bytes file_;
  std::size_t offset_ = 0;
  ByteOrder order_ = ByteOrder::little;
  bool nanoseconds_ = false;
  std::size_t record_header_ = 16;
  std::vector<Interface> interfaces_;
};

}  // namespace packetwright::capture
