// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/confinement.hh"

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace packetwright::uml {
namespace {

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter give(std::uint32_t answer) {
  return BPF_STMT(BPF_RET | BPF_K, answer);
}
constexpr sock_filter test(std::uint16_t how, unsigned long value, std::uint8_t skip_if,
                           std::uint8_t skip_unless) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | how | BPF_K),
                  static_cast<std::uint32_t>(value), skip_if, skip_unless);
}

}  // namespace

bool confine() noexcept {
  constexpr std::size_t kAddress = offsetof(seccomp_data, instruction_pointer);
  const sock_filter program[] = {
      load(offsetof(seccomp_data, arch)),
      test(BPF_JEQ, AUDIT_ARCH_X86_64, 0, 10),
      load(offsetof(seccomp_data, nr)),
      test(BPF_JEQ, SYS_getrandom, 0, 1),
      give(SECCOMP_RET_ERRNO | ENOSYS),
      load(kAddress + 4),  // the upper half
      test(BPF_JEQ, 0, 1, 0),
      give(SECCOMP_RET_ALLOW),
      load(kAddress),
      test(BPF_JGE, kGuestBegin, 0, 2),
      test(BPF_JGE, kGuestEnd, 1, 0),
      give(SECCOMP_RET_KILL_PROCESS),
      give(SECCOMP_RET_ALLOW),
  };
  sock_fprog whole{};
  whole.len = sizeof program / sizeof *program;
  whole.filter = const_cast<sock_filter*>(program);
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole) == 0;
}

}  // namespace packetwright::uml
