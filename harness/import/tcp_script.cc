// SPDX-License-Identifier: Apache-2.0
#include "harness/import/tcp_script.hh"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "harness/import/script_builder.hh"
#include "harness/import/tcp_options.hh"

namespace packetwright::import {
namespace {

constexpr std::uint8_t kTimestampsKind = 8;
constexpr std::int64_t kListener = 3;
// A read takes at most about this much, and a write about twice as much unless more was sent.
constexpr std::uint32_t kReadAtOnce = 16384, kWriteAtOnce = 32768;

std::optional<std::uint32_t> timestamp_of(const Datagram& segment, std::size_t at) {
  for (const packet::HeaderOption& option : segment.options) {
    if (option.kind == kTimestampsKind && option.data.size() == 8) {
      return load_be32(option.data, at);
    }
  }
  return std::nullopt;
}

// The octets of one direction, by their relative numbers: the first is 1.
class Octets {
 public:
  void add(std::uint32_t seq, const Buffer& octets) {
    if (octets.empty() || seq == 0 || seq > kMost) return;
    const std::size_t first = seq - 1;
    if (octets_.size() < first + octets.size()) octets_.resize(first + octets.size());
    std::copy(octets.begin(), octets.end(), octets_.begin() + static_cast<std::ptrdiff_t>(first));
  }
  [[nodiscard]] Buffer between(std::uint32_t from, std::uint32_t to) const {
    if (to - 1 > octets_.size()) return {};
    return {octets_.begin() + (from - 1), octets_.begin() + (to - 1)};
  }

 private:
  // A stray number must not make a stream out of nothing.
  static constexpr std::uint32_t kMost = 1u << 23;
  Buffer octets_;
};

class TcpScript {
 public:
  TcpScript(const Mended& mended, const Conversation& conversation, const ImportOptions& options)
      : in_(mended),
        conversation_(conversation),
        options_(options),
        keep_(options.payload == Payload::keep && mended.content_known),
        builder_(mended.steps.front().segment.time_ns, keep_),
        fd_(mended.passive ? kListener + 1 : kListener) {}

  Result<Imported, std::string> run(const std::vector<std::string>& title) {
    survey();
    const bool v4 = conversation_.server.address.is_v4();
    builder_.option("ip_version", v4 ? "ipv4" : "ipv6");
    builder_.option(in_.passive ? "bind_port" : "connect_port",
                    std::to_string(std::max<std::uint16_t>(conversation_.server.port, 1)));
    if (echoes_unknown_) builder_.option("tcp_ts_ecr_scaled", "1");
    const Datagram& first = in_.steps.front().segment;
    builder_.at(first.time_ns, first.frame);
    open();
    for (std::size_t i = 0; i < in_.steps.size(); ++i) {
      const Step& step = in_.steps[i];
      builder_.at(step.segment.time_ns, step.segment.frame);
      if (step.outbound) {
        expect(step, i);
      } else {
        inject(step);
      }
    }
    read_pending();
    if (shut_ && !closed_) close();
    return builder_.finish(title, in_.remarks);
  }

 private:
  // --- what has to be known beforehand

  void survey() {
    std::uint32_t high = 1, acked = 1, longest = 0;
    std::set<std::uint32_t> values;
    for (const Step& step : in_.steps) {
      const Datagram& one = step.segment;
      const std::optional<std::uint32_t> value = timestamp_of(one, 0);
      std::optional<std::uint32_t>& base = step.outbound ? own_timestamp_ : peer_timestamp_;
      if (value && !base) base = value;
      if (keep_ && !one.has(kSyn))
        (step.outbound ? sent_ : received_octets_).add(one.seq, one.payload);
      if (!step.outbound) {
        if (one.has(kAck) && after(one.ack, acked)) acked = one.ack;
        const std::optional<std::uint32_t> echo = timestamp_of(one, 4);
        if (echo && *echo != 0 && one.has(kAck) && !values.contains(*echo)) echoes_unknown_ = true;
        if (fin_sent_ && one.length > 0) receives_after_fin_ = true;
        continue;
      }
      if (one.has(kFin)) fin_sent_ = true;
      if (one.has(kRst) && fin_sent_) reset_after_fin_ = true;
      if (value && !step.made_up) values.insert(*value);
      answers_ = answers_ || one.has(kSyn);
      const std::uint32_t end = one.seq + one.length;
      if (one.length == 0 || one.has(kSyn) || !after(end, high)) continue;
      // Less than a whole segment, while octets are on their way: Nagle would have held it back.
      if (one.length < longest && high != acked) undelayed_ = true;
      longest = std::max(longest, one.length);
      high = end;
      if (one.has(kPsh | kFin)) message_ends_.push_back(end);
    }
    fin_sent_ = false;
  }

