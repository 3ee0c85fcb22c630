// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/script/parser.hh"
#include "harness/script/printer.hh"

// What the tests of this folder share.
namespace packetwright::script::testing {

inline std::string all_remarks(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += render(diagnostic) + "\n";
  return text;
}

// The tree of a text that has to be right.
inline Script parsed(std::string_view text, const ParseOptions& options = {}) {
  const ParseResult result = parse({"test.pkt", std::string(text)}, options);
  EXPECT_TRUE(result.ok()) << text << "\n" << all_remarks(result.diagnostics);
  return result.script;
}

// The only event of a text.
inline Event event_of(std::string_view text, const ParseOptions& options = {}) {
  const Script script = parsed(text, options);
  EXPECT_EQ(script.events.size(), 1u) << text;
  return script.events.empty() ? Event{} : script.events.front();
}

// The packet of "+0 TEXT".
inline Packet packet_of(std::string_view text, const ParseOptions& options = {}) {
  const Event event = event_of("+0 " + std::string(text) + "\n", options);
  const Packet* packet = event.as<Packet>();
  EXPECT_NE(packet, nullptr) << text;
  return packet == nullptr ? Packet{} : *packet;
}

inline Tcp tcp_of(std::string_view text) {
  const Packet packet = packet_of(text);
  const Tcp* tcp = packet.as<Tcp>();
  EXPECT_NE(tcp, nullptr) << text;
  return tcp == nullptr ? Tcp{} : *tcp;
}

inline SystemCall call_of(std::string_view text) {
  const Event event = event_of("+0 " + std::string(text) + "\n");
  const SystemCall* call = event.as<SystemCall>();
  EXPECT_NE(call, nullptr) << text;
  return call == nullptr ? SystemCall{} : *call;
}

// "LINE:COLUMN: message", one a line, of that severity.
inline std::string remarks(std::string_view text, Severity severity = Severity::error,
                           const ParseOptions& options = {}) {
  std::string found;
  for (const Diagnostic& d : parse({"test.pkt", std::string(text)}, options).diagnostics) {
    if (d.severity != severity) continue;
    found += std::to_string(d.line) + ":" + std::to_string(d.column) + ": " + d.message + "\n";
  }
  return found;
}

inline std::string extensions(std::string_view text) {
  return remarks(text, Severity::extension);
}
inline std::string warnings(std::string_view text) {
  return remarks(text, Severity::warning);
}

// Line 1 of a text that makes it one of ours.
inline constexpr std::string_view kStrict = "//: needs nothing\n";

inline std::string strict(std::string_view text) {
  return std::string(kStrict) + std::string(text);
}

}  // namespace packetwright::script::testing
