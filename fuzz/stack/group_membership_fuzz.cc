// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>

#include "fuzz/support/fuzz_input.hh"
#include "stack/base/assert.hh"
#include "stack/ip/group_membership.hh"

using namespace packetwright;

namespace {

constexpr std::size_t kGroups = 4;

// A host that joins and leaves groups on a link where anybody says anything.
class Session {
 public:
  Session(fuzz::FuzzInput& input, Family family)
      : input_(input), family_(family), groups_(family, {}, Rng{1}) {}

  void run() {
    while (!input_.empty()) step();
    // Left alone, everything that was asked for is said, and then there is quiet.
    for (int wakeups = 0; const auto deadline = groups_.next_deadline(); ++wakeups) {
      PW_ASSERT(wakeups < 100 && *deadline > now_);
      now_ = *deadline;
      groups_.on_deadline(now_);
      drain();
    }
    PW_ASSERT(groups_.version() == 3);
  }

 private:
  [[nodiscard]] IpAddress group(std::size_t i) const {
    const auto last = static_cast<std::uint8_t>(i + 1);
    if (family_ == Family::ipv4) return IpAddress::v4(239, 1, 2, last);
    return IpAddress::v6({0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
  }

  void step() {
    switch (input_.below(4)) {
      case 0: groups_.join(now_, group(input_.below(kGroups)), input_.flag()); break;
      case 1: groups_.leave(now_, group(input_.below(kGroups))); break;
      case 2: {
        const fuzz::ExactBuffer message{input_.take(input_.u8())};
        (void)groups_.on_message(now_, message.octets());
        break;
      }
      default: now_ += Duration{input_.u16()} * 1'000'000; break;  // up to 65 s
    }
    drain();
    if (const auto deadline = groups_.next_deadline(); deadline && *deadline <= now_) {
      groups_.on_deadline(now_);
      drain();
      const auto next = groups_.next_deadline();
      PW_ASSERT(!next || *next > now_);
    }
  }

  // Whatever was heard, what is said is well-formed and fits a packet of the smallest MTU.
  void drain() {
    for (int count = 0; const auto next = groups_.next_announcement(); ++count) {
      PW_ASSERT(count < 16 && next->message.size() <= 1'200);
      PW_ASSERT(next->destination.is_multicast());
      const fuzz::ExactBuffer exact{Bytes{next->message}};
      const auto view = wire::GroupMessageView::parse(family_, exact.octets());
      PW_ASSERT(view.ok() && !view->is_query());
    }
  }

  fuzz::FuzzInput& input_;
  Family family_;
  ip::GroupMembership groups_;
  Instant now_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput input{Bytes{data, size}};
  const Family family = input.flag() ? Family::ipv6 : Family::ipv4;
  Session{input, family}.run();
  return 0;
}
