// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/gre.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::GreView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->payload());
  fuzz::touch(std::uint64_t{view->verify_checksum()});
  auto fields = wire::GreFields::from(*view);
  fuzz::check_emits(fields, view->octets());
  fuzz::check_round_trip<wire::GreView>(fields);
  const std::uint16_t flags = fields.flags;
  fields.set_presence();
  PW_ASSERT(fields.flags == flags);
  return 0;
}
