// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/agent.hh"

#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "harness/targets/agent/table.hh"

namespace packetwright::agent {
namespace {

std::int64_t host_clock() {
  return std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

}  // namespace

Result<std::unique_ptr<Agent>, std::string> Agent::open(const Place& place, Duration limit) {
  return open([place](Duration time) { return Connection::open(place, time); },
              place.command.empty() ? "tcp" : "pipe", limit);
}

Result<std::unique_ptr<Agent>, std::string> Agent::open(Opener opener, std::string_view medium,
                                                        Duration limit) {
  std::unique_ptr<Agent> agent{new Agent{std::move(opener), medium, limit}};
  auto hello = agent->greet();
  if (!hello) return Err{hello.error().log};
  agent->hello_ = std::move(*hello);
  agent->table_ = table_of(agent->hello_);
  if (const auto checked = plugin::check(agent->table_); !checked) {
    return Err{"the agent " + checked.error()};
  }
  return agent;
}

Result<Hello, targets::Death> Agent::greet() {
  auto connection = opener_(limit_);
  if (!connection) return Err{targets::Death{0, connection.error()}};
  connection_.emplace(std::move(*connection));
  death_.reset();
  request_.clear();
  begin(Operation::hello).u16(kProtocolVersion);
  const std::int64_t result = ask();
  if (death_) return Err{*death_};
  const auto hello = read_hello(more_);
  if (result < 0 || !hello) {
    static_cast<void>(break_off("answered it with what does not belong there"));
  } else if (hello->version != kProtocolVersion) {
    static_cast<void>(break_off("speaks version " + std::to_string(hello->version) +
                                " of the protocol, and this program version " +
                                std::to_string(kProtocolVersion)));
  }
  if (death_) return Err{*death_};
  return *hello;
}

Result<bool, targets::ResetError> Agent::renew() {
  connection_.reset();
  auto hello = greet();
  if (!hello) return Err{targets::ResetError{hello.error().log, hello.error().unsupported}};
  hello_ = std::move(*hello);
  table_ = table_of(hello_);
  if (const auto checked = plugin::check(table_); !checked) {
    return Err{"the agent " + checked.error()};
  }
  return true;
}

bool Agent::start(const pw_host* host) {
  host_ = host;
  moved_to_ = 0;
  if (connection_) return true;
  auto hello = greet();
  if (!hello) {
    death_ = hello.error();
    return false;
  }
  if (*hello == hello_) return true;
  static_cast<void>(break_off("says something else of itself than the one before"));
  return false;
}

std::int64_t Agent::die(targets::Death death) {
  death_ = std::move(death);
  connection_.reset();
  more_ = {};
  return -EIO;
}

std::int64_t Agent::break_off(const std::string& how) {
  if (!connection_) return -EIO;
  return die(connection_->broken("broke its interface in " + asked_ + ": it " + how));
}

std::int64_t Agent::ask(Duration wait) {
  more_ = {};
  if (!connection_) {
    request_.clear();
    return -EIO;
  }
  const std::size_t operations = request_.operations().size();
  asked_ = name_of(request_.operations().back());
  clock_.reset();
  const auto answer = connection_->exchange(request_.finish(), asked_, limit_ + wait);
  request_.clear();
  if (!answer) return die(answer.error());
  clock_read_ = host_clock();
  const auto events = decode_answer(*answer, operations);
  if (!events) return die(connection_->broken("broke its interface: " + events.error()));
  std::int64_t result = 0;
  for (const Event& event : *events) {
    if (!deliver(event, result)) return -EIO;
  }
  if (result < std::numeric_limits<int>::min()) return break_off("returned no errno");
  return result;
}

bool Agent::deliver(const Event& event, std::int64_t& result) {
  if (const auto* frame = std::get_if<FrameSent>(&event)) {
    if (!plugin::keeps_time(table_) && frame->at > moved_to_) {
      static_cast<void>(break_off("sent a frame at " + std::to_string(frame->at) +
                                  " ns, when it was " + std::to_string(moved_to_) + " ns"));
      return false;
    }
    if (host_ == nullptr) return true;
    frame_at_ = frame->at;
    host_->send(host_->context, frame->octets.data(), frame->octets.size());
    frame_at_.reset();
  } else if (const auto* line = std::get_if<LogLine>(&event)) {
    if (host_ != nullptr) host_->log(host_->context, std::string{line->text}.c_str());
  } else if (const auto* one = std::get_if<OperationResult>(&event)) {
    result = one->value;
    more_ = one->more;
  } else if (const auto* clock = std::get_if<Clock>(&event)) {
    clock_ = *clock;
  }
  return true;
}

int Agent::ask_int() {
  const std::int64_t result = ask();
  if (result > std::numeric_limits<int>::max()) {
    return static_cast<int>(break_off("returned " + std::to_string(result)));
  }
  return static_cast<int>(result);
}

std::uint64_t Agent::ask_time(Operation operation) {
  begin(operation);
  std::uint64_t time = PW_NEVER;
  const std::int64_t result = read(ask(), [&](Reader& more) { time = more.u64(); });
  if (result < 0) static_cast<void>(break_off("failed"));
  return time;
}

std::uint64_t Agent::now() {
  if (frame_at_) return *frame_at_;
  if (!clock_) return ask_time(Operation::now);
  // On a real clock it is later by now; ours goes on as its does.
  const std::int64_t since = is_real_time() ? host_clock() - clock_read_ : 0;
  return clock_->now + static_cast<std::uint64_t>(since);
}

std::uint64_t Agent::next_timer() {
  return clock_ ? clock_->next_timer : ask_time(Operation::next_timer);
}

}  // namespace packetwright::agent
