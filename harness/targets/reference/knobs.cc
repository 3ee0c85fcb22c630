// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/knobs.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "stack/wire/dns_name.hh"

namespace packetwright::reference {
namespace {

using iface::StackConfig;

// The numbers of a value: "4096 131072 6291456".
std::optional<std::vector<std::int64_t>> numbers_of(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at == ' ' || *at == '\t' || *at == ',') {
      ++at;
      continue;
    }
    std::int64_t number = 0;
    const bool hexadecimal = std::string_view{at, end}.starts_with("0x");
    const auto [next, problem] =
        std::from_chars(hexadecimal ? at + 2 : at, end, number, hexadecimal ? 16 : 10);
    if (problem != std::errc{}) return std::nullopt;
    numbers.push_back(number);
    at = next;
  }
  return numbers;
}

struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

constexpr Range kFlag{0, 1};
constexpr Range kSeconds{0, 1'000'000};
constexpr Range kMilliseconds{0, 1'000'000'000};
constexpr Range kMicroseconds{1, 1'000'000'000'000};
constexpr Range kOctets{1, std::int64_t{1} << 30};

struct Knob {
  KnobInfo info;
  std::size_t count;  // how many numbers the value has; the middle one of three is used
  Range range;
  void (*set)(StackConfig& config, std::int64_t number);
  // Instead of `set`, of a value that is no number; false: it makes no sense.
  bool (*set_text)(StackConfig& config, std::string_view text) = nullptr;
};

bool set_congestion_control(StackConfig& config, std::string_view word) {
  const auto control = tcp::congestion_control_of(word);
  if (control) config.tcp.congestion_control = *control;
  return control.has_value();
}

void set_ecn(StackConfig& config, std::int64_t number) {
  constexpr tcp::EcnPolicy kPolicies[] = {tcp::EcnPolicy::off, tcp::EcnPolicy::initiate,
                                          tcp::EcnPolicy::on_demand};
  config.tcp.ecn = kPolicies[number];
}

// Domains with blanks between them.
bool set_search(StackConfig& config, std::string_view text) {
  constexpr std::string_view kBlanks = " \t,";
  config.dns.search.clear();
  for (std::size_t at = 0; (at = text.find_first_not_of(kBlanks, at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    const auto domain = wire::DnsName::from_text(text.substr(at, end - at));
    if (!domain) return false;
    config.dns.search.push_back(*domain);
    at = end;
  }
  return true;
}

// The bits of Linux.
void set_fast_open(StackConfig& config, std::int64_t number) {
  config.tcp.fast_open_client = (number & 1) != 0;
  config.tcp.fast_open_server = (number & 2) != 0;
  config.tcp.fast_open_client_without_cookie = (number & 4) != 0;
  config.tcp.fast_open_without_cookie = (number & 0x200) != 0;
  config.tcp.fast_open_every_listener = (number & 0x400) != 0;
}

// One number is for ever; of three the middle one is where it begins, and the last one is the most
// that it grows to.
bool set_receive_buffer(StackConfig& config, std::string_view text) {
  const auto numbers = numbers_of(text);
  if (!numbers || (numbers->size() != 1 && numbers->size() != 3)) return false;
  for (const std::int64_t number : *numbers) {
    if (number < kOctets.least || number > kOctets.most) return false;
  }
  config.tcp.receive_buffer = static_cast<std::uint32_t>((*numbers)[numbers->size() / 2]);
  config.tcp.receive_buffer_max = static_cast<std::uint32_t>(numbers->back());
  return config.tcp.receive_buffer <= config.tcp.receive_buffer_max;
}

// "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4", as Linux has it.
bool set_fast_open_key(StackConfig& config, std::string_view text) {
  constexpr std::size_t kGroup = 8;
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('-')) return false;
      text.remove_prefix(1);
    }
    if (text.size() < kGroup) return false;
    const char* const begin = text.data();
    const auto [end, problem] = std::from_chars(begin, begin + kGroup, words[i], 16);
    if (problem != std::errc{} || end != begin + kGroup) return false;
    text.remove_prefix(kGroup);
  }
  if (!text.empty()) return false;
  config.tcp.fast_open_key = SipKey{(std::uint64_t{words[1]} << 32) | words[0],
                                    (std::uint64_t{words[3]} << 32) | words[2]};
  return true;
}

