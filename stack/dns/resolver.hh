// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/dns/answer.hh"
#include "stack/dns/cache.hh"
#include "stack/dns/config.hh"
#include "stack/dns/exchange.hh"
#include "stack/dns/response.hh"
#include "stack/dns/stream.hh"

namespace packetwright::dns {

// Names one look-up from start() to take(); never used again.
enum class QueryId : std::uint32_t {};

// A stub resolver (RFC 1034, 5.3.1; RFC 1123, 6.1.3): it asks recursive servers and does no
// recursion itself. A name is looked up in the table of hosts, then, completed by the search list,
// among what is remembered, then by questions (exchange.hh), over UDP and where that is too small
// over TCP. Sans-IO: datagrams, octets of streams and time in; the same and results out.
//
// Whatever arrives and does not match what was asked is ignored while the wait goes on. All memory
// is bounded by the configuration.
class Resolver {
 public:
  using PortIsFree = std::function<bool(std::uint16_t)>;

  // `rng` is the resolver's own (`rng.fork("dns")`). `port_is_free` is asked before a port is
  // drawn, so that no socket of somebody else is listened to; by default every port is free.
  Resolver(ResolverConfig config, Rng rng, PortIsFree port_is_free = {});
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Begins to look up the addresses of `name`; nullopt: of both families, which are asked for at
  // the same time, and one of which is enough. Text that is an address already is its own answer,
  // at once (RFC 1123, 2.1). Errors: invalid_name, no_server, too_many_queries.
  [[nodiscard]] Result<QueryId, DnsError> start(Instant now, std::string_view name,
                                                std::optional<Family> family);
  // Begins to look up the names of `address`.
  [[nodiscard]] Result<QueryId, DnsError> start_reverse(Instant now, const IpAddress& address);

  // The result, once: nothing while the look-up goes on, and nothing after it was taken. A result
  // that nobody takes holds its place: cancel() look-ups that are no longer of interest.
  [[nodiscard]] std::optional<Result<Answer, DnsError>> take(QueryId id);
  void cancel(QueryId id);

  // A datagram for one of our ports arrived. Says why it was not used; if it was, take() may have
  // news. The caller has checked its UDP checksum and that its destination is an address of ours.
  [[nodiscard]] std::optional<DropReason> on_datagram(Instant now, const Endpoint& from,
                                                      std::uint16_t to_port, Bytes payload);
  // An ICMP error says that nobody listens at `server`; `src_port` is that of the datagram it
  // quotes. Counts as an answer that the server cannot.
  void on_unreachable(Instant now, const Endpoint& server, std::uint16_t src_port);

  // Of TCP connections that poll_stream() asked for. Streams that are closed are not known any
  // more; what is said of them is ignored.
  void on_stream_connected(StreamId stream);
  // Says why the first message in the octets was not used that was not.
  [[nodiscard]] std::optional<DropReason> on_stream_octets(Instant now, StreamId stream,
                                                           Bytes octets);
  // It could not be opened, failed, or was closed by the server; whoever calls this forgets it.
  void on_stream_end(Instant now, StreamId stream);

  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  // Drain both until false after every other call.
  [[nodiscard]] bool poll_output(Outgoing& out) { return exchanges_.poll_output(out); }
  [[nodiscard]] bool poll_stream(StreamAction& action) { return exchanges_.poll_stream(action); }
  // Neither of the two has anything.
  [[nodiscard]] bool is_quiet() const noexcept { return exchanges_.is_quiet(); }

  // True while a response may arrive at this port.
  [[nodiscard]] bool uses_port(std::uint16_t port) const noexcept {
    return exchanges_.uses_port(port);
  }
  [[nodiscard]] std::size_t query_count() const noexcept { return look_ups_.size(); }
  [[nodiscard]] const ResolverConfig& config() const noexcept { return config_; }
  // Look-ups that are under way keep what they have sent and go on with the new servers.
  void set_servers(std::vector<Endpoint> servers);

 private:
  // A question of a look-up: one for each type that is wanted.
  struct Part {
    wire::DnsType type = wire::DnsType::a;
    std::optional<ExchangeId> exchange;
    std::optional<Result<Answer, DnsError>> result;
  };

  struct LookUp {
    QueryId id{};
    std::vector<wire::DnsName> candidates;  // complete names, to be tried in this order
    std::size_t candidate = 0;              // the one that is being asked for
    std::vector<Part> parts;
    bool had_no_data = false;  // an earlier candidate exists
    Instant give_up;
    std::optional<Result<Answer, DnsError>> result;
  };

  [[nodiscard]] LookUp& add(Instant now);
  [[nodiscard]] QueryId answered(Instant now, Result<Answer, DnsError> result);
  [[nodiscard]] Result<QueryId, DnsError> begin(Instant now, std::vector<wire::DnsName> candidates,
                                                std::span<const wire::DnsType> types);
  // Asks for the current candidate, or takes what is remembered of it.
  void ask(Instant now, LookUp& look_up);
  // Collects what has come in, and goes on with whatever that decides.
  void collect(Instant now);
  // True when all parts of the current candidate are known.
  [[nodiscard]] bool collect_parts(Instant now, LookUp& look_up);
  void conclude(Instant now, LookUp& look_up);
  void remember(Instant now, const Question& question, const Outcome& outcome);

  ResolverConfig config_;
  Exchanges exchanges_;
  Cache cache_;
  std::deque<LookUp> look_ups_;  // in the order of their start
  std::uint32_t last_id_ = 0;
};

}  // namespace packetwright::dns
