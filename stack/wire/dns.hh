// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/dns_name.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kDnsHeaderSize = 12;
inline constexpr std::size_t kMaxDnsUdpSize = 512;  // without EDNS (RFC 1035, 4.2.1)
inline constexpr std::uint16_t kDnsPort = 53;

// Any other number is a value of these types too.
enum class DnsType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,  // RFC 3596
  opt = 41,   // RFC 6891
  any = 255,
};

enum class DnsClass : std::uint16_t { in = 1, any = 255 };

enum class DnsRcode : std::uint8_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
};

// "AAAA", "CNAME" ...; empty for a type without a name here.
[[nodiscard]] std::string_view name_of(DnsType type) noexcept;
[[nodiscard]] std::optional<DnsType> dns_type_by_name(std::string_view name) noexcept;
// "noerror", "nxdomain" ...; empty for a code without a name here.
[[nodiscard]] std::string_view name_of(DnsRcode rcode) noexcept;
[[nodiscard]] std::optional<DnsRcode> dns_rcode_by_name(std::string_view name) noexcept;

// The header of a message (RFC 1035, 4.1.1). Any bit pattern.
struct DnsHeader {
  std::uint16_t id = 0;
  bool qr = false;          // a response
  std::uint8_t opcode = 0;  // 4 bits
  bool aa = false;
  bool tc = false;
  bool rd = false;
  bool ra = false;
  std::uint8_t z = 0;  // 3 bits: Z, AD, CD
  DnsRcode rcode = DnsRcode::noerror;
  std::uint16_t question_count = 0;
  std::uint16_t answer_count = 0;
  std::uint16_t authority_count = 0;
  std::uint16_t additional_count = 0;

  [[nodiscard]] static Result<DnsHeader, ParseError> parse(Bytes message) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kDnsHeaderSize; }
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const DnsHeader&, const DnsHeader&) = default;
};

struct DnsQuestion {
  DnsName name;
  DnsType type = DnsType::a;
  DnsClass cls = DnsClass::in;
};

enum class DnsSection : std::uint8_t { answer, authority, additional };

// RFC 1035, 3.3.9.
struct DnsMx {
  std::uint16_t preference = 0;
  DnsName exchange;
};

// RFC 1035, 3.3.13.
struct DnsSoa {
  DnsName mname;
  DnsName rname;
  std::uint32_t serial = 0;
  std::uint32_t refresh_s = 0;
  std::uint32_t retry_s = 0;
  std::uint32_t expire_s = 0;
  std::uint32_t minimum_s = 0;  // how long "there is none" holds (RFC 2308, 4)
};

// The pseudo-record of EDNS (RFC 6891, 6.1.2), whose fields hide in class and TTL.
struct DnsOpt {
  std::uint16_t udp_size = 0;  // as sent; below 512 counts as 512
  std::uint8_t extended_rcode = 0;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  Bytes options;  // code, length, data, one behind the other; not judged
};

// The strings of a TXT record, each behind its length.
class DnsTxt {
 public:
  // Every string is whole; there may be none.
  [[nodiscard]] static Result<DnsTxt, ParseError> parse(Bytes rdata) noexcept;
  [[nodiscard]] std::size_t count() const noexcept;
  // `index` is less than count().
  [[nodiscard]] Bytes string(std::size_t index) const noexcept;

 private:
  explicit DnsTxt(Bytes rdata) noexcept : rdata_(rdata) {}

  Bytes rdata_;
};

// One resource record. Refers to the message it came from. The typed readers give an error if the
// type is another one (bad_value) or RDATA is not exactly what the type says: names in it end where
// RDLENGTH says (RFC 9267, 5).
struct DnsRecord {
  DnsSection section = DnsSection::answer;
  DnsName owner;
  DnsType type = DnsType::a;
  DnsClass cls = DnsClass::in;
  std::uint32_t ttl_s = 0;  // as sent; with the top bit set it counts as zero (RFC 2181, 8)
  Bytes rdata;
  Bytes message;                 // for compression pointers in rdata
  std::size_t rdata_offset = 0;  // of rdata in message

  // A or AAAA.
  [[nodiscard]] Result<IpAddress, ParseError> address() const noexcept;
  // CNAME, NS or PTR.
  [[nodiscard]] Result<DnsName, ParseError> target() const noexcept;
  [[nodiscard]] Result<DnsMx, ParseError> mx() const noexcept;
  [[nodiscard]] Result<DnsSoa, ParseError> soa() const noexcept;
  [[nodiscard]] Result<DnsTxt, ParseError> txt() const noexcept;
  [[nodiscard]] Result<DnsOpt, ParseError> opt() const noexcept;
};

