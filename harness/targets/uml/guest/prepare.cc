// SPDX-License-Identifier: Apache-2.0
// The first program of the kernel of uml is the agent of examples/agents/posix with this linked to
// it. It runs before main(): makes a system of the bare kernel, and touches all memory that the
// program will need, so that the kernel changes no mapping later (image.hh).
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

struct Device {
  const char* path;
  unsigned int major, minor;
};
constexpr Device kDevices[] = {
    {"/dev/null", 1, 3},  {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9},
    {"/dev/kmsg", 1, 11}, {"/dev/dsp", 14, 3},   {"/dev/net/tun", 10, 200},
};

void make_system() {
  mount("proc", "/proc", "proc", 0, nullptr);
  mount("ramfs", "/dev", "ramfs", 0, nullptr);
  mkdir("/dev/net", 0755);
  for (const Device& one : kDevices) {
    mknod(one.path, S_IFCHR | 0666, makedev(one.major, one.minor));
  }
  const int nothing = open("/dev/null", O_RDWR);
  const int words = open("/dev/kmsg", O_WRONLY);
  dup2(nothing, 0);
  dup2(nothing, 1);
  dup2(words, 2);
  for (int fd = 3; fd < 16; ++fd) close(fd);
}

void touch_stack() {
  volatile char deep[256 * 1024];
  for (std::size_t at = 0; at < sizeof deep; at += 4096) deep[at] = 1;
}

void touch_heap() {
  constexpr int kHeap = 2 * 1024 * 1024;
  mallopt(M_MMAP_THRESHOLD, 64 * kHeap);
  mallopt(M_TRIM_THRESHOLD, 64 * kHeap);
  mallopt(M_TOP_PAD, kHeap);
  char* const all = static_cast<char*>(malloc(kHeap));
  for (int at = 0; at < kHeap; at += 4096) static_cast<volatile char*>(all)[at] = 1;
  free(all);
}

void touch_everything() {
  std::FILE* const maps = std::fopen("/proc/self/maps", "r");
  if (maps == nullptr) return;
  char line[512], rights[8];
  unsigned long begin = 0, end = 0;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    if (std::sscanf(line, "%lx-%lx %7s", &begin, &end, rights) != 3) continue;
    if (rights[0] != 'r' || std::strstr(line, "[v") != nullptr) continue;
    for (unsigned long at = begin; at < end; at += 4096) {
      volatile char* const octet = reinterpret_cast<volatile char*>(at);
      const char value = *octet;
      if (rights[1] == 'w') *octet = value;
    }
  }
  std::fclose(maps);
}

__attribute__((constructor)) void prepare() {
  if (getpid() != 1) return;
  make_system();
  touch_stack();
  touch_heap();
  touch_everything();
}

}  // namespace
