// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/dns/answer.hh"
#include "stack/dns/config.hh"
#include "stack/dns/response.hh"
#include "stack/wire/dns.hh"

namespace packetwright::dns {

// Names one look-up from start() to take(); never used again.
enum class QueryId : std::uint32_t {};

// A UDP datagram that the resolver wants sent.
struct Outgoing {
  Endpoint to;
  std::uint16_t src_port = 0;
  Buffer payload;
};

// A stub resolver over UDP (RFC 1034, 5.3.1; RFC 1123, 6.1.3): it asks recursive servers and does
// no recursion and no caching itself. Sans-IO: datagrams and time in, datagrams and results out.
//
// Every question goes out with an unpredictable id from an unpredictable port (RFC 5452, 9.2),
// fresh ones each time it is sent; a response to any of them counts if everything matches, and
// whatever does not match is ignored while the wait goes on. All memory is bounded by the
// configuration.
class Resolver {
 public:
  using PortIsFree = std::function<bool(std::uint16_t)>;

  // `rng` is the resolver's own (`rng.fork("dns")`). `port_is_free` is asked before a port is
  // drawn, so that no socket of somebody else is listened to; by default every port is free.
  Resolver(ResolverConfig config, Rng rng, PortIsFree port_is_free = {});

  // Begins to look up the addresses of `name` in one family. Text that is an address already is
  // its own answer, at once (RFC 1123, 2.1). Errors: invalid_name, no_server, too_many_queries.
  [[nodiscard]] Result<QueryId, DnsError> start(Instant now, std::string_view name, Family family);
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

  void on_deadline(Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;
  // Drain until false after every other call.
  [[nodiscard]] bool poll_output(Outgoing& out);

  // True while a response may arrive at this port.
  [[nodiscard]] bool uses_port(std::uint16_t port) const noexcept;
  [[nodiscard]] std::size_t query_count() const noexcept { return queries_.size(); }
  [[nodiscard]] const ResolverConfig& config() const noexcept { return config_; }
  // Look-ups that are under way keep what they have sent and go on with the new servers.
  void set_servers(std::vector<Endpoint> servers);

 private:
  // One question as it was sent. Only a response that matches all of it is believed.
  struct Transmission {
    Endpoint server;
    std::uint16_t port = 0;
    std::uint16_t id = 0;
    wire::DnsName name;  // in the case it was spelt
  };

  struct Query {
    QueryId id{};
    Question question;
    Alias so_far;  // aliases that led to the current question
    Instant give_up;
    Instant deadline;
    std::uint8_t round = 0;
    std::size_t next_server = 0;
    std::vector<Endpoint> useless;  // servers not to be asked again
    std::vector<Transmission> sent;
    std::optional<Result<Answer, DnsError>> result;
  };

  struct Queued {
    QueryId query{};
    Outgoing datagram;
  };

  [[nodiscard]] Result<QueryId, DnsError> begin(Instant now, Question question);
  [[nodiscard]] Query& add_query();
  // Sends the question to the next server that may still know, or ends the look-up.
  void ask_next(Instant now, Query& query);
  void send(Instant now, Query& query, const Endpoint& server);
  void give_up_on(Instant now, Query& query, const Endpoint& server);
  void finish(Query& query, Result<Answer, DnsError> result);
  // What matches in everything, or the reason why nothing does.
  struct Match {
    Query* query = nullptr;
    const Transmission* transmission = nullptr;
  };
  [[nodiscard]] Match find(const Endpoint& from, std::uint16_t to_port,
                           const wire::DnsView& response);
  [[nodiscard]] bool answers(const wire::DnsView& response, const Query& query,
                             const Transmission& sent) const;
  [[nodiscard]] std::uint16_t draw_port();
  [[nodiscard]] wire::DnsName spelling_of(const wire::DnsName& name);

  ResolverConfig config_;
  Rng rng_;
  PortIsFree port_is_free_;
  std::deque<Query> queries_;  // in the order of their start
  std::deque<Queued> output_;
  std::uint32_t last_id_ = 0;
};

}  // namespace packetwright::dns
