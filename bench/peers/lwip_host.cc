// SPDX-License-Identifier: Apache-2.0

// lwIP through its raw API. There is one lwIP in a process, so the two hosts are two interfaces of
// it.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "bench/peers/host.hh"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "lwip_hooks.h"
#include "netif/ethernet.h"
#include "stack/base/rng.hh"

namespace {

using namespace packetwright;

u32_t milliseconds = 0;
std::array<netif, 2> interfaces;

Rng& chance() {
  static Rng rng{1};
  return rng;
}

}  // namespace

// What lwIP asks of its surroundings.
extern "C" {
u32_t sys_now() {
  return milliseconds;
}
unsigned int peers_rand() {
  return static_cast<unsigned int>(chance().next());
}
netif* peers_route(const ip4_addr_t* source) {
  for (netif& interface : interfaces) {
    if (ip4_addr_eq(source, netif_ip4_addr(&interface))) return &interface;
  }
  return nullptr;
}
}

namespace packetwright::peers {
namespace {

class LwipHost final : public Host {
 public:
  explicit LwipHost(Side side) : interface_(interfaces[side == Side::client ? 0 : 1]) {
    static const bool started = [] {
      lwip_init();
      return true;
    }();
    PW_ASSERT(started);
    if (interface_.input == nullptr) {
      const u8_t number = side == Side::client ? 1 : 2;
      ip4_addr_t address, mask, gateway;
      IP4_ADDR(&address, 10, 1, 0, number);
      IP4_ADDR(&mask, 255, 255, 255, 0);
      ip4_addr_set_zero(&gateway);
      netif_add(&interface_, &address, &mask, &gateway, this, start_interface, ethernet_input);
      interface_.hwaddr[5] = number;
      netif_set_up(&interface_);
    }
    interface_.state = this;
  }
  ~LwipHost() override {
    if (listener_ != nullptr) tcp_close(listener_);
  }

