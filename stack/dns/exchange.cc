// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/exchange.hh"

#include <algorithm>
#include <utility>

namespace packetwright::dns {
namespace {

constexpr std::uint32_t kLongestTtl = 0x7fffffff;

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

Exchanges::Exchanges(const ResolverConfig& config, Rng rng, PortIsFree port_is_free)
    : config_(config), rng_(rng), port_is_free_(std::move(port_is_free)) {}

ExchangeId Exchanges::start(Instant now, const Question& question, Instant give_up) {
  PW_ASSERT(!config_.servers.empty());
  Query& query = queries_.emplace_back();
  query.id = ExchangeId{++last_id_};
  query.question = question;
  query.so_far = Alias{question.name, 0, kLongestTtl};
  query.give_up = give_up;
  if (config_.rotate_servers) query.first_server = next_first_server_++;
  ask_next(now, query);
  return query.id;
}

void Exchanges::ask_next(Instant now, Query& query) {
  query.streamed.reset();
  const std::vector<Endpoint>& servers = config_.servers;
  const auto is_useful = [&query](const Endpoint& server) {
    return !contains(query.useless, server);
  };
  if (std::none_of(servers.begin(), servers.end(), is_useful)) {
    fail(query, query.was_truncated ? DnsError::truncated : DnsError::server_failure);
    return;
  }
  //= RFC1035-4.2.1-c
  // Every server once, then every server again.
  for (;;) {
    if (query.asked_in_round >= servers.size()) {
      query.asked_in_round = 0;
      ++query.round;
    }
    //= RFC1123-6.1.3.3-b
    if (query.round >= config_.rounds) {
      fail(query, DnsError::timed_out);
      return;
    }
    const std::size_t index = query.first_server + query.asked_in_round++;
    const Endpoint server = servers[index % servers.size()];
    if (!is_useful(server)) continue;
    query.deadline = std::min(now + timeout_of(config_, query.round), query.give_up);
    send(query, server, !knows_no_edns(server));
    return;
  }
}

void Exchanges::ask_alias(Instant now, Query& query, const Alias& alias) {
  query.question.name = alias.name;
  query.so_far = alias;
  query.round = 0;
  query.asked_in_round = 0;
  query.useless.clear();
  query.sent.clear();
  query.was_truncated = false;
  ask_next(now, query);
}

//= RFC5452-9.1-a
bool Exchanges::answers(const wire::DnsView& response, const Query& query,
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
Exchanges::Match Exchanges::find(const Endpoint& from, std::uint16_t to_port,
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

std::optional<DropReason> Exchanges::on_datagram(Instant now, const Endpoint& from,
                                                 std::uint16_t to_port, Bytes payload) {
  if (!uses_port(to_port)) return DropReason::dns_unexpected;
  const auto response = wire::DnsView::parse(payload);
  if (!response) return DropReason::dns_malformed;
  const Match match = find(from, to_port, *response);
  if (match.query == nullptr) return DropReason::dns_unexpected;
  const Transmission sent = *match.transmission;  // may be part of what changes
  return on_response(now, *match.query, sent, *response, false);
}

std::optional<DropReason> Exchanges::on_response(Instant now, Query& query,
                                                 const Transmission& sent,
                                                 const wire::DnsView& response, bool over_tcp) {
  //= RFC2181-9-a
  //= RFC1123-6.1.3.2-b
  //= RFC9210-3-a
  // Whatever a truncated response holds is not looked at: the same server is asked over TCP.
  if (response.header().tc) {
    query.was_truncated = true;
    if (!config_.use_tcp) {
      fail(query, DnsError::truncated);
    } else if (over_tcp) {
      give_up_on(now, query, sent.server);
    } else if (!query.streamed) {
      ask_over_tcp(now, query, sent.server, false);
    }
    return std::nullopt;
  }
  if (!response.check() || !has_sound_opt(response)) return DropReason::dns_malformed;

  const Limits limits{config_.max_aliases, config_.max_results};
  Meaning meaning = understand(response, query.question, query.so_far, limits, sent.has_opt);
  if (auto* found = std::get_if<Found>(&meaning)) {
    finish(query, {std::move(found->answer), std::nullopt});
  } else if (const auto* negative = std::get_if<Negative>(&meaning)) {
    finish(query, {Err{negative->error}, negative->ttl_s});
  } else if (const auto* alias = std::get_if<Alias>(&meaning)) {
    ask_alias(now, query, *alias);
  } else if (std::holds_alternative<NoEdns>(meaning)) {
    if (!contains(without_edns_, sent.server)) without_edns_.push_back(sent.server);
    if (over_tcp) {
      ask_over_tcp(now, query, sent.server, true);
    } else {
      // It has had its answer: to repeat that would ask again and again.
      std::erase_if(query.sent, [&sent](const Transmission& one) { return one.port == sent.port; });
      send(query, sent.server, false);
    }
  } else {
    give_up_on(now, query, sent.server);
  }
  return std::nullopt;
}

void Exchanges::on_unreachable(Instant now, const Endpoint& server, std::uint16_t src_port) {
  for (Query& query : queries_) {
    for (const Transmission& sent : query.sent) {
      if (sent.port == src_port && sent.server == server) {
        give_up_on(now, query, server);
        return;
      }
    }
  }
}

void Exchanges::give_up_on(Instant now, Query& query, const Endpoint& server) {
  const Endpoint useless = server;  // may be part of what changes below
  if (!contains(query.useless, useless)) query.useless.push_back(useless);
  // A late answer does not cut short the wait for the server that was asked since.
  const Endpoint& asked = query.streamed ? query.streamed->sent.server : query.sent.back().server;
  if (asked == useless) ask_next(now, query);
}

void Exchanges::on_deadline(Instant now) {
  for (Query& query : queries_) {
    if (query.outcome || query.deadline > now) continue;
    if (now >= query.give_up) {
      fail(query, query.was_truncated ? DnsError::truncated : DnsError::timed_out);
    } else if (query.streamed) {
      // It announced an answer and does not bring it.
      give_up_on(now, query, query.streamed->sent.server);
    } else {
      ask_next(now, query);
    }
  }
  close_idle_streams(now);
}

Deadline Exchanges::next_deadline() const noexcept {
  Deadline first;
  for (const Query& query : queries_) {
    if (!query.outcome) first.consider(query.deadline);
  }
  for (const Stream& stream : streams_) first.consider(end_of(stream));
  return first;
}

void Exchanges::finish(Query& query, Outcome outcome) {
  query.outcome = std::move(outcome);
  query.sent.clear();  // nothing that arrives from now on is for this question
  query.streamed.reset();
  std::erase_if(output_, [&query](const Queued& queued) { return queued.query == query.id; });
}

std::optional<Outcome> Exchanges::take(ExchangeId id) {
  for (auto query = queries_.begin(); query != queries_.end(); ++query) {
    if (query->id != id || !query->outcome) continue;
    std::optional<Outcome> outcome = std::move(query->outcome);
    queries_.erase(query);
    return outcome;
  }
  return std::nullopt;
}

void Exchanges::cancel(ExchangeId id) {
  std::erase_if(queries_, [id](const Query& query) { return query.id == id; });
  std::erase_if(output_, [id](const Queued& queued) { return queued.query == id; });
}

void Exchanges::on_new_servers() {
  std::erase_if(without_edns_,
                [this](const Endpoint& server) { return !contains(config_.servers, server); });
}

}  // namespace packetwright::dns
