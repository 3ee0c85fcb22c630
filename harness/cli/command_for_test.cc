// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command_for_test.hh"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace packetwright::cli {
namespace {

void redirect(const std::string& path, int fd) {
  if (path.empty()) {
    ::close(fd);
    return;
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  ::dup2(file, fd);
  ::close(file);
}

// A status as a shell would give it.
int status_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

CommandTest::CommandTest() {
  std::string name = (fs::temp_directory_path() / "packetwright_cli_XXXXXX").string();
  root_ = ::mkdtemp(name.data());
  write(root_ / "conformance/requirements/rfc1.csv",
        "id,section,level,rule\nRFC1-m,1,MUST,x\nRFC1-s,2,SHOULD,x\n");
  write(root_ / "conformance/sanity.pkt", kHandshake);
  write(root_ / "conformance/tcp/handshake.pkt", kHandshake);
}

CommandTest::~CommandTest() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

pid_t CommandTest::start(const std::vector<std::string>& words, const Setting& setting) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::chdir(root_.c_str()) != 0) ::_exit(125);
  redirect(setting.out, STDOUT_FILENO);
  redirect(setting.err, STDERR_FILENO);
  for (const char* const variable :
       {"CI", "NO_COLOR", "CLICOLOR_FORCE", "PACKETWRIGHT_CONFORMANCE"}) {
    ::unsetenv(variable);
  }
  for (std::string variable : setting.environment) {
    const std::size_t equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  std::vector<std::string> all{"packetwright"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (setting.prepare != nullptr) setting.prepare();
  ::execv(setting.program, argv.data());
  ::_exit(126);
}

Ended CommandTest::finish(pid_t child, const Setting& setting) {
  Ended ended;
  ended.status = status_of(child);
  const auto written = [this](const std::string& name) {
    // Some devices can be read without end.
    const bool file = !name.empty() && fs::is_regular_file(root_ / name);
    return file ? text_of(root_ / name) : std::string{};
  };
  ended.out = written(setting.out);
  ended.err = written(setting.err);
  return ended;
}

Ended CommandTest::pasted(const std::string& line) {
  write(root_ / "paste.sh", "packetwright() { '" PW_COMMAND "' \"$@\"; }\n" + line + "\nexit $?\n");
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(root_.c_str()) != 0) ::_exit(125);
    redirect("out", STDOUT_FILENO);
    redirect("err", STDERR_FILENO);
    ::execl("/bin/sh", "sh", "paste.sh", nullptr);
    ::_exit(126);
  }
  return finish(child);
}

}  // namespace packetwright::cli
