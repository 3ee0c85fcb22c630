// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/script/icmp_names.hh"
#include "harness/script/tree.hh"

// Which IP versions a script fits.
namespace packetwright::script {
namespace {

// What the text leaves possible.
class Families {
 public:
  void only(Family family) noexcept { (family == Family::ipv4 ? v6_ : v4_) = false; }
  [[nodiscard]] bool has(Family family) const noexcept {
    return family == Family::ipv4 ? v4_ : v6_;
  }

 private:
  bool v4_ = true, v6_ = true;
};

void look_at(const Address& address, Families& out) {
  if (address.literal) out.only(address.literal->family());
  if (address.name == "broadcast" || address.name == "subnet_broadcast") out.only(Family::ipv4);
  if (address.name == "solicited_node") out.only(Family::ipv6);
}

void look_at(const IpInfo& info, Families& out) {
  if (info.dont_fragment || info.more_fragments || info.id || info.offset ||
      !info.options.empty()) {
    out.only(Family::ipv4);
  }
  if (info.flow_label || !info.extensions.empty()) out.only(Family::ipv6);
}

void look_at(const Icmp& icmp, Families& out) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const auto type = icmp_type(family, icmp.type);
    if (type && icmp_code(family, *type, icmp.code)) continue;
    out.only(family == Family::ipv4 ? Family::ipv6 : Family::ipv4);
  }
}

void look_at(const Packet& packet, Families& out) {
  // Under a header of its own the transport may be of either family, so that only what the run's
  // own header says counts, and in front of it the innermost one.
  for (const Encapsulation& outer : packet.encapsulation) {
    const IpHeader* header = std::get_if<IpHeader>(&outer);
    if (header != nullptr && &outer == &packet.encapsulation.back()) out.only(header->family);
  }
  look_at(packet.ip, out);
  if (const Icmp* icmp = packet.as<Icmp>()) look_at(*icmp, out);
  if (packet.as<Arp>() != nullptr) out.only(Family::ipv4);
  for (const Override& entry : packet.overrides) {
    if (entry.layer == "ipv4") out.only(Family::ipv4);
    if (entry.layer == "ipv6" || entry.layer == "icmpv6") out.only(Family::ipv6);
    if (const Address* address = std::get_if<Address>(&entry.value)) look_at(*address, out);
  }
}

void look_at(const Expression& expression, Families& out) {
  if (const InetAddress* address = expression.as<InetAddress>()) out.only(address->family);
  if (const Array* array = expression.as<Array>()) {
    for (const Expression& element : array->elements) look_at(element, out);
  }
  if (const Struct* value = expression.as<Struct>()) {
    for (const Member& member : value->members) look_at(member.value, out);
  }
}

}  // namespace

std::vector<Variant> variants(const Script& script) {
  if (!script.metadata.variants.empty()) return script.metadata.variants;
  if (const auto named = script.option("ip_version")) {
    if (const auto variant = variant_of(*named)) return {*variant};
  }
  Families families;
  for (const Event& event : script.events) {
    if (const Packet* packet = event.as<Packet>()) look_at(*packet, families);
    if (const SystemCall* call = event.as<SystemCall>()) {
      for (const Expression& argument : call->arguments) look_at(argument, families);
    }
  }
  // A text bound to both is left to the run, which will say what does not fit.
  if (!families.has(Family::ipv4) && !families.has(Family::ipv6)) return {Variant::ipv4};
  std::vector<Variant> fitting;
  if (families.has(Family::ipv4)) fitting.push_back(Variant::ipv4);
  if (families.has(Family::ipv6)) fitting.push_back(Variant::ipv6);
  return fitting;
}

}  // namespace packetwright::script
