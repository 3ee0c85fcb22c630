// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/campaign.hh"

#include <algorithm>
#include <utility>

#include "harness/trace/mutate.hh"

namespace packetwright::trace {
namespace {

Segment segment(wire::TcpFlags flags, std::uint16_t length = 0, std::uint8_t options = 0) {
  Segment out;
  out.flags = flags;
  out.length = length;
  out.options = options;
  return out;
}

// A server and a client that have said something.
std::vector<Trace> beginnings() {
  using wire::TcpFlags;
  const TcpFlags syn = wire::tcp_flag::syn, ack = wire::tcp_flag::ack;
  constexpr std::uint8_t kOptions = with::mss | with::window_scale | with::sack_permitted;
  const std::vector<Event> server{
      Call{0, CallKind::listen}, segment(syn, 0, kOptions),     segment(ack),
      Call{0, CallKind::accept}, Call{0, CallKind::write, 500}, segment(ack, 500)};
  const std::vector<Event> client{Call{0, CallKind::connect}, segment(syn | ack, 0, kOptions),
                                  Call{0, CallKind::write, 500}, segment(ack, 500)};
  std::vector<Trace> out;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    out.push_back({family, 1, {}});
    out.push_back({family, 1, server});
    out.push_back({family, 1, client});
  }
  return out;
}

// The newest ones are changed more often: they are where the search has come to.
const Trace& pick(const std::vector<Trace>& kept, Rng& rng) {
  const std::uint64_t back = std::min(rng.below(kept.size()), rng.below(kept.size()));
  return kept[kept.size() - 1 - back];
}

}  // namespace

Result<BatchOutcome, std::string> run_batch(targets::Target& target, const Batch& batch,
                                            const std::function<void(std::uint32_t)>& on_trace) {
  Rng rng{batch.seed};
  Player player{target, batch.knobs};
  std::vector<Trace> kept = beginnings();
  BatchOutcome out;
  for (std::size_t i = 0; i < batch.traces; ++i) {
    Trace trace = rng.chance(1, 8) ? cross(pick(kept, rng), pick(kept, rng), rng) : pick(kept, rng);
    mutate(trace, rng);
    if (batch.until == i) {
      out.next = std::move(trace);
      return out;
    }
    on_trace(static_cast<std::uint32_t>(i + 1));
    auto outcome = player.play(trace, {.keep_reached = true});
    if (!outcome) return Err{outcome.error()};
    ++out.played;
    for (const Finding& finding : outcome->findings) {
      const bool known = std::any_of(out.found.begin(), out.found.end(), [&](const Found& one) {
        return one.finding.rule == finding.rule;
      });
      if (!known) out.found.push_back({finding, trace});
    }
    if ((outcome->reached & ~out.reached).none()) continue;
    out.reached |= outcome->reached;
    kept.push_back(std::move(trace));
  }
  return out;
}

}  // namespace packetwright::trace
