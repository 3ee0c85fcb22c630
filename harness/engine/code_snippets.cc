// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/code_snippets.hh"

#include "harness/engine/environment.hh"
#include "harness/engine/given_option.hh"
#include "harness/packet/text.hh"
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

// Our counters have their unit in the name and leave out whose they are; scripts know the names of
// struct tcp_info.
std::string_view name_in_tcp_info(std::string_view counter) {
  static constexpr struct {
    std::string_view counter, name;
  } kNames[] = {{"cwnd", "snd_cwnd"},     {"ssthresh", "snd_ssthresh"},
                {"srtt_us", "rtt"},       {"rttvar_us", "rttvar"},
                {"rto_us", "rto"},        {"ato_us", "ato"},
                {"min_rtt_us", "min_rtt"}};
  for (const auto& one : kNames) {
    if (one.counter == counter) return one.name;
  }
  return counter;
}

// Counters that are none of struct tcp_info.
bool has_own_name(std::string_view counter) {
  return counter.starts_with("SK_MEMINFO_") || counter.starts_with("bbr_") ||
         counter.starts_with("dctcp_") || counter.starts_with("tcpv_");
}

// As a literal of Python.
std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char one : text) {
    if (one == '\n') {
      out += "\\n";
    } else if (one == '\r') {
      out += "\\r";
    } else {
      if (one == '\'' || one == '\\') out += '\\';
      out += one;
    }
  }
  return out + "'";
}

// The line of the innermost snippet that a report of Python names; 0: it names none.
std::uint32_t line_of_failure(const std::string& report, std::string_view file) {
  const std::string mark = packet::joined({"File \"", file, "\", line "});
  const std::size_t at = report.rfind(mark);
  if (at == std::string::npos) return 0;
  std::uint32_t line = 0;
  for (std::size_t i = at + mark.size(); i < report.size(); ++i) {
    if (report[i] < '0' || report[i] > '9' || line > 1'000'000) break;
    line = line * 10 + static_cast<std::uint32_t>(report[i] - '0');
  }
  return line;
}

int linux_number(targets::TcpState state) {
  switch (state) {
    case targets::TcpState::established: return 1;
    case targets::TcpState::syn_sent: return 2;
    case targets::TcpState::syn_received: return 3;
    case targets::TcpState::fin_wait_1: return 4;
    case targets::TcpState::fin_wait_2: return 5;
    case targets::TcpState::time_wait: return 6;
    case targets::TcpState::closed: return 7;
    case targets::TcpState::close_wait: return 8;
    case targets::TcpState::last_ack: return 9;
    case targets::TcpState::listen: return 10;
    case targets::TcpState::closing: return 11;
  }
  return 0;
}

}  // namespace

std::string ending_of(const targets::PosixCalls::ShellOutcome& outcome) {
  if (outcome.timed_out) return "still running after eight seconds, and killed";
  return "exit status " + std::to_string(outcome.status);
}

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t before = output.rfind('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return output.substr(begin, end + 1 - begin);
}

std::map<std::string, std::int64_t> CodeSnippets::counters() {
  std::map<std::string, std::int64_t> all;
  Socket* const socket = calls_.last_stream();
  if (socket == nullptr || !socket->open) return all;
  const auto status = session_.target.tcp_status(socket->live);
  if (!status.ok()) return all;
  const auto add = [&all](std::string_view counter, std::int64_t value) {
    all[packet::joined({has_own_name(counter) ? "" : "tcpi_", name_in_tcp_info(counter)})] = value;
  };
  for (const auto& [name, value] : status->counters) add(name, value);
  if (status->state.has_value()) add("state", linux_number(*status->state));
  return all;
}

