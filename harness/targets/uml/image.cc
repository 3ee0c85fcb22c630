// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/image.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/time_limit.hh"

namespace packetwright::uml {
namespace {

using linux_stack::UniqueFd;

constexpr std::size_t kPage = 4096;
// A kernel of ours has some 2 MiB beside the guest's memory; one with KASAN has terabytes.
constexpr std::uint64_t kMostOfPart = std::uint64_t{64} << 20;
// What the kernel of this machine says in place of a result when it is to begin a system call anew.
constexpr std::uint64_t kRestart = static_cast<std::uint64_t>(-512);
constexpr Duration kPatience = std::chrono::seconds{5};

std::string failed(const char* what) {
  return std::string{what} + ": " + std::strerror(errno);
}

std::string folder_of(pid_t process) {
  return "/proc/" + std::to_string(process) + "/";
}

std::string text_of(const std::string& path) {
  std::string text;
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 16384> chunk;
  while (file) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// What the kernel's process, its one thread, and the processes of the guest's programs see where.
std::string layout_of(pid_t kernel) {
  const std::string folder = folder_of(kernel);
  const std::string children = text_of(folder + "task/" + std::to_string(kernel) + "/children");
  std::string all = text_of(folder + "maps");
  std::istringstream list{children};
  for (pid_t child = 0; list >> child;) {
    all += std::to_string(child) + "\n" + text_of(folder_of(child) + "maps");
  }
  return all;
}

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  std::string rights, device, name;
  std::uint64_t offset = 0, inode = 0;
};

std::vector<Mapping> mappings_of(pid_t process) {
  std::vector<Mapping> all;
  std::istringstream lines{text_of(folder_of(process) + "maps")};
  for (std::string line; std::getline(lines, line);) {
    Mapping one;
    std::istringstream words{line};
    char dash = 0;
    words >> std::hex >> one.begin >> dash >> one.end >> one.rights >> one.offset >> one.device >>
        std::dec >> one.inode >> std::ws;
    std::getline(words, one.name);
    all.push_back(std::move(one));
  }
  return all;
}

// Stops a process, and lets it go again; nothing of that can be seen from inside.
class Stopped {
 public:
  explicit Stopped(pid_t process) : process_(process) {
    if (ptrace(PTRACE_SEIZE, process, nullptr, nullptr) != 0) return;
    seized_ = true;
    if (ptrace(PTRACE_INTERRUPT, process, nullptr, nullptr) != 0) return;
    int status = 0;
    while (waitpid(process, &status, __WALL) < 0) {
      if (errno != EINTR) return;
    }
    stopped_ = WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP;
  }
  ~Stopped() {
    if (seized_) ptrace(PTRACE_DETACH, process_, nullptr, nullptr);
  }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;

  [[nodiscard]] bool ok() const noexcept { return stopped_; }
  [[nodiscard]] bool read(user_regs_struct& registers) const {
    return ptrace(PTRACE_GETREGS, process_, nullptr, &registers) == 0;
  }
  [[nodiscard]] bool write(user_regs_struct& registers) const {
    return ptrace(PTRACE_SETREGS, process_, nullptr, &registers) == 0;
  }

