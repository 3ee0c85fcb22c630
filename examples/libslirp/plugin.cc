// SPDX-License-Identifier: Apache-2.0
// libslirp as a target of packetwright, written by docs/porting.md. libslirp, of BSD's descent, is
// the TCP/IP that QEMU gives to its guests: what a guest sends to "the host" it carries into
// sockets of the kernel. Here the guest is the wire, and the application has the kernel's end:
// sockets on the loopback interface of a network namespace of this process. IPv4 alone.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <slirp/libslirp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/packetwright_target.h"

namespace {

// Time begins at kStart milliseconds, because libslirp takes 0 for "no timer".
constexpr uint64_t kNsPerMs = 1'000'000, kStart = 1000, kEthernet = 14;

struct File {
  int type = SOCK_STREAM, waits_at = -1;  // waits_at: the listener, until it is accepted
  sockaddr_in remote{};                   // libslirp's socket at the other end
  bool connects = false;                  // and is not known to be connected
};

struct Host {
  Slirp* slirp;
  pw_host harness;
  in_addr own;
  std::map<int, File> files;  // by descriptor, which is the kernel's
  std::vector<pollfd> polls;
  uint64_t now, next;  // ms; ns
  uint16_t next_port, next_forward;
} it;

// --- time and frames

// The system's events as libslirp has them, and back: two have changed places.
int swapped(int events) {
  return (events & ~6) | (events & 2) << 1 | (events & 4) >> 1;
}

// Until nothing is left to do at this instant.
void settle() {
  for (int round = 0, ready = 1; ready > 0 && round < 32; ++round) {
    uint32_t wait = UINT32_MAX;
    it.polls.clear();
    const auto add = [](int fd, int events, void*) {
      it.polls.push_back({fd, static_cast<short>(swapped(events)), 0});
      return static_cast<int>(it.polls.size() - 1);
    };
    const auto happened = [](int i, void*) { return i < 0 ? 0 : swapped(it.polls[i].revents); };
    slirp_pollfds_fill(it.slirp, &wait, add, nullptr);
    // A second: nothing is open.
    it.next = wait < 1000 ? (it.now - kStart + wait) * kNsPerMs : PW_NEVER;
    ready = poll(it.polls.data(), it.polls.size(), 0);
    slirp_pollfds_poll(it.slirp, ready < 0, happened, nullptr);
  }
}

// The link has no addresses here, and libslirp's has: an ARP reply tells it of each sender.
void introduce(const void* address) {
  uint8_t f[kEthernet + 28] = {0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2};
  memcpy(f + 28, address, 4);
  slirp_input(it.slirp, f, sizeof f);
}

// libslirp is a gateway and takes packets to anybody. It gets those to its own address, and groups.
void inject(void*, const uint8_t* packet, size_t count) {
  if (count < 20 || packet[0] >> 4 != 4) return;
  if (memcmp(packet + 16, &it.own, 4) != 0 && packet[16] < 224) return;
  introduce(packet + 12);
  std::vector<uint8_t> frame{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0};
  frame.insert(frame.end(), packet, packet + count);
  slirp_input(it.slirp, frame.data(), static_cast<int>(frame.size()));
  settle();
}

ssize_t send_packet(const void* frame, size_t count, void*) {
  const auto* const octets = static_cast<const uint8_t*>(frame);
  const bool is_ip = octets[12] == 8 && octets[13] == 0;
  if (is_ip) it.harness.send(it.harness.context, octets + kEthernet, count - kEthernet);
  return static_cast<ssize_t>(count);
}

// --- a life

// Ports of the loopback interface stand for those of the stack, so that it has to be ours.
bool own_loopback() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  signal(SIGPIPE, SIG_IGN);  // libslirp writes to what is closed
  ifreq lo{{"lo"}, {.ifru_flags = IFF_UP}};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return ioctl(fd, SIOCSIFFLAGS, &lo) == 0 && close(fd) == 0;
}

int create(const pw_config* config, const pw_host* harness, void** stack, char* reason,
           size_t size) {
  static const bool alone = own_loopback();
  static SlirpCb calls{};  // without timers, which are for router advertisements
  calls.send_packet = send_packet;
  calls.guest_error = [](const char* text, void*) { it.harness.log(it.harness.context, text); };
  calls.clock_get_ns = [](void*) { return static_cast<int64_t>(it.now * kNsPerMs); };
  calls.register_poll_fd = calls.unregister_poll_fd = [](int, void*) {};
  calls.notify = [](void*) {};
  if (config->knob_count > 0 || !alone) {
    snprintf(reason, size, "no %s", alone ? config->knobs[0].name : "network namespace");
    return -ENOTSUP;
  }
  SlirpConfig c{.version = 4};
  c.if_mtu = c.if_mru = config->mtu, c.in_enabled = c.disable_dns = c.disable_dhcp = true;
  memcpy(&c.vhost, config->local4.address.octets, 4);
  c.vnetmask.s_addr = htonl(~0u << (32 - config->local4.length));
  c.vnetwork.s_addr = c.vhost.s_addr & c.vnetmask.s_addr;
  it = {.harness = *harness, .own = c.vhost, .now = kStart, .next = PW_NEVER};
  it.next_port = 32768 + config->seed % 8192, it.next_forward = 60000;
  it.slirp = slirp_new(&c, &calls, nullptr);
  *stack = &it;
  return it.slirp == nullptr ? -ENOTSUP : 0;
}

