// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/targets/guarded_memory.hh"
#include "harness/targets/packetwright_target.h"
#include "harness/targets/plugin/provider.hh"
#include "harness/targets/target.hh"

namespace packetwright::plugin {

// The stack of a plug-in, one life after the other. Every call of the plug-in goes through here, so
// that what it sends is taken from the right place only, and no result is believed unseen. What
// breaks the interface is remembered as a fault; from then on nothing is called any more.
class Stack {
 public:
  explicit Stack(Provider& provider);
  // Ends the life that there is.
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  [[nodiscard]] const pw_target& table() const noexcept { return provider_.table(); }

  // A life begins, at time 0; the one before ends, if `anew` by destroy().
  [[nodiscard]] Result<void, targets::ResetError> begin(const targets::Config& config, bool anew);
  void end();
  // How the interface was broken; nullopt: not yet.
  [[nodiscard]] const std::optional<std::string>& fault() const noexcept { return fault_; }
  void fault(std::string what);
  // The end that this is; nullopt: it lives.
  [[nodiscard]] std::optional<targets::Death> death() const;

  // Calls a function of the table that returns 0 to `most` or minus an errno. `name` is for faults.
  // ENOTSUP if it is null, EIO after a fault.
  template <class Function, class... Arguments>
  [[nodiscard]] targets::CallResult<std::int64_t> call(const char* name, std::int64_t most,
                                                       Function function, Arguments... arguments) {
    if (function == nullptr) return Err{ENOTSUP};
    if (!alive()) return Err{EIO};
    enter(name);
    const std::int64_t result = function(stack_, arguments...);
    leave();
    return checked(name, most, result);
  }
  // The same for a function without an errno: what it returns, or `otherwise`.
  template <class Otherwise, class Function, class... Arguments>
  Otherwise ask(const char* name, Otherwise otherwise, Function function, Arguments... arguments) {
    if (function == nullptr || !alive()) return otherwise;
    enter(name);
    const Otherwise answer = function(stack_, arguments...);
    leave();
    return answer;
  }
  template <class Function, class... Arguments>
  void tell(const char* name, Function function, Arguments... arguments) {
    if (function == nullptr || !alive()) return;
    enter(name);
    function(stack_, arguments...);
    leave();
  }

  // Memory for one call, which ends at a guard.
  [[nodiscard]] MutableBytes room(std::size_t size) { return memory_.last(size); }
  [[nodiscard]] MutableBytes copy_of(Bytes octets) { return memory_.copy_of(octets); }

  // The time of this life, at which whatever it sends has left; it never goes back. Either whoever
  // drives a virtual clock moves it, or it is read from the stack's own.
  [[nodiscard]] Instant now() const noexcept { return now_; }
  void set_now(Instant now) noexcept { now_ = std::max(now_, now); }
  void read_clock();
  [[nodiscard]] std::vector<targets::SentFrame>& sent() noexcept { return sent_; }

 private:
  [[nodiscard]] bool alive() const noexcept { return stack_ != nullptr && !fault_; }
  void enter(const char* name) noexcept;
  void leave();
  [[nodiscard]] targets::CallResult<std::int64_t> checked(const char* name, std::int64_t most,
                                                          std::int64_t result);
  [[nodiscard]] bool may_call_back(const char* what);
  void take_frame(const std::uint8_t* frame, std::size_t count);

  // What pw_host points to. They may be called by anybody at any time, by mistake.
  static void send(void* context, const std::uint8_t* frame, std::size_t count);
  static void log(void* context, const char* line);

  Provider& provider_;
  pw_host host_;
  void* stack_ = nullptr;
  targets::GuardedMemory memory_;
  std::optional<std::string> fault_;
  std::atomic<const char*> stray_{nullptr};  // what another thread called
  std::thread::id owner_;
  const char* running_ = nullptr;  // the function of the plug-in that runs
  std::size_t frames_of_call_ = 0;
  Instant now_{};
  std::vector<targets::SentFrame> sent_;
};

}  // namespace packetwright::plugin
