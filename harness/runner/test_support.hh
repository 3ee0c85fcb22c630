// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "harness/runner/files.hh"
#include "harness/targets/target.hh"

// What tests of the runner put in the place of a disk and of a stack.
namespace packetwright::runner {

class MemoryFiles : public Files {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  Result<std::vector<std::string>, std::string> list() override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files_) paths.push_back(path);
    return paths;
  }
  Result<std::string, std::string> read(std::string_view path) override {
    const auto found = files_.find(std::string(path));
    if (found == files_.end()) return Err{std::string{"No such file or directory"}};
    return found->second;
  }

 private:
  std::map<std::string, std::string> files_;
};

// A target that can do nothing: what runs scripts in these tests does not look at it.
class IdleTarget : public targets::Target {
 public:
  IdleTarget() {
    traits_.name = "idle";
    traits_.capabilities = {"ipv4", "ipv6"};
  }

  const targets::Traits& traits() const override { return traits_; }
  Result<void, targets::ResetError> reset(const targets::Config&) override { return {}; }
  void inject(Bytes) override {}
  void drain(std::vector<targets::SentFrame>&) override {}
  Instant now() const override { return {}; }
  void advance_to(Instant, bool) override {}
  targets::CallResult<targets::Fd> socket(targets::Domain, targets::SocketType,
                                          targets::Protocol) override {
    return Err{ENOTSUP};
  }
  targets::CallResult<void> bind(targets::Fd, const Endpoint&) override { return Err{ENOTSUP}; }
  targets::CallResult<void> listen(targets::Fd, int) override { return Err{ENOTSUP}; }
  targets::CallResult<targets::Fd> accept(targets::Fd, Endpoint*) override { return Err{ENOTSUP}; }
  targets::CallResult<void> connect(targets::Fd, const Endpoint&) override { return Err{ENOTSUP}; }
  targets::CallResult<targets::Received> read(targets::Fd, std::size_t,
                                              targets::ReadFlags) override {
    return Err{ENOTSUP};
  }
  targets::CallResult<std::size_t> write(targets::Fd, Bytes, targets::WriteFlags,
                                         const Endpoint*) override {
    return Err{ENOTSUP};
  }
  targets::CallResult<void> shutdown(targets::Fd, targets::ShutdownHow) override {
    return Err{ENOTSUP};
  }
  targets::CallResult<void> close(targets::Fd) override { return Err{ENOTSUP}; }
  targets::CallResult<targets::Readiness> poll(targets::Fd) override { return Err{ENOTSUP}; }
  targets::CallResult<Endpoint> local_endpoint(targets::Fd) override { return Err{ENOTSUP}; }

  targets::Traits traits_;
};

}  // namespace packetwright::runner
