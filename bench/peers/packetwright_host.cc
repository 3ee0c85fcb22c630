// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/host.hh"
#include "stack/iface/stack.hh"

namespace packetwright::peers {
namespace {

using namespace packetwright::iface;

constexpr Duration kMsl = 250ms;

StackConfig config_for(Side side) {
  StackConfig config;
  const std::uint8_t number = side == Side::client ? 1 : 2;
  config.seed = number;
  config.mac.octets[5] = number;
  config.addresses = {{IpAddress::v4(10, 1, 0, number), 24}};
  config.claim.probe = false;
  config.tcp.timestamps = false;
  config.tcp.send_buffer = config.tcp.receive_buffer = config.tcp.receive_buffer_max = kBuffer;
  config.tcp.msl = kMsl;
  return config;
}

class PacketwrightHost final : public Host {
 public:
  explicit PacketwrightHost(Side side) : stack_(config_for(side)) {}

  void on_frame(Instant now, Bytes frame) override { stack_.on_frame(now, frame); }
  bool next_tx(Instant, Buffer& frame) override { return stack_.next_tx(frame); }
  void on_time(Instant now) override {
    for (auto at = stack_.next_deadline(); at && *at <= now; at = stack_.next_deadline()) {
      stack_.on_deadline(now);
    }
  }
  Duration time_wait() const override { return 2 * kMsl; }

  void listen() override {
    listener_ = *stack_.socket(Domain::inet, SocketType::stream);
    const auto bound = stack_.bind(listener_, {IpAddress::v4(10, 1, 0, 2), kPort});
    const auto listens = stack_.listen(listener_, 128);
    PW_ASSERT(bound && listens);
  }
  Handle connect(Instant now) override {
    const Descriptor socket = *stack_.socket(Domain::inet, SocketType::stream);
    (void)stack_.connect(now, socket, {IpAddress::v4(10, 1, 0, 2), kPort});
    return socket;
  }
  std::optional<Handle> accept(Instant now) override {
    const auto socket = stack_.accept(now, listener_);
    if (!socket) return std::nullopt;
    return *socket;
  }
  std::size_t write(Instant now, Handle connection, Bytes octets) override {
    return stack_.write(now, connection, octets).value_or(0);
  }
  std::size_t read(Instant now, Handle connection, MutableBytes into) override {
    return stack_.read_into(now, connection, into).value_or(0);
  }
  bool at_end(Instant now, Handle connection) override {
    std::uint8_t octet = 0;
    const auto size = stack_.read_into(now, connection, MutableBytes{&octet, 1});
    return size && *size == 0;
  }
  void close(Instant now, Handle connection) override { (void)stack_.close(now, connection); }

 private:
  Stack stack_;
  Descriptor listener_ = -1;
};

}  // namespace

std::unique_ptr<Host> make_packetwright(Side side) {
  return std::make_unique<PacketwrightHost>(side);
}

}  // namespace packetwright::peers
