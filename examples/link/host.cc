// SPDX-License-Identifier: Apache-2.0
#include "examples/link/host.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <iostream>
#include <utility>

#include <sys/random.h>

#include "stack/wire/address_text.hh"

namespace packetwright::example {
namespace {

// An option of the command line that takes whatever `parse` makes of a text.
template <class T, class Parse>
void add_parsed(CLI::App& app, const char* name, const char* help, const char* kind,
                std::vector<T>& values, Parse parse) {
  app.add_option_function<std::vector<std::string>>(
         name,
         [&values, parse](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) values.push_back(parse(text).value());
         },
         help)
      ->type_name(kind)
      ->allow_extra_args(false)
      ->take_all()
      ->check([kind, parse](const std::string& text) {
        return parse(text) ? std::string{} : "'" + text + "' is no " + kind;
      });
}

// Nobody may guess the initial sequence numbers and the ports of a host on a real link.
std::uint64_t draw_seed() {
  std::uint64_t seed = 0;
  static_cast<void>(getrandom(&seed, sizeof seed, 0));
  return seed;
}

// The same at each start, so that nobody knows an old one, and another for each host of a network.
MacAddress mac_for(const IpAddress& address) {
  const Bytes octets = address.octets();
  MacAddress mac{{0x02, 0x50, 0, 0, 0, 0}};
  std::copy_n(octets.end() - 4, 4, mac.octets.begin() + 2);
  return mac;
}

iface::StackConfig config_for(const HostOptions& options, const iface::Driver& driver) {
  iface::StackConfig config;
  config.seed = draw_seed();
  config.mac = driver.mac();
  config.mtu = driver.mtu();
  config.addresses = options.addresses;
  config.gateways = options.gateways;
  for (const IpAddress& server : options.dns_servers) config.dns.servers.push_back({server, 53});
  // Nobody here asks a second time.
  config.dns.tcp_idle = Duration{0};
  // A host that stays looks for others with its addresses first, which takes five seconds; one that
  // asks a question and goes need not.
  config.claim.probe = options.probe;
  config.detection.transmits = options.probe ? 1 : 0;
  return config;
}

std::int64_t since_1970() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

void HostOptions::add_to(CLI::App& app) {
  app.add_option("--tap", tap, "TAP device whose other end the kernel has")->capture_default_str();
  add_parsed(app, "--address", "An address of this host, as 192.0.2.2/24; may be repeated",
             "ADDRESS/LENGTH", addresses, wire::parse_prefix);
  add_parsed(app, "--gateway", "A router for everything else; may be repeated", "ADDRESS", gateways,
             wire::parse_address);
  add_parsed(app, "--dns", "A server for names; may be repeated", "ADDRESS", dns_servers,
             wire::parse_address);
  app.add_flag("--probe", probe, "First make sure that nobody else has the addresses");
  app.add_option("--capture", capture, "Write all frames to this pcapng file");
  app.get_option("--address")->required();
}

Host::Host(std::unique_ptr<drivers::TapDriver> driver, const iface::StackConfig& config)
    : driver_(std::move(driver)), stack_(config), loop_(stack_, *driver_) {}

Result<std::unique_ptr<Host>, std::string> Host::open(const HostOptions& options) {
  auto driver = drivers::TapDriver::open(options.tap, mac_for(options.addresses.front().address));
  if (!driver) return Err{driver.error()};
  const iface::StackConfig config = config_for(options, **driver);
  std::unique_ptr<Host> host{new Host{std::move(*driver), config}};
  if (!options.capture.empty()) {
    if (const auto done = host->capture_to(options.capture); !done) return Err{done.error()};
  }
  if (const auto ready = host->wait_until_ready(options); !ready) return Err{ready.error()};
  return host;
}

Result<void, std::string> Host::capture_to(const std::string& path) {
  capture_file_.open(path, std::ios::binary);
  if (!capture_file_) return Err{path + ": " + std::strerror(errno)};
  capture_.emplace(capture_file_, "packetwright example");
  capture_->add_interface({});
  stack_.set_trace([this](const iface::TraceEvent& event) {
    if (event.what == iface::TraceEvent::What::dropped) return;
    capture::Packet packet;
    packet.time_ns = since_1970();
    packet.octets = event.octets;
    packet.direction = event.what == iface::TraceEvent::What::frame_in
                           ? capture::Direction::inbound
                           : capture::Direction::outbound;
    capture_->write(packet);
  });
  return {};
}

Result<void, std::string> Host::wait_until_ready(const HostOptions& options) {
  // Longer than probing ever takes (RFC 5227, 1.1), and than a person needs for `ip link set up`.
  constexpr Duration kPatience = 60s;
  const ip::Addresses& ours = stack_.network().addresses();
  const auto ended = loop_.run_until(
      [&] {
        const auto all = ours.all();
        return driver_->link_up() && std::none_of(all.begin(), all.end(), [](const auto& one) {
                 return one.state == ip::AddressState::tentative;
               });
      },
      kPatience);
  if (ended != drivers::EventLoop::Ended::done) {
    return Err{options.tap + ": " + std::string{explain(ended)} +
               (driver_->link_up() ? "" : " (the device is down: ip link set it up)")};
  }
  for (const Prefix& wanted : options.addresses) {
    if (ours.find(wanted.address) == nullptr) {
      return Err{wire::to_string(wanted.address) + " is somebody else's, or nobody's to have"};
    }
  }
  return {};
}

void Host::finish() {
  constexpr Duration kPatience = 5s;
  static_cast<void>(loop_.run_until(
      [&] {
        const tcp::Tcp& tcp = stack_.network().tcp();
        const auto all = tcp.connections();
        return std::all_of(all.begin(), all.end(), [&](tcp::ConnectionId id) {
          return tcp.status(id)->state == tcp::State::time_wait;
        });
      },
      kPatience));
}

std::optional<int> read_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error, std::cout, std::cerr);
    return status == 0 ? kFine : kUsage;
  }
  return std::nullopt;
}

int fail(const CLI::App& app, const std::string& text, int status) {
  std::cerr << app.get_name() << ": " << text << "\n";
  return status;
}

}  // namespace packetwright::example
