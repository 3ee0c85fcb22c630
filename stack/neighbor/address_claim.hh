// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"

namespace packetwright::neighbor {

// What a host does when somebody else uses its address (RFC 5227, 2.4).
enum class DefendPolicy : std::uint8_t {
  give_up,      // (a) cease to use it at once
  defend_once,  // (b) announce it, and cease if it happens again within DEFEND_INTERVAL
  defend,       // (c) announce it at most once per DEFEND_INTERVAL, and never give it up
};

// The constants of RFC 5227, 1.1 by their names.
struct ClaimConfig {
  bool probe = true;     // 2.1: probe before using an address
  bool announce = true;  // 2.3: announce it
  DefendPolicy policy = DefendPolicy::defend;
  Duration probe_wait = 1s;
  std::uint8_t probe_num = 3;
  Duration probe_min = 1s;
  Duration probe_max = 2s;
  Duration announce_wait = 2s;
  std::uint8_t announce_num = 2;
  Duration announce_interval = 2s;
  std::uint32_t max_conflicts = 10;
  Duration rate_limit_interval = 60s;
  Duration defend_interval = 10s;
};

// RFC 5227, 2.1.1: after MAX_CONFLICTS conflicts a host tries at most one new address per
// RATE_LIMIT_INTERVAL. One per interface, shared by its claims.
struct ConflictRate {
  std::uint32_t conflicts = 0;
  std::optional<Instant> last_attempt;
};

struct ClaimActions {
  bool send_probe = false;
  bool send_announcement = false;
  bool ready = false;     // the address may be used from now on
  bool conflict = false;  // it was never used, and must not be
  bool lost = false;      // it must not be used any more
  bool disputed = false;  // somebody else uses it too; we keep it
};

enum class ClaimState : std::uint8_t {
  probing,   // 2.1: may not be used
  owned,     // 2.3, 2.4: in use; announcements may still be due
  conflict,  // given up
};

// The life of one IPv4 address of ours (RFC 5227): probe, announce, defend.
class AddressClaim {
 public:
  explicit AddressClaim(const ClaimConfig& config) : config_(config) {}

  [[nodiscard]] ClaimActions start(Instant now, Rng& rng, ConflictRate& rate);
  [[nodiscard]] ClaimActions on_deadline(Instant now, Rng& rng);
  // 2.1.1: while probing, an ARP packet came from somebody with this address, or somebody else
  // probes for it too. 2.4: later, an ARP packet from another host with this sender address.
  [[nodiscard]] ClaimActions on_conflict(Instant now, ConflictRate& rate);

  [[nodiscard]] ClaimState state() const noexcept { return state_; }
  [[nodiscard]] Deadline next_deadline() const noexcept { return deadline_; }

 private:
  [[nodiscard]] ClaimActions become_owned(Instant now);

  ClaimConfig config_;
  ClaimState state_ = ClaimState::probing;
  std::uint8_t probes_sent_ = 0;
  std::uint8_t announcements_sent_ = 0;
  Deadline deadline_;
  std::optional<Instant> last_conflict_;
};

}  // namespace packetwright::neighbor
