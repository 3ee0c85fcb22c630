// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/sim/pipe.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/iface/stack.hh"
#include "stack/tcp/config.hh"

namespace packetwright::sim {

// A way to send that is compared with others.
struct Sender {
  std::string name;
  std::function<void(tcp::TcpConfig&)> configure;
};

// The senders that the tables compare, in the order of their columns.
[[nodiscard]] std::vector<Sender> senders();

// A path between hosts: a bottleneck, and what it does to frames.
struct Path {
  std::uint64_t bits_per_second = 10'000'000;
  Duration round_trip = 10ms;
  std::uint32_t loss = 0;  // millionths, on the way of the data; acknowledgments are not lost
  std::uint32_t reordering = 0;
  Duration reordering_delay{0};
};

// A host with that address on its link's network, /24, that says nothing unasked, and with buffers
// of 8 MiB, so that its window is never what limits.
[[nodiscard]] iface::StackConfig bulk_host(std::uint64_t seed, const MacAddress& mac,
                                           const IpAddress& address);

// Its pipe on the way of the data; the queue holds what the path does, and at least 30 full frames.
[[nodiscard]] PipeConfig bottleneck(const Path& path);
// And on the way back, where nothing is lost.
[[nodiscard]] PipeConfig way_back(const Path& path);

// How long a transfer of `octets` takes, from the SYN to the last octet that the peer reads, to the
// next two milliseconds.
[[nodiscard]] Duration bulk_time(const Sender& sender, const Path& path, std::uint64_t octets,
                                 std::uint64_t seed);

// Two senders with unlimited data share one bottleneck; the second begins `late` after the first.
// The octets that each one brings in the last half of `duration`.
struct Shares {
  std::uint64_t first = 0, second = 0;
};
[[nodiscard]] Shares shared_octets(const Sender& first, const Sender& second, const Path& path,
                                   Duration late, Duration duration, std::uint64_t seed);

// How long an answer of `octets` takes whose last `lost` segments are lost, from the request to its
// last octet, on a connection that has carried another such answer before.
[[nodiscard]] Duration tail_loss_time(const Sender& sender, const Path& path, std::size_t octets,
                                      std::size_t lost, std::uint64_t seed);

// What the tables of reordering and of tail loss try: shares in millionths, for how long, segments.
inline constexpr std::uint32_t kReordered[] = {10'000, 50'000};
inline constexpr Duration kHeldBack[] = {2ms, 10ms};
inline constexpr std::uint32_t kTailsLost[] = {0, 1, 2, 5};

// What a set of tables holds.
struct TableSize {
  std::size_t seeds = 1;
  Duration duration = 10s;           // that a transfer would take if nothing but the rate counted
  Duration sharing = 30s;            // of two connections
  std::vector<std::uint64_t> rates;  // bits a second, of the first table
  std::uint64_t rate = 10'000'000;   // of the others
};

// 20 seeds and all rates: what is looked at. Takes minutes without optimisation.
[[nodiscard]] TableSize large_tables();
// Few seeds and one rate: what a test compares in any build.
[[nodiscard]] TableSize small_tables();

// All tables as text: goodput by rate, round-trip time and loss; reordering; tail loss; fairness.
// Medians over the seeds.
[[nodiscard]] std::string goodput_tables(const TableSize& size);

}  // namespace packetwright::sim
