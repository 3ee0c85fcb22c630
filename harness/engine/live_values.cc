// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/live_values.hh"

#include <algorithm>
#include <limits>

#include "harness/engine/connection.hh"
#include "harness/script/formula.hh"

namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Proto;

constexpr std::uint32_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kAck = 0x010;
constexpr std::uint8_t kWindowScaleKind = 3;
constexpr std::uint8_t kMaxShift = 14;  // RFC 7323, 2.3

std::optional<std::uint8_t> shift_of(const Dissected& frame) {
  for (const packet::HeaderOption& option : frame.options(*frame.find(Proto::tcp))) {
    if (option.kind == kWindowScaleKind && option.data.size() == 1) {
      return std::min(option.data.front(), kMaxShift);
    }
  }
  return std::nullopt;
}

// Whether the frame is a segment that tells something of its sender; a RST may be made by someone
// who has no connection.
bool tells(const Dissected& frame) {
  return frame.has(Proto::tcp) && (frame.u32(Field::tcp_flags) & kRst) == 0;
}

void raise(std::optional<SeqNum>& to, SeqNum value) noexcept {
  to = to.has_value() ? max(*to, value) : value;
}

// Calls `visit` with every number that may be live.
template <class Tcp, class Visit>
void each_number_of_tcp(Tcp& tcp, Visit&& visit) {
  visit(tcp.seq.first), visit(tcp.seq.last), visit(tcp.seq.length);
  if (tcp.ack.has_value()) visit(*tcp.ack);
  for (auto& option : tcp.options) {
    auto* sack = std::get_if<script::OptSack>(&option);
    if (sack == nullptr) continue;
    for (auto& block : sack->blocks) visit(block.left), visit(block.right);
  }
}

template <class Packet, class Visit>
void each_number(Packet& packet, Visit&& visit) {
  if (auto* tcp = std::get_if<script::Tcp>(&packet.body)) each_number_of_tcp(*tcp, visit);
  auto* icmp = std::get_if<script::Icmp>(&packet.body);
  if (icmp == nullptr || !icmp->quote.has_value()) return;
  if (auto* quote = std::get_if<script::QuotedTcp>(&*icmp->quote)) {
    visit(quote->seq.first), visit(quote->seq.last), visit(quote->seq.length);
  }
}

bool is_syn(const script::Packet& packet) {
  const auto* tcp = packet.as<script::Tcp>();
  return tcp != nullptr && tcp->flags.has(script::TcpFlags::kSyn);
}

// Puts values in the place of formulas, and keeps the first thing that went wrong.
class Filler {
 public:
  Filler(const Connection& connection, bool absolute)
      : connection_(connection), absolute_(absolute) {}

  std::string problem;

  void operator()(script::Number& number) {
    if (!number.live || !problem.empty()) return;
    std::string_view formula = number.spelling;
    formula.remove_prefix(2);  // ${
    formula.remove_suffix(1);
    const auto value =
        script::evaluate(formula, [this](std::string_view name) { return lookup(name); });
    if (!problem.empty()) return;
    if (!value.ok()) {
      problem = value.error();
    } else {
      number = script::Number{value->number};
    }
  }

 private:
  const script::ParameterValue* lookup(std::string_view name) {
    const LiveValues& live = connection_.live;
    std::optional<std::uint32_t> value;
    if (name == "rcv.nxt") value = mapped(live.rcv_nxt(), connection_.remote_space);
    if (name == "rcv.wnd") value = live.rcv_wnd();
    if (name == "snd.una") value = mapped(live.snd_una(), connection_.local_space);
    if (name == "snd.nxt") value = mapped(live.snd_nxt(), connection_.local_space);
    if (!value.has_value()) {
      problem =
          std::string(name) +
          " is not known here: no packet of this connection that the script has seen tells it";
      return nullptr;
    }
    value_.number = *value;
    return &value_;
  }

  [[nodiscard]] std::optional<std::uint32_t> mapped(std::optional<SeqNum> live,
                                                    const SequenceSpace& space) const {
    if (!live.has_value()) return std::nullopt;
    return space.to_script(live->value(), absolute_);
  }

