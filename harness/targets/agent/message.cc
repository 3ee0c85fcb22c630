// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/message.hh"

#include <algorithm>
#include <array>
#include <iterator>

namespace packetwright::agent {
namespace {

constexpr std::uint8_t kResult = 128, kFrame = 129, kLog = 130, kClock = 131;
constexpr std::size_t kRecordHeader = 5;  // kind, length
constexpr std::size_t kAddressSize = 17;
constexpr std::size_t kIpv4Octets = 4;
constexpr std::size_t kLongestText = 0xffff;

constexpr std::array<std::string_view, kOperations> kNames = {
    "hello",      "create",     "destroy", "inject",         "reset",      "advance",
    "next_timer", "now",        "wait",    "socket",         "bind",       "listen",
    "accept",     "connect",    "read",    "write",          "shutdown",   "close",
    "set_option", "get_option", "poll",    "local_endpoint", "tcp_status", "set_isn",
    "resolve",    "resolved",   "netstat"};

std::string_view as_text(Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Event result_in(Reader& reader) {
  const std::int64_t value = reader.i64();
  return OperationResult{value, reader.all()};
}
Event frame_in(Reader& reader) {
  const std::uint64_t at = reader.u64();
  return FrameSent{at, reader.all()};
}
Event clock_in(Reader& reader) {
  const std::uint64_t now = reader.u64();
  return Clock{now, reader.u64()};
}

// nullopt: there is no such kind.
std::optional<Event> event_in(std::uint8_t kind, Reader& reader) {
  switch (kind) {
    case kResult: return result_in(reader);
    case kFrame: return frame_in(reader);
    case kLog: return LogLine{as_text(reader.all())};
    case kClock: return clock_in(reader);
    default: return std::nullopt;
  }
}

std::string at_octet(std::size_t offset, const std::string& what) {
  return what + ", at octet " + std::to_string(offset) + " of its message";
}

}  // namespace

std::string_view name_of(Operation operation) noexcept {
  return kNames[static_cast<std::size_t>(operation)];
}

// --- to the agent

Request& Request::add(Operation operation) {
  end_record();
  operations_.push_back(operation);
  u8(static_cast<std::uint8_t>(operation));
  record_ = octets_.size();
  return u32(0);  // the length is known at the end
}

Request& Request::u8(std::uint8_t value) {
  octets_.push_back(value);
  return *this;
}
Request& Request::u16(std::uint16_t value) {
  return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value));
}
Request& Request::u32(std::uint32_t value) {
  return u16(static_cast<std::uint16_t>(value >> 16)).u16(static_cast<std::uint16_t>(value));
}
Request& Request::u64(std::uint64_t value) {
  return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
}
Request& Request::octets(Bytes value) {
  octets_.insert(octets_.end(), value.begin(), value.end());
  return *this;
}
Request& Request::text(std::string_view value) {
  octets_.insert(octets_.end(), value.begin(), value.end());
  return *this;
}
Request& Request::address(const pw_address& value) {
  return u8(value.family).octets(value.octets);
}
Request& Request::endpoint(const pw_endpoint& value) {
  return address(value.address).u16(value.port);
}

Request& Request::config(const pw_config& value) {
  u64(value.seed);
  for (const pw_prefix& local : {value.local4, value.local6}) {
    address(local.address).u8(local.length);
  }
  for (const pw_address& other : {value.gateway4, value.gateway6, value.peer4, value.peer6}) {
    address(other);
  }
  octets(value.mac).u16(value.mtu);
  const std::size_t count = std::min(value.knob_count, kLongestText);
  u16(static_cast<std::uint16_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::string_view one : {value.knobs[i].name, value.knobs[i].value}) {
      one = one.substr(0, kLongestText);
      u16(static_cast<std::uint16_t>(one.size())).text(one);
    }
  }
  return *this;
}

void Request::end_record() {
  if (record_ == 0) return;
  const std::size_t length = octets_.size() - record_ - kLengthSize;
  store_be32(octets_, record_, static_cast<std::uint32_t>(length));
}

Bytes Request::finish() {
  end_record();
  store_be32(octets_, 0, static_cast<std::uint32_t>(octets_.size() - kLengthSize));
  return octets_;
}

void Request::clear() {
  octets_.assign(kLengthSize, 0);
  operations_.clear();
  record_ = 0;
}

