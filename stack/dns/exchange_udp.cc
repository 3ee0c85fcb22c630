// SPDX-License-Identifier: Apache-2.0
// How a question is put: ids, ports, spelling, EDNS.
#include <algorithm>
#include <string>
#include <utility>

#include "stack/dns/exchange.hh"

namespace packetwright::dns {

bool Exchanges::knows_no_edns(const Endpoint& server) const noexcept {
  return std::find(without_edns_.begin(), without_edns_.end(), server) != without_edns_.end();
}

//= RFC6891-6.2.5-a
// Large answers, or OPT itself, may be what a path loses: a question that stays without an answer
// asks for small ones, and then says nothing of sizes. Zero: no OPT.
std::uint16_t Exchanges::announced_size(const Query& query) const noexcept {
  const std::uint16_t size = config_.edns_udp_size;
  if (query.round == 0) return size;
  return query.round == 1 ? std::min<std::uint16_t>(size, wire::kMaxDnsUdpSize) : std::uint16_t{0};
}

void Exchanges::send(Query& query, const Endpoint& server, bool with_opt) {
  const std::uint16_t port = draw_port();
  if (port == 0) return;  // as if it were lost: the next attempt may find one
  const std::uint16_t size = with_opt ? announced_size(query) : std::uint16_t{0};
  //= RFC5452-9.2-c
  const Transmission sent{server, port, rng_.next16(), spelling_of(query.question.name), size != 0};
  query.sent.push_back(sent);
  output_.push_back({query.id, {server, port, message_of(query, sent, size)}});
}

Buffer Exchanges::message_of(const Query& query, const Transmission& sent,
                             std::uint16_t udp_size) const {
  //= RFC1035-4.1.1-c
  //= RFC1123-6.1.2.3-a
  wire::DnsHeader header;
  header.id = sent.id;
  header.rd = true;
  Buffer message(wire::kMaxDnsUdpSize);
  wire::DnsWriter writer{message, header, wire::DnsCompression::off};
  writer.question({sent.name, query.question.type, wire::DnsClass::in});
  //= RFC6891-6.2.3-a
  //= RFC6891-6.2.3-b
  if (udp_size != 0) {
    wire::DnsOpt opt;
    opt.udp_size = udp_size;
    writer.opt(opt);
  }
  PW_ASSERT(!writer.overflowed());  // the longest name, its header and OPT take 282 octets
  message.resize(writer.written().size());
  return message;
}

//= RFC5452-9.2-a
//= RFC5452-9.2-b
std::uint16_t Exchanges::draw_port() {
  const std::size_t count = std::size_t{config_.last_port} - config_.first_port + 1;
  const auto is_free = [this](std::uint16_t port) {
    return !uses_port(port) && (!port_is_free_ || port_is_free_(port));
  };
  std::uint16_t port = 0;
  // Draws leave every free port equally likely. Where nearly all are taken, the next free one has
  // to do.
  for (int i = 0; i < 16; ++i) {
    port = static_cast<std::uint16_t>(config_.first_port + rng_.below(count));
    if (is_free(port)) return port;
  }
  for (std::size_t i = 0; i < count; ++i) {
    port = port == config_.last_port ? config_.first_port : static_cast<std::uint16_t>(port + 1);
    if (is_free(port)) return port;
  }
  return 0;
}

wire::DnsName Exchanges::spelling_of(const wire::DnsName& name) {
  if (!config_.mix_case) return name;
  std::string text = to_string(name);
  for (char& c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter && rng_.chance(1, 2)) c = static_cast<char>(c ^ 0x20);
  }
  return wire::DnsName::from_text(text).value_or(name);
}

bool Exchanges::uses_port(std::uint16_t port) const noexcept {
  for (const Query& query : queries_) {
    for (const Transmission& sent : query.sent) {
      if (sent.port == port) return true;
    }
  }
  return false;
}

bool Exchanges::poll_output(Outgoing& out) {
  if (output_.empty()) return false;
  out = std::move(output_.front().datagram);
  output_.pop_front();
  return true;
}

}  // namespace packetwright::dns
