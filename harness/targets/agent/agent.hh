// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/targets/agent/connection.hh"
#include "harness/targets/agent/message.hh"
#include "harness/targets/plugin/provider.hh"

namespace packetwright::agent {

// A program beside a stack, as the functions of packetwright_target.h (table.hh). One process of it
// lives as long as it can: when it dies, the next create() starts another.
class Agent final : public plugin::Provider {
 public:
  // Starts or connects to it, and asks what it is. `limit`: in which it has to answer whatever it
  // is asked, beside the time that it is asked to wait.
  [[nodiscard]] static Result<std::unique_ptr<Agent>, std::string> open(const Place& place,
                                                                        Duration limit);
  // The same, however it is started. `medium`: Traits::medium.
  [[nodiscard]] static Result<std::unique_ptr<Agent>, std::string> open(Opener opener,
                                                                        std::string_view medium,
                                                                        Duration limit);

  [[nodiscard]] std::string_view noun() const noexcept override { return "agent"; }
  [[nodiscard]] std::string_view medium() const noexcept override { return medium_; }
  [[nodiscard]] const pw_target& table() const noexcept override { return table_; }
  [[nodiscard]] void* context() noexcept override { return this; }
  [[nodiscard]] Result<bool, targets::ResetError> renew() override;
  [[nodiscard]] std::optional<targets::Death> death() const override { return death_; }

  // --- for the functions of the table

  // A life begins. False: there is no agent, and none could be started.
  [[nodiscard]] bool start(const pw_host* host);
  // The operation is asked for with the next ask(); its arguments are put behind.
  Request& begin(Operation operation) { return request_.add(operation); }
  // Asks for what was begun, gives what the stack sent to pw_host, and returns the last result;
  // -EIO if the agent is dead then. `wait`: how long the agent may take beyond its limit.
  [[nodiscard]] std::int64_t ask(Duration wait = {});
  // The same, where a result is an int or an errno.
  [[nodiscard]] int ask_int();
  // What the last operation returned beside its result, if that is no error.
  template <class Read>
  [[nodiscard]] std::int64_t read(std::int64_t result, const Read& read) {
    Reader more{more_};
    if (result >= 0) read(more);
    if (!more.ended_well()) return break_off("answered it with what does not belong there");
    return result;
  }
  // What goes with a result as a whole; nullopt of `decode` is a breach.
  [[nodiscard]] Bytes more() const noexcept { return more_; }
  // It broke the protocol in the last operation. -EIO.
  std::int64_t break_off(const std::string& how);

  // The stack's own clock; of a frame that is given to pw_host, its time.
  [[nodiscard]] std::uint64_t now();
  [[nodiscard]] std::uint64_t next_timer();
  // Time was moved: nothing can be sent later.
  void moved_to(std::uint64_t now) noexcept { moved_to_ = now; }
  [[nodiscard]] bool is_real_time() const noexcept { return (table_.flags & PW_REAL_TIME) != 0; }

  // Texts that the table's functions return stay here.
  TcpStatus status;

 private:
  Agent(Opener opener, std::string_view medium, Duration limit)
      : opener_(std::move(opener)), medium_(medium), limit_(limit) {}
  [[nodiscard]] Result<Hello, targets::Death> greet();
  [[nodiscard]] std::int64_t die(targets::Death death);
  // False: an event cannot be.
  [[nodiscard]] bool deliver(const Event& event, std::int64_t& result);
  [[nodiscard]] std::uint64_t ask_time(Operation operation);

  Opener opener_;
  std::string medium_;
  Duration limit_;
  std::optional<Connection> connection_;
  std::optional<targets::Death> death_;
  Hello hello_;
  pw_target table_{};
  const pw_host* host_ = nullptr;
  Request request_;
  Bytes more_;
  std::string asked_;  // the last operation, for messages

  std::uint64_t moved_to_ = 0;
  std::optional<std::uint64_t> frame_at_;  // while a frame is given to pw_host
  std::optional<Clock> clock_;             // of the last answer
  std::int64_t clock_read_ = 0;            // when it came, by the clock of this machine
};

}  // namespace packetwright::agent
