// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/dns.hh"

namespace packetwright::wire {
namespace {

struct TypeName {
  DnsType type;
  std::string_view name;
};

constexpr TypeName kTypeNames[] = {
    {DnsType::a, "A"},     {DnsType::ns, "NS"},     {DnsType::cname, "CNAME"},
    {DnsType::soa, "SOA"}, {DnsType::ptr, "PTR"},   {DnsType::mx, "MX"},
    {DnsType::txt, "TXT"}, {DnsType::aaaa, "AAAA"}, {DnsType::opt, "OPT"},
    {DnsType::any, "ANY"},
};

struct RcodeName {
  DnsRcode rcode;
  std::string_view name;
};

constexpr RcodeName kRcodeNames[] = {
    {DnsRcode::noerror, "noerror"},   {DnsRcode::formerr, "formerr"},
    {DnsRcode::servfail, "servfail"}, {DnsRcode::nxdomain, "nxdomain"},
    {DnsRcode::notimp, "notimp"},     {DnsRcode::refused, "refused"},
};

Err<ParseError> bad_dns(ParseErrc code, std::size_t at, std::size_t need,
                        std::size_t have) noexcept {
  return fail(code, Layer::dns, at, need, have);
}

// A name inside RDATA. It starts there and its uncompressed part ends there, too.
Result<DecodedDnsName, ParseError> name_in_rdata(const DnsRecord& record,
                                                 std::size_t start) noexcept {
  const std::size_t end = record.rdata_offset + record.rdata.size();
  // Pointers lead out of RDATA, but only backwards: nothing behind its end is ever read.
  auto read = DnsName::decode(record.message.first(end), record.rdata_offset + start);
  return read;
}

Result<void, ParseError> check_rdata(const DnsRecord& record) noexcept {
  const auto verdict = [](const auto& read) -> Result<void, ParseError> {
    if (!read) return Err{read.error()};
    return {};
  };
  switch (record.type) {
    case DnsType::a:
    case DnsType::aaaa: return verdict(record.address());
    case DnsType::ns:
    case DnsType::cname:
    case DnsType::ptr: return verdict(record.target());
    case DnsType::soa: return verdict(record.soa());
    case DnsType::mx: return verdict(record.mx());
    case DnsType::txt: return verdict(record.txt());
    case DnsType::opt: return verdict(record.opt());
    case DnsType::any: break;
  }
  //= RFC1123-6.1.3.5-a
  return {};  // a type we do not know, which is no reason to refuse the message
}

}  // namespace

std::string_view name_of(DnsType type) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return {};
}

std::optional<DnsType> dns_type_by_name(std::string_view name) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

std::string_view name_of(DnsRcode rcode) noexcept {
  for (const RcodeName& entry : kRcodeNames) {
    if (entry.rcode == rcode) return entry.name;
  }
  return {};
}

std::optional<DnsRcode> dns_rcode_by_name(std::string_view name) noexcept {
  for (const RcodeName& entry : kRcodeNames) {
    if (entry.name == name) return entry.rcode;
  }
  return std::nullopt;
}

Result<DnsHeader, ParseError> DnsHeader::parse(Bytes message) noexcept {
  if (message.size() < kDnsHeaderSize) {
    return bad_dns(ParseErrc::truncated, 0, kDnsHeaderSize, message.size());
  }
  const std::uint16_t flags = load_be16(message, 2);
  DnsHeader header;
  header.id = load_be16(message, 0);
  header.qr = (flags & 0x8000) != 0;
  header.opcode = (flags >> 11) & 0x0f;
  header.aa = (flags & 0x0400) != 0;
  header.tc = (flags & 0x0200) != 0;
  header.rd = (flags & 0x0100) != 0;
  header.ra = (flags & 0x0080) != 0;
  header.z = (flags >> 4) & 7;
  header.rcode = static_cast<DnsRcode>(flags & 0x0f);
  header.question_count = load_be16(message, 4);
  header.answer_count = load_be16(message, 6);
  header.authority_count = load_be16(message, 8);
  header.additional_count = load_be16(message, 10);
  return header;
}

