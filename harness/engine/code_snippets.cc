// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/code_snippets.hh"

#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {
namespace {

// The constants that packetdrill gives to snippets.
constexpr const char* kConstants =
    "TCP_ESTABLISHED,TCP_SYN_SENT,TCP_SYN_RECV,TCP_FIN_WAIT1,TCP_FIN_WAIT2,TCP_TIME_WAIT,"
    "TCP_CLOSE,TCP_CLOSE_WAIT,TCP_LAST_ACK,TCP_LISTEN,TCP_CLOSING=range(1,12)\n"
    "TCP_CA_Open,TCP_CA_Disorder,TCP_CA_CWR,TCP_CA_Recovery,TCP_CA_Loss=range(5)\n"
    "TCPI_OPT_TIMESTAMPS,TCPI_OPT_SACK,TCPI_OPT_WSCALE,TCPI_OPT_ECN,TCPI_OPT_ECN_SEEN,"
    "TCPI_OPT_SYN_DATA,TCPI_OPT_USEC_TS,TCPI_OPT_TFO_CHILD=(1<<i for i in range(8))\n";

// As one word of a shell command.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char one : text) {
    if (one == '\'') {
      out += "'\\''";
    } else {
      out += one;
    }
  }
  return out + "'";
}

}  // namespace

void CodeSnippets::add(const script::Event& event, const script::Code& code) {
  if (session_.target.posix() == nullptr) {
    return session_.unsupported(event.where, "this target runs no code snippets (%{ }%)");
  }
  if (Socket* socket = calls_.last_stream(); socket != nullptr && socket->open) {
    const auto status = session_.target.tcp_status(socket->live);
    if (status.ok()) {
      for (const auto& [name, value] : status->counters) {
        program_ += "tcpi_" + name + "=" + std::to_string(value) + "\n";
      }
    }
  }
  events_.push_back(&event);
  program_ += code.text + "\n";
}

void CodeSnippets::run() {
  if (events_.empty() || session_.over()) return;
  const auto outcome =
      session_.target.posix()->shell("python3 -c " + quoted(kConstants + program_));
  const script::Event& event = *events_.front();
  if (!outcome.ok()) return session_.unsupported(event.where, outcome.error());
  if (outcome->status == 0) return session_.pass();
  std::string last = outcome->output;
  while (!last.empty() && last.back() == '\n') last.pop_back();
  const std::size_t line = last.rfind('\n');
  if (line != std::string::npos) last = last.substr(line + 1);
  session_.fail(event.where, "%{ }% holds", last.empty() ? "it does not" : last,
                {{"code", "exit status 0", "exit status " + std::to_string(outcome->status)}});
}

}  // namespace packetwright::engine
