// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/stack.hh"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "harness/targets/plugin/convert.hh"

namespace packetwright::plugin {
namespace {

constexpr std::size_t kLargestFrame = 14 + 65535;
// Of one call. A stack that answers a frame with more will not stop.
constexpr std::size_t kMostFrames = 10'000;
constexpr std::int64_t kLargestErrno = 4095;
constexpr std::size_t kReasonSize = 512;

std::string numbered(const char* name, std::int64_t result) {
  return std::string{name} + "() returned " + std::to_string(result);
}

}  // namespace

Stack::Stack(Provider& provider)
    : provider_(provider),
      host_{sizeof(pw_host), this, &Stack::send, &Stack::log},
      owner_(std::this_thread::get_id()) {}

Stack::~Stack() {
  end();
}

void Stack::fault(std::string what) {
  if (!fault_) fault_ = std::move(what);
}

std::optional<targets::Death> Stack::death() const {
  if (!fault_) return std::nullopt;
  if (auto death = provider_.death()) return death;
  return targets::Death{
      0, "the " + std::string{provider_.noun()} + " broke its interface: " + *fault_};
}

Result<void, targets::ResetError> Stack::begin(const targets::Config& config, bool anew) {
  const bool again = !anew && stack_ != nullptr && !fault_ && table().reset != nullptr;
  if (!again) end();
  fault_.reset();
  stray_ = nullptr;
  owner_ = std::this_thread::get_id();
  now_ = Instant{};
  sent_.clear();
  const CConfig c_config{config};
  std::array<char, kReasonSize> reason{};
  const char* const name = again ? "reset" : "create";
  void* made = again ? stack_ : provider_.context();
  enter(name);
  const int result =
      again ? table().reset(stack_, c_config.get(), reason.data(), reason.size())
            : table().create(c_config.get(), &host_, &made, reason.data(), reason.size());
  leave();
  reason.back() = '\0';
  if (const auto died = death()) return Err{targets::ResetError{died->log, died->unsupported}};
  if (result < 0) {
    if (again) end();
    std::string text = reason.data();
    if (text.empty()) text = std::string{name} + "(): " + std::strerror(-result);
    return Err{targets::ResetError{text, result == -ENOTSUP}};
  }
  stack_ = made;
  if (made != nullptr) return {};
  fault(std::string{name} + "() succeeded and gave no stack");
  return Err{death()->log};
}

void Stack::end() {
  if (stack_ == nullptr) return;
  // What happens now is of no interest, but may still call back.
  enter("destroy");
  table().destroy(std::exchange(stack_, nullptr));
  leave();
}

void Stack::enter(const char* name) noexcept {
  running_ = name;
  frames_of_call_ = 0;
}

void Stack::leave() {
  running_ = nullptr;
  if (const char* const what = stray_.exchange(nullptr)) {
    fault(std::string{what} + "() was called from another thread");
  }
  if (auto died = provider_.death()) fault(std::move(died->log));
}

targets::CallResult<std::int64_t> Stack::checked(const char* name, std::int64_t most,
                                                 std::int64_t result) {
  if (result < -kLargestErrno) {
    fault(numbered(name, result) + ", which is no errno");
  } else if (result > most) {
    fault(numbered(name, result) + ", where " + std::to_string(most) + " is the most there can be");
  }
  if (fault_) return Err{EIO};
  if (result < 0) return Err{static_cast<int>(-result)};
  return result;
}

void Stack::read_clock() {
  if (alive() && table().now != nullptr) set_now(from_c(table().now(stack_)));
}

// --- what the stack calls

bool Stack::may_call_back(const char* what) {
  if (std::this_thread::get_id() != owner_) {
    // Nothing else may be touched from there.
    stray_ = what;
    return false;
  }
  if (running_ != nullptr) return true;
  fault(std::string{what} + "() was called while no function of the plug-in was running");
  return false;
}

void Stack::send(void* context, const std::uint8_t* frame, std::size_t count) {
  auto* const self = static_cast<Stack*>(context);
  if (self->may_call_back("send")) self->take_frame(frame, count);
}

void Stack::log(void* context, const char* line) {
  auto* const self = static_cast<Stack*>(context);
  if (self->may_call_back("log") && line != nullptr) std::fprintf(stderr, "%s\n", line);
}

void Stack::take_frame(const std::uint8_t* frame, std::size_t count) {
  if (fault_) return;
  if (frame == nullptr && count > 0) return fault("send() was given a null pointer");
  if (count > kLargestFrame) {
    return fault("send() was given a frame of " + std::to_string(count) + " octets");
  }
  if (++frames_of_call_ > kMostFrames) {
    return fault(std::string{running_} + "() sent more than " + std::to_string(kMostFrames) +
                 " frames");
  }
  if (keeps_time(table())) read_clock();
  sent_.push_back({now_, Buffer(frame, frame + count)});
}

}  // namespace packetwright::plugin
