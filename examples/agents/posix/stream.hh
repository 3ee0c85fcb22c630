// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format.hh"

namespace posix_agent {

// The messages of the harness, by plain read() and write(): a pipe, a socket or a character device.
class Stream {
 public:
  Stream(int in, int out) : in_(in), out_(out) {}
  // One device for both ways, without what a terminal does to octets. Ends the program if it cannot
  // be opened.
  static Stream on_device(const char* path);

  // For poll().
  [[nodiscard]] int in() const { return in_; }

  // Waits for a message and returns it without its length. False: there is none to come.
  [[nodiscard]] bool read(Buffer& message) const;
  [[nodiscard]] bool write(Bytes message) const;

 private:
  bool write_all(Bytes octets) const;

  int in_, out_;
};

}  // namespace posix_agent
