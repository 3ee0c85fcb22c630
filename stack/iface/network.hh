// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/dns/resolver.hh"
#include "stack/icmp/icmp.hh"
#include "stack/iface/frame_queue.hh"
#include "stack/iface/memory_use.hh"
#include "stack/iface/ready_way.hh"
#include "stack/iface/segment_attributes.hh"
#include "stack/iface/stack_config.hh"
#include "stack/iface/trace.hh"
#include "stack/ip/addresses.hh"
#include "stack/ip/group_membership.hh"
#include "stack/ip/input.hh"
#include "stack/ip/output.hh"
#include "stack/ip/routes.hh"
#include "stack/neighbor/autoconfiguration.hh"
#include "stack/neighbor/link_local_choice.hh"
#include "stack/neighbor/neighbors.hh"
#include "stack/neighbor/router_discovery.hh"
#include "stack/tcp/tcp.hh"
#include "stack/udp/udp.hh"

namespace packetwright::iface {

// Who uses the network: told of what arrives for it. Called from within a call of Network, and
// must not call back into it.
class NetworkUser {
 public:
  virtual ~NetworkUser() = default;
  virtual void on_tcp_event(const tcp::Event& event) = 0;
  // An ICMP or ICMPv6 Echo Reply that came from `source`.
  virtual void on_echo_reply(const IpAddress& source, const IpAddress& destination,
                             const icmp::EchoReply& reply) = 0;
  // An ICMP or ICMPv6 error about a segment or datagram that was really sent, or an Echo Request.
  virtual void on_error_report(const icmp::ErrorReport& report) = 0;
  // An ICMP or ICMPv6 error about an Echo Request with this identifier.
  // False: nobody has sent such a request.
  virtual bool on_echo_error(const icmp::ErrorReport& report, std::uint16_t identifier) = 0;
};

// The protocols of one host, joined: what arrives finds its way up to TCP, UDP and ICMP, and what
// they send finds its way down to frames. Input is network_input.cc, output network_output.cc.
class Network {
 public:
  // `user` outlives this object.
  Network(const StackConfig& config, NetworkUser& user);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // --- the link: the contract of Stack
  void on_frame(Instant now, Bytes frame);
  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const;
  [[nodiscard]] bool next_tx(Buffer& frame) { return frames_.pop(frame); }
  void set_link(Instant now, bool up);

  // --- for the socket layer: transports are called directly. After a call of tcp() that may have
  // appended to actions(), run_actions() carries out what they say.
  [[nodiscard]] tcp::Tcp& tcp() noexcept { return tcp_; }
  [[nodiscard]] const tcp::Tcp& tcp() const noexcept { return tcp_; }
  [[nodiscard]] tcp::Actions& actions() noexcept { return actions_; }
  void run_actions(Instant now);
  // Delivers what this host sent to itself, until nothing more comes of it.
  void settle(Instant now) {
    run_resolver(now);
    if (!local_.empty()) deliver_local(now);
  }
  [[nodiscard]] udp::Udp& udp() noexcept { return udp_; }
  [[nodiscard]] const udp::Udp& udp() const noexcept { return udp_; }

  // After every call of it, run_resolver() sends what it wants sent.
  [[nodiscard]] dns::Resolver& resolver() noexcept { return resolver_; }
  [[nodiscard]] const dns::Resolver& resolver() const noexcept { return resolver_; }
  void run_resolver(Instant now) {
    if (!stream_events_.empty() || !resolver_.is_quiet()) serve_resolver(now);
  }
  // Those that routers offer come behind them.
  void set_dns_servers(std::vector<Endpoint> servers);

  // Sends one datagram of any protocol.
  [[nodiscard]] Result<void, ip::SendError> send(Instant now, const ip::Datagram& datagram);
  // The address from which a datagram to `destination` would leave.
  [[nodiscard]] Result<IpAddress, ip::SendError> source_for(Instant now,
                                                            const IpAddress& destination) const;
  // RFC 6724, 6: brings the addresses of a peer into the order in which they are to be tried.
  void order_destinations(Instant now, std::vector<IpAddress>& addresses) const;
  // Octets of an IP packet that the path takes, as far as is known; nullopt: no route.
  [[nodiscard]] std::optional<std::uint16_t> path_mtu(Instant now,
                                                      const IpAddress& destination) const;
  // The segment sizes that TCP derives from it.
  [[nodiscard]] tcp::Path tcp_path(Instant now, const IpAddress& remote) const;

  // Somebody on this host listens to a group, or has stopped to: counted. `quietly`: routers are
  // not told before they ask. network_groups.cc
  void join_group(Instant now, const IpAddress& group, bool quietly = false);
  void leave_group(Instant now, const IpAddress& group);

  // How segments are to be sent: of the connection between these two, or, without a remote, of
  // all connections that a listener at this port accepts. What is as usual takes no memory.
  void set_attributes(const Endpoint& local, const std::optional<Endpoint>& remote,
                      const SegmentAttributes& attributes);
  [[nodiscard]] SegmentAttributes usual_attributes(Family family) const noexcept {
    return {hop_limit(family), 0, true};
  }
  // Of what is sent, unless a socket says otherwise; routers may say what IPv6 has.
  [[nodiscard]] std::uint8_t hop_limit(Family family) const noexcept {
    return family == Family::ipv4 ? config_.hop_limit : hop_limit_v6_;
  }

  [[nodiscard]] const ip::Addresses& addresses() const noexcept { return addresses_; }
  [[nodiscard]] const neighbor::Neighbors& neighbors() const noexcept { return neighbors_; }
  [[nodiscard]] const DropCounters& drops() const noexcept { return drops_; }
  // All but MemoryUse::sockets.
  [[nodiscard]] MemoryUse memory() const;
  void set_trace(TraceHook hook) { trace_ = std::move(hook); }

