// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/bytes.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/option_list.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// Any other kind is a value of this type too.
enum class TcpOptionKind : std::uint8_t {
  eol = 0,               // end of option list, RFC 9293, 3.1
  nop = 1,               // no operation, RFC 9293, 3.1
  mss = 2,               // maximum segment size, RFC 9293, 3.7.1
  window_scale = 3,      // RFC 7323, 2.2
  sack_permitted = 4,    // RFC 2018, 2
  sack = 5,              // RFC 2018, 3
  timestamps = 8,        // RFC 7323, 3.2
  md5 = 19,              // RFC 2385
  user_timeout = 28,     // RFC 5482
  authentication = 29,   // RFC 5925
  fast_open = 34,        // RFC 7413, 4.1.1
  accurate_ecn_0 = 172,  // RFC 9768: counters in the order 0
  accurate_ecn_1 = 174,  // RFC 9768: counters in the order 1
  experimental_1 = 253,  // RFC 4727
  experimental_2 = 254,  // RFC 4727; Fast Open used it with the magic number below
};

inline constexpr std::uint16_t kFastOpenMagic = 0xf989;
inline constexpr std::uint8_t kMaxWindowScale = 14;  // RFC 7323, 2.3
inline constexpr std::size_t kMaxSackBlocks = 4;     // as many as 40 octets of options can hold

struct TcpTimestamps {
  std::uint32_t val = 0;  // TSval
  std::uint32_t ecr = 0;  // TSecr
  friend constexpr bool operator==(const TcpTimestamps&, const TcpTimestamps&) = default;
};

// Octets left .. right - 1 have arrived.
struct SackBlock {
  SeqNum left;
  SeqNum right;
  friend constexpr bool operator==(const SackBlock&, const SackBlock&) = default;
};

// The user timeout option (RFC 5482, 3.1).
struct TcpUserTimeout {
  bool minutes = false;     // granularity bit: minutes, else seconds
  std::uint16_t value = 0;  // 15 bits
  friend constexpr bool operator==(const TcpUserTimeout&, const TcpUserTimeout&) = default;
};

// Three 24-bit counters; a shorter option leaves out the last ones.
struct AccurateEcn {
  std::array<std::uint32_t, 3> counters{};  // in the order of the wire
  std::uint8_t count = 0;                   // 0 .. 3
  friend constexpr bool operator==(const AccurateEcn&, const AccurateEcn&) = default;
};

// One option. The typed readers give nothing if the kind or the length is another one, so that an
// option of the wrong size reads as one that says nothing.
struct TcpOption {
  TcpOptionKind kind = TcpOptionKind::eol;
  std::uint8_t offset = 0;  // of the kind octet, from the start of the options
  Bytes data;               // behind kind and length

  [[nodiscard]] std::optional<std::uint16_t> mss() const noexcept {
    if (kind != TcpOptionKind::mss || data.size() != 2) return std::nullopt;
    return load_be16(data, 0);
  }
  // As sent; what exceeds kMaxWindowScale counts as kMaxWindowScale (RFC 7323, 2.3).
  [[nodiscard]] std::optional<std::uint8_t> window_scale() const noexcept {
    if (kind != TcpOptionKind::window_scale || data.size() != 1) return std::nullopt;
    return data[0];
  }
  [[nodiscard]] bool sack_permitted() const noexcept {
    return kind == TcpOptionKind::sack_permitted && data.empty();
  }
  // How many blocks a well-formed SACK option holds: 1 or more; else 0.
  [[nodiscard]] std::size_t sack_count() const noexcept {
    if (kind != TcpOptionKind::sack || data.size() % 8 != 0) return 0;
    return data.size() / 8;
  }
  [[nodiscard]] SackBlock sack_block(std::size_t index) const noexcept {
    return {SeqNum{load_be32(data, index * 8)}, SeqNum{load_be32(data, index * 8 + 4)}};
  }
  [[nodiscard]] std::optional<TcpTimestamps> timestamps() const noexcept {
    if (kind != TcpOptionKind::timestamps || data.size() != 8) return std::nullopt;
    return TcpTimestamps{load_be32(data, 0), load_be32(data, 4)};
  }
  [[nodiscard]] std::optional<TcpUserTimeout> user_timeout() const noexcept {
    if (kind != TcpOptionKind::user_timeout || data.size() != 2) return std::nullopt;
    const std::uint16_t word = load_be16(data, 0);
    return TcpUserTimeout{(word & 0x8000) != 0, static_cast<std::uint16_t>(word & 0x7fff)};
  }
  // The cookie of a Fast Open option, RFC 7413 or experimental; empty asks for one. Its length is
  // not judged here: a usable cookie has 4 to 16 octets and an even number of them.
  [[nodiscard]] std::optional<Bytes> fast_open() const noexcept {
    if (kind == TcpOptionKind::fast_open) return data;
    const bool experimental =
        kind == TcpOptionKind::experimental_1 || kind == TcpOptionKind::experimental_2;
    if (!experimental || data.size() < 2 || load_be16(data, 0) != kFastOpenMagic) {
      return std::nullopt;
    }
    return data.subspan(2);
  }
  // The digest: 16 octets when well-formed.
  [[nodiscard]] std::optional<Bytes> md5() const noexcept {
    if (kind != TcpOptionKind::md5) return std::nullopt;
    return data;
  }
  [[nodiscard]] std::optional<AccurateEcn> accurate_ecn() const noexcept {
    const bool is_ours =
        kind == TcpOptionKind::accurate_ecn_0 || kind == TcpOptionKind::accurate_ecn_1;
    if (!is_ours || data.size() % 3 != 0 || data.size() > 9) return std::nullopt;
    AccurateEcn read;
    for (std::size_t at = 0; at < data.size(); at += 3) {
      read.counters[read.count++] =
          (std::uint32_t{data[at]} << 16) | (std::uint32_t{data[at + 1]} << 8) | data[at + 2];
    }
    return read;
  }
  // EOL and NOP are one octet; all others are two and their data.
  [[nodiscard]] std::size_t encoded_size() const noexcept {
    return kind == TcpOptionKind::eol || kind == TcpOptionKind::nop ? 1 : 2 + data.size();
  }
  using Item = Result<TcpOption, ParseError>;
  [[nodiscard]] static std::size_t read(Bytes options, std::size_t at, Item& item) noexcept;
};

