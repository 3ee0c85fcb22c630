// SPDX-License-Identifier: Apache-2.0
// A web client on the reference stack and a TAP device: looks up a name, connects to the first
// address that answers, asks for a file, and writes it down as it arrives.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "examples/link/host.hh"
#include "examples/link/http.hh"
#include "stack/wire/address_text.hh"

namespace {

using namespace packetwright;
using namespace packetwright::example;
using drivers::EventLoop;

// Of anybody from whom something is expected.
constexpr Duration kPatience = 20s;
// As much as arrives between two looks, or the window closes.
constexpr std::size_t kPiece = 262'144;

template <class T>
using OrWhy = Result<T, std::string>;

OrWhy<std::vector<IpAddress>> look_up(Host& host, const std::string& name) {
  iface::Stack& stack = host.stack();
  const auto query = stack.resolve(host.now(), name, std::nullopt);
  if (!query) return Err{name + ": " + std::string{name_of(query.error())}};
  std::optional<Result<dns::Answer, dns::DnsError>> result;
  const auto ended = host.loop().run_until(
      [&] { return (result = stack.take_resolved(host.now(), *query)).has_value(); });
  if (ended != EventLoop::Ended::done) return Err{name + ": " + std::string{explain(ended)}};
  if (!*result) return Err{name + ": " + std::string{name_of(result->error())}};
  return (*result)->addresses;
}

OrWhy<iface::Descriptor> connect_to(Host& host, const Endpoint& server) {
  iface::Stack& stack = host.stack();
  const auto why = [&](std::string_view text) {
    return Err{wire::to_string(server) + ": " + std::string{text}};
  };
  const auto domain = server.address.is_v4() ? iface::Domain::inet : iface::Domain::inet6;
  const auto socket = stack.socket(domain, iface::SocketType::stream);
  if (!socket) return why(name_of(socket.error()));
  // The first call sends a SYN; later ones tell what became of it.
  auto outcome = iface::Errno::einprogress;
  const auto ended = host.loop().run_until(
      [&] {
        const auto connected = stack.connect(host.now(), *socket, server);
        outcome = connected ? iface::Errno::eisconn : connected.error();
        return outcome != iface::Errno::einprogress && outcome != iface::Errno::ealready;
      },
      kPatience);
  if (ended == EventLoop::Ended::done && outcome == iface::Errno::eisconn) return *socket;
  static_cast<void>(stack.close(host.now(), *socket));
  return why(ended == EventLoop::Ended::done ? name_of(outcome) : explain(ended));
}

OrWhy<iface::Descriptor> connect_to_any(Host& host, const HttpUrl& url) {
  const auto addresses = look_up(host, url.host);
  if (!addresses) return Err{addresses.error()};
  std::string why;
  for (const IpAddress& address : *addresses) {
    auto socket = connect_to(host, {address, url.port});
    if (socket) return socket;
    why += (why.empty() ? "" : "; ") + socket.error();
  }
  return Err{why};
}

OrWhy<void> write_all(Host& host, iface::Descriptor socket, std::string_view text) {
  Buffer left(text.begin(), text.end());
  std::optional<iface::Errno> error;
  const auto ended = host.loop().run_until(
      [&] {
        const auto written = host.stack().write(host.now(), socket, left);
        if (written) {
          left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(*written));
        } else if (written.error() != iface::Errno::eagain) {
          error = written.error();
        }
        return left.empty() || error;
      },
      kPatience);
  if (error) return Err{std::string{name_of(*error)}};
  if (ended != EventLoop::Ended::done) return Err{std::string{explain(ended)}};
  return {};
}

// Appends what arrives next to `text`; false: the server has said all.
OrWhy<bool> read_some(Host& host, iface::Descriptor socket, std::string& text) {
  std::optional<iface::SocketResult<iface::ReadResult>> got;
  const auto ended = host.loop().run_until(
      [&] {
        got = host.stack().read(host.now(), socket, kPiece);
        return got->ok() || got->error() != iface::Errno::eagain;
      },
      kPatience);
  if (ended != EventLoop::Ended::done) return Err{std::string{explain(ended)}};
  if (!*got) return Err{std::string{name_of(got->error())}};
  const Buffer& octets = (*got)->octets;
  text.append(octets.begin(), octets.end());
  return !octets.empty();
}

// Writes the body of the response to `out`, and returns the head.
OrWhy<HttpHead> receive(Host& host, iface::Descriptor socket, std::ostream& out) {
  constexpr char kTooShort[] = "the response ended before its time";
  std::string text;
  std::optional<HttpHead> head;
  while (!head) {
    const auto more = read_some(host, socket, text);
    if (!more) return Err{more.error()};
    auto taken = take_head(text);
    if (!taken) return Err{taken.error()};
    head = std::move(*taken);
    if (!head && !*more) return Err{std::string{kTooShort}};
  }
  auto body = HttpBody::of(*head);
  if (!body) return Err{body.error()};
  for (bool at_end = false;;) {
    std::string content;
    if (const auto taken = body->take(text, content); !taken) return Err{taken.error()};
    out << content;
    if (body->complete() || (at_end && body->ends_with_stream())) return std::move(*head);
    if (at_end) return Err{std::string{kTooShort}};
    const auto more = read_some(host, socket, text);
    if (!more) return Err{more.error()};
    at_end = !*more;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fetches a file over HTTP, on a TCP/IP stack of its own", "get"};
  HostOptions options;
  options.add_to(app);
  std::string text, output;
  app.add_option("url", text, "http://HOST[:PORT]/PATH; HOST is a name or an address")->required();
  app.add_option("-o,--output", output, "Write to this file instead of the standard output");
  if (const auto status = read_command_line(app, argc, argv)) return *status;
  const auto url = parse_url(text);
  if (!url) return fail(app, "'" + text + "' is not http://HOST[:PORT]/PATH", kUsage);

  std::ofstream file;
  if (!output.empty()) {
    file.open(output, std::ios::binary);
    if (!file) return fail(app, output + " cannot be written", kNoEnvironment);
  }
  std::ostream& out = output.empty() ? std::cout : file;

  const auto host = Host::open(options);
  if (!host) return fail(app, host.error(), kNoEnvironment);
  const auto socket = connect_to_any(**host, *url);
  if (!socket) return fail(app, socket.error(), kFellShort);
  const std::string request =
      "GET " + url->path + " HTTP/1.1\r\nHost: " + url->authority + "\r\nConnection: close\r\n\r\n";
  if (const auto sent = write_all(**host, *socket, request); !sent) {
    return fail(app, sent.error(), kFellShort);
  }
  const auto head = receive(**host, *socket, out);
  static_cast<void>((*host)->stack().close((*host)->now(), *socket));
  (*host)->finish();
  if (!head) return fail(app, head.error(), kFellShort);
  if (!out.flush()) return fail(app, "the file could not be written", kNoEnvironment);
  // "HTTP/1.1 200 OK"
  if (head->start_line.find(" 2") != 8) return fail(app, head->start_line, kFellShort);
  return kFine;
}
