// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv6_extensions.hh"

#include <algorithm>
#include <array>

namespace packetwright::wire {

std::size_t Ipv6Option::read(Bytes header, std::size_t at, Item& item) noexcept {
  const auto type = static_cast<Ipv6OptionType>(header[at]);
  const auto offset = static_cast<std::uint16_t>(at);  // a header has at most 2048 octets
  const std::size_t rest = header.size() - at;
  if (type == Ipv6OptionType::pad1) {  // the one option without a length
    item = Ipv6Option{type, offset, {}};
    return at + 1;
  }
  if (rest < 2) {
    item = fail(ParseErrc::truncated, Layer::ipv6_option, at, 2, rest);
    return header.size();
  }
  const std::size_t data_size = header[at + 1];
  if (data_size > rest - 2) {
    item = fail(ParseErrc::truncated, Layer::ipv6_option, at + 1, 2 + data_size, rest);
    return header.size();
  }
  item = Ipv6Option{type, offset, header.subspan(at + 2, data_size)};
  return at + 2 + data_size;
}

std::optional<Result<Ipv6ExtensionView, ParseError>> Ipv6ExtensionWalk::next() noexcept {
  using Step = Result<Ipv6ExtensionView, ParseError>;
  if (done_ || !is_ipv6_extension(next_)) return std::nullopt;
  if (count_ == kMaxIpv6Extensions) {
    done_ = true;
    return Step{
        fail(ParseErrc::too_many, Layer::ipv6_extension, offset_, kMaxIpv6Extensions, count_ + 1)};
  }
  const Step view = Ipv6ExtensionView::parse(next_, payload_.subspan(offset_));
  if (!view) {
    done_ = true;
    // The place in the chain says more than the place in the header.
    ParseError error = view.error();
    error.offset = static_cast<std::uint16_t>(std::min<std::size_t>(offset_, 0xffff));
    return Step{Err{error}};
  }
  ++count_;
  done_ = view->kind() == IpProtocol::fragment && view->fragment_offset() != 0;
  next_ = view->next_header();
  next_header_offset_ = 40 + offset_;
  offset_ += view->octets().size();
  return view;
}

Result<Ipv6UpperLayer, ParseError> find_upper_layer(IpProtocol first, Bytes payload) noexcept {
  Ipv6ExtensionWalk walk{first, payload};
  Ipv6UpperLayer upper;
  while (const auto step = walk.next()) {
    if (!*step) return Err{step->error()};
    if ((*step)->kind() == IpProtocol::fragment) {
      upper.fragment = **step;
      upper.is_first_fragment = (*step)->fragment_offset() == 0;
    }
  }
  upper.protocol = walk.protocol();
  upper.offset = walk.offset();
  upper.next_header_offset = walk.next_header_offset();
  return upper;
}

Ipv6FragmentFields Ipv6FragmentFields::from(const Ipv6ExtensionView& view) noexcept {
  const Bytes octets = view.octets();
  Ipv6FragmentFields fields;
  fields.next_header = view.next_header();
  fields.reserved = view.hdr_ext_len();
  fields.fragment_offset = view.fragment_offset();
  fields.reserved_bits = (load_u8(octets, 3) >> 1) & 3;
  fields.more_fragments = view.more_fragments();
  fields.id = view.fragment_id();
  return fields;
}

void Ipv6FragmentFields::emit(MutableBytes out) const noexcept {
  const std::uint32_t word =
      (fragment_offset & 0xfff8u) | ((reserved_bits & 3u) << 1) | (more_fragments ? 1u : 0u);
  store_u8(out, 0, static_cast<std::uint8_t>(next_header));
  store_u8(out, 1, reserved);
  store_be16(out, 2, static_cast<std::uint16_t>(word));
  store_be32(out, 4, id);
}

Ipv6ExtensionFields Ipv6ExtensionFields::from(const Ipv6ExtensionView& view) noexcept {
  return {view.next_header(), view.hdr_ext_len(), view.octets().subspan(2)};
}

void Ipv6ExtensionFields::set_lengths() noexcept {
  hdr_ext_len = static_cast<std::uint8_t>(encoded_size() / 8 - 1);
}

void Ipv6ExtensionFields::emit(MutableBytes out) const noexcept {
  store_u8(out, 0, static_cast<std::uint8_t>(next_header));
  store_u8(out, 1, hdr_ext_len);
  store_bytes(out, 2, data);
}

bool operator==(const Ipv6ExtensionFields& a, const Ipv6ExtensionFields& b) noexcept {
  return a.next_header == b.next_header && a.hdr_ext_len == b.hdr_ext_len &&
         same_octets(a.data, b.data);
}

Ipv6OptionWriter& Ipv6OptionWriter::pad1() noexcept {
  if (size_ >= out_.size()) {
    overflowed_ = true;
  } else {
    out_[size_++] = 0;
  }
  return *this;
}

//= RFC8200-4.2-h
Ipv6OptionWriter& Ipv6OptionWriter::padn(std::uint8_t data_size) noexcept {
  if (2u + data_size > out_.size() - size_) {
    overflowed_ = true;
    return *this;
  }
  const MutableBytes option = out_.subspan(size_, 2u + data_size);
  std::fill(option.begin(), option.end(), std::uint8_t{0});
  option[0] = static_cast<std::uint8_t>(Ipv6OptionType::padn);
  option[1] = data_size;
  size_ += option.size();
  return *this;
}

Ipv6OptionWriter& Ipv6OptionWriter::router_alert(std::uint16_t value) noexcept {
  std::array<std::uint8_t, 2> data{};
  store_be16(data, 0, value);
  return raw(Ipv6OptionType::router_alert, data);
}

Ipv6OptionWriter& Ipv6OptionWriter::jumbo(std::uint32_t length) noexcept {
  std::array<std::uint8_t, 4> data{};
  store_be32(data, 0, length);
  return raw(Ipv6OptionType::jumbo, data);
}

Ipv6OptionWriter& Ipv6OptionWriter::raw(Ipv6OptionType type, Bytes data,
                                        std::optional<std::uint8_t> length) noexcept {
  if (data.size() > 0xff || 2 + data.size() > out_.size() - size_) {
    overflowed_ = true;
    return *this;
  }
  out_[size_] = static_cast<std::uint8_t>(type);
  out_[size_ + 1] = length.value_or(static_cast<std::uint8_t>(data.size()));
  store_bytes(out_, size_ + 2, data);
  size_ += 2 + data.size();
  return *this;
}

Ipv6OptionWriter& Ipv6OptionWriter::pad() noexcept {
  const std::size_t missing = (8 - (2 + size_) % 8) % 8;
  if (missing == 1) return pad1();
  if (missing > 1) return padn(static_cast<std::uint8_t>(missing - 2));
  return *this;
}

}  // namespace packetwright::wire
