// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"
#include "stack/tcp/actions.hh"
#include "stack/tcp/challenge_ack.hh"
#include "stack/tcp/config.hh"
#include "stack/tcp/congestion.hh"
#include "stack/tcp/fast_open.hh"
#include "stack/tcp/icmp_error.hh"
#include "stack/tcp/kept_options.hh"
#include "stack/tcp/path_search.hh"
#include "stack/tcp/reassembly.hh"
#include "stack/tcp/receive_buffer.hh"
#include "stack/tcp/repair.hh"
#include "stack/tcp/rto.hh"
#include "stack/tcp/sack.hh"
#include "stack/tcp/segment.hh"
#include "stack/tcp/send_buffer.hh"
#include "stack/tcp/send_times.hh"
#include "stack/tcp/shared.hh"
#include "stack/tcp/state.hh"
#include "stack/tcp/status.hh"
#include "stack/tcp/tcb.hh"
#include "stack/tcp/timestamps.hh"

namespace packetwright::tcp {

// What a step of SEGMENT ARRIVES says: the next step follows, or the segment is dealt with.
enum class Verdict : std::uint8_t { go_on, done };

// What a listener makes of the Fast Open option of a SYN (RFC 7413, 4.2.2).
struct FastOpenGrant {
  bool accept = false;                   // the cookie is good: take the text at once
  bool refuse_text = false;              // it is not: the text goes, and comes again
  std::optional<FastOpenOption> answer;  // a cookie for next time
};

struct SendFlags {
  bool urgent = false;      // RFC 9293, 3.8.5: the urgent pointer is set behind these octets
  bool more = false;        // more follows soon: hold back a short segment, as with cork
  bool record_end = false;  // the last octet ends a segment: what follows is not joined to it
};

// One connection: a TCB, its queues and its timers. The public part is what Tcp drives; the rest is
// RFC 9293, 3.10, function by function, in the files that README.md lists.
class Connection {
 public:
  Connection(Shared& shared, ConnectionId id, const Endpoint& local, const Endpoint& remote,
             const Path& path, const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- 3.10.1 OPEN
  // CLOSED to SYN-SENT. `fast_open`: what the SYN carries beside, and if it has a cookie, as much
  // of `text` as there is room for; may be null. `waits`: the user waits to write the rest.
  void open(Instant now, SeqNum iss, const FastOpenAttempt* fast_open, Bytes text, bool waits,
            Actions& act);
  // LISTEN to SYN-RECEIVED: the rest of listen_3_syn, in the new connection's own record.
  void open_from_listen(Instant now, SeqNum iss, const Segment& syn, ListenerId listener,
                        const FastOpenGrant& grant, Actions& act);
  // RFC 4987, 3.6: the SYN,ACK that LISTEN sends with a cookie; this record is then forgotten.
  [[nodiscard]] Segment make_syn_cookie_ack(Instant now, SeqNum iss, const Segment& syn);
  // LISTEN to SYN-RECEIVED once the cookie has come back: `syn` is what it tells of the SYN.
  void open_from_cookie(Instant now, SeqNum iss, const Segment& syn, ListenerId listener);

  // --- 3.10.2 to 3.10.6, each as Tcp describes it
  [[nodiscard]] Result<std::size_t, TcpError> send(Instant now, Bytes text, SendFlags flags,
                                                   Actions& act);
  // How many octets were taken; end_of_stream() tells whether there can be more.
  [[nodiscard]] Result<std::size_t, TcpError> receive(Instant now, MutableBytes into, bool peek,
                                                      Actions& act);
  [[nodiscard]] Result<void, TcpError> close(Instant now, Actions& act);
  // CLOSE by a user who will not read the text that waits for it.
  [[nodiscard]] Result<void, TcpError> close_unread(Instant now, Actions& act);
  [[nodiscard]] Result<void, TcpError> abort(Instant now, Actions& act);
  [[nodiscard]] Status status() const;

  // --- more for the user
  [[nodiscard]] bool end_of_stream() const noexcept {
    return fin_received_ && receive_buffer_.size() == 0;
  }
  [[nodiscard]] std::optional<std::uint8_t> receive_urgent(bool peek);
  [[nodiscard]] std::uint32_t urgent_ahead() const noexcept;
  [[nodiscard]] bool at_urgent_mark() const noexcept;
  [[nodiscard]] Readiness readiness() const noexcept;
  [[nodiscard]] const ConnectionOptions& options() const noexcept { return *options_; }
  void set_options(const ConnectionOptions& options);
  // What waits to be joined by more leaves at the next output, as far as the windows allow.
  void push() noexcept { override_ = true; }
  void quick_ack() noexcept { ack_now_ = ack_now_ || ack_owed(); }
  // Nobody will read any more: text that still arrives draws a RST (SHLD-3).
  void stop_receiving(Instant now);
  [[nodiscard]] std::uint32_t unread() const noexcept { return receive_buffer_.size(); }
  [[nodiscard]] std::optional<TcpError> failure() const noexcept { return failure_; }

  // --- 3.10.7 SEGMENT ARRIVES, from SYN-SENT on
  void on_segment(Instant now, const Segment& seg, Actions& act);
  // Sends what may be sent: retransmissions, new text, an ACK that is due.
  void output(Instant now, Actions& act);
  void on_icmp_error(Instant now, const IcmpError& error, Actions& act);
  // What IP knows of the path now; more than before if an old report has aged (RFC 8201, 5.3).
  void on_path(const Path& path);

  // --- 3.10.8 Timeouts
  // Of the timers that run, the one that fires first.
  [[nodiscard]] Deadline next_deadline() const noexcept;
  void on_deadline(Instant now, Actions& act);

  // --- for Tcp's bookkeeping
  [[nodiscard]] ConnectionId id() const noexcept { return id_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const Endpoint& local() const noexcept { return local_; }
  [[nodiscard]] const Endpoint& remote() const noexcept { return remote_; }
  [[nodiscard]] ListenerId listener() const noexcept { return listener_; }
  // Its SYN brought a good cookie: it may be read and written before the handshake is over.
  [[nodiscard]] bool fast_opened() const noexcept { return fast_open_ == FastOpen::accepted; }
  [[nodiscard]] const Tcb& tcb() const noexcept { return tcb_; }
  // Since when SYN and SYN,ACK wait for an answer; nullopt: they do not.
  [[nodiscard]] std::optional<Instant> waits_since() const noexcept { return progress_at_; }
  // RFC 6191: may this SYN replace us, who are in TIME-WAIT?
  [[nodiscard]] bool may_be_replaced_by(const Segment& syn) const;
  // A new incarnation has taken over from us, who are in TIME-WAIT.
  void finish_time_wait(Actions& act) { time_wait_timeout(act); }
  // Octets of memory, this object and its queues.
  [[nodiscard]] std::size_t memory() const noexcept {
    return sizeof *this + send_buffer_.memory() + receive_buffer_.memory() + reassembly_.memory() +
           scoreboard_.memory() + options_.memory() + (repair_ ? sizeof *repair_ : 0) +
           (send_times_ ? sizeof *send_times_ : 0);
  }
  // Ends without a word to anybody: an embryo whose listener has gone.
  void vanish();

  enum class Holder : std::uint8_t {
    user,      // has the id
    listener,  // an embryo, or waiting in accept()
    nobody,    // released
  };
  Holder holder = Holder::user;
  bool registered = true;  // in the table of connections, its port counted
  bool embryo = false;     // counted in Listener::embryos
  bool dirty = false;      // queued for flush()
  ConnectionId replaces;   // the connection in TIME-WAIT that a RST now would bring back

 private:
  // --- segment_arrives.cc, in the order of 3.10.7.3 and 3.10.7.4
  Verdict arrives_syn_sent(Instant now, const Segment& seg, Actions& act);
  Verdict syn_sent_1_ack(Instant now, const Segment& seg, Actions& act);
  Verdict syn_sent_2_rst(const Segment& seg, Actions& act);
  Verdict syn_sent_3_security(const Segment& seg);
  Verdict syn_sent_4_syn(Instant now, const Segment& seg, Actions& act);
  Verdict syn_sent_5_neither(Actions& act);

  Verdict arrives_other(Instant now, const Segment& seg, Actions& act);
  Verdict check_1_sequence(Instant now, const Segment& seg, Actions& act);
  Verdict check_2_rst(Instant now, const Segment& seg, Actions& act);
  Verdict check_3_security(const Segment& seg);
  Verdict check_4_syn(Instant now, const Segment& seg, Actions& act);
  Verdict check_5_ack(Instant now, const Segment& seg, Actions& act);
  Verdict check_6_urg(const Segment& seg, Actions& act);
  Verdict check_7_text(Instant now, const Segment& seg, Actions& act);
  Verdict check_8_fin(Instant now, const Segment& seg, Actions& act);

  [[nodiscard]] bool is_acceptable(const Segment& seg) const noexcept;
  // RFC 9293, 3.10.7.4: with a window of zero, ACK, URG and RST of a segment at RCV.NXT still
  // count.
  [[nodiscard]] bool is_window_probe(const Segment& seg) const noexcept;
  Verdict unacceptable(Instant now, const Segment& seg, Actions& act);
  Verdict check_paws(Instant now, const Segment& seg, Actions& act);
  Verdict reset_by_peer(Actions& act);
  void challenge(Instant now, DropReason reason, Actions& act);
  void reply_to_stray(Instant now, const Segment& seg, Actions& act);
  void take_text_of_fast_open(const Segment& syn);
  void take_back_text_of_syn();
  void send_text_of_syn_again(Instant now, Actions& act);
  [[nodiscard]] bool echoes_no_syn(Instant now, const Segment& seg) const;
  void learn_from_syn_ack(const Segment& seg, Instant now);
  void fast_open_failed(Instant now);
  void take_fin(Instant now, Actions& act);
  [[nodiscard]] bool accepts_text() const noexcept;
  Verdict refuse_late_text(const Segment& seg, Actions& act);
  Verdict second_syn(Instant now, const Segment& seg, Actions& act);
  void note_congestion_mark(const Segment& seg);

  // --- transitions.cc
  void take_syn(Instant now, const Segment& syn);
  void take_user_timeout(const Segment& seg);
  // Text or FIN that came with a SYN waits here until the connection is established.
  void keep_text_of_syn(const Segment& syn);
  void absorb_held(Actions& act);
  void begin_data_transfer(Instant now, Actions& act);
  void start_congestion_control();
  void enter_established(Actions& act);
  void enter_time_wait(Instant now);
  [[nodiscard]] bool our_fin_is_acked() const noexcept;
  void update_window(const Segment& seg);

  // --- loss_recovery.cc
  void process_ack(Instant now, const Segment& seg, Actions& act);
  void acknowledge(Instant now, const Segment& seg, Actions& act);
  [[nodiscard]] std::optional<Duration> take_rtt_sample(Instant now, const Segment& seg);
  [[nodiscard]] std::optional<Duration> round_trip_of_last(Instant now, SeqNum ack) const;
  void on_duplicate_ack();
  void enter_recovery();
  void on_new_data_acked(const Congestion::Ack& ack, bool congestion_echoed);
  void react_to_ecn_echo(std::uint32_t flight);
  void note_reduction();
  void resend_from_una(bool merge);
  [[nodiscard]] std::uint32_t flight_size() const noexcept;
  [[nodiscard]] std::uint32_t in_flight() const noexcept;
  [[nodiscard]] SeqNum lost_before() const noexcept;
  [[nodiscard]] std::uint32_t restart_window() const;

  // --- loss_detection.cc: RFC 8985 and 6937
  [[nodiscard]] bool uses_rack() const noexcept { return sack_ok_ && shared_.config.rack; }
  [[nodiscard]] Repair& repair();
  [[nodiscard]] Rack::View rack_view(Instant now) const noexcept;
  void note_delivered(Instant now, const Segment& seg, bool newly_sacked);
  void detect_losses(Instant now);
  void reduce_in_proportion(bool advanced, bool more_lost);
  void leave_recovery();
  void judge_probe(const Segment& seg, SeqNum una_before, std::uint32_t flight_before);
  void send_probe(Instant now, Actions& act);
  void arm_early_timer(Instant now);

  // --- undo.cc: RFC 5682, 3522, 3708 and 4015
  void remember_reduction(std::uint32_t flight);
  void note_retransmission(Instant now, SeqNum from, SeqNum end);
  void judge_reduction(const Segment& seg, SeqNum una_before);
  void judge_timeout(const Segment& seg, SeqNum una_before);
  void undo_reduction(const Segment& seg, std::uint32_t acked);
  [[nodiscard]] bool awaits_second_ack() const noexcept {
    return repair_ && repair_->frto == Repair::Frto::second_ack;
  }

  // --- output.cc
  void send_retransmissions(Instant now, Actions& act);
  void send_lost(Instant now, Actions& act);
  void send_frto_text(Instant now, Actions& act);
  void send_sack_recovery(Instant now, Actions& act);
  bool send_next_segment(Instant now, Actions& act);
  void send_new_text(Instant now, Actions& act);
  [[nodiscard]] bool may_send_text() const noexcept;
  [[nodiscard]] std::uint32_t new_segment_size(std::uint32_t room) const;
  [[nodiscard]] std::uint32_t longest_train() const noexcept;
  [[nodiscard]] bool is_last(std::uint32_t size) const noexcept;
  [[nodiscard]] std::uint32_t congestion_room() const noexcept;
  [[nodiscard]] bool holds_back_short_segments() const noexcept;
  void enter_syn_received(Instant now, SeqNum iss, const Segment& syn, ListenerId listener);
  [[nodiscard]] Segment make_syn(Instant now);
  void send_syn(Instant now, Actions& act, const FastOpenOption* fast_open = nullptr);
  SeqNum retransmit(Instant now, SeqNum from, SeqNum limit, Actions& act);
  SeqNum send_text(Instant now, SeqNum from, SeqNum end, bool is_new, Actions& act);
  void send_ack(Instant now, Actions& act);
  [[nodiscard]] SendTimes::Limit send_limit() const noexcept;
  void send_keepalive(Instant now, Actions& act);
  void send_reset(Instant now, Actions& act);
  [[nodiscard]] Segment& make_segment(Instant now, Actions& act);
  void sent(const Segment& segment);
  [[nodiscard]] bool ends_with_push(SeqNum from, SeqNum end) const;
  void set_urgent(Segment& segment) const noexcept;
  [[nodiscard]] std::uint16_t offer_window(bool in_syn);
  [[nodiscard]] std::uint32_t receive_space() const noexcept;
  [[nodiscard]] bool window_update_is_due() const noexcept;
  void tune_receive_buffer(Instant now, std::uint32_t read);
  [[nodiscard]] std::uint32_t largest_receive_buffer() const noexcept;
  [[nodiscard]] std::uint8_t shift_for_buffer() const noexcept;
  [[nodiscard]] bool fin_waits() const noexcept;
  [[nodiscard]] SeqNum fin_seq() const noexcept { return send_buffer_.end(); }

  // --- timeouts.cc
  void user_timeout(Instant now, Actions& act);
  void retransmission_timeout(Instant now, Actions& act);
  void time_wait_timeout(Actions& act);
  void persist_timeout(Instant now, Actions& act);
  void keepalive_timeout(Instant now, Actions& act);
  void arm_timers(Instant now);
  // How often a SYN, or SYN,ACK, may be sent again; nullopt: as time allows.
  [[nodiscard]] std::optional<std::uint8_t> syn_retries() const noexcept;
  [[nodiscard]] Duration user_timeout_length() const noexcept;
  [[nodiscard]] Duration own_user_timeout() const noexcept;
  [[nodiscard]] bool sends_user_timeout() const noexcept;
  [[nodiscard]] UserTimeout user_timeout_option() const noexcept;
  [[nodiscard]] bool is_persisting() const noexcept;

  // --- connection.cc
  void finish(std::optional<TcpError> failure, Actions& act, std::uint8_t icmp_type = 0,
              std::uint8_t icmp_code = 0);
  void tell(EventKind kind, Actions& act);
  void update_mss();

  // --- path_mtu.cc: RFC 1191, 8201, 5927, 4821
  [[nodiscard]] std::uint16_t largest_segment() const noexcept;
  void on_packet_too_big(Instant now, const IcmpError& error, Actions& act);
  void lower_path_mtu(std::uint32_t mtu);
  void set_send_mss(std::uint16_t send_mss);
  [[nodiscard]] bool has_narrow_path() const noexcept { return path_.send_mss < path_.receive_mss; }
  void note_arrival(SeqNum ack);
  void suspect_path(Actions& act);
  void start_path_search();
  [[nodiscard]] std::uint64_t octets_between_losses() const noexcept;
  [[nodiscard]] bool probe_path(Instant now, Actions& act);
  [[nodiscard]] bool only_path_probe_is_lost() const noexcept;
  void resend_path_probe();
  // The sequence number of the octet that the user reads next.
  [[nodiscard]] SeqNum read_seq() const noexcept;
  [[nodiscard]] bool ack_owed() const noexcept;

  Shared& shared_;
  ConnectionId id_;
  ListenerId listener_;  // of a passive open
  Endpoint local_, remote_;
  KeptOptions options_;
  State state_ = State::closed;
  std::optional<TcpError> failure_;
  Tcb tcb_;
  Path path_;
  std::unique_ptr<PathSearch> search_;  // null: routers are believed to say what the path takes
  // RFC 5927, 7.2: the largest segment that the peer has acknowledged since the last time-out, text
  // and options, and a report that contradicts it; 0: none.
  std::uint32_t doubted_mtu_ = 0;
  std::uint16_t largest_acked_ = 0;

  // What the SYNs agreed on.
  std::uint16_t peer_mss_ = 0;        // Send MSS of 3.7.1: announced by the peer, or the default
  std::uint16_t advertised_mss_ = 0;  // announced by us
  std::uint16_t segment_mss_ = 0;     // text and options of a segment: smaller of peer and path
  std::uint16_t mss_ = 0;             // text of a segment: Eff.snd.MSS
  std::uint8_t snd_wscale_ = 0, rcv_wscale_ = 0;
  std::uint32_t peer_user_timeout_seconds_ = 0;  // RFC 5482: what the peer told; 0: nothing
  bool timestamps_ok_ = false, sack_ok_ = false, scaling_ok_ = false, ecn_ok_ = false;
  // Our SYN is acknowledged. Not to be told from SND.UNA, which comes back to ISS after 2^32
  // octets.
  bool syn_acked_ = false;

  // RFC 7413.
  enum class FastOpen : std::uint8_t {
    none,
    requested,               // our SYN asked for a cookie
    requested_experimental,  //   in the old format
    attempted,               // our SYN had a cookie, and text if there was any
    attempted_bare,          //   without a cookie
    accepted,                // the peer's SYN had a good one
  };
  FastOpen fast_open_ = FastOpen::none;
  [[nodiscard]] bool attempted_fast_open() const noexcept {
    return fast_open_ == FastOpen::attempted || fast_open_ == FastOpen::attempted_bare;
  }
  bool syn_text_taken_ = false;  // by us or the peer

  // Sending.
  bool fin_queued_ = false;       // CLOSE was called: a FIN follows the text
  bool close_deferred_ = false;   // CLOSE in SYN-RECEIVED waits for ESTABLISHED
  bool user_is_blocked_ = false;  // SEND was cut short: tell when there is room
  bool writer_waits_ = false;     // ... in OPEN, and the rest will come as soon as it may
  bool syn_text_again_ = false;   // the peer has not taken the text of our SYN
  // The last SEND said that more follows: what is short waits for it, or no longer does.
  enum class More : std::uint8_t { none, waits, expected };
  More more_ = More::none;
  bool override_ = false;    // send short segments now: the override timer has expired
  bool ends_train_ = false;  // the segment that is being made
  SeqNum short_end_;         // where the last short segment of new text ended
  SendBuffer send_buffer_;
  std::unique_ptr<SendTimes> send_times_;  // where somebody wants to know
  Congestion congestion_;
  RtoEstimator rto_;
  Instant last_sent_at_{};
  // Karn's rule (RFC 6298, 3): without timestamps one segment is timed at a time, and not if it was
  // sent again.
  std::optional<SeqNum> timed_until_;
  Instant timed_at_{};

  // Loss recovery: RFC 5681, 3.2; RFC 6582; RFC 6675, 5; after the timer, RFC 5681, 3.1.
  enum class Recovery : std::uint8_t { none, fast, sack, timeout };
  Scoreboard scoreboard_;
  std::unique_ptr<Repair> repair_;  // from the first trouble on
  std::uint64_t total_retrans_ = 0;
  SeqNum recover_;                   // recovery ends when SND.UNA reaches this
  SeqNum high_rxt_;                  // RFC 6675: one more than HighRxt
  SeqNum rescue_rxt_;                // RFC 6675: one more than RescueRxt
  SeqNum resend_next_, resend_end_;  // after the timer: [next, end) is still to be sent again
  bool resend_merges_ = false;       // ... and may be cut anew, with text never sent
  bool resend_first_ = false;        // the segment at SND.UNA goes out whatever the window
  bool await_ack_ = false;           // ... and nothing else before an ACK of new data
  Recovery recovery_ = Recovery::none;
  // RACK.min_RTT: the shortest of the last minutes.
  Duration min_rtt_{std::numeric_limits<std::int64_t>::max()};
  Instant min_rtt_at_{};
  std::uint32_t dup_acks_ = 0;
  std::uint32_t inflations_ = 0;
  std::uint32_t limited_ = 0;      // octets that limited transmit has sent
  std::uint32_t retransmits_ = 0;  // expiries of the timer since SND.UNA moved
  SeqNum burst_end_;               // what the initial or restart window has sent ends here
  bool careful_restart_ = false;   // RFC 6928, 2: loss in such a window
  bool had_partial_ack_ = false;

  // ECN (RFC 3168, 6.1).
  bool ecn_asked_ = false;        // our last SYN was an ECN-setup SYN
  bool echo_congestion_ = false;  // receiver: ECE on every ACK until CWR comes
  bool cwr_pending_ = false;      // sender: CWR on the next new segment
  bool ecn_hold_ = false;         // sender: wait for the timer (6.1.2, window of one segment)
  SeqNum ecn_recover_;            // sender: no second reaction before this is acknowledged

  // Receiving.
  ReceiveBuffer receive_buffer_;
  Instant tuned_at_{};                  // when the buffer was looked at last,
  std::uint32_t read_since_tuned_ = 0;  //   and what the user has read since
  SeqNum last_ack_sent_;                // Last.ACK.sent of RFC 7323
  Reassembly reassembly_;
  TimestampState timestamps_;
  bool fin_received_ = false;           // and everything before it
  bool receiver_gone_ = false;          // full CLOSE: late text draws a RST
  bool ack_now_ = false;                // an ACK is due at the next output
  std::uint8_t quick_acks_ = 0;         // segments acknowledged at once; 255: the user answers
  bool urgent_valid_ = false;           // RCV.UP means something
  bool urgent_taken_ = false;           // receive_urgent() has had the octet before RCV.UP
  std::uint32_t unacked_segments_ = 0;  // with text, in order, since the last ACK

  // Timers; nullopt: not running.
  std::uint8_t keepalive_probes_ = 0;
  bool stray_ack_sent_ = false;
  bool user_timeout_is_news_ = false;  // RFC 5482: the next segment tells it
  Deadline retransmit_at_, persist_at_, override_at_, delayed_ack_at_, keepalive_at_, time_wait_at_,
      user_timeout_at_, orphan_at_;
  // What comes before the retransmission timer (RFC 8985, 8): the probe, or else another look at
  // who is late.
  Deadline early_at_;
  bool early_is_probe_ = false;
  bool restart_probe_ = false;       // new text was sent, or an ACK of new data came
  bool restart_retransmit_ = false;  // an ACK of new data came (RFC 6298, 5.3)
  std::uint32_t persist_backoff_ = 0;
  Instant last_received_at_{};
  Instant last_stray_ack_at_{};
  ChallengeAckThrottle challenge_acks_;
  Deadline progress_at_;  // since when the user timeout counts

  std::uint64_t segments_in_ = 0, segments_out_ = 0, octets_acked_ = 0, octets_received_ = 0;
};

}  // namespace packetwright::tcp
