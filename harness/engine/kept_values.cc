// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/kept_values.hh"

#include <algorithm>

#include "harness/engine/craft_override.hh"

namespace packetwright::engine {
namespace {

constexpr unsigned kLeastWidth = 8, kMostWidth = 32;

// The innermost header of that name.
const packet::Part* part_called(const packet::Dissected& frame, std::string_view name) {
  const auto& parts = frame.parts();
  const auto found = std::find_if(parts.rbegin(), parts.rend(), [name](const packet::Part& part) {
    return !part.quoted && is_called(part.proto, name);
  });
  return found == parts.rend() ? nullptr : &*found;
}

std::optional<std::string> keep_value(const script::Override& one, const packet::Dissected& frame,
                                      KeptValues& kept) {
  const std::string full = one.layer + "." + one.field;
  const packet::Part* part = part_called(frame, one.layer);
  const auto field = part == nullptr ? std::nullopt : packet::field_named(part->proto, one.field);
  const auto value = field.has_value() ? frame.get(*part, *field) : std::nullopt;
  if (!value.has_value()) return full + ": the packet has no such field to keep";
  const unsigned width = packet::info_of(*field).width;
  if (width < kLeastWidth || width > kMostWidth) {
    return full + ": a field that is kept has 8 to 32 bits, and this one " + std::to_string(width);
  }
  const auto& name = std::get<std::string>(one.value);
  if (kept.add(name, width, static_cast<std::uint32_t>(value->low))) return std::nullopt;
  return full + ": what was kept as " + name + " before has another width";
}

}  // namespace

bool KeptValues::add(std::string_view name, unsigned width, std::uint32_t value) {
  List& list = lists_[std::string(name)];
  if (list.values.empty()) list.width = width;
  if (list.width != width) return false;
  list.values.push_back(value);
  return true;
}

const KeptValues::List* KeptValues::find(std::string_view name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : &found->second;
}

std::optional<std::string> keep_values(const script::Packet& packet, const packet::Dissected& frame,
                                       KeptValues& kept) {
  for (const script::Override& one : packet.overrides) {
    if (one.how != script::Override::How::keep) continue;
    if (auto error = keep_value(one, frame, kept)) return error;
  }
  return std::nullopt;
}

bool follow_from_one_another(const KeptValues::List& list) {
  const std::uint64_t range = std::uint64_t{1} << list.width;
  const std::uint64_t near = std::uint64_t{1} << (list.width / 2);
  const auto& values = list.values;
  for (std::size_t i = 2; i < values.size(); ++i) {
    // How much this step differs from the one before; all numbers wrap around.
    const std::uint64_t change =
        (std::uint64_t{values[i]} - 2 * std::uint64_t{values[i - 1]} + values[i - 2]) % range;
    if (change > near && change < range - near) return false;
  }
  return true;
}

std::size_t values_needed(unsigned width) noexcept {
  // Each value beyond the second is near where it would have to be with a chance of
  // 2^(width/2 + 1) in 2^width.
  const unsigned bits_each = width - width / 2 - 1;
  return 2 + (40 + bits_each - 1) / bits_each;
}

}  // namespace packetwright::engine
