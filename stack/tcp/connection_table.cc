// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/connection_table.hh"

#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {

std::size_t ConnectionTable::Hash::operator()(const Key& pair) const noexcept {
  return static_cast<std::size_t>(hash_of(key, pair.local, pair.remote));
}

std::optional<std::uint32_t> ConnectionTable::find(const Endpoint& local,
                                                   const Endpoint& remote) const {
  const auto at = slots_.find(Key{local, remote});
  if (at == slots_.end()) return std::nullopt;
  return at->second;
}

void ConnectionTable::insert(const Endpoint& local, const Endpoint& remote, std::uint32_t slot) {
  const bool is_new = slots_.emplace(Key{local, remote}, slot).second;
  PW_ASSERT(is_new);
}

void ConnectionTable::erase(const Endpoint& local, const Endpoint& remote, std::uint32_t slot) {
  const auto at = slots_.find(Key{local, remote});
  if (at != slots_.end() && at->second == slot) slots_.erase(at);
}

}  // namespace packetwright::tcp
