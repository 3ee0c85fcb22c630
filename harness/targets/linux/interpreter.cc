// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/interpreter.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/linux/output_tail.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::linux_stack {
namespace {

using ShellOutcome = targets::PosixCalls::ShellOutcome;

// Its standard input is a socket. A request is the size of a program (eight octets) with two
// descriptors - where the program writes, and the namespace that it runs in - and then the program;
// the answer is the exit status as a shell tells it, in a line. The fork that runs a program leaves
// the loop and ends as any main program does: with its threads, its report, its status.
constexpr const char* kServer = R"(
import os, socket, sys
try:
    setns = os.setns
except AttributeError:
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    def setns(fd, kind):
        if libc.setns(fd, kind):
            raise OSError(ctypes.get_errno(), "setns")
def namespace(file):
    return os.stat(file).st_ino
requests = socket.socket(fileno=os.dup(0))
requests.sendall(b"ready\n")
while True:
    size, files, _, _ = socket.recv_fds(requests, 8, 2)
    size, program = int.from_bytes(size, "little"), bytearray()
    while len(program) < size:
        part = requests.recv(size - len(program))
        program += part
        if not part:
            os._exit(0)
    if len(files) < 2:
        os._exit(0)
    child = os.fork()
    if child == 0:
        break
    for file in files:
        os.close(file)
    status = os.waitpid(child, 0)[1]
    status = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    requests.sendall(b"%d\n" % status)
requests.close()
os.setpgid(0, 0)
if namespace(files[1]) != namespace("/proc/self/ns/net"):
    setns(files[1], 0)
nothing = os.open(os.devnull, os.O_RDONLY)
for file, place in (nothing, 0), (files[0], 1), (files[0], 2):
    os.dup2(file, place)
for file in files + [nothing]:
    os.close(file)
exec(compile(bytes(program), "<string>", "exec"), {"__name__": "__main__"})
)";

// Reads up to a line's end. Empty: it did not come in time, or the other side is gone.
std::string read_line(int socket, const TimeLimit& until, OutputTail* output) {
  std::string line;
  while (!until.passed()) {
    std::array<pollfd, 2> both{{{socket, POLLIN, 0}, {output ? output->reading() : -1, POLLIN, 0}}};
    poll(both.data(), both.size(), until.left_ms());
    if (output != nullptr) output->read_some();
    if (both[0].revents == 0) continue;
    char one = 0;
    const ssize_t got = recv(socket, &one, 1, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    if (one == '\n') return line;
    line += one;
  }
  return {};
}

bool send_all(int socket, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t sent = send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

bool Interpreter::make_ready(const std::string& command, Duration limit) {
  if (ready_ && ready_->command == command && !ready_->warden.status()) return true;
  ready_.reset();
  if (unfit_.contains(command)) return false;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  UniqueFd ours{ends[0]};
  UniqueFd its{ends[1]};
  auto warden =
      Warden::start(command + " -c " + targets::shell_quoted(kServer), {its.get(), -1, -1});
  if (!warden) return false;
  its.reset();
  const TimeLimit until{limit};
  if (read_line(ours.get(), until, nullptr) != "ready") {
    // A busy machine says nothing about the command.
    if (!until.passed()) unfit_.insert(command);
    return false;
  }
  ready_.emplace(Ready{command, std::move(*warden), std::move(ours)});
  return true;
}

bool Interpreter::ask(std::string_view program, int output) const {
  const UniqueFd here{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!here) return false;
  const std::uint64_t size = program.size();
  std::array<char, sizeof size> head;
  for (std::size_t i = 0; i < head.size(); ++i) head[i] = static_cast<char>(size >> (8 * i));
  const std::array<int, 2> files{output, here.get()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof files)> control{};
  iovec part{head.data(), head.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const item = CMSG_FIRSTHDR(&message);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(sizeof files);
  std::memcpy(CMSG_DATA(item), files.data(), sizeof files);
  const ssize_t sent = sendmsg(ready_->socket.get(), &message, MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(head.size()) && send_all(ready_->socket.get(), program);
}

std::optional<ShellOutcome> Interpreter::run(const std::string& command, std::string_view program,
                                             Duration limit) {
  if (!make_ready(command, limit)) return std::nullopt;
  auto output = OutputTail::open();
  if (!output || !ask(program, output->writing())) {
    ready_.reset();
    return std::nullopt;
  }
  output->close_writing();
  const TimeLimit until{limit};
  const std::string status = read_line(ready_->socket.get(), until, &*output);
  ShellOutcome outcome;
  outcome.timed_out = status.empty() && until.passed();
  outcome.status = kStatusOfKilled;
  std::from_chars(status.data(), status.data() + status.size(), outcome.status);
  // What hangs, or took the interpreter with it, ends with all that is left; the next one is new.
  if (status.empty() || !ready_->warden.sweep()) ready_.reset();
  while (output->read_some()) {
  }
  outcome.output = output->take();
  return outcome;
}

}  // namespace packetwright::linux_stack
