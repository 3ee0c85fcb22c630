// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/tcp.hh"

#include <array>
#include <utility>

#include "stack/wire/checksum.hh"

namespace packetwright::wire {

std::string to_string(TcpFlags flags) {
  if (flags == TcpFlags{}) return "-";
  static constexpr std::array<std::pair<TcpFlags, char>, 9> kLetters{{{tcp_flag::fin, 'F'},
                                                                      {tcp_flag::syn, 'S'},
                                                                      {tcp_flag::rst, 'R'},
                                                                      {tcp_flag::psh, 'P'},
                                                                      {tcp_flag::urg, 'U'},
                                                                      {tcp_flag::ece, 'E'},
                                                                      {tcp_flag::cwr, 'W'},
                                                                      {tcp_flag::ae, 'A'},
                                                                      {tcp_flag::ack, '.'}}};
  std::string text;
  for (const auto& [flag, letter] : kLetters) {
    if (flags.has(flag)) text += letter;
  }
  return text;
}

bool TcpView::verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept {
  return transport_checksum(octets_, src, dst, IpProtocol::tcp) == 0;
}

TcpFields TcpFields::from(const TcpView& view) noexcept {
  TcpFields fields;
  fields.src_port = view.src_port();
  fields.dst_port = view.dst_port();
  fields.seq = view.seq();
  fields.ack = view.ack();
  fields.data_offset = view.data_offset();
  fields.reserved = view.reserved();
  fields.flags = view.flags();
  fields.win = view.win();
  fields.checksum = view.checksum();
  fields.urgent = view.urgent();
  fields.options = view.options();
  return fields;
}

void TcpFields::set_lengths() noexcept {
  data_offset = static_cast<std::uint8_t>(encoded_size() / 4);
}

void TcpFields::set_checksum(Bytes payload, const IpAddress& src, const IpAddress& dst) noexcept {
  checksum = Checksum{}
                 .add_pseudo_header(src, dst, IpProtocol::tcp,
                                    static_cast<std::uint32_t>(encoded_size() + payload.size()))
                 .add_u16(src_port)
                 .add_u16(dst_port)
                 .add_u32(seq.value())
                 .add_u32(ack.value())
                 .add_u16(offset_and_flags())
                 .add_u16(win)
                 .add_u16(urgent)
                 .add(options)
                 .add(payload)
                 .value();
}

void TcpFields::emit(MutableBytes out) const noexcept {
  PW_ASSERT(out.size() >= kTcpHeaderSize);
  store_be16(out, 0, src_port);
  store_be16(out, 2, dst_port);
  store_be32(out, 4, seq.value());
  store_be32(out, 8, ack.value());
  store_be16(out, 12, offset_and_flags());
  store_be16(out, 14, win);
  store_be16(out, 16, checksum);
  store_be16(out, 18, urgent);
  store_bytes(out, kTcpHeaderSize, options);
}

bool operator==(const TcpFields& a, const TcpFields& b) noexcept {
  return a.src_port == b.src_port && a.dst_port == b.dst_port && a.seq == b.seq && a.ack == b.ack &&
         a.data_offset == b.data_offset && a.reserved == b.reserved && a.flags == b.flags &&
         a.win == b.win && a.checksum == b.checksum && a.urgent == b.urgent &&
         same_octets(a.options, b.options);
}

void fill_tcp_checksum(MutableBytes segment, const IpAddress& src, const IpAddress& dst) noexcept {
  store_be16(segment, 16, 0);
  store_be16(segment, 16, transport_checksum(segment, src, dst, IpProtocol::tcp));
}

}  // namespace packetwright::wire
