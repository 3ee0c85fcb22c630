// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/fuzz_story.hh"

#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "harness/capture/pcapng_writer.hh"
#include "harness/cli/version.hh"
#include "harness/packet/print.hh"
#include "stack/base/instant.hh"

namespace packetwright::cli {
namespace {

// "+1.500000".
std::string time_text(Instant at) {
  const std::int64_t microseconds = nanos(at) / 1'000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "+%lld.%06lld",
                static_cast<long long>(microseconds / 1'000'000),
                static_cast<long long>(microseconds % 1'000'000));
  return text.data();
}

}  // namespace

std::string story_of(const std::vector<trace::Step>& steps, bool ethernet) {
  using What = trace::Step::What;
  packet::PrintContext context;
  context.ports = true;
  std::string out;
  for (const trace::Step& step : steps) {
    out += time_text(step.at) + (step.what == What::peer_sent    ? "  < "
                                 : step.what == What::stack_sent ? "  > "
                                                                 : "    ");
    out += step.what == What::call ? step.text
                                   : packet::print(packet::dissect(step.frame, ethernet), context);
    out += '\n';
  }
  return out;
}

void write_steps(std::ostream& out, const std::vector<trace::Step>& steps, bool ethernet,
                 const std::string& target) {
  capture::PcapngWriter writer(out, "packetwright " + version_text());
  capture::Interface interface;
  interface.link_type = ethernet ? capture::LinkType::ethernet : capture::LinkType::raw;
  interface.name = target;
  const std::uint32_t number = writer.add_interface(interface);
  std::string calls;
  for (const trace::Step& step : steps) {
    if (step.what == trace::Step::What::call) {
      if (!calls.empty()) calls += '\n';
      calls += step.text;
      continue;
    }
    capture::Packet packet;
    packet.interface = number;
    packet.time_ns = nanos(step.at);
    packet.octets = step.frame;
    packet.direction = step.what == trace::Step::What::stack_sent ? capture::Direction::outbound
                                                                  : capture::Direction::inbound;
    packet.comment = std::exchange(calls, {});
    writer.write(packet);
  }
}

}  // namespace packetwright::cli
