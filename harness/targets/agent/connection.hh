// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/targets/linux/time_limit.hh"
#include "harness/targets/linux/unique_fd.hh"
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

// What an agent runs in, where that is ours to end.
class Process {
 public:
  virtual ~Process() = default;
  // Readable when it has ended.
  [[nodiscard]] virtual int fd() const noexcept = 0;
  // The exit status, 128 + signal as a shell tells it; nullopt: it has not ended.
  [[nodiscard]] virtual std::optional<int> status() = 0;
  // Kills it, and waits for that.
  virtual void end() = 0;
  // Whether it is left a moment to end by itself when its stream has.
  [[nodiscard]] virtual bool ends_with_its_stream() const noexcept { return true; }
};

// An agent that runs: its stream, and of a process what it says on standard error, which is handed
// on to that of this process. Nothing of it outlives this object, nor the process.
class Connection {
 public:
  // With one that runs already. Neither descriptor may block; `stream` is a socket or a terminal.
  Connection(linux_stack::UniqueFd stream, linux_stack::UniqueFd errors,
             std::unique_ptr<Process> process)
      : stream_(std::move(stream)), errors_(std::move(errors)), process_(std::move(process)) {}
  // Starts the command or connects, which takes `limit` at most.
  [[nodiscard]] static Result<Connection, std::string> open(const Place& place, Duration limit);
  // Closes the stream, leaves a process a moment to end by itself, and kills it.
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
  std::unique_ptr<Process> process_;
  Buffer inbox_;
  std::string last_words_;
  std::size_t said_ = 0;  // octets of standard error since the last message
  bool broken_ = false;   // it is not waited for any more
};

// Makes a connection, within a time.
using Opener = std::function<Result<Connection, std::string>(Duration limit)>;

}  // namespace packetwright::agent
