// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/disk.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace packetwright::cli {
namespace {

namespace fs = std::filesystem;

std::string last_error() {
  return std::strerror(errno);
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  // Closing may be the first to say that a disk is full.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

Result<void, std::string> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t taken = ::write(fd, text.data(), text.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return Err{last_error()};
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
  return {};
}

// Where a file is written that is named through symbolic links.
fs::path behind_links(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path place = fs::canonical(path, error);
  return error ? path : place;
}

bool is_conformance(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "requirements", ignored) ||
         fs::is_directory(folder / "preludes", ignored);
}

// `folder`/conformance, or that of a folder above.
std::optional<fs::path> above(fs::path folder) {
  while (true) {
    if (is_conformance(folder / "conformance")) return folder / "conformance";
    if (folder.empty() || folder == folder.root_path()) return std::nullopt;
    folder = folder.parent_path();
  }
}

}  // namespace

Result<std::string, std::string> read_file(const fs::path& path, std::size_t limit) {
  // Without waiting: a pipe that nobody writes to must not hold up the command.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return Err{last_error()};
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return Err{last_error()};
  if (!S_ISREG(status.st_mode)) return Err{std::string{"not a regular file"}};
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Err{last_error()};
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return Err{"larger than " + std::to_string(limit >> 20) + " MiB"};
    }
  }
}

bool is_replaceable(const fs::path& path) {
  std::error_code error;
  const fs::path where = fs::absolute(path, error).lexically_normal();
  for (const char* const special : {"/dev", "/proc"}) {
    const fs::path below = where.lexically_relative(special);
    // /dev/shm is a folder like any other.
    if (!below.empty() && *below.begin() != ".." && *below.begin() != "shm") return false;
  }
  struct stat status = {};
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

Result<fs::path, std::string> make_beside(const fs::path& path) {
  constexpr std::string_view kEnding = ".part";
  const fs::path place = behind_links(path);
  std::string name = place.string() + ".XXXXXX" + std::string(kEnding);
  Descriptor file(::mkostemps(name.data(), static_cast<int>(kEnding.size()), O_CLOEXEC));
  if (file.get() < 0) return Err{last_error()};
  struct stat status = {};
  const bool exists = ::stat(place.c_str(), &status) == 0;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  static_cast<void>(::fchmod(file.get(), exists ? status.st_mode & 07777 : 0666 & ~mask));
  return fs::path(name);
}

Result<void, std::string> put_in_place(const fs::path& beside, const fs::path& path) {
  if (::rename(beside.c_str(), behind_links(path).c_str()) == 0) return {};
  const std::string why = last_error();
  ::unlink(beside.c_str());
  return Err{why};
}

Result<void, std::string> write_file(const fs::path& path, std::string_view text) {
  if (!is_replaceable(path)) {
    // At the end, should a redirection have made a file of it: what stands there stays.
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_APPEND));
    if (file.get() < 0) return Err{last_error()};
    return write_all(file.get(), text);
  }
  const auto beside = make_beside(path);
  if (!beside) return Err{beside.error()};
  Descriptor file(::open(beside->c_str(), O_WRONLY | O_CLOEXEC));
  auto written =
      file.get() < 0 ? Result<void, std::string>(Err{last_error()}) : write_all(file.get(), text);
  if (written && !file.close()) written = Err{last_error()};
  if (written) return put_in_place(*beside, path);
  ::unlink(beside->c_str());
  return written;
}

Result<void, std::string> rewrite_end(const fs::path& path, std::uintmax_t size,
                                      std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_APPEND));
  if (file.get() < 0 || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return Err{last_error()};
  }
  return write_all(file.get(), text);
}

std::vector<fs::path> scripts_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == ".pkt" && at->is_regular_file(ignored)) out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<std::string>, std::string> DiskFiles::list() {
  std::vector<std::string> out;
  std::error_code error;
  fs::recursive_directory_iterator at(root_, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) {
      out.push_back(at->path().lexically_relative(root_).generic_string());
    }
  }
  if (error) return Err{root_.string() + ": " + error.message()};
  return out;
}

Result<std::string, std::string> DiskFiles::read(std::string_view path) {
  return read_file(root_ / path, kMaxScript);
}

std::optional<fs::path> find_conformance(const std::string& named) {
  if (!named.empty()) return fs::path(named);
  std::error_code error;
  if (const fs::path here = fs::current_path(error); !error) {
    if (const auto found = above(here)) return found;
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  const fs::path installed =
      program.parent_path().parent_path() / "share" / "packetwright" / "conformance";
  if (is_conformance(installed)) return installed;
  return above(program.parent_path());
}

std::string shown(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(path, error);
  if (error) return path.string();
  const fs::path here = fs::current_path(error);
  if (error) return absolute.string();
  const fs::path relative = absolute.lexically_relative(here);
  if (relative.empty() || *relative.begin() == "..") return absolute.string();
  return relative.string();
}

}  // namespace packetwright::cli
