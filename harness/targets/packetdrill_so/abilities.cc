// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/abilities.hh"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "harness/targets/packetdrill_so/trial_peer.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::packetdrill_so {
namespace {

using targets::Domain;
using targets::Fd;
using targets::Option;
using targets::Protocol;
using targets::SocketType;
namespace flag = wire::tcp_flag;

constexpr std::uint16_t kService = 7;  // echo: nobody else listens there
constexpr std::uint16_t kMss = 1460;
const SeqNum kIrs{1000};

// One trial of one stack.
class Trial {
 public:
  Trial(targets::Target& target, const targets::Config& config, targets::Traits& traits)
      : target_(target), config_(config), traits_(traits) {}

  void run() {
    over_ipv4();
    over_ipv6();
    kinds_of_sockets();
    echoes();
  }

 private:
  void can(std::string capability) { traits_.capabilities.push_back(std::move(capability)); }
  void can_if(bool condition, const char* capability) {
    if (condition) can(capability);
  }

  // A socket that listens, or -1.
  Fd listener(Domain domain, const IpAddress& local) {
    const auto fd = target_.socket(domain, SocketType::stream, Protocol::tcp);
    if (!fd) return -1;
    if (target_.bind(*fd, {local, kService}) && target_.listen(*fd, 4)) return *fd;
    static_cast<void>(target_.close(*fd));
    return -1;
  }

  // The SYN,ACK to a SYN that offers everything.
  std::optional<TrialSegment> offer(TrialPeer& peer, std::uint16_t port) {
    std::array<std::uint8_t, wire::kTcpMaxOptionsSize> room{};
    wire::TcpOptionWriter options{room};
    options.mss(kMss).sack_permitted().timestamps({1, 0}).nop().window_scale(7);
    TrialPeer::Outgoing syn;
    syn.src_port = port;
    syn.dst_port = kService;
    syn.flags = flag::syn | flag::ece | flag::cwr;
    syn.seq = kIrs;
    syn.options = options.written();
    peer.send(syn);
    for (const TrialSegment& segment : peer.receive()) {
      const bool answer = segment.flags.has(flag::syn | flag::ack) && segment.dst_port == port;
      if (answer) return segment;
    }
    return std::nullopt;
  }

