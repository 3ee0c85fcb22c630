// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/target_goodput.hh"

#include "harness/sim/target_path.hh"
#include "stack/base/rng.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/tcp.hh"

namespace packetwright::sim {
namespace {

// How often the sender's user looks whether there is room; buffers are to hold more than that.
constexpr Duration kTick = 10ms;
constexpr Duration kDay = 24h;
constexpr std::uint64_t kSegment = 1'448;

std::size_t text_of(Bytes frame) {
  const auto ip = wire::Ipv4View::parse_lax(frame.subspan(wire::kEthernetHeaderSize));
  if (!ip) return 0;
  const auto segment = wire::TcpView::parse(ip->payload());
  return segment ? segment->payload().size() : 0;
}

// Writes `octets` and waits until all have been read.
Result<void, std::string> transfer(TargetPath& world, std::uint64_t octets) {
  const std::uint64_t all = world.received() + octets;
  const Instant limit = world.now() + kDay;
  std::uint64_t unsent = octets;
  while (world.received() < all) {
    const auto written = world.write(unsent);
    if (!written) return Err{written.error()};
    unsent -= *written;
    if (world.now() >= limit) return Err{std::string{"the transfer did not end within a day"}};
    if (auto ran = world.run_until(world.now() + kTick, all); !ran) return ran;
  }
  return {};
}

Result<Duration, std::string> take(const BulkTransfer& bulk, TargetPath& world, std::uint64_t) {
  if (auto done = transfer(world, bulk.octets); !done) return Err{done.error()};
  return world.now() - Instant{};
}

Result<Duration, std::string> take(const AnswerWithoutTail& answer, TargetPath& world,
                                   std::uint64_t seed) {
  // A warm connection, so that the round-trip time is known.
  if (auto done = transfer(world, answer.octets); !done) return Err{done.error()};
  // The seed moves the answer against the timers of both ends.
  const auto phase = static_cast<int>(Rng{seed}.fork("phase").below(200));
  if (auto ran = world.run_until(world.now() + 5s + phase * Duration{1ms}, UINT64_MAX); !ran) {
    return Err{ran.error()};
  }
  std::uint64_t before = 0;
  world.data().config().lose = [&](Instant, Bytes frame) {
    const std::uint64_t first = before;
    before += text_of(frame);
    return before > first && first < answer.octets &&
           before > answer.octets - answer.lost * kSegment;
  };
  const Instant start = world.now();
  if (auto done = transfer(world, answer.octets); !done) return Err{done.error()};
  return world.now() - start;
}

}  // namespace

Result<Duration, std::string> time_of(const Measurement& measurement, targets::Target& target,
                                      const Knobs& knobs, std::uint64_t seed) {
  TargetPath world{target, measurement.path, seed};
  if (auto connected = world.connect(knobs); !connected) return Err{connected.error()};
  return std::visit([&](const auto& what) { return take(what, world, seed); }, measurement.what);
}

}  // namespace packetwright::sim
