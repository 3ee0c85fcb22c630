// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/packet/dissect.hh"
#include "harness/script/packet.hh"

namespace packetwright::engine {

// What `{tcp.seq=keep isn}` kept, in the numbers of the wire: fields of 8 to 32 bits.
class KeptValues {
 public:
  struct List {
    unsigned width = 0;  // of each value, in bits
    std::vector<std::uint32_t> values;
  };

  // False: the list of that name has fields of another width.
  [[nodiscard]] bool add(std::string_view name, unsigned width, std::uint32_t value);
  // nullptr: nothing was kept under that name.
  [[nodiscard]] const List* find(std::string_view name) const;

 private:
  std::map<std::string, List, std::less<>> lists_;
};

// Keeps what the overrides of a packet that was expected ask to be kept of the frame that came. The
// error says which field cannot be kept.
[[nodiscard]] std::optional<std::string> keep_values(const script::Packet& packet,
                                                     const packet::Dissected& frame,
                                                     KeptValues& kept);

// Whether each value follows from the two before it: they go up by one step, or by what a clock
// went on in between, give or take a range of half the bits (65,536 for fields of 32). A generator
// whose next value takes more than that to guess is not found out.
[[nodiscard]] bool follow_from_one_another(const KeptValues::List& list);

// So many values of so many bits are needed for that: values that chance made would then seem to
// follow from one another once in 2^40 times, or more rarely.
[[nodiscard]] std::size_t values_needed(unsigned width) noexcept;

}  // namespace packetwright::engine
