// SPDX-License-Identifier: Apache-2.0
#include "harness/import/import.hh"

#include <utility>

#include "harness/capture/reader.hh"
#include "harness/import/mend.hh"
#include "harness/import/tcp_script.hh"
#include "harness/import/udp_script.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::import {
namespace {

// First and last frame of a conversation.
std::string frame_range(const Conversation& conversation) {
  const std::uint32_t first = conversation.packets.front().frame;
  const std::uint32_t last = conversation.packets.back().frame;
  if (first == last) return "frame " + std::to_string(first);
  return "frames " + std::to_string(first) + " to " + std::to_string(last);
}

std::vector<std::string> title_of(const Conversation& conversation, const ImportOptions& options) {
  const bool client = options.side == Side::client;
  const bool tcp = conversation.transport == Transport::tcp;
  const std::string what = tcp                     ? "TCP connection"
                           : conversation.is_dns() ? "DNS exchange"
                                                   : "UDP exchange";
  std::string from = options.capture_name;
  for (char& c : from) {
    if (c < ' ' || c > '~') c = '?';  // a comment is one line of ASCII
  }
  return {what + " between " + text_of(conversation.client) + " and " +
              text_of(conversation.server) + ".",
          "From " + from + ", " + frame_range(conversation) + ". The stack under test is the " +
              (client ? "client, " : "server, ") +
              wire::to_string((client ? conversation.client : conversation.server).address) + ".",
          "Calls are inferred from what was sent and received."};
}

}  // namespace

Result<Recording, std::string> read_recording(Bytes capture) {
  const auto read = capture::read_all(capture);
  if (!read) return Err{read.error().what};
  Datagrams datagrams = datagrams_of(*read);
  Recording out;
  for (const std::string& what : datagrams.left_out) out.remarks.push_back("left out: " + what);
  if (read->damage) {
    out.remarks.push_back("read up to octet " + std::to_string(read->damage->offset) + ": " +
                          read->damage->what);
  }
  out.conversations = conversations_of(std::move(datagrams.all));
  return out;
}

Result<Imported, std::string> import(const Conversation& conversation,
                                     const ImportOptions& options) {
  const std::vector<std::string> title = title_of(conversation, options);
  if (conversation.transport == Transport::udp) return udp_script(conversation, title, options);
  const auto mended = mend(conversation, options.side);
  if (!mended) return Err{mended.error()};
  return tcp_script(*mended, conversation, title, options);
}

Result<Side, std::string> side_from(std::string_view text, const Conversation& conversation) {
  const Endpoint& client = conversation.client;
  const Endpoint& server = conversation.server;
  if (text.empty()) {
    // On a loopback both ends are on that host.
    const auto& here = conversation.captured_on;
    const bool tells = here && client.address != server.address;
    return tells && *here == client.address ? Side::client : Side::server;
  }
  if (text == "client") return Side::client;
  if (text == "server") return Side::server;
  const bool same_address = client.address == server.address;
  for (const Side side : {Side::client, Side::server}) {
    const Endpoint& end = side == Side::client ? client : server;
    if (text == text_of(end)) return side;
    if (!same_address && text == wire::to_string(end.address)) return side;
  }
  std::string why =
      "'" + std::string(text) + "' is neither end of the conversation; say client, " + "server, ";
  if (same_address) return Err{why + text_of(client) + " or " + text_of(server)};
  return Err{why + wire::to_string(client.address) + " or " + wire::to_string(server.address)};
}

}  // namespace packetwright::import
