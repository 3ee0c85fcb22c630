// SPDX-License-Identifier: Apache-2.0
#include "examples/packetdrill_so/tcp_info_of.hh"

#include <cstdint>
#include <string>

namespace packetwright::example {
namespace {

// include/net/tcp_states.h of Linux.
std::uint8_t number_of(targets::TcpState state) {
  switch (state) {
    case targets::TcpState::established: return 1;
    case targets::TcpState::syn_sent: return 2;
    case targets::TcpState::syn_received: return 3;
    case targets::TcpState::fin_wait_1: return 4;
    case targets::TcpState::fin_wait_2: return 5;
    case targets::TcpState::time_wait: return 6;
    case targets::TcpState::closed: return 7;
    case targets::TcpState::close_wait: return 8;
    case targets::TcpState::last_ack: return 9;
    case targets::TcpState::listen: return 10;
    case targets::TcpState::closing: return 11;
  }
  return 7;
}

}  // namespace

tcp_info tcp_info_of(const targets::TcpStatus& status) {
  const auto counter = [&](const char* name) -> std::int64_t {
    const auto found = status.counters.find(name);
    return found == status.counters.end() ? 0 : found->second;
  };
  const auto number = [&](const char* name) { return static_cast<__u32>(counter(name)); };
  tcp_info info{};
  info.tcpi_state = number_of(status.state.value_or(targets::TcpState::closed));
  info.tcpi_ca_state = counter("in_recovery") != 0 ? TCP_CA_Recovery : TCP_CA_Open;
  info.tcpi_retransmits = static_cast<__u8>(counter("retransmits"));
  info.tcpi_backoff = static_cast<__u8>(counter("backoff"));
  info.tcpi_options = static_cast<__u8>((counter("timestamps") != 0 ? TCPI_OPT_TIMESTAMPS : 0) |
                                        (counter("sack") != 0 ? TCPI_OPT_SACK : 0) |
                                        (counter("wscale") != 0 ? TCPI_OPT_WSCALE : 0) |
                                        (counter("ecn") != 0 ? TCPI_OPT_ECN : 0));
  info.tcpi_snd_wscale = static_cast<__u8>(counter("snd_wscale") & 0xf);
  info.tcpi_rcv_wscale = static_cast<__u8>(counter("rcv_wscale") & 0xf);
  info.tcpi_rto = number("rto_us");
  info.tcpi_snd_mss = number("snd_mss");
  info.tcpi_unacked = number("unacked");
  info.tcpi_sacked = number("sacked");
  info.tcpi_lost = number("lost");
  info.tcpi_rtt = number("srtt_us");
  info.tcpi_rttvar = number("rttvar_us");
  info.tcpi_snd_ssthresh = number("ssthresh");
  info.tcpi_snd_cwnd = number("cwnd");
  info.tcpi_advmss = number("advmss");
  info.tcpi_total_retrans = number("total_retrans");
  info.tcpi_bytes_acked = static_cast<__u64>(counter("bytes_acked"));
  info.tcpi_bytes_received = static_cast<__u64>(counter("bytes_received"));
  info.tcpi_segs_out = number("segs_out");
  info.tcpi_segs_in = number("segs_in");
  info.tcpi_notsent_bytes = number("notsent_bytes");
  info.tcpi_snd_wnd = number("snd_wnd");
  return info;
}

}  // namespace packetwright::example
