// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/targets/packetwright_target.h"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

// The messages of docs/agent-protocol.md, as octets. No input or output.
namespace packetwright::agent {

inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::size_t kLargestMessage = std::size_t{16} << 20;
inline constexpr std::size_t kLengthSize = 4;  // in front of a message

// The numbers are those of the protocol.
enum class Operation : std::uint8_t {
  hello,
  create,
  destroy,
  inject,
  reset,
  advance,
  next_timer,
  now,
  wait,
  socket,
  bind,
  listen,
  accept,
  connect,
  read,
  write,
  shutdown,
  close,
  set_option,
  get_option,
  poll,
  local_endpoint,
  tcp_status,
  set_isn,
  resolve,
  resolved,
  netstat,
};
inline constexpr std::size_t kOperations = 27;
[[nodiscard]] std::string_view name_of(Operation operation) noexcept;

// What the harness says: operations with their arguments. What is put behind add() belongs to that
// operation.
class Request {
 public:
  Request() { clear(); }

  Request& add(Operation operation);
  Request& u8(std::uint8_t value);
  Request& u16(std::uint16_t value);
  Request& u32(std::uint32_t value);
  Request& u64(std::uint64_t value);
  Request& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  Request& octets(Bytes value);
  Request& text(std::string_view value);  // without a length
  Request& address(const pw_address& value);
  Request& endpoint(const pw_endpoint& value);
  Request& config(const pw_config& value);

  [[nodiscard]] const std::vector<Operation>& operations() const noexcept { return operations_; }
  // The whole message, with its length. Valid until the next change.
  [[nodiscard]] Bytes finish();
  void clear();

 private:
  void end_record();

  Buffer octets_;
  std::vector<Operation> operations_;
  std::size_t record_ = 0;  // where the length of the last record stands; 0: there is none
};

// --- what an agent answers; octets and texts lie in the message

struct FrameSent {
  std::uint64_t at;  // nanoseconds
  Bytes octets;
};
struct LogLine {
  std::string_view text;
};
struct OperationResult {
  std::int64_t value;  // below 0: minus an errno
  Bytes more;          // what the operation returns beside it
};
struct Clock {
  std::uint64_t now;         // nanoseconds
  std::uint64_t next_timer;  // nanoseconds, or PW_NEVER
};
using Event = std::variant<FrameSent, LogLine, OperationResult, Clock>;

// What happened, in its order, by a message without its length. The error says at which octet it
// is not what the protocol allows as the answer to so many operations.
[[nodiscard]] Result<std::vector<Event>, std::string> decode_answer(Bytes message,
                                                                    std::size_t operations);

// Reads numbers one after the other. What is not there is 0, and then ok() is false.
class Reader {
 public:
  explicit Reader(Bytes octets) : rest_(octets) {}

  std::uint8_t u8() noexcept;
  std::uint16_t u16() noexcept;
  std::uint32_t u32() noexcept;
  std::uint64_t u64() noexcept;
  std::int64_t i64() noexcept { return static_cast<std::int64_t>(u64()); }
  Bytes octets(std::size_t count) noexcept;
  // All that is left.
  Bytes all() noexcept { return octets(rest_.size()); }
  // With its length in 16 bits before it, and without a zero.
  std::string_view text() noexcept;
  pw_address address() noexcept;
  pw_endpoint endpoint() noexcept;

  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  // Nothing was missing, and nothing is left over.
  [[nodiscard]] bool ended_well() const noexcept { return ok_ && rest_.empty(); }

 private:
  Bytes rest_;
  bool ok_ = true;
};

// What an agent says of itself.
struct Hello {
  std::uint16_t version = 0;
  std::uint32_t flags = 0;  // enum pw_target_flag
  std::uint64_t tick_ns = 0;
  std::uint64_t slack_ns = 0;
  std::uint32_t operations = 0;  // bit N: kind N
  std::string name, stack_version, capabilities;

  [[nodiscard]] bool has(Operation operation) const noexcept {
    return (operations >> static_cast<unsigned>(operation) & 1) != 0;
  }
  friend bool operator==(const Hello&, const Hello&) = default;
};
[[nodiscard]] std::optional<Hello> read_hello(Bytes more);

struct Counter {
  std::string name;
  std::int64_t value;
};
struct TcpStatus {
  std::uint8_t state = 0;  // enum pw_tcp_state
  std::vector<Counter> counters;
};
[[nodiscard]] std::optional<TcpStatus> read_tcp_status(Bytes more);

[[nodiscard]] std::optional<std::vector<pw_address>> read_addresses(Bytes more);

}  // namespace packetwright::agent