// --- from the agent

Result<std::vector<Event>, std::string> decode_answer(Bytes message, std::size_t operations) {
  std::vector<Event> events;
  std::size_t results = 0, at = 0;
  while (at < message.size()) {
    const auto wrong = [&](const std::string& what) { return Err{at_octet(at, what)}; };
    if (message.size() - at < kRecordHeader) return wrong("it sent half of a record");
    const std::uint8_t kind = message[at];
    const std::size_t length = load_be32(message, at + 1);
    const std::size_t left = message.size() - at - kRecordHeader;
    if (length > left) {
      return wrong("it sent a record of " + std::to_string(length) + " octets, where " +
                   std::to_string(left) + " are left");
    }
    if (!events.empty() && std::holds_alternative<Clock>(events.back())) {
      return wrong("it sent a record behind its clock");
    }
    Reader reader{message.subspan(at + kRecordHeader, length)};
    std::optional<Event> event = event_in(kind, reader);
    if (!event) return wrong("it sent a record of kind " + std::to_string(kind));
    if (!reader.ended_well()) {
      return wrong("it sent a record of kind " + std::to_string(kind) + " with " +
                   std::to_string(length) + " octets");
    }
    if (std::holds_alternative<OperationResult>(*event) && ++results > operations) {
      return wrong("it sent more than the " + std::to_string(operations) + " results asked for");
    }
    events.push_back(*event);
    at += kRecordHeader + length;
  }
  if (results < operations) {
    return Err{"it sent " + std::to_string(results) + " results, where " +
               std::to_string(operations) + " were asked for"};
  }
  return events;
}

std::uint8_t Reader::u8() noexcept {
  const Bytes one = octets(1);
  return one.empty() ? std::uint8_t{0} : one[0];
}
std::uint16_t Reader::u16() noexcept {
  const Bytes two = octets(2);
  return two.empty() ? std::uint16_t{0} : load_be16(two, 0);
}
std::uint32_t Reader::u32() noexcept {
  const Bytes four = octets(4);
  return four.empty() ? 0 : load_be32(four, 0);
}
std::uint64_t Reader::u64() noexcept {
  const Bytes eight = octets(8);
  return eight.empty() ? 0 : load_be64(eight, 0);
}

Bytes Reader::octets(std::size_t count) noexcept {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const Bytes taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::string_view Reader::text() noexcept {
  const std::string_view read = as_text(octets(u16()));
  if (read.find('\0') != std::string_view::npos) ok_ = false;
  return read;
}

pw_address Reader::address() noexcept {
  pw_address read{};
  const Bytes all = octets(kAddressSize);
  if (all.empty()) return read;
  read.family = all[0];
  // Of an IPv4 address the rest counts for nothing.
  const std::size_t count = read.family == PW_IPV4 ? kIpv4Octets : sizeof read.octets;
  std::copy_n(std::next(all.begin()), count, read.octets);
  return read;
}

pw_endpoint Reader::endpoint() noexcept {
  pw_endpoint read{};
  read.address = address();
  read.port = u16();
  return read;
}

std::optional<Hello> read_hello(Bytes more) {
  Reader reader{more};
  Hello hello;
  hello.version = reader.u16();
  hello.flags = reader.u32();
  hello.tick_ns = reader.u64();
  hello.slack_ns = reader.u64();
  hello.operations = reader.u32();
  hello.name = reader.text();
  hello.stack_version = reader.text();
  hello.capabilities = reader.text();
  if (!reader.ended_well()) return std::nullopt;
  return hello;
}

std::optional<TcpStatus> read_tcp_status(Bytes more) {
  Reader reader{more};
  TcpStatus status;
  status.state = reader.u8();
  for (std::size_t count = reader.u16(); count > 0 && reader.ok(); --count) {
    std::string name{reader.text()};
    status.counters.push_back({std::move(name), reader.i64()});
  }
  if (!reader.ended_well()) return std::nullopt;
  return status;
}

std::optional<std::vector<pw_address>> read_addresses(Bytes more) {
  Reader reader{more};
  std::vector<pw_address> addresses;
  while (reader.left() > 0) addresses.push_back(reader.address());
  if (!reader.ok()) return std::nullopt;
  return addresses;
}

}  // namespace packetwright::agent
