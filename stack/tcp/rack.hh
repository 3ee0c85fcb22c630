// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"
#include "stack/tcp/send_buffer.hh"

namespace packetwright::tcp {

// RACK, RFC 8985, 5 and 6: a segment is lost when one that was sent later has arrived, and time
// enough has passed for a segment that was only overtaken. The variables of 5.3 under their names.
// No two segments have the same Mark::sent_at, so that RACK_sent_after() needs no RACK.end_seq.
class Rack {
 public:
  // What a step needs to know of the connection.
  struct View {
    Instant now{};
    Duration min_rtt{0};
    Duration srtt{0};
    Duration granularity{0};       // of the clock: the shortest wait there is
    std::uint32_t dup_thresh = 3;  // segments
    std::uint32_t smss = 1;        // octets
    bool recovering = false;
  };

  // Nothing above `una` has arrived yet. `rtt`: taken until an ACK tells of one.
  Rack(SeqNum una, Duration rtt) : fack_(una), rtt_(rtt) {}

  // 6.2, steps 2 and 3, for a segment that an ACK reports for the first time; of one ACK in the
  // order of their numbers, then end_of_ack(). `echo_is_older`: the timestamp that came back is
  // from before the segment was last sent.
  void delivered(const SendBuffer::Mark& segment, bool echo_is_older, const View& view);
  void end_of_ack(Instant now);

  // Step 4: a D-SACK came, and [una, nxt) is outstanding; a recovery ended; how long to wait.
  void on_dsack(SeqNum una, SeqNum nxt);
  void on_recovery_end();
  [[nodiscard]] Duration reordering_window(std::uint32_t segments_sacked, const View& view) const;

  // Step 5: marks what is lost, and returns after which time to look again; zero: need not.
  [[nodiscard]] Duration detect(SendBuffer& buffer, const View& view) const;
  // 6.3: the retransmission timer expired.
  void detect_on_timeout(SendBuffer& buffer, const View& view) const;

  [[nodiscard]] bool reordering_seen() const noexcept { return reordering_seen_; }
  // How far a segment has been overtaken at most, in segments; 0: none was.
  [[nodiscard]] std::uint32_t reordering() const noexcept { return reordering_; }

 private:
  SeqNum fack_;                     // RACK.fack
  std::optional<Instant> xmit_ts_;  // RACK.xmit_ts; nullopt: nothing has arrived
  Duration rtt_;                    // RACK.rtt
  bool reordering_seen_ = false;
  std::uint32_t reordering_ = 0;
  std::uint8_t reo_wnd_mult_ = 1;
  std::uint8_t reo_wnd_persist_ = 16;
  std::optional<SeqNum> dsack_round_;
  // When the one that was sent last of those that this ACK reports was sent.
  std::optional<Instant> latest_;
};

}  // namespace packetwright::tcp
