// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/task_state.hh"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

std::string tasks_of(std::string_view process) {
  return "/proc/" + std::string{process} + "/task/";
}

}  // namespace

std::string read_task_file(std::string_view process, pid_t thread, const char* name) {
  const std::string path = tasks_of(process) + std::to_string(thread) + "/" + name;
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 512> text{};
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

bool sleeps(std::string_view process, pid_t thread) {
  // "TID (NAME) STATE ...": the name may hold anything, so look behind its last parenthesis.
  const std::string status = read_task_file(process, thread, "stat");
  const std::size_t after_name = status.rfind(')');
  return after_name != std::string::npos && status.compare(after_name, 3, ") S") == 0;
}

bool all_sleep(std::string_view process) {
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(tasks_of(process), error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string thread = it->path().filename().string();
    if (!sleeps(process, static_cast<pid_t>(std::strtol(thread.c_str(), nullptr, 10)))) {
      return false;
    }
  }
  return true;
}

}  // namespace packetwright::linux_stack
