// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/dns.hh"

namespace packetwright::wire {
namespace {

constexpr std::size_t kQuestionCountAt = 4;

constexpr std::size_t count_at(DnsSection section) noexcept {
  return 6 + 2 * static_cast<std::size_t>(section);
}

constexpr std::size_t kMaxPointerTarget = 0x3fff;

// True if the name at `offset`, which this writer wrote, spells `labels`. Exact, not without case:
// compression must not change how a name is spelt.
bool spells(Bytes written, std::size_t offset, Bytes labels) noexcept {
  const auto name = DnsName::decode(written, offset);
  return name && same_octets(name->name.octets(), labels);
}

}  // namespace

DnsWriter::DnsWriter(MutableBytes out, const DnsHeader& header, DnsCompression compression) noexcept
    : out_(out), compression_(compression), size_(kDnsHeaderSize), at_(kDnsHeaderSize) {
  PW_ASSERT(out.size() >= kDnsHeaderSize);
  DnsHeader empty = header;
  empty.question_count = empty.answer_count = empty.authority_count = empty.additional_count = 0;
  empty.emit(out_);
}

void DnsWriter::put_u8(std::uint8_t value) noexcept {
  put(Bytes{&value, 1});
}

void DnsWriter::put_u16(std::uint16_t value) noexcept {
  std::array<std::uint8_t, 2> octets{};
  store_be16(octets, 0, value);
  put(octets);
}

void DnsWriter::put_u32(std::uint32_t value) noexcept {
  std::array<std::uint8_t, 4> octets{};
  store_be32(octets, 0, value);
  put(octets);
}

void DnsWriter::put(Bytes octets) noexcept {
  ok_ = ok_ && octets.size() <= out_.size() - at_;
  if (!ok_) return;
  store_bytes(out_, at_, octets);
  at_ += octets.size();
}

void DnsWriter::put_name(const DnsName& name) noexcept {
  // Label by label, until the rest of the name stands somewhere already.
  Bytes rest = name.octets();
  while (rest[0] != 0) {
    for (std::size_t i = 0; compression_ == DnsCompression::on && i < item_target_count_; ++i) {
      if (spells(out_.first(at_), targets_[i], rest)) {
        put_u16(static_cast<std::uint16_t>(0xc000 | targets_[i]));
        return;
      }
    }
    // Until its final zero is written the name cannot be read back, so it never points to itself.
    if (item_target_count_ < kMaxTargets && at_ <= kMaxPointerTarget) {
      targets_[item_target_count_++] = static_cast<std::uint16_t>(at_);
    }
    put(rest.first(1u + rest[0]));
    rest = rest.subspan(1u + rest[0]);
  }
  put_u8(0);
}

void DnsWriter::end_item(std::size_t count_offset) noexcept {
  const std::uint16_t count = load_be16(out_, count_offset);
  if (ok_ && count < 0xffff) {
    store_be16(out_, count_offset, static_cast<std::uint16_t>(count + 1));
    size_ = at_;
    target_count_ = item_target_count_;
  } else {
    overflowed_ = true;
    at_ = size_;
    item_target_count_ = target_count_;
  }
  ok_ = true;
}

void DnsWriter::begin_record(const DnsName& owner, DnsType type, std::uint16_t cls,
                             std::uint32_t ttl_s) noexcept {
  put_name(owner);
  put_u16(static_cast<std::uint16_t>(type));
  put_u16(cls);
  put_u32(ttl_s);
  rdlength_at_ = at_;
  put_u16(0);
}

void DnsWriter::end_record(DnsSection section) noexcept {
  if (ok_) {
    const std::size_t rdlength = at_ - rdlength_at_ - 2;
    ok_ = rdlength <= 0xffff;
    if (ok_) store_be16(out_, rdlength_at_, static_cast<std::uint16_t>(rdlength));
  }
  end_item(count_at(section));
}

DnsWriter& DnsWriter::question(const DnsQuestion& question) noexcept {
  put_name(question.name);
  put_u16(static_cast<std::uint16_t>(question.type));
  put_u16(static_cast<std::uint16_t>(question.cls));
  end_item(kQuestionCountAt);
  return *this;
}

DnsWriter& DnsWriter::record(DnsSection section, const DnsName& owner, DnsType type, DnsClass cls,
                             std::uint32_t ttl_s, Bytes rdata) noexcept {
  begin_record(owner, type, static_cast<std::uint16_t>(cls), ttl_s);
  put(rdata);
  end_record(section);
  return *this;
}

DnsWriter& DnsWriter::address(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                              const IpAddress& address) noexcept {
  return record(section, owner, address.is_v4() ? DnsType::a : DnsType::aaaa, DnsClass::in, ttl_s,
                address.octets());
}

DnsWriter& DnsWriter::target(DnsSection section, const DnsName& owner, DnsType type,
                             std::uint32_t ttl_s, const DnsName& target) noexcept {
  begin_record(owner, type, static_cast<std::uint16_t>(DnsClass::in), ttl_s);
  put_name(target);
  end_record(section);
  return *this;
}

DnsWriter& DnsWriter::mx(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                         const DnsMx& mx) noexcept {
  begin_record(owner, DnsType::mx, static_cast<std::uint16_t>(DnsClass::in), ttl_s);
  put_u16(mx.preference);
  put_name(mx.exchange);
  end_record(section);
  return *this;
}

DnsWriter& DnsWriter::soa(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                          const DnsSoa& soa) noexcept {
  begin_record(owner, DnsType::soa, static_cast<std::uint16_t>(DnsClass::in), ttl_s);
  put_name(soa.mname);
  put_name(soa.rname);
  put_u32(soa.serial);
  put_u32(soa.refresh_s);
  put_u32(soa.retry_s);
  put_u32(soa.expire_s);
  put_u32(soa.minimum_s);
  end_record(section);
  return *this;
}

DnsWriter& DnsWriter::txt(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                          std::span<const Bytes> strings) noexcept {
  begin_record(owner, DnsType::txt, static_cast<std::uint16_t>(DnsClass::in), ttl_s);
  for (const Bytes string : strings) {
    PW_ASSERT(string.size() <= 0xff);
    put_u8(static_cast<std::uint8_t>(string.size()));
    put(string);
  }
  end_record(section);
  return *this;
}

DnsWriter& DnsWriter::opt(const DnsOpt& opt) noexcept {
  //= RFC6891-6.1.2-a
  const std::uint32_t ttl = (std::uint32_t{opt.extended_rcode} << 24) |
                            (std::uint32_t{opt.version} << 16) | (opt.dnssec_ok ? 0x8000u : 0u);
  begin_record(DnsName{}, DnsType::opt, opt.udp_size, ttl);
  put(opt.options);
  end_record(DnsSection::additional);
  return *this;
}

}  // namespace packetwright::wire
