// SPDX-License-Identifier: Apache-2.0
// A web server on the reference stack and a TAP device: serves the files of a folder to many
// clients at a time, over IPv4 and IPv6.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "examples/link/host.hh"
#include "examples/link/web_connection.hh"

namespace {

using namespace packetwright;
using namespace packetwright::example;
using drivers::EventLoop;

// Of clients that have connected and were not accepted yet.
constexpr int kBacklog = 128;

// One socket for both families: IPv4 clients show as ::ffff:a.b.c.d.
iface::SocketResult<iface::Descriptor> listen_at(iface::Stack& stack, std::uint16_t port) {
  const auto listener = stack.socket(iface::Domain::inet6, iface::SocketType::stream);
  if (!listener) return listener;
  if (const auto bound = stack.bind(*listener, {IpAddress::v6({}), port}); !bound) {
    return Err{bound.error()};
  }
  if (const auto done = stack.listen(*listener, kBacklog); !done) return Err{done.error()};
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Serves the files of a folder over HTTP, on a TCP/IP stack of its own", "httpd"};
  HostOptions options;
  options.add_to(app);
  std::filesystem::path root = ".";
  std::uint16_t port = 80;
  app.add_option("--port", port, "TCP port")->capture_default_str()->check(CLI::Range(1, 65535));
  app.add_option("folder", root, "The folder to serve")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  if (const auto status = read_command_line(app, argc, argv)) return *status;

  const auto host = Host::open(options);
  if (!host) return fail(app, host.error(), kNoEnvironment);
  iface::Stack& stack = (*host)->stack();
  EventLoop& loop = (*host)->loop();
  const auto listener = listen_at(stack, port);
  if (!listener) return fail(app, std::string{name_of(listener.error())}, kFellShort);
  std::cout << "serving " << root << " at port " << port << std::endl;

  std::vector<std::unique_ptr<WebConnection>> clients;
  const auto serve = [&] {
    const Instant now = loop.now();
    Endpoint peer;
    while (const auto accepted = stack.accept(now, *listener, &peer)) {
      clients.push_back(std::make_unique<WebConnection>(stack, *accepted, peer, root, now));
    }
    std::erase_if(clients, [&](const auto& client) { return !client->serve(now); });
    for (const auto& client : clients) loop.wake_at(client->gives_up_at());
    return false;
  };
  const EventLoop::Ended ended = loop.run_until(serve);
  if (ended != EventLoop::Ended::interrupted) {
    return fail(app, options.tap + ": " + std::string{explain(ended)}, kNoEnvironment);
  }
  // Whoever is being served learns by a reset that there will be no more.
  for (const auto& client : clients) client->abort(loop.now());
  static_cast<void>(loop.run_until([] { return true; }));
  return kFine;
}
