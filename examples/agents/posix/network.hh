// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "format.hh"
#include "netlink.hh"
#include "sysctls.hh"

namespace posix_agent {

// The link of the kernel's stack: a TAP device (Ethernet frames) or a TUN device (IP packets),
// which this program holds the other end of, with the addresses and routes of a Config.
class Network {
 public:
  struct Options {
    bool tun = false;
    bool here = false;  // in the network namespace that there is, not in one of our own
  };
  explicit Network(const Options& options) : options_(options) {}
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // As new: whatever earlier cases left is gone. 0, or minus an errno with a reason. Sockets are
  // closed before. `unused`: nothing has happened since the last time.
  int set_up(const Config& config, bool unused, std::string& reason);

  // -1: there is no device yet.
  [[nodiscard]] int fd() const { return device_; }
  void inject(Bytes frame) const;
  // One frame that the stack sent; false: there is none.
  [[nodiscard]] bool take(Buffer& frame) const;

  // The kernel's list of connections, for the states of those that have no descriptor any more.
  [[nodiscard]] Netlink* diagnostics() const { return diagnostics_.get(); }

 private:
  int make(std::string& reason);
  int configure(const Config& config, std::string& reason);
  // False: what earlier cases left does not go away.
  [[nodiscard]] bool clean();
  int set_flags(const char* device, bool up) const;
  int change_address(std::uint16_t type, int flags, const pw_prefix& prefix, bool link_local);
  int add_route(const pw_address& to, std::uint8_t length, const pw_address* gateway);
  void await_address(const pw_address& address);

  Options options_;
  int device_ = -1;
  int index_ = 0;
  std::unique_ptr<Netlink> route_, diagnostics_;
  Config config_;  // that is in force
  Sysctls knobs_;
};

}  // namespace posix_agent
