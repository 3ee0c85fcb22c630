// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/signature.hh"

#include <algorithm>

#include "harness/packet/md5.hh"

namespace packetwright::engine {
namespace {

constexpr std::uint8_t kKind = 19;

}  // namespace

bool wants_signature(const script::Packet& packet) {
  const auto* tcp = packet.as<script::Tcp>();
  return tcp != nullptr &&
         std::any_of(tcp->options.begin(), tcp->options.end(), [](const auto& one) {
           const auto* md5 = std::get_if<script::OptMd5>(&one);
           return md5 != nullptr && md5->valid;
         });
}

std::optional<CraftError> fill_signature(packet::Packet& crafted, const packet::Dissected& wire,
                                         const Settings& settings) {
  if (settings.md5_secret.empty()) {
    return CraftError{false, "'md5 valid' needs a secret: --tcp_md5_secret=SECRET"};
  }
  packet::Layer* tcp = crafted.find(packet::Proto::tcp);
  const auto digest = packet::tcp_signature(wire, settings.md5_secret);
  if (tcp == nullptr || !tcp->options.has_value() || !digest.has_value()) return std::nullopt;
  for (packet::HeaderOption& option : *tcp->options) {
    if (option.kind == kKind) option.data.assign(digest->begin(), digest->end());
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