void DnsHeader::emit(MutableBytes out) const noexcept {
  const std::uint32_t flags = (qr ? 0x8000u : 0u) | ((opcode & 0x0fu) << 11) | (aa ? 0x0400u : 0u) |
                              (tc ? 0x0200u : 0u) | (rd ? 0x0100u : 0u) | (ra ? 0x0080u : 0u) |
                              ((z & 7u) << 4) | (static_cast<std::uint8_t>(rcode) & 0x0fu);
  store_be16(out, 0, id);
  store_be16(out, 2, static_cast<std::uint16_t>(flags));
  store_be16(out, 4, question_count);
  store_be16(out, 6, answer_count);
  store_be16(out, 8, authority_count);
  store_be16(out, 10, additional_count);
}

Result<DnsTxt, ParseError> DnsTxt::parse(Bytes rdata) noexcept {
  for (std::size_t at = 0; at < rdata.size(); at += 1u + rdata[at]) {
    if (rdata.size() - at - 1 < rdata[at]) {
      return bad_dns(ParseErrc::truncated, at, at + 1u + rdata[at], rdata.size());
    }
  }
  return DnsTxt{rdata};
}

std::size_t DnsTxt::count() const noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < rdata_.size(); at += 1u + rdata_[at]) ++count;
  return count;
}

Bytes DnsTxt::string(std::size_t index) const noexcept {
  std::size_t at = 0;
  for (; index > 0; --index) at += 1u + load_u8(rdata_, at);
  return rdata_.subspan(at + 1, load_u8(rdata_, at));
}

Result<IpAddress, ParseError> DnsRecord::address() const noexcept {
  if (type != DnsType::a && type != DnsType::aaaa) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::a),
                   static_cast<std::size_t>(type));
  }
  //= RFC1035-4.1.3-b
  //= RFC3596-2.2-a
  const std::size_t size = type == DnsType::a ? 4 : 16;
  if (rdata.size() != size) {
    return bad_dns(ParseErrc::bad_length, rdata_offset, size, rdata.size());
  }
  return IpAddress::from_octets(rdata);
}

Result<DnsName, ParseError> DnsRecord::target() const noexcept {
  if (type != DnsType::cname && type != DnsType::ns && type != DnsType::ptr) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::cname),
                   static_cast<std::size_t>(type));
  }
  const auto read = name_in_rdata(*this, 0);
  if (!read) return Err{read.error()};
  if (read->end != rdata_offset + rdata.size()) {
    return bad_dns(ParseErrc::bad_length, rdata_offset, read->end - rdata_offset, rdata.size());
  }
  return read->name;
}

Result<DnsMx, ParseError> DnsRecord::mx() const noexcept {
  if (type != DnsType::mx) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::mx),
                   static_cast<std::size_t>(type));
  }
  if (rdata.size() < 3) return bad_dns(ParseErrc::bad_length, rdata_offset, 3, rdata.size());
  const auto read = name_in_rdata(*this, 2);
  if (!read) return Err{read.error()};
  if (read->end != rdata_offset + rdata.size()) {
    return bad_dns(ParseErrc::bad_length, rdata_offset, read->end - rdata_offset, rdata.size());
  }
  return DnsMx{load_be16(rdata, 0), read->name};
}

Result<DnsSoa, ParseError> DnsRecord::soa() const noexcept {
  if (type != DnsType::soa) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::soa),
                   static_cast<std::size_t>(type));
  }
  const auto mname = name_in_rdata(*this, 0);
  if (!mname) return Err{mname.error()};
  const auto rname = name_in_rdata(*this, mname->end - rdata_offset);
  if (!rname) return Err{rname.error()};
  const std::size_t numbers = rname->end - rdata_offset;
  if (rdata.size() != numbers + 20) {
    return bad_dns(ParseErrc::bad_length, rdata_offset, numbers + 20, rdata.size());
  }
  return DnsSoa{mname->name,
                rname->name,
                load_be32(rdata, numbers),
                load_be32(rdata, numbers + 4),
                load_be32(rdata, numbers + 8),
                load_be32(rdata, numbers + 12),
                load_be32(rdata, numbers + 16)};
}

