// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/dns_text.hh"

#include "harness/packet/text.hh"
#include "stack/wire/dns.hh"

namespace packetwright::packet {
namespace {

std::string type_text(wire::DnsType type) {
  const std::string_view name = wire::name_of(type);
  if (!name.empty()) return std::string(name);
  return "type_" + std::to_string(static_cast<unsigned>(type));
}

std::string quoted(const wire::DnsName& name) {
  return '"' + wire::to_string(name) + '"';
}

std::string_view section_text(wire::DnsSection section) {
  switch (section) {
    case wire::DnsSection::answer: return "answer";
    case wire::DnsSection::authority: return "authority";
    case wire::DnsSection::additional: return "additional";
  }
  return "?";
}

std::string data_text(const wire::DnsRecord& record) {
  if (const auto address = record.address(); address.ok()) return address_text(*address);
  if (const auto target = record.target(); target.ok()) return quoted(*target);
  return "hex \"" + hex_octets(record.rdata) + '"';
}

std::string flags_text(const wire::DnsHeader& header) {
  std::string text;
  const auto add = [&text](bool present, std::string_view word) {
    if (present) text += ' ' + std::string(word);
  };
  add(header.aa, "aa");
  add(header.tc, "tc");
  if (header.rcode != wire::DnsRcode::noerror) {
    const std::string_view name = wire::name_of(header.rcode);
    add(true, name.empty() ? "rcode" : name);
  }
  return text.empty() ? text : " [flags:" + text + "]";
}

}  // namespace

std::string dns_text(Bytes message) {
  const std::string raw = "dns raw hex \"" + hex_octets(message) + '"';
  const auto view = wire::DnsView::parse(message);
  if (!view.ok()) return raw;
  wire::DnsWalk walk(*view);
  const auto question = walk.next_question();
  if (!question.has_value() || !question->ok()) return raw;
  std::string text = view->header().qr ? "dns response " : "dns query ";
  text += quoted((*question)->name) + ' ' + type_text((*question)->type);
  while (const auto record = walk.next_record()) {
    if (!record->ok()) return raw;
    if ((*record)->type == wire::DnsType::opt) continue;  // EDNS is not a record of anything
    text += ", " + std::string(section_text((*record)->section)) + ' ' + quoted((*record)->owner) +
            ' ' + std::to_string((*record)->ttl_s) + ' ' + type_text((*record)->type) + ' ' +
            data_text(**record);
  }
  return text + flags_text(view->header());
}

}  // namespace packetwright::packet
