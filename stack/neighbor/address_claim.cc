// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/address_claim.hh"

#include <algorithm>

namespace packetwright::neighbor {
namespace {

// Uniform in shortest .. longest, both included.
Duration draw(Rng& rng, Duration shortest, Duration longest) {
  if (longest <= shortest) return shortest;
  const auto spread = static_cast<std::uint64_t>((longest - shortest).count());
  return shortest + Duration{static_cast<std::int64_t>(rng.below(spread + 1))};
}

}  // namespace

ClaimActions AddressClaim::start(Instant now, Rng& rng, ConflictRate& rate) {
  if (!config_.probe) return become_owned(now);

  //= RFC5227-2.1.1-d
  // A faulty configuring agent may offer one taken address after the other. After the tenth
  // conflict the next try waits its turn.
  Instant begin = now;
  if (rate.conflicts >= config_.max_conflicts && rate.last_attempt) {
    begin = std::max(begin, *rate.last_attempt + config_.rate_limit_interval);
  }
  rate.last_attempt = begin;

  //= RFC5227-2.1.1-a
  // The random wait keeps hosts that were switched on together from probing together.
  deadline_ = begin + draw(rng, Duration{0}, config_.probe_wait);
  return {};
}

ClaimActions AddressClaim::on_deadline(Instant now, Rng& rng) {
  ClaimActions actions;
  if (!deadline_ || *deadline_ > now) return actions;
  deadline_.reset();

  switch (state_) {
    case ClaimState::probing:
      if (probes_sent_ == config_.probe_num) return become_owned(now);
      ++probes_sent_;
      actions.send_probe = true;
      deadline_ =
          now + (probes_sent_ < config_.probe_num ? draw(rng, config_.probe_min, config_.probe_max)
                                                  : config_.announce_wait);
      break;
    case ClaimState::owned:
      ++announcements_sent_;
      actions.send_announcement = true;
      if (announcements_sent_ < config_.announce_num) deadline_ = now + config_.announce_interval;
      break;
    case ClaimState::conflict: break;
  }
  return actions;
}

// RFC 5227, 2.3: the address may be used as soon as the first announcement is out.
ClaimActions AddressClaim::become_owned(Instant now) {
  state_ = ClaimState::owned;
  ClaimActions actions;
  actions.ready = true;
  if (config_.announce && config_.announce_num > 0) {
    //= RFC5227-2.3-a
    actions.send_announcement = true;
    announcements_sent_ = 1;
    if (config_.announce_num > 1) deadline_ = now + config_.announce_interval;
  }
  return actions;
}

ClaimActions AddressClaim::on_conflict(Instant now, ConflictRate& rate) {
  ClaimActions actions;
  if (state_ == ClaimState::conflict) return actions;
  ++rate.conflicts;

  if (state_ == ClaimState::probing) {
    //= RFC5227-2.1.1-b
    state_ = ClaimState::conflict;
    deadline_.reset();
    actions.conflict = true;
    return actions;
  }

  //= RFC5227-2.4-a
  // The time is recorded only when we answer, so that a stream of conflicts meets one announcement
  // per interval and not one in all.
  const bool recent = last_conflict_ && now - *last_conflict_ < config_.defend_interval;
  if (config_.policy == DefendPolicy::give_up ||
      (config_.policy == DefendPolicy::defend_once && recent)) {
    //= RFC5227-2.4-b
    state_ = ClaimState::conflict;
    deadline_.reset();
    actions.lost = true;
    return actions;
  }
  //= RFC5227-2.4-c
  // Two hosts that both insist must not flood the link.
  if (recent) return actions;
  last_conflict_ = now;
  actions.disputed = true;
  actions.send_announcement = true;
  return actions;
}

}  // namespace packetwright::neighbor
