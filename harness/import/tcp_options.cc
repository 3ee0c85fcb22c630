// SPDX-License-Identifier: Apache-2.0
#include "harness/import/tcp_options.hh"

#include <algorithm>
#include <utility>

#include "stack/base/bytes.hh"

namespace packetwright::import {
namespace {

constexpr std::uint16_t kFastOpenMagic = 0xf989;  // RFC 7413, 4.1.1

script::Octets hex(Buffer octets) {
  script::Octets out;
  out.octets = std::move(octets);
  out.hex = true;
  return out;
}

std::uint32_t rebased(std::uint32_t value, const std::optional<std::uint32_t>& base) {
  return base ? value - *base + 1 : value;
}

script::TcpOption timestamps(const Buffer& data, const OptionBases& bases) {
  script::OptTimestamps out;
  out.val = rebased(load_be32(data, 0), bases.own_timestamp);
  const std::uint32_t echo = load_be32(data, 4);
  out.ecr = echo == 0 || !bases.acks ? echo : rebased(echo, bases.other_timestamp);
  return out;
}

script::TcpOption sack(const Buffer& data, const OptionBases& bases) {
  script::OptSack out;
  for (std::size_t i = 0; i < data.size(); i += 8) {
    out.blocks.push_back(
        {load_be32(data, i) - bases.receiver_isn, load_be32(data, i + 4) - bases.receiver_isn});
  }
  return out;
}

script::TcpOption one_option(const packet::HeaderOption& option, const OptionBases& bases) {
  const Buffer& data = option.data;
  const std::size_t size = data.size();
  switch (option.kind) {
    case 0: return script::OptEol{};
    case 1: return script::OptNop{};
    case 2:
      if (size == 2) return script::OptMss{load_be16(data, 0)};
      break;
    case 3:
      if (size == 1) return script::OptWindowScale{data[0]};
      break;
    case 4:
      if (size == 0) return script::OptSackPermitted{};
      break;
    case 5:
      if (size >= 8 && size <= 32 && size % 8 == 0) return sack(data, bases);
      break;
    case 8:
      if (size == 8) return timestamps(data, bases);
      break;
    case 19:
      if (size == 16) return script::OptMd5{data, false};
      break;
    case 34:
      if (size <= 16) return script::OptFastOpen{data, false};
      break;
    case 254:
      if (size >= 2 && size <= 18 && load_be16(data, 0) == kFastOpenMagic) {
        return script::OptFastOpen{Buffer(data.begin() + 2, data.end()), true};
      }
      break;
    default: break;
  }
  script::OptOther other;
  other.kind = option.kind;
  other.data = hex(data);
  return other;
}

}  // namespace

std::vector<script::TcpOption> script_options(const std::vector<packet::HeaderOption>& options,
                                              const OptionBases& bases) {
  const bool lies = std::any_of(options.begin(), options.end(),
                                [](const auto& option) { return option.length.has_value(); });
  if (lies) {
    Buffer octets = packet::encode_options(options);
    octets.resize((octets.size() + 3) & ~std::size_t{3});
    return {script::OptRaw{hex(std::move(octets))}};
  }
  std::vector<script::TcpOption> out;
  out.reserve(options.size());
  for (const packet::HeaderOption& option : options) out.push_back(one_option(option, bases));
  return out;
}

}  // namespace packetwright::import
