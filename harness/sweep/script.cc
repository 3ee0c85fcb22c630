// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/script.hh"

#include "harness/sweep/encode.hh"

namespace packetwright::sweep {
namespace {

using model::Notice;
using model::Outcome;
using model::Reply;
using model::State;
using From = Place::From;

class Writer {
 public:
  Writer(const Stimulus& stimulus, const Outcome& wanted, Difference differs, const Ready& ready)
      : stimulus_(stimulus),
        wanted_(wanted),
        differs_(differs),
        ready_(ready),
        v_(with_numbers(ready.tracked)) {}

  std::string write(const std::string& seen) {
    const Prelude& prelude = *ready_.prelude;
    text_ = "// " + std::string(name_of(prelude.state)) + ": " + std::string(stimulus_.kind->name) +
            ", " + stimulus_.name() + ".\n";
    text_ += "// The model (" + std::string(wanted_.rule) + "): " + describe(wanted_, ready_) +
             ".\n// The stack: " + seen + ".\n//: variants ipv4\n";
    if (prelude.has_script) text_ += "use " + std::string(prelude.name) + "\n";
    text_ += '\n';
    line(script_of(stimulus_, ready_, v_));
    write_reply();
    write_rest();
    return text_;
  }

 private:
  void line(const std::string& what, const char* when = "+0     ") { text_ += when + what + '\n'; }

  [[nodiscard]] std::string at(From from, std::int64_t offset = 0) const {
    return script_number({from, offset}, ready_, v_);
  }
  // "N:N(0)"
  [[nodiscard]] static std::string empty_at(const std::string& number) {
    return number + ":" + number + "(0)";
  }
  // A number of the peer that the reply acknowledges. In a SYN,ACK it counts from 0, in all others
  // from the last SYN of the peer.
  [[nodiscard]] std::string acknowledged() const {
    if (wanted_.reply == Reply::syn_ack) return std::to_string(wanted_.ack.value());
    const bool from_this_syn = stimulus_.kind->syn && !ready_.tracked.knows_peer;
    if (from_this_syn) {
      return std::to_string(wanted_.ack - number_at(*seq_place(stimulus_, v_), v_));
    }
    return at(From::rcv_nxt, static_cast<std::int32_t>(wanted_.ack - v_.rcv_nxt));
  }

  // Of an ACK. Only where they are what differs are they written: other stacks may order them
  // otherwise. The value of the target's own clock is not compared.
  [[nodiscard]] std::string options() const {
    if (differs_ != Difference::echo) return " <...>";
    return " <nop,nop,TS val " + std::to_string(ready_.prelude->echo + 10) + " ecr " +
           std::to_string(wanted_.after.ts_recent) + ">";
  }

  void write_reply() {
    switch (wanted_.reply) {
      case Reply::none: return line("silence 0.05");
      case Reply::ack:
        return line("> . " + empty_at(at(From::snd_nxt)) + " ack " + acknowledged() + options(),
                    wanted_.may_wait ? "+0~+.5 " : "+0     ");
      case Reply::syn_ack: return line("> S. 0:0(0) ack " + acknowledged() + " <...>");
      case Reply::reset:
        return line("> R " + empty_at(script_number(*ack_place(stimulus_, v_), ready_, v_)) +
                    " <...> {tcp.ack_flag=" + (wanted_.reset_may_ack ? "any, tcp.ack=any}" : "0}"));
      case Reply::reset_with_ack:
        return line("> R. 0:0(0) ack " + acknowledged() + " <...> {tcp.seq=any}");
    }
  }

  void write_rest() {
    const State before = ready_.prelude->state;
    const State after = wanted_.after.state;
    if (before == State::closed || before == State::listen) return;
    if (!ready_.connection) {
      if (!write_embryo()) return;
    } else if (before == State::time_wait && after == State::syn_received) {
      return;  // another connection, of which there is no descriptor
    }
    if (differs_ == Difference::window) {
      line("= info(4, snd_wnd) " + std::to_string(wanted_.after.snd_wnd));
    }
    if (differs_ == Difference::text || differs_ == Difference::notice) write_read();
    std::string state{name_of(after)};
    for (char& c : state) {
      if (c == '-') c = '_';
    }
    line("= state(4) " + state);
  }

  // True: it has been accepted.
  bool write_embryo() {
    const State after = wanted_.after.state;
    if (after != State::established && after != State::close_wait) {
      const std::string timestamps = v_.timestamps
                                         ? " <nop,nop,TS val " + std::to_string(probe_tsval(v_)) +
                                               " ecr " + std::to_string(ready_.prelude->echo) + ">"
                                         : "";
      // Nobody could have accepted it: the ACK that follows is the first that counts.
      line("fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
      line("accept(3, ..., ...) = -1 EAGAIN (nothing to accept)");
      line("< . " + empty_at(at(From::rcv_nxt)) + " ack " + at(From::snd_nxt) + " win 65535" +
           timestamps);
      if (after == State::listen) {
        line("> R " + empty_at(at(From::snd_nxt)) + " <...> {tcp.ack_flag=any, tcp.ack=any}");
        return false;
      }
      line("accept(3, ..., ...) = 4");
      return false;
    }
    line("accept(3, ..., ...) = 4");
    return true;
  }

  // The text that is to be read, in quotes; what a prelude has left nobody knows by its octets.
  [[nodiscard]] std::string delivered() const {
    if (ready_.tracked.unread > 0) return "...";
    const bool early = ready_.prelude->state == State::syn_sent;
    const SeqNum first = early ? wanted_.after.irs + 1 : v_.rcv_nxt;
    std::string text = "\"";
    for (std::uint32_t i = 0; i < wanted_.delivered; ++i) {
      if (wanted_.out_of_band != i) text += static_cast<char>(octet_at(first + i, v_));
    }
    return text + "\"";
  }

  void write_read() {
    const std::uint32_t octets =
        ready_.tracked.unread + wanted_.delivered - (wanted_.out_of_band ? 1u : 0u);
    line("fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
    // With an error, what had arrived may be gone.
    if (octets > 0 && wanted_.notice != Notice::error) {
      line("read(4, " + delivered() + ", 65536) = " + std::to_string(octets));
      line("ignore 0.01");  // there is room again, which may be told
    }
    const bool ended =
        wanted_.notice == Notice::end_of_stream || is_after_fin_of_peer(wanted_.after.state);
    if (wanted_.notice == Notice::error) {
      const bool early =
          ready_.prelude->state == State::syn_sent || ready_.prelude->state == State::syn_received;
      line(std::string("read(4, ..., 65536) = -1 ") +
           (early ? "ECONNREFUSED (connection refused)" : "ECONNRESET (connection reset)"));
    } else if (ended) {
      line("read(4, ..., 65536) = 0");
    } else if (wanted_.after.state != State::closed) {
      line("read(4, ..., 65536) = -1 EAGAIN (nothing more)");
    }
  }

  const Stimulus& stimulus_;
  const Outcome& wanted_;
  const Difference differs_;
  const Ready& ready_;
  const model::Variables v_;
  std::string text_;
};

}  // namespace

std::string script_for(const Stimulus& stimulus, const Outcome& wanted, Difference differs,
                       const std::string& seen, const Ready& ready) {
  return Writer(stimulus, wanted, differs, ready).write(seen);
}

}  // namespace packetwright::sweep
