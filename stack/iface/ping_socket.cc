// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/ping_socket.hh"

#include <utility>

#include "stack/iface/error_words.hh"
#include "stack/iface/mapped_address.hh"
#include "stack/iface/protocol_words.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::iface {
namespace {

constexpr std::size_t kReceiveBuffer = 212'992;

Family family_of(Domain domain) noexcept {
  return domain == Domain::inet ? Family::ipv4 : Family::ipv6;
}

// Type and code of an Echo Request, and the identifier of the socket in place of the writer's.
bool become_request(MutableBytes message, Domain domain, std::uint16_t identifier) noexcept {
  const auto type = static_cast<std::uint8_t>(
      domain == Domain::inet ? static_cast<int>(wire::Icmpv4Type::echo_request)
                             : static_cast<int>(wire::Icmpv6Type::echo_request));
  if (message.size() < wire::kIcmpHeaderSize || message[0] != type || message[1] != 0) return false;
  store_be16(message, 2, 0);
  store_be16(message, 4, identifier);
  return true;
}

}  // namespace

PingSocket::PingSocket(Domain domain, std::uint16_t identifier)
    : address_(unspecified(family_of(domain))), identifier_(identifier), queue_(kReceiveBuffer) {
  settings_.domain = domain;
}

void PingSocket::bind(const Endpoint& local) {
  address_ = local.address;
  if (local.port != 0) identifier_ = local.port;
}

SocketResult<void> PingSocket::connect(const Network& network, const Endpoint& remote) {
  if (auto checked = check_destination(network, remote.address); !checked) return checked;
  remote_ = remote.address;
  error_.reset();
  return {};
}

SocketResult<void> PingSocket::check_destination(const Network& network,
                                                 const IpAddress& destination) const {
  if (destination.family() != family_of(settings_.domain)) return Err{Errno::einval};
  if (network.addresses().is_broadcast(destination) && !settings_.broadcast) {
    return Err{Errno::eacces};
  }
  return {};
}

SocketResult<ReadResult> PingSocket::read(std::size_t limit, const ReadFlags& flags) {
  if (flags.out_of_band) return Err{Errno::eopnotsupp};
  if (const auto error = std::exchange(error_, std::nullopt)) return Err{*error};
  if (queue_.empty()) return Err{Errno::eagain};
  udp::Received received = flags.peek ? queue_.front() : queue_.pop();
  ReadResult result;
  result.truncated = received.octets.size() > limit;
  result.octets = std::move(received.octets);
  if (result.truncated) result.octets.resize(limit);
  result.from = received.from;
  result.to = received.to;
  return result;
}

SocketResult<std::size_t> PingSocket::write(Instant now, Network& network, Bytes message,
                                            const std::optional<Endpoint>& to) {
  if (const auto error = std::exchange(error_, std::nullopt)) return Err{*error};
  if (!to && !remote_) return Err{Errno::edestaddrreq};
  const IpAddress destination = to ? to->address : *remote_;
  if (auto checked = check_destination(network, destination); !checked) {
    return Err{checked.error()};
  }
  const Family family = family_of(settings_.domain);

  icmp::Answer request;
  request.octets.assign(message.begin(), message.end());
  if (!become_request(request.octets, settings_.domain, identifier_)) return Err{Errno::einval};
  request.destination = destination;
  request.source = address_;
  if (address_.is_unspecified()) {
    const auto source = network.source_for(now, destination);
    if (!source) return Err{errno_of(source.error())};
    request.source = *source;
  }
  icmp::fill_checksum(request);

  ip::Datagram datagram;
  datagram.source = request.source;
  datagram.destination = destination;
  datagram.protocol = family == Family::ipv4 ? wire::IpProtocol::icmpv4 : wire::IpProtocol::icmpv6;
  datagram.hop_limit = settings_.hop_limit(family).value_or(network.hop_limit(family));
  datagram.traffic_class = settings_.traffic_class(family);
  datagram.payload = request.octets;
  const auto sent = network.send(now, datagram);
  if (!sent) return Err{errno_of(sent.error())};
  return message.size();
}

SocketResult<void> PingSocket::set_option(SocketOption option, std::int64_t value) {
  if (const auto set = set_setting(settings_, option, value, false)) return *set;
  return Err{Errno::enoprotoopt};
}

SocketResult<std::int64_t> PingSocket::get_option(SocketOption option,
                                                  std::uint8_t default_hop_limit) {
  if (const auto value = get_setting(settings_, option, default_hop_limit)) return *value;
  if (option == SocketOption::so_error) {
    const auto error = std::exchange(error_, std::nullopt);
    return error ? static_cast<std::int64_t>(*error) + 1 : std::int64_t{0};
  }
  return Err{Errno::enoprotoopt};
}

Readiness PingSocket::poll() const {
  Readiness ready;
  ready.error = error_.has_value();
  ready.readable = !queue_.empty() || ready.error;
  ready.writable = true;
  return ready;
}

SocketResult<Endpoint> PingSocket::remote_endpoint() const {
  if (!remote_) return Err{Errno::enotconn};
  return Endpoint{*remote_, 0};
}

void PingSocket::on_reply(const IpAddress& source, const IpAddress& destination,
                          const icmp::EchoReply& reply) {
  if (reply.identifier != identifier_) return;
  if (source.family() != family_of(settings_.domain)) return;
  if (!address_.is_unspecified() && address_ != destination) return;
  if (remote_ && *remote_ != source) return;
  udp::Received received;
  received.from = {source, 0};
  received.to = {destination, identifier_};
  received.octets.assign(reply.message.begin(), reply.message.end());
  (void)queue_.push(std::move(received));  // a full queue is a slow reader: its loss
}

//= RFC1122-3.2.2.1-c
bool PingSocket::on_error(const icmp::ErrorReport& report, std::uint16_t identifier) {
  if (identifier != identifier_) return false;
  if (report.local.family() != family_of(settings_.domain)) return false;
  if (!address_.is_unspecified() && address_ != report.local) return false;
  if (remote_ && *remote_ != report.remote) return false;
  if (!settings_.report_all_errors && !(remote_ && is_fatal(report.problem))) return true;
  error_ = errno_of_icmp(report.local.family(), report.type, report.code);
  return true;
}

}  // namespace packetwright::iface
