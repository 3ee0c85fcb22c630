// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/observe.hh"

#include <utility>

#include "harness/engine/neighbor.hh"
#include "harness/packet/dissect.hh"
#include "harness/packet/print.hh"
#include "harness/sweep/encode.hh"

namespace packetwright::sweep {
namespace {

// An ACK is delayed by less than this (RFC 9293, MUST-40).
constexpr Duration kAckLimit = 500ms - 1ns;
// More replies than this are a flood.
constexpr std::size_t kMostFrames = 100;
constexpr std::size_t kReadSize = 65'536;

model::State state_of(targets::TcpState state) {
  switch (state) {
    case targets::TcpState::listen: return model::State::listen;
    case targets::TcpState::syn_sent: return model::State::syn_sent;
    case targets::TcpState::syn_received: return model::State::syn_received;
    case targets::TcpState::established: return model::State::established;
    case targets::TcpState::fin_wait_1: return model::State::fin_wait_1;
    case targets::TcpState::fin_wait_2: return model::State::fin_wait_2;
    case targets::TcpState::close_wait: return model::State::close_wait;
    case targets::TcpState::closing: return model::State::closing;
    case targets::TcpState::last_ack: return model::State::last_ack;
    case targets::TcpState::time_wait: return model::State::time_wait;
    case targets::TcpState::closed: return model::State::closed;
  }
  return model::State::closed;
}

class Observer {
 public:
  Observer(const Ready& ready, const model::Variables& v, targets::Target& target)
      : ready_(ready), v_(v), target_(target) {}

  Result<Observation, std::string> observe(Bytes frame, bool may_wait) {
    target_.inject(frame);
    collect();
    if (may_wait && out_.sent.empty() && out_.other.empty()) {
      wait_for_ack();
    }
    std::optional<targets::Fd> connection = ready_.connection;
    if (!connection && ready_.prelude->state == model::State::syn_received) {
      connection = accepted();
      if (!connection) probe_embryo();
    }
    if (connection) look_at(*connection);
    if (const auto death = target_.death()) return Err{"it died: " + death->log};
    return std::move(out_);
  }

 private:
  // A target may stop at each of its timers.
  void wait_for_ack() {
    const Instant limit = target_.now() + kAckLimit;
    while (out_.sent.empty() && out_.other.empty() && target_.now() < limit) {
      const Instant before = target_.now();
      target_.advance_to(limit, true);
      collect();
      if (target_.now() <= before) return;
    }
  }

  // What was sent; questions for the peer's hardware address are answered.
  void collect() {
    std::vector<targets::SentFrame> frames;
    target_.drain(frames);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Buffer& octets = frames[i].octets;
      const auto read = read_segment(ready_.link, octets);
      if (read && read->src_port == ready_.link.local_port &&
          read->dst_port == ready_.link.peer_port) {
        out_.sent.push_back(read->segment);
        continue;
      }
      const packet::Dissected frame = packet::dissect(octets, ready_.link.ethernet);
      engine::ScriptedProtocols scripted;
      scripted.tcp = true;
      const engine::ChatterVerdict chatter =
          engine::judge_chatter(frame, scripted, ready_.settings);
      if (chatter.what == engine::Chatter::answer) {
        target_.inject(chatter.reply);
        target_.drain(frames);
      } else if (chatter.what == engine::Chatter::none) {
        out_.other = packet::print(frame, {});
      }
      if (frames.size() <= kMostFrames) continue;
      out_.other = "more than " + std::to_string(kMostFrames) + " frames";
      return;
    }
  }

  std::optional<targets::Fd> accepted() {
    if (!ready_.listener) return std::nullopt;
    Endpoint peer;
    const auto fd = target_.accept(*ready_.listener, &peer);
    if (!fd) return std::nullopt;
    return *fd;
  }

  // An embryo has no descriptor to ask: the last ACK of its handshake tells whether it is there.
  void probe_embryo() {
    wire::TcpFields fields;
    fields.seq = v_.rcv_nxt;
    fields.ack = v_.snd_nxt;
    fields.flags = wire::tcp_flag::ack;
    fields.win = 65'535;
    std::array<std::uint8_t, 12> options{};
    wire::TcpOptionWriter writer(options);
    if (v_.timestamps) {
      writer.nop().nop().timestamps({probe_tsval(v_), ready_.tracked.tsval_of_target});
      fields.options = writer.written();
    }
    fields.set_lengths();
    target_.inject(frame_of(ready_.link, fields, {}));
    std::vector<targets::SentFrame> frames;
    target_.drain(frames);
    if (accepted()) {
      out_.state = model::State::syn_received;
      return;
    }
    for (const targets::SentFrame& one : frames) {
      const auto read = read_segment(ready_.link, one.octets);
      if (read && read->segment.flags.has(wire::tcp_flag::rst)) out_.state = model::State::listen;
    }
    if (!out_.state && out_.other.empty()) out_.other = "an embryo that no ACK leads on";
  }

  void look_at(targets::Fd connection) {
    if (ready_.tells_state) {
      if (const auto status = target_.tcp_status(connection)) {
        if (status->state) out_.state = state_of(*status->state);
        const auto window = status->counters.find("snd_wnd");
        if (window != status->counters.end()) {
          out_.snd_wnd = static_cast<std::uint32_t>(window->second);
        }
      }
    }
    out_.was_read = true;
    for (;;) {
      auto got = target_.read(connection, kReadSize, {});
      if (!got) {
        // Before there is a connection some stacks say so, others have nothing yet.
        const bool early = ready_.prelude->state == model::State::syn_sent;
        out_.error = !early && got.error() != EAGAIN && got.error() != EWOULDBLOCK;
        break;
      }
      if (got->octets.empty()) {
        out_.end_of_stream = true;
        break;
      }
      out_.text.insert(out_.text.end(), got->octets.begin(), got->octets.end());
    }
    const std::size_t old = std::min<std::size_t>(ready_.tracked.unread, out_.text.size());
    out_.text.erase(out_.text.begin(), out_.text.begin() + static_cast<std::ptrdiff_t>(old));
  }

  const Ready& ready_;
  const model::Variables& v_;
  targets::Target& target_;
  Observation out_;
};

}  // namespace

Result<Observation, std::string> observe(const Ready& ready, Bytes frame, const model::Variables& v,
                                         bool may_wait, targets::Target& target) {
  return Observer(ready, v, target).observe(frame, may_wait);
}

}  // namespace packetwright::sweep
