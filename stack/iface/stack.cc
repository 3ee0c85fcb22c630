// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/stack.hh"

#include <utility>

namespace packetwright::iface {

// Each of the two keeps a reference to the other, and uses it no earlier than in a call.
Stack::Stack(const StackConfig& config) : network_(config, sockets_), sockets_(network_, config) {}

void Stack::on_frame(Instant now, Bytes frame) {
  network_.on_frame(now, frame);
}

bool Stack::next_tx(Buffer& frame) {
  return network_.next_tx(frame);
}

void Stack::set_link(Instant now, bool up) {
  network_.set_link(now, up);
}

void Stack::on_deadline(Instant now) {
  network_.on_deadline(now);
}

std::optional<Instant> Stack::next_deadline() const {
  return network_.next_deadline();
}

SocketResult<Descriptor> Stack::socket(Domain domain, SocketType type, Protocol protocol) {
  return sockets_.socket(domain, type, protocol);
}

SocketResult<void> Stack::bind(Descriptor descriptor, const Endpoint& local) {
  return sockets_.bind(descriptor, local);
}

SocketResult<void> Stack::listen(Descriptor descriptor, int backlog) {
  return sockets_.listen(descriptor, backlog);
}

SocketResult<Descriptor> Stack::accept(Instant now, Descriptor descriptor, Endpoint* peer) {
  auto result = sockets_.accept(descriptor, peer);
  network_.settle(now);
  return result;
}

// What a call makes this host send to itself arrives before the call returns.

SocketResult<void> Stack::connect(Instant now, Descriptor descriptor, const Endpoint& remote) {
  auto result = sockets_.connect(now, descriptor, remote);
  network_.settle(now);
  return result;
}

SocketResult<ReadResult> Stack::read(Instant now, Descriptor descriptor, std::size_t limit,
                                     const ReadFlags& flags) {
  auto result = sockets_.read(now, descriptor, limit, flags);
  network_.settle(now);
  return result;
}

SocketResult<std::size_t> Stack::read_into(Instant now, Descriptor descriptor, MutableBytes into) {
  auto result = sockets_.read_into(now, descriptor, into);
  network_.settle(now);
  return result;
}

SocketResult<std::size_t> Stack::write(Instant now, Descriptor descriptor, Bytes octets,
                                       const WriteFlags& flags, const Endpoint* to) {
  auto result = sockets_.write(now, descriptor, octets, flags, to);
  network_.settle(now);
  return result;
}

SocketResult<void> Stack::shutdown(Instant now, Descriptor descriptor, ShutdownHow how) {
  auto result = sockets_.shutdown(now, descriptor, how);
  network_.settle(now);
  return result;
}

SocketResult<void> Stack::close(Instant now, Descriptor descriptor) {
  auto result = sockets_.close(now, descriptor);
  network_.settle(now);
  return result;
}

SocketResult<void> Stack::abort(Instant now, Descriptor descriptor) {
  auto result = sockets_.abort(now, descriptor);
  network_.settle(now);
  return result;
}

SocketResult<void> Stack::set_option(Instant now, Descriptor descriptor, SocketOption option,
                                     std::int64_t value) {
  auto result = sockets_.set_option(now, descriptor, option, value);
  network_.settle(now);
  return result;
}

SocketResult<std::int64_t> Stack::get_option(Instant now, Descriptor descriptor,
                                             SocketOption option) {
  return sockets_.get_option(now, descriptor, option);
}

SocketResult<void> Stack::set_congestion_control(Instant now, Descriptor descriptor,
                                                 std::string_view name) {
  return sockets_.set_congestion_control(now, descriptor, name);
}

SocketResult<std::string_view> Stack::congestion_control(Descriptor descriptor) const {
  return sockets_.congestion_control(descriptor);
}

SocketResult<void> Stack::join_group(Instant now, Descriptor descriptor, const IpAddress& group) {
  return sockets_.join_group(now, descriptor, group);
}

SocketResult<void> Stack::leave_group(Instant now, Descriptor descriptor, const IpAddress& group) {
  return sockets_.leave_group(now, descriptor, group);
}

SocketResult<void> Stack::set_ip_options(Descriptor descriptor, Bytes options) {
  return sockets_.set_ip_options(descriptor, options);
}

SocketResult<SocketError> Stack::read_error(Descriptor descriptor) {
  return sockets_.read_error(descriptor);
}

SocketResult<bool> Stack::at_mark(Descriptor descriptor) const {
  return sockets_.at_mark(descriptor);
}

SocketResult<Readiness> Stack::poll(Descriptor descriptor) const {
  return sockets_.poll(descriptor);
}

SocketResult<Endpoint> Stack::local_endpoint(Descriptor descriptor) const {
  return sockets_.local_endpoint(descriptor);
}

SocketResult<Endpoint> Stack::remote_endpoint(Descriptor descriptor) const {
  return sockets_.remote_endpoint(descriptor);
}

Result<dns::QueryId, dns::DnsError> Stack::resolve(Instant now, std::string_view name,
                                                   std::optional<Family> family) {
  auto query = network_.resolver().start(now, name, family);
  network_.settle(now);
  return query;
}

Result<dns::QueryId, dns::DnsError> Stack::resolve_address(Instant now, const IpAddress& address) {
  auto query = network_.resolver().start_reverse(now, address);
  network_.settle(now);
  return query;
}

void Stack::cancel_resolve(dns::QueryId query) {
  network_.resolver().cancel(query);
}

std::optional<Result<dns::Answer, dns::DnsError>> Stack::take_resolved(Instant now,
                                                                       dns::QueryId query) {
  auto result = network_.resolver().take(query);
  if (result && *result) network_.order_destinations(now, (*result)->addresses);
  return result;
}

void Stack::set_dns_servers(std::vector<Endpoint> servers) {
  network_.set_dns_servers(std::move(servers));
}

SocketResult<tcp::Status> Stack::tcp_status(Descriptor descriptor) const {
  return sockets_.tcp_status(descriptor);
}

SocketResult<void> Stack::set_isn(Descriptor descriptor, std::uint32_t isn) {
  return sockets_.set_isn(descriptor, isn);
}

std::string Stack::netstat(Instant now) const {
  return sockets_.netstat(now);
}

const DropCounters& Stack::drops() const noexcept {
  return network_.drops();
}

MemoryUse Stack::memory() const {
  MemoryUse use = network_.memory();
  use.sockets = sockets_.memory();
  return use;
}

void Stack::set_trace(TraceHook hook) {
  network_.set_trace(std::move(hook));
}

}  // namespace packetwright::iface