 private:
  struct ResolverStream {
    dns::StreamId id{};
    tcp::ConnectionId connection;
  };

  // network_input.cc
  void ip_input(Instant now, Family family, Bytes packet, ip::LinkCast link);
  void handle(Instant now, const ip::Received& received);
  void deliver(Instant now, const ip::Datagram& datagram);
  void deliver_tcp(Instant now, const ip::Datagram& datagram);
  void deliver_udp(Instant now, const ip::Datagram& datagram);
  void deliver_dns(Instant now, const ip::Datagram& datagram);
  void deliver_icmp(Instant now, const ip::Datagram& datagram);
  void on_report(Instant now, const icmp::ErrorReport& report);
  void on_redirect(Instant now, const IpAddress& from, const icmp::Redirect& redirect);
  void drop(Instant now, DropReason reason);

  void choose_link_local(Instant now);
  void use_dns_servers();

  // network_resolver.cc: the TCP connections of the resolver, which no socket knows.
  void serve_resolver(Instant now);
  void tell(const tcp::Event& event);
  [[nodiscard]] bool is_resolver_stream(tcp::ConnectionId connection) const noexcept;
  void run_stream(Instant now, const dns::StreamAction& action);
  void open_stream(Instant now, dns::StreamId id, const Endpoint& server);
  void on_stream_event(Instant now, const tcp::Event& event);
  // True when the end of the stream was reached.
  [[nodiscard]] bool read_stream(Instant now, const ResolverStream& stream);
  void end_stream(Instant now, const ResolverStream& stream);

  // network_groups.cc
  [[nodiscard]] ip::GroupMembership& groups_of(Family family) noexcept {
    return family == Family::ipv4 ? groups_v4_ : groups_v6_;
  }
  void join_own_group(Instant now, const IpAddress& address);
  void forget_address(Instant now, const IpAddress& address);
  void deliver_igmp(Instant now, const ip::Datagram& datagram);
  [[nodiscard]] std::optional<DropReason> deliver_mld(Instant now, const ip::Datagram& datagram,
                                                      Bytes message);
  void announce_groups(Instant now);
  void send_mld(Instant now, ip::GroupAnnouncement announcement);

  // network_ndp.cc
  void start_ipv6(Instant now);
  void add_address(Instant now, const Prefix& prefix, bool on_link);
  void claim_addresses_anew(Instant now);
  void deliver_ndp(Instant now, const ip::Datagram& datagram, Bytes message);
  [[nodiscard]] std::optional<DropReason> on_router_advertisement(
      Instant now, const neighbor::NdpArrival& arrival, Bytes message);
  [[nodiscard]] std::optional<DropReason> on_redirect_v6(Instant now,
                                                         const neighbor::NdpArrival& arrival,
                                                         Bytes message);
  [[nodiscard]] bool drain_discovery(Instant now);
  void on_router_news(Instant now, const neighbor::RouterNews& news);
  void on_address_news(Instant now, const neighbor::AddressNews& news);
  void forget_router(Instant now, const IpAddress& router);

  // network_output.cc
  void answer(Instant now, icmp::Answer message, const ip::Datagram* echo_request);
  void send_error(Instant now, const icmp::Offence& offence);
  void send_segment(Instant now, std::size_t i);  // of actions_
  [[nodiscard]] bool send_directly(Instant now, const tcp::Segment& segment, Bytes text,
                                   const SegmentAttributes& attributes);
  [[nodiscard]] bool find_way(Instant now, const tcp::Segment& segment,
                              const SegmentAttributes& attributes, std::size_t size);
  void transmit(Instant now, ip::Packet packet);
  void deliver_local(Instant now);
  void drain_neighbors(Instant now);
  void on_neighbor_event(Instant now, const neighbor::Event& event);
  void reset_connections(Instant now, const IpAddress& local);
  void queue_frame(Instant now, const MacAddress& to, wire::EtherType ether_type, Bytes payload);

  StackConfig config_;
  NetworkUser& user_;

  ip::Addresses addresses_;
  ip::Routes routes_;
  ip::Input input_;
  ip::Output output_;
  neighbor::Neighbors neighbors_;
  neighbor::RouterDiscovery routers_;
  neighbor::Autoconfiguration autoconfiguration_;
  neighbor::LinkLocalChoice link_local_choice_;
  ip::GroupMembership groups_v4_, groups_v6_;
  std::uint8_t hop_limit_v6_;
  bool ipv6_silenced_ = false;  // RFC 4862, 5.4.5
  icmp::Icmp icmp_;
  udp::Udp udp_;
  tcp::Tcp tcp_;
  dns::Resolver resolver_;
  std::vector<ResolverStream> streams_;    // as many as there are servers
  std::vector<tcp::Event> stream_events_;  // of them, for run_resolver()

  tcp::Segment segment_;  // scratch: the one that arrives
  tcp::Actions actions_;
  bool running_actions_ = false;
  std::vector<tcp::IcmpError> too_big_;  // segments that did not fit, to be told to TCP
  AttributeTable attributes_;
  ReadyWay way_;  // of the segment that was sent last

  bool link_up_ = true;
  FrameQueue frames_;
  std::vector<ip::Packet> packets_;  // scratch of send()
  std::deque<ip::Packet> local_;     // to ourselves
  Buffer transport_;                 // scratch: the octets that IP carries

  DropCounters drops_;
  TraceHook trace_;
};

}  // namespace packetwright::iface
