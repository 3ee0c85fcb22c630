// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "harness/engine/settings.hh"
#include "harness/targets/target.hh"
#include "python/src/packet_state.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"

namespace packetwright::python {

// The stack under test is dead.
struct TargetDied {
  targets::Death death;
};

// Going on makes no sense: frames go round without end, say. The text is a sentence.
struct LinkTrouble {
  std::string what;
};

// A frame that crossed the link, as the history keeps it.
struct PastFrame {
  Instant at;
  bool from_target = false;
  bool by_itself = false;  // neighbour discovery and the like, which the link answers or ignores
  Buffer octets;
};

// A frame between the target and the peer that was bent: what arrives, and how much later.
struct Bent {
  Duration delay{0};
  Buffer octets;
};

// A target and what is at the other end of its wire: the test itself, which injects frames and
// takes what the target sends, and, where it is wanted, a peer: a reference stack that talks with
// the target by sockets. Frames to the peer's address are the peer's, all others the test's. Time
// is the target's. Not for several threads at once.
class Link {
 public:
  // Is told what is on its way to the peer (true) or to the target, and says what arrives instead.
  using Bend = std::function<std::vector<Bent>(bool to_peer, const PacketPointer& frame)>;

  // Receives what the target sends to the test, in place of the queue.
  struct Listener {
    bool everything = false;  // also what the link answers or ignores, and what is injected
    std::deque<PacketPointer> queue;
    std::function<void()> notify;  // something was added
  };

  // `target` is reset already, with `settings`. `history`: so many frames are kept, the last ones.
  Link(std::unique_ptr<targets::Target> target, engine::Settings settings, std::size_t history);

  [[nodiscard]] targets::Target& target() noexcept { return *target_; }
  [[nodiscard]] const engine::Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Instant now() const { return target_->now(); }

  // Whether neighbours are answered and chatter is ignored (at first: yes).
  void set_answers(bool answers) noexcept { answers_ = answers; }
  // Called now and then while something takes long; may throw to end it.
  void set_poll(std::function<void()> poll) { poll_ = std::move(poll); }

  // As new: the clock at zero, no frames, no peer. The error says why it cannot be.
  [[nodiscard]] Result<void, targets::ResetError> reset();

  // One frame for the target, any octets; what it answers is there when this returns.
  void inject(Bytes frame);
  // After a call into a host: what it had to send is on its way.
  void exchange();

  // What the target sent to the test, oldest first.
  [[nodiscard]] std::deque<PacketPointer>& queue() noexcept { return queue_; }

  // Lets time pass until `until`, or until there is something in the queue if `stop_on_frame`.
  void pass(Instant until, bool stop_on_frame);
  // Lets time pass until something has happened that may change what a call says, but not beyond
  // `until`.
  void step(Instant until);

  // A peer at the address settings().peer(). Its target is a reference stack.
  targets::Target& attach_peer(std::uint64_t seed, std::map<std::string, std::string> knobs);
  [[nodiscard]] targets::Target* peer() noexcept { return peer_.get(); }
  void set_bend(Bend bend) { bend_ = std::move(bend); }

  std::shared_ptr<Listener> listen();
  void forget(const std::shared_ptr<Listener>& listener);

  [[nodiscard]] const std::deque<PastFrame>& history() const noexcept { return history_; }
  // Frames that the history has dropped.
  [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }
  void write_capture(std::ostream& out, std::string_view application) const;

 private:
  struct Event {
    Instant at;
    std::uint64_t order = 0;
    bool to_peer = false;
    Buffer frame;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  void remember(Instant at, bool from_target, bool by_itself, Bytes octets);
  void give(Bytes frame, bool by_itself);
  void take(targets::SentFrame sent);
  void offer(const PacketPointer& frame, bool by_itself);
  [[nodiscard]] bool is_for_peer(const packet::Dissected& frame) const;
  void send_on(bool to_peer, Instant at, Buffer octets);
  bool collect_target();
  bool collect_peer();
  bool deliver();
  void check_alive() const;
  void poll();
  [[nodiscard]] Instant next_stop(Instant until) const;
  // One leap of time towards `until`, as far as nothing can happen in between.
  void leap(Instant until);

  std::unique_ptr<targets::Target> target_;
  engine::Settings settings_;
  bool answers_ = true;
  std::function<void()> poll_;
  std::int64_t polled_ns_ = 0;

  std::unique_ptr<targets::Target> peer_;
  engine::Settings peer_settings_;
  Bend bend_;
  std::vector<Event> events_;  // a heap, the next one first
  std::uint64_t scheduled_ = 0;

  std::deque<PacketPointer> queue_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::deque<PastFrame> history_;
  std::size_t history_limit_;
  std::uint64_t forgotten_ = 0;
  std::vector<targets::SentFrame> sent_;  // scratch
  int standstills_ = 0;
};

}  // namespace packetwright::python
