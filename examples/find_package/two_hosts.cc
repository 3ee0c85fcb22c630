// SPDX-License-Identifier: Apache-2.0
// Two hosts on one wire, in one process, without a clock: one greets the other over UDP.
#include <cstdio>
#include <string_view>

#include "stack/iface/stack.hh"

namespace {

using namespace packetwright;

iface::StackConfig host(std::uint8_t number) {
  iface::StackConfig config;
  config.seed = number;
  config.mac.octets[5] = number;
  config.addresses = {{IpAddress::v4(10, 0, 0, number), 24}};
  config.claim.probe = false;  // nobody else is on this wire
  return config;
}

// Carries frames to and fro until both are quiet.
void settle(Instant now, iface::Stack& a, iface::Stack& b) {
  Buffer frame;
  for (bool moved = true; moved;) {
    moved = false;
    while (a.next_tx(frame)) b.on_frame(now, frame), moved = true;
    while (b.next_tx(frame)) a.on_frame(now, frame), moved = true;
  }
}

}  // namespace

int main() {
  const Instant now{};
  iface::Stack a{host(1)};
  iface::Stack b{host(2)};
  settle(now, a, b);

  const auto from = a.socket(iface::Domain::inet, iface::SocketType::datagram);
  const auto to = b.socket(iface::Domain::inet, iface::SocketType::datagram);
  const Endpoint there{IpAddress::v4(10, 0, 0, 2), 7};
  if (!from || !to || !b.bind(*to, there)) return 1;

  constexpr std::string_view kGreeting = "hello, other host";
  const Buffer greeting(kGreeting.begin(), kGreeting.end());
  if (!a.write(now, *from, greeting, {}, &there)) return 1;
  settle(now, a, b);

  const auto got = b.read(now, *to, 100);
  if (!got || got->octets != greeting) return 1;
  std::printf("%.*s\n", static_cast<int>(kGreeting.size()), kGreeting.data());
  return 0;
}
