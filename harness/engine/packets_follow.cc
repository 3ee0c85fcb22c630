// SPDX-License-Identifier: Apache-2.0
// How Packets expects the segments of a replay: not one by one, but by how far a connection is.
#include <algorithm>

#include "harness/engine/craft.hh"
#include "harness/engine/packets.hh"
#include "harness/engine/segments.hh"
#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Proto;

// A stack that sends no more for so long, with something unacknowledged, may wait for that.
constexpr Duration kStall = 30ms;

}  // namespace

Follower& Packets::follower_of(const Connection& connection) {
  const auto found = followers_.find(&connection);
  if (found != followers_.end()) return found->second;
  return followers_.emplace(&connection, Follower(session_.script)).first->second;
}

bool Packets::absorb(const script::Location& where, const std::string& expected,
                     Connection& connection, std::uint16_t until_flag) {
  std::deque<SeenFrame>& queue = session_.tap.queue();
  Follower& follower = follower_of(connection);
  for (std::size_t i = 0; i < queue.size();) {
    const bool ours = queue[i].frame.has(Proto::tcp) &&
                      session_.connections.of_outbound(queue[i].frame, &connection) == &connection;
    if (!ours) {
      ++i;
      continue;
    }
    if ((queue[i].frame.u32(Field::tcp_flags) & until_flag) != 0) return true;
    SeenFrame seen = std::move(queue[i]);
    queue.erase(queue.begin() + static_cast<long>(i));
    Dissected mapped = seen.frame;
    map_to_script(mapped, connection, false);
    auto fields = follower.absorb(mapped);
    const std::string text = "> " + session_.tap.describe(seen.frame);
    session_.completed_at(seen.at);
    if (!fields.empty()) {
      session_.fail(where, expected, text, std::move(fields));
      return false;
    }
    connection.last_out = seen.frame;
    last_absorbed_.insert_or_assign(&connection, std::move(seen));
  }
  return true;
}

void Packets::follow(const script::Event& event, const script::Packet& packet,
                     const script::Tcp& tcp, Connection& connection, const Window& window) {
  // What opens and what resets a connection is compared field by field, as ever.
  const auto control = static_cast<std::uint16_t>(
      tcp.flags.bits & (script::TcpFlags::kSyn | script::TcpFlags::kRst));
  const std::string text = script::print_event(event);
  Follower& follower = follower_of(connection);
  std::optional<std::size_t> found;
  bool came = false;
  const auto stop = [&] {
    if (while_waiting_()) return true;
    if (!absorb(event.where, text, connection, control)) return true;
    if (control != 0) {
      found = candidate(packet, &connection);
      came = found.has_value();
    } else {
      came = follower.reached(tcp);
    }
    return came;
  };
  const Duration patience = session_.settings.real_time ? kPatienceReplay : 2 * kPatienceReplay;
  const Instant until = window.latest() + patience;
  Instant step = std::max(window.from, session_.tap.now());
  while (!came && step < until) {
    step = std::min(until, step + kStall);
    session_.tap.advance(step, steps_(), stop);
    if (session_.over() || session_.check_trouble()) return;
    const bool waits = control == 0 && follower.may_wait_for_acknowledgement(tcp);
    if (!came && waits) acknowledge(event.where, connection);
    if (session_.over()) return;
  }
  const auto last = last_absorbed_.find(&connection);
  if (!came) {
    if (control != 0) return missing(event, packet);
    const std::string actual = last == last_absorbed_.end()
                                   ? "nothing"
                                   : "> " + session_.tap.describe(last->second.frame) + " at last";
    return session_.fail(event.where, text, actual, follower.missing(tcp));
  }
  if (control != 0) {
    compare(event, packet, window, &connection, *found);
  } else {
    if (last != last_absorbed_.end()) {
      learn_first_timestamp(tcp, last->second.frame, connection);
      learn_timestamp(tcp, last->second.frame, connection);
    }
    ++session_.outcome.assertions_checked;
  }
  follower.done(tcp);
}

void Packets::acknowledge(const script::Location& where, Connection& connection) {
  const auto last = last_injected_.find(&connection);
  if (last == last_injected_.end()) return;
  script::Packet packet = last->second;
  Follower& follower = follower_of(connection);
  packet.body = follower.acknowledgement(std::get<script::Tcp>(packet.body));
  packet.payload.reset();
  const CraftContext context{session_.settings, session_.target.traits().ethernet, &connection,
                             nullptr};
  const auto frame = craft_inbound(packet, context);
  if (!frame.ok()) return craft_failed(where, frame.error());
  follower.injected(std::get<script::Tcp>(packet.body));
  session_.tap.inject(*frame, {}, script::print_packet(packet));
  session_.tap.pump();
}

void Packets::finish_following(const script::Location& where) {
  session_.tap.pump();
  for (Connection& connection : session_.connections.all()) {
    if (connection.transport != Transport::tcp) continue;
    if (!absorb(where, "nothing more", connection, 0)) return;
  }
}

}  // namespace packetwright::engine
