// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft.hh"
#include "harness/packet/dissect.hh"

namespace packetwright::engine {
namespace {

using packet::HeaderOption;

void append16(Buffer& octets, std::uint16_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8));
  octets.push_back(static_cast<std::uint8_t>(value));
}

void append32(Buffer& octets, std::uint32_t value) {
  append16(octets, static_cast<std::uint16_t>(value >> 16));
  append16(octets, static_cast<std::uint16_t>(value));
}

// One visitor for both directions; an expected option differs in the numbers and in the mask.
class OptionCrafter {
 public:
  OptionCrafter(const script::Tcp& tcp, const CraftContext& context, bool live)
      : syn_(tcp.flags.has(script::TcpFlags::kSyn)),
        acks_(tcp.flags.has(script::TcpFlags::kAck)),
        context_(context),
        live_(live) {}

  std::optional<CraftError> error;
  std::vector<HeaderOption> options;

  void operator()(const script::OptEol&) { options.push_back({0, {}, {}, {}}); }
  void operator()(const script::OptNop&) { options.push_back({1, {}, {}, {}}); }
  void operator()(const script::OptMss& option) { append16(add(2).data, option.mss.u16()); }
  void operator()(const script::OptWindowScale& option) {
    HeaderOption& out = add(3);
    out.data.push_back(option.shift.u8());
    // How large a buffer may grow is no part of what a replay compares; that it may, is.
    if (!live_ && context_.settings.follow) out.compared.assign(1, 0);
  }
  void operator()(const script::OptSackPermitted&) { add(4); }

  void operator()(const script::OptSack& option) {
    HeaderOption& out = add(5);
    for (const script::SackBlock& block : option.blocks) {
      append32(out.data, sack_edge(block.left.u32(), option.absolute));
      append32(out.data, sack_edge(block.right.u32(), option.absolute));
    }
  }

  void operator()(const script::OptTimestamps& option) {
    HeaderOption& out = add(8);
    append32(out.data, option.val.u32());
    append32(out.data, live_ ? echo(option) : option.ecr.u32());
    if (live_) return;
    const Settings& settings = context_.settings;
    // The target's clock is its own (RFC 7323, 5.4): a value is compared only if the script says
    // how fast it ticks, and then by the caller. packetdrill does not compare echoes either.
    const bool val = false;
    const bool ecr = settings.strict && !option.ecr_ignored;
    out.compared.assign(4, val ? 1 : 0);
    out.compared.insert(out.compared.end(), 4, ecr ? 1 : 0);
  }

  void operator()(const script::OptMd5& option) {
    // A valid one is filled in when the rest of the segment is known (signature.hh).
    add(19).data = option.valid ? Buffer(16, 0) : option.digest;
  }
  void operator()(const script::OptFastOpen& option) {
    HeaderOption& out = add(option.experimental ? 254 : 34);
    if (option.experimental) append16(out.data, 0xf989);  // RFC 7413, 4.1.1
    out.data.insert(out.data.end(), option.cookie.begin(), option.cookie.end());
  }
  void operator()(const script::OptAccEcn& option) {
    HeaderOption& out = add(option.experimental ? 254 : option.order1 ? 174 : 172);
    if (option.experimental) append16(out.data, option.order1 ? 0xacce : 0xacc0);
    for (const script::Number& counter : option.counters) {
      out.data.push_back(static_cast<std::uint8_t>(counter.u32() >> 16));
      append16(out.data, static_cast<std::uint16_t>(counter.u32()));
    }
  }
  // draft-ietf-tcpm-ack-rate-request: the rate is seven bits of an octet.
  void operator()(const script::OptAckRate& option) {
    HeaderOption& out = add(254);
    append16(out.data, 0x00ac);
    if (option.rate.has_value())
      out.data.push_back(static_cast<std::uint8_t>(option.rate->u8() << 1));
  }
  void operator()(const script::OptOther& option) {
    HeaderOption& out = add(option.kind.u8());
    if (option.data.has_value()) out.data = option.data->octets;
    if (option.length.has_value()) out.length = option.length->u8();
  }
  void operator()(const script::OptRaw& option) {
    const auto decoded = packet::decode_options(option.data.octets);
    options.insert(options.end(), decoded.begin(), decoded.end());
  }

 private:
  HeaderOption& add(std::uint8_t kind) {
    HeaderOption& option = options.emplace_back();
    option.kind = kind;
    return option;
  }

  // The peer reports what it has of the target's octets, and the other way round.
  [[nodiscard]] std::uint32_t sack_edge(std::uint32_t edge, bool absolute) const {
    if (!live_ || absolute || context_.connection == nullptr) return edge;
    return context_.connection->local_space.to_live(edge, syn_);
  }

  // An echo is one of a value that the target sent before (RFC 7323, 3.2).
  std::uint32_t echo(const script::OptTimestamps& option) {
    const std::uint32_t ecr = option.ecr.u32();
    if (option.ecr_absolute || context_.connection == nullptr) return ecr;
    const TimestampMap& map = context_.connection->timestamps;
    if (const auto live = map.to_live(ecr)) return *live;
    // An echo without ACK means nothing (RFC 7323, 3.2).
    if (ecr == 0 || !acks_) return ecr;
    const Settings& settings = context_.settings;
    if (settings.strict || settings.ts_ecr_scaled || settings.follow) return map.extrapolate(ecr);
    error = CraftError{false, "TS ecr " + std::to_string(ecr) +
                                  " echoes a value that no outbound packet had before"};
    return ecr;
  }
  bool syn_;
  bool acks_;
  const CraftContext& context_;
  bool live_;
};

}  // namespace

Result<std::vector<HeaderOption>, CraftError> craft_tcp_options(const script::Tcp& tcp,
                                                                const CraftContext& context,
                                                                bool live) {
  OptionCrafter crafter(tcp, context, live);
  for (const script::TcpOption& option : tcp.options) std::visit(crafter, option);
  if (crafter.error.has_value()) return Err{*crafter.error};
  return std::move(crafter.options);
}

}  // namespace packetwright::engine