Result<DnsTxt, ParseError> DnsRecord::txt() const noexcept {
  if (type != DnsType::txt) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::txt),
                   static_cast<std::size_t>(type));
  }
  return DnsTxt::parse(rdata);
}

Result<DnsOpt, ParseError> DnsRecord::opt() const noexcept {
  if (type != DnsType::opt) {
    return bad_dns(ParseErrc::bad_value, rdata_offset, static_cast<std::size_t>(DnsType::opt),
                   static_cast<std::size_t>(type));
  }
  return DnsOpt{static_cast<std::uint16_t>(cls), static_cast<std::uint8_t>(ttl_s >> 24),
                static_cast<std::uint8_t>(ttl_s >> 16), (ttl_s & 0x8000) != 0, rdata};
}

Result<DnsView, ParseError> DnsView::parse(Bytes message) noexcept {
  const auto header = DnsHeader::parse(message);
  if (!header) return Err{header.error()};
  return DnsView{message, *header};
}

Result<void, ParseError> DnsView::check() const noexcept {
  DnsWalk walk{*this};
  while (const auto question = walk.next_question()) {
    if (!*question) return Err{question->error()};
  }
  while (const auto record = walk.next_record()) {
    if (!*record) return Err{record->error()};
    if (const auto verdict = check_rdata(**record); !verdict) return verdict;
  }
  return {};
}

std::optional<Result<DnsQuestion, ParseError>> DnsWalk::next_question() noexcept {
  using Item = Result<DnsQuestion, ParseError>;
  if (failed_ || questions_read_ == header_.question_count) return std::nullopt;
  failed_ = true;  // until the item is read whole
  const auto name = DnsName::decode(message_, offset_);
  if (!name) return Item{Err{name.error()}};
  if (message_.size() - name->end < 4) {
    return Item{bad_dns(ParseErrc::truncated, name->end, name->end + 4, message_.size())};
  }
  const DnsQuestion question{name->name, static_cast<DnsType>(load_be16(message_, name->end)),
                             static_cast<DnsClass>(load_be16(message_, name->end + 2))};
  offset_ = name->end + 4;
  ++questions_read_;
  failed_ = false;
  return Item{question};
}

std::optional<Result<DnsRecord, ParseError>> DnsWalk::next_record() noexcept {
  using Item = Result<DnsRecord, ParseError>;
  while (const auto question = next_question()) {
    if (!*question) return Item{Err{question->error()}};
  }
  const std::size_t answers = header_.answer_count;
  const std::size_t authorities = answers + header_.authority_count;
  if (failed_ || records_read_ == authorities + header_.additional_count) return std::nullopt;
  failed_ = true;  // until the item is read whole
  const auto owner = DnsName::decode(message_, offset_);
  if (!owner) return Item{Err{owner.error()}};
  const std::size_t at = owner->end;
  if (message_.size() - at < 10) {
    return Item{bad_dns(ParseErrc::truncated, at, at + 10, message_.size())};
  }
  const std::size_t rdlength = load_be16(message_, at + 8);
  const std::size_t rdata_offset = at + 10;
  //= RFC1035-4.1.3-b
  if (message_.size() - rdata_offset < rdlength) {
    return Item{bad_dns(ParseErrc::truncated, at + 8, rdata_offset + rdlength, message_.size())};
  }
  DnsRecord record;
  record.section = records_read_ < answers       ? DnsSection::answer
                   : records_read_ < authorities ? DnsSection::authority
                                                 : DnsSection::additional;
  record.owner = owner->name;
  record.type = static_cast<DnsType>(load_be16(message_, at));
  record.cls = static_cast<DnsClass>(load_be16(message_, at + 2));
  record.ttl_s = load_be32(message_, at + 4);
  record.rdata = message_.subspan(rdata_offset, rdlength);
  record.message = message_;
  record.rdata_offset = rdata_offset;
  offset_ = rdata_offset + rdlength;
  ++records_read_;
  failed_ = false;
  return Item{record};
}

}  // namespace packetwright::wire
