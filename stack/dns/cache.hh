// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "stack/base/instant.hh"
#include "stack/base/result.hh"
#include "stack/dns/answer.hh"
#include "stack/dns/response.hh"

namespace packetwright::dns {

struct CacheLimits {
  std::size_t max_entries = 0;  // 0: nothing is kept
  Duration max_ttl{0};
  Duration max_negative_ttl{0};
};

// What questions came to, for as long as the answers said that it holds. Only answers to questions
// of ours come in here, whole, so nothing that a response says of other names can (RFC 5452, 6).
class Cache {
 public:
  explicit Cache(const CacheLimits& limits) noexcept : limits_(limits) {}

  void put(Instant now, const Question& question, const Answer& answer);
  // `ttl_s`: how long there is none; nullopt: it is not known, and not kept.
  void put_negative(Instant now, const Question& question, DnsError error,
                    std::optional<std::uint32_t> ttl_s);
  // An answer says how long it holds from now on.
  [[nodiscard]] std::optional<Result<Answer, DnsError>> find(Instant now, const Question& question);
  void clear() noexcept { entries_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  // The name in lower case, and the type; kAnyType: there is nothing of any type.
  using Key = std::pair<std::string, std::uint16_t>;
  struct Entry {
    Result<Answer, DnsError> result;
    Instant expires;
  };
  static constexpr std::uint16_t kAnyType = 0;

  [[nodiscard]] static Key key_of(const wire::DnsName& name, std::uint16_t type);
  void insert(Instant now, Key key, Result<Answer, DnsError> result, Duration ttl);
  void make_room(Instant now);

  CacheLimits limits_;
  std::map<Key, Entry> entries_;
};

}  // namespace packetwright::dns
