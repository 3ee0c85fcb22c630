// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/tcp_header.hh"

#include <algorithm>
#include <array>

#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::iface {
namespace {

tcp::Options read_options(Bytes octets, bool syn) noexcept {
  //= RFC9293-MUST-5
  //= RFC9293-MUST-6
  // What is unknown is skipped. Where a length makes no sense the rest is not read (MUST-7), and
  // what came before it counts.
  const wire::TcpOptionSet found = wire::read_tcp_options(octets);
  tcp::Options options;
  options.mss = found.mss;
  options.window_scale = found.window_scale;
  options.sack_permitted = found.sack_permitted;
  if (found.timestamps) {
    options.timestamps = tcp::Timestamps{found.timestamps->val, found.timestamps->ecr};
  }
  options.sack_count = found.sack_count;
  for (std::size_t i = 0; i < found.sack_count; ++i) {
    options.sack_blocks[i] = {found.sack_blocks[i].left, found.sack_blocks[i].right};
  }
  if (found.user_timeout) {
    options.user_timeout = tcp::UserTimeout{found.user_timeout->minutes, found.user_timeout->value};
  }
  //= RFC7413-4.1.1-b
  const std::size_t cookie = found.fast_open ? found.fast_open->size() : 1;
  if (syn && cookie % 2 == 0 && (cookie == 0 || (cookie >= 4 && cookie <= 16))) {
    tcp::FastOpenOption& option = options.fast_open.emplace();
    option.size = static_cast<std::uint8_t>(cookie);
    option.experimental = found.fast_open_experimental;
    store_bytes(option.cookie, 0, *found.fast_open);
  }
  return options;
}

// The layout that is common among hosts: MSS, then SACK-permitted and timestamps, then the window
// scale, each aligned to words by NOPs in front of it. RFC 7323, appendix A shows why: the values
// of timestamps then lie on word boundaries.
void write_options(const tcp::Options& options, wire::TcpOptionWriter& writer) noexcept {
  if (options.mss) writer.mss(*options.mss);
  if (options.timestamps) {
    if (options.sack_permitted) {
      writer.sack_permitted();
    } else {
      writer.nop().nop();
    }
    writer.timestamps({options.timestamps->value, options.timestamps->echo_reply});
  } else if (options.sack_permitted) {
    writer.nop().nop().sack_permitted();
  }
  if (options.window_scale) writer.nop().window_scale(*options.window_scale);
  if (options.sack_count > 0) {
    std::array<wire::SackBlock, tcp::kMaxSackBlocks> blocks;
    for (std::size_t i = 0; i < options.sack_count; ++i) {
      blocks[i] = {options.sack_blocks[i].left, options.sack_blocks[i].right};
    }
    writer.nop().nop().sack(std::span{blocks}.first(options.sack_count));
  }
  if (options.user_timeout) {
    writer.user_timeout({options.user_timeout->minutes, options.user_timeout->value});
  }
  if (options.fast_open) {
    const Bytes cookie = options.fast_open->octets();
    if (options.fast_open->experimental) {
      writer.fast_open_experimental(cookie);
    } else {
      writer.fast_open(cookie);
    }
    while (writer.size() % 4 != 0) writer.nop();
  }
  writer.pad();
}

wire::TcpFlags flags_of(const tcp::Segment& segment) noexcept {
  using namespace wire::tcp_flag;
  wire::TcpFlags flags;
  if (segment.fin) flags |= fin;
  if (segment.syn) flags |= syn;
  if (segment.rst) flags |= rst;
  if (segment.psh) flags |= psh;
  if (segment.has_ack) flags |= ack;
  if (segment.urg) flags |= urg;
  if (segment.ece) flags |= ece;
  if (segment.cwr) flags |= cwr;
  return flags;
}

}  // namespace

std::optional<DropReason> read_segment(const IpAddress& source, const IpAddress& destination,
                                       std::uint8_t ecn, Bytes octets, bool verify_checksum,
                                       tcp::Segment& segment) noexcept {
  const auto view = wire::TcpView::parse(octets);
  if (!view) return DropReason::tcp_malformed;
  //= RFC9293-MUST-3
  if (verify_checksum && !view->verify_checksum(source, destination)) {
    return DropReason::tcp_bad_checksum;
  }
  using namespace wire::tcp_flag;
  const wire::TcpFlags flags = view->flags();
  segment.clear();
  segment.local.address = destination;
  segment.local.port = view->dst_port();
  segment.remote.address = source;
  segment.remote.port = view->src_port();
  segment.seq = view->seq();
  segment.ack = view->ack();
  segment.fin = flags.has(fin);
  segment.syn = flags.has(syn);
  segment.rst = flags.has(rst);
  segment.psh = flags.has(psh);
  segment.has_ack = flags.has(ack);
  segment.urg = flags.has(urg);
  segment.ece = flags.has(ece);
  segment.cwr = flags.has(cwr);
  segment.window = view->win();
  segment.urgent_pointer = view->urgent();
  if (!view->options().empty()) segment.options = read_options(view->options(), segment.syn);
  segment.text = view->payload();
  segment.size = static_cast<std::uint32_t>(segment.text.size());
  segment.ecn = static_cast<tcp::Ecn>(ecn & 3);
  return std::nullopt;
}

std::size_t encoded_size(const tcp::Segment& segment) noexcept {
  return tcp::kHeaderSize + segment.options.encoded_size() + segment.size;
}

void emit_segment(const tcp::Segment& segment, Bytes text, Buffer& out) {
  out.resize(encoded_size(segment));
  emit_segment_to(segment, text, out);
}

//= RFC9293-MUST-2
void emit_segment_to(const tcp::Segment& segment, Bytes text, MutableBytes out) noexcept {
  PW_ASSERT(text.size() == segment.size);
  std::array<std::uint8_t, wire::kTcpMaxOptionsSize> option_octets;
  wire::TcpOptionWriter writer{option_octets};
  // Most segments have none.
  const bool has_options = out.size() > wire::kTcpHeaderSize + text.size();
  if (has_options) write_options(segment.options, writer);

  wire::TcpFields header;
  header.src_port = segment.local.port;
  header.dst_port = segment.remote.port;
  header.seq = segment.seq;
  header.ack = segment.has_ack ? segment.ack : SeqNum{};
  header.flags = flags_of(segment);
  header.win = segment.window;
  header.urgent = segment.urg ? segment.urgent_pointer : std::uint16_t{0};
  header.options = writer.written();
  header.set_lengths();
  header.set_checksum(text, segment.local.address, segment.remote.address);
  PW_ASSERT(out.size() == header.encoded_size() + text.size());
  header.emit(out);
  store_bytes(out, header.encoded_size(), text);
}

}  // namespace packetwright::iface
