// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/sweep/link.hh"
#include "harness/sweep/prelude.hh"
#include "harness/sweep/stimulus.hh"

// A stimulus as octets, and the same in words of the script language.
namespace packetwright::sweep {

// The octet of the peer's stream at a number: every octet is known by where it stands.
[[nodiscard]] constexpr std::uint8_t octet_at(SeqNum number, const model::Variables& v) noexcept {
  return static_cast<std::uint8_t>('a' + (number - v.irs) % 26);
}

// A TSval that is newer than those of all stimuli, for a segment that comes after one.
[[nodiscard]] constexpr std::uint32_t probe_tsval(const model::Variables& v) noexcept {
  return v.ts_recent + 0x7000'0014;
}

// `v`: what with_numbers() says. The stimulus makes sense.
[[nodiscard]] Buffer frame_of(const Stimulus& stimulus, const Ready& ready,
                              const model::Variables& v);

// "< P. 1:11(10) ack 1 win 65535", with the names of live values where there are such.
[[nodiscard]] std::string script_of(const Stimulus& stimulus, const Ready& ready,
                                    const model::Variables& v);
// "${rcv.nxt+rcv.wnd-1}", or the number itself where the connection has none yet.
[[nodiscard]] std::string script_number(const Place& place, const Ready& ready,
                                        const model::Variables& v);

}  // namespace packetwright::sweep