void destroy(void*) {
  for (const auto& [fd, file] : it.files) close(fd);
  slirp_cleanup(it.slirp);
}

// --- sockets

// The end of a call: what the kernel said, when libslirp has seen to it.
template <class Number>
Number done(Number result) {
  if (result < 0) result = -errno;
  settle();
  return result;
}

auto* raw(auto& name) {
  return reinterpret_cast<sockaddr*>(&name);
}

// The line of libslirp's table whose socket at the kernel's end has the name `remote`: its state, 0
// where there is none, and the peer. What libslirp opened itself stands there the other way round.
int look_up(const sockaddr_in& remote, pw_endpoint* peer = nullptr) {
  const char* const states[] = {"LISTEN",     "SYN_SENT",   "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
                                "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK",    "TIME_WAIT"};
  char* const table = slirp_connection_info(it.slirp);
  int state = 0, fd = 0, port[2];
  char word[20], host[2][16];
  for (char* line = strtok(table, "\n"); line && state == 0; line = strtok(nullptr, "\n")) {
    const int got = sscanf(line, " %*3[A-Z][%19[^]]] %d %15s %d %15s %d", word, &fd, host[0],
                           &port[0], host[1], &port[1]);
    sockaddr_in own{};
    socklen_t length = sizeof own;
    if (got != 6 || getsockname(fd, raw(own), &length) != 0) continue;
    if (memcmp(&own, &remote, sizeof own) != 0) continue;
    const bool turned = port[0] == ntohs(own.sin_port);
    if (peer) *peer = {{PW_IPV4, {}}, static_cast<uint16_t>(port[turned])};
    if (peer) inet_pton(AF_INET, host[turned], peer->address.octets);
    for (state = PW_TIME_WAIT; state > 1 && strcmp(word, states[state - 1]) != 0;) --state;
  }
  free(table);
  return state;
}

// An unknown descriptor is for the kernel to refuse.
File& of(int fd) {
  static File none;
  const auto found = it.files.find(fd);
  return found == it.files.end() ? none = {} : found->second;
}

// Of a stream: 1 if there is a connection, 0 if not yet, else what became of it.
int fate(File& f) {
  const int state = look_up(f.remote);
  if (state == 0) return f.connects ? -ECONNREFUSED : -ECONNRESET;
  return !(f.connects = f.connects && state <= PW_SYN_RECEIVED);
}

