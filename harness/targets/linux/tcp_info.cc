// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/tcp_info.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include <linux/inet_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness/targets/linux/tcp_diagnostics.hh"

namespace packetwright::linux_stack {
namespace {

using Counters = std::map<std::string, std::int64_t>;

// The kernel that runs may know more than the headers do.
constexpr std::size_t kRoom = 512;
constexpr std::size_t kAfterSndWnd = offsetof(tcp_info, tcpi_snd_wnd) + sizeof(std::uint32_t);

void add_memory(int socket, Counters& counters) {
  constexpr const char* kNames[] = {"RMEM_ALLOC",  "RCVBUF", "WMEM_ALLOC", "SNDBUF", "FWD_ALLOC",
                                    "WMEM_QUEUED", "OPTMEM", "BACKLOG",    "DROPS"};
  std::array<std::uint32_t, std::size(kNames)> values{};
  socklen_t size = sizeof values;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values.data(), &size) != 0) return;
  for (std::size_t i = 0; i < size / sizeof values[0]; ++i) {
    counters[std::string{"SK_MEMINFO_"} + kNames[i]] = values[i];
  }
}

// The control in force tells something of itself; which of the three it is shows by the size.
void add_congestion_control(int socket, Counters& counters) {
  std::array<char, 16> name{};
  socklen_t size = sizeof name - 1;
  if (getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return;
  tcp_cc_info info{};
  size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_CC_INFO, &info, &size) != 0) return;
  const std::string_view control{name.data()};
  if (control == "bbr" && size >= sizeof info.bbr) {
    counters["bbr_bw_lo"] = info.bbr.bbr_bw_lo;
    counters["bbr_bw_hi"] = info.bbr.bbr_bw_hi;
    counters["bbr_bw"] =
        static_cast<std::int64_t>((std::uint64_t{info.bbr.bbr_bw_hi} << 32) + info.bbr.bbr_bw_lo);
    counters["bbr_min_rtt"] = info.bbr.bbr_min_rtt;
    counters["bbr_pacing_gain"] = info.bbr.bbr_pacing_gain;
    counters["bbr_cwnd_gain"] = info.bbr.bbr_cwnd_gain;
  } else if (control == "dctcp" && size >= sizeof info.dctcp) {
    counters["dctcp_enabled"] = info.dctcp.dctcp_enabled;
    counters["dctcp_ce_state"] = info.dctcp.dctcp_ce_state;
    counters["dctcp_alpha"] = info.dctcp.dctcp_alpha;
    counters["dctcp_ab_ecn"] = info.dctcp.dctcp_ab_ecn;
    counters["dctcp_ab_tot"] = info.dctcp.dctcp_ab_tot;
  } else if (control == "vegas" && size >= sizeof info.vegas) {
    counters["tcpv_enabled"] = info.vegas.tcpv_enabled;
    counters["tcpv_rttcnt"] = info.vegas.tcpv_rttcnt;
    counters["tcpv_rtt"] = info.vegas.tcpv_rtt;
    counters["tcpv_minrtt"] = info.vegas.tcpv_minrtt;
  }
}

// What kernels have that are newer than the headers: it lies behind the rest, in this order.
void add_newer(const std::uint8_t* octets, std::size_t size, Counters& counters) {
  if (size <= kAfterSndWnd) return;
  octets += kAfterSndWnd;
  size -= kAfterSndWnd;
  constexpr struct {
    const char* name;
    std::size_t offset;
  } kWords[] = {
      {"rcv_wnd", 0},
      {"rehash", 4},
      {"total_rto_time", 12},
      {"received_ce", 16},
      {"delivered_e1_bytes", 20},
      {"delivered_e0_bytes", 24},
      {"delivered_ce_bytes", 28},
      {"received_e1_bytes", 32},
      {"received_e0_bytes", 36},
      {"received_ce_bytes", 40},
  };
  const auto word = [octets](std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, octets + offset, sizeof value);
    return value;
  };
  for (const auto& [name, offset] : kWords) {
    if (offset + 4 <= size) counters[name] = word(offset);
  }
  if (size >= 12) {
    std::array<std::uint16_t, 2> timeouts{};
    std::memcpy(timeouts.data(), octets + 8, sizeof timeouts);
    counters["total_rto"] = timeouts[0];
    counters["total_rto_recoveries"] = timeouts[1];
  }
  if (size >= 48) {
    const std::uint32_t bits = word(44);
    counters["ecn_mode"] = bits & 3;
    counters["accecn_opt_seen"] = bits >> 2 & 3;
    counters["accecn_fail_mode"] = bits >> 4 & 15;
    counters["options2"] = bits >> 8;
  }
}

}  // namespace

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
  counters["delivery_rate_app_limited"] = info.tcpi_delivery_rate_app_limited;

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
      {"last_data_sent", offsetof(tcp_info, tcpi_last_data_sent), false},
      {"last_ack_sent", offsetof(tcp_info, tcpi_last_ack_sent), false},
      {"last_data_recv", offsetof(tcp_info, tcpi_last_data_recv), false},
      {"last_ack_recv", offsetof(tcp_info, tcpi_last_ack_recv), false},
      {"pacing_rate", offsetof(tcp_info, tcpi_pacing_rate), true},
      {"max_pacing_rate", offsetof(tcp_info, tcpi_max_pacing_rate), true},
      {"rcv_rtt", offsetof(tcp_info, tcpi_rcv_rtt), false},
      {"delivery_rate", offsetof(tcp_info, tcpi_delivery_rate), true},
      {"busy_time", offsetof(tcp_info, tcpi_busy_time), true},
      {"rwnd_limited", offsetof(tcp_info, tcpi_rwnd_limited), true},
      {"sndbuf_limited", offsetof(tcp_info, tcpi_sndbuf_limited), true},
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
  std::array<std::uint8_t, kRoom> room{};
  socklen_t size = sizeof room;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, room.data(), &size) != 0) return Err{errno};
  tcp_info info{};
  const std::size_t known = std::min<std::size_t>(size, sizeof info);
  std::memcpy(&info, room.data(), known);
  targets::TcpStatus status = status_of(info, known);
  add_newer(room.data(), size, status.counters);
  add_memory(socket, status.counters);
  add_congestion_control(socket, status.counters);
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
