// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include <ares.h>

#include "harness/targets/reference/reference_target.hh"
#include "harness/targets/target.hh"

namespace packetwright::cares {

// c-ares, and below it the reference stack, by whose sockets it asks. In virtual time.
class Lookups {
 public:
  // What its makers leave to the user.
  struct Settings {
    std::string resolv_conf;       // lines of it, beside the server's
    std::optional<int> edns_size;  // octets; 0: no EDNS
  };
  Lookups() = default;
  ~Lookups() { end(); }
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // As new. The error is about the configuration.
  Result<void, targets::ResetError> begin(const targets::Config& config, Settings settings);
  void end();

  void inject(Bytes frame);
  void drain(std::vector<targets::SentFrame>& out) { host_.drain(out); }
  void advance_to(Instant until);
  [[nodiscard]] std::optional<Instant> next_timer() const;

  // As Target::resolve() and resolved(). There is one server.
  targets::CallResult<int> resolve(const std::string& name, Family family, const Endpoint& server);
  targets::CallResult<std::vector<IpAddress>> resolved(int query);

 private:
  struct Query {
    int number = 0;
    std::optional<int> status;  // of c-ares; nullopt: not yet
    std::vector<IpAddress> addresses;
  };
  static void on_result(void* query, int status, int timeouts, ares_addrinfo* result);

  // c-ares asks `server` from now on. False: it does not start.
  bool open(const Endpoint& server);
  // Has c-ares read and write until there is nothing more to do.
  void work();
  // One turn for the sockets that c-ares waits for. False: none is ready.
  bool serve_sockets();

  reference::ReferenceTarget host_;
  Settings settings_;
  ares_channel channel_ = nullptr;
  std::optional<Endpoint> server_;
  std::list<Query> queries_;
  int last_query_ = -1;
};

}  // namespace packetwright::cares
