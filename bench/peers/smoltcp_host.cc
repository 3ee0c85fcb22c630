// SPDX-License-Identifier: Apache-2.0

// The smoltcp crate: the functions of bench/peers/smoltcp.

#include "bench/peers/host.hh"

struct SmoltcpHost;
extern "C" {
SmoltcpHost* peers_smoltcp_make(std::uint8_t number);
void peers_smoltcp_free(SmoltcpHost* host);
void peers_smoltcp_on_frame(SmoltcpHost* host, const std::uint8_t* data, std::size_t size);
const std::uint8_t* peers_smoltcp_next_tx(SmoltcpHost* host, std::int64_t now, std::size_t* size);
void peers_smoltcp_on_time(SmoltcpHost* host, std::int64_t now);
void peers_smoltcp_listen(SmoltcpHost* host);
std::int32_t peers_smoltcp_connect(SmoltcpHost* host);
std::int32_t peers_smoltcp_accept(SmoltcpHost* host);
std::size_t peers_smoltcp_write(SmoltcpHost* host, std::int32_t handle, const std::uint8_t* data,
                                std::size_t size);
std::size_t peers_smoltcp_read(SmoltcpHost* host, std::int32_t handle, std::uint8_t* data,
                               std::size_t size);
bool peers_smoltcp_at_end(SmoltcpHost* host, std::int32_t handle);
void peers_smoltcp_close(SmoltcpHost* host, std::int32_t handle);
}

namespace packetwright::peers {
namespace {

std::int64_t microseconds(Instant now) {
  return nanos(now) / 1'000;
}

class SmoltcpPeer final : public Host {
 public:
  explicit SmoltcpPeer(Side side) : host_(peers_smoltcp_make(side == Side::client ? 1 : 2)) {}
  SmoltcpPeer(const SmoltcpPeer&) = delete;
  SmoltcpPeer& operator=(const SmoltcpPeer&) = delete;
  ~SmoltcpPeer() override { peers_smoltcp_free(host_); }

  void on_frame(Instant, Bytes frame) override {
    peers_smoltcp_on_frame(host_, frame.data(), frame.size());
  }
  bool next_tx(Instant now, Buffer& frame) override {
    std::size_t size = 0;
    const std::uint8_t* const data = peers_smoltcp_next_tx(host_, microseconds(now), &size);
    if (data == nullptr) return false;
    frame.assign(data, data + size);
    return true;
  }
  void on_time(Instant now) override { peers_smoltcp_on_time(host_, microseconds(now)); }
  Duration time_wait() const override { return 11s; }

  void listen() override { peers_smoltcp_listen(host_); }
  Handle connect(Instant) override { return peers_smoltcp_connect(host_); }
  std::optional<Handle> accept(Instant) override {
    const Handle handle = peers_smoltcp_accept(host_);
    if (handle < 0) return std::nullopt;
    return handle;
  }
  std::size_t write(Instant, Handle connection, Bytes octets) override {
    return peers_smoltcp_write(host_, connection, octets.data(), octets.size());
  }
  std::size_t read(Instant, Handle connection, MutableBytes into) override {
    return peers_smoltcp_read(host_, connection, into.data(), into.size());
  }
  bool at_end(Instant, Handle connection) override {
    return peers_smoltcp_at_end(host_, connection);
  }
  void close(Instant, Handle connection) override { peers_smoltcp_close(host_, connection); }

 private:
  SmoltcpHost* host_;
};

}  // namespace

std::unique_ptr<Host> make_smoltcp(Side side) {
  return std::make_unique<SmoltcpPeer>(side);
}

}  // namespace packetwright::peers
