// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "harness/targets/target.hh"

namespace packetwright::engine {

// A target for the tests of the engine: it does exactly what a test tells it, when it tells it, and
// remembers what it was asked. Its clock is virtual whatever its traits say.
class FakeTarget : public targets::Target {
 public:
  FakeTarget() {
    traits_.name = "fake";
    traits_.capabilities = {"icmp", "ipv4", "ipv6", "tcp", "udp"};
  }

  // --- what a test sets up
  targets::Traits traits_;
  std::function<void(FakeTarget&, const packet::Dissected&)> on_inject;  // reactions to frames
  std::map<std::string, std::vector<int>> errors;  // errno of the next calls, by name; 0: success
  targets::TcpStatus status;
  bool knows_status = true;
  Instant readable_at = Instant::max();  // read() gives `data` from then on
  Buffer data;
  Duration inject_takes{0};  // the clock moves on by so much at each frame
  bool answers_echo = true;
  targets::PosixCalls* posix_ = nullptr;
  std::optional<targets::Death> dead;
  bool raw = false;  // on_inject also sees what the harness asks by itself

  // Sends a frame at a time from now on.
  void send_at(Instant at, Buffer octets) { scheduled_.emplace(at, std::move(octets)); }
  void send(Buffer octets) { out_.push_back({now_, std::move(octets)}); }

  // The TCP segment of the target to the port that the last frame came from.
  [[nodiscard]] Buffer segment(std::uint64_t flags, std::uint32_t seq, std::uint32_t ack,
                               std::size_t payload = 0,
                               std::vector<packet::HeaderOption> options = {}) const {
    packet::Packet out = to_peer();
    out.layers.push_back(packet::Layer(packet::Proto::tcp)
                             .set(packet::Field::tcp_src_port, local_port)
                             .set(packet::Field::tcp_dst_port, peer_port)
                             .set(packet::Field::tcp_flags, flags)
                             .set(packet::Field::tcp_seq, seq)
                             .set(packet::Field::tcp_ack, ack)
                             .set(packet::Field::tcp_win, 5000));
    out.layers.back().options = std::move(options);
    out.payload_size = payload;
    return packet::build(out);
  }
  [[nodiscard]] packet::Packet to_peer() const {
    packet::Packet out;
    out.layers.push_back(packet::Layer(packet::Proto::ethernet)
                             .set(packet::Field::ethernet_src, packet::Wide{config.local_mac}));
    out.layers.push_back(packet::Layer(packet::Proto::ipv4)
                             .set(packet::Field::ipv4_src, packet::Wide{config.local4.address})
                             .set(packet::Field::ipv4_dst, packet::Wide{config.peer4}));
    return out;
  }

  // --- what a test looks at
  targets::Config config;
  std::vector<packet::Dissected> injected;
  std::vector<std::string> calls;
  std::vector<Buffer> written;
  std::uint16_t peer_port = 0;
  std::uint16_t local_port = 8080;
  int strong_resets = 0;
  std::optional<targets::ResetError> refuses;  // what reset() says
  std::vector<std::string> sysctls;            // "NAME=VALUE at SECONDS s", those that were set
  int peers_forgotten = 0;

