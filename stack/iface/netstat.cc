// SPDX-License-Identifier: Apache-2.0
// The descriptor table as people read it.
#include <string>
#include <string_view>

#include "stack/iface/mapped_address.hh"
#include "stack/iface/sockets.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::iface {
namespace {

struct Line {
  std::string protocol, receive_queue, send_queue, local, remote, state, timer, descriptor;
};

void append(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  if (text.size() < width) out.append(width - text.size(), ' ');
  out += ' ';
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
  if (text.size() < width) out.append(width - text.size(), ' ');
  out += text;
  out += ' ';
}

void append(std::string& out, const Line& line) {
  append_right(out, line.descriptor, 4);
  append(out, line.protocol, 5);
  append_right(out, line.receive_queue, 6);
  append_right(out, line.send_queue, 6);
  append(out, line.local, 23);
  append(out, line.remote, 23);
  append(out, line.state, 12);
  out += line.timer;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

// With `*` for a port that is not chosen.
std::string text_of(const Endpoint& endpoint) {
  std::string text = wire::to_string(endpoint);
  if (endpoint.port == 0) text.back() = '*';
  return text;
}

Endpoint nobody(const Endpoint& local) {
  return {unspecified(local.address.family()), 0};
}

std::string_view name_of(tcp::TimerKind timer) {
  switch (timer) {
    case tcp::TimerKind::none: return "";
    case tcp::TimerKind::retransmit: return "retransmit";
    case tcp::TimerKind::persist: return "persist";
    case tcp::TimerKind::delayed_ack: return "delayed-ack";
    case tcp::TimerKind::keepalive: return "keepalive";
    case tcp::TimerKind::time_wait: return "time-wait";
    case tcp::TimerKind::user_timeout: return "user-timeout";
    case tcp::TimerKind::override_sws: return "sws-override";
    case tcp::TimerKind::orphan: return "orphan";
    case tcp::TimerKind::reordering: return "reordering";
    case tcp::TimerKind::loss_probe: return "loss-probe";
  }
  return "";
}

// "retransmit (0.998)": the timer that fires next, and in how many seconds.
std::string timer_text(Instant now, const tcp::Status& status) {
  if (status.timer == tcp::TimerKind::none) return {};
  const std::int64_t left = (status.timer_at - now) / 1ms;
  const std::int64_t milliseconds = left < 0 ? 0 : left;
  std::string fraction = std::to_string(milliseconds % 1'000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::string{name_of(status.timer)} + " (" + std::to_string(milliseconds / 1'000) + "." +
         fraction + ")";
}

Line tcp_line(Instant now, const tcp::Status& status, Domain domain) {
  const Endpoint local = as_seen_by(domain, status.local);
  return {domain == Domain::inet ? "tcp" : "tcp6",
          std::to_string(status.receive_queue),
          std::to_string(status.send_queue),
          text_of(local),
          text_of(as_seen_by(domain, status.remote)),
          std::string{tcp::name_of(status.state)},
          timer_text(now, status),
          "-"};
}

}  // namespace

std::string Sockets::netstat(Instant now) const {
  std::string out;
  append(out, Line{"Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State",
                   "Timer", "FD"});
  table_.for_each([&](Descriptor descriptor, const Socket& socket) {
    Line line;
    const Domain domain = settings_of(socket).domain;
    const bool inet6 = domain == Domain::inet6;
    if (const auto* stream = std::get_if<StreamSocket>(&socket)) {
      const Endpoint local = as_seen_by(domain, stream->local_endpoint(network_));
      line = {inet6 ? "tcp6" : "tcp", "0",      "0", text_of(local),
              text_of(nobody(local)), "CLOSED", "",  ""};
      if (stream->is_listening()) {
        line.state = tcp::name_of(tcp::State::listen);
        line.receive_queue = std::to_string(network_.tcp().pending(stream->listener()));
      } else if (stream->has_connection()) {
        line = tcp_line(now, stream->status(network_), domain);
      }
    } else if (const auto* datagram = std::get_if<DatagramSocket>(&socket)) {
      const udp::Udp::Status status = datagram->status(network_);
      const Endpoint local = as_seen_by(domain, datagram->local_endpoint(network_));
      const Endpoint remote = status.remote ? as_seen_by(domain, *status.remote) : nobody(local);
      line = {inet6 ? "udp6" : "udp", std::to_string(status.queued),    "0", text_of(local),
              text_of(remote),        status.remote ? "CONNECTED" : "", "",  ""};
    } else {
      const auto& ping = std::get<PingSocket>(socket);
      const Endpoint local = ping.local_endpoint();
      const Endpoint remote = ping.remote_endpoint().value_or(nobody(local));
      line = {inet6 ? "icmp6" : "icmp",
              std::to_string(ping.queued()),
              "0",
              text_of(local),
              text_of(remote),
              "",
              "",
              ""};
    }
    line.descriptor = std::to_string(descriptor);
    append(out, line);
  });
  // What is left of connections that no descriptor stands for: not accepted yet, or closed and
  // finishing by themselves.
  for (const tcp::ConnectionId id : network_.tcp().connections()) {
    if (holder_of(id) != nullptr) continue;
    const auto status = network_.tcp().status(id);
    if (!status || status->state == tcp::State::closed) continue;
    append(out,
           tcp_line(now, *status, status->local.address.is_v4() ? Domain::inet : Domain::inet6));
  }
  return out;
}

}  // namespace packetwright::iface
