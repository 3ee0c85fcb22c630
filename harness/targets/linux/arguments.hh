// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/targets/linux/posix_values.hh"

namespace packetwright::linux_stack {

// Reads the arguments of one call. The first thing that is wrong is remembered, and later reads
// give zeros, so that a preparer can read everything first and ask once.
class Arguments {
 public:
  // `shape` is what the call takes, for the message: "listen(fd, backlog)".
  Arguments(const std::vector<Value>& values, std::string shape, std::size_t least,
            std::size_t most)
      : values_(values), shape_(std::move(shape)) {
    if (values.size() < least || values.size() > most) error_ = "wrong number of arguments";
  }

  [[nodiscard]] bool ok() const { return error_.empty(); }
  // "listen(fd, backlog): unknown symbol SOMAXCON"
  [[nodiscard]] std::string error() const { return shape_ + ": " + error_; }
  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool has(std::size_t index) const { return index < values_.size(); }
  [[nodiscard]] const Value& at(std::size_t index) const {
    static const Value nothing = omitted();
    return has(index) ? values_[index] : nothing;
  }
  [[nodiscard]] bool is_omitted(std::size_t index) const {
    return linux_stack::is_omitted(at(index));
  }

  std::int64_t integer(std::size_t index) {
    return take(linux_stack::integer_of(at(index)), index);
  }
  int small(std::size_t index) { return static_cast<int>(integer(index)); }
  // A descriptor that the call uses.
  int descriptor(std::size_t index) {
    const int fd = small(index);
    touches(fd);
    return fd;
  }
  void touches(int fd) { descriptors_.push_back(fd); }
  [[nodiscard]] const std::vector<int>& descriptors() const { return descriptors_; }
  // [x]
  std::int64_t pointed(std::size_t index) { return take(pointed_integer_of(at(index)), index); }
  std::int64_t member(const Value& record, std::string_view name, std::size_t place,
                      std::int64_t otherwise) {
    return take(integer_member(record, name, place, otherwise), 0);
  }
  // A count of octets; not negative, and not so large that nobody could mean it.
  std::size_t length(std::size_t index) {
    const std::int64_t value = integer(index);
    if (value < 0 || value > kLargest) fail("a length of " + std::to_string(value) + " octets");
    return ok() ? static_cast<std::size_t>(value) : 0;
  }
  // The octets that a call sends: a text, or `...` for `length` zeros, as packetdrill sends them. A
  // text that is too short is filled up with zeros.
  Buffer octets(std::size_t index, std::size_t length) {
    Buffer out(length, 0);
    if (const auto* text = std::get_if<Value::Text>(&at(index).is)) {
      for (std::size_t i = 0; i < length && i < text->octets.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(text->octets[i]);
      }
    } else if (!is_omitted(index) && !std::holds_alternative<Value::Symbol>(at(index).is)) {
      fail("octets are wanted here");
    }
    return out;
  }

 private:
  static constexpr std::int64_t kLargest = std::int64_t{1} << 28;

  std::int64_t take(const Result<std::int64_t, std::string>& value, std::size_t index) {
    if (value) return *value;
    fail(index == 0 ? value.error()
                    : value.error() + " (argument " + std::to_string(index + 1) + ")");
    return 0;
  }

  const std::vector<Value>& values_;
  std::string shape_;
  std::string error_;
  std::vector<int> descriptors_;
};

}  // namespace packetwright::linux_stack
