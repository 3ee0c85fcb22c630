// SPDX-License-Identifier: Apache-2.0
#include "examples/packetdrill_so/host.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "stack/wire/address_text.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::example {
namespace {

// The clock's zero, some day in 2001: a plug-in's clock need not be that of the host.
constexpr std::int64_t kEpoch = 1'000'000'000'000'000;
// So many questions in a row are no longer curiosity.
constexpr int kPatience = 100;

// Whole microseconds, and not less: nothing happens before its time.
std::int64_t micros(Instant at) {
  return (nanos(at) + 999) / 1000;
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_prefix(std::string_view text, Prefix& out) {
  if (text.find('/') == std::string_view::npos) {
    const auto address = wire::parse_address(text);
    if (address) out.address = *address;
    return address.ok();
  }
  const auto prefix = wire::parse_prefix(text);
  if (prefix) out = *prefix;
  return prefix.ok();
}

bool read_address(std::string_view text, IpAddress& out) {
  const auto address = wire::parse_address(text);
  if (address) out = *address;
  return address.ok();
}

// False: the value makes no sense.
bool read_word(std::string_view name, std::string_view value, targets::Config& config) {
  if (name == "seed") return read_number(value, config.seed);
  if (name == "mtu") return read_number(value, config.mtu);
  if (name == "local4") return read_prefix(value, config.local4);
  if (name == "local6") return read_prefix(value, config.local6);
  if (name == "peer4") return read_address(value, config.peer4);
  if (name == "peer6") return read_address(value, config.peer6);
  if (name == "gateway4") return read_address(value, config.gateway4);
  if (name == "gateway6") return read_address(value, config.gateway6);
  config.knobs[std::string{name}] = value;
  return true;
}

targets::Config default_config() {
  targets::Config config;
  config.local6 = {wire::parse_ipv6("fd3d:fa7b:d17d::1").value(), 48};
  config.gateway6 = wire::parse_ipv6("fd3d:fa7b:d17d::2").value();
  config.peer6 = wire::parse_ipv6("2001:db8::1").value();
  return config;
}

}  // namespace

Result<targets::Config, std::string> config_from(std::string_view flags) {
  targets::Config config = default_config();
  while (!flags.empty()) {
    const std::size_t comma = flags.find(',');
    const std::string_view word = flags.substr(0, comma);
    flags.remove_prefix(comma == std::string_view::npos ? flags.size() : comma + 1);
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos ||
        !read_word(word.substr(0, equals), word.substr(equals + 1), config)) {
      return Err{"\"" + std::string{word} + "\" is no NAME=VALUE that makes sense"};
    }
  }
  const auto usable = reference::stack_config(config);
  if (!usable) return Err{usable.error()};
  return config;
}

Host::Host(const targets::Config& config) : config_(config) {
  static_cast<void>(stack_.reset(config));
  happened();
}

void Host::happened() {
  vain_asks_ = 0;
  std::vector<targets::SentFrame> frames;
  // Answering for the peer's link-layer address may set free what waited for it.
  while (frames.clear(), stack_.drain(frames), !frames.empty()) {
    for (const targets::SentFrame& frame : frames) {
      const auto ethernet = wire::EthernetView::parse(frame.octets);
      if (!ethernet) continue;
      if (ethernet->ether_type() == wire::EtherType::arp) {
        answer_arp(ethernet->payload());
      } else if (!answer_solicitation(ethernet->payload())) {
        const Bytes packet = ethernet->payload();
        sent_.push_back({kEpoch + micros(frame.at), Buffer(packet.begin(), packet.end())});
      }
    }
  }
  changed_.notify_all();
}

void Host::answer_arp(Bytes octets) {
  const auto request = wire::ArpView::parse(octets);
  if (!request || request->operation() != wire::ArpOperation::request) return;
  wire::ArpFields reply;
  reply.operation = wire::ArpOperation::reply;
  reply.sender_mac = config_.peer_mac;
  reply.sender_ip = request->target_ip();
  reply.target_mac = config_.local_mac;
  reply.target_ip = request->sender_ip();
  const wire::EthernetFields header{config_.local_mac, config_.peer_mac, std::nullopt,
                                    wire::EtherType::arp};
  Buffer frame(header.encoded_size() + reply.encoded_size());
  header.emit(frame);
  reply.emit(MutableBytes{frame}.subspan(header.encoded_size()));
  stack_.inject(frame);
}

bool Host::answer_solicitation(Bytes packet) {
  const auto ip = wire::Ipv6View::parse(packet);
  if (!ip || ip->next_header() != wire::IpProtocol::icmpv6) return false;
  const auto asked = wire::NeighborSolicitationView::parse(ip->payload());
  if (!asked) return false;
  std::array<std::uint8_t, 8> room{};
  wire::NdpOptionWriter options{room};
  options.link_layer_address(wire::NdpOptionType::target_link_layer_address, config_.peer_mac);
  wire::NeighborAdvertisementFields answer;
  answer.flags = wire::kNdpSolicitedFlag | wire::kNdpOverrideFlag;
  answer.target = asked->target();
  answer.options = options.written();
  wire::Ipv6Fields header;
  header.next_header = wire::IpProtocol::icmpv6;
  header.hop_limit = 255;
  header.src = asked->target();
  header.dst = ip->src();
  header.set_lengths(answer.encoded_size());
  const wire::EthernetFields link{config_.local_mac, config_.peer_mac, std::nullopt,
                                  wire::EtherType::ipv6};
  const std::size_t start = link.encoded_size() + header.encoded_size();
  Buffer frame(start + answer.encoded_size());
  link.emit(frame);
  header.emit(MutableBytes{frame}.subspan(link.encoded_size()));
  const MutableBytes message = MutableBytes{frame}.subspan(start);
  answer.emit(message);
  wire::fill_icmpv6_checksum(message, header.src, header.dst);
  stack_.inject(frame);
  return true;
}

void Host::put(Bytes packet) {
  const bool v6 = !packet.empty() && packet[0] >> 4 == 6;
  const wire::EthernetFields header{config_.local_mac, config_.peer_mac, std::nullopt,
                                    v6 ? wire::EtherType::ipv6 : wire::EtherType::ipv4};
  Buffer frame(header.encoded_size() + packet.size());
  header.emit(frame);
  store_bytes(frame, header.encoded_size(), packet);
  stack_.inject(frame);
  happened();
}

std::optional<Host::Packet> Host::take() {
  if (sent_.empty() && ++vain_asks_ > kPatience) {
    if (const auto timer = stack_.next_timer()) advance_to(*timer);
  }
  if (sent_.empty()) return std::nullopt;
  Packet packet = std::move(sent_.front());
  sent_.pop_front();
  return packet;
}

std::int64_t Host::now_us(bool asked) {
  if (asked && ++vain_asks_ > kPatience) {
    const int asks = vain_asks_;
    advance_to(stack_.now() + std::chrono::microseconds{1});
    vain_asks_ = asks;  // and on it goes, as long as nobody does anything else
  }
  return kEpoch + micros(stack_.now());
}

void Host::sleep(std::int64_t microseconds) {
  advance_to(stack_.now() + std::chrono::microseconds{microseconds});
}

void Host::advance_to(Instant until) {
  // The clock counts whole microseconds.
  until = instant_at(micros(until) * 1000);
  do {
    stack_.advance_to(until, true);
    happened();
  } while (stack_.now() < until);
}

std::optional<std::int64_t> Host::next_timer_us() const {
  const auto timer = stack_.next_timer();
  if (!timer) return std::nullopt;
  return kEpoch + micros(*timer);
}

}  // namespace packetwright::example
