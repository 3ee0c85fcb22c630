// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_arp.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Wide;

class ArpCrafter {
 public:
  ArpCrafter(const script::Arp& arp, const CraftContext& context, bool inbound, packet::Packet& out,
             LinkAddresses& link)
      : arp_(arp), settings_(context.settings), inbound_(inbound), out_(out), link_(link) {}

  std::optional<CraftError> run() {
    Layer layer(Proto::arp);
    const auto sender = resolve(arp_.sender, settings_);
    const auto target = resolve(arp_.target, settings_);
    if (arp_.form != script::ArpForm::probe && !sender.has_value()) {
      return wrong("unknown address '" + arp_.sender.name + "'");
    }
    const bool wants_target =
        arp_.form == script::ArpForm::who_has || arp_.form == script::ArpForm::probe;
    if (wants_target && !target.has_value()) {
      return wrong("unknown address '" + arp_.target.name + "'");
    }
    const bool reply = arp_.form == script::ArpForm::reply;
    layer.set(Field::arp_op, reply ? 2 : 1);
    const IpAddress asker = inbound_ ? settings_.config.local4.address : IpAddress{};
    switch (arp_.form) {
      case script::ArpForm::who_has:
        layer.set(Field::arp_sender_ip, Wide{*sender});
        layer.set(Field::arp_target_ip, Wide{*target});
        break;
      case script::ArpForm::reply:
        layer.set(Field::arp_sender_ip, Wide{*sender});
        if (target.has_value()) {
          layer.set(Field::arp_target_ip, Wide{*target});
        } else if (inbound_) {
          layer.set(Field::arp_target_ip, Wide{asker});
        }
        break;
      case script::ArpForm::probe:  // RFC 5227, 2.1.1
        layer.set(Field::arp_sender_ip, 0);
        layer.set(Field::arp_target_ip, Wide{*target});
        break;
      case script::ArpForm::announce:  // RFC 5227, 2.3
        layer.set(Field::arp_sender_ip, Wide{*sender});
        layer.set(Field::arp_target_ip, Wide{*sender});
        break;
    }
    return hardware(std::move(layer));
  }

  std::optional<CraftError> hardware(Layer layer) {
    const bool reply = arp_.form == script::ArpForm::reply;
    const MacAddress own = inbound_ ? settings_.config.peer_mac : settings_.config.local_mac;
    MacAddress sender = own;
    if (arp_.sender_mac.has_value()) {
      const auto mac = resolve(*arp_.sender_mac, settings_);
      if (!mac.has_value()) return wrong("unknown address '" + arp_.sender_mac->name + "'");
      sender = *mac;
    }
    layer.set(Field::arp_sender_mac, Wide{sender});
    link_.src = inbound_ ? std::optional{sender} : std::nullopt;
    std::optional<MacAddress> target;
    if (arp_.target_mac.has_value()) {
      target = resolve(*arp_.target_mac, settings_);
      if (!target.has_value()) return wrong("unknown address '" + arp_.target_mac->name + "'");
    }
    if (target.has_value()) {
      layer.set(Field::arp_target_mac, Wide{*target});
    } else if (inbound_ && reply) {
      layer.set(Field::arp_target_mac, Wide{settings_.config.local_mac});
    }
    if (inbound_) {
      link_.dst = reply ? target.value_or(settings_.config.local_mac) : MacAddress::broadcast();
    }
    out_.layers.push_back(std::move(layer));
    return std::nullopt;
  }

 private:
  static CraftError wrong(std::string reason) { return {false, std::move(reason)}; }

  const script::Arp& arp_;
  const Settings& settings_;
  const bool inbound_;
  packet::Packet& out_;
  LinkAddresses& link_;
};

}  // namespace

std::optional<CraftError> craft_arp(const script::Arp& arp, const CraftContext& context,
                                    bool inbound, packet::Packet& out, LinkAddresses& link) {
  return ArpCrafter(arp, context, inbound, out, link).run();
}

}  // namespace packetwright::engine
