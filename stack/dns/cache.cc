// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/cache.hh"

#include <algorithm>

namespace packetwright::dns {

Cache::Key Cache::key_of(const wire::DnsName& name, std::uint16_t type) {
  const Bytes octets = name.octets();
  std::string text(octets.begin(), octets.end());
  // Lengths of labels are below 'A': only letters change.
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return {std::move(text), type};
}

void Cache::put(Instant now, const Question& question, const Answer& answer) {
  const Duration ttl = std::min<Duration>(std::chrono::seconds{answer.ttl_s}, limits_.max_ttl);
  insert(now, key_of(question.name, static_cast<std::uint16_t>(question.type)), answer, ttl);
}

//= RFC2308-5-a
//= RFC2308-5-b
//= RFC1123-6.1.3.3-d
// That there is no such name holds for every type. Failures of servers are never kept, so that they
// are not kept for too long either (RFC 2308, 7.1).
void Cache::put_negative(Instant now, const Question& question, DnsError error,
                         std::optional<std::uint32_t> ttl_s) {
  if (!ttl_s) return;
  const Duration ttl = std::min<Duration>(std::chrono::seconds{*ttl_s}, limits_.max_negative_ttl);
  const std::uint16_t type =
      error == DnsError::not_found ? kAnyType : static_cast<std::uint16_t>(question.type);
  insert(now, key_of(question.name, type), Err{error}, ttl);
}

void Cache::insert(Instant now, Key key, Result<Answer, DnsError> result, Duration ttl) {
  //= RFC1123-6.1.2.1-a
  //= RFC1035-4.1.3-a
  if (ttl <= Duration{0} || limits_.max_entries == 0) return;
  entries_.erase(key);
  if (entries_.size() >= limits_.max_entries) make_room(now);
  entries_.emplace(std::move(key), Entry{std::move(result), now + ttl});
}

// What holds no longer goes; if everything still holds, what will do so for the shortest time.
void Cache::make_room(Instant now) {
  std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires <= now; });
  if (entries_.size() < limits_.max_entries) return;
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.expires < b.second.expires; }));
}

//= RFC1123-6.1.3.1-c
//= RFC2308-5-c
std::optional<Result<Answer, DnsError>> Cache::find(Instant now, const Question& question) {
  for (const std::uint16_t type : {static_cast<std::uint16_t>(question.type), kAnyType}) {
    const auto entry = entries_.find(key_of(question.name, type));
    if (entry == entries_.end()) continue;
    if (entry->second.expires <= now) {
      entries_.erase(entry);
      continue;
    }
    Result<Answer, DnsError> result = entry->second.result;
    if (result) {
      const auto left = std::chrono::floor<std::chrono::seconds>(entry->second.expires - now);
      result->ttl_s = static_cast<std::uint32_t>(left.count());
    }
    return result;
  }
  return std::nullopt;
}

}  // namespace packetwright::dns
