// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

#include "harness/targets/isolation/journal.hh"
#include "harness/targets/isolation/message.hh"
#include "harness/targets/isolation/output_file.hh"
#include "harness/targets/isolation/pool.hh"
#include "stack/base/bytes.hh"

namespace packetwright::isolation {

// A worker as the process that made it sees it: a child, a socket to it, what it wrote, where it
// is, and which jobs were given to it and are not answered yet.
class WorkerProcess {
 public:
  // `life` is what the child does, given its socket and its output; it must not return.
  using Life = std::function<void(int socket, const OutputFile& output)>;

  explicit WorkerProcess(JournalSlot& slot) : slot_(slot) {}
  ~WorkerProcess() { end(); }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Forks. An error says which call was refused.
  Result<void, std::string> start(const Life& life);
  [[nodiscard]] bool alive() const { return process_ > 0; }

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] JournalSlot& slot() const { return slot_; }
  [[nodiscard]] const OutputFile& output() const { return output_; }
  [[nodiscard]] std::size_t resident() const;

  // Gives it a job; false: it does not listen any more.
  bool give(std::size_t job);
  [[nodiscard]] const std::deque<std::size_t>& given() const { return given_; }
  [[nodiscard]] std::deque<std::size_t>& given() { return given_; }

  // Reads what it says without waiting. False: it will say no more.
  bool listen();
  // The next message that has arrived.
  [[nodiscard]] std::optional<Message> next_message() { return decode(inbox_); }

  // Its wait status if it is dead, without waiting. Its group is killed then, too.
  [[nodiscard]] std::optional<int> look();
  // Kills it with all that it started, waits for it, and gives its wait status. A worker that is
  // dying keeps the status of its own death.
  int kill();
  // Kills it if it lives, and closes everything.
  void end();

  // Notes of the pool.
  bool ready = false;             // init succeeded
  bool retiring = false;          // it takes no more jobs
  std::int64_t started_ns = 0;    // when it was forked
  std::int64_t last_wall_us = 0;  // of its last job
  std::int64_t silent_ns = 0;     // since when it lives and has closed its socket; 0: it has not

 private:
  void kill_group() const;

  JournalSlot& slot_;
  OutputFile output_;
  pid_t process_ = -1;
  int socket_ = -1;
  Buffer inbox_;
  std::deque<std::size_t> given_;
};

}  // namespace packetwright::isolation
