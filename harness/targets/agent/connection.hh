// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/targets/linux/time_limit.hh"
#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/linux/warden.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::agent {

// Where an agent is: "HOST:PORT" or "[ADDRESS]:PORT" by TCP, else a command.
struct Place {
  std::string command;     // empty: there is none to start
  std::string host, port;  // if there is no command
};
[[nodiscard]] Place place_of(std::string_view text);

// An agent that runs: its stream, and of a command the process and what it says on standard error,
// which is handed on to that of this process. Nothing of it outlives this object, nor the process.
class Connection {
 public:
  // Starts the command or connects, which takes `limit` at most.
  [[nodiscard]] static Result<Connection, std::string> open(const Place& place, Duration limit);
  // Closes the stream, leaves a command a moment to end by itself, and kills it.
  ~Connection();
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) = delete;

  // Sends a message and returns the one that comes back, without its length; it is valid until the
  // next call. `asked` is for the error, which is how the agent ended: it is over then.
  [[nodiscard]] Result<Bytes, targets::Death> exchange(Bytes message, std::string_view asked,
                                                       Duration limit);

  // An end that is nobody else's doing: "the agent " and the cause, and its last words.
  [[nodiscard]] targets::Death broken(const std::string& cause);

 private:
  Connection() = default;
  [[nodiscard]] static Result<Connection, std::string> start(const std::string& command);
  [[nodiscard]] static Result<Connection, std::string> dial(const Place& place, Duration limit);

  // The octets of a whole message in inbox_, with its length; nullopt: it is not there yet.
  [[nodiscard]] Result<std::optional<std::size_t>, std::string> message_size() const;
  // Takes what is there. An error: the stream has ended.
  [[nodiscard]] Result<void, int> receive();
  [[nodiscard]] targets::Death gone(std::string_view asked);
  [[nodiscard]] targets::Death with_last_words(targets::Death death) const;
  // Takes what the agent has written to standard error. False: there was nothing.
  bool hear();

  linux_stack::UniqueFd stream_;
  linux_stack::UniqueFd errors_;
  std::optional<linux_stack::Warden> warden_;
  Buffer inbox_;
  std::string last_words_;
  std::size_t said_ = 0;  // octets of standard error since the last message
  bool broken_ = false;   // it is not waited for any more
};

}  // namespace packetwright::agent