// A limit on errors: `number` a second; 0 is none.
void set_global_rate(StackConfig& config, std::int64_t number) {
  config.icmp.errors_global.interval = number == 0 ? Duration{0} : Duration{1s} / number;
}

// What Linux does where the RFCs leave the choice, or advise otherwise.
bool be_like(StackConfig& config, std::string_view system) {
  if (system != "linux") return false;
  using namespace std::chrono_literals;
  config.tcp.min_rto = config.tcp.min_rto_variation = 200ms;  // RFC 6298, 2.4, would have a second
  config.tcp.quick_acks = 16;
  config.tcp.abc_limit_without_sack = 255;
  config.tcp.abc_limit = 255;  // RFC 3465, 2.2, would have two segments an ACK
  config.tcp.train_segments = 2;
  config.tcp.half_use_is_enough = false;
  config.tcp.probe_min = 4ms;
  config.tcp.nagle_by_short_segments = true;
  config.tcp.allow_missing_timestamps = true;
  config.tcp.keep_text_after_failure = true;
  config.tcp.empty_window_probes = true;
  config.tcp.acknowledge_in_reset = true;
  config.tcp.cubic_reduces_window = true;
  config.tcp.hystart_at_once = true;
  config.tcp.abc_counts_reported_once = true;
  config.tcp.handshake_ack_waits = true;
  config.tcp.check_echo_of_syn = true;
  config.tcp.announce_path_mtu = true;
  config.tcp.keep_text_of_crossing_syn = false;
  config.tcp.soft_icmp_ends_handshake = true;
  config.tcp.double_send_buffer = true;
  config.tcp.bare_resets = true;
  config.tcp.report_duplicate_syn = true;
  config.tcp.count_send_times = true;
  config.tcp.more_holds_until_ack = true;
  config.tcp.override_after_rto = true;
  return true;
}

