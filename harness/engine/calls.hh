// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/session.hh"
#include "harness/script/tree.hh"
#include "harness/targets/posix_calls.hh"
namespace packetwright::engine {

// A descriptor of the script and what is known of it.
struct Socket {
  targets::Fd live = -1;
  bool is_socket = true;  // else something that only PosixCalls know, an epoll instance say
  targets::SocketType type = targets::SocketType::stream;
  targets::Domain domain = targets::Domain::inet;
  bool nonblocking = false;
  bool listening = false;
  bool open = true;
  bool connecting = false;  // the target was asked to send a SYN from it
  Connection* connection = nullptr;
  std::uint64_t written = 0;  // octets of the stream so far
  std::uint64_t read = 0;
};

// One try at a system call.
struct Attempt {
  enum class Kind : std::uint8_t {
    done,
    blocked,      // ask again after a frame or a timer
    unsupported,  // the target does not have it; `reason`
    wrong,        // the script makes no sense; `reason`
  };
  Kind kind = Kind::done;
  std::int64_t value = 0;
  int error = 0;  // errno, with value -1
  std::string reason;
  std::vector<FieldDifference> fields;  // what the call wrote and the script says otherwise
  std::vector<IpAddress> addresses;     // resolve()

  static Attempt done(std::int64_t value) { return {Kind::done, value, 0, {}, {}, {}}; }
  static Attempt failed(int error) { return {Kind::done, -1, error, {}, {}, {}}; }
  static Attempt blocked() { return {Kind::blocked, 0, 0, {}, {}, {}}; }
  static Attempt unsupported(std::string reason) {
    return {Kind::unsupported, 0, 0, std::move(reason), {}, {}};
  }
  static Attempt wrong(std::string reason) {
    return {Kind::wrong, 0, 0, std::move(reason), {}, {}};
  }
};

// What a call that blocks has done so far.
struct Progress {
  std::size_t written = 0;
  Buffer received;
  bool started = false;  // connect(), resolve(), and calls of PosixCalls
  int token = 0;
  Instant began;
};

// The system calls of a script. The target's own calls never block; a blocking call is one that is
// asked again and again, at every stop on the way through time, until it has something to say.
class Calls {
 public:
  explicit Calls(Session& session) : session_(session) {}

  // Makes the call of an event, at its time. One with an end (`+0...0.1`) may stay pending.
  void run(const script::Event& event, const script::SystemCall& call, const Window& window);

  // Asks the pending call again. False: nothing changed.
  bool retry();
  [[nodiscard]] bool pending() const noexcept { return pending_.has_value(); }
  // The script is over: what still blocks has until its time to return.
  void finish();

  // The descriptor of that number, closed ones too; nullptr: there never was one.
  [[nodiscard]] Socket* find(std::int64_t fd);
  // The stream socket that was opened last and does not listen; nullptr: none.
  [[nodiscard]] Socket* last_stream();
  [[nodiscard]] Socket* of_connection(const Connection& connection);
  [[nodiscard]] Connection* connection_of(Socket& socket);
  // Whether `live` means this descriptor only, and not one that took its number later.
  [[nodiscard]] bool is_current(const Socket& socket) const;

 private:
  struct Pending {
    const script::Event* event;
    const script::SystemCall* call;
    Window end;
    Progress progress;
  };
  using Arguments = const script::SystemCall&;
  using Handler = Attempt (Calls::*)(Arguments, Progress&);
  // The call is to sleep in the target's own system rather than be asked again and again.
  [[nodiscard]] bool blocks_for_real(Arguments call) const;
  [[nodiscard]] static Handler handler_of(std::string_view name) noexcept;
  [[nodiscard]] Attempt attempt(Arguments call, Progress& progress);
  void complete(const script::Event& event, Arguments call, const Attempt& attempt,
                const Window* end);
  void compare_result(Arguments call, const Attempt& attempt, std::vector<FieldDifference>& fields);
  [[nodiscard]] bool settle(const script::Event& event, const Attempt& attempt);

  // The socket of an argument, or why there is none.
  [[nodiscard]] Result<Socket*, Attempt> socket_at(Arguments call, std::size_t index);
  [[nodiscard]] Result<std::int64_t, Attempt> integer_at(Arguments call, std::size_t index);
  // An address argument: `...` is `otherwise`.
  [[nodiscard]] Result<Endpoint, Attempt> address_at(Arguments call, std::size_t index,
                                                     const Endpoint& otherwise,
                                                     const Socket& socket);
  [[nodiscard]] Result<Endpoint, Attempt> address_of(Arguments call,
                                                     const script::Expression& argument,
                                                     const Endpoint& otherwise,
                                                     const Socket& socket);
  // How much is to be written, how, and where to; nullptr: the script does not say.
  struct Writing {
    std::size_t size = 0;
    std::int64_t flags = 0;
    const script::Expression* to = nullptr;
    bool no_family = false;  // ... but that it is none (AF_UNSPEC)
  };
  [[nodiscard]] Result<std::optional<Writing>, Attempt> writing_of(Arguments call);
  [[nodiscard]] Attempt from_error(Arguments call, int error, bool nonblocking) const;
  // Frees the descriptor that the script expects of this call.
  void forget(Arguments call);
  [[nodiscard]] Attempt opened(Arguments call, Socket socket);
  // [a, b] of pipe(): both descriptors take the numbers of the script.
  [[nodiscard]] std::optional<Attempt> bind_pair(Arguments call,
                                                 const targets::PosixOutcome& outcome);
  [[nodiscard]] IpAddress mapped(const IpAddress& address, const Socket& socket) const;
  [[nodiscard]] targets::PosixCalls* posix() const { return session_.target.posix(); }

  [[nodiscard]] Attempt do_socket(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_bind(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_listen(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_accept(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_connect(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_read(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_write(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_close(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_shutdown(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_getsockopt(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_setsockopt(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_ioctl(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_fcntl(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_poll(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_resolve(Arguments call, Progress& progress);
  [[nodiscard]] Attempt do_posix(Arguments call, Progress& progress);
  // The arguments as the target is to see them: live descriptors, and the addresses that the script
  // leaves to the harness. An error: an address that makes no sense.
  [[nodiscard]] Result<std::vector<targets::Value>, Attempt> posix_arguments(Arguments call);
  // A SYN to `remote` is to be expected of the socket.
  void note_connect(Socket& socket, const Endpoint& remote);
  // Forwards O_NONBLOCK, for the calls that the engine does not make itself.
  void forward_nonblocking(const Socket& socket);

  // What is written, and what may come out of a read.
  [[nodiscard]] Buffer content_of(Arguments call, Socket& socket, std::size_t size,
                                  std::size_t already);
  [[nodiscard]] bool is_opening(const Socket& socket);
  [[nodiscard]] Attempt opened(Arguments call, Socket& socket, std::size_t written);
  void check_content(Arguments call, Socket& socket, Bytes octets, bool peek, Attempt& attempt);

  Session& session_;
  std::map<std::int64_t, Socket> sockets_;
  std::vector<std::int64_t> order_;  // script numbers, oldest first
  std::optional<Pending> pending_;
};

}  // namespace packetwright::engine
