// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/text.hh"

#include <chrono>
#include <cstddef>
#include <iterator>

namespace packetwright::trace {
namespace {

constexpr const char* kCalls[] = {
    "listen",        "connect",       "accept",           "read",
    "write",         "write_urgent",  "shut_read",        "shut_write",
    "close",         "abort",         "close_listener",   "set_option",
    "open_datagram", "send_datagram", "receive_datagram", "close_datagram"};
static_assert(std::size(kCalls) == kCallKinds);

constexpr const char* kHarmNames[] = {"",
                                      ", an octet changed",
                                      ", an octet changed and the checksum not",
                                      ", bad checksum",
                                      ", cut short",
                                      ", padded"};
static_assert(std::size(kHarmNames) == kHarms);

std::string with_damage(std::string text, const Damage& damage) {
  return text + kHarmNames[static_cast<std::size_t>(damage.harm)];
}

struct Teller {
  std::string operator()(const Segment& segment) const {
    return with_damage("segment " + wire::to_string(segment.flags) + ", " +
                           std::to_string(segment.length) + " octets",
                       segment.damage);
  }
  std::string operator()(const Datagram& datagram) const {
    return with_damage("datagram, " + std::to_string(datagram.length) + " octets", datagram.damage);
  }
  std::string operator()(const IcmpError& error) const {
    return with_damage(
        "icmp error, type " + std::to_string(error.type) + " code " + std::to_string(error.code),
        error.damage);
  }
  std::string operator()(const Again&) const { return "a packet once more"; }
  std::string operator()(const Renew&) const { return "the peer forgets"; }
  std::string operator()(const Call& call) const {
    return std::string{"call "} + kCalls[static_cast<std::size_t>(call.kind)] + '(' +
           std::to_string(call.amount) + ')';
  }
  std::string operator()(const Wait& wait) const {
    return "wait " + std::to_string(wait.duration() / 1us) + " us" +
           (wait.until_timer ? " or until a timer" : "");
  }
};

}  // namespace

std::string text_of(const Event& event) {
  return std::visit(Teller{}, event);
}

}  // namespace packetwright::trace
