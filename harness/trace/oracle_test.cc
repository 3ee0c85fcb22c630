// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/oracle.hh"

#include <functional>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/reference/reference_target.hh"
#include "harness/trace/player.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/tcp.hh"

namespace packetwright::trace {
namespace {

// The reference stack, as long as nobody bends it.
class Bent final : public targets::ForwardingTarget<reference::ReferenceTarget> {
 public:
  // Called with each frame that it sends; what it puts into the list is sent behind that one.
  std::function<void(Buffer& frame, std::vector<Buffer>& more)> frame;
  std::function<void(Buffer& octets)> read_octets;
  std::function<void(Buffer& octets)> arriving;
  bool refuses_sockets = false, stands_still = false, says_it_died = false;
  std::string table;

  [[nodiscard]] const targets::Traits& traits() const override { return sound_.traits(); }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override {
    return sound_.reset(config);
  }
  void inject(Bytes octets) override {
    Buffer copy(octets.begin(), octets.end());
    if (arriving) arriving(copy);
    sound_.inject(copy);
  }
  void drain(std::vector<targets::SentFrame>& out) override {
    std::vector<targets::SentFrame> sound;
    sound_.drain(sound);
    for (targets::SentFrame& sent : sound) {
      std::vector<Buffer> more;
      if (frame) frame(sent.octets, more);
      const Instant at = sent.at;
      out.push_back(std::move(sent));
      for (Buffer& octets : more) out.push_back({at, std::move(octets)});
    }
  }
  [[nodiscard]] Instant now() const override { return sound_.now(); }
  [[nodiscard]] std::optional<Instant> next_timer() const override { return sound_.next_timer(); }
  void advance_to(Instant until, bool stop_on_frame) override {
    if (!stands_still) sound_.advance_to(until, stop_on_frame);
  }
  [[nodiscard]] std::optional<targets::Death> death() const override {
    if (!says_it_died) return std::nullopt;
    return targets::Death{11, "tcp_in.c:120", false};
  }
  [[nodiscard]] targets::CallResult<targets::Fd> socket(targets::Domain domain,
                                                        targets::SocketType type,
                                                        targets::Protocol protocol) override {
    if (refuses_sockets) return Err{EMFILE};
    return sound_.socket(domain, type, protocol);
  }
  [[nodiscard]] targets::CallResult<targets::Received> read(targets::Fd fd, std::size_t limit,
                                                            targets::ReadFlags flags) override {
    auto got = sound_.read(fd, limit, flags);
    if (got && read_octets) read_octets(got->octets);
    return got;
  }
  [[nodiscard]] targets::CallResult<std::string> netstat() override {
    if (!table.empty()) return table;
    return sound_.netstat();
  }

 private:
  [[nodiscard]] reference::ReferenceTarget& calls() noexcept override { return sound_; }

