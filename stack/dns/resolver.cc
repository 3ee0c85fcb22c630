// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/resolver.hh"

#include <algorithm>
#include <string>
#include <utility>

#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

constexpr std::size_t kMaxServers = 8;
constexpr std::uint8_t kMaxRounds = 16;
constexpr Duration kLongestWait = 24h;
constexpr std::uint32_t kLongestTtl = 0x7fffffff;

// A configuration is input like any other: what makes no sense is brought into its range.
ResolverConfig in_range(ResolverConfig config) {
  if (config.servers.size() > kMaxServers) config.servers.resize(kMaxServers);
  config.rounds = std::clamp<std::uint8_t>(config.rounds, 1, kMaxRounds);
  config.initial_timeout = std::clamp(config.initial_timeout, Duration{1ms}, kLongestWait);
  config.max_timeout = std::clamp(config.max_timeout, config.initial_timeout, kLongestWait);
  config.max_duration = std::clamp(config.max_duration, Duration{1ms}, kLongestWait);
  config.max_results = std::max<std::size_t>(config.max_results, 1);
  config.first_port = std::max<std::uint16_t>(config.first_port, 1);
  config.last_port = std::max(config.last_port, config.first_port);
  return config;
}

//= RFC1123-6.1.3.3-c
// Twice as long in every round, up to the bound.
Duration timeout_of(const ResolverConfig& config, std::uint8_t round) noexcept {
  Duration timeout = config.initial_timeout;
  for (std::uint8_t i = 0; i < round && timeout < config.max_timeout; ++i) timeout *= 2;
  return std::min(timeout, config.max_timeout);
}

bool contains(const std::vector<Endpoint>& servers, const Endpoint& server) noexcept {
  return std::find(servers.begin(), servers.end(), server) != servers.end();
}

}  // namespace

Resolver::Resolver(ResolverConfig config, Rng rng, PortIsFree port_is_free)
    : config_(in_range(std::move(config))), rng_(rng), port_is_free_(std::move(port_is_free)) {}

void Resolver::set_servers(std::vector<Endpoint> servers) {
  config_.servers = std::move(servers);
  config_ = in_range(std::move(config_));
}

Resolver::Query& Resolver::add_query() {
  Query& query = queries_.emplace_back();
  query.id = QueryId{++last_id_};
  return query;
}

Result<QueryId, DnsError> Resolver::start(Instant now, std::string_view name, Family family) {
  if (queries_.size() >= config_.max_queries) return Err{DnsError::too_many_queries};
  if (const auto literal = wire::parse_address(name)) {
    Query& query = add_query();
    if (literal->family() == family) {
      query.result = Answer{wire::DnsName{}, {*literal}, {}, 0};
    } else {
      query.result = Err{DnsError::no_data};
    }
    return query.id;
  }
  //= RFC1035-2.3.1-a
  //= RFC1035-2.3.4-a
  const auto parsed = wire::DnsName::from_text(name);
  if (!parsed || parsed->is_root()) return Err{DnsError::invalid_name};
  return begin(now, {*parsed, family == Family::ipv4 ? wire::DnsType::a : wire::DnsType::aaaa});
}

//= RFC1123-6.1.1-a
Result<QueryId, DnsError> Resolver::start_reverse(Instant now, const IpAddress& address) {
  if (queries_.size() >= config_.max_queries) return Err{DnsError::too_many_queries};
  return begin(now, {wire::DnsName::reverse_of(address), wire::DnsType::ptr});
}

Result<QueryId, DnsError> Resolver::begin(Instant now, Question question) {
  if (config_.servers.empty()) return Err{DnsError::no_server};
  Query& query = add_query();
  query.question = question;
  query.so_far = Alias{question.name, 0, kLongestTtl};
  query.give_up = now + config_.max_duration;
  ask_next(now, query);
  return query.id;
}

void Resolver::ask_next(Instant now, Query& query) {
  const auto is_useful = [&query](const Endpoint& server) {
    return !contains(query.useless, server);
  };
  if (std::none_of(config_.servers.begin(), config_.servers.end(), is_useful)) {
    finish(query, Err{DnsError::server_failure});
    return;
  }
  //= RFC1035-4.2.1-c
  // Every server once, then every server again.
  for (;;) {
    if (query.next_server >= config_.servers.size()) {
      query.next_server = 0;
      ++query.round;
    }
    //= RFC1123-6.1.3.3-b
    if (query.round >= config_.rounds) {
      finish(query, Err{DnsError::timed_out});
      return;
    }
    const Endpoint server = config_.servers[query.next_server++];
    if (!is_useful(server)) continue;
    send(now, query, server);
    return;
  }
}

void Resolver::send(Instant now, Query& query, const Endpoint& server) {
  query.deadline = std::min(now + timeout_of(config_, query.round), query.give_up);
  const std::uint16_t port = draw_port();
  if (port == 0) return;  // as if it were lost: the next attempt may find one
  //= RFC5452-9.2-c
  const Transmission sent{server, port, rng_.next16(), spelling_of(query.question.name)};

  //= RFC1035-4.1.1-c
  //= RFC1123-6.1.2.3-a
  wire::DnsHeader header;
  header.id = sent.id;
  header.rd = true;
  Buffer payload(wire::kMaxDnsUdpSize);
  wire::DnsWriter writer{payload, header, wire::DnsCompression::off};
  writer.question({sent.name, query.question.type, wire::DnsClass::in});
  PW_ASSERT(!writer.overflowed());  // the longest name and its header take 271 octets
  payload.resize(writer.written().size());

  query.sent.push_back(sent);
  output_.push_back({query.id, {server, port, std::move(payload)}});
}

