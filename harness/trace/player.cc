// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/player.hh"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "harness/packet/dissect.hh"
#include "harness/packet/neighbor_messages.hh"
#include "harness/trace/content.hh"
#include "harness/trace/packets.hh"
#include "stack/base/siphash.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::trace {
namespace {

using targets::Fd;
using targets::Target;

// More packets than any trace of kMaxEvents gives reason for.
constexpr std::size_t kMostPackets = 20'000;
// More timers in a row than a stack needs at one time.
constexpr std::size_t kMostStandstills = 64;
// After this nothing may be left of sockets that are closed: longer than a connection tries to end
// (RFC 9293, 3.8.3: a hundred seconds and more; Linux: a quarter of an hour).
constexpr Duration kEveryTimer = 4h;
constexpr std::uint16_t kFreshPort = 7'000, kFreshPeerPort = 60'000;
constexpr Duration kFreshPatience = 3s;
constexpr int kBacklog = 4;

// Options that a trace can set, with the values that it chooses from.
struct Setting {
  targets::Option option;
  std::int64_t values[4];
};
constexpr Setting kSettings[] = {
    {targets::Option::tcp_nodelay, {1, 0, 1, 0}},
    {targets::Option::so_keepalive, {1, 0, 1, 1}},
    {targets::Option::tcp_keepidle, {1, 10, 60, 7'200}},
    {targets::Option::tcp_keepintvl, {1, 10, 60, 75}},
    {targets::Option::tcp_keepcnt, {1, 2, 5, 9}},
    {targets::Option::so_linger, {-1, 0, 1, 60}},
    {targets::Option::so_rcvbuf, {1'024, 4'096, 65'536, 1 << 20}},
    {targets::Option::so_sndbuf, {1'024, 4'096, 65'536, 1 << 20}},
    {targets::Option::tcp_user_timeout, {0, 1'000, 30'000, 600'000}},
    {targets::Option::tcp_cork, {1, 0, 1, 0}},
    {targets::Option::tcp_quickack, {1, 0, 1, 0}},
    {targets::Option::so_oobinline, {1, 0, 1, 0}},
    {targets::Option::ip_recverr, {1, 0, 1, 0}},
    {targets::Option::tcp_maxseg, {88, 536, 1'220, 1'460}},
};

targets::Domain domain_of(Family family) {
  return family == Family::ipv4 ? targets::Domain::inet : targets::Domain::inet6;
}

bool is_icmpv6(Bytes packet) {
  const auto ip = wire::Ipv6View::parse(packet);
  return ip && ip->next_header() == wire::IpProtocol::icmpv6;
}

std::size_t state_index(std::optional<targets::TcpState> state) {
  return state ? static_cast<std::size_t>(*state) : kStates - 1;
}

}  // namespace

std::size_t kind_of(const Event& event) noexcept {
  // 0 .. 31: segments.
  if (const auto* segment = std::get_if<Segment>(&event)) {
    const auto has = [segment](wire::TcpFlags flag, std::size_t bit) {
      return segment->flags.has(flag) ? bit : 0;
    };
    return has(wire::tcp_flag::syn, 1) | has(wire::tcp_flag::fin, 2) | has(wire::tcp_flag::rst, 4) |
           has(wire::tcp_flag::ack, 8) | (segment->length > 0 ? 16 : 0);
  }
  // 32 .. 47: calls.
  if (const auto* call = std::get_if<Call>(&event)) {
    return 32 + static_cast<std::size_t>(call->kind);
  }
  return 48 + event.index();
}

targets::Config Player::config_of(const Trace& trace) {
  targets::Config config;
  config.seed = trace.seed;
  const auto v6 = [](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                     std::uint8_t last) {
    return IpAddress::v6({a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
  };
  config.local6 = Prefix{v6(0xfd, 0x3d, 0xfa, 0x7b, 1), 48};
  config.gateway6 = v6(0xfd, 0x3d, 0xfa, 0x7b, 2);
  config.peer6 = v6(0x20, 0x01, 0x0d, 0xb8, 1);
  return config;
}

// One trace on its way.
struct Player::Run {
  Run(Player& player_of, const Trace& trace_of, const PlayOptions& options_of)
      : target(player_of.target_),
        sent(player_of.sent_),
        trace(trace_of),
        options(options_of),
        config(config_of(trace_of)),
        peer(config, trace_of.family, trace_of.seed),
        oracle(peer.stack_address(), peer.address(), config.mtu) {
    config.knobs = player_of.knobs_;
  }

  // --- the wire

  void inject(Bytes octets) {
    if (!target.traits().ethernet) octets = octets.subspan(wire::kEthernetHeaderSize);
    if (options.keep_steps) note(Step::What::peer_sent, octets, {});
    target.inject(octets);
  }

  // Hears what the stack sent, and answers who asks where the peer is.
  void listen() {
    for (bool more = true; more;) {
      more = false;
      sent.clear();
      target.drain(sent);
      // The answer to a question makes the stack send, and that is not in this list.
      const std::vector<targets::SentFrame> frames = std::move(sent);
      sent = {};
      for (const targets::SentFrame& frame : frames) {
        ++packets;
        mix(nanos(frame.at));
        mix(frame.octets);
        if (options.keep_steps) note(Step::What::stack_sent, frame.octets, {});
        if (packets > kMostPackets) {
          return oracle.report(Rule::flood,
                               std::to_string(packets) + " packets, and no end of them");
        }
        more = hear(frame.octets) || more;
      }
      if (target.death()) return;
    }
  }

  // True: the stack was told something.
  bool hear(const Buffer& octets) {
    if (!target.traits().ethernet) {
      hear_packet(octets);
      return false;
    }
    const auto frame = wire::EthernetView::parse(octets);
    if (!frame) {
      oracle.report(Rule::malformed_packet, "a frame that is shorter than its header");
      return false;
    }
    switch (frame->ether_type()) {
      case wire::EtherType::arp: return answer_question(octets);
      case wire::EtherType::ipv6:
        if (is_icmpv6(frame->payload()) && answer_question(octets)) return true;
        break;
      case wire::EtherType::ipv4: break;
      default: return false;
    }
    hear_packet(frame->payload());
    return false;
  }

  void hear_packet(Bytes packet) {
    // What Ethernet padded is not of the packet.
    const auto v4 = wire::Ipv4View::parse(packet);
    if (v4) packet = v4->octets();
    const auto v6 = wire::Ipv6View::parse(packet);
    if (v6) packet = v6->octets();
    oracle.stack_sends(packet);
    peer.hear(packet);
    if (options.keep_reached) note_answer(packet);
  }

  // True: it is one. The peer side has one Ethernet address, under which everybody is reached.
  bool answer_question(Bytes frame) {
    const auto question = packet::question_of(packet::dissect(frame, true));
    if (!question || question->asked == config.local4.address ||
        question->asked == config.local6.address) {
      return false;
    }
    inject(packet::here_is({config.peer_mac, question->asked}, question->asker));
    return true;
  }

  void deliver(const std::optional<Outgoing>& out) {
    if (!out) return;
    oracle.arrives(out->packet, out->damaged, had_sockets);
    for (const Buffer& packet : out->arrivals) {
      oracle.piece_arrives(packet.size());
      inject(frame_of(packet, config.local_mac, config.peer_mac));
      listen();
      if (target.death()) return;
    }
    oracle.nothing_arrives();
  }

  // --- time

  void advance(Instant until) {
    for (std::size_t standstills = 0; target.now() < until && !is_over();) {
      const Instant before = target.now();
      target.advance_to(until, true);
      listen();
      if (target.now() > before) {
        standstills = 0;
      } else if (++standstills > kMostStandstills) {
        return oracle.report(Rule::clock_stands_still, "time does not pass");
      }
    }
  }

  [[nodiscard]] bool is_over() const { return target.death() || packets > kMostPackets; }

  // --- socket calls

  template <class T>
  bool called(const char* name, const targets::CallResult<T>& result) {
    mix(result.ok() ? 0 : result.error());
    if (options.keep_steps) {
      note(Step::What::call, {},
           std::string{name} +
               (result ? "() works" : "() fails, errno " + std::to_string(result.error())));
    }
    return result.ok();
  }

  [[nodiscard]] std::optional<Fd> open(targets::SocketType type) {
    const bool stream = type == targets::SocketType::stream;
    const auto made = target.socket(domain_of(trace.family), type,
                                    stream ? targets::Protocol::tcp : targets::Protocol::udp);
    if (!called("socket", made)) return std::nullopt;
    had_sockets = true;
    return *made;
  }

  void close(std::optional<Fd>& fd) {
    if (!fd) return;
    called("close", target.close(*fd));
    fd.reset();
  }

  [[nodiscard]] Endpoint local(std::uint16_t port) const { return {peer.stack_address(), port}; }

  void start_listening(std::size_t slot) {
    Sockets& sockets = slots[slot];
    if (sockets.listener) return;
    std::optional<Fd> fd = open(targets::SocketType::stream);
    if (!fd) return;
    const auto port = static_cast<std::uint16_t>(kStackPort + slot);
    if (called("bind", target.bind(*fd, local(port))) &&
        called("listen", target.listen(*fd, kBacklog))) {
      sockets.listener = fd;
    } else {
      close(fd);
    }
  }

  void connect(std::size_t slot) {
    Sockets& sockets = slots[slot];
    if (sockets.stream) return;
    std::optional<Fd> fd = open(targets::SocketType::stream);
    if (!fd) return;
    const Endpoint to{peer.address(), peer.port(slot)};
    const auto connected = target.connect(*fd, to);
    called("connect", connected);
    if (!connected && connected.error() != EINPROGRESS) return close(fd);
    listen();
    sockets.stream = fd;
    sockets.ports = {peer.port(slot), 0};
    if (const auto own = target.local_endpoint(*fd)) sockets.ports.stack = own->port;
  }

  void accept(std::size_t slot) {
    Sockets& sockets = slots[slot];
    if (!sockets.listener || sockets.stream) return;
    Endpoint from;
    const auto accepted = target.accept(*sockets.listener, &from);
    if (!called("accept", accepted)) return;
    sockets.stream = *accepted;
    sockets.ports = {from.port, static_cast<std::uint16_t>(kStackPort + slot)};
  }

  void read(std::size_t slot, std::size_t most) {
    const Sockets& sockets = slots[slot];
    if (!sockets.stream || most == 0) return;
    const auto got = target.read(*sockets.stream, most, {});
    if (!called("read", got)) return;
    mix(got->octets);
    oracle.reads(sockets.ports, got->octets);
  }

  void write(std::size_t slot, std::size_t size, bool urgent) {
    const Sockets& sockets = slots[slot];
    if (!sockets.stream || size == 0) return;
    const Buffer text = application_text(sockets.ports.peer, oracle.written(sockets.ports), size);
    // The oracle knows it first: it leaves before write() returns.
    targets::WriteFlags flags;
    flags.out_of_band = urgent;
    const auto taken = target.write(*sockets.stream, text, flags, nullptr);
    if (!called("write", taken)) return;
    oracle.writes(sockets.ports, Bytes{text}.first(std::min(*taken, text.size())));
    if (*taken > text.size()) {
      oracle.report(Rule::text_not_written, "write() takes more than it is given");
    }
  }

  void set_option(std::size_t slot, std::uint16_t amount) {
    const Sockets& sockets = slots[slot];
    const std::optional<Fd> fd = sockets.stream ? sockets.stream : sockets.listener;
    if (!fd) return;
    const Setting& setting = kSettings[amount % std::size(kSettings)];
    called("setsockopt", target.set_option(*fd, setting.option,
                                           setting.values[amount / std::size(kSettings) % 4]));
  }

  void abort(std::size_t slot) {
    Sockets& sockets = slots[slot];
    if (!sockets.stream) return;
    called("setsockopt", target.set_option(*sockets.stream, targets::Option::so_linger, 0));
    close(sockets.stream);
  }

  void open_datagram(std::size_t slot) {
    Sockets& sockets = slots[slot];
    if (sockets.datagram) return;
    std::optional<Fd> fd = open(targets::SocketType::datagram);
    if (!fd) return;
    const auto port = static_cast<std::uint16_t>(kDatagramPort + slot);
    if (called("bind", target.bind(*fd, local(port)))) {
      sockets.datagram = fd;
    } else {
      close(fd);
    }
  }

  void send_datagram(std::size_t slot, std::size_t size) {
    const Sockets& sockets = slots[slot];
    if (!sockets.datagram) return;
    const auto port = static_cast<std::uint16_t>(kDatagramPort + slot);
    const Endpoint to{peer.address(), port};
    called("sendto", target.write(*sockets.datagram, application_text(port, 0, size), {}, &to));
  }

  void receive_datagram(std::size_t slot, std::size_t most) {
    const Sockets& sockets = slots[slot];
    if (!sockets.datagram) return;
    const auto got = target.read(*sockets.datagram, most, {});
    if (!called("recvfrom", got)) return;
    mix(got->octets);
  }

  // --- events

  void operator()(const Segment& segment) { deliver(peer.send(segment, target.now())); }
  void operator()(const Datagram& datagram) { deliver(peer.send(datagram)); }
  void operator()(const IcmpError& error) { deliver(peer.send(error)); }
  void operator()(const Again& again) { deliver(peer.send(again)); }
  void operator()(const Renew& renew) { peer.renew(renew.slot); }
  void operator()(const Wait& wait) {
    Instant until = target.now() + wait.duration();
    if (const auto timer = target.next_timer(); wait.until_timer && timer) {
      until = std::min(until, std::max(*timer, target.now()));
    }
    advance(until);
  }
  void operator()(const Call& call) {
    Sockets& sockets = slots[call.slot];
    const auto shut = [&](targets::ShutdownHow how) {
      if (sockets.stream) called("shutdown", target.shutdown(*sockets.stream, how));
    };
    switch (call.kind) {
      case CallKind::listen: start_listening(call.slot); break;
      case CallKind::connect: connect(call.slot); break;
      case CallKind::accept: accept(call.slot); break;
      case CallKind::read: read(call.slot, call.amount); break;
      case CallKind::write: write(call.slot, call.amount, false); break;
      case CallKind::write_urgent: write(call.slot, call.amount, true); break;
      case CallKind::shut_read: shut(targets::ShutdownHow::read); break;
      case CallKind::shut_write: shut(targets::ShutdownHow::write); break;
      case CallKind::close: close(sockets.stream); break;
      case CallKind::abort: abort(call.slot); break;
      case CallKind::close_listener: close(sockets.listener); break;
      case CallKind::set_option: set_option(call.slot, call.amount); break;
      case CallKind::open_datagram: open_datagram(call.slot); break;
      case CallKind::send_datagram: send_datagram(call.slot, call.amount); break;
      case CallKind::receive_datagram: receive_datagram(call.slot, call.amount); break;
      case CallKind::close_datagram: close(sockets.datagram); break;
    }
    listen();
  }

  // Which state which event meets, where the target can tell.
  void note_state(const Event& of_event) {
    std::optional<targets::TcpState> state;
    const std::size_t slot = slot_of(of_event);
    const std::optional<Fd> fd = slots[slot].stream ? slots[slot].stream : slots[slot].listener;
    if (fd) {
      if (const auto told = target.tcp_state(*fd)) state = *told;
    }
    reached.set(state_index(state) * kKinds + kind_of(of_event));
  }

  // Which sorts of packets the stack has sent since the event began.
  void note_answer(Bytes packet) {
    const auto parsed = SentPacket::parse(packet);
    if (!parsed || !parsed->tcp) {
      answer.set(4);
      return;
    }
    const wire::TcpFlags flags = parsed->tcp->flags();
    if (flags.has(wire::tcp_flag::syn)) answer.set(0);
    if (flags.has(wire::tcp_flag::rst)) answer.set(1);
    if (flags.has(wire::tcp_flag::fin)) answer.set(2);
    if (!parsed->tcp->payload().empty()) answer.set(3);
  }

  [[nodiscard]] static std::size_t slot_of(const Event& of_event) {
    if (const auto* segment = std::get_if<Segment>(&of_event)) return segment->slot;
    if (const auto* call = std::get_if<Call>(&of_event)) return call->slot;
    if (const auto* error = std::get_if<IcmpError>(&of_event)) return error->slot;
    return 0;
  }

  // --- afterwards

  void check_afterwards() {
    for (Sockets& sockets : slots) {
      close(sockets.stream);
      close(sockets.listener);
      close(sockets.datagram);
    }
    listen();
    // Only one that can tell is worth the wait: some stacks have timers that tick all the time.
    if (target.netstat()) {
      advance(target.now() + kEveryTimer);
      if (is_over()) return;
      const auto list = target.netstat();
      if (list && list->find("tcp") != std::string::npos) {
        oracle.report(Rule::sockets_left, "hours after everything was closed: " + *list);
      }
    }
    if (!is_over()) ask_for_connection();
  }

  void ask_for_connection() {
    std::optional<Fd> fd = open(targets::SocketType::stream);
    const bool listens = fd && called("bind", target.bind(*fd, local(kFreshPort))) &&
                         called("listen", target.listen(*fd, kBacklog));
    if (!listens) return oracle.report(Rule::not_alive, "a new listener cannot be had");
    wire::TcpFields syn;
    syn.src_port = kFreshPeerPort;
    syn.dst_port = kFreshPort;
    syn.seq = SeqNum{1};
    syn.flags = wire::tcp_flag::syn;
    syn.win = 1'000;
    Buffer octets(syn.encoded_size());
    syn.emit(octets);
    Outgoing out;
    out.packet =
        ip_packet({peer.address(), peer.stack_address()}, wire::IpProtocol::tcp, octets, 1);
    out.arrivals = {out.packet};
    const std::size_t before = packets;
    deliver(out);
    if (packets == before) advance(target.now() + kFreshPatience);
    if (packets == before) oracle.report(Rule::not_alive, "a SYN is not answered afterwards");
  }

  // --- what is told of it

  void mix(std::int64_t value) {
    hash = siphash24(hash_key(), static_cast<std::uint64_t>(value), 0);
  }
  void mix(Bytes octets) { hash = siphash24(hash_key(), octets); }
  [[nodiscard]] SipKey hash_key() const { return {hash, 0}; }

  void note(Step::What what, Bytes octets, std::string text) {
    steps.push_back(
        {target.now(), what, event, Buffer(octets.begin(), octets.end()), std::move(text)});
  }

  void run() {
    for (event = 0; event < trace.events.size() && !is_over(); ++event) {
      if (options.keep_reached) note_state(trace.events[event]);
      answer.reset();
      std::visit(*this, trace.events[event]);
      if (options.keep_reached) {
        reached.set((kStates + answer.to_ulong()) * kKinds + kind_of(trace.events[event]));
      }
    }
    if (options.check_afterwards && !is_over()) check_afterwards();
    if (const auto death = target.death()) oracle.report(Rule::crash, death->log);
  }

  Target& target;
  std::vector<targets::SentFrame>& sent;
  const Trace& trace;
  const PlayOptions& options;
  targets::Config config;
  Peer peer;
  Oracle oracle;
  std::array<Sockets, kSlots> slots;
  bool had_sockets = false;
  std::size_t packets = 0, event = 0;
  std::uint64_t hash = 0;
  std::bitset<5> answer;
  Reached reached;
  std::vector<Step> steps;
};

Result<Outcome, std::string> Player::play(const Trace& trace, const PlayOptions& options) {
  Run run(*this, trace, options);
  if (auto reset = target_.reset(run.config); !reset) return Err{reset.error().reason};
  run.run();
  return Outcome{run.oracle.findings(), run.hash, run.reached, std::move(run.steps)};
}

}  // namespace packetwright::trace
