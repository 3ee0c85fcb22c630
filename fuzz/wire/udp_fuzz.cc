// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/udp.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto lax = wire::UdpView::parse_lax(input.octets());
  if (lax) {
    fuzz::touch(lax->payload());
    fuzz::check_emits(wire::UdpFields::from(*lax), lax->octets());
  }
  const auto view = wire::UdpView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  PW_ASSERT(lax && same_octets(lax->octets(), view->octets()));
  fuzz::ExactBuffer copy{view->octets()};
  const IpAddress any;
  wire::fill_udp_checksum(copy.octets(), any, any);
  const auto filled = wire::UdpView::parse(copy.octets());
  PW_ASSERT(filled->checksum() != 0 && filled->verify_checksum(any, any));
  auto fields = wire::UdpFields::from(*view);
  fields.set_lengths(0);
  fuzz::check_round_trip<wire::UdpView>(fields);
  return 0;
}
