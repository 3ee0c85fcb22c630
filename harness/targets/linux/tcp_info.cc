// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/tcp_info.hh"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness/targets/linux/tcp_diagnostics.hh"

namespace packetwright::linux_stack {

targets::TcpStatus status_of(const tcp_info& info, std::size_t size) {
  targets::TcpStatus status;
  status.state = state_of_number(info.tcpi_state);

  auto& counters = status.counters;
  counters["ca_state"] = info.tcpi_ca_state;
  counters["retransmits"] = info.tcpi_retransmits;
  counters["probes"] = info.tcpi_probes;
  counters["backoff"] = info.tcpi_backoff;
  counters["options"] = info.tcpi_options;
  counters["snd_wscale"] = info.tcpi_snd_wscale;
  counters["rcv_wscale"] = info.tcpi_rcv_wscale;

  counters["timestamps"] = (info.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0;
  counters["sack"] = (info.tcpi_options & TCPI_OPT_SACK) != 0;
  counters["wscale"] = (info.tcpi_options & TCPI_OPT_WSCALE) != 0;
  counters["ecn"] = (info.tcpi_options & TCPI_OPT_ECN) != 0;
  counters["in_recovery"] = info.tcpi_ca_state == TCP_CA_Recovery;

  // An older kernel knows fewer of them; what it did not write is not told.
  const struct {
    const char* name;
    std::size_t offset;
    bool wide;  // 64 bits, else 32
  } fields[] = {
      {"rto_us", offsetof(tcp_info, tcpi_rto), false},
      {"ato_us", offsetof(tcp_info, tcpi_ato), false},
      {"snd_mss", offsetof(tcp_info, tcpi_snd_mss), false},
      {"rcv_mss", offsetof(tcp_info, tcpi_rcv_mss), false},
      {"unacked", offsetof(tcp_info, tcpi_unacked), false},
      {"sacked", offsetof(tcp_info, tcpi_sacked), false},
      {"lost", offsetof(tcp_info, tcpi_lost), false},
      {"retrans", offsetof(tcp_info, tcpi_retrans), false},
      {"fackets", offsetof(tcp_info, tcpi_fackets), false},
      {"pmtu", offsetof(tcp_info, tcpi_pmtu), false},
      {"rcv_ssthresh", offsetof(tcp_info, tcpi_rcv_ssthresh), false},
      {"srtt_us", offsetof(tcp_info, tcpi_rtt), false},
      {"rttvar_us", offsetof(tcp_info, tcpi_rttvar), false},
      {"ssthresh", offsetof(tcp_info, tcpi_snd_ssthresh), false},
      {"cwnd", offsetof(tcp_info, tcpi_snd_cwnd), false},
      {"advmss", offsetof(tcp_info, tcpi_advmss), false},
      {"reordering", offsetof(tcp_info, tcpi_reordering), false},
      {"rcv_space", offsetof(tcp_info, tcpi_rcv_space), false},
      {"total_retrans", offsetof(tcp_info, tcpi_total_retrans), false},
      {"bytes_acked", offsetof(tcp_info, tcpi_bytes_acked), true},
      {"bytes_received", offsetof(tcp_info, tcpi_bytes_received), true},
      {"segs_out", offsetof(tcp_info, tcpi_segs_out), false},
      {"segs_in", offsetof(tcp_info, tcpi_segs_in), false},
      {"notsent_bytes", offsetof(tcp_info, tcpi_notsent_bytes), false},
      {"min_rtt_us", offsetof(tcp_info, tcpi_min_rtt), false},
      {"data_segs_in", offsetof(tcp_info, tcpi_data_segs_in), false},
      {"data_segs_out", offsetof(tcp_info, tcpi_data_segs_out), false},
      {"delivered", offsetof(tcp_info, tcpi_delivered), false},
      {"delivered_ce", offsetof(tcp_info, tcpi_delivered_ce), false},
      {"bytes_sent", offsetof(tcp_info, tcpi_bytes_sent), true},
      {"bytes_retrans", offsetof(tcp_info, tcpi_bytes_retrans), true},
      {"dsack_dups", offsetof(tcp_info, tcpi_dsack_dups), false},
      {"reord_seen", offsetof(tcp_info, tcpi_reord_seen), false},
      {"rcv_ooopack", offsetof(tcp_info, tcpi_rcv_ooopack), false},
      {"snd_wnd", offsetof(tcp_info, tcpi_snd_wnd), false},
  };
  const auto* octets = reinterpret_cast<const std::uint8_t*>(&info);
  for (const auto& field : fields) {
    const std::size_t width = field.wide ? 8 : 4;
    if (field.offset + width > size) continue;
    std::uint64_t value = 0;
    if (field.wide) {
      std::memcpy(&value, octets + field.offset, sizeof value);
    } else {
      std::uint32_t narrow = 0;
      std::memcpy(&narrow, octets + field.offset, sizeof narrow);
      value = narrow;
    }
    counters[field.name] = static_cast<std::int64_t>(value);
  }
  return status;
}

targets::CallResult<targets::TcpStatus> read_tcp_info(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return Err{errno};
  targets::TcpStatus status = status_of(info, size);
  int queued = 0;
  if (ioctl(socket, SIOCINQ, &queued) == 0) status.counters["recv_q"] = queued;
  if (ioctl(socket, SIOCOUTQ, &queued) == 0) status.counters["send_q"] = queued;
  return status;
}

targets::CallResult<void> choose_isn(int socket, std::uint32_t isn) {
  if (isn == 0) return Err{ENOTSUP};
  const auto set = [&](int option, const void* value, socklen_t size) {
    return setsockopt(socket, IPPROTO_TCP, option, value, size) == 0;
  };
  const int on = TCP_REPAIR_ON;
  const int queue = TCP_SEND_QUEUE;
  const int off = TCP_REPAIR_OFF_NO_WP;  // without the window probe that resuming would send
  if (!set(TCP_REPAIR, &on, sizeof on)) return Err{errno == EPERM ? ENOTSUP : errno};
  const bool chosen =
      set(TCP_REPAIR_QUEUE, &queue, sizeof queue) && set(TCP_QUEUE_SEQ, &isn, sizeof isn);
  const int error = errno;
  if (!set(TCP_REPAIR, &off, sizeof off)) return Err{errno};
  if (!chosen) return Err{error};
  return {};
}

}  // namespace packetwright::linux_stack
