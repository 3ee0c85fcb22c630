// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

// The command as a user meets it: a process with words, output, files and an exit status.
namespace packetwright::cli {

namespace fs = std::filesystem;
using nlohmann::json;

struct Ended {
  int status = -1;  // exit status; 128 + signal
  std::string out, err;
};

[[nodiscard]] std::string text_of(const fs::path& path);
// Makes the folders that are missing, too.
void write(const fs::path& path, const std::string& text);

// A case that every stack passes, ...
inline constexpr const char* kHandshake =
    "// A SYN to a listening port draws a SYN-ACK.\n"
    "//: cites RFC1-m\n"
    "//: variants ipv4\n"
    "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 1000 <mss 1460>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+0 < . 1:1(0) ack 1 win 1000\n"
    "+0 accept(3, ..., ...) = 4\n";

// ... and one with two runs and an expectation that no stack meets.
inline constexpr const char* kWrong =
    "// A SYN to a listening port draws a reset, which is wrong.\n"
    "//: cites RFC1-m\n"
    "//: variants ipv4\n"
    "for $win in 1000, 2000\n"
    "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win ${win} <mss 1460>\n"
    "+0 > R. 0:0(0) ack 1\n";

// How to start the command, beside its words.
struct Setting {
  const char* program = PW_COMMAND;
  std::string out = "out", err = "err";       // files; empty: closed
  std::vector<std::string> environment = {};  // NAME=VALUE, added
  void (*prepare)() = nullptr;                // called in the child, before it becomes the command
};

// A folder with a conformance folder of its own for every test, and the working directory of all
// that is started here.
class CommandTest : public ::testing::Test {
 protected:
  CommandTest();
  ~CommandTest() override;

  // Starts the command in the folder of the test.
  pid_t start(const std::vector<std::string>& words, const Setting& setting = {});
  Ended finish(pid_t child, const Setting& setting = {});
  Ended packetwright(const std::vector<std::string>& words, const Setting& setting = {}) {
    return finish(start(words, setting), setting);
  }
  // A line as a person would paste it into a shell, where `packetwright` is the command.
  Ended pasted(const std::string& line);

  [[nodiscard]] json results(const char* name = "r.json") {
    return json::parse(text_of(root_ / name));
  }

  fs::path root_;
};

}  // namespace packetwright::cli
