// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/wire.hh"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "stack/base/rng.hh"

namespace packetwright::peers {
namespace {

constexpr std::string_view kRequest = "GET /";
constexpr std::string_view kReply = "200 OK";
// Prime, so that no stack's buffers fall into step with it.
constexpr std::size_t kPeriod = 65'537;
static_assert(kPeriod > kBuffer);
// For one thing to happen; a stack that needs more has stopped.
constexpr int kPatience = 1'000;

Bytes octets_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Wire::Wire(const Kind& kind)
    : name_(kind.name),
      client_(kind.make(Side::client)),
      server_(kind.make(Side::server)),
      pattern_(kPeriod + kBuffer),
      received_(kBuffer) {
  Rng rng{1};
  rng.fill(MutableBytes{pattern_}.first(kPeriod));
  std::copy_n(pattern_.begin(), kBuffer, pattern_.begin() + kPeriod);
  // Whatever a host says and does when it is switched on.
  for (int i = 0; i < 50; ++i) wait(100ms);
  server_->listen();
}

void Wire::give_up(const std::string& why) const {
  std::fprintf(stderr, "peers_bench: %s: %s\n", name_.c_str(), why.c_str());
  std::exit(1);
}

bool Wire::carry(Host& from, Host& to) {
  bool moved = false;
  while (from.next_tx(now_, frame_)) {
    to.on_frame(now_, frame_);
    moved = true;
  }
  return moved;
}

void Wire::settle() {
  bool moved = true;
  while (moved) {
    moved = carry(*client_, *server_);
    moved = carry(*server_, *client_) || moved;
  }
}

void Wire::wait(Duration time) {
  now_ += time;
  client_->on_time(now_);
  server_->on_time(now_);
  settle();
}

void Wire::open() {
  client_end_ = client_->connect(now_);
  settle();
  const auto accepted = server_->accept(now_);
  if (!accepted) give_up("nobody was accepted");
  server_end_ = *accepted;
}

void Wire::close() {
  client_->close(now_, client_end_);
  settle();
  if (!server_->at_end(now_, server_end_)) give_up("the end of the stream did not arrive");
  server_->close(now_, server_end_);
  settle();
  wait(std::max(client_->time_wait(), server_->time_wait()));
}

std::size_t Wire::read(Host& host, Host::Handle connection) {
  return host.read(now_, connection, received_);
}

void Wire::life() {
  open();
  if (client_->write(now_, client_end_, octets_of(kRequest)) != kRequest.size()) {
    give_up("the request was not taken");
  }
  settle();
  std::size_t size = read(*server_, server_end_);
  if (!same_octets(Bytes{received_}.first(size), octets_of(kRequest))) {
    give_up("the request did not arrive");
  }
  if (server_->write(now_, server_end_, octets_of(kReply)) != kReply.size()) {
    give_up("the reply was not taken");
  }
  settle();
  size = read(*client_, client_end_);
  if (!same_octets(Bytes{received_}.first(size), octets_of(kReply))) {
    give_up("the reply did not arrive");
  }
  close();
}

void Wire::transfer(std::size_t octets) {
  std::size_t sent = 0, arrived = 0;
  int idle = 0;
  while (arrived < octets) {
    if (sent < octets) {
      const std::size_t size = std::min<std::size_t>(octets - sent, kBuffer);
      sent += client_->write(now_, client_end_, Bytes{pattern_}.subspan(sent % kPeriod, size));
    }
    bool moved = carry(*client_, *server_);
    while (const std::size_t size = read(*server_, server_end_)) {
      if (std::memcmp(received_.data(), pattern_.data() + arrived % kPeriod, size) != 0) {
        give_up("the text has changed on its way");
      }
      arrived += size;
    }
    moved = carry(*server_, *client_) || moved;
    idle = moved ? 0 : idle + 1;
    if (idle > kPatience) give_up("the transfer has stopped");
    if (!moved) wait(10ms);
  }
}

}  // namespace packetwright::peers
