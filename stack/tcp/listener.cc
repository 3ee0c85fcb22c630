// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/listener.hh"

#include <array>
#include <utility>

namespace packetwright::tcp {
namespace {

IpAddress any_address(Family family) {
  return family == Family::ipv4 ? IpAddress{} : IpAddress::v6(std::array<std::uint8_t, 16>{});
}

}  // namespace

Listener* ListenerTable::add(const Endpoint& local, bool both_families) {
  if (by_place_.contains(local)) return nullptr;
  auto listener = std::make_unique<Listener>();
  listener->id = {next_id_++};
  listener->local = local;
  listener->both_families = both_families;
  Listener* const made = listener.get();
  by_place_.emplace(local, made);
  by_id_.emplace(made->id.value, std::move(listener));
  return made;
}

void ListenerTable::remove(ListenerId id) {
  const auto at = by_id_.find(id.value);
  if (at == by_id_.end()) return;
  by_place_.erase(at->second->local);
  by_id_.erase(at);
}

Listener* ListenerTable::find(ListenerId id) const {
  const auto at = by_id_.find(id.value);
  return at == by_id_.end() ? nullptr : at->second.get();
}

Listener* ListenerTable::match(const Endpoint& local) const {
  if (const auto at = by_place_.find(local); at != by_place_.end()) return at->second;
  const Endpoint any{any_address(local.address.family()), local.port};
  if (const auto at = by_place_.find(any); at != by_place_.end()) return at->second;
  const auto at = by_place_.find({any_address(Family::ipv6), local.port});
  if (at != by_place_.end() && at->second->both_families) return at->second;
  return nullptr;
}

}  // namespace packetwright::tcp
