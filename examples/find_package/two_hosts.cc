// SPDX-License-Identifier: Apache-2.0
// Two hosts at the ends of a cable, in one process, without a clock: one greets the other over UDP.
#include <cstdio>
#include <string_view>

#include "stack/iface/driver_pump.hh"
#include "stack/iface/memory_link.hh"
#include "stack/iface/stack.hh"

namespace {

using namespace packetwright;

iface::StackConfig host(std::uint8_t number, const iface::Driver& driver) {
  iface::StackConfig config;
  config.seed = number;
  config.mac = driver.mac();
  config.mtu = driver.mtu();
  config.addresses = {{IpAddress::v4(10, 0, 0, number), 24}};
  config.claim.probe = false;  // nobody else is on this cable
  return config;
}

}  // namespace

int main() {
  const Instant now{};
  iface::MemoryLink cable;
  iface::Stack a{host(1, cable.first())};
  iface::Stack b{host(2, cable.second())};
  iface::DriverPump a_pump{a, cable.first()};
  iface::DriverPump b_pump{b, cable.second()};
  // Carries frames to and fro until both are quiet.
  const auto settle = [&] {
    while (a_pump.run(now) + b_pump.run(now) > 0) {
    }
  };
  settle();

  const auto from = a.socket(iface::Domain::inet, iface::SocketType::datagram);
  const auto to = b.socket(iface::Domain::inet, iface::SocketType::datagram);
  const Endpoint there{IpAddress::v4(10, 0, 0, 2), 7};
  if (!from || !to || !b.bind(*to, there)) return 1;

  constexpr std::string_view kGreeting = "hello, other host";
  const Buffer greeting(kGreeting.begin(), kGreeting.end());
  if (!a.write(now, *from, greeting, {}, &there)) return 1;
  settle();

  const auto got = b.read(now, *to, 100);
  if (!got || got->octets != greeting) return 1;
  std::printf("%.*s\n", static_cast<int>(kGreeting.size()), kGreeting.data());
  return 0;
}
