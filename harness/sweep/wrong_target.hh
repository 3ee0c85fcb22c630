// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests: the reference stack with a fault in front of it, which changes what arrives or leaves.

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/reference/reference_target.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/tcp.hh"

namespace packetwright::sweep {

// What the fault knows of the connection from what has passed it.
struct Passed {
  SeqNum rcv_nxt, rcv_edge;  // the newest ACK of the stack, and the rightmost edge
  SeqNum snd_nxt;            // behind the last segment of the stack
  bool begun = false;        // the stack has acknowledged something
};

// A segment between the wire and the stack, to be changed in place; the checksum follows. False:
// it is lost.
using Fault = std::function<bool(wire::TcpFields& fields, Buffer& text, const Passed& passed)>;

class WrongTarget final : public targets::ForwardingTarget<targets::Target> {
 public:
  WrongTarget(Fault inbound, Fault outbound)
      : inbound_(std::move(inbound)), outbound_(std::move(outbound)) {}

  [[nodiscard]] const targets::Traits& traits() const override { return sound_.traits(); }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override {
    passed_ = {};
    return sound_.reset(config);
  }
  void inject(Bytes frame) override {
    if (const auto changed = through(inbound_, frame)) sound_.inject(*changed);
  }
  void drain(std::vector<targets::SentFrame>& out) override {
    std::vector<targets::SentFrame> sent;
    sound_.drain(sent);
    for (targets::SentFrame& one : sent) {
      auto changed = through(outbound_, one.octets);
      if (!changed) continue;
      one.octets = std::move(*changed);
      note(one.octets);
      out.push_back(std::move(one));
    }
  }
  [[nodiscard]] Instant now() const override { return sound_.now(); }
  [[nodiscard]] std::optional<Instant> next_timer() const override { return sound_.next_timer(); }
  void advance_to(Instant until, bool stop) override { sound_.advance_to(until, stop); }
  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd fd) override {
    return sound_.tcp_status(fd);
  }

 private:
  [[nodiscard]] targets::Target& calls() noexcept override { return sound_; }

  // Where the TCP header begins; 0: there is none.
  static std::size_t tcp_at(Bytes frame) {
    const auto ethernet = wire::EthernetView::parse(frame);
    if (!ethernet || ethernet->ether_type() != wire::EtherType::ipv4) return 0;
    const auto ip = wire::Ipv4View::parse(ethernet->payload());
    if (!ip || ip->protocol() != wire::IpProtocol::tcp) return 0;
    const auto tcp = wire::TcpView::parse(ip->payload());
    if (!tcp || !tcp->verify_checksum(ip->src(), ip->dst())) return 0;
    return ethernet->header_size() + ip->header_size();
  }

  std::optional<Buffer> through(const Fault& fault, Bytes frame) const {
    Buffer copy(frame.begin(), frame.end());
    const std::size_t at = tcp_at(frame);
    if (!fault || at == 0) return copy;
    const wire::TcpView tcp = wire::TcpView::parse(frame.subspan(at)).value();
    wire::TcpFields fields = wire::TcpFields::from(tcp);
    Buffer text(tcp.payload().begin(), tcp.payload().end());
    if (!fault(fields, text, passed_)) return std::nullopt;
    const MutableBytes segment = MutableBytes{copy}.subspan(at);
    fields.emit(segment);
    store_bytes(segment, fields.encoded_size(), text);
    const Bytes ip = Bytes{copy}.subspan(at - wire::kIpv4HeaderSize);
    const auto view = wire::Ipv4View::parse(ip);
    wire::fill_tcp_checksum(segment, view->src(), view->dst());
    return copy;
  }

  void note(Bytes frame) {
    const std::size_t at = tcp_at(frame);
    if (at == 0) return;
    const wire::TcpView tcp = wire::TcpView::parse(frame.subspan(at)).value();
    const wire::TcpFlags flags = tcp.flags();
    if (flags.has(wire::tcp_flag::rst) || !flags.has(wire::tcp_flag::ack)) return;
    passed_.rcv_nxt = tcp.ack();
    passed_.rcv_edge = tcp.ack() + tcp.win();
    passed_.snd_nxt = tcp.seq() + static_cast<std::uint32_t>(tcp.payload().size()) +
                      (flags.has(wire::tcp_flag::syn) ? 1u : 0u) +
                      (flags.has(wire::tcp_flag::fin) ? 1u : 0u);
    passed_.begun = true;
  }

  reference::ReferenceTarget sound_;
  Fault inbound_, outbound_;
  Passed passed_;
};

}  // namespace packetwright::sweep
