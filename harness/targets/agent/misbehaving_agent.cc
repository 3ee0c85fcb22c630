// SPDX-License-Identifier: Apache-2.0
// An agent for the tests of this folder that does one thing wrong: "FAULT" when it is given a
// frame, or "hello FAULT" when it is asked what it is. Without a fault it sends every frame back,
// and its one timer runs once a second. "clock" and "real" are agents that keep their time
// themselves.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kWithTimers = (1U << 27) - 1;
constexpr std::uint32_t kOwnTime = kWithTimers & ~(1U << 5) & ~(1U << 6);  // advance, next_timer

std::string fault;
std::string kind_of_clock;  // "", "clock" or "real"
bool at_hello = false;
std::uint64_t now_ns = 0;
std::string answer;

std::string number(std::uint64_t value, int width) {
  std::string octets;
  for (int i = width - 1; i >= 0; --i) octets += static_cast<char>(value >> (8 * i));
  return octets;
}
std::uint64_t number(std::string_view octets) {
  std::uint64_t value = 0;
  for (const char octet : octets) value = value << 8 | static_cast<unsigned char>(octet);
  return value;
}
std::string text(const std::string& value) {
  return number(value.size(), 2) + value;
}
std::string address(int family, char first) {
  std::string octets(16, '\0');
  octets[0] = first;
  return number(static_cast<std::uint64_t>(family), 1) + octets;
}

void record(int kind, const std::string& octets) {
  answer += number(static_cast<std::uint64_t>(kind), 1) + number(octets.size(), 4) + octets;
}
void result(std::int64_t value, const std::string& more = {}) {
  record(128, number(static_cast<std::uint64_t>(value), 8) + more);
}
void frame(std::uint64_t at, std::string_view octets) {
  record(129, number(at, 8) + std::string{octets});
}
void clock_record() {
  record(131, number(now_ns, 8) + number((now_ns / kSecond + 1) * kSecond, 8));
}

