// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "fuzz/support/fuzz_input.hh"
#include "harness/sim/goodput.hh"
#include "harness/sim/network.hh"
#include "harness/sim/stack_node.hh"
#include "harness/trace/content.hh"
#include "stack/base/assert.hh"

// Two stacks over a bad link: what one reads is the beginning of what the other wrote, without loss
// or repetition, and all of it once both have said that they are done; and both come to an end.
using namespace packetwright;

namespace {

constexpr std::uint16_t kPort = 80;
constexpr std::size_t kMostEvents = 200;
constexpr std::size_t kReadAtOnce = 100'000;

IpAddress address_of(std::size_t host) {
  return IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(host + 1));
}

iface::StackConfig config_of(std::size_t host, fuzz::FuzzInput& input) {
  const MacAddress mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(host + 1)}};
  iface::StackConfig config = sim::bulk_host(host, mac, address_of(host));
  const std::uint8_t bits = input.u8();
  config.tcp.sack = (bits & 1) == 0;
  config.tcp.timestamps = (bits & 2) == 0;
  config.tcp.window_scaling = (bits & 4) == 0;
  config.tcp.congestion_control =
      (bits & 8) == 0 ? tcp::CongestionControl::cubic : tcp::CongestionControl::reno;
  return config;
}

// Up to a quarter of the frames are lost, repeated, held back or spoilt.
sim::PipeConfig pipe_of(fuzz::FuzzInput& input) {
  sim::PipeConfig pipe;
  const auto share = [&input] { return input.u8() * 1'000u; };
  pipe.loss = share();
  pipe.duplication = share();
  pipe.reordering = share();
  pipe.corruption = share();
  pipe.reordering_delay = Duration{input.u8()} * 1'000'000;
  pipe.delay = Duration{input.u8()} * 100'000;
  pipe.bits_per_second = input.flag() ? 1'000'000 : 0;
  pipe.mtu = 1'500;
  return pipe;
}

class Pair {
 public:
  explicit Pair(fuzz::FuzzInput& input)
      : input_(input),
        nodes_{sim::StackNode{config_of(0, input)}, sim::StackNode{config_of(1, input)}},
        network_(Rng{input.u8()}) {
    for (std::size_t i = 0; i < 2; ++i) hosts_[i] = network_.add_host(nodes_[i]);
    const sim::PipeConfig forth = pipe_of(input), back = pipe_of(input);
    network_.connect(hosts_[0], hosts_[1], forth, back);
    nothing_is_lost_ = forth.loss + forth.corruption + back.loss + back.corruption == 0;
  }

  void run() {
    iface::Stack& server = nodes_[1].stack;
    listener_ = server.socket(iface::Domain::inet, iface::SocketType::stream).value();
    PW_ASSERT(server.bind(listener_, {IpAddress{}, kPort}).ok() &&
              server.listen(listener_, 1).ok());
    iface::Stack& client = nodes_[0].stack;
    ends_[0].socket = client.socket(iface::Domain::inet, iface::SocketType::stream).value();
    (void)client.connect(network_.now(), *ends_[0].socket, {address_of(1), kPort});
    network_.collect(hosts_[0]);
    for (std::size_t i = 0; i < kMostEvents && !input_.empty(); ++i) step();
    finish();
  }

 private:
  struct End {
    std::optional<iface::Descriptor> socket;
    std::uint64_t written = 0, read = 0;
    bool done_writing = false, saw_end = false, failed = false;
  };

  void step() {
    const std::uint8_t what = input_.u8();
    const std::size_t who = what & 1;
    switch (what >> 1 & 3) {
      case 0: write(who, input_.u16()); break;
      case 1: read(who, input_.u16()); break;
      case 2: network_.run_for(Duration{input_.u16()} * 100'000); break;  // up to 6.5 s
      default:
        // Rarely: afterwards there is nothing to say.
        if (what >> 5 == 0) stop_writing(who);
        break;
    }
    accept();
  }

  void accept() {
    if (ends_[1].socket) return;
    const auto accepted = nodes_[1].stack.accept(network_.now(), listener_);
    if (accepted) ends_[1].socket = *accepted;
  }

  void write(std::size_t who, std::size_t size) {
    End& end = ends_[who];
    if (!end.socket || end.done_writing || size == 0) return;
    const Buffer text = trace::application_text(port_of(who), end.written, size);
    const auto taken = nodes_[who].stack.write(network_.now(), *end.socket, text);
    if (taken) end.written += *taken;
    network_.collect(hosts_[who]);
  }

  void read(std::size_t who, std::size_t most) {
    End& end = ends_[who];
    if (!end.socket || most == 0 || end.saw_end || end.failed) return;
    const auto got = nodes_[who].stack.read(network_.now(), *end.socket, most);
    network_.collect(hosts_[who]);
    if (!got) {
      end.failed = got.error() != iface::Errno::eagain && got.error() != iface::Errno::enotconn;
      return;
    }
    const Bytes octets{got->octets};
    const std::size_t other = 1 - who;
    PW_ASSERT(end.read + octets.size() <= ends_[other].written);
    PW_ASSERT(
        same_octets(octets, trace::application_text(port_of(other), end.read, octets.size())));
    end.read += octets.size();
    end.saw_end = octets.empty();
  }

  void stop_writing(std::size_t who) {
    End& end = ends_[who];
    if (!end.socket || end.done_writing) return;
    iface::Stack& stack = nodes_[who].stack;
    // Before there is a connection, it would end the attempt.
    const auto status = stack.tcp_status(*end.socket);
    if (!status || status->state == tcp::State::syn_sent) return;
    if (!stack.shutdown(network_.now(), *end.socket, iface::ShutdownHow::write)) return;
    end.done_writing = true;
    network_.collect(hosts_[who]);
  }

  // Both have nothing more to say, and read until they have heard that of the other.
  void finish() {
    const auto is_over = [this] {
      return std::all_of(ends_.begin(), ends_.end(),
                         [](const End& end) { return end.saw_end || end.failed; });
    };
    for (int minutes = 0; minutes < 120 && !is_over(); ++minutes) {
      for (int second = 0; second < 60 && !is_over(); ++second) {
        accept();
        for (std::size_t who = 0; who < 2; ++who) {
          stop_writing(who);
          while (true) {
            const std::uint64_t before = ends_[who].read;
            read(who, kReadAtOnce);
            if (ends_[who].read == before) break;
          }
        }
        network_.run_for(1s);
      }
    }
    const bool any_failed = ends_[0].failed || ends_[1].failed;
    if (nothing_is_lost_) PW_ASSERT(ends_[1].socket && !any_failed);
    // One that never heard of the connection has nothing to end.
    if (!ends_[1].socket) return;
    // One that waits for the text of an end that gave up may wait for ever.
    PW_ASSERT(is_over() || any_failed || is_closed(0) || is_closed(1));
    for (std::size_t who = 0; who < 2; ++who) {
      if (ends_[who].saw_end) PW_ASSERT(ends_[who].read == ends_[1 - who].written);
    }
  }

  [[nodiscard]] bool is_closed(std::size_t who) const {
    const auto status = nodes_[who].stack.tcp_status(*ends_[who].socket);
    return !status || status->state == tcp::State::closed;
  }

  [[nodiscard]] static std::uint16_t port_of(std::size_t who) {
    return static_cast<std::uint16_t>(who + 1);
  }

  fuzz::FuzzInput& input_;
  std::array<sim::StackNode, 2> nodes_;
  sim::Network network_;
  std::array<sim::NodeId, 2> hosts_{};
  iface::Descriptor listener_ = -1;
  std::array<End, 2> ends_;
  bool nothing_is_lost_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput input{Bytes{data, size}};
  Pair{input}.run();
  return 0;
}