  // --- the beginning

  void open() {
    if (in_.passive && !answers_) return;  // nobody listens
    const auto socket = [this] {
      builder_.call("socket", {ellipsis(), symbol("SOCK_STREAM"), symbol("IPPROTO_TCP")},
                    kListener);
    };
    socket();
    if (in_.passive) {
      builder_.call("setsockopt",
                    {integer(kListener), symbol("SOL_SOCKET"), symbol("SO_REUSEADDR"), reference(1),
                     integer(4)},
                    0);
      builder_.call("bind", {integer(kListener), ellipsis(), ellipsis()}, 0);
      builder_.call("listen", {integer(kListener), integer(1)}, 0);
    } else {
      builder_.call("fcntl", {integer(fd_), symbol("F_SETFL"), either("O_RDWR", "O_NONBLOCK")}, 0);
      builder_.call("connect", {integer(fd_), ellipsis(), ellipsis()}, -1, "EINPROGRESS");
    }
  }

  void opened() {
    is_open_ = true;
    if (in_.passive) {
      builder_.call("accept", {integer(kListener), ellipsis(), ellipsis()}, fd_);
    } else {
      builder_.call("fcntl", {integer(fd_), symbol("F_SETFL"), symbol("O_RDWR")}, 0);
    }
    if (undelayed_) {
      builder_.call(
          "setsockopt",
          {integer(fd_), symbol("IPPROTO_TCP"), symbol("TCP_NODELAY"), reference(1), integer(4)},
          0);
    }
  }

  // --- segments

  [[nodiscard]] script::Packet packet_of(const Step& step) const {
    const Datagram& one = step.segment;
    script::Packet packet;
    packet.direction = step.outbound ? script::Direction::outbound : script::Direction::inbound;
    if (one.ecn != 0) packet.ip.ecn = ecn_of(one);
    script::Tcp tcp;
    tcp.flags.bits = one.flags;
    tcp.seq.first = std::int64_t{one.seq};
    tcp.seq.last = std::int64_t{one.seq} + one.length;
    tcp.seq.length = std::int64_t{one.length};
    if (one.has(kAck)) tcp.ack = std::int64_t{one.ack};
    if (!step.outbound || (options_.windows && !step.made_up)) tcp.win = std::int64_t{one.win};
    if (one.has(kUrg)) tcp.urg = std::int64_t{one.urg};
    OptionBases bases;
    bases.receiver_isn = step.outbound ? in_.peer_isn : in_.stack_isn;
    bases.own_timestamp = step.outbound ? own_timestamp_ : peer_timestamp_;
    bases.other_timestamp = step.outbound ? peer_timestamp_ : own_timestamp_;
    bases.acks = one.has(kAck);
    tcp.any_options = step.outbound && step.made_up;
    if (!tcp.any_options) tcp.options = script_options(one.options, bases);
    packet.body = std::move(tcp);
    packet.payload = builder_.payload({one.length, one.payload});
    return packet;
  }

  void inject(const Step& step) {
    const Datagram& one = step.segment;
    if (step.made_up) builder_.comment("Not in the capture.");
    builder_.packet(packet_of(step));
    if (in_.passive && !is_open_ && answered_ && one.has(kAck) && !one.has(kSyn | kRst) &&
        one.ack == 1) {
      opened();
    }
    if (!in_.passive && one.has(kSyn) && one.has(kAck)) answered_ = true;
    take(one);
  }

  void expect(const Step& step, std::size_t index) {
    const Datagram& one = step.segment;
    const std::uint32_t end = one.seq + one.length;
    const bool fin = one.has(kFin) && !fin_sent_ && is_open_;
    if (is_open_ && one.length > 0 && after(end, written_)) {
      read_pending();
      write(end, fin);
    }
    if (fin) {
      read_pending();
      fin_sent_ = true;
      if (receives_after_fin_ && !reset_after_fin_) {
        shut_ = true;
        builder_.call("shutdown", {integer(fd_), symbol("SHUT_WR")}, 0);
      } else {
        close();
      }
    }
    if (one.has(kRst) && is_open_ && !closed_) abort(index);
    if (step.made_up) builder_.comment("Not in the capture.");
    builder_.packet(packet_of(step));
    if (one.has(kSyn) && in_.passive) answered_ = true;
    if (!in_.passive && answered_ && !is_open_ && !one.has(kSyn | kRst)) opened();
  }

