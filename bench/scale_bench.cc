// SPDX-License-Identifier: Apache-2.0

// What a connection costs when there are many of them: the time of a segment by the number of
// connections, and the memory and the time of connections that do nothing.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "stack/iface/stack.hh"

namespace {

using namespace packetwright;
using namespace packetwright::iface;

constexpr std::uint16_t kFirstPort = 80;
constexpr std::size_t kPorts = 32;  // of one remote port there are no more than 64,512 connections

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "scale_bench: %s\n", why);
  std::exit(1);
}

// Two hosts back to back that hold many connections.
class Crowd {
 public:
  explicit Crowd(std::size_t size)
      : client_(std::make_unique<Stack>(config_for(1, size))),
        server_(std::make_unique<Stack>(config_for(2, size))) {
    for (std::size_t i = 0; i < kPorts; ++i) {
      const Descriptor listener = *server_->socket(Domain::inet, SocketType::stream);
      const auto port = static_cast<std::uint16_t>(kFirstPort + i);
      if (!server_->bind(listener, {address(2), port}) || !server_->listen(listener, 16)) {
        give_up("cannot listen");
      }
      listeners_.push_back(listener);
    }
    carry();
  }

  void open() {
    const std::size_t which = clients_.size() % kPorts;
    const Descriptor mine = *client_->socket(Domain::inet, SocketType::stream);
    (void)client_->connect(now_, mine,
                           {address(2), static_cast<std::uint16_t>(kFirstPort + which)});
    carry();
    const auto theirs = server_->accept(now_, listeners_[which]);
    if (!theirs) give_up("nobody was accepted");
    clients_.push_back(mine);
    servers_.push_back(*theirs);
    pass(1us);
  }
  void close_all() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!client_->close(now_, clients_[i])) give_up("cannot close");
      carry();
      if (!server_->close(now_, servers_[i])) give_up("cannot close");
      carry();
      pass(1us);
    }
    pass(2 * kMsl);
    clients_.clear();
    servers_.clear();
  }
  // A request of 100 octets and a reply to it, on one connection.
  void exchange(std::size_t which) {
    send(*client_, clients_[which]);
    receive(*server_, servers_[which]);
    send(*server_, servers_[which]);
    receive(*client_, clients_[which]);
    pass(50us);
  }

  [[nodiscard]] std::size_t size() const { return clients_.size(); }
  [[nodiscard]] std::size_t segments() const { return segments_; }
  // Of both ends.
  [[nodiscard]] std::size_t memory() const {
    return client_->memory().total() + server_->memory().total();
  }

 private:
  static constexpr Duration kMsl = 1s;

  [[nodiscard]] static IpAddress address(std::uint8_t host) {
    return IpAddress::v4(10, 1, 0, host);
  }
  [[nodiscard]] static StackConfig config_for(std::uint8_t host, std::size_t size) {
    StackConfig config;
    config.seed = host;
    config.mac.octets[5] = host;
    config.addresses = {{address(host), 24}};
    config.claim.probe = false;
    config.max_sockets = size + kPorts;
    config.tcp.msl = kMsl;
    return config;
  }

  void carry() {
    bool moved = true;
    while (moved) {
      moved = false;
      while (client_->next_tx(frame_)) {
        server_->on_frame(now_, frame_);
        moved = true;
        ++segments_;
      }
      while (server_->next_tx(frame_)) {
        client_->on_frame(now_, frame_);
        moved = true;
        ++segments_;
      }
    }
  }
  void pass(Duration time) {
    now_ += time;
    for (Stack* const stack : {client_.get(), server_.get()}) {
      for (auto at = stack->next_deadline(); at && *at <= now_; at = stack->next_deadline()) {
        stack->on_deadline(now_);
        carry();
      }
    }
  }
  void send(Stack& from, Descriptor socket) {
    if (from.write(now_, socket, text_).value_or(0) != text_.size()) give_up("not taken");
    carry();
  }
  void receive(Stack& at, Descriptor socket) {
    if (at.read_into(now_, socket, received_).value_or(0) != text_.size()) give_up("not there");
  }

  Instant now_{};
  std::unique_ptr<Stack> client_, server_;
  std::vector<Descriptor> listeners_, clients_, servers_;
  const Buffer text_ = Buffer(100, 'x');
  Buffer received_ = Buffer(1'000);
  Buffer frame_;
  std::size_t segments_ = 0;
};

// Among so many connections, each in its turn but none beside the one before it.
void exchange(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Crowd crowd{size};
  for (std::size_t i = 0; i < size; ++i) crowd.open();
  constexpr std::size_t kStride = 7'919;  // prime
  std::size_t which = 0;
  // Once around, so that every connection has its buffers.
  for (std::size_t i = 0; i < size; ++i) crowd.exchange(which = (which + kStride) % size);
  const std::size_t before = crowd.segments();
  for (auto _ : state) crowd.exchange(which = (which + kStride) % size);
  state.SetItemsProcessed(static_cast<std::int64_t>(crowd.segments() - before));  // segments
}
BENCHMARK(exchange)->RangeMultiplier(10)->Range(1, 100'000);

std::size_t resident() {
  std::size_t pages = 0, all = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu %zu", &all, &pages) != 2) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Connections that are made, do nothing and are closed again; octets are those of one end, with its
// descriptor and its places in every table.
void idle(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    const std::size_t resident_before = resident();
    Crowd crowd{size};
    const std::size_t memory_before = crowd.memory();
    for (std::size_t i = 0; i < size; ++i) crowd.open();
    const auto per_end = [&](std::size_t now, std::size_t before) {
      return static_cast<double>(now - before) / 2.0 / static_cast<double>(size);
    };
    state.counters["counted"] = per_end(crowd.memory(), memory_before);
    state.counters["resident"] = per_end(resident(), resident_before);
    crowd.close_all();
    state.counters["left"] = per_end(crowd.memory(), memory_before);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(idle)->Arg(10'000)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
