// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/environment.hh"

#include <algorithm>
#include <cerrno>

#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

// "X" of "...: X: not found" and of "X: command not found".
std::string missing_tool(std::string_view line) {
  const std::size_t end = std::min(line.rfind(": not found"), line.rfind(": command not found"));
  if (end == std::string_view::npos) return {};
  const std::string_view before = line.substr(0, end);
  const std::size_t colon = before.rfind(": ");
  return std::string(colon == std::string_view::npos ? before : before.substr(colon + 2));
}

// The word behind `mark` in a command: the name of a queueing discipline behind "root".
std::string word_behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = trimmed(text.substr(at + mark.size()));
  return std::string(rest.substr(0, rest.find_first_of(" \t\n;|&>")));
}

std::string with(const std::string& what, std::string_view line) {
  return what + " (" + std::string(line) + ")";
}

std::optional<std::string> judge_line(std::string_view command, std::string_view line) {
  const bool not_permitted = contains(line, "Operation not permitted") ||
                             contains(line, "permission denied") ||
                             contains(line, "Permission denied");
  if (line.starts_with("sysctl:")) {
    if (contains(line, "cannot stat")) return with("this system has no such setting", line);
    if (not_permitted) return with("a setting is not permitted here", line);
    // The name of something that is not there was written: a congestion control, say.
    if (contains(line, "No such file or directory") || contains(line, "Invalid argument")) {
      return with("this system does not have what a setting names", line);
    }
    return std::nullopt;
  }
  if (contains(line, "qdisc") && (contains(line, "unknown") || contains(line, "not found"))) {
    const std::string name = word_behind(command, " root ");
    const std::string what =
        "this kernel has no queueing discipline" + (name.empty() ? "" : " " + name);
    return with(what, line);
  }
  if (contains(line, "/proc/sys/") && contains(line, "No such file or directory")) {
    return with("this system has no such setting", line);
  }
  if (contains(line, "ModuleNotFoundError")) return with("a module of Python is missing", line);
  if (not_permitted) return with("a command is not permitted what it asks for", line);
  if (contains(line, "Operation not supported") || contains(line, "Unknown device type")) {
    return with("this system does not support what a command asks for", line);
  }
  if (const std::string tool = missing_tool(line); !tool.empty()) {
    return "the tool " + tool + " is missing";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> missing_from_environment(
    std::string_view command, const targets::PosixCalls::ShellOutcome& outcome) {
  std::string_view rest = outcome.output;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (auto lack = judge_line(command, trimmed(rest.substr(0, end)))) return lack;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (outcome.status == 126) return std::string("a command may not be executed");
  if (outcome.status == 127) return std::string("a command does not exist");
  return std::nullopt;
}

std::optional<std::string> missing_for_call(const script::SystemCall& call, int error) {
  const std::string name = call.name + "()";
  const bool option = call.name == "setsockopt" || call.name == "getsockopt";
  if (call.name == "setsockopt" && call.arguments.size() > 3) {
    const auto* algorithm = call.arguments[3].as<script::Text>();
    if (script::print_expression(call.arguments[2]) == "TCP_CONGESTION" && algorithm != nullptr) {
      if (error == ENOENT) return "this kernel has no congestion control " + algorithm->octets;
      if (error == EPERM) {
        return "congestion control " + algorithm->octets + " is not permitted here";
      }
    }
  }
  if (option && error == ENOPROTOOPT && call.arguments.size() > 2) {
    return "this system has no socket option " + script::print_expression(call.arguments[2]);
  }
  if (call.name == "socket" && (error == EPROTONOSUPPORT || error == EAFNOSUPPORT)) {
    return std::string("this system has no such protocol: socket() fails with ") +
           std::string(error == EAFNOSUPPORT ? "EAFNOSUPPORT" : "EPROTONOSUPPORT");
  }
  if (error == EMFILE || error == ENFILE) {
    return name + " fails for want of descriptors (see ulimit -n)";
  }
  // Elsewhere it may be what the stack makes of a packet.
  if ((option || call.name == "socket" || call.name == "open") && error == EPERM) {
    return name + " is not permitted here what it asks for";
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
