// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"

namespace packetwright::engine {

// What the octets of one direction of a connection are, by their place in the stream, so that
// payload can be made, and checked wherever it turns up: in a segment, in a retransmission, in what
// read() gives. Where a script says nothing the octets are a pattern in which every place within a
// few hundred octets looks different; a shifted or repeated piece is therefore seen.
class Stream {
 public:
  // Streams of different `salt` have different patterns.
  explicit Stream(std::uint32_t salt = 0) noexcept : salt_(salt) {}

  [[nodiscard]] std::uint8_t pattern(std::uint64_t offset) const noexcept;
  [[nodiscard]] Buffer pattern(std::uint64_t offset, std::size_t size) const;

  // The script gave these octets. Several may lie over one another: retransmissions with another
  // content are a thing to test, and then the target may keep either.
  void remember(std::uint64_t offset, Bytes octets);
  // The octets expected at a place: what the script gave there first, or the pattern.
  [[nodiscard]] Buffer expected(std::uint64_t offset, std::size_t size) const;
  // Whether `octets` may stand at `offset`.
  [[nodiscard]] bool accepts(std::uint64_t offset, Bytes octets) const;

  // Content cannot be told any more (urgent data taken out of line, for example).
  void give_up() noexcept { verifiable_ = false; }
  [[nodiscard]] bool verifiable() const noexcept { return verifiable_; }

 private:
  [[nodiscard]] bool accepts_one(std::uint64_t offset, std::uint8_t octet) const;

  std::uint32_t salt_;
  bool verifiable_ = true;
  std::vector<std::pair<std::uint64_t, Buffer>> given_;
};

}  // namespace packetwright::engine
