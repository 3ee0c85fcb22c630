// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_dns.hh"

#include <array>
#include <charconv>

#include "harness/packet/text.hh"
#include "stack/wire/dns.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;

std::optional<wire::DnsType> type_named(std::string_view name) {
  if (const auto type = wire::dns_type_by_name(name)) return type;
  constexpr std::string_view kPrefix = "type_";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return static_cast<wire::DnsType>(number);
}

std::string type_text(wire::DnsType type) {
  const std::string_view name = wire::name_of(type);
  if (!name.empty()) return std::string(name);
  return "type_" + std::to_string(static_cast<unsigned>(type));
}

Result<wire::DnsName, CraftError> name_of_text(const std::string& text) {
  const auto name = wire::DnsName::from_text(text);
  if (!name.ok()) return Err{CraftError{false, "'" + text + "' is not a domain name"}};
  return *name;
}

// A word behind `flags`: a header bit, or the name of a response code.
std::optional<CraftError> apply_flag(const std::string& word, wire::DnsHeader& header) {
  if (word == "qr" || word == "noqr") {
    header.qr = word == "qr";
  } else if (word == "aa") {
    header.aa = true;
  } else if (word == "tc") {
    header.tc = true;
  } else if (word == "rd") {
    header.rd = true;
  } else if (word == "ra") {
    header.ra = true;
  } else if (word == "ad") {
    header.z |= 2;
  } else if (word == "cd") {
    header.z |= 1;
  } else if (const auto rcode = wire::dns_rcode_by_name(word)) {
    header.rcode = *rcode;
  } else {
    return CraftError{false, "unknown DNS flag '" + word + "'"};
  }
  return std::nullopt;
}

// RDATA from what follows the type of a record: addresses, names, numbers and octets in order.
Result<Buffer, CraftError> rdata_of(const script::DnsRecord& record) {
  Buffer octets;
  const bool strings = record.type == "TXT";
  // An MX preference has two octets, the numbers of an SOA record four (RFC 1035, 3.3).
  const int width = record.type == "SOA" ? 4 : 2;
  for (const auto& item : record.data) {
    if (const auto* address = std::get_if<IpAddress>(&item)) {
      octets.insert(octets.end(), address->octets().begin(), address->octets().end());
    } else if (const auto* text = std::get_if<script::Text>(&item); text != nullptr && strings) {
      octets.push_back(static_cast<std::uint8_t>(text->octets.size()));
      octets.insert(octets.end(), text->octets.begin(), text->octets.end());
    } else if (text != nullptr) {
      const auto name = name_of_text(text->octets);
      if (!name.ok()) return Err{name.error()};
      octets.insert(octets.end(), name->octets().begin(), name->octets().end());
    } else if (const auto* number = std::get_if<script::Number>(&item)) {
      for (int i = width - 1; i >= 0; --i) {
        octets.push_back(static_cast<std::uint8_t>(number->value >> (8 * i)));
      }
    } else if (const auto* raw = std::get_if<script::Octets>(&item)) {
      octets.insert(octets.end(), raw->octets.begin(), raw->octets.end());
    }
  }
  return octets;
}

wire::DnsSection section_of(script::DnsSection section) {
  switch (section) {
    case script::DnsSection::answer: return wire::DnsSection::answer;
    case script::DnsSection::authority: return wire::DnsSection::authority;
    case script::DnsSection::additional: return wire::DnsSection::additional;
  }
  return wire::DnsSection::answer;
}

Result<Buffer, CraftError> message_of(const script::Dns& dns, std::uint16_t id) {
  wire::DnsHeader header;
  header.id = id;
  header.qr = dns.form == script::DnsForm::response;
  header.rd = true;
  header.ra = header.qr;
  for (const std::string& word : dns.flags) {
    if (auto error = apply_flag(word, header)) return Err{*error};
  }
  Buffer space(std::size_t{64} * 1024);
  wire::DnsWriter writer(space, header, wire::DnsCompression::off);
  const auto name = name_of_text(dns.name.octets);
  if (!name.ok()) return Err{name.error()};
  const auto type = type_named(dns.type);
  if (!type.has_value()) return Err{CraftError{false, "unknown DNS type '" + dns.type + "'"}};
  writer.question({*name, *type, wire::DnsClass::in});
  for (const script::DnsRecord& record : dns.records) {
    const auto owner = name_of_text(record.name.octets);
    if (!owner.ok()) return Err{owner.error()};
    const auto record_type = type_named(record.type);
    if (!record_type.has_value()) {
      return Err{CraftError{false, "unknown DNS type '" + record.type + "'"}};
    }
    const auto rdata = rdata_of(record);
    if (!rdata.ok()) return Err{rdata.error()};
    const auto cls = record.dns_class.has_value()
                         ? static_cast<wire::DnsClass>(record.dns_class->u16())
                         : wire::DnsClass::in;
    writer.record(section_of(record.section), *owner, *record_type, cls, record.ttl.u32(), *rdata);
  }
  if (writer.overflowed()) return Err{CraftError{false, "the DNS message is too long"}};
  return Buffer(writer.written().begin(), writer.written().end());
}

// The id of the query that a response answers.
std::uint16_t last_id(const CraftContext& context) {
  if (context.connection == nullptr || !context.connection->last_out.has_value()) return 0;
  const auto id = context.connection->last_out->get(Field::dns_id);
  return id.has_value() ? static_cast<std::uint16_t>(id->low) : std::uint16_t{0};
}

std::string_view name_of(wire::DnsSection section) {
  switch (section) {
    case wire::DnsSection::answer: return "answer";
    case wire::DnsSection::authority: return "authority";
    case wire::DnsSection::additional: return "additional";
  }
  return {};
}