  void on_frame(Instant, Bytes frame) override {
    pbuf* const packet = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(frame.size()), PBUF_POOL);
    PW_ASSERT(packet != nullptr);
    pbuf_take(packet, frame.data(), static_cast<u16_t>(frame.size()));
    if (interface_.input(packet, &interface_) != ERR_OK) pbuf_free(packet);
  }
  bool next_tx(Instant, Buffer& frame) override {
    if (frames_.empty()) return false;
    std::swap(frame, frames_.front());
    spare_.push_back(std::move(frames_.front()));
    frames_.pop_front();
    return true;
  }
  void on_time(Instant now) override {
    milliseconds = std::max(milliseconds, started_ + static_cast<u32_t>(nanos(now) / 1'000'000));
    sys_check_timeouts();
  }
  // Two turns of the slow timer, the second of which may be due only at the end of the next.
  Duration time_wait() const override { return 1'500ms; }

  void listen() override {
    tcp_pcb* const pcb = tcp_new();
    const err_t bound = tcp_bind(pcb, netif_ip_addr4(&interface_), kPort);
    PW_ASSERT(bound == ERR_OK);
    listener_ = tcp_listen(pcb);
    tcp_arg(listener_, this);
    tcp_accept(listener_, on_accept);
  }
  Handle connect(Instant) override {
    tcp_pcb* const pcb = tcp_new();
    PW_ASSERT(pcb != nullptr);
    const Handle handle = add(pcb);
    const err_t bound = tcp_bind(pcb, netif_ip_addr4(&interface_), 0);
    ip_addr_t server;
    IP_ADDR4(&server, 10, 1, 0, 2);
    const err_t sent = tcp_connect(pcb, &server, kPort, on_connected);
    PW_ASSERT(bound == ERR_OK && sent == ERR_OK);
    return handle;
  }
  std::optional<Handle> accept(Instant) override {
    if (accepted_.empty()) return std::nullopt;
    const Handle handle = accepted_.front();
    accepted_.pop_front();
    return handle;
  }
  std::size_t write(Instant, Handle handle, Bytes octets) override {
    tcp_pcb* const pcb = connection(handle).pcb;
    // tcp_write() takes all or nothing, and at most 65,535 octets.
    const std::size_t room = std::min<std::size_t>(tcp_sndbuf(pcb), 0xffff);
    const auto size = static_cast<u16_t>(std::min(octets.size(), room));
    if (size == 0 || tcp_write(pcb, octets.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK) return 0;
    tcp_output(pcb);
    return size;
  }
  std::size_t read(Instant, Handle handle, MutableBytes into) override {
    Connection& known = connection(handle);
    std::size_t size = 0;
    while (!known.received.empty() && size < into.size()) {
      pbuf*& first = known.received.front();
      const std::size_t count = std::min<std::size_t>(first->len, into.size() - size);
      store_bytes(into, size, Bytes{static_cast<const std::uint8_t*>(first->payload), count});
      size += count;
      first = pbuf_free_header(first, static_cast<u16_t>(count));
      if (first == nullptr) known.received.pop_front();
    }
    for (std::size_t told = 0; told < size;) {
      const auto part = static_cast<u16_t>(std::min<std::size_t>(size - told, 0xffff));
      tcp_recved(known.pcb, part);
      told += part;
    }
    return size;
  }
  bool at_end(Instant, Handle handle) override {
    return connection(handle).received.empty() && connection(handle).ended;
  }
  void close(Instant, Handle handle) override {
    tcp_pcb* const pcb = connection(handle).pcb;
    tcp_arg(pcb, nullptr);
    tcp_recv(pcb, nullptr);
    tcp_err(pcb, nullptr);
    const err_t closed = tcp_close(pcb);
    PW_ASSERT(closed == ERR_OK);
    connection(handle).pcb = nullptr;
    free_.push_back(handle);
  }

 private:
  struct Connection {
    tcp_pcb* pcb = nullptr;
    std::deque<pbuf*> received;
    bool ended = false;
  };

  Connection& connection(Handle handle) { return *connections_[static_cast<std::size_t>(handle)]; }

  Handle add(tcp_pcb* pcb) {
    if (free_.empty()) {
      free_.push_back(static_cast<Handle>(connections_.size()));
      connections_.push_back(std::make_unique<Connection>());
    }
    const Handle handle = free_.back();
    free_.pop_back();
    connection(handle).pcb = pcb;
    connection(handle).ended = false;
    tcp_arg(pcb, &connection(handle));
    tcp_recv(pcb, on_receive);
    return handle;
  }

  static err_t start_interface(netif* interface) {
    interface->name[0] = 'p';
    interface->name[1] = 'w';
    interface->mtu = 1500;
    interface->hwaddr_len = 6;
    interface->hwaddr[0] = 2;
    interface->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    interface->output = etharp_output;
    interface->linkoutput = transmit;
    return ERR_OK;
  }
  static err_t transmit(netif* interface, pbuf* packet) {
    auto& host = *static_cast<LwipHost*>(interface->state);
    if (host.spare_.empty()) host.spare_.emplace_back();
    Buffer& frame = host.frames_.emplace_back(std::move(host.spare_.back()));
    host.spare_.pop_back();
    frame.resize(packet->tot_len);
    pbuf_copy_partial(packet, frame.data(), packet->tot_len, 0);
    return ERR_OK;
  }
  static err_t on_connected(void*, tcp_pcb*, err_t) { return ERR_OK; }
  static err_t on_accept(void* argument, tcp_pcb* pcb, err_t error) {
    if (error != ERR_OK) return error;
    auto& host = *static_cast<LwipHost*>(argument);
    host.accepted_.push_back(host.add(pcb));
    return ERR_OK;
  }
  static err_t on_receive(void* argument, tcp_pcb*, pbuf* packet, err_t) {
    auto& known = *static_cast<Connection*>(argument);
    if (packet == nullptr) {
      known.ended = true;
    } else {
      known.received.push_back(packet);
    }
    return ERR_OK;
  }

  netif& interface_;
  u32_t started_ = milliseconds;  // an earlier pair has had the time before
  tcp_pcb* listener_ = nullptr;
  std::deque<Buffer> frames_;
  std::vector<Buffer> spare_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Handle> free_;
  std::deque<Handle> accepted_;
};

}  // namespace

std::unique_ptr<Host> make_lwip(Side side) {
  return std::make_unique<LwipHost>(side);
}

}  // namespace packetwright::peers