  reference::ReferenceTarget sound_;
};

// The TCP segment of a frame over IPv4; empty: it has none.
MutableBytes tcp_of(Buffer& frame) {
  const auto ip = wire::Ipv4View::parse(Bytes{frame}.subspan(wire::kEthernetHeaderSize));
  if (!ip || ip->protocol() != wire::IpProtocol::tcp) return {};
  const std::size_t at = wire::kEthernetHeaderSize + ip->header_size();
  return MutableBytes{frame}.subspan(at, ip->payload().size());
}
void mend(Buffer& frame) {
  const auto ip = wire::Ipv4View::parse(Bytes{frame}.subspan(wire::kEthernetHeaderSize));
  wire::fill_tcp_checksum(tcp_of(frame), ip->src(), ip->dst());
}
wire::TcpFlags flags_of(MutableBytes segment) {
  return wire::TcpView::parse(segment)->flags();
}

Segment segment(wire::TcpFlags flags, std::uint16_t length = 0, std::uint16_t window = 65'535) {
  Segment out;
  out.flags = flags;
  out.length = length;
  out.window = window;
  return out;
}
Call call(CallKind kind, std::uint16_t amount = 0) {
  return {0, kind, amount};
}
const wire::TcpFlags kSyn = wire::tcp_flag::syn, kAck = wire::tcp_flag::ack,
                     kRst = wire::tcp_flag::rst;

// Text both ways, and a window that is smaller than what is written.
std::vector<Event> transfer() {
  return {call(CallKind::listen),     segment(kSyn, 0, 500),   segment(kAck, 0, 500),
          call(CallKind::accept),     segment(kAck, 300, 500), call(CallKind::read, 1'000),
          call(CallKind::write, 400), segment(kAck, 0, 500)};
}

// The names of what is found in IPv4.
std::string found(Bent& target, std::vector<Event> events) {
  auto outcome = Player{target}.play({Family::ipv4, 3, std::move(events)}, {});
  if (!outcome) return outcome.error();
  std::string names;
  for (const Finding& one : outcome->findings) {
    if (!names.empty()) names += ' ';
    names += name_of(one.rule);
  }
  return names;
}

TEST(Oracle, ASoundStackBreaksNoRule) {
  Bent target;
  EXPECT_EQ(found(target, transfer()), "");
}

TEST(Oracle, WrongChecksumsAndLengths) {
  Bent target;
  target.frame = [](Buffer& frame, auto&) {
    if (const MutableBytes tcp = tcp_of(frame); !tcp.empty()) tcp[17] ^= 1;
  };
  EXPECT_EQ(found(target, {segment(kAck)}), "malformed_packet");
  target.frame = [](Buffer& frame, auto&) {
    if (!tcp_of(frame).empty()) frame.resize(frame.size() - 1);
  };
  EXPECT_EQ(found(target, transfer()), "malformed_packet");
}

TEST(Oracle, AcknowledgingWhatNeverCame) {
  Bent target;
  target.frame = [](Buffer& frame, auto&) {
    const MutableBytes tcp = tcp_of(frame);
    if (tcp.empty() || flags_of(tcp).has(kSyn) || !flags_of(tcp).has(kAck)) return;
    store_be32(tcp, 8, load_be32(tcp, 8) + 1);
    mend(frame);
  };
  EXPECT_EQ(found(target, transfer()), "acknowledges_nothing");
}

TEST(Oracle, AcknowledgingWhatCameBroken) {
  Bent target;
  target.arriving = [](Buffer& frame) {
    if (!tcp_of(frame).empty()) mend(frame);
  };
  auto events = transfer();
  std::get<Segment>(events[4]).damage = {Harm::bad_checksum, 0, 7};
  EXPECT_EQ(found(target, events), "text_not_sent acknowledges_nothing");
}

TEST(Oracle, TextThatWasNotWrittenThere) {
  Bent target;
  target.frame = [](Buffer& frame, auto&) {
    const MutableBytes tcp = tcp_of(frame);
    if (tcp.size() < 200) return;
    tcp[tcp.size() - 1] ^= 1;
    mend(frame);
  };
  EXPECT_EQ(found(target, transfer()), "text_not_written");
}

TEST(Oracle, TextBehindTheWindow) {
  Bent target;
  // The peer's window is a tenth of what the stack believes.
  target.arriving = [](Buffer& frame) {
    const MutableBytes tcp = tcp_of(frame);
    if (tcp.empty()) return;
    store_be16(tcp, 14, 5'000);
    mend(frame);
  };
  auto events = transfer();
  events[6] = call(CallKind::write, 600);
  EXPECT_EQ(found(target, events), "beyond_window");
}

TEST(Oracle, OctetsThatThePeerDidNotSendThere) {
  Bent target;
  target.read_octets = [](Buffer& octets) {
    if (octets.size() > 9) octets[9] ^= 1;
  };
  EXPECT_EQ(found(target, transfer()), "text_not_sent");
  target.read_octets = [](Buffer& octets) {
    if (!octets.empty()) octets.erase(octets.begin());
  };
  EXPECT_EQ(found(target, transfer()), "text_not_sent");
}

TEST(Oracle, AResetThatAnswersAReset) {
  Bent target;
  target.arriving = [](Buffer& frame) {
    const MutableBytes tcp = tcp_of(frame);
    if (tcp.empty()) return;
    tcp[13] &= 0xfb;
    mend(frame);
  };
  EXPECT_EQ(found(target, {segment(kRst | kAck)}), "reset_of_reset");
}

TEST(Oracle, MoreThanWhatCame) {
  Bent target;
  target.frame = [](Buffer& frame, std::vector<Buffer>& more) {
    if (!tcp_of(frame).empty()) more.assign(4, frame);
  };
  EXPECT_EQ(found(target, {segment(kAck)}), "amplification");
  EXPECT_EQ(found(target, {call(CallKind::listen), segment(kAck)}), "");
}

TEST(Oracle, PacketsWithoutEnd) {
  Bent target;
  target.frame = [](Buffer& frame, std::vector<Buffer>& more) { more.assign(30'000, frame); };
  EXPECT_EQ(found(target, {call(CallKind::listen), segment(kSyn)}), "flood");
}

TEST(Oracle, ClocksThatStandStill) {
  Bent target;
  target.stands_still = true;
  EXPECT_EQ(found(target, {Wait{9, 9, false}}), "clock_stands_still");
}

TEST(Oracle, StacksThatAreNoUseAfterwards) {
  Bent target;
  target.refuses_sockets = true;
  EXPECT_EQ(found(target, {}), "not_alive");
  target.refuses_sockets = false;
  target.table = "tcp 0 0 192.168.0.1:8080 192.0.2.1:40000 LAST_ACK";
  EXPECT_EQ(found(target, {}), "sockets_left");
  target.says_it_died = true;
  EXPECT_EQ(found(target, {}), "crash");
}

}  // namespace
}  // namespace packetwright::trace
