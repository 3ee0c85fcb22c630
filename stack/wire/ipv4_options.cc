// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv4_options.hh"

#include <algorithm>

namespace packetwright::wire {

std::size_t Ipv4Option::read(Bytes options, std::size_t at, Item& item) noexcept {
  const auto type = static_cast<Ipv4OptionType>(options[at]);
  const auto offset = static_cast<std::uint8_t>(std::min<std::size_t>(at, 0xff));
  const std::size_t rest = options.size() - at;
  if (type == Ipv4OptionType::eol || type == Ipv4OptionType::nop) {
    item = Ipv4Option{type, offset, {}};
    return type == Ipv4OptionType::eol ? options.size() : at + 1;
  }
  if (rest < 2) {
    item = fail(ParseErrc::truncated, Layer::ipv4_option, at, 2, rest);
    return options.size();
  }
  const std::size_t length = options[at + 1];
  if (length < 2) {
    item = fail(ParseErrc::bad_length, Layer::ipv4_option, at + 1, 2, length);
    return options.size();
  }
  if (length > rest) {
    item = fail(ParseErrc::truncated, Layer::ipv4_option, at + 1, length, rest);
    return options.size();
  }
  item = Ipv4Option{type, offset, options.subspan(at + 2, length - 2)};
  return at + length;
}

Ipv4OptionWriter& Ipv4OptionWriter::single(Ipv4OptionType type) noexcept {
  if (size_ >= out_.size()) {
    overflowed_ = true;
  } else {
    out_[size_++] = static_cast<std::uint8_t>(type);
  }
  return *this;
}

MutableBytes Ipv4OptionWriter::claim(Ipv4OptionType type, std::size_t data_size) noexcept {
  const std::size_t size = 2 + data_size;
  if (size > out_.size() - size_ || size > 0xff) {
    overflowed_ = true;
    return {};
  }
  const MutableBytes option = out_.subspan(size_, size);
  option[0] = static_cast<std::uint8_t>(type);
  option[1] = static_cast<std::uint8_t>(size);
  size_ += size;
  return option;
}

Ipv4OptionWriter& Ipv4OptionWriter::route(Ipv4OptionType type, std::uint8_t pointer,
                                          std::span<const IpAddress> addresses) noexcept {
  const MutableBytes option = claim(type, 1 + addresses.size() * 4);
  if (option.empty()) return *this;
  store_u8(option, 2, pointer);
  std::size_t at = 3;
  for (const IpAddress& address : addresses) {
    store_be32(option, at, address.v4_value());
    at += 4;
  }
  return *this;
}

Ipv4OptionWriter& Ipv4OptionWriter::timestamp(const Ipv4Timestamp& timestamp) noexcept {
  const MutableBytes option = claim(Ipv4OptionType::timestamp, 2 + timestamp.entries.size());
  if (option.empty()) return *this;
  store_u8(option, 2, timestamp.pointer);
  store_u8(option, 3,
           static_cast<std::uint8_t>((timestamp.overflow << 4) |
                                     (static_cast<std::uint8_t>(timestamp.flag) & 0x0f)));
  store_bytes(option, 4, timestamp.entries);
  return *this;
}

Ipv4OptionWriter& Ipv4OptionWriter::router_alert(std::uint16_t value) noexcept {
  const MutableBytes option = claim(Ipv4OptionType::router_alert, 2);
  if (!option.empty()) store_be16(option, 2, value);
  return *this;
}

Ipv4OptionWriter& Ipv4OptionWriter::raw(Ipv4OptionType type, Bytes data,
                                        std::optional<std::uint8_t> length) noexcept {
  if (const MutableBytes option = claim(type, data.size()); !option.empty()) {
    if (length) option[1] = *length;
    store_bytes(option, 2, data);
  }
  return *this;
}

Ipv4OptionWriter& Ipv4OptionWriter::pad() noexcept {
  while (size_ % 4 != 0 && !overflowed_) eol();
  return *this;
}

}  // namespace packetwright::wire
