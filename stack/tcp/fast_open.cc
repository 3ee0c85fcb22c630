// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/fast_open.hh"

#include <algorithm>
#include <array>

namespace packetwright::tcp {
namespace {

constexpr std::uint8_t kCookieSize = 8;

FastOpenOption cookie_with(const SipKey& key, const IpAddress& client, const IpAddress& server) {
  std::array<std::uint8_t, 32> message{};
  const Bytes from = client.octets();
  const Bytes to = server.octets();
  store_bytes(message, 0, from);
  store_bytes(message, from.size(), to);
  const std::uint64_t hash = siphash24(key, Bytes{message}.first(from.size() + to.size()));
  FastOpenOption option;
  option.size = kCookieSize;
  for (std::size_t i = 0; i < kCookieSize; ++i) {
    option.cookie[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  }
  return option;
}

}  // namespace

SipKey FastOpenKeys::key_of(std::int64_t epoch) const {
  if (fixed_) return *fixed_;
  std::array<std::uint8_t, 9> message{};
  store_be64(message, 0, static_cast<std::uint64_t>(epoch));
  const std::uint64_t k0 = siphash24(root_, message);
  message[8] = 1;
  return {k0, siphash24(root_, message)};
}

FastOpenOption FastOpenKeys::make(Instant now, const IpAddress& client,
                                  const IpAddress& server) const {
  return cookie_with(key_of(now.time_since_epoch() / lifetime_), client, server);
}

FastOpenKeys::Verdict FastOpenKeys::check(Instant now, const IpAddress& client,
                                          const IpAddress& server,
                                          const FastOpenOption& cookie) const {
  const std::int64_t epoch = now.time_since_epoch() / lifetime_;
  const auto is_of = [&](std::int64_t then) {
    return same_octets(cookie.octets(), cookie_with(key_of(then), client, server).octets());
  };
  if (is_of(epoch)) return Verdict::current;
  return is_of(epoch - 1) ? Verdict::old : Verdict::invalid;
}

std::optional<FastOpenAttempt> FastOpenCache::attempt(Instant now, const IpAddress& local,
                                                      const Endpoint& remote) const {
  const auto service = entries_.find({local, remote});
  if (service != entries_.end() && service->second.paused_until &&
      now < *service->second.paused_until) {
    return std::nullopt;
  }
  const auto known = entries_.find({local, {remote.address, 0}});
  if (known == entries_.end()) return FastOpenAttempt{};
  FastOpenAttempt attempt = known->second.next;
  if (attempt.option.size == 0) {
    attempt.option.experimental = known->second.format == Format::try_experimental;
  }
  return attempt;
}

FastOpenCache::Entry& FastOpenCache::entry(const IpAddress& local, const Endpoint& remote) {
  const Key key{local, remote};
  if (!entries_.contains(key) && entries_.size() >= limit_) {
    entries_.erase(std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.written < b.second.written; }));
  }
  Entry& entry = entries_[key];
  entry.written = ++writes_;
  return entry;
}

void FastOpenCache::learn(const IpAddress& local, const Endpoint& remote,
                          const FastOpenOption& cookie, std::uint16_t mss) {
  entry(local, {remote.address, 0}).next = {cookie, mss};
}

void FastOpenCache::learn_mss(const IpAddress& local, const Endpoint& remote, std::uint16_t mss) {
  entry(local, {remote.address, 0}).next.mss = mss;
}

void FastOpenCache::learn_refusal(const IpAddress& local, const Endpoint& remote,
                                  bool was_experimental) {
  Entry& known = entry(local, {remote.address, 0});
  if (was_experimental) {
    known.format = Format::gave_up_experimental;
  } else if (known.format == Format::standard) {
    known.format = Format::try_experimental;
  }
}

void FastOpenCache::learn_failure(Instant now, const IpAddress& local, const Endpoint& remote) {
  entry(local, remote).paused_until = now + pause_;
}

}  // namespace packetwright::tcp
