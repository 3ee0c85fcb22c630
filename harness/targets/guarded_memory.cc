// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/guarded_memory.hh"

#include <algorithm>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace packetwright::targets {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

GuardedMemory::~GuardedMemory() {
  release();
}

void GuardedMemory::release() noexcept {
  if (start_ != nullptr) munmap(start_, size_ + page_size());
  start_ = nullptr;
  size_ = 0;
}

MutableBytes GuardedMemory::last(std::size_t size) {
  if (start_ == nullptr || size > size_) {
    release();
    const std::size_t page = page_size();
    const std::size_t pages = std::max<std::size_t>(1, (size + page - 1) / page) * page;
    void* const mapped = mmap(nullptr, pages + page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc{};
    start_ = static_cast<std::uint8_t*>(mapped);
    size_ = pages;
    mprotect(start_ + pages, page, PROT_NONE);
  }
  return {start_ + size_ - size, size};
}

MutableBytes GuardedMemory::copy_of(Bytes octets) {
  const MutableBytes copy = last(octets.size());
  std::copy(octets.begin(), octets.end(), copy.begin());
  return copy;
}

}  // namespace packetwright::targets