inline std::size_t TcpOption::read(Bytes options, std::size_t at, Item& item) noexcept {
  const auto kind = static_cast<TcpOptionKind>(options[at]);
  const auto offset = static_cast<std::uint8_t>(at < 0xff ? at : 0xff);
  const std::size_t rest = options.size() - at;
  if (kind == TcpOptionKind::eol || kind == TcpOptionKind::nop) {
    item = TcpOption{kind, offset, {}};
    return kind == TcpOptionKind::eol ? options.size() : at + 1;
  }
  if (rest < 2) {
    item = fail(ParseErrc::truncated, Layer::tcp_option, at, 2, rest);
    return options.size();
  }
  const std::size_t length = options[at + 1];
  //= RFC9293-MUST-7
  // A length that does not cover its own two octets would never advance.
  if (length < 2) {
    item = fail(ParseErrc::bad_length, Layer::tcp_option, at + 1, 2, length);
    return options.size();
  }
  if (length > rest) {
    item = fail(ParseErrc::truncated, Layer::tcp_option, at + 1, length, rest);
    return options.size();
  }
  item = TcpOption{kind, offset, options.subspan(at + 2, length - 2)};
  return at + length;
}

// The options of one segment in wire order. Yields each option, EOL and NOP included, and ends
// behind EOL. A length octet that is missing, below 2 or past the end yields one error and ends the
// list.
using TcpOptions = OptionList<TcpOption>;

// What a stack wants to know of the options of one segment, read in one pass. Of an option that
// comes twice, the last one counts; one of the wrong size is ignored, as an unknown kind is.
struct TcpOptionSet {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;  // as sent, may exceed kMaxWindowScale
  bool sack_permitted = false;
  std::optional<TcpTimestamps> timestamps;
  std::array<SackBlock, kMaxSackBlocks> sack_blocks{};
  std::uint8_t sack_count = 0;
  std::optional<Bytes> fast_open;  // the cookie, empty if one is asked for
  bool fast_open_experimental = false;
  std::optional<TcpUserTimeout> user_timeout;
  std::optional<AccurateEcn> accurate_ecn;
  bool accurate_ecn_order_1 = false;    // kind 174
  std::optional<Bytes> md5;             // the digest
  std::optional<ParseError> malformed;  // why reading ended early

  [[nodiscard]] std::span<const SackBlock> sack() const noexcept {
    return std::span{sack_blocks}.first(sack_count);
  }
};

[[nodiscard]] TcpOptionSet read_tcp_options(Bytes options) noexcept;

// The timestamps option alone, as cheaply as possible: the layout that RFC 7323, appendix A
// recommends (NOP NOP TS) is recognised without a loop.
[[nodiscard]] std::optional<TcpTimestamps> find_tcp_timestamps(Bytes options) noexcept;

// Writes options one behind the other into storage of the caller. What no longer fits is left out
// whole and remembered by overflowed().
class TcpOptionWriter {
 public:
  explicit TcpOptionWriter(MutableBytes out) noexcept : out_(out) {}

  TcpOptionWriter& eol() noexcept { return single(TcpOptionKind::eol); }
  TcpOptionWriter& nop() noexcept { return single(TcpOptionKind::nop); }
  TcpOptionWriter& mss(std::uint16_t octets) noexcept;
  TcpOptionWriter& window_scale(std::uint8_t shift) noexcept;
  TcpOptionWriter& sack_permitted() noexcept;
  TcpOptionWriter& sack(std::span<const SackBlock> blocks) noexcept;
  TcpOptionWriter& timestamps(TcpTimestamps timestamps) noexcept;
  TcpOptionWriter& user_timeout(TcpUserTimeout timeout) noexcept;
  TcpOptionWriter& fast_open(Bytes cookie) noexcept;
  TcpOptionWriter& fast_open_experimental(Bytes cookie) noexcept;
  TcpOptionWriter& md5(Bytes digest) noexcept;
  // `kind` is accurate_ecn_0 or accurate_ecn_1.
  TcpOptionWriter& accurate_ecn(TcpOptionKind kind, const AccurateEcn& counters) noexcept;
  // Any kind; the length octet says 2 + data.size(), or `length` if given, true or not.
  TcpOptionWriter& raw(TcpOptionKind kind, Bytes data,
                       std::optional<std::uint8_t> length = std::nullopt) noexcept;
  // Adds EOL and zeros up to a multiple of four octets; nothing if it is one already.
  TcpOptionWriter& pad() noexcept;

  [[nodiscard]] Bytes written() const noexcept { return out_.first(size_); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  TcpOptionWriter& single(TcpOptionKind kind) noexcept;
  // Room for kind, length and `data_size` octets, with the first two written; empty if full.
  [[nodiscard]] MutableBytes claim(TcpOptionKind kind, std::size_t data_size) noexcept;

  MutableBytes out_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace packetwright::wire