//= RFC5452-9.2-a
//= RFC5452-9.2-b
std::uint16_t Resolver::draw_port() {
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

wire::DnsName Resolver::spelling_of(const wire::DnsName& name) {
  if (!config_.mix_case) return name;
  std::string text = to_string(name);
  for (char& c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter && rng_.chance(1, 2)) c = static_cast<char>(c ^ 0x20);
  }
  return wire::DnsName::from_text(text).value_or(name);
}

bool Resolver::uses_port(std::uint16_t port) const noexcept {
  for (const Query& query : queries_) {
    for (const Transmission& sent : query.sent) {
      if (sent.port == port) return true;
    }
  }
  return false;
}

//= RFC5452-9.1-a
bool Resolver::answers(const wire::DnsView& response, const Query& query,
                       const Transmission& sent) const {
  const wire::DnsHeader& header = response.header();
  //= RFC1035-7.3-a
  if (!header.qr || header.opcode != 0 || header.id != sent.id || header.question_count != 1) {
    return false;
  }
  wire::DnsWalk walk{response};
  const auto question = walk.next_question();
  if (!question || !*question) return false;
  const bool name_matches =
      config_.mix_case ? (*question)->name == sent.name : same_name((*question)->name, sent.name);
  return name_matches && (*question)->type == query.question.type &&
         (*question)->cls == wire::DnsClass::in;
}

//= RFC1035-7.3-b
// Any transmission of the question may be the one that is answered.
Resolver::Match Resolver::find(const Endpoint& from, std::uint16_t to_port,
                               const wire::DnsView& response) {
  for (Query& query : queries_) {
    for (const Transmission& sent : query.sent) {
      if (sent.port == to_port && sent.server == from && answers(response, query, sent)) {
        return {&query, &sent};
      }
    }
  }
  return {};
}

std::optional<DropReason> Resolver::on_datagram(Instant now, const Endpoint& from,
                                                std::uint16_t to_port, Bytes payload) {
  if (!uses_port(to_port)) return DropReason::dns_unexpected;
  const auto response = wire::DnsView::parse(payload);
  if (!response) return DropReason::dns_malformed;
  const Match match = find(from, to_port, *response);
  if (match.query == nullptr) return DropReason::dns_unexpected;
  Query& query = *match.query;
  //= RFC2181-9-a
  // Whatever a truncated response holds is not looked at.
  // DEVIATION RFC1123-6.1.3.2-b: it is not asked for again over TCP, which the resolver does not
  // speak.
  if (response->header().tc) {
    finish(query, Err{DnsError::truncated});
    return std::nullopt;
  }
  if (!response->check()) return DropReason::dns_malformed;

  const Limits limits{config_.max_aliases, config_.max_results};
  Meaning meaning = understand(*response, query.question, query.so_far, limits);
  if (auto* found = std::get_if<Found>(&meaning)) {
    finish(query, std::move(found->answer));
  } else if (const auto* negative = std::get_if<Negative>(&meaning)) {
    finish(query, Err{negative->error});
  } else if (const auto* alias = std::get_if<Alias>(&meaning)) {
    query.question.name = alias->name;
    query.so_far = *alias;
    query.round = 0;
    query.next_server = 0;
    query.useless.clear();
    query.sent.clear();
    ask_next(now, query);
  } else {
    give_up_on(now, query, match.transmission->server);
  }
  return std::nullopt;
}

void Resolver::on_unreachable(Instant now, const Endpoint& server, std::uint16_t src_port) {
  for (Query& query : queries_) {
    for (const Transmission& sent : query.sent) {
      if (sent.port == src_port && sent.server == server) {
        give_up_on(now, query, server);
        return;
      }
    }
  }
}

void Resolver::give_up_on(Instant now, Query& query, const Endpoint& server) {
  const Endpoint useless = server;  // may be part of what changes below
  if (!contains(query.useless, useless)) query.useless.push_back(useless);
  // A late answer does not cut short the wait for the server that was asked since.
  if (query.sent.back().server == useless) ask_next(now, query);
}

void Resolver::on_deadline(Instant now) {
  for (Query& query : queries_) {
    if (query.result || query.deadline > now) continue;
    if (now >= query.give_up) {
      finish(query, Err{DnsError::timed_out});
    } else {
      ask_next(now, query);
    }
  }
}

std::optional<Instant> Resolver::next_deadline() const noexcept {
  std::optional<Instant> first;
  for (const Query& query : queries_) {
    if (!query.result && (!first || query.deadline < *first)) first = query.deadline;
  }
  return first;
}

bool Resolver::poll_output(Outgoing& out) {
  if (output_.empty()) return false;
  out = std::move(output_.front().datagram);
  output_.pop_front();
  return true;
}

void Resolver::finish(Query& query, Result<Answer, DnsError> result) {
  query.result = std::move(result);
  query.sent.clear();  // nothing that arrives from now on is for this look-up
  std::erase_if(output_, [&query](const Queued& queued) { return queued.query == query.id; });
}

std::optional<Result<Answer, DnsError>> Resolver::take(QueryId id) {
  for (auto query = queries_.begin(); query != queries_.end(); ++query) {
    if (query->id != id || !query->result) continue;
    std::optional<Result<Answer, DnsError>> result = std::move(query->result);
    queries_.erase(query);
    return result;
  }
  return std::nullopt;
}

void Resolver::cancel(QueryId id) {
  std::erase_if(queries_, [id](const Query& query) { return query.id == id; });
  std::erase_if(output_, [id](const Queued& queued) { return queued.query == id; });
}

}  // namespace packetwright::dns