bool read_all(std::string& octets, std::size_t count) {
  octets.resize(count);
  std::size_t have = 0;
  while (have < count) {
    const ssize_t got = read(STDIN_FILENO, octets.data() + have, count - have);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}
void write_all(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t put = write(STDOUT_FILENO, octets.data(), octets.size());
    if (put <= 0) _exit(0);
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
}

[[noreturn]] void stay() {
  while (true) pause();
}

// What is wrong and cannot be said by a message that is whole.
void misbehave() {
  if (fault.starts_with("exit_")) std::exit(std::atoi(fault.c_str() + 5));
  if (fault == "words") {
    std::fprintf(stderr, "one\nassertion failed: two\n");
    std::exit(3);
  }
  if (fault == "signal") raise(SIGSEGV);
  if (fault == "silent") stay();
  if (fault == "closes") {
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    stay();
  }
  if (fault == "half") {
    write_all(number(100, 4) + "half");
    std::exit(0);
  }
  if (fault == "announces") {
    write_all(number(0x01000001, 4));
    stay();
  }
  if (fault == "behind") {
    result(0);
    write_all(number(answer.size(), 4) + answer + "behind");
    stay();
  }
  if (fault == "floods") {
    const std::string line(4095, 'x');
    while (true) std::fprintf(stderr, "%s\n", line.c_str());
  }
}

// What is wrong in a message. False: nothing is.
bool answer_wrongly(std::string_view octets) {
  if (fault == "kind") {
    record(77, "");
  } else if (fault == "record") {
    answer += number(128, 1) + number(1000, 4) + number(0, 8);
  } else if (fault == "half_record") {
    answer += "abc";
  } else if (fault == "short_result") {
    record(128, number(0, 4));
  } else if (fault == "no_result") {
    frame(now_ns, octets);
  } else if (fault == "two_results") {
    result(0);
    result(0);
  } else if (fault == "behind_clock") {
    clock_record();
    result(0);
  } else if (fault == "more") {
    result(0, "more");
  } else if (fault == "errno") {
    result(-22);
  } else if (fault == "future") {
    frame(now_ns + 1, octets);
    result(0);
  } else {
    return false;
  }
  return true;
}

void hello() {
  const bool real = kind_of_clock == "real";
  const std::uint32_t operations = kind_of_clock.empty() ? kWithTimers : kOwnTime;
  const bool wrong = at_hello && !fault.empty();
  result(wrong && fault == "hello_errno" ? -22 : 0,
         number(wrong && fault == "version" ? 2 : 1, 2) +
             number(wrong && fault == "flags" ? 64
                    : real                    ? 2
                                              : 0,
                    4) +
             number(0, 8) + number(real ? kSecond : 0, 8) +
             number(wrong && fault == "operations" ? 1 : operations, 4) +
             text(wrong && fault == "zero" ? std::string("a\0b", 3) : "misbehaving") + text("7") +
             text("udp ipv4") + (wrong && fault == "longer" ? "?" : ""));
}

void inject(std::string_view octets) {
  if (!at_hello && !fault.empty()) misbehave();
  if (!at_hello && answer_wrongly(octets)) return;
  if (fault == "talks") record(130, "a frame is here");
  frame(now_ns, octets);
  result(0);
}

void read_socket(std::size_t count) {
  const std::string from = address(fault == "bad_address" ? 9 : 4, 10) + number(7, 2);
  if (fault == "long_read")
    return result(static_cast<std::int64_t>(count) + 1,
                  number(0, 4) + from + std::string(count + 1, 'r'));
  if (fault == "lying_read") return result(10, number(0, 4) + from + "five.");
  if (fault == "half_read") return result(10, number(0, 2));
  result(static_cast<std::int64_t>(count), number(2, 4) + from + std::string(count, 'r'));
}

void perform(int kind, std::string_view octets) {
  const auto at = [&](std::size_t offset, std::size_t width) {
    return number(octets.substr(offset, width));
  };
  switch (kind) {
    case 0: return hello();
    case 1:
    case 4: {
      now_ns = 0;
      if (fault == "refuses") return result(-95, "there is no such knob");
      return result(0);
    }
    case 3: return inject(octets);
    case 5: {
      now_ns = at(0, 8);
      if (now_ns % kSecond == 0) frame(now_ns, "tick");
      return result(0);
    }
    case 6: return result(0, number((now_ns / kSecond + 1) * kSecond, 8));
    case 7: return result(0, number(now_ns, 8));
    case 8: {
      // A frame half way.
      const std::uint64_t until = at(0, 8);
      now_ns += (until - now_ns) / 2 + 1;
      frame(now_ns, "half way");
      return result(0);
    }
    case 9:
      return result(fault == "large"     ? std::int64_t{1} << 40
                    : fault == "strange" ? -(std::int64_t{1} << 40)
                                         : getpid());
    case 12: return result(1, address(fault == "bad_address" ? 9 : 4, 10) + number(7, 2));
    case 14: return read_socket(at(4, 4));
    case 15: return result(static_cast<std::int64_t>(octets.size() - 27));
    case 19: return result(0, number(static_cast<std::uint64_t>(std::int64_t{-5}), 8));
    case 20: return result(17);
    case 21: return result(0, address(6, 32) + number(9, 2));
    case 22: {
      std::string status = number(5, 1) + number(fault == "many_counters" ? 33 : 1, 2);
      for (int i = fault == "many_counters" ? 33 : 1; i > 0; --i)
        status += text("cwnd") + number(10, 8);
      if (fault == "half_status") status.pop_back();
      return result(0, status);
    }
    case 25: return result(fault == "lying_addresses" ? 3 : 2, address(4, 1) + address(6, 32));
    case 26: return result(11, "no sockets\n");
    default: return result(kind < 27 ? 0 : -95);
  }
}

void serve() {
  std::string message, length;
  while (read_all(length, 4) && read_all(message, number(length))) {
    answer.clear();
    for (std::string_view rest = message; rest.size() >= 5;) {
      const std::size_t size = number(rest.substr(1, 4));
      perform(static_cast<unsigned char>(rest[0]), rest.substr(5, size));
      rest.remove_prefix(5 + size);
    }
    if (!kind_of_clock.empty()) record(131, number(now_ns, 8) + number(UINT64_MAX, 8));
    write_all(number(answer.size(), 4) + answer);
    if (fault == "unasked" && !message.empty() && message[0] == 3) write_all("unasked");
  }
}

}  // namespace

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "hello") {
      at_hello = true;
    } else if (word == "clock" || word == "real") {
      kind_of_clock = word;
    } else {
      fault = word;
    }
  }
  if (at_hello) misbehave();
  serve();
  // What is asked to end and does not.
  if (fault == "stays") stay();
}
