// SPDX-License-Identifier: Apache-2.0
// A plug-in for the tests of this folder that does one thing wrong: the one that the knob "fault"
// names, or for its table the environment variable PW_TABLE_FAULT. Without a fault it sends every
// frame back, and its one timer runs once a second.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "harness/targets/packetwright_target.h"

namespace {

const pw_host* harness = nullptr;
std::string fault;
std::uint64_t now_ns = 0;
int stack = 0;
int lives = 0;  // static data: as old as the shared object in memory
int resets = 0;

void send(const std::uint8_t* frame, std::size_t count) {
  harness->send(harness->context, frame, count);
}

void begin(const pw_config* config) {
  fault.clear();
  now_ns = 0;
  for (std::size_t i = 0; i < config->knob_count; ++i) fault = config->knobs[i].value;
}

int do_create(const pw_config* config, const pw_host* host, void** made, char* reason,
              std::size_t size) {
  begin(config);
  harness = host;
  ++lives;
  resets = 0;
  if (fault == "refused") {
    std::snprintf(reason, size, "there is no such knob");
    return -EINVAL;
  }
  if (fault == "unsupported") return -ENOTSUP;
  if (fault == "long_reason") {
    std::memset(reason, 'x', size);
    return -EINVAL;
  }
  *made = fault == "no_stack" ? nullptr : &stack;
  return 0;
}

void do_destroy(void*) {
  if (fault == "last_frame") {
    const std::uint8_t octet = 1;
    send(&octet, 1);
  }
}

int do_reset(void*, const pw_config* config, char*, std::size_t) {
  begin(config);
  ++resets;
  return fault == "reset_fails" ? -EIO : 0;
}

void do_inject(void*, const std::uint8_t* frame, std::size_t count) {
  if (fault == "over_read") {
    volatile std::uint8_t octet = frame[count];
    static_cast<void>(octet);
  }
  if (fault == "null_frame") return send(nullptr, 10);
  if (fault == "large_frame") return send(frame, 65550);
  if (fault == "flood") {
    for (int i = 0; i < 20'000; ++i) send(frame, count);
  }
  if (fault == "thread") return std::thread{[&] { send(frame, count); }}.join();
  if (fault == "talks") harness->log(harness->context, "a frame is here");
  send(frame, count);
}

void do_advance(void*, std::uint64_t now) {
  now_ns = now;
  if (now % 1'000'000'000 == 0) {
    const std::uint8_t tick[] = {'t', 'i', 'c', 'k'};
    send(tick, sizeof tick);
  }
}

std::uint64_t do_next_timer(void*) {
  if (fault == "standstill") return now_ns;
  if (fault == "never") return PW_NEVER;
  return (now_ns / 1'000'000'000 + 1) * 1'000'000'000;
}

int do_socket(void*, int, int, int) {
  if (fault == "strange_errno") return -70'000;
  return lives * 100 + resets;
}
int do_accept(void*, int, pw_endpoint* peer) {
  peer->address.family = fault == "bad_address" ? 9 : 4;
  peer->port = 7;
  return 1;
}
std::int64_t do_read(void*, int, std::uint8_t* octets, std::size_t count, std::uint32_t* flags,
                     pw_endpoint*) {
  if (fault == "long_read") return static_cast<std::int64_t>(count) + 1;
  if (fault == "overwrite") octets[count] = 1;
  *flags = PW_OUT_OF_BAND;
  std::memset(octets, 'r', count);
  return static_cast<std::int64_t>(count);
}
std::int64_t do_write(void*, int, const std::uint8_t*, std::size_t count, std::uint32_t,
                      const pw_endpoint*) {
  return static_cast<std::int64_t>(count) + (fault == "long_write" ? 1 : 0);
}
int do_poll(void*, int) {
  return fault == "poll_bits" ? 64 : PW_READABLE | PW_HANG_UP;
}
int do_tcp_status(void*, int, pw_tcp_status* status) {
  status->state = fault == "bad_state" ? 12 : PW_FIN_WAIT_2;
  status->counter_count = fault == "many_counters" ? 33 : 2;
  status->counters[0] = {"cwnd", 10};
  return 0;
}
std::int64_t do_netstat(void*, char* text, std::size_t size) {
  if (fault == "long_netstat") return static_cast<std::int64_t>(size) * 2;
  return std::snprintf(text, size, "no sockets\n");
}

pw_target table() {
  pw_target t{};
  t.version = PACKETWRIGHT_TARGET_VERSION;
  t.size = sizeof t;
  t.name = "misbehaving";
  t.stack_version = "7";
  t.capabilities = "udp  ipv4 udp";
  t.create = do_create;
  t.destroy = do_destroy;
  t.inject = do_inject;
  t.reset = do_reset;
  t.advance = do_advance;
  t.next_timer = do_next_timer;
  t.socket = do_socket;
  t.accept = do_accept;
  t.read = do_read;
  t.write = do_write;
  t.poll = do_poll;
  t.tcp_status = do_tcp_status;
  t.netstat = do_netstat;
  const char* const word = std::getenv("PW_TABLE_FAULT");
  const std::string wrong = word == nullptr ? "" : word;
  if (wrong == "version") t.version = 2;
  if (wrong == "small") t.size = 12;
  if (wrong == "old") t.size = offsetof(pw_target, socket);  // made when there were no sockets
  if (wrong == "no_create") t.create = nullptr, t.inject = nullptr;
  if (wrong == "flags") t.flags = 64;
  if (wrong == "no_time") t.next_timer = nullptr;
  if (wrong == "no_clock") t.flags = PW_REAL_TIME;
  if (wrong == "one_life") t.flags = PW_ONE_LIFE;
  if (wrong == "ticks") t.next_timer = nullptr, t.tick_ns = 250'000'000;
  return t;
}

}  // namespace

const pw_target* packetwright_target() {
  static pw_target one;
  const char* const word = std::getenv("PW_TABLE_FAULT");
  if (word != nullptr && std::strcmp(word, "null") == 0) return nullptr;
  one = table();
  return &one;
}

// Sends while nobody has asked.
extern "C" void send_now() {
  const std::uint8_t octet = 1;
  send(&octet, 1);
}
