// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/icmp_quote.hh"
#include "stack/wire/icmpv4.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::Icmpv4View::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->body());
  fuzz::touch(std::uint64_t{view->verify_checksum()});
  fuzz::touch(view->gateway());
  if (const auto timestamps = view->timestamps()) fuzz::touch(timestamps->transmit);
  if (const auto mask = view->address_mask()) fuzz::touch(*mask);
  // A name, where there is one, leads back to its number.
  if (const auto name = wire::icmpv4_code_name(view->type(), view->code()); !name.empty()) {
    PW_ASSERT(wire::icmpv4_code_by_name(view->type(), name) == view->code());
  }
  const auto fields = wire::Icmpv4Fields::from(*view);
  fuzz::check_emits(fields, view->octets());
  fuzz::check_round_trip<wire::Icmpv4View>(fields);

  const auto quoted = wire::parse_ipv4_quote(view->body());
  if (!quoted) {
    fuzz::check_error(quoted.error());
    return 0;
  }
  fuzz::touch(quoted->transport);
  PW_ASSERT(quoted->transport_offset + quoted->transport.size() == view->body().size());
  if (quoted->tcp_seq()) PW_ASSERT(quoted->ports().has_value());
  return 0;
}
