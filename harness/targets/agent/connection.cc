// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/connection.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <span>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/agent/message.hh"
#include "harness/targets/linux/warden.hh"

namespace packetwright::agent {
namespace {

using linux_stack::TimeLimit;
using linux_stack::UniqueFd;
using linux_stack::Warden;

constexpr int kNotImplemented = 89;
constexpr int kSignalBase = 128;  // of the status of a command that a signal killed
constexpr std::size_t kLastWords = 4096;
constexpr std::size_t kMostSaid = std::size_t{16} << 20;
// For what has lost its stream, or is asked to end, to do so.
constexpr Duration kPatience = std::chrono::milliseconds{500};
// For the status of one that has closed its stream.
constexpr Duration kPatienceForStatus = std::chrono::seconds{2};

std::string error_text(const char* what, int error) {
  return std::string{what} + ": " + std::strerror(error);
}

std::string seconds(Duration time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(1000 + ms % 1000).substr(1);
  return text + " s";
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 0, or the errno of a connection that could not be made in time.
int connect_within(int socket, const addrinfo& address, const TimeLimit& until) {
  if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd one{socket, POLLOUT, 0};
  while (poll(&one, 1, until.left_ms()) < 0 && errno == EINTR) {
  }
  if (one.revents == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

class Command final : public Process {
 public:
  explicit Command(Warden warden) : warden_(std::move(warden)) {}
  [[nodiscard]] int fd() const noexcept override { return warden_.fd(); }
  [[nodiscard]] std::optional<int> status() override { return warden_.status(); }
  void end() override { warden_.end(); }

 private:
  Warden warden_;
};

// As read() and write(), of a socket or of a descriptor that does not block.
ssize_t take(int stream, std::span<std::uint8_t> octets) {
  const ssize_t got = ::recv(stream, octets.data(), octets.size(), MSG_DONTWAIT);
  return got < 0 && errno == ENOTSOCK ? ::read(stream, octets.data(), octets.size()) : got;
}
ssize_t give(int stream, Bytes octets) {
  const ssize_t sent = ::send(stream, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 && errno == ENOTSOCK ? ::write(stream, octets.data(), octets.size()) : sent;
}

}  // namespace

Place place_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && colon > 0 && is_number(text.substr(colon + 1)) &&
      text.find_first_of(" \t\n/") == std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
      host = host.substr(1, host.size() - 2);
    }
    return {{}, std::string{host}, std::string{text.substr(colon + 1)}};
  }
  return {std::string{text}, {}, {}};
}

Result<Connection, std::string> Connection::open(const Place& place, Duration limit) {
  return place.command.empty() ? dial(place, limit) : start(place.command);
}

Result<Connection, std::string> Connection::start(const std::string& command) {
  std::array<int, 2> stream{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream.data()) != 0) {
    return Err{error_text("socketpair", errno)};
  }
  Connection made;
  made.stream_ = UniqueFd{stream[0]};
  const UniqueFd its_stream{stream[1]};
  std::array<int, 2> errors{};
  if (pipe2(errors.data(), O_CLOEXEC) != 0) return Err{error_text("pipe", errno)};
  made.errors_ = UniqueFd{errors[0]};
  const UniqueFd its_errors{errors[1]};
  fcntl(made.errors_.get(), F_SETFL, O_NONBLOCK);
  Warden::Streams streams;
  streams.input = streams.output = its_stream.get();
  streams.error = its_errors.get();
  auto warden = Warden::start(command, streams, Warden::Memory::as_is);
  if (!warden) return Err{warden.error()};
  made.process_ = std::make_unique<Command>(std::move(*warden));
  return made;
}

Result<Connection, std::string> Connection::dial(const Place& place, Duration limit) {
  const std::string where = place.host + " port " + place.port;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &list)) {
    return Err{"no agent at " + where + ": " + gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{list, freeaddrinfo};
  const TimeLimit until{limit};
  int error = ETIMEDOUT;
  for (const addrinfo* one = list; one != nullptr && !until.passed(); one = one->ai_next) {
    UniqueFd socket{::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) continue;
    error = connect_within(socket.get(), *one, until);
    if (error != 0) continue;
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection made;
    made.stream_ = std::move(socket);
    return made;
  }
  return Err{"no agent at " + where + ": " + std::strerror(error)};
}

Connection::~Connection() {
  if (!stream_) return;
  stream_.reset();
  if (!process_) return;
  const TimeLimit patience{broken_ ? Duration{} : kPatience};
  while (process_->ends_with_its_stream() && !process_->status() && !patience.passed()) {
    std::array<pollfd, 2> both{{{process_->fd(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
    poll(both.data(), both.size(), patience.left_ms());
    hear();
  }
  process_->end();
}

bool Connection::hear() {
  std::array<char, 65536> chunk;
  const ssize_t got = errors_ ? ::read(errors_.get(), chunk.data(), chunk.size()) : -1;
  if (got == 0) errors_.reset();
  if (got <= 0) return false;
  const auto size = static_cast<std::size_t>(got);
  said_ += size;
  last_words_.append(chunk.data(), size);
  if (last_words_.size() > kLastWords) last_words_.erase(0, last_words_.size() - kLastWords);
  // It is the log of the case.
  static_cast<void>(!::write(STDERR_FILENO, chunk.data(), size));
  return true;
}

Result<void, int> Connection::receive() {
  std::array<std::uint8_t, 65536> chunk;
  const ssize_t got = take(stream_.get(), chunk);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (got < 0) return Err{errno};
  if (got == 0) return Err{0};
  inbox_.insert(inbox_.end(), chunk.begin(), chunk.begin() + got);
  return {};
}

Result<std::optional<std::size_t>, std::string> Connection::message_size() const {
  if (inbox_.size() < kLengthSize) return std::optional<std::size_t>{};
  const std::size_t length = load_be32(inbox_, 0);
  if (length > kLargestMessage) {
    return Err{"announced a message of " + std::to_string(length) + " octets, where " +
               std::to_string(kLargestMessage) + " are the most"};
  }
  const std::size_t size = kLengthSize + length;
  if (inbox_.size() < size) return std::optional<std::size_t>{};
  if (inbox_.size() > size) {
    return Err{"sent " + std::to_string(inbox_.size() - size) + " octets behind its answer"};
  }
  return std::optional{size};
}

Result<Bytes, targets::Death> Connection::exchange(Bytes message, std::string_view asked,
                                                   Duration limit) {
  inbox_.clear();
  said_ = 0;
  if (!receive()) return Err{gone(asked)};
  if (!inbox_.empty()) return Err{broken("spoke without being asked")};
  const TimeLimit until{limit};
  while (true) {
    const auto size = message_size();
    if (!size) return Err{broken("broke its interface: it " + size.error())};
    if (message.empty() && *size) return Bytes{inbox_}.subspan(kLengthSize);
    if (until.passed()) {
      return Err{broken("did not answer " + std::string{asked} + " within " + seconds(limit))};
    }
    const short writing = message.empty() ? short{0} : short{POLLOUT};
    std::array<pollfd, 2> both{
        {{stream_.get(), static_cast<short>(POLLIN | writing), 0}, {errors_.get(), POLLIN, 0}}};
    poll(both.data(), both.size(), until.left_ms());
    if (both[1].revents != 0) hear();
    if (said_ > kMostSaid) {
      return Err{broken("wrote more than " + std::to_string(kMostSaid >> 20) +
                        " MiB to standard error while it did " + std::string{asked})};
    }
    if ((both[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive()) {
      return Err{gone(asked)};
    }
    if ((both[0].revents & POLLOUT) != 0 && !message.empty()) {
      const ssize_t sent = give(stream_.get(), message);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return Err{gone(asked)};
      if (sent > 0) message = message.subspan(static_cast<std::size_t>(sent));
    }
  }
}

targets::Death Connection::gone(std::string_view asked) {
  const std::string when = " while it did " + std::string{asked};
  std::string cut;
  if (!inbox_.empty()) {
    cut = ", " + std::to_string(inbox_.size()) + " octets into its answer";
  }
  if (!process_) return broken("closed the connection" + when + cut);
  const TimeLimit patience{kPatienceForStatus};
  while (!process_->status() && !patience.passed()) {
    std::array<pollfd, 2> both{{{process_->fd(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
    poll(both.data(), both.size(), patience.left_ms());
    hear();
  }
  while (hear() && !patience.passed()) {
  }
  const std::optional<int> status = process_->status();
  if (!status) return broken("closed its stream" + when + cut + ", and runs on");
  targets::Death death;
  if (*status == kNotImplemented) {
    death.unsupported = true;
    death.log = "the agent does not implement what it was asked for (exit status 89 in " +
                std::string{asked} + ")";
  } else if (*status > kSignalBase) {
    death.signal = *status - kSignalBase;
    death.log = "the agent was killed by signal " + std::to_string(death.signal) + " (" +
                strsignal(death.signal) + ")" + when + cut;
  } else {
    death.log = "the agent left with exit status " + std::to_string(*status) + when + cut;
  }
  return with_last_words(std::move(death));
}

targets::Death Connection::broken(const std::string& cause) {
  broken_ = true;
  while (said_ <= kMostSaid && hear()) {
  }
  return with_last_words({0, "the agent " + cause});
}

targets::Death Connection::with_last_words(targets::Death death) const {
  std::string_view words = last_words_;
  // Where the first line lacks its beginning.
  if (words.size() == kLastWords)
    words.remove_prefix(std::min(words.find('\n'), words.size() - 1) + 1);
  while (!words.empty() && words.back() == '\n') words.remove_suffix(1);
  if (!words.empty()) death.log += "\n" + std::string{words};
  return death;
}

}  // namespace packetwright::agent
