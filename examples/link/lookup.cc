// SPDX-License-Identifier: Apache-2.0
// Looks up names and addresses with the resolver of the reference stack, over a TAP device: all of
// them at the same time.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "examples/link/host.hh"
#include "stack/wire/address_text.hh"
#include "stack/wire/dns_name.hh"

namespace {

using namespace packetwright;
using namespace packetwright::example;
using drivers::EventLoop;
using Outcome = Result<dns::Answer, dns::DnsError>;

struct LookUp {
  std::string question;
  dns::QueryId query{};
  std::optional<Outcome> outcome;
};

// An address is asked for its names, anything else for its addresses.
Result<dns::QueryId, dns::DnsError> begin(Host& host, const std::string& question) {
  const auto address = wire::parse_address(question);
  if (address) return host.stack().resolve_address(host.now(), *address);
  return host.stack().resolve(host.now(), question, std::nullopt);
}

// A line for everything that the answer holds; false: it is none.
bool print(const LookUp& look_up) {
  const Outcome& outcome = *look_up.outcome;
  if (!outcome) {
    std::cout << look_up.question << " " << name_of(outcome.error()) << "\n";
    return false;
  }
  for (const IpAddress& address : outcome->addresses) {
    std::cout << look_up.question << " " << wire::to_string(address) << " ttl " << outcome->ttl_s;
    const std::string canonical = wire::to_string(outcome->canonical_name);
    if (canonical != look_up.question) std::cout << " at " << canonical;
    std::cout << "\n";
  }
  for (const wire::DnsName& name : outcome->names) {
    std::cout << look_up.question << " " << wire::to_string(name) << " ttl " << outcome->ttl_s
              << "\n";
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Looks up names and addresses, on a TCP/IP stack of its own", "lookup"};
  HostOptions options;
  options.add_to(app);
  std::vector<std::string> questions;
  app.add_option("name", questions, "Names, and addresses whose names are wanted")->required();
  app.get_option("--dns")->required();
  if (const auto status = read_command_line(app, argc, argv)) return *status;

  const auto host = Host::open(options);
  if (!host) return fail(app, host.error(), kNoEnvironment);

  std::vector<LookUp> look_ups;
  for (const std::string& question : questions) {
    LookUp& look_up = look_ups.emplace_back();
    look_up.question = question;
    const auto query = begin(**host, question);
    if (query) {
      look_up.query = *query;
    } else {
      look_up.outcome = Outcome{Err{query.error()}};
    }
  }
  // The resolver gives up by itself.
  const EventLoop::Ended ended = (*host)->loop().run_until([&] {
    bool all = true;
    for (LookUp& look_up : look_ups) {
      if (!look_up.outcome) {
        look_up.outcome = (*host)->stack().take_resolved((*host)->now(), look_up.query);
      }
      all = all && look_up.outcome;
    }
    return all;
  });
  if (ended != EventLoop::Ended::done) return fail(app, std::string{explain(ended)}, kFellShort);

  bool all_found = true;
  for (const LookUp& look_up : look_ups) all_found = print(look_up) && all_found;
  (*host)->finish();
  return all_found ? kFine : kFellShort;
}
