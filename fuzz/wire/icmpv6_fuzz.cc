// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/icmp_quote.hh"
#include "stack/wire/icmpv6.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::Icmpv6View::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->body());
  const IpAddress any = IpAddress::v6({});
  const bool was_right = view->verify_checksum(any, any);
  const auto fields = wire::Icmpv6Fields::from(*view);
  fuzz::check_emits(fields, view->octets());
  fuzz::check_round_trip<wire::Icmpv6View>(fields);

  // A checksum that was right is computed again, but for the two spellings of zero.
  fuzz::ExactBuffer copy{input.octets()};
  wire::fill_icmpv6_checksum(copy.octets(), any, any);
  const auto filled = wire::Icmpv6View::parse(copy.octets());
  PW_ASSERT(filled->verify_checksum(any, any));
  if (was_right) PW_ASSERT((filled->checksum() - view->checksum()) % 0xffff == 0);

  const auto quoted = wire::parse_ipv6_quote(view->body());
  if (!quoted) {
    fuzz::check_error(quoted.error());
    return 0;
  }
  fuzz::touch(quoted->transport);
  PW_ASSERT(quoted->transport_offset + quoted->transport.size() == view->body().size());
  if (quoted->tcp_seq()) PW_ASSERT(quoted->ports().has_value());
  return 0;
}
