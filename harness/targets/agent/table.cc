// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/table.hh"

#include <algorithm>
#include <cstring>

#include "harness/targets/agent/agent.hh"

namespace packetwright::agent {
namespace {

// Of one message; a call may do less than it is asked for.
constexpr std::size_t kMostOctets = std::size_t{8} << 20;

Agent& of(void* stack) {
  return *static_cast<Agent*>(stack);
}

std::uint32_t number_of(int fd) {
  return static_cast<std::uint32_t>(fd);
}

void nothing(Reader&) {}

// What an operation of this descriptor without more arguments begins with.
Agent& begun(void* stack, Operation operation, int fd) {
  of(stack).begin(operation).u32(number_of(fd));
  return of(stack);
}

int without_more(Agent& agent) {
  return static_cast<int>(agent.read(agent.ask_int(), nothing));
}

// An operation that cannot fail.
void done(Agent& agent, std::int64_t result) {
  if (agent.read(result, nothing) < 0) static_cast<void>(agent.break_off("failed"));
}

// --- lives

// A failure has its reason with it.
int begin_life(Agent& agent, char* reason, std::size_t size) {
  const int result = agent.ask_int();
  if (result >= 0) return static_cast<int>(agent.read(result, nothing));
  const Bytes why = agent.more().first(std::min(agent.more().size(), size - 1));
  if (!why.empty()) std::memcpy(reason, why.data(), why.size());
  reason[why.size()] = '\0';
  return result;
}

int do_create(const pw_config* config, const pw_host* host, void** stack, char* reason,
              std::size_t size) {
  Agent& agent = of(*stack);
  if (!agent.start(host)) return -EIO;
  agent.begin(Operation::create).config(*config);
  return begin_life(agent, reason, size);
}

// Nothing is to come of it, so it goes with what comes next.
void do_destroy(void* stack) {
  of(stack).begin(Operation::destroy);
}

int do_reset(void* stack, const pw_config* config, char* reason, std::size_t size) {
  of(stack).moved_to(0);
  of(stack).begin(Operation::reset).config(*config);
  return begin_life(of(stack), reason, size);
}

void do_inject(void* stack, const std::uint8_t* frame, std::size_t count) {
  of(stack).begin(Operation::inject).octets({frame, count});
  done(of(stack), of(stack).ask());
}

// --- time

void do_advance(void* stack, std::uint64_t now) {
  of(stack).moved_to(now);
  of(stack).begin(Operation::advance).u64(now);
  done(of(stack), of(stack).ask());
}

std::uint64_t do_next_timer(void* stack) {
  return of(stack).next_timer();
}

std::uint64_t do_now(void* stack) {
  return of(stack).now();
}

void do_wait(void* stack, std::uint64_t until) {
  Agent& agent = of(stack);
  Duration wait{};
  if (agent.is_real_time()) {
    const std::uint64_t now = agent.now();
    if (until > now) wait = Duration{static_cast<std::int64_t>(until - now)};
  }
  agent.begin(Operation::wait).u64(until);
  done(agent, agent.ask(wait));
}

// --- sockets

int do_socket(void* stack, int family, int type, int protocol) {
  const auto octet = [](int value) { return static_cast<std::uint8_t>(value); };
  of(stack).begin(Operation::socket).u8(octet(family)).u8(octet(type)).u8(octet(protocol));
  return without_more(of(stack));
}

int do_bind(void* stack, int fd, const pw_endpoint* local) {
  of(stack).begin(Operation::bind).u32(number_of(fd)).endpoint(*local);
  return without_more(of(stack));
}

int do_listen(void* stack, int fd, int backlog) {
  of(stack).begin(Operation::listen).u32(number_of(fd)).i64(backlog);
  return without_more(of(stack));
}

int do_accept(void* stack, int fd, pw_endpoint* peer) {
  Agent& agent = begun(stack, Operation::accept, fd);
  const int result = agent.ask_int();
  return static_cast<int>(agent.read(result, [&](Reader& more) { *peer = more.endpoint(); }));
}

int do_connect(void* stack, int fd, const pw_endpoint* remote) {
  of(stack).begin(Operation::connect).u32(number_of(fd)).endpoint(*remote);
  return without_more(of(stack));
}

std::int64_t do_read(void* stack, int fd, std::uint8_t* octets, std::size_t count,
                     std::uint32_t* flags, pw_endpoint* from) {
  Agent& agent = of(stack);
  const auto most = static_cast<std::uint32_t>(std::min(count, kMostOctets));
  agent.begin(Operation::read).u32(number_of(fd)).u32(most).u32(*flags);
  const std::int64_t result = agent.ask();
  Bytes got;
  const std::int64_t checked = agent.read(result, [&](Reader& more) {
    *flags = more.u32();
    *from = more.endpoint();
    got = more.all();
  });
  if (checked < 0) return checked;
  if (got.size() != static_cast<std::uint64_t>(result)) {
    return agent.break_off("returned " + std::to_string(result) + " with " +
                           std::to_string(got.size()) + " octets");
  }
  // What is more than asked for is told by the result.
  const std::size_t fits = std::min(got.size(), count);
  if (fits > 0) std::memcpy(octets, got.data(), fits);
  return result;
}

std::int64_t do_write(void* stack, int fd, const std::uint8_t* octets, std::size_t count,
                      std::uint32_t flags, const pw_endpoint* to) {
  Agent& agent = of(stack);
  Request& request = agent.begin(Operation::write).u32(number_of(fd)).u32(flags);
  request.endpoint(to == nullptr ? pw_endpoint{} : *to);
  request.octets(Bytes{octets, count}.first(std::min(count, kMostOctets)));
  return agent.read(agent.ask(), nothing);
}

int do_shutdown(void* stack, int fd, int how) {
  of(stack).begin(Operation::shutdown).u32(number_of(fd)).u8(static_cast<std::uint8_t>(how));
  return without_more(of(stack));
}

int do_close(void* stack, int fd) {
  return without_more(begun(stack, Operation::close, fd));
}

int do_set_option(void* stack, int fd, int option, std::int64_t value) {
  Request& request = of(stack).begin(Operation::set_option).u32(number_of(fd));
  request.u16(static_cast<std::uint16_t>(option)).i64(value);
  return without_more(of(stack));
}

int do_get_option(void* stack, int fd, int option, std::int64_t* value) {
  Agent& agent = of(stack);
  agent.begin(Operation::get_option).u32(number_of(fd)).u16(static_cast<std::uint16_t>(option));
  const int result = agent.ask_int();
  return static_cast<int>(agent.read(result, [&](Reader& more) { *value = more.i64(); }));
}

int do_poll(void* stack, int fd) {
  return without_more(begun(stack, Operation::poll, fd));
}

int do_local_endpoint(void* stack, int fd, pw_endpoint* local) {
  Agent& agent = begun(stack, Operation::local_endpoint, fd);
  const int result = agent.ask_int();
  return static_cast<int>(agent.read(result, [&](Reader& more) { *local = more.endpoint(); }));
}

// --- extras

int do_tcp_status(void* stack, int fd, pw_tcp_status* status) {
  Agent& agent = begun(stack, Operation::tcp_status, fd);
  const int result = agent.ask_int();
  if (result < 0) return static_cast<int>(agent.read(result, nothing));
  auto told = read_tcp_status(agent.more());
  if (!told) return static_cast<int>(agent.break_off("answered it with half a status"));
  agent.status = std::move(*told);
  status->state = agent.status.state;
  status->counter_count = static_cast<std::uint32_t>(agent.status.counters.size());
  const std::size_t fits = std::min<std::size_t>(status->counter_count, PW_MAX_COUNTERS);
  for (std::size_t i = 0; i < fits; ++i) {
    const Counter& counter = agent.status.counters[i];
    status->counters[i] = {counter.name.c_str(), counter.value};
  }
  return result;
}

int do_set_isn(void* stack, int fd, std::uint32_t isn) {
  of(stack).begin(Operation::set_isn).u32(number_of(fd)).u32(isn);
  return without_more(of(stack));
}

int do_resolve(void* stack, const char* name, int family, const pw_endpoint* server) {
  Request& request = of(stack).begin(Operation::resolve).u8(static_cast<std::uint8_t>(family));
  request.endpoint(*server).text(name);
  return without_more(of(stack));
}

int do_resolved(void* stack, int query, pw_address* addresses, std::size_t most) {
  Agent& agent = begun(stack, Operation::resolved, query);
  const int result = agent.ask_int();
  if (result < 0) return static_cast<int>(agent.read(result, nothing));
  const auto found = read_addresses(agent.more());
  if (!found || found->size() != static_cast<std::size_t>(result)) {
    return static_cast<int>(agent.break_off("returned " + std::to_string(result) + " with " +
                                            std::to_string(agent.more().size()) + " octets"));
  }
  std::copy_n(found->begin(), std::min(found->size(), most), addresses);
  return result;
}

std::int64_t do_netstat(void* stack, char* text, std::size_t size) {
  Agent& agent = of(stack);
  agent.begin(Operation::netstat);
  const std::int64_t result = agent.ask();
  if (result < 0) return agent.read(result, nothing);
  const Bytes all = agent.more();
  const std::size_t fits = std::min(all.size(), size - 1);
  if (fits > 0) std::memcpy(text, all.data(), fits);
  text[fits] = '\0';
  return static_cast<std::int64_t>(all.size());
}

}  // namespace

pw_target table_of(const Hello& hello) {
  pw_target table{};
  table.version = PACKETWRIGHT_TARGET_VERSION;
  table.size = sizeof table;
  table.name = hello.name.c_str();
  table.stack_version = hello.stack_version.c_str();
  table.capabilities = hello.capabilities.c_str();
  table.flags = hello.flags;
  table.tick_ns = hello.tick_ns;
  table.slack_ns = hello.slack_ns;
  const auto offer = [&](Operation operation, auto& place, auto function) {
    if (hello.has(operation)) place = function;
  };
  offer(Operation::create, table.create, do_create);
  offer(Operation::destroy, table.destroy, do_destroy);
  offer(Operation::inject, table.inject, do_inject);
  offer(Operation::reset, table.reset, do_reset);
  offer(Operation::advance, table.advance, do_advance);
  offer(Operation::next_timer, table.next_timer, do_next_timer);
  offer(Operation::now, table.now, do_now);
  offer(Operation::wait, table.wait, do_wait);
  offer(Operation::socket, table.socket, do_socket);
  offer(Operation::bind, table.bind, do_bind);
  offer(Operation::listen, table.listen, do_listen);
  offer(Operation::accept, table.accept, do_accept);
  offer(Operation::connect, table.connect, do_connect);
  offer(Operation::read, table.read, do_read);
  offer(Operation::write, table.write, do_write);
  offer(Operation::shutdown, table.shutdown, do_shutdown);
  offer(Operation::close, table.close, do_close);
  offer(Operation::set_option, table.set_option, do_set_option);
  offer(Operation::get_option, table.get_option, do_get_option);
  offer(Operation::poll, table.poll, do_poll);
  offer(Operation::local_endpoint, table.local_endpoint, do_local_endpoint);
  offer(Operation::tcp_status, table.tcp_status, do_tcp_status);
  offer(Operation::set_isn, table.set_isn, do_set_isn);
  offer(Operation::resolve, table.resolve, do_resolve);
  offer(Operation::resolved, table.resolved, do_resolved);
  offer(Operation::netstat, table.netstat, do_netstat);
  return table;
}

}  // namespace packetwright::agent
