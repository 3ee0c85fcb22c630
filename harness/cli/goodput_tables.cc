// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/goodput_tables.hh"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/report/paint.hh"
#include "harness/sim/goodput.hh"

namespace packetwright::cli {
namespace {

using report::padded;

// Columns of a row's name; the last one ends where the figures begin.
constexpr std::size_t kColumn = 13, kNames = 35;

// "0.1" as 1'000: percent with up to four digits behind the point.
std::optional<std::uint32_t> millionths(std::string_view percent) {
  const std::size_t point = std::min(percent.find('.'), percent.size());
  std::string digits{percent.substr(0, point)};
  std::string_view behind = percent.substr(std::min(point + 1, percent.size()));
  if (digits.empty() || behind.size() > 4 || (point < percent.size() && behind.empty())) {
    return std::nullopt;
  }
  digits += behind;
  digits.append(4 - behind.size(), '0');
  std::uint32_t value = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || rest != digits.data() + digits.size() || value >= 1'000'000) {
    return std::nullopt;
  }
  return value;
}

sim::BulkTransfer bulk(const sim::Path& path, std::uint32_t seconds) {
  return {path.bits_per_second / 8 * seconds};
}

std::string milliseconds(Duration time) {
  return std::to_string(time / 1ms) + " ms";
}

std::string name_of(const std::string& first, const std::string& second,
                    const std::string& third = "") {
  return padded(padded(first, kColumn) + padded(second, kColumn) + third, kNames);
}

Result<GoodputTable, EarlyEnd> transfers(const GoodputArguments& arguments) {
  GoodputTable table{"Transfers: share of the bottleneck that the user got",
                     name_of("rate", "round trip", "loss"),
                     true,
                     {}};
  for (const std::uint32_t rate : arguments.rates) {
    for (const std::uint32_t round_trip : arguments.round_trips) {
      for (const std::string& loss : arguments.losses) {
        const auto share = millionths(loss);
        if (!share) return Err{usage("--loss " + loss + ": expected percent, as 0.1")};
        sim::Path path;
        path.bits_per_second = std::uint64_t{rate} * 1'000'000;
        path.round_trip = round_trip * Duration{1ms};
        path.loss = *share;
        // Without loss nothing is drawn that the path would notice.
        table.rows.push_back(
            {name_of(std::to_string(rate) + " Mbit/s", milliseconds(path.round_trip), loss + " %"),
             {path, bulk(path, arguments.seconds)},
             *share == 0 ? 1 : std::size_t{arguments.seeds}});
      }
    }
  }
  return table;
}

GoodputTable reordering(const GoodputArguments& arguments) {
  GoodputTable table{"Reordering: 10 Mbit/s, 20 ms round trip; frames that are held back, how long",
                     name_of("frames", "held back"),
                     true,
                     {}};
  for (const std::uint32_t share : sim::kReordered) {
    for (const Duration held : sim::kHeldBack) {
      sim::Path path;
      path.round_trip = 20ms;
      path.reordering = share;
      path.reordering_delay = held;
      table.rows.push_back({name_of(std::to_string(share / 10'000) + " %", milliseconds(held)),
                            {path, bulk(path, arguments.seconds)},
                            arguments.seeds});
    }
  }
  return table;
}

GoodputTable tail_loss(const GoodputArguments& arguments) {
  GoodputTable table{"Tail loss: 10 Mbit/s; time of an answer of ten segments, its last ones lost",
                     name_of("round trip", "lost"),
                     false,
                     {}};
  for (const Duration round_trip : {Duration{10ms}, Duration{100ms}}) {
    for (const std::uint32_t lost : sim::kTailsLost) {
      sim::Path path;
      path.round_trip = round_trip;
      table.rows.push_back({name_of(milliseconds(round_trip), std::to_string(lost)),
                            {path, sim::AnswerWithoutTail{14'480, lost}},
                            arguments.seeds});
    }
  }
  return table;
}

}  // namespace

Result<std::vector<GoodputTable>, EarlyEnd> goodput_tables(const GoodputArguments& arguments) {
  auto first = transfers(arguments);
  if (!first) return Err{first.error()};
  std::vector<GoodputTable> tables{std::move(*first)};
  if (arguments.all) {
    tables.push_back(reordering(arguments));
    tables.push_back(tail_loss(arguments));
  }
  return tables;
}

}  // namespace packetwright::cli
