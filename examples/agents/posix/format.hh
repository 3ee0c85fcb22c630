// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/packetwright_target.h"

// The numbers and texts of docs/agent-protocol.md, as an agent reads and writes them.
namespace posix_agent {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

// Kinds of records.
enum Kind : std::uint8_t {
  kHello = 0,
  kCreate = 1,
  kDestroy = 2,
  kInject = 3,
  kReset = 4,
  kAdvance = 5,
  kNextTimer = 6,
  kNow = 7,
  kWait = 8,
  kSocket = 9,
  kBind = 10,
  kListen = 11,
  kAccept = 12,
  kConnect = 13,
  kRead = 14,
  kWrite = 15,
  kShutdown = 16,
  kClose = 17,
  kSetOption = 18,
  kGetOption = 19,
  kPoll = 20,
  kLocalEndpoint = 21,
  kTcpStatus = 22,
  kSetIsn = 23,
  kResult = 128,
  kFrame = 129,
  kLog = 130,
  kClock = 131
};

// Reads from the front. What is missing is 0, and ok() says so.
class Reader {
 public:
  explicit Reader(Bytes octets) : rest_(octets) {}

  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : octets(width)) value = value << 8 | octet;
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  int fd() { return static_cast<int>(u32()); }
  Bytes octets(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      count = rest_.size();
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  Bytes all() { return octets(rest_.size()); }
  std::string text() {
    const Bytes read = octets(u16());
    return {read.begin(), read.end()};
  }
  pw_address address() {
    pw_address read{};
    read.family = u8();
    const Bytes value = octets(sizeof read.octets);
    if (ok_) std::memcpy(read.octets, value.data(), value.size());
    return read;
  }
  pw_endpoint endpoint() {
    pw_endpoint read{};
    read.address = address();
    read.port = u16();
    return read;
  }
  pw_prefix prefix() {
    pw_prefix read{};
    read.address = address();
    read.length = u8();
    return read;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  Bytes rest_;
  bool ok_ = true;
};

class Writer {
 public:
  Writer& number(std::uint64_t value, std::size_t width) {
    while (width > 0) octets_.push_back(static_cast<std::uint8_t>(value >> (8 * --width)));
    return *this;
  }
  Writer& u8(std::uint64_t value) { return number(value, 1); }
  Writer& u16(std::uint64_t value) { return number(value, 2); }
  Writer& u32(std::uint64_t value) { return number(value, 4); }
  Writer& u64(std::uint64_t value) { return number(value, 8); }
  Writer& i64(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 8); }
  Writer& octets(Bytes value) {
    octets_.insert(octets_.end(), value.begin(), value.end());
    return *this;
  }
  Writer& text(std::string_view value) {
    u16(value.size());
    octets_.insert(octets_.end(), value.begin(), value.end());
    return *this;
  }
  Writer& endpoint(const pw_endpoint& value) {
    return u8(value.address.family).octets(value.address.octets).u16(value.port);
  }
  // A whole record.
  Writer& record(Kind kind, Bytes value) { return u8(kind).u32(value.size()).octets(value); }

  [[nodiscard]] const Buffer& all() const { return octets_; }
  void clear() { octets_.clear(); }

 private:
  Buffer octets_;
};

// What `create` and `reset` are told.
struct Config {
  std::uint64_t seed = 0;
  pw_prefix local4{}, local6{};
  pw_address gateway4{}, gateway6{}, peer4{}, peer6{};
  std::uint8_t mac[6] = {};
  std::uint16_t mtu = 0;
  std::vector<std::pair<std::string, std::string>> knobs;
};

inline Config read_config(Reader& reader) {
  Config config;
  config.seed = reader.u64();
  config.local4 = reader.prefix();
  config.local6 = reader.prefix();
  config.gateway4 = reader.address();
  config.gateway6 = reader.address();
  config.peer4 = reader.address();
  config.peer6 = reader.address();
  const Bytes mac = reader.octets(sizeof config.mac);
  std::memcpy(config.mac, mac.data(), mac.size());
  config.mtu = reader.u16();
  for (std::size_t count = reader.u16(); count > 0 && reader.ok(); --count) {
    std::string name = reader.text();
    config.knobs.emplace_back(std::move(name), reader.text());
  }
  return config;
}

}  // namespace posix_agent
