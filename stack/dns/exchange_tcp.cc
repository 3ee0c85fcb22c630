// SPDX-License-Identifier: Apache-2.0
// Questions over TCP (RFC 7766): one connection to a server, which they share.
#include <algorithm>
#include <utility>

#include "stack/dns/exchange.hh"

namespace packetwright::dns {
namespace {

// Questions without an answer on one connection, those included that nobody waits for any more. A
// server that leaves so many open is as good as dead.
constexpr std::size_t kMaxInFlight = 256;

}  // namespace

//= RFC7766-5-a
//= RFC7766-6.2.1.1-a
// Nothing waits for anything: the question follows whatever else is on its way to that server.
void Exchanges::ask_over_tcp(Instant now, Query& query, const Endpoint& server, bool again) {
  query.streamed.reset();
  Stream& stream = stream_to(now, server);
  const std::vector<std::uint16_t>& taken = stream.in_flight;
  //= RFC7766-6.2.1-a
  std::uint16_t id = rng_.next16();
  while (std::find(taken.begin(), taken.end(), id) != taken.end()) ++id;
  stream.in_flight.push_back(id);
  stream.last_used = now;

  const bool with_opt = config_.edns_udp_size != 0 && !knows_no_edns(server);
  const Transmission sent{server, 0, id, spelling_of(query.question.name), with_opt};
  query.streamed = Streamed{stream.id, sent, again};
  query.deadline = std::min(now + config_.tcp_timeout, query.give_up);
  const std::uint16_t size = with_opt ? config_.edns_udp_size : std::uint16_t{0};
  stream_actions_.push_back(
      {StreamAction::Kind::send, stream.id, server, framed(message_of(query, sent, size))});
}

//= RFC7766-5-b
//= RFC7766-6.2.2-a
Exchanges::Stream& Exchanges::stream_to(Instant now, const Endpoint& server) {
  for (Stream& stream : streams_) {
    if (stream.server != server) continue;
    if (stream.in_flight.size() < kMaxInFlight) return stream;
    const StreamId full = stream.id;
    stream_actions_.push_back({StreamAction::Kind::close, full, server, {}});
    forget_stream(full);
    leave_stream(now, full, false);
    break;
  }
  Stream& stream = streams_.emplace_back();
  stream.id = StreamId{++last_stream_};
  stream.server = server;
  stream_actions_.push_back({StreamAction::Kind::open, stream.id, server, {}});
  return stream;
}

Exchanges::Stream* Exchanges::find_stream(StreamId id) noexcept {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [id](const Stream& stream) { return stream.id == id; });
  return found == streams_.end() ? nullptr : &*found;
}

void Exchanges::forget_stream(StreamId id) {
  std::erase_if(streams_, [id](const Stream& stream) { return stream.id == id; });
}

void Exchanges::on_stream_connected(StreamId id) {
  if (Stream* const stream = find_stream(id)) stream->connected = true;
}

std::optional<DropReason> Exchanges::on_stream_octets(Instant now, StreamId id, Bytes octets) {
  std::optional<DropReason> first;
  Stream* stream = find_stream(id);
  if (stream == nullptr) return DropReason::dns_unexpected;
  stream->input.add(octets);
  // A message can change which connections there are.
  while (stream != nullptr) {
    const auto message = stream->input.next();
    if (!message) break;
    const auto reason = on_message(now, id, *message);
    if (!first) first = reason;
    stream = find_stream(id);
  }
  return first;
}

//= RFC7766-7-a
// In whatever order: id and question say what is answered.
std::optional<DropReason> Exchanges::on_message(Instant now, StreamId id, Bytes message) {
  const auto response = wire::DnsView::parse(message);
  if (!response) return DropReason::dns_malformed;
  Stream& stream = *find_stream(id);
  std::erase(stream.in_flight, response->header().id);
  stream.last_used = now;
  for (Query& query : queries_) {
    if (!query.streamed || query.streamed->stream != id) continue;
    const Transmission sent = query.streamed->sent;
    if (answers(*response, query, sent)) return on_response(now, query, sent, *response, true);
  }
  return DropReason::dns_unexpected;
}

void Exchanges::on_stream_end(Instant now, StreamId id) {
  const Stream* const stream = find_stream(id);
  if (stream == nullptr) return;
  const bool was_connected = stream->connected;
  forget_stream(id);
  leave_stream(now, id, was_connected);
}

//= RFC7766-6.2.4-a
// A server may close a connection at any time. That is no refusal, if it was open: the question is
// put once more, and then it is one.
void Exchanges::leave_stream(Instant now, StreamId id, bool was_connected) {
  for (Query& query : queries_) {
    if (!query.streamed || query.streamed->stream != id) continue;
    const Endpoint server = query.streamed->sent.server;
    if (was_connected && !query.streamed->again) {
      ask_over_tcp(now, query, server, true);
    } else {
      give_up_on(now, query, server);
    }
  }
}

// When a connection is to be closed; nullopt: somebody waits for an answer over it.
std::optional<Instant> Exchanges::end_of(const Stream& stream) const noexcept {
  const auto waits = [&stream](const Query& query) {
    return query.streamed && query.streamed->stream == stream.id;
  };
  if (std::any_of(queries_.begin(), queries_.end(), waits)) return std::nullopt;
  return stream.last_used + config_.tcp_idle;
}

//= RFC7766-6.2.3-a
void Exchanges::close_idle_streams(Instant now) {
  for (std::size_t i = streams_.size(); i-- > 0;) {
    const Stream& stream = streams_[i];
    const auto end = end_of(stream);
    if (!end || *end > now) continue;
    stream_actions_.push_back({StreamAction::Kind::close, stream.id, stream.server, {}});
    forget_stream(stream.id);
  }
}

bool Exchanges::poll_stream(StreamAction& action) {
  if (stream_actions_.empty()) return false;
  action = std::move(stream_actions_.front());
  stream_actions_.pop_front();
  return true;
}

}  // namespace packetwright::dns
