// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/hosts_table.hh"

#include <algorithm>
#include <utility>

#include "stack/base/assert.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// The next word of a line behind `at`; empty at its end, or at a comment.
std::string_view next_word(std::string_view line, std::size_t& at) noexcept {
  at = std::min(line.find_first_not_of(kBlanks, at), line.size());
  const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
  const std::string_view word = line.substr(at, end - at);
  at = end;
  return word;
}

}  // namespace

Result<HostsTable, HostsError> HostsTable::from_text(std::string_view text) {
  using Kind = HostsError::Kind;
  HostsTable table;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));

    std::size_t at = 0;
    const std::string_view first = next_word(line, at);
    if (first.empty()) continue;
    const auto fault = [&](Kind kind, std::string_view word) {
      return Err{HostsError{kind, number, at - word.size() + 1}};
    };
    const auto address = wire::parse_address(first);
    if (!address) return fault(Kind::not_an_address, first);
    std::vector<wire::DnsName> names;
    for (std::string_view word = next_word(line, at); !word.empty(); word = next_word(line, at)) {
      const auto name = wire::DnsName::from_text(word);
      if (!name || name->is_root()) return fault(Kind::not_a_name, word);
      names.push_back(*name);
    }
    if (names.empty()) return fault(Kind::no_name, {});
    table.add(*address, std::move(names));
  }
  return table;
}

void HostsTable::add(const IpAddress& address, std::vector<wire::DnsName> names) {
  PW_ASSERT(!names.empty());
  lines_.push_back({address, std::move(names)});
}

std::optional<HostsTable::Found> HostsTable::find(const wire::DnsName& name,
                                                  std::optional<Family> family) const {
  std::optional<Found> found;
  for (const Line& line : lines_) {
    const bool has_it = std::any_of(line.names.begin(), line.names.end(),
                                    [&](const wire::DnsName& one) { return same_name(one, name); });
    if (!has_it) continue;
    if (!found) found = Found{line.names.front(), {}};
    if (!family || line.address.family() == *family) found->addresses.push_back(line.address);
  }
  return found;
}

std::vector<wire::DnsName> HostsTable::names_of(const IpAddress& address) const {
  std::vector<wire::DnsName> names;
  for (const Line& line : lines_) {
    if (line.address == address) names.push_back(line.names.front());
  }
  return names;
}

}  // namespace packetwright::dns
