// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/ethernet.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::EthernetView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->payload());
  PW_ASSERT(view->header_size() + view->payload().size() == size);
  const auto fields = wire::EthernetFields::from(*view);
  fuzz::check_emits(fields, view->octets());
  // A tag behind a tag is payload, so that only the emitted header tells the same story again.
  if (fields.ether_type != wire::EtherType::vlan) {
    fuzz::check_round_trip<wire::EthernetView>(fields);
  }
  return 0;
}