  // --- calls

  void write(std::uint32_t end, bool fin) {
    auto message = std::lower_bound(message_ends_.begin(), message_ends_.end(), end);
    std::uint32_t to = message != message_ends_.end() ? *message : end;
    if (to - written_ > kWriteAtOnce) to = end;
    const std::uint32_t size = to - written_;
    std::vector<script::Expression> arguments{
        integer(fd_), builder_.buffer({size, keep_ ? sent_.between(written_, to) : Buffer{}}),
        integer(size)};
    // Text and FIN in one segment: the stack knew that more was to come.
    const bool with_fin = fin && to == end;
    if (with_fin) arguments.push_back(symbol("MSG_MORE"));
    builder_.call(with_fin ? "send" : "write", std::move(arguments), size);
    written_ = to;
  }

  // What the peer sent, as far as it is in order, is there to be read.
  void take(const Datagram& one) {
    if (one.has(kSyn | kRst)) return;
    if (one.length > 0 && after(one.seq + one.length, received_)) {
      std::uint32_t& stop = ahead_[one.seq];
      if (after(one.seq + one.length, stop) || stop == 0) stop = one.seq + one.length;
    }
    if (one.has(kFin)) peer_fin_ = one.seq + one.length;
    while (!ahead_.empty() && !after(ahead_.begin()->first, received_)) {
      if (after(ahead_.begin()->second, received_)) received_ = ahead_.begin()->second;
      ahead_.erase(ahead_.begin());
    }
    if (one.has(kPsh) || received_ - read_ >= kReadAtOnce) read_pending();
    if (peer_fin_ && *peer_fin_ == received_ && !end_read_ && is_open_ && !closed_) {
      read_pending();
      builder_.call("read", {integer(fd_), ellipsis(), integer(1)}, 0);
      end_read_ = true;
    }
  }

  void read_pending() {
    if (received_ == read_ || !is_open_ || closed_) return;
    const std::uint32_t size = received_ - read_;
    builder_.call(
        "read",
        {integer(fd_),
         builder_.buffer({size, keep_ ? received_octets_.between(read_, received_) : Buffer{}}),
         integer(size)},
        size);
    read_ = received_;
  }

  void close() {
    closed_ = true;
    builder_.call("close", {integer(fd_)}, 0);
  }

  // The stack reset a connection that was in order: its application asked for that.
  void abort(std::size_t index) {
    if (index > 0 && !in_.steps[index - 1].outbound &&
        in_.steps[index - 1].segment.has(kSyn | kRst)) {
      return;  // the answer to something that deserves it
    }
    script::Struct linger;
    linger.kind = script::StructKind::linger;
    linger.members = {{"onoff", integer(1)}, {"linger", integer(0)}};
    builder_.call("setsockopt",
                  {integer(fd_), symbol("SOL_SOCKET"), symbol("SO_LINGER"),
                   script::Expression{{}, std::move(linger)}, integer(8)},
                  0);
    close();
  }

  const Mended& in_;
  const Conversation& conversation_;
  const ImportOptions& options_;
  const bool keep_;
  ScriptBuilder builder_;
  const std::int64_t fd_;

  Octets sent_, received_octets_;
  std::vector<std::uint32_t> message_ends_;
  std::optional<std::uint32_t> own_timestamp_, peer_timestamp_;
  bool echoes_unknown_ = false, undelayed_ = false, answers_ = false;
  bool receives_after_fin_ = false, reset_after_fin_ = false;

  bool answered_ = false;  // the SYN has had its SYN,ACK
  bool is_open_ = false, closed_ = false, shut_ = false, fin_sent_ = false, end_read_ = false;
  std::uint32_t written_ = 1, read_ = 1, received_ = 1;
  std::map<std::uint32_t, std::uint32_t> ahead_;  // received out of order: from, to
  std::optional<std::uint32_t> peer_fin_;
};

}  // namespace

Result<Imported, std::string> tcp_script(const Mended& mended, const Conversation& conversation,
                                         const std::vector<std::string>& title,
                                         const ImportOptions& options) {
  return TcpScript(mended, conversation, options).run(title);
}

}  // namespace packetwright::import
