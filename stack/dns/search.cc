// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/search.hh"

#include <cstddef>
#include <string>

namespace packetwright::dns {
namespace {

// A final dot that is not the literal character of an escape: `a\.` is a name of one label.
bool is_complete(std::string_view text) noexcept {
  if (!text.ends_with('.')) return false;
  std::size_t backslashes = 0;
  while (backslashes + 1 < text.size() && text[text.size() - 2 - backslashes] == '\\') {
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

}  // namespace

//= RFC1123-6.1.4.3-a
//= RFC1123-6.1.4.3-b
std::vector<wire::DnsName> candidates(std::string_view text, const wire::DnsName& name,
                                      std::span<const wire::DnsName> domains, std::uint8_t ndots) {
  if (is_complete(text)) return {name};
  std::vector<wire::DnsName> all;
  const bool first = name.label_count() > ndots;
  if (first) all.push_back(name);
  for (const wire::DnsName& domain : domains) {
    const auto joined = wire::DnsName::from_text(to_string(name) + '.' + to_string(domain));
    if (joined) all.push_back(*joined);
  }
  if (!first) all.push_back(name);
  return all;
}

}  // namespace packetwright::dns