// A message: its header, and its sections one item after the other. A count that promises more than
// there is ends in an error where the octets end (RFC 9267, 6); octets behind the last record are
// not looked at.
class DnsView {
 public:
  [[nodiscard]] static Result<DnsView, ParseError> parse(Bytes message) noexcept;

  [[nodiscard]] const DnsHeader& header() const noexcept { return header_; }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  // Everything well-formed: all questions, all records, and RDATA of every type named above.
  [[nodiscard]] Result<void, ParseError> check() const noexcept;

 private:
  DnsView(Bytes octets, const DnsHeader& header) noexcept : octets_(octets), header_(header) {}

  Bytes octets_;
  DnsHeader header_;
};

// Reads the sections of a message in order. After an error it gives nothing more.
class DnsWalk {
 public:
  explicit DnsWalk(const DnsView& view) noexcept
      : message_(view.octets()), header_(view.header()) {}

  // The next question; nothing after the last.
  [[nodiscard]] std::optional<Result<DnsQuestion, ParseError>> next_question() noexcept;
  // The next record; nothing after the last. Questions not yet read are skipped.
  [[nodiscard]] std::optional<Result<DnsRecord, ParseError>> next_record() noexcept;
  // Where the next item starts.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  Bytes message_;
  DnsHeader header_;
  std::size_t offset_ = kDnsHeaderSize;
  std::size_t questions_read_ = 0;
  std::size_t records_read_ = 0;
  bool failed_ = false;
};

enum class DnsCompression : std::uint8_t { off, on };

// Writes a message into storage of the caller: the header at once, then questions, then records in
// the order of their sections. The counts in the header follow what is written. What no longer fits
// is left out whole and remembered by overflowed(); the writer never sets TC by itself.
class DnsWriter {
 public:
  // The counts of `header` are ignored. `out` holds at least kDnsHeaderSize octets.
  DnsWriter(MutableBytes out, const DnsHeader& header, DnsCompression compression) noexcept;

  DnsWriter& question(const DnsQuestion& question) noexcept;
  // RDATA of any type, as it is.
  DnsWriter& record(DnsSection section, const DnsName& owner, DnsType type, DnsClass cls,
                    std::uint32_t ttl_s, Bytes rdata) noexcept;
  // A or AAAA, by the family of the address.
  DnsWriter& address(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                     const IpAddress& address) noexcept;
  // `type` is cname, ns or ptr.
  DnsWriter& target(DnsSection section, const DnsName& owner, DnsType type, std::uint32_t ttl_s,
                    const DnsName& target) noexcept;
  DnsWriter& mx(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                const DnsMx& mx) noexcept;
  DnsWriter& soa(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                 const DnsSoa& soa) noexcept;
  // Each string is at most 255 octets long.
  DnsWriter& txt(DnsSection section, const DnsName& owner, std::uint32_t ttl_s,
                 std::span<const Bytes> strings) noexcept;
  DnsWriter& opt(const DnsOpt& opt) noexcept;

  [[nodiscard]] Bytes written() const noexcept { return out_.first(size_); }
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  // One item is written with these; `ok_` turns false at the first octet that does not fit.
  void put_u8(std::uint8_t value) noexcept;
  void put_u16(std::uint16_t value) noexcept;
  void put_u32(std::uint32_t value) noexcept;
  void put(Bytes octets) noexcept;
  void put_name(const DnsName& name) noexcept;
  void begin_record(const DnsName& owner, DnsType type, std::uint16_t cls,
                    std::uint32_t ttl_s) noexcept;
  void end_record(DnsSection section) noexcept;
  // Keeps the item and counts it in the header field at `count_offset`, or takes it back.
  void end_item(std::size_t count_offset) noexcept;

  // Names that later ones can point to are bounded; more than this are written out in full.
  static constexpr std::size_t kMaxTargets = 64;

  MutableBytes out_;
  DnsCompression compression_;
  std::size_t size_ = 0;                              // of all whole items
  std::size_t at_ = 0;                                // where the item being written stands
  std::size_t rdlength_at_ = 0;                       // of the record being written
  std::array<std::uint16_t, kMaxTargets> targets_{};  // offsets of names written in full
  std::size_t target_count_ = 0;
  std::size_t item_target_count_ = 0;  // with those of the item being written
  bool ok_ = true;
  bool overflowed_ = false;
};

}  // namespace packetwright::wire