  // --- Target
  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& given) override {
    config = given;
    now_ = Instant{};
    if (refuses) return Err{*refuses};
    return {};
  }
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& given) override {
    ++strong_resets;
    return reset(given);
  }
  void inject(Bytes frame) override {
    packet::Dissected dissected = packet::dissect(frame, traits_.ethernet);
    now_ += inject_takes;
    if (const auto port = dissected.get(packet::Field::tcp_src_port)) {
      peer_port = static_cast<std::uint16_t>(port->low);
    }
    const bool echo = dissected.get(packet::Field::icmpv4_type) == packet::Wide{8};
    if (echo && !raw) {
      if (answers_echo) send(echo_reply(dissected));
      return;
    }
    injected.push_back(dissected);
    if (on_inject) on_inject(*this, dissected);
  }
  void drain(std::vector<targets::SentFrame>& out) override {
    out.insert(out.end(), out_.begin(), out_.end());
    out_.clear();
  }
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::optional<Instant> next_timer() const override {
    if (scheduled_.empty()) return std::nullopt;
    return scheduled_.begin()->first;
  }
  void advance_to(Instant until, bool stop_on_frame) override {
    while (!scheduled_.empty() && scheduled_.begin()->first <= until) {
      const auto next = scheduled_.begin();
      now_ = std::max(now_, next->first);
      out_.push_back({now_, std::move(next->second)});
      scheduled_.erase(next);
      if (stop_on_frame) return;
    }
    now_ = std::max(now_, until);
  }
  [[nodiscard]] std::optional<targets::Death> death() const override { return dead; }

  [[nodiscard]] targets::CallResult<targets::Fd> socket(targets::Domain, targets::SocketType,
                                                        targets::Protocol) override {
    if (const int error = called("socket")) return Err{error};
    return next_fd_++;
  }
  [[nodiscard]] targets::CallResult<void> bind(targets::Fd, const Endpoint&) override {
    return plain("bind");
  }
  [[nodiscard]] targets::CallResult<void> listen(targets::Fd, int) override {
    return plain("listen");
  }
  [[nodiscard]] targets::CallResult<targets::Fd> accept(targets::Fd, Endpoint* peer) override {
    if (const int error = called("accept")) return Err{error};
    *peer = {config.peer4, peer_port};
    return next_fd_++;
  }
  [[nodiscard]] targets::CallResult<void> connect(targets::Fd, const Endpoint&) override {
    return plain("connect");
  }
  [[nodiscard]] targets::CallResult<targets::Received> read(targets::Fd, std::size_t limit,
                                                            targets::ReadFlags) override {
    if (const int error = called("read")) return Err{error};
    if (now_ < readable_at) return Err{EAGAIN};
    const std::size_t size = std::min(limit, data.size());
    targets::Received received;
    received.octets.assign(data.begin(), data.begin() + static_cast<long>(size));
    data.erase(data.begin(), data.begin() + static_cast<long>(size));
    return received;
  }
  [[nodiscard]] targets::CallResult<std::size_t> write(targets::Fd, Bytes octets,
                                                       targets::WriteFlags,
                                                       const Endpoint*) override {
    if (const int error = called("write")) return Err{error};
    written.emplace_back(octets.begin(), octets.end());
    return octets.size();
  }
  [[nodiscard]] targets::CallResult<void> shutdown(targets::Fd, targets::ShutdownHow) override {
    return plain("shutdown");
  }
  [[nodiscard]] targets::CallResult<void> close(targets::Fd) override { return plain("close"); }
  [[nodiscard]] targets::CallResult<void> set_option(targets::Fd, targets::Option,
                                                     std::int64_t) override {
    return plain("set_option");
  }
  [[nodiscard]] targets::CallResult<std::int64_t> get_option(targets::Fd,
                                                             targets::Option) override {
    if (const int error = called("get_option")) return Err{error};
    return std::int64_t{0};
  }
  [[nodiscard]] targets::CallResult<targets::Readiness> poll(targets::Fd) override {
    targets::Readiness readiness;
    readiness.readable = now_ >= readable_at;
    readiness.writable = now_ >= readable_at;
    return readiness;
  }
  [[nodiscard]] targets::CallResult<Endpoint> local_endpoint(targets::Fd) override {
    return Endpoint{config.local4.address, local_port};
  }
  [[nodiscard]] targets::PosixCalls* posix() override { return posix_; }
  [[nodiscard]] Result<void, std::string> check_sysctl(std::string_view name,
                                                       std::string_view) const override {
    if (name.starts_with("net.ipv4.tcp_")) return {};
    return Err{"no setting " + std::string(name)};
  }
  [[nodiscard]] Result<void, std::string> set_sysctl(std::string_view name,
                                                     std::string_view value) override {
    sysctls.push_back(std::string(name) + "=" + std::string(value) + " at " +
                      std::to_string(now_.time_since_epoch() / Duration{1ms}) + " ms");
    return {};
  }
  void forget_peers() override { ++peers_forgotten; }
  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd) override {
    if (!knows_status) return Err{ENOTSUP};
    return status;
  }

 private:
  int called(const std::string& name) {
    calls.push_back(name);
    std::vector<int>& queue = errors[name];
    if (queue.empty()) return 0;
    const int error = queue.front();
    queue.erase(queue.begin());
    return error;
  }
  targets::CallResult<void> plain(const std::string& name) {
    if (const int error = called(name)) return Err{error};
    return {};
  }
  [[nodiscard]] Buffer echo_reply(const packet::Dissected& request) const {
    packet::Packet out = to_peer();
    out.layers.push_back(packet::Layer(packet::Proto::icmpv4)
                             .set(packet::Field::icmpv4_type, 0)
                             .set(packet::Field::icmpv4_id,
                                  request.get(packet::Field::icmpv4_id).value_or(packet::Wide{})));
    return packet::build(out);
  }

  Instant now_;
  std::multimap<Instant, Buffer> scheduled_;
  std::vector<targets::SentFrame> out_;
  targets::Fd next_fd_ = 100;
};

}  // namespace packetwright::engine
