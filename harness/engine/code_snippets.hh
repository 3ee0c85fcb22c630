// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/calls.hh"
#include "harness/engine/session.hh"
#include "harness/engine/snippet_reader.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {

// The last line of what a command printed: most say there what went wrong.
[[nodiscard]] std::string last_line(const std::string& output);
// "exit status 3", or that it took too long.
[[nodiscard]] std::string ending_of(const targets::PosixCalls::ShellOutcome& outcome);

// `%{ ... }%`: Python that sees the counters of the connection as they were at its time. As in
// packetdrill, all snippets of a script run in one process after the last event, where the target
// is; so they can only judge. Where there is no system, what can be read without Python
// (snippet_reader.hh) is judged at its time.
class CodeSnippets {
 public:
  CodeSnippets(Session& session, Calls& calls) : session_(session), calls_(calls) {}

  void add(const script::Event& event, const script::Code& code);
  void run();

 private:
  // What the connection of the script says of itself now.
  [[nodiscard]] std::map<std::string, std::int64_t> counters();
  void read(const script::Event& event, const script::Code& code);

  Session& session_;
  Calls& calls_;
  SnippetReader reader_;
  std::string program_;
  std::vector<const script::Event*> events_;
};

}  // namespace packetwright::engine