// Sorted by name.
const Knob kKnobs[] = {
    {{"accept_ra", "0 or 1", "believe Router Advertisements"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.routers.accept = n != 0; }},
    {{"accept_redirects", "0 or 1", "believe ICMP Redirects of the first hop"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.accept_redirects = n != 0; }},
    {{"accept_source_route", "0 or 1", "deliver datagrams with a completed source route"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) {
       c.ip_input.options.source_routes =
           n != 0 ? ip::SourceRoutePolicy::deliver : ip::SourceRoutePolicy::refuse;
     }},
    {{"addr_gen_mode", "0 or 3", "own identifiers: 0 of the Ethernet address, 3 RFC 7217"},
     1,
     {0, 3},
     [](StackConfig& c, std::int64_t n) {
       c.autoconfiguration.identifier =
           n == 0 ? neighbor::IdentifierKind::eui64 : neighbor::IdentifierKind::stable;
     }},
    {{"arp_announce", "0 or 1", "announce own addresses (RFC 5227, 2.3)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.claim.announce = n != 0; }},
    {{"arp_probe", "0 or 1", "probe for own addresses before using them (RFC 5227, 2.1)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.claim.probe = n != 0; }},
    {{"autoconf", "0 or 1", "make addresses of advertised prefixes (RFC 4862, 5.5)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.autoconfiguration.global = n != 0; }},
    {{"dad_transmits", "0 to 255", "questions before an IPv6 address is used (RFC 4862, 5.4)"},
     1,
     {0, 255},
     [](StackConfig& c, std::int64_t n) { c.detection.transmits = static_cast<std::uint8_t>(n); }},
    {{"dns_edns_size", "octets: 0, or 512 to 65535", "UDP answers that are taken; 0: no EDNS"},
     1,
     {0, 65'535},
     [](StackConfig& c, std::int64_t n) { c.dns.edns_udp_size = static_cast<std::uint16_t>(n); }},
    {{"dns_ndots", "0 to 255", "a name with so many dots is tried as it is first"},
     1,
     {0, 255},
     [](StackConfig& c, std::int64_t n) { c.dns.ndots = static_cast<std::uint8_t>(n); }},
    {{"dns_search", "domains", "complete names that are not marked as complete"},
     1,
     kFlag,
     nullptr,
     set_search},
    {{"dns_tcp", "0 or 1", "ask again over TCP when an answer was truncated"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.dns.use_tcp = n != 0; }},
    {{"icmp_echo_ignore_all", "0 or 1", "do not answer Echo Requests"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.icmp.answer_echo = n == 0; }},
    {{"icmp_echo_ignore_broadcasts", "0 or 1", "do not answer those to a broadcast address"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.icmp.answer_group_echo_v4 = n == 0; }},
    {{"icmp_msgs_burst", "errors", "ICMP errors that may leave at once, to everybody together"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.icmp.errors_global.burst = n; }},
    {{"icmp_msgs_per_sec", "errors", "long-term rate of ICMP errors in all; 0: no limit"},
     1,
     {0, 1'000'000},
     set_global_rate},
    {{"icmp_ratelimit", "milliseconds", "between ICMP errors to one destination; 0: no limit"},
     1,
     kMilliseconds,
     [](StackConfig& c, std::int64_t n) {
       c.icmp.errors_per_destination.interval = std::chrono::milliseconds{n};
     }},
    {{"ip_default_ttl", "1 to 255", "Time to Live and Hop Limit of what is sent"},
     1,
     {1, 255},
     [](StackConfig& c, std::int64_t n) { c.hop_limit = static_cast<std::uint8_t>(n); }},
    {{"ipfrag_time", "seconds", "a datagram that stays incomplete is given up"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) {
       c.ip_input.reassembly.timeout = std::chrono::seconds{n};
     }},
    {{"like", "linux", "where the RFCs leave the choice, chooses as that system does"},
     0,
     {},
     nullptr,
     be_like},
    {{"router_solicitations", "0 or 1", "ask for routers until one answers (RFC 7559)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.routers.solicit = n != 0; }},
    {{"tcp_base_mss", "octets", "segments where probing of the path begins (RFC 4821)"},
     1,
     {1, 65'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.probe_base_mss = static_cast<std::uint16_t>(n); }},
    {{"tcp_challenge_ack_limit", "segments", "challenge ACKs in a window of time (RFC 5961, 7)"},
     1,
     {0, std::numeric_limits<std::uint32_t>::max()},
     [](StackConfig& c, std::int64_t n) {
       c.tcp.challenge_limit = c.tcp.challenge_limit_of_all = static_cast<std::uint32_t>(n);
     }},
    {{"tcp_congestion_control", "reno or cubic", "how the congestion window falls and rises"},
     0,
     {},
     nullptr,
     set_congestion_control},
    {{"tcp_cubic.hystart_detect", "0 to 3", "slow start ends when round trips grow: 2 and 3"},
     1,
     {0, 3},
     [](StackConfig& c, std::int64_t n) { c.tcp.hystart = n >= 2; }},
    {{"tcp_delack_us", "microseconds", "how long an ACK may be delayed"},
     1,
     kMicroseconds,
     [](StackConfig& c, std::int64_t n) { c.tcp.ack_delay = std::chrono::microseconds{n}; }},
    {{"tcp_early_retrans", "0 to 4", "3 and 4: tail loss probes (RFC 8985, 7)"},
     1,
     {0, 4},
     [](StackConfig& c, std::int64_t n) { c.tcp.tail_loss_probe = n >= 3; }},
    {{"tcp_ecn", "0, 1 or 2", "0 off, 1 ask for it, 2 if the peer asks"}, 1, {0, 2}, set_ecn},
    {{"tcp_fastopen", "bits",
      "Fast Open: 1 client, 2 server; 4, 0x200 without cookies; 0x400 always"},
     1,
     {0, 0x7fff'ffff},
     set_fast_open},
    {{"tcp_fastopen_blackhole_timeout_sec", "seconds",
      "no Fast Open after a failure; 0: never mind"},
     1,
     kSeconds,
     [](StackConfig& c, std::int64_t n) { c.tcp.fast_open_pause = std::chrono::seconds{n}; }},
    {{"tcp_fastopen_key", "four groups of eight hexadecimal digits", "of Fast Open cookies"},
     1,
     kFlag,
     nullptr,
     set_fast_open_key},
    {{"tcp_fin_timeout", "seconds", "FIN-WAIT-2 of a connection that nobody holds"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.orphan_timeout = std::chrono::seconds{n}; }},
    {{"tcp_frto", "0, 1 or 2", "spurious timeouts are told by what ACKs follow (RFC 5682)"},
     1,
     {0, 2},
     [](StackConfig& c, std::int64_t n) { c.tcp.frto = n != 0; }},
    {{"tcp_initial_window", "segments", "congestion window at the start"},
     1,
     {1, 255},
     [](StackConfig& c, std::int64_t n) {
       c.tcp.initial_window_segments = static_cast<std::uint8_t>(n);
     }},
    {{"tcp_invalid_ratelimit", "milliseconds", "between answers to stray empty segments"},
     1,
     kMilliseconds,
     [](StackConfig& c, std::int64_t n) {
       c.tcp.stray_ack_interval = std::chrono::milliseconds{n};
     }},
    {{"tcp_keepalive_intvl", "seconds", "between keep-alive probes"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.keep_interval = std::chrono::seconds{n}; }},
    {{"tcp_keepalive_probes", "1 to 255", "keep-alive probes without an answer"},
     1,
     {1, 255},
     [](StackConfig& c, std::int64_t n) { c.tcp.keep_count = static_cast<std::uint8_t>(n); }},
    {{"tcp_keepalive_time", "seconds", "silence before the first keep-alive probe"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.keep_idle = std::chrono::seconds{n}; }},
    {{"tcp_limited_transmit", "0 or 1", "new segments on the first duplicate ACKs (RFC 3042)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.tcp.limited_transmit = n != 0; }},
    {{"tcp_max_syn_backlog", "connections", "in SYN-RECEIVED, of one listener"},
     1,
     {0, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.syn_backlog = static_cast<std::uint32_t>(n); }},
    {{"tcp_min_tso_segs", "0 to 255",
      "segments of a train, which PSH ends; 0: there are no trains"},
     1,
     {0, 255},
     [](StackConfig& c, std::int64_t n) { c.tcp.train_segments = static_cast<std::uint8_t>(n); }},
    {{"tcp_msl", "seconds", "maximum segment lifetime; TIME-WAIT is twice as long"},
     1,
     {1, 1'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.msl = std::chrono::seconds{n}; }},
    {{"tcp_mtu_probing", "0, 1 or 2", "probe the path (RFC 4821): 1 if it swallows, 2 always"},
     1,
     {0, 2},
     [](StackConfig& c, std::int64_t n) { c.tcp.path_probing = static_cast<tcp::PathProbing>(n); }},
    {{"tcp_probe_interval", "seconds", "before a path is probed anew"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.probe_again = std::chrono::seconds{n}; }},
    {{"tcp_recovery", "0 to 7", "odd: losses are told by time (RFC 8985); even: RFC 6675"},
     1,
     {0, 7},
     [](StackConfig& c, std::int64_t n) { c.tcp.rack = n % 2 != 0; }},
    {{"tcp_reordering", "1 to 255", "duplicate ACKs that tell of a loss (RFC 5681, 3.2)"},
     1,
     {1, 255},
     [](StackConfig& c, std::int64_t n) { c.tcp.dup_thresh = static_cast<std::uint8_t>(n); }},
    {{"tcp_retries1", "segments", "retransmissions before the user and IP hear of it (R1)"},
     1,
     {1, 255},
     [](StackConfig& c, std::int64_t n) {
       c.tcp.r1_retransmissions = static_cast<std::uint8_t>(n);
     }},
    {{"tcp_rmem", "octets: MIN DEFAULT MAX", "receive buffer; the last number is how far it grows"},
     3,
     kOctets,
     nullptr,
     set_receive_buffer},
    {{"tcp_rto_initial_ms", "milliseconds", "retransmission timeout before any sample"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.initial_rto = std::chrono::milliseconds{n}; }},
    {{"tcp_rto_max_ms", "milliseconds", "largest retransmission timeout"},
     1,
     {1, 1'000'000},
     [](StackConfig& c, std::int64_t n) { c.tcp.max_rto = std::chrono::milliseconds{n}; }},
    {{"tcp_rto_min_us", "microseconds", "smallest retransmission timeout"},
     1,
     kMicroseconds,
     [](StackConfig& c, std::int64_t n) { c.tcp.min_rto = std::chrono::microseconds{n}; }},
    {{"tcp_sack", "0 or 1", "selective acknowledgments (RFC 2018)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.tcp.sack = n != 0; }},
    {{"tcp_slow_start_after_idle", "0 or 1", "the congestion window starts anew (RFC 5681, 4.1)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.tcp.restart_after_idle = n != 0; }},
    {{"tcp_syn_retries", "segments", "SYNs that are sent again before giving up"},
     1,
     {1, 127},
     [](StackConfig& c, std::int64_t n) { c.tcp.syn_retries = static_cast<std::uint8_t>(n); }},
    {{"tcp_synack_retries", "segments", "SYN,ACKs that are sent again before giving up"},
     1,
     {0, 127},
     [](StackConfig& c, std::int64_t n) { c.tcp.syn_ack_retries = static_cast<std::uint8_t>(n); }},
    {{"tcp_syncookies", "0, 1 or 2", "SYN cookies: 0 never, 1 when the backlog is full, 2 always"},
     1,
     {0, 2},
     [](StackConfig& c, std::int64_t n) {
       c.tcp.syn_cookies = static_cast<tcp::SynCookiePolicy>(n);
     }},
    {{"tcp_timestamps", "0, 1 or 2", "the timestamps option (RFC 7323); 1 and 2 are the same"},
     1,
     {0, 2},
     [](StackConfig& c, std::int64_t n) { c.tcp.timestamps = n != 0; }},
    {{"tcp_tw_reuse", "0, 1 or 2", "a SYN may end TIME-WAIT early (RFC 6191)"},
     1,
     {0, 2},
     [](StackConfig& c, std::int64_t n) { c.tcp.time_wait_reuse = n != 0; }},
    {{"tcp_user_timeout", "seconds", "R2: unacknowledged for so long, the connection ends"},
     1,
     kSeconds,
     [](StackConfig& c, std::int64_t n) { c.tcp.user_timeout = std::chrono::seconds{n}; }},
    {{"tcp_user_timeout_option", "0 or 1", "tell the peer R2, and heed the peer's (RFC 5482)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.tcp.user_timeout_option = n != 0; }},
    {{"tcp_window_scaling", "0 or 1", "the window scale option (RFC 7323)"},
     1,
     kFlag,
     [](StackConfig& c, std::int64_t n) { c.tcp.window_scaling = n != 0; }},
    {{"tcp_wmem", "octets: MIN DEFAULT MAX", "send buffer; the second number counts"},
     3,
     kOctets,
     [](StackConfig& c, std::int64_t n) { c.tcp.send_buffer = static_cast<std::uint32_t>(n); }},
};

const Knob* find(std::string_view name) {
  for (const Knob& knob : kKnobs) {
    if (knob.info.name == name) return &knob;
  }
  return nullptr;
}

}  // namespace

std::vector<KnobInfo> knobs() {
  std::vector<KnobInfo> all;
  for (const Knob& knob : kKnobs) all.push_back(knob.info);
  return all;
}

std::string_view without_path(std::string_view name) {
  for (const std::string_view path : {"net.ipv4.", "net.core.", "net.ipv6."}) {
    if (name.starts_with(path)) return name.substr(path.size());
  }
  return name;
}

Result<void, std::string> apply_knobs(const std::map<std::string, std::string>& values,
                                      StackConfig& config) {
  // The others say in what it is different.
  if (const auto like = values.find("like"); like != values.end()) {
    if (!be_like(config, like->second)) {
      return Err{"the knob like takes linux, not \"" + like->second + "\""};
    }
  }
  for (const auto& [full_name, given] : values) {
    if (full_name == "like") continue;
    const std::string& value = given;  // a binding in a lambda is more than the analyzer knows
    const Knob* const knob = find(without_path(full_name));
    if (knob == nullptr) {
      return Err{"the reference stack has no knob \"" + full_name + "\""};
    }
    const auto refused = [&] {
      return Err{"the knob " + std::string{knob->info.name} + " takes " +
                 std::string{knob->info.values} + ", not \"" + value + "\""};
    };
    if (knob->set_text != nullptr) {
      if (!knob->set_text(config, value)) return refused();
      continue;
    }
    const auto numbers = numbers_of(value);
    const bool counted = numbers && (numbers->size() == knob->count || numbers->size() == 1);
    const std::int64_t number = !counted ? -1 : (*numbers)[numbers->size() / 2];
    if (!counted || number < knob->range.least || number > knob->range.most) {
      return refused();
    }
    knob->set(config, number);
  }
  return {};
}

}  // namespace packetwright::reference
