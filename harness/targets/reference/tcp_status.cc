// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/tcp_status.hh"

#include <chrono>

namespace packetwright::reference {
namespace {

std::int64_t microseconds(Duration duration) noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// TCPI_OPT_TIMESTAMPS and the bits after it.
int options_of(const tcp::Status& status) noexcept {
  return (status.timestamps ? 1 : 0) | (status.sack ? 2 : 0) | (status.window_scaling ? 4 : 0) |
         (status.ecn ? 8 : 0) | (status.syn_text_taken ? 32 : 0);
}

}  // namespace

targets::TcpState state_of(tcp::State state) noexcept {
  using targets::TcpState;
  switch (state) {
    case tcp::State::listen: return TcpState::listen;
    case tcp::State::syn_sent: return TcpState::syn_sent;
    case tcp::State::syn_received: return TcpState::syn_received;
    case tcp::State::established: return TcpState::established;
    case tcp::State::fin_wait_1: return TcpState::fin_wait_1;
    case tcp::State::fin_wait_2: return TcpState::fin_wait_2;
    case tcp::State::close_wait: return TcpState::close_wait;
    case tcp::State::closing: return TcpState::closing;
    case tcp::State::last_ack: return TcpState::last_ack;
    case tcp::State::time_wait: return TcpState::time_wait;
    case tcp::State::closed: return TcpState::closed;
  }
  return TcpState::closed;
}

targets::TcpStatus tcp_status_of(Instant now, const tcp::Status& status) {
  targets::TcpStatus out;
  out.state = state_of(status.state);
  const auto count = [&out](const char* name, auto value) {
    out.counters[name] = static_cast<std::int64_t>(value);
  };
  count("advmss", status.advertised_mss);
  count("backoff", status.backoff);
  count("bytes_acked", status.octets_acked);
  count("bytes_received", status.octets_received);
  count("ca_state", status.course);
  count("cwnd", status.cwnd_segments);
  count("cwnd_octets", status.cwnd);
  count("delivered", status.delivered);
  count("ecn", status.ecn);
  count("in_recovery", status.in_recovery);
  // As Linux counts: a segment that was sent again is lost until it is reported.
  const bool repairs =
      status.course == tcp::Status::Course::recovery || status.course == tcp::Status::Course::loss;
  count("lost", status.lost + (repairs ? status.resent : 0));
  count("notsent_bytes", status.unsent);
  count("options", options_of(status));
  count("rcv_wnd", status.rcv_wnd);
  count("rcv_wscale", status.rcv_wscale);
  count("recv_q", status.receive_queue);
  count("reordering", status.reordering);
  count("retrans", status.resent);
  count("retransmits", status.retransmits);
  count("rto_us", microseconds(status.rto));
  count("rttvar_us", microseconds(status.rttvar));
  count("sack", status.sack);
  count("sacked", status.sacked);
  count("segs_in", status.segments_in);
  count("segs_out", status.segments_out);
  count("send_q", status.send_queue);
  count("snd_mss", status.snd_mss);
  count("snd_wnd", status.snd_wnd);
  count("snd_wscale", status.snd_wscale);
  count("srtt_us", microseconds(status.srtt));
  // Linux has a number of its own for none.
  const bool none = status.ssthresh >= (std::uint32_t{1} << 29);
  count("ssthresh", none ? 0x7fff'ffff : status.ssthresh_segments);
  count("ssthresh_octets", status.ssthresh);
  count("timestamps", status.timestamps);
  if (auto times = status.send_times) {
    times->enter(now, tcp::SendTimes::Limit::idle);
    count("busy_time", microseconds(times->busy()));
    count("rwnd_limited", microseconds(times->of(tcp::SendTimes::Limit::window)));
    count("sndbuf_limited", microseconds(times->of(tcp::SendTimes::Limit::buffer)));
  }
  count("total_retrans", status.total_retrans);
  count("unacked", status.unacked);
  count("wscale", status.window_scaling);
  return out;
}

}  // namespace packetwright::reference
