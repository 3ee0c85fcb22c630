// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// A pipe for what a program writes, of which the end is kept.
class OutputTail {
 public:
  [[nodiscard]] static Result<OutputTail, std::string> open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      return Err{std::string{"pipe: "} + std::strerror(errno)};
    }
    OutputTail made;
    made.reading_ = UniqueFd{ends[0]};
    made.writing_ = UniqueFd{ends[1]};
    fcntl(made.reading_.get(), F_SETFL, O_NONBLOCK);
    return made;
  }

  // -1 when nobody writes any more.
  [[nodiscard]] int reading() const noexcept { return reading_.get(); }
  [[nodiscard]] int writing() const noexcept { return writing_.get(); }
  // The program has its own.
  void close_writing() noexcept { writing_.reset(); }

  // Takes what can be read without waiting, a good deal at most. False: there was nothing.
  bool read_some() {
    std::array<char, 16384> chunk;
    for (int i = 0; i < 8; ++i) {
      const ssize_t got = reading_ ? ::read(reading_.get(), chunk.data(), chunk.size()) : -1;
      if (got == 0) reading_.reset();
      if (got <= 0) return i > 0;
      text_.append(chunk.data(), static_cast<std::size_t>(got));
      if (text_.size() > 2 * kKept) text_.erase(0, text_.size() - kKept);
    }
    return true;
  }
  [[nodiscard]] std::string take() {
    if (text_.size() > kKept) text_.erase(0, text_.size() - kKept);
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kKept = std::size_t{64} << 10;

  OutputTail() = default;
  UniqueFd reading_, writing_;
  std::string text_;
};

}  // namespace packetwright::linux_stack
