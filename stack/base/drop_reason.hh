// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace packetwright::inline base {

// Why something that arrived went no further. Every early return on an input path gives one; each
// is counted, traced, and named by the unit test that reaches it. X(enumerator): layer_what.
#define PW_DROP_REASONS(X)                    \
  /* Ethernet, ARP, NDP */                    \
  X(frame_too_short)                          \
  X(frame_not_for_us)                         \
  X(ethertype_unknown)                        \
  X(frame_queue_full)                         \
  X(link_down)                                \
  X(arp_malformed)                            \
  X(arp_not_for_us)                           \
  X(arp_bad_sender)                           \
  X(ndp_fragmented)                           \
  X(ndp_hop_limit)                            \
  X(ndp_malformed)                            \
  X(ndp_bad_source)                           \
  X(ndp_bad_target)                           \
  X(ndp_bad_link_address)                     \
  X(ndp_not_for_us)                           \
  X(ndp_own_echo)                             \
  X(ndp_unsolicited)                          \
  X(ndp_not_a_router)                         \
  X(ndp_redirect_refused)                     \
  X(ndp_switched_off)                         \
  /* IPv4, IPv6 */                            \
  X(ip_malformed)                             \
  X(ip_bad_checksum)                          \
  X(ip_not_for_us)                            \
  X(ip_bad_source)                            \
  X(ip_unicast_in_broadcast)                  \
  X(ip_bad_option)                            \
  X(ip_source_route)                          \
  X(ip_bad_extension)                         \
  X(ip_no_next_header)                        \
  X(ip_protocol_unknown)                      \
  X(fragment_malformed)                       \
  X(fragment_overlap)                         \
  X(fragment_too_big)                         \
  X(fragment_no_memory)                       \
  X(fragment_timeout)                         \
  /* ICMP */                                  \
  X(icmp_malformed)                           \
  X(icmp_bad_checksum)                        \
  X(icmp_unknown_type)                        \
  X(icmp_broadcast_echo)                      \
  X(icmp_error_unmatched)                     \
  X(icmp_error_out_of_window)                 \
  X(icmp_source_quench)                       \
  X(icmp_too_big_doubted)                     \
  X(icmp_error_forbidden)                     \
  X(icmp_rate_limited)                        \
  /* IGMP, MLD */                             \
  X(group_malformed)                          \
  X(group_bad_checksum)                       \
  X(group_hop_limit)                          \
  X(group_bad_source)                         \
  X(group_no_router_alert)                    \
  X(group_unknown_type)                       \
  X(group_not_asked_for)                      \
  X(group_switched_off)                       \
  /* UDP */                                   \
  X(udp_malformed)                            \
  X(udp_bad_checksum)                         \
  X(udp_no_socket)                            \
  X(udp_queue_full)                           \
  /* TCP, in the order of RFC 9293, 3.10.7 */ \
  X(tcp_malformed)                            \
  X(tcp_bad_checksum)                         \
  X(tcp_bad_address)                          \
  X(tcp_no_connection)                        \
  X(tcp_listen_rst)                           \
  X(tcp_listen_ack)                           \
  X(tcp_listen_other)                         \
  X(tcp_listen_backlog_full)                  \
  X(tcp_accept_deferred)                      \
  X(tcp_syn_sent_bad_ack)                     \
  X(tcp_syn_sent_rst_without_ack)             \
  X(tcp_syn_sent_neither)                     \
  X(tcp_time_wait_syn)                        \
  X(tcp_paws)                                 \
  X(tcp_missing_timestamp)                    \
  X(tcp_outside_window)                       \
  X(rst_outside_window)                       \
  X(rst_not_exact)                            \
  X(tcp_syn_in_window)                        \
  X(tcp_no_ack_flag)                          \
  X(tcp_ack_not_yet_sent)                     \
  X(tcp_ack_too_old)                          \
  X(tcp_syn_received_bad_ack)                 \
  X(tcp_closing_not_our_fin)                  \
  X(tcp_text_after_close)                     \
  X(tcp_text_no_memory)                       \
  X(tcp_challenge_ack_limited)                \
  X(tcp_stray_ack_limited)                    \
  X(tcp_duplicate_syn)                        \
  X(tcp_syn_received_syn)                     \
  X(tcp_zero_window)                          \
  X(tcp_text_receiver_gone)                   \
  /* DNS */                                   \
  X(dns_malformed)                            \
  X(dns_unexpected)

enum class DropReason : std::uint8_t {
#define PW_X(name) name,
  PW_DROP_REASONS(PW_X)
#undef PW_X
};

inline constexpr std::size_t kDropReasonCount = 0
#define PW_X(name) +1
    PW_DROP_REASONS(PW_X)
#undef PW_X
    ;

// The enumerator's own name.
[[nodiscard]] std::string_view name_of(DropReason reason) noexcept;

// How often each reason was given.
class DropCounters {
 public:
  void count(DropReason reason) noexcept { ++counts_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t operator[](DropReason reason) const noexcept {
    return counts_[static_cast<std::size_t>(reason)];
  }

 private:
  std::array<std::uint64_t, kDropReasonCount> counts_{};
};

}  // namespace packetwright::inline base
