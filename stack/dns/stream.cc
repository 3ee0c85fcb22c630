// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/stream.hh"

#include "stack/base/assert.hh"

namespace packetwright::dns {
namespace {

constexpr std::size_t kLengthSize = 2;

}  // namespace

//= RFC1035-4.2.2-a
//= RFC7766-8-a
Buffer framed(Bytes message) {
  PW_ASSERT(message.size() <= 0xffff);
  Buffer out(kLengthSize + message.size());
  store_be16(out, 0, static_cast<std::uint16_t>(message.size()));
  store_bytes(out, kLengthSize, message);
  return out;
}

std::optional<Buffer> Deframer::next() {
  if (held_.size() < kLengthSize) return std::nullopt;
  const std::size_t end = kLengthSize + load_be16(held_, 0);
  if (held_.size() < end) return std::nullopt;
  const auto begin = held_.begin() + kLengthSize;
  const auto stop = held_.begin() + static_cast<std::ptrdiff_t>(end);
  Buffer message(begin, stop);
  held_.erase(held_.begin(), stop);
  return message;
}

}  // namespace packetwright::dns
