// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/connection.hh"

#include <algorithm>

namespace packetwright::tcp {

Connection::Connection(Shared& shared, ConnectionId id, const Endpoint& local,
                       const Endpoint& remote, const Path& path, const ConnectionOptions& options)
    : shared_(shared),
      id_(id),
      local_(local),
      remote_(remote),
      options_(options),
      path_(path),
      send_buffer_(options.send_buffer.value_or(shared.config.send_buffer)),
      congestion_({.control = options.congestion_control.value_or(shared.config.congestion_control),
                   .abc_limit = shared.config.abc_limit,
                   .hystart = shared.config.hystart,
                   .half_use_is_enough = shared.config.half_use_is_enough,
                   .hystart_at_once = shared.config.hystart_at_once,
                   .cubic_reduces_window = shared.config.cubic_reduces_window}),
      rto_(shared.config),
      receive_buffer_(options.receive_buffer.value_or(shared.config.receive_buffer)) {
  //= RFC9293-MUST-15
  // Until the peer says otherwise it takes what every host must take.
  constexpr std::uint16_t kDefaultMss4 = 536;
  constexpr std::uint16_t kDefaultMss6 = 1220;
  peer_mss_ = remote.address.is_v4() ? kDefaultMss4 : kDefaultMss6;
  //= RFC9293-MUST-67
  advertised_mss_ = std::min(path.receive_mss, options.max_segment.value_or(0xffff));
  rcv_wscale_ = shift_for_buffer();
  if (shared.config.timestamps) timestamps_.start(shared.timestamp_key, local, remote);
  shared_.narrow_paths += has_narrow_path() ? 1 : 0;
  update_mss();
}

Connection::~Connection() {
  shared_.narrow_paths -= has_narrow_path() ? 1 : 0;
}

//= RFC9293-MUST-16
//= RFC9293-3.7.1-decrease
//= RFC6691-2-b
void Connection::update_mss() {
  constexpr std::uint16_t kTimestampsOption = 12;  // padded
  constexpr std::uint16_t kLeast = 8;              // whatever a user or a router says
  segment_mss_ = largest_segment();
  if (search_) segment_mss_ = std::min(segment_mss_, search_->size());
  const std::uint16_t options = timestamps_ok_ ? kTimestampsOption : 0;
  segment_mss_ = std::max<std::uint16_t>(segment_mss_, kLeast + options);
  mss_ = segment_mss_ - options;
}

void Connection::tell(EventKind kind, Actions& act) {
  if (holder == Holder::user) act.tell(kind, id_);
}

void Connection::finish(std::optional<TcpError> failure, Actions& act, std::uint8_t icmp_type,
                        std::uint8_t icmp_code) {
  failure_ = failure;
  // "All segment queues should be flushed": after a failure the text that nobody has read goes as
  // well; after an ordinary end it stays for its reader.
  if (failure && !shared_.config.keep_text_after_failure) receive_buffer_.release();
  vanish();
  if (holder != Holder::user) return;
  act.tell({.kind = failure ? EventKind::failed : EventKind::closed,
            .connection = id_,
            .error = failure,
            .icmp_type = icmp_type,
            .icmp_code = icmp_code});
}

void Connection::vanish() {
  state_ = State::closed;
  send_buffer_.release();
  reassembly_.clear();
  scoreboard_.clear();
  retransmit_at_ = persist_at_ = override_at_ = delayed_ack_at_ = keepalive_at_ = time_wait_at_ =
      user_timeout_at_ = orphan_at_ = early_at_ = std::nullopt;
  repair_.reset();
  ack_now_ = false;
}

bool Connection::ack_owed() const noexcept {
  return is_synchronized(state_) && last_ack_sent_ != tcb_.rcv.nxt;
}

void Connection::stop_receiving(Instant now) {
  receiver_gone_ = true;
  receive_buffer_.release();
  if (state_ == State::fin_wait_2) orphan_at_ = now + shared_.config.orphan_timeout;
}

Readiness Connection::readiness() const noexcept {
  Readiness ready;
  ready.closed = state_ == State::closed;
  ready.peer_closed = fin_received_;
  ready.readable = receive_buffer_.size() > 0 || fin_received_ || ready.closed;
  ready.urgent = urgent_ahead() > 0 && !urgent_taken_;
  switch (state_) {
    case State::established:
    case State::close_wait: ready.writable = fin_queued_ || send_buffer_.space() > 0; break;
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::closing:
    case State::last_ack:
    case State::time_wait:
    case State::closed:
      // SEND answers at once here too: with an error.
      ready.writable = true;
      break;
    case State::listen:
    case State::syn_sent: break;
    case State::syn_received: ready.writable = fast_opened() && send_buffer_.space() > 0; break;
  }
  return ready;
}

bool Connection::may_be_replaced_by(const Segment& syn) const {
  const bool old_has_timestamps = timestamps_ok_;
  const bool new_has_timestamps = shared_.config.timestamps && syn.options.timestamps.has_value();
  // The number of the peer's FIN: the last one that it used.
  const SeqNum last = tcb_.rcv.nxt - 1;
  if (old_has_timestamps && new_has_timestamps) {
    const auto newer =
        static_cast<std::int32_t>(syn.options.timestamps->value - timestamps_.recent());
    //= RFC6191-2-a
    if (newer > 0) return true;
    //= RFC6191-2-b
    return newer == 0 && syn.seq > last;
  }
  //= RFC6191-2-d
  if (new_has_timestamps) return true;
  //= RFC6191-2-c
  return syn.seq > last;
}

//= RFC9293-MUST-54
void Connection::on_icmp_error(Instant now, const IcmpError& error, Actions& act) {
  //= RFC5927-4.1-a
  if (!(tcb_.snd.una <= error.seq && error.seq < tcb_.snd.nxt)) {
    return act.drop(DropReason::icmp_error_out_of_window);
  }
  switch (error.kind) {
    case IcmpErrorKind::source_quench:
      //= RFC9293-MUST-55
      //= RFC6633-3-b
      return act.drop(DropReason::icmp_source_quench);
    case IcmpErrorKind::packet_too_big: return on_packet_too_big(now, error, act);
    case IcmpErrorKind::hard:
      //= RFC9293-SHLD-26
      //= RFC5927-5.2-a
      // A stranger who guesses a sequence number in flight must not be able to end a connection
      // that works; an attempt to connect may fail early.
      // DEVIATION RFC9293-SHLD-26: only then, unless the configuration says more, decision 0005.
      if (!is_synchronized(state_) || shared_.config.hard_icmp_aborts) {
        fast_open_failed(now);
        return finish(TcpError::unreachable, act, error.icmp_type, error.icmp_code);
      }
      break;
    case IcmpErrorKind::soft:
      //= RFC5461-4.1-a
      if (!is_synchronized(state_) && !fast_opened() && shared_.config.soft_icmp_ends_handshake) {
        fast_open_failed(now);
        return finish(TcpError::unreachable, act, error.icmp_type, error.icmp_code);
      }
      break;
  }
  //= RFC9293-MUST-56
  //= RFC9293-SHLD-25
  if (holder == Holder::user) {
    act.tell({.kind = EventKind::soft_error,
              .connection = id_,
              .icmp_type = error.icmp_type,
              .icmp_code = error.icmp_code});
  }
}

}  // namespace packetwright::tcp
