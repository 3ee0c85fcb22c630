// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/base/siphash.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::neighbor {

// Where the lower half of an address that this host gives itself comes from (decision 0014).
enum class IdentifierKind : std::uint8_t {
  stable,  // RFC 7217: the same on the same link as long as the seed is, and unlike elsewhere
  eui64,   // RFC 4291, appendix A: the Ethernet address, for all to see
};

struct AutoconfigurationConfig {
  bool link_local = true;  // RFC 4862, 5.3: form a link-local address when the interface comes up
  bool global = true;      // RFC 4862, 5.5: form addresses of advertised prefixes
  IdentifierKind identifier = IdentifierKind::stable;
  std::uint8_t retries = 3;        // RFC 7217, 7: IDGEN_RETRIES, after a duplicate
  std::size_t max_addresses = 16;  // formed of advertised prefixes; more are not
};

// What became of an address of ours.
struct AddressNews {
  enum class Kind : std::uint8_t {
    formed,      // to be tested for duplicates, then used; preferred or deprecated as `preferred`
    preferred,   // may be used again for new communication
    deprecated,  // to be avoided for new communication (RFC 4862, 5.5.4)
    gone,        // no longer ours
    no_ipv6,     // RFC 4862, 5.4.5: somebody has our hardware address; IPv6 is to be silent
  };
  Kind kind = Kind::formed;
  Prefix prefix;
};

// Stateless address autoconfiguration (RFC 4862): which addresses follow from what routers say, and
// for how long. Duplicates are looked for by others, who call on_duplicate().
class Autoconfiguration {
 public:
  Autoconfiguration(const AutoconfigurationConfig& config, const MacAddress& mac, Rng rng);

  // The interface came up.
  void start();
  // RFC 4862, 5.5.3. A prefix option with the autonomous flag.
  void on_prefix(Instant now, const wire::NdpPrefixInformation& information);
  // Somebody else has an address that was formed.
  void on_duplicate(const IpAddress& address);
  // True if it was formed here and its preferred lifetime is over.
  [[nodiscard]] bool is_deprecated(Instant now, const IpAddress& address) const noexcept;

  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  [[nodiscard]] std::optional<AddressNews> next_news();

 private:
  struct Formed {
    Prefix prefix;  // what was advertised: its address has zeros behind the length
    std::optional<IpAddress> address;  // nullopt: all that were tried were duplicates
    std::uint8_t tries = 0;
    Deadline preferred_until, valid_until;  // nullopt: for ever
    bool deprecated = false;
  };
  void form(Formed& formed);
  [[nodiscard]] std::uint64_t identifier_for(const Prefix& prefix,
                                             std::uint8_t tries) const noexcept;
  void settle(Instant now, Formed& formed);

  AutoconfigurationConfig config_;
  MacAddress mac_;
  SipKey key_;
  std::vector<Formed> formed_;
  std::deque<AddressNews> news_;
};

// The modified EUI-64 of an Ethernet address (RFC 4291, appendix A).
[[nodiscard]] std::uint64_t eui64(const MacAddress& mac) noexcept;

}  // namespace packetwright::neighbor