// Whether a message holds a record that the script wrote. OPT keeps more than a time in its TTL and
// a size in its class, which the script writes as such.
bool holds(const wire::DnsView& view, const script::DnsRecord& wanted) {
  const auto owner = wire::DnsName::from_text(wanted.name.octets);
  const auto type = type_named(wanted.type);
  const auto rdata = rdata_of(wanted);
  if (!owner.ok() || !type.has_value() || !rdata.ok()) return false;
  const std::uint16_t cls = wanted.dns_class.has_value() ? wanted.dns_class->u16() : 1;
  wire::DnsWalk walk(view);
  while (const auto item = walk.next_record()) {
    if (!item->ok()) return false;
    const wire::DnsRecord& record = **item;
    // Names in data may be compressed: those are compared by what they say.
    const auto target = record.target();
    const Bytes data = target.ok() ? target->octets() : record.rdata;
    if (record.section == section_of(wanted.section) && wire::same_name(record.owner, *owner) &&
        record.type == *type && static_cast<std::uint16_t>(record.cls) == cls &&
        record.ttl_s == wanted.ttl.u32() && same_octets(data, *rdata)) {
      return true;
    }
  }
  return false;
}

void differ(std::vector<packet::Difference>& out, std::string name, std::string want,
            std::string got) {
  if (want != got) out.push_back({std::move(name), std::move(want), std::move(got)});
}

}  // namespace

std::optional<CraftError> craft_dns(const script::Dns& dns, const CraftContext& context,
                                    bool inbound, packet::Packet& out) {
  Layer udp(Proto::udp);
  if (dns.ports.has_value()) {
    udp.set(Field::udp_src_port, dns.ports->src.u16());
    udp.set(Field::udp_dst_port, dns.ports->dst.u16());
  } else if (inbound && context.connection != nullptr) {
    udp.set(Field::udp_src_port, context.connection->remote.port);
    udp.set(Field::udp_dst_port, context.connection->local.port);
  } else if (!inbound) {
    udp.set(Field::udp_dst_port, wire::kDnsPort);
  }
  out.layers.push_back(std::move(udp));
  Layer layer(Proto::dns);
  if (!inbound) {
    wire::DnsHeader header;
    header.qr = dns.form == script::DnsForm::response;
    for (const std::string& word : dns.flags) {
      if (auto error = apply_flag(word, header)) return error;
    }
    layer.set(Field::dns_qr, header.qr ? 1 : 0);
    out.layers.push_back(std::move(layer));
    return std::nullopt;
  }
  Buffer message;
  if (dns.form == script::DnsForm::raw) {
    if (dns.raw.has_value()) message = dns.raw->octets;
    if (message.size() < wire::kDnsHeaderSize) {  // too short to have fields
      out.payload = std::move(message);
      return std::nullopt;
    }
  } else {
    auto made = message_of(dns, last_id(context));
    if (!made.ok()) return made.error();
    message = std::move(*made);
  }
  for (const Field field : packet::fields_of(Proto::dns)) {
    layer.set(field, packet::read_field(message, field));
  }
  layer.rest = Buffer(message.begin() + wire::kDnsHeaderSize, message.end());
  out.layers.push_back(std::move(layer));
  out.payload = Buffer{};
  return std::nullopt;
}

std::vector<packet::Difference> compare_dns(const script::Dns& dns,
                                            const packet::Dissected& frame) {
  std::vector<packet::Difference> out;
  const packet::Part* part = frame.find(Proto::dns);
  if (part == nullptr) return out;  // the headers differ, which was said already
  const Bytes message = Bytes{frame.octets()}.subspan(part->offset, part->end - part->offset);
  if (dns.form == script::DnsForm::raw) {
    const Bytes want = dns.raw.has_value() ? Bytes{dns.raw->octets} : Bytes{};
    differ(out, "dns", packet::payload_text(want), packet::payload_text(message));
    return out;
  }
  const auto view = wire::DnsView::parse(message);
  if (!view.ok()) {
    out.push_back({"dns", "a message", "malformed"});
    return out;
  }
  wire::DnsWalk walk(*view);
  const auto question = walk.next_question();
  if (!question.has_value() || !question->ok()) {
    out.push_back({"dns.question", "\"" + dns.name.octets + "\" " + dns.type, "none"});
    return out;
  }
  const auto name = wire::DnsName::from_text(dns.name.octets);
  if (!name.ok() || !wire::same_name(*name, (*question)->name)) {
    differ(out, "dns.name", dns.name.octets, wire::to_string((*question)->name));
  }
  differ(out, "dns.type", dns.type, type_text((*question)->type));
  const wire::DnsHeader& got = view->header();
  for (const std::string& word : dns.flags) {
    wire::DnsHeader one;
    static_cast<void>(apply_flag(word, one));
    const bool present = (!one.aa || got.aa) && (!one.tc || got.tc) && (!one.rd || got.rd) &&
                         (!one.ra || got.ra) && (one.z & ~got.z) == 0 &&
                         (wire::dns_rcode_by_name(word) ? got.rcode == one.rcode : true);
    if (!present) out.push_back({"dns.flags", word, "none"});
  }
  // What the script does not mention may be there.
  for (const script::DnsRecord& record : dns.records) {
    if (holds(*view, record)) continue;
    out.push_back({"dns.record",
                   std::string(name_of(section_of(record.section))) + " \"" + record.name.octets +
                       "\" " + record.type,
                   "none like it"});
  }
  return out;
}

}  // namespace packetwright::engine
