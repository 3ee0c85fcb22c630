// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/syn_cookie.hh"

#include <array>

#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {
namespace {

constexpr Duration kPeriod = 64s;
constexpr std::uint32_t kHashMask = 0x0fff'ffff;
constexpr std::uint32_t kIndexMask = 7;
constexpr unsigned kIndexShift = 28, kPeriodShift = 31;

// The sizes that peers announce most, and what lies below them.
constexpr std::array<std::uint16_t, 8> kSizes = {48, 256, 536, 1220, 1380, 1440, 1460, 8960};

// In the low bits of a timestamp: the shift, or all ones for none, and a bit for each permission.
constexpr std::uint32_t kStampMask = 0x3f, kShiftMask = 0xf, kNoShift = 0xf, kSackBit = 0x10,
                        kEcnBit = 0x20;

std::uint32_t index_of(std::uint16_t mss) {
  std::uint32_t index = 0;
  while (index + 1 < kSizes.size() && kSizes[index + 1] <= mss) ++index;
  return index;
}

std::uint16_t announced_mss(const Segment& syn) {
  //= RFC9293-MUST-15
  const std::uint16_t otherwise = syn.remote.address.is_v4() ? 536 : 1220;
  return syn.options.mss.value_or(otherwise);
}

}  // namespace

std::uint32_t SynCookies::hash(std::int64_t period, std::uint32_t size_index, SeqNum irs,
                               const Endpoint& local, const Endpoint& remote) const {
  std::array<std::uint8_t, 24> message{};
  store_be64(message, 0, hash_of(key_, local, remote));
  store_be64(message, 8, static_cast<std::uint64_t>(period));
  store_be32(message, 16, irs.value());
  store_be32(message, 20, size_index);
  return static_cast<std::uint32_t>(siphash24(key_, message)) & kHashMask;
}

SeqNum SynCookies::make(Instant now, const Segment& syn) const {
  const std::int64_t period = now.time_since_epoch() / kPeriod;
  const std::uint32_t index = index_of(announced_mss(syn));
  const auto parity = static_cast<std::uint32_t>(period & 1);
  return SeqNum{(parity << kPeriodShift) | (index << kIndexShift) |
                hash(period, index, syn.seq, syn.local, syn.remote)};
}

std::optional<std::uint16_t> SynCookies::check(Instant now, const Segment& ack) const {
  const std::uint32_t cookie = (ack.ack - 1).value();
  const std::uint32_t index = (cookie >> kIndexShift) & kIndexMask;
  std::int64_t period = now.time_since_epoch() / kPeriod;
  // This period, or the one before: whichever the bit says.
  if (static_cast<std::uint32_t>(period & 1) != cookie >> kPeriodShift) --period;
  if (hash(period, index, ack.seq - 1, ack.local, ack.remote) != (cookie & kHashMask)) {
    return std::nullopt;
  }
  return kSizes[index];
}

std::uint32_t SynCookies::stamp(std::uint32_t clock, const SynCookieOptions& options) {
  std::uint32_t bits = options.window_scale ? *options.window_scale & kShiftMask : kNoShift;
  if (options.sack_permitted) bits |= kSackBit;
  if (options.ecn) bits |= kEcnBit;
  const std::uint32_t stamp = (clock & ~kStampMask) | bits;
  // Later ones must not be smaller.
  return static_cast<std::int32_t>(clock - stamp) < 0 ? stamp - (kStampMask + 1) : stamp;
}

SynCookieOptions SynCookies::options_of_stamp(std::uint32_t echo_reply) {
  SynCookieOptions options;
  options.timestamps = true;
  const std::uint32_t shift = echo_reply & kShiftMask;
  if (shift != kNoShift) options.window_scale = static_cast<std::uint8_t>(shift);
  options.sack_permitted = (echo_reply & kSackBit) != 0;
  options.ecn = (echo_reply & kEcnBit) != 0;
  return options;
}

}  // namespace packetwright::tcp
