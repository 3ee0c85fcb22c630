// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "harness/targets/reference/reference_target.hh"
#include "harness/targets/target.hh"

namespace packetwright::example {

// "local4=192.168.0.1/16,peer4=...,gateway4=...,local6=...,peer6=...,gateway6=...,mtu=1500,seed=1",
// each of which may be left out; every other word is a knob of the stack ("tcp_sack=0").
[[nodiscard]] Result<targets::Config, std::string> config_from(std::string_view flags);

// The reference stack as a plug-in has to show it: IP packets instead of Ethernet frames, calls
// that may block, and a clock that moves when somebody waits by it.
//
// packetdrill waits in three ways: by usleep(); for the last microseconds before an event by asking
// gettimeofday() until it says so; and for a packet by asking netdev_receive() until there is one.
// So this clock also moves for those who do nothing but ask. It blocks calls in one thread while
// another one deals with packets and time; hence the lock.
class Host {
 public:
  explicit Host(const targets::Config& config);

  struct Packet {
    std::int64_t time_us;
    Buffer octets;
  };

  std::unique_lock<std::mutex> lock() { return std::unique_lock{mutex_}; }

  // --- all that follows wants the lock

  [[nodiscard]] targets::Target& stack() { return stack_; }
  // Something happened: takes what the stack sent, and wakes up who waits.
  void happened();
  // Waits until something happens.
  void wait(std::unique_lock<std::mutex>& lock) { changed_.wait(lock); }

  void put(Bytes packet);
  // nullopt: none. Who asks in vain again and again is taken to the next timer.
  [[nodiscard]] std::optional<Packet> take();

  // Microseconds. `asked` by somebody who may be waiting for it to move.
  [[nodiscard]] std::int64_t now_us(bool asked);
  void sleep(std::int64_t microseconds);
  [[nodiscard]] std::optional<std::int64_t> next_timer_us() const;

 private:
  void advance_to(Instant until);
  void answer_arp(Bytes request);
  // Answers an IPv6 packet that asks for a link-layer address; false: it is none.
  bool answer_solicitation(Bytes packet);

  std::mutex mutex_;
  std::condition_variable changed_;
  targets::Config config_;
  reference::ReferenceTarget stack_;
  std::deque<Packet> sent_;
  int vain_asks_ = 0;  // for a packet, or for the time, with nothing in between
};

}  // namespace packetwright::example
