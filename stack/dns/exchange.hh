// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/dns/answer.hh"
#include "stack/dns/config.hh"
#include "stack/dns/response.hh"
#include "stack/dns/stream.hh"
#include "stack/wire/dns.hh"

namespace packetwright::dns {

// A UDP datagram that the resolver wants sent.
struct Outgoing {
  Endpoint to;
  std::uint16_t src_port = 0;
  Buffer payload;
};

// Names one question from start() to take(); never used again.
enum class ExchangeId : std::uint32_t {};

// What a question came to.
struct Outcome {
  Result<Answer, DnsError> result;
  std::optional<std::uint32_t> negative_ttl_s;  // how long an error holds, if it is known
};

// Questions that are put to servers, each until it has an answer: ids and ports, what matches and
// what does not, retransmission, the choice of the server, EDNS and its absence, and TCP where UDP
// is too small. Nothing is looked up here but one name and type, and its aliases. Sans-IO.
//
// Over UDP every question goes out with an unpredictable id from an unpredictable port (RFC 5452,
// 9.2), fresh ones each time it is sent; a response to any of them counts if everything matches.
// Over TCP the questions to one server share a connection (RFC 7766, 6.2), and id and question have
// to match.
class Exchanges {
 public:
  using PortIsFree = std::function<bool(std::uint16_t)>;

  // `config` outlives this object, and may change between calls.
  Exchanges(const ResolverConfig& config, Rng rng, PortIsFree port_is_free);

  // Asks; the answer comes before `give_up`, or there is none. At least one server is configured.
  [[nodiscard]] ExchangeId start(Instant now, const Question& question, Instant give_up);
  // What it came to, once; nullopt: nothing yet.
  [[nodiscard]] std::optional<Outcome> take(ExchangeId id);
  void cancel(ExchangeId id);

  // --- from below: the contract of Resolver
  [[nodiscard]] std::optional<DropReason> on_datagram(Instant now, const Endpoint& from,
                                                      std::uint16_t to_port, Bytes payload);
  void on_unreachable(Instant now, const Endpoint& server, std::uint16_t src_port);
  void on_stream_connected(StreamId stream);
  [[nodiscard]] std::optional<DropReason> on_stream_octets(Instant now, StreamId stream,
                                                           Bytes octets);
  void on_stream_end(Instant now, StreamId stream);
  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  [[nodiscard]] bool poll_output(Outgoing& out);
  [[nodiscard]] bool poll_stream(StreamAction& action);
  // Neither of the two has anything.
  [[nodiscard]] bool is_quiet() const noexcept {
    return output_.empty() && stream_actions_.empty();
  }
  [[nodiscard]] bool uses_port(std::uint16_t port) const noexcept;

  // After the servers of the configuration have changed.
  void on_new_servers();

 private:
  // One question as it was sent. Only a response that matches all of it is believed.
  struct Transmission {
    Endpoint server;
    std::uint16_t port = 0;  // of UDP
    std::uint16_t id = 0;
    wire::DnsName name;  // as it was spelt
    bool has_opt = false;
  };

  // The question as it was sent over TCP.
  struct Streamed {
    StreamId stream{};
    Transmission sent;
    bool again = false;  // the connection broke before, and this is the second attempt
  };

  struct Query {
    ExchangeId id{};
    Question question;
    Alias so_far;  // aliases that led to the current question
    Instant give_up;
    Instant deadline;
    std::uint8_t round = 0;
    std::size_t asked_in_round = 0;
    std::size_t first_server = 0;
    std::vector<Endpoint> useless;  // servers not to be asked again
    std::vector<Transmission> sent;
    std::optional<Streamed> streamed;
    bool was_truncated = false;
    std::optional<Outcome> outcome;
  };

  struct Queued {
    ExchangeId query{};
    Outgoing datagram;
  };

  struct Stream {
    StreamId id{};
    Endpoint server;
    Deframer input;
    bool connected = false;
    std::vector<std::uint16_t> in_flight;  // ids that may still be answered
    Instant last_used;
  };

  // What matches in everything, or the reason why nothing does.
  struct Match {
    Query* query = nullptr;
    const Transmission* transmission = nullptr;
  };

  // exchange.cc: what is asked when, and what an answer changes.
  void ask_next(Instant now, Query& query);
  void ask_alias(Instant now, Query& query, const Alias& alias);
  // Acts on a response that matches `sent`.
  [[nodiscard]] std::optional<DropReason> on_response(Instant now, Query& query,
                                                      const Transmission& sent,
                                                      const wire::DnsView& response, bool over_tcp);
  void give_up_on(Instant now, Query& query, const Endpoint& server);
  void finish(Query& query, Outcome outcome);
  void fail(Query& query, DnsError error) { finish(query, {Err{error}, std::nullopt}); }
  [[nodiscard]] bool answers(const wire::DnsView& response, const Query& query,
                             const Transmission& sent) const;
  [[nodiscard]] Match find(const Endpoint& from, std::uint16_t to_port,
                           const wire::DnsView& response);

  // exchange_udp.cc: how it is asked.
  void send(Query& query, const Endpoint& server, bool with_opt);
  [[nodiscard]] std::uint16_t draw_port();
  [[nodiscard]] wire::DnsName spelling_of(const wire::DnsName& name);
  [[nodiscard]] Buffer message_of(const Query& query, const Transmission& sent,
                                  std::uint16_t udp_size) const;
  [[nodiscard]] std::uint16_t announced_size(const Query& query) const noexcept;
  [[nodiscard]] bool knows_no_edns(const Endpoint& server) const noexcept;

  // exchange_tcp.cc
  void ask_over_tcp(Instant now, Query& query, const Endpoint& server, bool again);
  [[nodiscard]] Stream& stream_to(Instant now, const Endpoint& server);
  [[nodiscard]] Stream* find_stream(StreamId id) noexcept;
  void forget_stream(StreamId id);
  // The questions that were on a connection when it broke are put again, or to other servers.
  void leave_stream(Instant now, StreamId id, bool was_connected);
  [[nodiscard]] std::optional<DropReason> on_message(Instant now, StreamId id, Bytes message);
  [[nodiscard]] std::optional<Instant> end_of(const Stream& stream) const noexcept;
  void close_idle_streams(Instant now);

  const ResolverConfig& config_;
  Rng rng_;
  PortIsFree port_is_free_;
  std::deque<Query> queries_;  // in the order of their start
  std::deque<Queued> output_;
  std::vector<Stream> streams_;
  std::deque<StreamAction> stream_actions_;
  std::vector<Endpoint> without_edns_;  // servers that said so, of those configured
  std::size_t next_first_server_ = 0;   // to rotate
  std::uint32_t last_id_ = 0;
  std::uint32_t last_stream_ = 0;
};

}  // namespace packetwright::dns
