// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/isn.hh"

#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {

SeqNum choose_isn(Instant now, const SipKey& key, const Endpoint& local,
                  const Endpoint& remote) noexcept {
  constexpr std::int64_t kNanosPerTick = 4000;
  const auto m = static_cast<std::uint32_t>(nanos(now) / kNanosPerTick);
  const auto f = static_cast<std::uint32_t>(hash_of(key, local, remote));
  return SeqNum{m} + f;
}

}  // namespace packetwright::tcp
