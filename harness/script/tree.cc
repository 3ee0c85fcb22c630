// SPDX-License-Identifier: Apache-2.0
#include "harness/script/tree.hh"

#include <algorithm>
#include <array>

namespace packetwright::script {
namespace {

constexpr auto kVariantNames =
    std::to_array<std::string_view>({"ipv4", "ipv4-mapped-ipv6", "ipv6"});

struct SizeOf {
  std::size_t operator()(const OptEol&) const noexcept { return 1; }
  std::size_t operator()(const OptNop&) const noexcept { return 1; }
  std::size_t operator()(const OptMss&) const noexcept { return 4; }
  std::size_t operator()(const OptWindowScale&) const noexcept { return 3; }
  std::size_t operator()(const OptSackPermitted&) const noexcept { return 2; }
  std::size_t operator()(const OptSack& option) const noexcept {
    return 2 + 8 * option.blocks.size();
  }
  std::size_t operator()(const OptTimestamps&) const noexcept { return 10; }
  std::size_t operator()(const OptMd5& option) const noexcept {
    return 2 + (option.valid ? 16 : option.digest.size());
  }
  std::size_t operator()(const OptFastOpen& option) const noexcept {
    return (option.experimental ? 4 : 2) + option.cookie.size();
  }
  std::size_t operator()(const OptAccEcn& option) const noexcept {
    return (option.experimental ? 4 : 2) + 3 * option.counters.size();
  }
  std::size_t operator()(const OptAckRate& option) const noexcept { return option.rate ? 5 : 4; }
  std::size_t operator()(const OptOther& option) const noexcept {
    if (!option.data && !option.length) return 1;
    return 2 + (option.data ? option.data->octets.size() : 0);
  }
  std::size_t operator()(const OptRaw& option) const noexcept { return option.data.octets.size(); }
};

}  // namespace

std::size_t encoded_size(const TcpOption& option) noexcept {
  return std::visit(SizeOf{}, option);
}

const Expression* Struct::find(std::string_view name) const noexcept {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

std::string_view name_of(Variant variant) noexcept {
  return kVariantNames[static_cast<std::size_t>(variant)];
}

std::optional<Variant> variant_of(std::string_view name) noexcept {
  if (name == "ipv4_mapped_ipv6") return Variant::ipv4_mapped_ipv6;  // nplab's spelling
  const auto found = std::find(kVariantNames.begin(), kVariantNames.end(), name);
  if (found == kVariantNames.end()) return std::nullopt;
  return static_cast<Variant>(found - kVariantNames.begin());
}

std::optional<std::string_view> Script::option(std::string_view name) const {
  const auto found = std::find_if(options.rbegin(), options.rend(),
                                  [&](const Option& option) { return option.name == name; });
  if (found == options.rend()) return std::nullopt;
  return found->value;
}

std::string_view Script::file_of(const Location& where) const {
  return where.file < files.size() ? std::string_view(files[where.file]) : std::string_view();
}

std::string Script::describe(const Location& where) const {
  return std::string(file_of(where)) + ":" + std::to_string(where.line);
}

}  // namespace packetwright::script
