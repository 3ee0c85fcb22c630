// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_override.hh"

#include <string_view>

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Setting;
using packet::Wide;

class Overrider {
 public:
  Overrider(const CraftContext& context, bool inbound, packet::Packet& out, Layer& ethernet)
      : context_(context),
        settings_(context.settings),
        inbound_(inbound),
        out_(out),
        ethernet_(ethernet) {}

  std::optional<CraftError> apply(const script::Override& one) {
    const std::string full = one.layer + "." + one.field;
    if (full == "frame.padding" && one.how == script::Override::How::set) {
      out_.trailer = static_cast<std::size_t>(number_of(one));
      return std::nullopt;
    }
    Layer* layer = layer_named(one.layer);
    if (layer == nullptr) return wrong(full + ": the packet has no such header");
    if (layer == &ethernet_ && !context_.ethernet) {
      return unsupported(full + ": this target has no Ethernet");
    }
    const auto field = packet::field_named(layer->proto, one.field);
    if (!field.has_value()) {
      return wrong(full + ": " + std::string(packet::name_of(layer->proto)) + " has no such field");
    }
    const bool keeps = one.how == script::Override::How::keep;
    if (keeps || (says_any(one) && !(inbound_ && is_address(*field)))) {
      const std::string word = keeps ? "`keep`" : "`any`";
      if (inbound_) return wrong(full + ": " + word + " is for packets that are expected");
      do_not_compare(*layer, *field);
      return std::nullopt;
    }
    Setting setting{*field, Setting::How::exactly, {}, 0};
    switch (one.how) {
      case script::Override::How::keep: break;  // above
      case script::Override::How::bad: setting.how = Setting::How::bad; break;
      case script::Override::How::add:
        setting.how = Setting::How::plus;
        setting.value = Wide{static_cast<std::uint64_t>(number_of(one))};
        break;
      case script::Override::How::set: {
        const auto value = value_of(one);
        if (!value.has_value()) return wrong(full + ": not a value of this field");
        setting.value = *value;
        break;
      }
    }
    layer->settings.push_back(setting);
    return std::nullopt;
  }

 private:
  static CraftError wrong(std::string reason) { return {false, std::move(reason)}; }
  static CraftError unsupported(std::string reason) { return {true, std::move(reason)}; }

  [[nodiscard]] Layer* layer_named(std::string_view name) {
    if (is_called(Proto::ethernet, name)) return &ethernet_;
    for (auto it = out_.layers.rbegin(); it != out_.layers.rend(); ++it) {
      if (is_called(it->proto, name)) return &*it;
    }
    return nullptr;
  }

  // The parser takes `any` for the unspecified address, which it is in an address that is sent.
  [[nodiscard]] static bool says_any(const script::Override& one) {
    if (const auto* word = std::get_if<std::string>(&one.value)) return *word == "any";
    const auto* address = std::get_if<script::Address>(&one.value);
    return address != nullptr && !address->literal.has_value() && address->name == "any";
  }
  [[nodiscard]] static bool is_address(Field field) {
    const packet::Form form = packet::info_of(field).form;
    return form == packet::Form::ipv4 || form == packet::Form::ipv6;
  }

  // `= any`: nothing is said about the field. A flag of TCP is also part of what `flags` says.
  static void do_not_compare(Layer& layer, Field field) {
    std::erase_if(layer.settings, [field](const Setting& one) { return one.field == field; });
    const packet::FieldInfo& flag = packet::info_of(field);
    const packet::FieldInfo& flags = packet::info_of(Field::tcp_flags);
    if (layer.proto != Proto::tcp || flag.bit < flags.bit ||
        flag.bit + flag.width > flags.bit + flags.width) {
      return;
    }
    const unsigned shift = flags.bit + flags.width - flag.bit - flag.width;
    for (Setting& one : layer.settings) {
      if (one.field != Field::tcp_flags) continue;
      one.not_compared |= static_cast<std::uint16_t>(((1u << flag.width) - 1) << shift);
    }
  }

  [[nodiscard]] static std::int64_t number_of(const script::Override& one) {
    const auto* number = std::get_if<script::Number>(&one.value);
    return number != nullptr ? number->value : 0;
  }

  [[nodiscard]] std::optional<Wide> value_of(const script::Override& one) const {
    if (const auto* number = std::get_if<script::Number>(&one.value)) {
      return Wide{static_cast<std::uint64_t>(number->value)};
    }
    if (const auto* address = std::get_if<script::Address>(&one.value)) {
      const auto resolved = resolve(*address, settings_);
      return resolved.has_value() ? std::optional{Wide{*resolved}} : std::nullopt;
    }
    if (const auto* mac = std::get_if<script::LinkAddress>(&one.value)) {
      const auto resolved = resolve(*mac, settings_);
      return resolved.has_value() ? std::optional{Wide{*resolved}} : std::nullopt;
    }
    if (const auto* word = std::get_if<std::string>(&one.value)) return word_value(*word);
    return std::nullopt;
  }

  // Addresses by their words where a word stands.
  [[nodiscard]] std::optional<Wide> word_value(const std::string& word) const {
    script::Address address;
    address.name = word;
    if (const auto resolved = resolve(address, settings_)) return Wide{*resolved};
    script::LinkAddress mac;
    mac.name = word;
    if (const auto resolved = resolve(mac, settings_)) return Wide{*resolved};
    return std::nullopt;
  }

  const CraftContext& context_;
  const Settings& settings_;
  const bool inbound_;
  packet::Packet& out_;
  Layer& ethernet_;
};

bool is_network(std::string_view layer) {
  return layer == "ip" || layer == "ipv4" || layer == "ipv6" || layer == "eth" ||
         layer == "frame" || layer == "ethernet" || layer == "frag" || layer == "fragment";
}

}  // namespace

bool is_called(Proto proto, std::string_view name) noexcept {
  if (packet::name_of(proto) == name) return true;
  switch (proto) {
    case Proto::ethernet: return name == "eth";
    case Proto::ipv4:
    case Proto::ipv6: return name == "ip";
    case Proto::icmpv4:
    case Proto::icmpv6: return name == "icmp";
    case Proto::fragment: return name == "frag";
    default: return false;
  }
}

std::optional<CraftError> apply_override(const script::Override& one, OverridePlace place,
                                         const CraftContext& context, bool inbound,
                                         packet::Packet& out, Layer& ethernet) {
  if (place == OverridePlace::inside && is_network(one.layer)) return std::nullopt;
  if (place == OverridePlace::outside && !is_network(one.layer)) return std::nullopt;
  return Overrider(context, inbound, out, ethernet).apply(one);
}

}  // namespace packetwright::engine