// As Python would have it, but for when it is said: at the time of the snippet, not at the end.
void CodeSnippets::read(const script::Event& event, const script::Code& code) {
  static constexpr std::string_view kNumbers[] = {
      "TCP_ESTABLISHED", "TCP_SYN_SENT",  "TCP_SYN_RECV", "TCP_FIN_WAIT1",
      "TCP_FIN_WAIT2",   "TCP_TIME_WAIT", "TCP_CLOSE",    "TCP_CLOSE_WAIT",
      "TCP_LAST_ACK",    "TCP_LISTEN",    "TCP_CLOSING"};
  static constexpr std::string_view kStates[] = {"TCP_CA_Open", "TCP_CA_Disorder", "TCP_CA_CWR",
                                                 "TCP_CA_Recovery", "TCP_CA_Loss"};
  static constexpr std::string_view kOptions[] = {
      "TCPI_OPT_TIMESTAMPS", "TCPI_OPT_SACK",     "TCPI_OPT_WSCALE",  "TCPI_OPT_ECN",
      "TCPI_OPT_ECN_SEEN",   "TCPI_OPT_SYN_DATA", "TCPI_OPT_USEC_TS", "TCPI_OPT_TFO_CHILD"};
  for (std::size_t i = 0; i < std::size(kNumbers); ++i) {
    reader_.set(kNumbers[i], static_cast<std::int64_t>(i + 1));
  }
  for (std::size_t i = 0; i < std::size(kStates); ++i) {
    reader_.set(kStates[i], static_cast<std::int64_t>(i));
  }
  for (std::size_t i = 0; i < std::size(kOptions); ++i) {
    reader_.set(kOptions[i], std::int64_t{1} << i);
  }
  for (const auto& [name, value] : counters()) reader_.set(name, value);

  const SnippetOutcome outcome = reader_.run(code.text);
  script::Location where = event.where;
  if (outcome.line > 0) where.line += outcome.line - 1;
  switch (outcome.kind) {
    case SnippetOutcome::Kind::holds: return session_.pass();
    case SnippetOutcome::Kind::failed:
      return session_.fail(where, "%{ }% holds", outcome.text,
                           {{std::string(kCodeField), "true", outcome.text}});
    case SnippetOutcome::Kind::unknown_name:
      return session_.unsupported(where, "this target does not tell " + outcome.text);
    case SnippetOutcome::Kind::not_understood:
      return session_.unsupported(where, "this target runs no Python, and " + outcome.text +
                                             " of a snippet is beyond what is read without");
  }
}

void CodeSnippets::add(const script::Event& event, const script::Code& code) {
  if (session_.target.posix() == nullptr) {
    if (session_.target.traits().has("tcp_info")) return read(event, code);
    return session_.unsupported(event.where, "this target runs no code snippets (%{ }%)");
  }
  for (const auto& [name, value] : counters()) {
    program_ += packet::joined({name, "=", std::to_string(value), "\n"});
  }
  events_.push_back(&event);
  // As if it stood in a file of its own, at its line: that is where Python says what went wrong.
  const std::string name(session_.script.file_of(event.where));
  program_ += packet::joined({"exec(compile('\\n'*", std::to_string(event.where.line - 1), "+",
                              literal(code.text + "\n"), ",", literal(name), ",'exec'))\n"});
}

void CodeSnippets::run() {
  if (events_.empty() || session_.over()) return;
  const std::string command(
      given_option(session_.script, session_.options, "code_command", "python3"));
  std::string to_its_folder;
  if (const std::string& folder = session_.options.folder; !folder.empty()) {
    to_its_folder = packet::joined({"__import__('os').chdir(", literal(folder), ")\n"});
  }
  const auto outcome =
      session_.target.posix()->interpret(command, kConstants + to_its_folder + program_);
  script::Location where = events_.front()->where;
  if (!outcome.ok()) return session_.unsupported(where, outcome.error());
  if (outcome->status == 0) return session_.pass();
  if (outcome->status == 126 || outcome->status == 127) {
    const auto lack = missing_from_environment(command, *outcome);
    return session_.unsupported(where, lack.value_or("Python cannot be run"));
  }
  const std::uint32_t line = line_of_failure(outcome->output, session_.script.file_of(where));
  if (line != 0) where.line = line;
  const std::string last = last_line(outcome->output);
  if (last.starts_with("ModuleNotFoundError")) {
    return session_.unsupported(where, "a module of Python is missing (" + last + ")");
  }
  const std::string ending = ending_of(*outcome);
  session_.fail(where, "%{ }% holds", last.empty() || outcome->timed_out ? ending : last,
                {{std::string(kCodeField), "exit status 0", ending}});
}

}  // namespace packetwright::engine
