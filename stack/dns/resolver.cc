// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/resolver.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "stack/dns/search.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

constexpr std::size_t kMaxServers = 8;
constexpr std::size_t kMaxDomains = 8;
constexpr std::uint8_t kMaxRounds = 16;
constexpr Duration kLongestWait = 24h;
constexpr Duration kLongestTtl = 24h * 7;  // RFC 8767, 4 thinks no more of a TTL reasonable

// A configuration is input like any other: what makes no sense is brought into its range.
ResolverConfig in_range(ResolverConfig config) {
  if (config.servers.size() > kMaxServers) config.servers.resize(kMaxServers);
  if (config.search.size() > kMaxDomains) config.search.resize(kMaxDomains);
  config.rounds = std::clamp<std::uint8_t>(config.rounds, 1, kMaxRounds);
  config.initial_timeout = std::clamp(config.initial_timeout, Duration{1ms}, kLongestWait);
  config.max_timeout = std::clamp(config.max_timeout, config.initial_timeout, kLongestWait);
  config.max_duration = std::clamp(config.max_duration, Duration{1ms}, kLongestWait);
  config.tcp_timeout = std::clamp(config.tcp_timeout, Duration{1ms}, kLongestWait);
  config.tcp_idle = std::clamp(config.tcp_idle, Duration{1ms}, kLongestWait);
  config.max_ttl = std::clamp(config.max_ttl, Duration{0}, kLongestTtl);
  config.max_negative_ttl = std::clamp(config.max_negative_ttl, Duration{0}, config.max_ttl);
  config.max_results = std::max<std::size_t>(config.max_results, 1);
  config.first_port = std::max<std::uint16_t>(config.first_port, 1);
  config.last_port = std::max(config.last_port, config.first_port);
  if (config.edns_udp_size != 0) {
    config.edns_udp_size =
        std::max(config.edns_udp_size, static_cast<std::uint16_t>(wire::kMaxDnsUdpSize));
  }
  return config;
}

// IPv6 first, as RFC 6724 prefers it where nothing is known of the way there.
constexpr std::array kBothTypes{wire::DnsType::aaaa, wire::DnsType::a};

std::span<const wire::DnsType> types_of(std::optional<Family> family) {
  if (!family) return kBothTypes;
  return std::span{kBothTypes}.subspan(*family == Family::ipv6 ? 0 : 1, 1);
}

bool is_absence(DnsError error) noexcept {
  return error == DnsError::not_found || error == DnsError::no_data;
}

// Of two questions about a name, the error that says the least for sure: a soft one says that there
// may be something, and "nothing of this type" that there is such a name.
DnsError weaker(DnsError a, DnsError b) noexcept {
  if (is_soft(a) || is_soft(b)) return is_soft(a) ? a : b;
  return a == DnsError::not_found ? b : a;
}

}  // namespace

Resolver::Resolver(ResolverConfig config, Rng rng, PortIsFree port_is_free)
    : config_(in_range(std::move(config))),
      exchanges_(config_, rng, std::move(port_is_free)),
      cache_({config_.max_cached, config_.max_ttl, config_.max_negative_ttl}) {}

void Resolver::set_servers(std::vector<Endpoint> servers) {
  config_.servers = std::move(servers);
  config_ = in_range(std::move(config_));
  exchanges_.on_new_servers();
}

Resolver::LookUp& Resolver::add(Instant now) {
  LookUp& look_up = look_ups_.emplace_back();
  look_up.id = QueryId{++last_id_};
  look_up.give_up = now + config_.max_duration;
  return look_up;
}

QueryId Resolver::answered(Instant now, Result<Answer, DnsError> result) {
  LookUp& look_up = add(now);
  look_up.result = std::move(result);
  return look_up.id;
}

Result<QueryId, DnsError> Resolver::start(Instant now, std::string_view name,
                                          std::optional<Family> family) {
  if (look_ups_.size() >= config_.max_queries) return Err{DnsError::too_many_queries};
  if (const auto literal = wire::parse_address(name)) {
    if (family && literal->family() != *family) return answered(now, Err{DnsError::no_data});
    return answered(now, Answer{wire::DnsName{}, {*literal}, {}, 0});
  }
  //= RFC1035-2.3.1-a
  //= RFC1035-2.3.4-a
  const auto parsed = wire::DnsName::from_text(name);
  if (!parsed || parsed->is_root()) return Err{DnsError::invalid_name};
  if (auto known = config_.hosts.find(*parsed, family)) {
    if (known->addresses.empty()) return answered(now, Err{DnsError::no_data});
    return answered(now, Answer{known->canonical_name, std::move(known->addresses), {}, 0});
  }
  return begin(now, candidates(name, *parsed, config_.search, config_.ndots), types_of(family));
}

//= RFC1123-6.1.1-a
Result<QueryId, DnsError> Resolver::start_reverse(Instant now, const IpAddress& address) {
  if (look_ups_.size() >= config_.max_queries) return Err{DnsError::too_many_queries};
  if (auto names = config_.hosts.names_of(address); !names.empty()) {
    return answered(now, Answer{names.front(), {}, std::move(names), 0});
  }
  constexpr std::array kPtr{wire::DnsType::ptr};
  return begin(now, {wire::DnsName::reverse_of(address)}, kPtr);
}