  void over_ipv4() {
    const auto plain = target_.socket(Domain::inet, SocketType::stream, Protocol::tcp);
    if (!plain) return;
    can("ipv4");
    can("tcp");
    static_cast<void>(target_.close(*plain));
    TrialPeer peer{target_, config_, Family::ipv4};
    const Fd fd = listener(Domain::inet, peer.local());
    const auto answer = fd < 0 ? std::nullopt : offer(peer, 10'001);
    if (!answer) {
      traits_.notes.push_back(
          "nothing answered a SYN to " + wire::to_string(peer.local()) +
          ", where scripts expect the stack unless they say otherwise (--local_ip); a plug-in is "
          "told its addresses by its flags");
    } else {
      can_if(answer->sack_permitted, "sack");
      can_if(answer->timestamps.has_value(), "timestamps");
      can_if(answer->window_scale, "wscale");
      can_if(answer->flags.has(flag::ece) && !answer->flags.has(flag::cwr), "ecn");
      connection(peer, fd, *answer);
    }
    if (fd >= 0) static_cast<void>(target_.close(fd));
  }

  // What an established connection can do, in an order in which no trial disturbs the next one.
  void connection(TrialPeer& peer, Fd listening, const TrialSegment& syn_ack) {
    TrialPeer::Outgoing next;
    next.src_port = 10'001;
    next.dst_port = kService;
    next.flags = flag::ack;
    next.seq = kIrs + 1;
    next.ack = syn_ack.seq + 1;
    std::array<std::uint8_t, wire::kTcpMaxOptionsSize> room{};
    wire::TcpOptionWriter options{room};
    if (syn_ack.timestamps) options.nop().nop().timestamps({2, syn_ack.timestamps->val});
    next.options = options.written();
    peer.send(next);
    const auto fd = target_.accept(listening, nullptr);
    if (!fd) return;
    const auto status = target_.tcp_status(*fd);
    can_if(status.ok(), "tcp_info");
    can_if(status.ok() && status->state.has_value(), "tcp_state");
    can_if(target_.set_option(*fd, Option::so_keepalive, 1).ok() &&
               target_.set_option(*fd, Option::tcp_keepidle, 7200).ok(),
           "keepalive");
    can_if(target_.set_option(*fd, Option::tcp_user_timeout, 300'000).ok(), "user_timeout");

    // The same octet twice.
    next.text_size = 1;
    peer.send(next);
    static_cast<void>(peer.receive());
    peer.send(next);
    const auto duplicates = peer.receive();
    can_if(std::any_of(duplicates.begin(), duplicates.end(),
                       [](const TrialSegment& one) { return one.sack_blocks; }),
           "dsack");
    next.text_size = 0;
    next.seq = next.seq + 1;

    sending(peer, *fd, next);

    // A reset in the window, but not where the next octet is awaited (RFC 5961, 3.2).
    TrialPeer::Outgoing reset = next;
    reset.flags = flag::rst;
    reset.seq = next.seq + 1;
    peer.send(reset);
    const auto challenged = peer.receive();
    can_if(std::any_of(challenged.begin(), challenged.end(),
                       [](const TrialSegment& one) {
                         return one.flags.has(flag::ack) && !one.flags.has(flag::rst);
                       }),
           "rfc5961");
    static_cast<void>(target_.close(*fd));
  }

  // More than an initial window of text, and an urgent octet behind it.
  void sending(TrialPeer& peer, Fd fd, TrialPeer::Outgoing& next) {
    const Buffer text(15 * kMss, 0);
    static_cast<void>(target_.write(fd, text, {}, nullptr));
    std::size_t first_flight = 0;
    for (int round = 0; round < 4; ++round) {
      for (const TrialSegment& segment : peer.receive()) {
        if (segment.text_size == 0) continue;
        if (round == 0) ++first_flight;
        next.ack = segment.seq + static_cast<std::uint32_t>(segment.text_size);
      }
      peer.send(next);
    }
    can_if(first_flight == 10, "iw10");
    static_cast<void>(peer.receive());
    targets::WriteFlags urgent;
    urgent.out_of_band = true;
    if (!target_.write(fd, Buffer(1, 0), urgent, nullptr)) return;
    const auto sent = peer.receive();
    can_if(std::any_of(sent.begin(), sent.end(),
                       [](const TrialSegment& one) { return one.flags.has(flag::urg); }),
           "urgent");
    for (const TrialSegment& segment : sent) {
      next.ack = segment.seq + static_cast<std::uint32_t>(segment.text_size);
    }
    peer.send(next);
    static_cast<void>(peer.receive());
  }

  void over_ipv6() {
    TrialPeer peer{target_, config_, Family::ipv6};
    const Fd fd = listener(Domain::inet6, peer.local());
    if (fd >= 0) {
      can_if(offer(peer, 10'002).has_value(), "ipv6");
      static_cast<void>(target_.close(fd));
    }
    TrialPeer mapped{target_, config_, Family::ipv4};
    const Fd both = listener(Domain::inet6, mapped.local());
    if (both < 0) return;
    can_if(offer(mapped, 10'003).has_value(), "ipv4_mapped_ipv6");
    static_cast<void>(target_.close(both));
  }

  void kinds_of_sockets() {
    const struct {
      SocketType type;
      Protocol protocol;
      const char* capability;
    } kinds[] = {{SocketType::datagram, Protocol::udp, "udp"},
                 {SocketType::datagram, Protocol::icmp, "ping"},
                 {SocketType::raw, Protocol::icmp, "raw"}};
    for (const auto& kind : kinds) {
      const auto fd = target_.socket(Domain::inet, kind.type, kind.protocol);
      can_if(fd.ok(), kind.capability);
      if (fd) static_cast<void>(target_.close(*fd));
    }
  }

  void echoes() {
    TrialPeer peer{target_, config_, Family::ipv4};
    static_cast<void>(peer.receive_echo());
    peer.send_echo(56, false);
    can_if(peer.receive_echo() == 64, "icmp");
    peer.send_echo(2000, true);
    can_if(peer.receive_echo() == 2008, "frags");
  }

  targets::Target& target_;
  const targets::Config& config_;
  targets::Traits& traits_;
};

}  // namespace

targets::Config plausible_config() {
  // The addresses of harness/engine, by which a plug-in of fixed addresses would be set up.
  targets::Config config;
  config.local6 = {wire::parse_ipv6("fd3d:fa7b:d17d::1").value(), 48};
  config.gateway6 = wire::parse_ipv6("fd3d:fa7b:d17d::2").value();
  config.peer6 = wire::parse_ipv6("2001:db8::1").value();
  return config;
}

void find_abilities(targets::Target& target, const targets::Config& config, bool seeded,
                    targets::Traits& traits) {
  traits.capabilities = {"posix"};
  Trial{target, config, traits}.run();
  if (seeded) traits.capabilities.emplace_back("seed");
  if (traits.clock == targets::ClockKind::virtual_time) {
    traits.capabilities.emplace_back("virtual_time");
  }
  std::sort(traits.capabilities.begin(), traits.capabilities.end());
}

}  // namespace packetwright::packetdrill_so