  const Connection& connection_;
  const bool absolute_;
  script::ParameterValue value_;
};

// Sequence numbers wrap around; lengths do not.
std::string settle(script::SeqRange& seq) {
  const std::int64_t length = seq.length.value;
  if (length < 0 || length > std::numeric_limits<std::uint16_t>::max()) {
    return "a packet cannot carry " + std::to_string(length) + " octets";
  }
  seq.first.value = seq.first.u32();
  seq.last.value = seq.last.u32();
  const std::uint32_t last = seq.first.u32() + seq.length.u32();
  if (last == seq.last.u32()) return {};
  return "inconsistent sequence numbers: " + std::to_string(seq.first.value) + " + " +
         std::to_string(length) + " is " + std::to_string(last) + ", not " +
         std::to_string(seq.last.value);
}

std::string settle(script::Packet& packet) {
  if (auto* tcp = std::get_if<script::Tcp>(&packet.body)) {
    each_number_of_tcp(*tcp, [tcp](script::Number& number) {
      if (&number != &tcp->seq.length) number.value = number.u32();
    });
    return tcp->seq.ignored ? std::string{} : settle(tcp->seq);
  }
  auto& icmp = std::get<script::Icmp>(packet.body);
  return settle(std::get<script::QuotedTcp>(*icmp.quote).seq);
}

}  // namespace

void LiveValues::open(SeqNum isn) noexcept {
  if (isn_ == isn) return;
  const bool scaling = peer_offers_scaling_;
  *this = LiveValues{};
  isn_ = snd_una_ = isn;
  peer_offers_scaling_ = scaling;
}

void LiveValues::on_inbound(const Dissected& frame) {
  if (!tells(frame)) return;
  const std::uint32_t flags = frame.u32(Field::tcp_flags);
  if ((flags & kSyn) != 0) peer_offers_scaling_ = shift_of(frame).has_value();
  const SeqNum ack{frame.u32(Field::tcp_ack)};
  if ((flags & kAck) == 0 || !snd_nxt_.has_value()) return;
  if (*snd_una_ < ack && ack <= *snd_nxt_) snd_una_ = ack;
}

void LiveValues::on_outbound(const Dissected& frame) {
  if (!tells(frame)) return;
  const std::uint32_t flags = frame.u32(Field::tcp_flags);
  const bool syn = (flags & kSyn) != 0;
  const SeqNum seq{frame.u32(Field::tcp_seq)};
  if (syn) {
    open(seq);
    offered_shift_ = shift_of(frame);
  }
  if (!snd_una_.has_value()) snd_una_ = seq;
  const auto text = static_cast<std::uint32_t>(frame.payload().size());
  raise(snd_nxt_, seq + text + (syn ? 1u : 0u) + ((flags & kFin) != 0 ? 1u : 0u));
  if ((flags & kAck) == 0) return;
  if (!shift_.has_value()) shift_ = peer_offers_scaling_ ? offered_shift_.value_or(0) : 0;
  const SeqNum ack{frame.u32(Field::tcp_ack)};
  raise(rcv_nxt_, ack);
  raise(rcv_edge_, ack + (frame.u32(Field::tcp_win) << (syn ? 0 : *shift_)));
}

std::optional<std::uint32_t> LiveValues::rcv_wnd() const noexcept {
  if (!rcv_nxt_.has_value()) return std::nullopt;
  return *rcv_edge_ - *rcv_nxt_;
}

bool has_live_values(const script::Packet& packet) {
  bool found = false;
  each_number(packet, [&found](const script::Number& one) { found = found || one.live; });
  return found;
}

Result<script::Packet, std::string> with_live_values(const script::Packet& packet,
                                                     const Connection& connection) {
  script::Packet out = packet;
  Filler filler(connection, is_syn(packet));
  each_number(out, [&filler](script::Number& one) { filler(one); });
  if (!filler.problem.empty()) return Err{filler.problem};
  if (std::string problem = settle(out); !problem.empty()) return Err{std::move(problem)};
  return out;
}

}  // namespace packetwright::engine