Result<QueryId, DnsError> Resolver::begin(Instant now, std::vector<wire::DnsName> candidates,
                                          std::span<const wire::DnsType> types) {
  LookUp& look_up = add(now);
  look_up.candidates = std::move(candidates);
  for (const wire::DnsType type : types) look_up.parts.push_back({type, {}, {}});
  ask(now, look_up);
  // What is remembered needs no server.
  if (config_.servers.empty() && !look_up.result) {
    look_ups_.pop_back();
    return Err{DnsError::no_server};
  }
  return look_up.id;
}

void Resolver::ask(Instant now, LookUp& look_up) {
  const wire::DnsName& name = look_up.candidates[look_up.candidate];
  bool waits = false;
  for (Part& part : look_up.parts) {
    const Question question{name, part.type};
    part.exchange.reset();
    part.result = cache_.find(now, question);
    if (part.result) continue;
    waits = true;
    if (!config_.servers.empty()) part.exchange = exchanges_.start(now, question, look_up.give_up);
  }
  if (!waits) conclude(now, look_up);
}

void Resolver::remember(Instant now, const Question& question, const Outcome& outcome) {
  if (outcome.result) {
    cache_.put(now, question, *outcome.result);
  } else if (is_absence(outcome.result.error())) {
    cache_.put_negative(now, question, outcome.result.error(), outcome.negative_ttl_s);
  }
}

bool Resolver::collect_parts(Instant now, LookUp& look_up) {
  bool complete = true;
  for (Part& part : look_up.parts) {
    if (part.result) continue;
    if (part.exchange) {
      if (auto outcome = exchanges_.take(*part.exchange)) {
        remember(now, {look_up.candidates[look_up.candidate], part.type}, *outcome);
        part.result = std::move(outcome->result);
        part.exchange.reset();
        continue;
      }
    }
    complete = false;
  }
  return complete;
}

void Resolver::collect(Instant now) {
  for (LookUp& look_up : look_ups_) {
    if (!look_up.result && collect_parts(now, look_up)) conclude(now, look_up);
  }
}

// What is there counts, even if one of two questions failed.
void Resolver::conclude(Instant now, LookUp& look_up) {
  std::optional<Answer> answer;
  std::optional<DnsError> error;
  for (Part& part : look_up.parts) {
    Result<Answer, DnsError>& result = *part.result;
    if (!result) {
      error = error ? weaker(*error, result.error()) : result.error();
      continue;
    }
    if (!answer) {
      answer = std::move(*result);
      continue;
    }
    answer->addresses.insert(answer->addresses.end(), result->addresses.begin(),
                             result->addresses.end());
    answer->ttl_s = std::min(answer->ttl_s, result->ttl_s);
  }
  if (answer) {
    look_up.result = std::move(*answer);
    return;
  }
  // The next domain of the search list may have it; but a soft error ends the search, or a failure
  // would let a name mean something else than it should.
  look_up.had_no_data = look_up.had_no_data || *error == DnsError::no_data;
  const bool goes_on = is_absence(*error) && look_up.candidate + 1 < look_up.candidates.size();
  if (goes_on && now < look_up.give_up) {
    ++look_up.candidate;
    ask(now, look_up);
    return;
  }
  if (*error == DnsError::not_found && look_up.had_no_data) error = DnsError::no_data;
  look_up.result = Err{*error};
}

std::optional<DropReason> Resolver::on_datagram(Instant now, const Endpoint& from,
                                                std::uint16_t to_port, Bytes payload) {
  const auto reason = exchanges_.on_datagram(now, from, to_port, payload);
  collect(now);
  return reason;
}

void Resolver::on_unreachable(Instant now, const Endpoint& server, std::uint16_t src_port) {
  exchanges_.on_unreachable(now, server, src_port);
  collect(now);
}

void Resolver::on_stream_connected(StreamId stream) {
  exchanges_.on_stream_connected(stream);
}

std::optional<DropReason> Resolver::on_stream_octets(Instant now, StreamId stream, Bytes octets) {
  const auto reason = exchanges_.on_stream_octets(now, stream, octets);
  collect(now);
  return reason;
}

void Resolver::on_stream_end(Instant now, StreamId stream) {
  exchanges_.on_stream_end(now, stream);
  collect(now);
}

void Resolver::on_deadline(Instant now) {
  exchanges_.on_deadline(now);
  collect(now);
}

Deadline Resolver::next_deadline() const noexcept {
  return exchanges_.next_deadline();
}

std::optional<Result<Answer, DnsError>> Resolver::take(QueryId id) {
  for (auto look_up = look_ups_.begin(); look_up != look_ups_.end(); ++look_up) {
    if (look_up->id != id || !look_up->result) continue;
    std::optional<Result<Answer, DnsError>> result = std::move(look_up->result);
    look_ups_.erase(look_up);
    return result;
  }
  return std::nullopt;
}

void Resolver::cancel(QueryId id) {
  for (const LookUp& look_up : look_ups_) {
    if (look_up.id != id) continue;
    for (const Part& part : look_up.parts) {
      if (part.exchange) exchanges_.cancel(*part.exchange);
    }
  }
  std::erase_if(look_ups_, [id](const LookUp& look_up) { return look_up.id == id; });
}

}  // namespace packetwright::dns