 private:
  pid_t process_;
  bool seized_ = false, stopped_ = false;
};

// A kernel that is stopped where it waits for its channel; it may first have to get there, having
// answered. Nothing if that takes longer than such a thing can.
std::unique_ptr<Stopped> stop_at_rest(pid_t kernel, user_regs_struct& registers) {
  const linux_stack::TimeLimit patience{kPatience};
  while (true) {
    auto stopped = std::make_unique<Stopped>(kernel);
    if (!stopped->ok() || !stopped->read(registers)) return nullptr;
    if (registers.orig_rax == SYS_read && registers.rax == kRestart) return stopped;
    stopped.reset();
    if (patience.passed()) return nullptr;
    poll(nullptr, 0, 1);
  }
}

// Calls `visit(offset, size)` for each piece of a file that has any octets.
template <class Visit>
void for_each_piece(int file, std::size_t size, const Visit& visit) {
  off_t at = 0;
  while (static_cast<std::size_t>(at) < size) {
    const off_t begin = lseek(file, at, SEEK_DATA);
    if (begin < 0) return;
    const off_t end = lseek(file, begin, SEEK_HOLE);
    if (end < 0) return;
    visit(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    at = end;
  }
}

std::uint8_t* map(std::size_t size, int flags, int file) {
  void* const at = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, file, 0);
  return at == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(at);
}

}  // namespace

Result<Image, std::string> Image::take(pid_t kernel) {
  Image image;
  image.kernel_ = kernel;
  const auto stopped = stop_at_rest(kernel, image.registers_);
  if (!stopped) return Err{failed("ptrace")};
  if (auto saved = image.save(); !saved) return Err{saved.error()};
  return image;
}

Image::Image(Image&& other) noexcept
    : kernel_(other.kernel_),
      layout_(std::move(other.layout_)),
      registers_(other.registers_),
      parts_(std::move(other.parts_)),
      memory_(std::move(other.memory_)),
      ram_(std::move(other.ram_)),
      live_(std::exchange(other.live_, nullptr)),
      saved_(std::exchange(other.saved_, nullptr)),
      size_(other.size_),
      page_(std::move(other.page_)) {}

Image::~Image() {
  if (live_ != nullptr) munmap(live_, size_);
  if (saved_ != nullptr) munmap(saved_, size_);
}

Result<void, std::string> Image::save() {
  layout_ = layout_of(kernel_);
  memory_ = UniqueFd{::open((folder_of(kernel_) + "mem").c_str(), O_RDWR | O_CLOEXEC)};
  if (!memory_) return Err{failed("the memory of a process")};
  std::string ram;
  for (const Mapping& one : mappings_of(kernel_)) {
    if (one.rights.size() < 4 || one.rights[1] != 'w') continue;
    if (one.rights[3] == 's') {
      if (!ram.empty() && ram != one.name) {
        return Err{std::string{"the kernel shares memory by more than one file"}};
      }
      ram = one.name;
      continue;
    }
    if (one.end - one.begin > kMostOfPart) {
      return Err{std::string{"the kernel has too much memory to be put back"}};
    }
    Part part{one.begin, Buffer(one.end - one.begin)};
    if (pread(memory_.get(), part.octets.data(), part.octets.size(),
              static_cast<off_t>(part.begin)) != static_cast<ssize_t>(part.octets.size())) {
      return Err{failed("the memory of a process")};
    }
    parts_.push_back(std::move(part));
  }
  return save_ram(ram);
}

Result<void, std::string> Image::save_ram(const std::string& name) {
  // The file has no path any more; the kernel's process holds it open.
  const std::string folder = folder_of(kernel_) + "fd/";
  std::array<char, 4096> target{};
  for (int fd = 0; fd < 256 && !ram_; ++fd) {
    const std::string path = folder + std::to_string(fd);
    const ssize_t length = readlink(path.c_str(), target.data(), target.size());
    if (length < 0 || std::string_view(target.data(), static_cast<std::size_t>(length)) != name) {
      continue;
    }
    ram_ = UniqueFd{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  }
  const off_t size = ram_ ? lseek(ram_.get(), 0, SEEK_END) : -1;
  if (size <= 0) return Err{std::string{"the kernel's memory is not to be found"}};
  size_ = static_cast<std::size_t>(size) / kPage * kPage;
  live_ = map(size_, MAP_SHARED, ram_.get());
  saved_ = map(size_, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (live_ == nullptr || saved_ == nullptr) return Err{failed("mmap")};
  for_each_piece(ram_.get(), size_, [&](std::size_t at, std::size_t count) {
    std::memcpy(saved_ + at, live_ + at, count);
  });
  return {};
}

bool Image::restore_ram() {
  for_each_piece(ram_.get(), size_, [&](std::size_t begin, std::size_t count) {
    for (std::size_t at = begin; at < begin + count; at += kPage) {
      if (std::memcmp(live_ + at, saved_ + at, kPage) != 0) {
        std::memcpy(live_ + at, saved_ + at, kPage);
      }
    }
  });
  return true;
}

bool Image::restore_parts() {
  for (const Part& part : parts_) {
    page_.resize(part.octets.size());
    if (pread(memory_.get(), page_.data(), page_.size(), static_cast<off_t>(part.begin)) !=
        static_cast<ssize_t>(page_.size())) {
      return false;
    }
    for (std::size_t at = 0; at < page_.size(); at += kPage) {
      if (std::memcmp(page_.data() + at, part.octets.data() + at, kPage) == 0) continue;
      if (pwrite(memory_.get(), part.octets.data() + at, kPage,
                 static_cast<off_t>(part.begin + at)) != static_cast<ssize_t>(kPage)) {
        return false;
      }
    }
  }
  return true;
}

bool Image::put_back() {
  user_regs_struct now{};
  const auto stopped = stop_at_rest(kernel_, now);
  if (!stopped || layout_of(kernel_) != layout_) return false;
  return restore_parts() && restore_ram() && stopped->write(registers_);
}

}  // namespace packetwright::uml
