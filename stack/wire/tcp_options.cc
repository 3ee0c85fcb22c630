// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/tcp_options.hh"

#include <algorithm>

namespace packetwright::wire {

TcpOptionSet read_tcp_options(Bytes options) noexcept {
  TcpOptionSet set;
  for (const auto& item : TcpOptions{options}) {
    if (!item) {
      set.malformed = item.error();
      break;
    }
    const TcpOption& option = *item;
    if (const auto mss = option.mss()) set.mss = mss;
    if (const auto shift = option.window_scale()) set.window_scale = shift;
    if (option.sack_permitted()) set.sack_permitted = true;
    if (const auto timestamps = option.timestamps()) set.timestamps = timestamps;
    if (const std::size_t count = option.sack_count(); count > 0) {
      set.sack_count = static_cast<std::uint8_t>(std::min(count, kMaxSackBlocks));
      for (std::size_t i = 0; i < set.sack_count; ++i) set.sack_blocks[i] = option.sack_block(i);
    }
    if (const auto cookie = option.fast_open()) {
      set.fast_open = cookie;
      set.fast_open_experimental = option.kind != TcpOptionKind::fast_open;
    }
    if (const auto timeout = option.user_timeout()) set.user_timeout = timeout;
    if (const auto counters = option.accurate_ecn()) {
      set.accurate_ecn = counters;
      set.accurate_ecn_order_1 = option.kind == TcpOptionKind::accurate_ecn_1;
    }
    if (const auto digest = option.md5()) set.md5 = digest;
  }
  return set;
}

std::optional<TcpTimestamps> find_tcp_timestamps(Bytes options) noexcept {
  constexpr std::uint32_t kNopNopTimestamps = 0x0101080a;
  // With more behind it another one could follow, and the last one counts.
  if (options.size() == 12 && load_be32(options, 0) == kNopNopTimestamps) {
    return TcpTimestamps{load_be32(options, 4), load_be32(options, 8)};
  }
  std::optional<TcpTimestamps> found;
  for (const auto& item : TcpOptions{options}) {
    if (!item) break;
    if (const auto timestamps = item->timestamps()) found = timestamps;
  }
  return found;
}

TcpOptionWriter& TcpOptionWriter::single(TcpOptionKind kind) noexcept {
  if (size_ >= out_.size()) {
    overflowed_ = true;
  } else {
    out_[size_++] = static_cast<std::uint8_t>(kind);
  }
  return *this;
}

MutableBytes TcpOptionWriter::claim(TcpOptionKind kind, std::size_t data_size) noexcept {
  const std::size_t size = 2 + data_size;
  if (size > out_.size() - size_ || size > 0xff) {
    overflowed_ = true;
    return {};
  }
  const MutableBytes option = out_.subspan(size_, size);
  option[0] = static_cast<std::uint8_t>(kind);
  option[1] = static_cast<std::uint8_t>(size);
  size_ += size;
  return option;
}

TcpOptionWriter& TcpOptionWriter::mss(std::uint16_t octets) noexcept {
  if (const MutableBytes option = claim(TcpOptionKind::mss, 2); !option.empty()) {
    store_be16(option, 2, octets);
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::window_scale(std::uint8_t shift) noexcept {
  return raw(TcpOptionKind::window_scale, Bytes{&shift, 1});
}

TcpOptionWriter& TcpOptionWriter::sack_permitted() noexcept {
  return raw(TcpOptionKind::sack_permitted, {});
}

TcpOptionWriter& TcpOptionWriter::sack(std::span<const SackBlock> blocks) noexcept {
  const MutableBytes option = claim(TcpOptionKind::sack, blocks.size() * 8);
  if (option.empty()) return *this;
  std::size_t at = 2;
  for (const SackBlock& block : blocks) {
    store_be32(option, at, block.left.value());
    store_be32(option, at + 4, block.right.value());
    at += 8;
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::timestamps(TcpTimestamps timestamps) noexcept {
  if (const MutableBytes option = claim(TcpOptionKind::timestamps, 8); !option.empty()) {
    store_be32(option, 2, timestamps.val);
    store_be32(option, 6, timestamps.ecr);
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::user_timeout(TcpUserTimeout timeout) noexcept {
  if (const MutableBytes option = claim(TcpOptionKind::user_timeout, 2); !option.empty()) {
    const std::uint32_t word = (timeout.minutes ? 0x8000u : 0u) | (timeout.value & 0x7fffu);
    store_be16(option, 2, static_cast<std::uint16_t>(word));
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::fast_open(Bytes cookie) noexcept {
  return raw(TcpOptionKind::fast_open, cookie);
}

TcpOptionWriter& TcpOptionWriter::fast_open_experimental(Bytes cookie) noexcept {
  const MutableBytes option = claim(TcpOptionKind::experimental_2, 2 + cookie.size());
  if (!option.empty()) {
    store_be16(option, 2, kFastOpenMagic);
    store_bytes(option, 4, cookie);
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::md5(Bytes digest) noexcept {
  return raw(TcpOptionKind::md5, digest);
}

TcpOptionWriter& TcpOptionWriter::accurate_ecn(TcpOptionKind kind,
                                               const AccurateEcn& counters) noexcept {
  PW_ASSERT(counters.count <= counters.counters.size());
  const MutableBytes option = claim(kind, std::size_t{counters.count} * 3);
  if (option.empty()) return *this;
  for (std::size_t i = 0; i < counters.count; ++i) {
    store_u8(option, 2 + i * 3, static_cast<std::uint8_t>(counters.counters[i] >> 16));
    store_be16(option, 3 + i * 3, static_cast<std::uint16_t>(counters.counters[i]));
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::raw(TcpOptionKind kind, Bytes data,
                                      std::optional<std::uint8_t> length) noexcept {
  if (const MutableBytes option = claim(kind, data.size()); !option.empty()) {
    if (length) option[1] = *length;
    store_bytes(option, 2, data);
  }
  return *this;
}

TcpOptionWriter& TcpOptionWriter::pad() noexcept {
  //= RFC9293-MUST-69
  // RFC 9293, 3.1: the padding behind EOL is of zeros, which happen to be EOL too.
  while (size_ % 4 != 0 && !overflowed_) eol();
  return *this;
}

}  // namespace packetwright::wire
