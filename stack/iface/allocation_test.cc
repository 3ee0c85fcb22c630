// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it counts every allocation of the process.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "stack/iface/stack.hh"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Never inlined: g++ would take malloc() and delete, or new and free(), for a pair that does not
// match.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace packetwright::iface {
namespace {

StackConfig config_for(std::uint8_t host, Family family) {
  StackConfig config;
  config.seed = host;
  config.mac.octets[5] = host;
  if (family == Family::ipv4) {
    config.addresses = {{IpAddress::v4(10, 1, 0, host), 24}};
  } else {
    config.addresses = {
        {IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host}), 64}};
  }
  config.claim.probe = config.claim.announce = false;
  config.routers.solicit = false;
  config.tcp.msl = 10ms;
  return config;
}

// A client and a server, back to back.
class Pair {
 public:
  explicit Pair(Family family)
      : client_(config_for(1, family)), server_(config_for(2, family)), family_(family) {
    for (int i = 0; i < 30; ++i) pass(100ms);
    listener_ = *server_.socket(domain(), SocketType::stream);
    const Endpoint any{family == Family::ipv4 ? IpAddress{} : IpAddress::v6({}), 80};
    EXPECT_TRUE(server_.bind(listener_, any));
    EXPECT_TRUE(server_.listen(listener_, 1));
    open();
  }

  void open() {
    sender_ = *client_.socket(domain(), SocketType::stream);
    (void)client_.connect(now_, sender_, {config_for(2, family_).addresses[0].address, 80});
    carry();
    receiver_ = server_.accept(now_, listener_).value_or(-1);
    EXPECT_GE(receiver_, 0);
  }
  // A short request and its reply. False: they did not arrive.
  bool exchange() {
    const Bytes request = Bytes{text_}.first(5);
    const Bytes reply = Bytes{text_}.first(6);
    const auto asked = client_.write(now_, sender_, request);
    carry();
    const auto heard = server_.read_into(now_, receiver_, received_);
    const auto answered = server_.write(now_, receiver_, reply);
    carry();
    const auto told = client_.read_into(now_, sender_, received_);
    return asked && answered && heard.value_or(0) == 5 && told.value_or(0) == 6;
  }
  // Until TIME-WAIT is over too.
  void close() {
    EXPECT_TRUE(client_.close(now_, sender_));
    carry();
    EXPECT_TRUE(server_.close(now_, receiver_));
    carry();
    pass(20ms);
  }

  // Octets that arrive while `octets` are handed in.
  std::size_t transfer(std::size_t octets) {
    std::size_t sent = 0, arrived = 0;
    for (int idle = 0; arrived < octets && idle < 1'000;) {
      if (sent < octets) sent += client_.write(now_, sender_, text_).value_or(0);
      const std::size_t before = arrived;
      carry();
      while (const std::size_t size = server_.read_into(now_, receiver_, received_).value_or(0)) {
        arrived += size;
      }
      carry();
      idle = arrived == before ? idle + 1 : 0;
      pass(1ms);
    }
    return arrived;
  }

 private:
  [[nodiscard]] Domain domain() const {
    return family_ == Family::ipv4 ? Domain::inet : Domain::inet6;
  }
  void carry() {
    bool moved = true;
    while (moved) {
      moved = false;
      while (client_.next_tx(frame_)) {
        server_.on_frame(now_, frame_);
        moved = true;
      }
      while (server_.next_tx(frame_)) {
        client_.on_frame(now_, frame_);
        moved = true;
      }
    }
  }
  void pass(Duration time) {
    now_ += time;
    client_.on_deadline(now_);
    server_.on_deadline(now_);
    carry();
  }

  Instant now_{};
  Stack client_, server_;
  Family family_;
  Descriptor listener_ = -1, sender_ = -1, receiver_ = -1;
  Buffer text_ = Buffer(32 * 1024, 'x');
  Buffer received_ = Buffer(64 * 1024);
  Buffer frame_;
};

class StackAllocations : public ::testing::TestWithParam<Family> {};

// Segments and their acknowledgments, once every buffer has its size.
TEST_P(StackAllocations, NoneForASegmentOfATransferThatRuns) {
  Pair pair{GetParam()};
  ASSERT_GE(pair.transfer(8 * 1024 * 1024), 8u * 1024 * 1024);
  const std::size_t before = allocations;
  const std::size_t arrived = pair.transfer(1024 * 1024);
  EXPECT_EQ(allocations, before);
  EXPECT_GE(arrived, 1024u * 1024);
  // The counter is no dummy. An optimiser may leave out what a container allocates for nothing, but
  // not this.
  void* const counted = ::operator new(10);
  EXPECT_EQ(allocations, before + 1);
  ::operator delete(counted);
}

// Of both ends together: their records and their buffers, their places in tables, and no more.
TEST_P(StackAllocations, FewForTheWholeLifeOfAConnection) {
  constexpr std::size_t kLives = 50;
  constexpr std::size_t kMost = 12;
  Pair pair{GetParam()};
  std::size_t before = 0;
  for (std::size_t i = 0; i < 2 * kLives; ++i) {
    if (i == kLives) before = allocations;
    if (i > 0) pair.open();
    ASSERT_TRUE(pair.exchange());
    pair.close();
  }
  // A table that grows on the way is nobody's.
  EXPECT_LE((allocations - before) / kLives, kMost);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, StackAllocations,
                         ::testing::Values(Family::ipv4, Family::ipv6));

}  // namespace
}  // namespace packetwright::iface
