// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/wire/dns_name.hh"

namespace packetwright::dns {

struct HostsError {
  enum class Kind : std::uint8_t { not_an_address, not_a_name, no_name };
  Kind kind = Kind::not_an_address;
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // from 1, of the word at fault

  friend bool operator==(const HostsError&, const HostsError&) = default;
};

// Names and addresses that a host knows without asking, in the form of /etc/hosts: an address, its
// name, and further names of it, on a line each; `#` begins a comment. The same address or name may
// stand on several lines.
//
// The table is all there is to know about a name that stands in it: if it has no address of one
// family there, that family has none.
class HostsTable {
 public:
  [[nodiscard]] static Result<HostsTable, HostsError> from_text(std::string_view text);

  // `names`: at least one; the first is the canonical one.
  void add(const IpAddress& address, std::vector<wire::DnsName> names);

  struct Found {
    wire::DnsName canonical_name;
    std::vector<IpAddress> addresses;  // in the order of the table; perhaps none
  };
  // nullopt: the name is not in the table. `family` nullopt: both.
  [[nodiscard]] std::optional<Found> find(const wire::DnsName& name,
                                          std::optional<Family> family) const;
  // The canonical names of an address; empty: it is not in the table.
  [[nodiscard]] std::vector<wire::DnsName> names_of(const IpAddress& address) const;

 private:
  struct Line {
    IpAddress address;
    std::vector<wire::DnsName> names;
  };
  std::vector<Line> lines_;
};

}  // namespace packetwright::dns
