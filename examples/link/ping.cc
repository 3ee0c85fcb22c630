// SPDX-License-Identifier: Apache-2.0
// Asks a host for echoes (ICMP, ICMPv6) with the reference stack, over a TAP device, and tells how
// long they took.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>

#include "examples/link/host.hh"
#include "stack/wire/address_text.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace {

using namespace packetwright;
using namespace packetwright::example;
using drivers::EventLoop;

constexpr std::size_t kHeader = 8;
constexpr std::size_t kSequenceAt = 6;

// Identifier and checksum are the socket's to fill in.
Buffer echo_request(Family family, std::uint16_t sequence, std::size_t size) {
  Buffer message(kHeader + size);
  message[0] = family == Family::ipv4 ? static_cast<std::uint8_t>(wire::Icmpv4Type::echo_request)
                                      : static_cast<std::uint8_t>(wire::Icmpv6Type::echo_request);
  store_be16(message, kSequenceAt, sequence);
  for (std::size_t i = 0; i < size; ++i) message[kHeader + i] = static_cast<std::uint8_t>(i);
  return message;
}

bool is_answer_to(const Buffer& request, const Buffer& reply) {
  return reply.size() == request.size() &&
         std::equal(request.begin() + kSequenceAt, request.end(), reply.begin() + kSequenceAt);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Asks a host for echoes, on a TCP/IP stack of its own", "ping"};
  HostOptions options;
  options.add_to(app);
  std::string text;
  unsigned count = 4;
  std::size_t size = 56;
  std::int64_t patience_ms = 1000;
  app.add_option("host", text, "The host's address")->required();
  app.add_option("-c,--count", count, "How often")
      ->capture_default_str()
      ->check(CLI::Range(1, 65535));
  app.add_option("-s,--size", size, "Octets of data")
      ->capture_default_str()
      ->check(CLI::Range(0, 65000));
  app.add_option("-W,--timeout", patience_ms, "Milliseconds to wait for each echo")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'600'000));
  if (const auto status = read_command_line(app, argc, argv)) return *status;
  const auto address = wire::parse_address(text);
  if (!address) return fail(app, "'" + text + "' is no address", kUsage);

  const auto host = Host::open(options);
  if (!host) return fail(app, host.error(), kNoEnvironment);
  iface::Stack& stack = (*host)->stack();
  EventLoop& loop = (*host)->loop();
  const bool v4 = address->is_v4();
  const auto socket =
      stack.socket(v4 ? iface::Domain::inet : iface::Domain::inet6, iface::SocketType::datagram,
                   v4 ? iface::Protocol::icmp : iface::Protocol::icmpv6);
  if (!socket) return fail(app, std::string{name_of(socket.error())}, kFellShort);
  if (const auto known = stack.connect(loop.now(), *socket, {*address, 0}); !known) {
    return fail(app, std::string{name_of(known.error())}, kFellShort);
  }

  unsigned answered = 0;
  for (unsigned sequence = 1; sequence <= count; ++sequence) {
    const Buffer request =
        echo_request(address->family(), static_cast<std::uint16_t>(sequence), size);
    const Instant asked = loop.now();
    std::string outcome;
    if (const auto sent = stack.write(asked, *socket, request); !sent) {
      outcome = name_of(sent.error());
    }
    const auto heard = [&] {
      if (!outcome.empty()) return true;
      const auto got = stack.read(loop.now(), *socket, kHeader + size);
      if (!got && got.error() != iface::Errno::eagain) outcome = name_of(got.error());
      return !outcome.empty() || (got && is_answer_to(request, got->octets));
    };
    const EventLoop::Ended ended = loop.run_until(heard, std::chrono::milliseconds{patience_ms});
    std::cout << text << " " << sequence << ": ";
    if (!outcome.empty()) {
      std::cout << outcome << std::endl;
    } else if (ended == EventLoop::Ended::done) {
      ++answered;
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(loop.now() - asked);
      std::cout << request.size() << " octets in " << took.count() << " us" << std::endl;
    } else {
      std::cout << explain(ended) << std::endl;
      if (ended != EventLoop::Ended::timed_out) break;
    }
  }
  std::cout << answered << " of " << count << " answered\n";
  return answered == count ? kFine : kFellShort;
}
