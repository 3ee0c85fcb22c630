// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/unsupported.hh"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/engine/setting_commands.hh"
#include "harness/engine/snippet_reader.hh"
#include "harness/engine/symbols.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {
namespace {

using std::string_view_literals::operator""sv;

constexpr const char* kNoSctp = "SCTP is not supported";
constexpr const char* kNoPsp =
    "PSP is not supported: it is encrypted by a network device, and none is here";
constexpr const char* kNoEncapsulation = "TCP in UDP (RFC 6951) is not supported";

using Reason = std::optional<std::string>;

bool is_sctp(std::string_view symbol) {
  return symbol.starts_with("SCTP_") || symbol == "IPPROTO_SCTP" || symbol == "SOL_SCTP";
}

// The calls of both dialects of packetdrill, and those that we add. What begins with sctp_ or psp_
// is of theirs too.
constexpr std::array kCalls{
    "accept"sv,   "accept4"sv,      "bind"sv,      "cap_set"sv,    "close"sv,    "connect"sv,
    "dup"sv,      "epoll_create"sv, "epoll_ctl"sv, "epoll_wait"sv, "fcntl"sv,    "getsockopt"sv,
    "ioctl"sv,    "listen"sv,       "open"sv,      "pipe"sv,       "poll"sv,     "read"sv,
    "readv"sv,    "recv"sv,         "recvfrom"sv,  "recvmsg"sv,    "resolve"sv,  "send"sv,
    "sendfile"sv, "sendmsg"sv,      "sendto"sv,    "setsockopt"sv, "shutdown"sv, "socket"sv,
    "splice"sv,   "write"sv,        "writev"sv};

bool is_known(std::string_view call) {
  return call.starts_with("sctp_") || call.starts_with("psp_") ||
         std::find(kCalls.begin(), kCalls.end(), call) != kCalls.end();
}

class Search {
 public:
  Search(const RunOptions& options, targets::Target& target)
      : options_(options), target_(target), posix_(target.posix()) {}

  Reason operator()(const script::Packet& packet) const {
    if (packet.as<script::Sctp>() != nullptr) return kNoSctp;
    const auto* icmp = packet.as<script::Icmp>();
    if (icmp != nullptr && icmp->quote.has_value() &&
        std::holds_alternative<script::QuotedSctp>(*icmp->quote)) {
      return kNoSctp;
    }
    const auto* tcp = packet.as<script::Tcp>();
    if (tcp != nullptr && tcp->psp_spi.has_value()) return kNoPsp;
    if (tcp != nullptr && tcp->udp_encapsulation.has_value()) return kNoEncapsulation;
    return std::nullopt;
  }

  Reason operator()(const script::SystemCall& call) const {
    if (call.name.starts_with("sctp_")) return kNoSctp;
    if (call.name.starts_with("psp_")) return kNoPsp;
    for (const script::Expression& argument : call.arguments) {
      if (Reason reason = look_at(argument)) return reason;
    }
    if (call.error.empty()) return look_at(call.result);
    return symbol(call.error);
  }

  Reason operator()(const script::Command& command) const {
    if (posix_ != nullptr) return posix_->foreign_command(command.text);
    if (!target_.traits().has("sysctls")) return std::nullopt;
    const auto settings = settings_of_command(command.text, options_, target_);
    return settings ? std::nullopt : Reason{settings.error()};
  }

  Reason operator()(const script::Code& code) const {
    if (posix_ != nullptr || !target_.traits().has("tcp_info")) return std::nullopt;
    const auto objection = SnippetReader::objection(code.text);
    if (!objection) return std::nullopt;
    return "this target runs no Python, and " + objection->text +
           " of a snippet is beyond what is read without";
  }

  template <class Other>
  Reason operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  [[nodiscard]] Reason symbol(const std::string& name) const {
    if (is_sctp(name)) return kNoSctp;
    // Where there is no system to ask, options are known by name or not at all.
    if (posix_ == nullptr || symbol_value(name) || errno_value(name)) return std::nullopt;
    return posix_->foreign_symbol(name);
  }

  [[nodiscard]] Reason look_at(const script::Expression& expression) const {
    if (const auto* one = expression.as<script::Symbol>()) return symbol(one->name);
    const auto any_of = [this](const auto& list) -> Reason {
      for (const script::Expression& one : list) {
        if (Reason reason = look_at(one)) return reason;
      }
      return std::nullopt;
    };
    if (const auto* array = expression.as<script::Array>()) return any_of(array->elements);
    if (const auto* any = expression.as<script::AnyOf>()) return any_of(any->terms);
    if (const auto* assignment = expression.as<script::Assignment>()) {
      return any_of(assignment->value);
    }
    const auto* record = expression.as<script::Struct>();
    if (record == nullptr) return std::nullopt;
    for (const script::Member& member : record->members) {
      if (Reason reason = look_at(member.value)) return reason;
    }
    return std::nullopt;
  }

  const RunOptions& options_;
  targets::Target& target_;
  targets::PosixCalls* posix_;
};

// Where there is no system, what a script has set stays set until it is over.
bool puts_back(const script::Command& command, const RunOptions& options, targets::Target& target) {
  if (target.posix() != nullptr) return false;
  const auto settings = settings_of_command(command.text, options, target);
  return settings && std::any_of(settings->begin(), settings->end(), [](const HostSetting& one) {
           return one.kind == HostSetting::Kind::put_back;
         });
}

}  // namespace

std::optional<Lack> unknown_call(const script::Script& script) {
  for (const script::Event& event : script.events) {
    const auto* call = event.as<script::SystemCall>();
    if (call == nullptr || is_known(call->name)) continue;
    return Lack{"there is no system call " + call->name + "()", event.where};
  }
  return std::nullopt;
}

std::optional<Lack> unsupported_part(const script::Script& script, const RunOptions& options,
                                     targets::Target& target) {
  const Search search(options, target);
  const auto look_at = [&](const script::Event& event) -> std::optional<Lack> {
    Reason reason = std::visit(search, event.action);
    if (!reason.has_value()) return std::nullopt;
    return Lack{std::move(*reason), event.where};
  };
  if (script.init.has_value()) {
    if (auto lack = look_at(*script.init)) return lack;
  }
  std::optional<script::Location> put_back;
  for (const script::Event& event : script.events) {
    if (auto lack = look_at(event)) return lack;
    const auto* command = event.as<script::Command>();
    if (command != nullptr && puts_back(*command, options, target)) put_back = event.where;
    if (put_back && command == nullptr && event.as<script::Code>() == nullptr) {
      return Lack{"this target can put settings back at the end of a script only", *put_back};
    }
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