int do_socket(void*, int family, int type, int protocol) {
  if (family != PW_IPV4 || type == PW_RAW || protocol == PW_ICMP) return -ENOTSUP;
  const int one = 1, kind = type == PW_STREAM ? SOCK_STREAM : SOCK_DGRAM;
  const int fd = socket(AF_INET, kind | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  it.files[fd] = {.type = kind};
  return fd;
}

sockaddr_in at_loopback(uint16_t port) {
  return {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {}};
}

int do_bind(void*, int fd, const pw_endpoint* local) {
  const auto& [family, octets] = local->address;
  if (family != PW_NONE && memcmp(octets, &it.own, 4) != 0) return -EADDRNOTAVAIL;
  auto name = at_loopback(local->port);
  return done(bind(fd, raw(name), sizeof name));
}

// The kernel accepts at the SYN, which libslirp then answers: who is not yet through with the
// handshake waits.
int do_accept(void*, int listener, pw_endpoint* peer) {
  sockaddr_in remote{};
  socklen_t size = sizeof remote;
  for (int fd = 0; (fd = accept4(listener, raw(remote), &size, SOCK_NONBLOCK)) >= 0;) {
    it.files[fd] = {.waits_at = listener, .remote = remote};
  }
  const int none = -errno;
  for (auto& [fd, file] : it.files) {
    if (file.waits_at != listener || look_up(file.remote, peer) <= PW_SYN_RECEIVED) continue;
    file.waits_at = -1;
    return fd;
  }
  return none;
}

// libslirp opens a connection, or sends a datagram, when something comes to a port of the kernel's
// that it forwards.
int do_connect(void*, int fd, const pw_endpoint* to) {
  auto& [type, waits_at, remote, connects] = of(fd);
  in_addr guest{};
  memcpy(&guest, to->address.octets, 4);
  introduce(&guest);
  auto local = at_loopback(it.next_port++);
  // EINVAL: the application has bound it.
  if (bind(fd, raw(local), sizeof local) != 0 && errno != EINVAL) return -errno;
  remote = at_loopback(--it.next_forward);
  const bool udp = type == SOCK_DGRAM;
  slirp_add_hostfwd(it.slirp, udp, remote.sin_addr, it.next_forward, guest, to->port);
  if (udp) return 0;
  connects = true;
  const int result = done(connect(fd, raw(remote), sizeof remote));
  slirp_remove_hostfwd(it.slirp, 0, remote.sin_addr, it.next_forward);
  return result < 0 ? result : -EINPROGRESS;
}

int64_t do_read(void*, int fd, uint8_t* octets, size_t count, uint32_t* flags, pw_endpoint* from) {
  File& f = of(fd);
  if (f.connects && fate(f) == 0) return -EAGAIN;
  sockaddr_in source{};
  socklen_t size = sizeof source;
  const int peek = *flags & PW_PEEK ? MSG_PEEK : 0;
  const int64_t got = recvfrom(fd, octets, count, peek, raw(source), &size);
  *flags = 0;
  if (f.type == SOCK_DGRAM) look_up(source, from);
  if (f.type == SOCK_STREAM && got == 0 && fate(f) < 0) return fate(f);
  return done(got);
}

int64_t do_write(void* stack, int fd, const uint8_t* octets, size_t count, uint32_t flags,
                 const pw_endpoint* to) {
  if (flags & (PW_OUT_OF_BAND | PW_FAST_OPEN)) return -EOPNOTSUPP;
  File& f = of(fd);
  if (f.type == SOCK_DGRAM) {
    if (to != nullptr) do_connect(stack, fd, to);
    return done(sendto(fd, octets, count, 0, raw(f.remote), sizeof f.remote));
  }
  const int now = f.remote.sin_port == 0 ? 1 : fate(f);
  return now > 0 ? done(send(fd, octets, count, 0)) : now < 0 ? now : -EAGAIN;
}

int do_set_option(void*, int fd, int option, int64_t value) {
  const linger wanted{value >= 0, static_cast<int>(value)};
  if (option != PW_SO_LINGER) return option == PW_SO_REUSEADDR ? 0 : -ENOTSUP;
  return done(setsockopt(fd, SOL_SOCKET, SO_LINGER, &wanted, sizeof wanted));
}

int do_poll(void*, int fd) {
  if (of(fd).connects && fate(of(fd)) == 0) return 0;
  pollfd p{fd, POLLIN | POLLOUT, 0};
  poll(&p, 1, 0);
  if (p.revents & POLLNVAL) return -EBADF;
  return swapped(p.revents) & (PW_READABLE | PW_WRITABLE);  // which are libslirp's numbers
}

}  // namespace

const pw_target* packetwright_target() {
  static pw_target t{};
  t.version = PACKETWRIGHT_TARGET_VERSION, t.size = sizeof t, t.name = "libslirp";
  t.stack_version = SLIRP_VERSION_STRING, t.capabilities = "frags icmp ipv4 seed tcp tcp_state udp";
  t.create = create, t.destroy = destroy, t.inject = inject;
  t.advance = [](void*, uint64_t ns) { it.now = kStart + ns / kNsPerMs, settle(); };
  t.next_timer = [](void*) { return it.next; };
  t.socket = do_socket, t.bind = do_bind, t.accept = do_accept, t.connect = do_connect;
  t.listen = [](void*, int fd, int backlog) { return done(listen(fd, backlog)); };
  t.read = do_read, t.write = do_write, t.set_option = do_set_option, t.poll = do_poll;
  t.shutdown = [](void*, int fd, int how) { return done(shutdown(fd, how)); };
  t.close = [](void*, int fd) { return it.files.erase(fd), done(close(fd)); };
  t.get_option = [](void*, int fd, int option, int64_t* value) {
    *value = of(fd).connects && fate(of(fd)) < 0 ? -fate(of(fd)) : 0;
    return option == PW_SO_ERROR ? 0 : -ENOTSUP;
  };
  t.tcp_status = [](void*, int fd, pw_tcp_status* status) {
    const int state = look_up(of(fd).remote);  // 0: cannot tell
    status->state = static_cast<uint8_t>(state == 0 && of(fd).remote.sin_port ? PW_CLOSED : state);
    return 0;
  };
  return &t;
}
