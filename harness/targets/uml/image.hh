// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>
#include <sys/user.h>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::uml {

// A booted machine at one instant: its memory and where its processor stands. The kernel, what it
// knows of connections, its clock and its random numbers are again as they were then, to the bit.
//
// The kernel must be waiting for its channel, when the image is taken and when it is put back. All
// that it knows lies in its memory, as it has no device but the channel, and the guest's program is
// memory of it too; what does not is which parts of that memory its processes see where. So the
// image can be put back as long as that is the same.
class Image {
 public:
  // An error: what this machine does not allow, or that the kernel is not at rest.
  [[nodiscard]] static Result<Image, std::string> take(pid_t kernel);
  ~Image();
  Image(Image&&) noexcept;
  Image& operator=(Image&&) = delete;

  // False: the kernel cannot be brought back, and must be booted anew.
  [[nodiscard]] bool put_back();

 private:
  // Memory of the kernel's process alone.
  struct Part {
    std::uint64_t begin = 0;
    Buffer octets;
  };
  Image() = default;
  [[nodiscard]] Result<void, std::string> save();
  [[nodiscard]] Result<void, std::string> save_ram(const std::string& name);
  [[nodiscard]] bool restore_parts();
  [[nodiscard]] bool restore_ram();

  pid_t kernel_ = -1;
  std::string layout_;  // what the processes see where
  user_regs_struct registers_{};
  std::vector<Part> parts_;
  linux_stack::UniqueFd memory_;  // of the process
  linux_stack::UniqueFd ram_;     // the file that is the memory of the guest
  std::uint8_t* live_ = nullptr;
  std::uint8_t* saved_ = nullptr;
  std::size_t size_ = 0;
  Buffer page_;
};

}  // namespace packetwright::uml
