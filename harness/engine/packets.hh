// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>

#include "harness/engine/craft.hh"
#include "harness/engine/follow.hh"
#include "harness/engine/session.hh"

namespace packetwright::engine {

// Packets: sent to the target, and expected of it.
class Packets {
 public:
  // `while_waiting` is asked at every stop on the way through time; true ends the wait.
  Packets(Session& session, std::function<bool()> while_waiting, std::function<bool()> steps);

  void inject(const script::Event& event, const script::Packet& packet);
  void expect(const script::Event& event, const script::Packet& packet, const Window& window);

  // The event with the live values of its packet filled in; nullopt: that cannot be, and the run is
  // over.
  [[nodiscard]] std::optional<script::Event> known(const script::Event& event,
                                                   const script::Packet& packet);
  // Takes what was sent since `from` as accounted for, whatever it is.
  void ignore_since(Instant from);

  // Fails the run for every frame that nothing accounted for. `expected`: what the script says
  // instead ("nothing", "silence 1.5").
  void fail_unexpected(const script::Location& where, const std::string& expected);
  // The end of a replay: what came since is looked at once more.
  void finish_following(const script::Location& where);

 private:
  [[nodiscard]] Connection* connection_of(const script::Packet& packet, bool inbound);
  [[nodiscard]] bool belongs(const SeenFrame& seen, const script::Packet& packet,
                             Connection* connection);
  // The place in the queue of the frame that is to be compared; nullopt: none yet.
  [[nodiscard]] std::optional<std::size_t> candidate(const script::Packet& packet,
                                                     Connection* connection);
  void compare(const script::Event& event, const script::Packet& packet, const Window& window,
               Connection* connection, std::size_t index);
  [[nodiscard]] std::vector<FieldDifference> differences(const script::Packet& packet,
                                                         const packet::Packet& expected,
                                                         const packet::Dissected& live,
                                                         const packet::Dissected& mapped,
                                                         Connection* connection);
  // A replay's way to expect a segment of a connection.
  void follow(const script::Event& event, const script::Packet& packet, const script::Tcp& tcp,
              Connection& connection, const Window& window);
  // Takes what the target sent on the connection; false: something is wrong with it, and told.
  bool absorb(const script::Location& where, const std::string& expected, Connection& connection,
              std::uint16_t until_flag);
  // The peer acknowledges what it has got, beyond the record.
  void acknowledge(const script::Location& where, Connection& connection);
  [[nodiscard]] Follower& follower_of(const Connection& connection);
  void missing(const script::Event& event, const script::Packet& packet);
  // The packet of the script cannot be made.
  void craft_failed(const script::Location& where, const CraftError& error);

  Session& session_;
  std::function<bool()> while_waiting_;
  std::function<bool()> steps_;
  std::map<const Connection*, Follower> followers_;
  // The last frame that each of them took.
  std::map<const Connection*, SeenFrame> last_absorbed_;
  std::map<const Connection*, script::Packet> last_injected_;
};

}  // namespace packetwright::engine
