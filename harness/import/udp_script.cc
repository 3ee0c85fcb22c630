// SPDX-License-Identifier: Apache-2.0
#include "harness/import/udp_script.hh"

#include <algorithm>
#include <utility>

#include "harness/import/script_builder.hh"
#include "harness/packet/dns_text.hh"

namespace packetwright::import {
namespace {

constexpr std::int64_t kFd = 3;

class UdpScript {
 public:
  UdpScript(const Conversation& conversation, const ImportOptions& options)
      : in_(conversation),
        passive_(options.side == Side::server),
        stack_(passive_ ? conversation.server : conversation.client),
        keep_(options.payload == Payload::keep),
        builder_(conversation.packets.front().time_ns, keep_) {}

  Result<Imported, std::string> run(const std::vector<std::string>& title) {
    const Endpoint& peer = passive_ ? in_.client : in_.server;
    if (peer.address.is_multicast() || peer.address.is_limited_broadcast() ||
        stack_.address.is_multicast() || stack_.address.is_limited_broadcast()) {
      return Err{"datagrams to a group or to all hosts cannot be made a script of"};
    }
    builder_.option("ip_version", stack_.address.is_v4() ? "ipv4" : "ipv6");
    builder_.option(passive_ ? "bind_port" : "connect_port",
                    std::to_string(std::max<std::uint16_t>(in_.server.port, 1)));
    const Datagram& first = in_.packets.front();
    builder_.at(first.time_ns, first.frame);
    builder_.call("socket", {ellipsis(), symbol("SOCK_DGRAM"), symbol("IPPROTO_UDP")}, kFd);
    builder_.call(passive_ ? "bind" : "connect", {integer(kFd), ellipsis(), ellipsis()}, 0);
    std::vector<std::uint32_t> cut;
    for (const Datagram& one : in_.packets) {
      if (one.cut()) cut.push_back(one.frame);
      builder_.at(one.time_ns, one.frame);
      const Content content{one.length, one.cut() ? Buffer{} : one.payload};
      if (in_.is_dns() && content.size > 0) {
        builder_.comment(packet::dns_text(one.payload));
      }
      const bool outbound = one.src == stack_;
      if (outbound) send(content);
      travel(one, content, outbound);
      if (!outbound) receive(content);
    }
    builder_.call("close", {integer(kFd)}, 0);
    std::vector<std::string> remarks;
    if (!in_.copies.empty()) {
      remarks.push_back("Left out, as copies of other frames: " + frames_text(in_.copies) + ".");
    }
    if (!cut.empty()) {
      remarks.push_back(
          "Not captured whole, so that payload is told by its length: " + frames_text(cut) + ".");
    }
    return builder_.finish(title, std::move(remarks));
  }

 private:
  void send(const Content& content) {
    const auto size = static_cast<std::int64_t>(content.size);
    if (passive_) {
      builder_.call("sendto",
                    {integer(kFd), builder_.buffer(content), integer(size), integer(0), ellipsis(),
                     ellipsis()},
                    size);
    } else {
      builder_.call("write", {integer(kFd), builder_.buffer(content), integer(size)}, size);
    }
  }

  void receive(const Content& content) {
    const auto size = static_cast<std::int64_t>(content.size);
    // Room for one octet more shows that there is no more.
    builder_.call("read", {integer(kFd), builder_.buffer(content), integer(size + 1)}, size);
  }

  void travel(const Datagram& one, const Content& content, bool outbound) {
    script::Packet packet;
    packet.direction = outbound ? script::Direction::outbound : script::Direction::inbound;
    if (one.ecn != 0) packet.ip.ecn = ecn_of(one);
    script::Udp udp;
    udp.length = static_cast<std::int64_t>(content.size);
    packet.body = std::move(udp);
    packet.payload = builder_.payload(content);
    if (one.pieces.empty()) return builder_.packet(std::move(packet));
    for (const Piece& piece : one.pieces) {
      builder_.at(piece.time_ns, piece.frame);
      script::Packet part = packet;
      script::Fragment fragment;
      // Which number the stack takes is its own affair; those of the peer must be equal.
      if (!outbound) fragment.id = std::int64_t{piece.id};
      fragment.first = static_cast<std::int64_t>(piece.first);
      fragment.last = static_cast<std::int64_t>(piece.last);
      part.fragment = std::move(fragment);
      builder_.packet(std::move(part));
    }
  }

  const Conversation& in_;
  const bool passive_;
  const Endpoint stack_;
  const bool keep_;
  ScriptBuilder builder_;
};

}  // namespace

Result<Imported, std::string> udp_script(const Conversation& conversation,
                                         const std::vector<std::string>& title,
                                         const ImportOptions& options) {
  return UdpScript(conversation, options).run(title);
}

}  // namespace packetwright::import
