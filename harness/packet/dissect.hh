// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/packet/packet.hh"
#include "stack/base/bytes.hh"

namespace packetwright::packet {

// Where one header lies in a frame.
struct Part {
  Proto proto = Proto::ethernet;
  std::size_t offset = 0;
  std::size_t size = 0;  // options included
  std::size_t end = 0;   // where what it carries ends, by its own lengths and by the frame
  bool quoted = false;   // inside the datagram that an ICMP error quotes
};

// A frame and the headers in it. Any octets can be dissected: a header that is cut short or lies
// about its length ends the list, and what is left is payload.
class Dissected {
 public:
  [[nodiscard]] const Buffer& octets() const noexcept { return octets_; }
  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  // Why the list of headers ended early, e.g. "tcp.data_offset: 4 words are less than a header";
  // empty: it did not.
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }

  [[nodiscard]] const Part* find(Proto proto, bool quoted = false) const noexcept;
  [[nodiscard]] bool has(Proto proto) const noexcept { return find(proto) != nullptr; }
  // The innermost header; nullptr: there is none.
  [[nodiscard]] const Part* last() const noexcept {
    return parts_.empty() ? nullptr : &parts_.back();
  }

  [[nodiscard]] Bytes header(const Part& part) const noexcept {
    return Bytes{octets_}.subspan(part.offset, part.size);
  }
  // nullopt: the header is not there, or was cut off before the field.
  [[nodiscard]] std::optional<Wide> get(Field field, bool quoted = false) const noexcept;
  [[nodiscard]] std::optional<Wide> get(const Part& part, Field field) const noexcept;
  // A field of at most 32 bits as a number; 0 where get() has nothing.
  [[nodiscard]] std::uint32_t u32(Field field, bool quoted = false) const noexcept {
    return static_cast<std::uint32_t>(get(field, quoted).value_or(Wide{}).low);
  }
  // Rewrites a field of the copy, for mapping numbers from the wire to those of the script.
  void set(Field field, Wide value, bool quoted = false) noexcept;

  // The octets after the innermost header, without what Ethernet padded.
  [[nodiscard]] Bytes payload() const noexcept;
  // The options of a TCP or IPv4 header as they stand; empty for other headers.
  [[nodiscard]] std::vector<HeaderOption> options(const Part& part) const;
  // Rewrites octets of the copy at `offset`; they must be there.
  void overwrite(std::size_t offset, Bytes octets) noexcept;

  // What a correct sender would have put into this field, given the rest: defined for lengths and
  // checksums (and 0 for reserved bits); nullopt for the others.
  [[nodiscard]] std::optional<Wide> right_value(const Part& part, Field field) const;

  // The addresses of the nearest IP header around `part`; nullopt: there is none.
  struct Addresses {
    IpAddress src, dst;
  };
  [[nodiscard]] std::optional<Addresses> addresses(bool quoted = false) const noexcept;

  // Every checksum that is not the right one, as fields; UDP over IPv4 may leave it out (zero).
  [[nodiscard]] std::vector<Field> bad_checksums() const;

 private:
  friend Dissected dissect(Bytes, bool);
  friend class Dissector;

  Buffer octets_;
  std::vector<Part> parts_;
  std::string flaw_;
};

// Options as they lie in a header. One whose length is less than two octets or runs over the end is
// the last, with the octets that are there and its own length octet.
[[nodiscard]] std::vector<HeaderOption> decode_options(Bytes octets);

// `ethernet`: the octets begin with an Ethernet header; else with an IP header.
[[nodiscard]] Dissected dissect(Bytes octets, bool ethernet);

}  // namespace packetwright::packet
