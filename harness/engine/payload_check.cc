// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/payload_check.hh"

#include <algorithm>

#include "harness/packet/text.hh"

namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Proto;
using packet::Wide;

constexpr std::uint64_t kSyn = 0x002;
constexpr std::uint64_t kUrg = 0x020;

bool mentions(const script::Packet& packet, std::string_view field) {
  return std::any_of(packet.overrides.begin(), packet.overrides.end(),
                     [&](const script::Override& one) { return one.field == field; });
}

// Shows both sides from the first octet that differs.
void differ_at(const Stream& stream, std::uint64_t offset, Bytes got,
               std::vector<FieldDifference>& fields) {
  const Buffer want = stream.expected(offset, got.size());
  const auto first = static_cast<std::size_t>(
      std::mismatch(want.begin(), want.end(), got.begin()).first - want.begin());
  constexpr std::size_t kShown = 16;
  const auto show = [&](Bytes octets) {
    return "octet " + std::to_string(offset + first) + " of the stream: " +
           packet::payload_text(octets.subspan(std::min(first, octets.size())), kShown);
  };
  fields.push_back({"payload", show(want), show(got)});
}

// Whether `quote` is the beginning of `sent`, an IP packet with the header `ip`, as far as a router
// on the way, or the receiver itself, leaves it alone.
bool is_quote_of(Bytes quote, Bytes sent, const packet::Part& ip) {
  const std::size_t least = std::min(sent.size(), ip.size + 8);
  if (quote.size() < least || quote.size() > sent.size()) return false;
  for (std::size_t i = 0; i < quote.size(); ++i) {
    const bool ttl_or_checksum = ip.proto == Proto::ipv4 ? i == 8 || i == 10 || i == 11 : i == 7;
    if (!ttl_or_checksum && quote[i] != sent[i]) return false;
  }
  return true;
}

}  // namespace

void check_checksums(const Dissected& live, const script::Packet& packet,
                     std::vector<FieldDifference>& fields) {
  if (mentions(packet, "checksum")) return;
  for (const Field field : live.bad_checksums()) {
    const packet::Part* part = live.find(packet::info_of(field).proto);
    if (part == nullptr) continue;
    const Wide right = live.right_value(*part, field).value_or(Wide{});
    const Wide got = live.get(*part, field).value_or(Wide{});
    fields.push_back({packet::full_name_of(field), packet::field_text(field, right),
                      packet::field_text(field, got)});
  }
}

void check_payload(const script::Packet& packet, const Dissected& mapped,
                   const Connection& connection, std::vector<FieldDifference>& fields) {
  if (packet.payload.has_value() || packet.fragment.has_value()) return;
  const Bytes payload = mapped.payload();
  if (payload.empty()) return;
  if (packet.as<script::Tcp>() != nullptr) {
    const std::uint64_t flags = mapped.u32(Field::tcp_flags);
    // Urgent octets are the application's business and may stand out of line.
    if ((flags & kUrg) != 0) return;
    const auto seq = mapped.u32(Field::tcp_seq);
    const std::uint64_t offset = (flags & kSyn) != 0 ? 0 : seq - 1u;
    if (!connection.outbound.accepts(offset, payload)) {
      differ_at(connection.outbound, offset, payload, fields);
    }
  } else if (packet.as<script::Udp>() != nullptr) {
    if (!connection.outbound.accepts(0, payload)) {
      differ_at(connection.outbound, 0, payload, fields);
    }
  } else if (const auto* icmp = packet.as<script::Icmp>();
             icmp != nullptr && icmp->type == "echo_reply") {
    // RFC 1122, 3.2.2.6: the data of the request comes back. It is what the script sent last, or
    // the pattern of a message that it gave no content.
    const Stream pattern;
    if (!pattern.accepts(0, payload) && !connection.inbound.accepts(0, payload)) {
      differ_at(pattern, 0, payload, fields);
    }
  }
}

void check_quote(const script::Packet& packet, const Dissected& live,
                 const std::deque<packet::Dissected>& injected,
                 std::vector<FieldDifference>& fields) {
  const auto* icmp = packet.as<script::Icmp>();
  if (icmp == nullptr || icmp->quote.has_value() || packet.payload.has_value()) return;
  const packet::Part* quoted = live.find(Proto::ipv4, true);
  if (quoted == nullptr) quoted = live.find(Proto::ipv6, true);
  if (quoted == nullptr) return;
  const packet::Part& message =
      *live.find(quoted->proto == Proto::ipv4 ? Proto::icmpv4 : Proto::icmpv6);
  const Bytes quote = Bytes{live.octets()}.subspan(quoted->offset, message.end - quoted->offset);
  for (auto it = injected.rbegin(); it != injected.rend(); ++it) {
    if (const packet::Part* ip = it->find(quoted->proto)) {
      const Bytes sent = Bytes{it->octets()}.subspan(ip->offset, ip->end - ip->offset);
      if (is_quote_of(quote, sent, *ip)) return;
    }
  }
  constexpr std::size_t kShown = 64;
  fields.push_back({"quote", "the beginning of a packet that the peer sent",
                    packet::payload_text(quote, kShown)});
}

void check_timestamp_tick(const script::Tcp& tcp, const Dissected& mapped, const Settings& settings,
                          std::vector<FieldDifference>& fields) {
  if (settings.ts_tick == Duration{0}) return;
  const packet::Part* part = mapped.find(Proto::tcp);
  if (part == nullptr) return;
  for (const script::TcpOption& option : tcp.options) {
    const auto* want = std::get_if<script::OptTimestamps>(&option);
    if (want == nullptr || want->val_ignored) continue;
    for (const packet::HeaderOption& got : mapped.options(*part)) {
      if (got.kind != 8 || got.data.size() != 8) continue;
      const std::uint32_t value = load_be32(got.data, 0);
      const auto apart = static_cast<std::int32_t>(value - want->val.u32());
      const Duration distance = settings.ts_tick * std::abs(std::int64_t{apart});
      if (distance <= settings.tolerance) continue;
      fields.push_back(
          {"option TS", "val " + std::to_string(want->val.u32()), "val " + std::to_string(value)});
    }
  }
}

}  // namespace packetwright::engine
