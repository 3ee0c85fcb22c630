// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/arp.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::ArpView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->octets());
  fuzz::touch(std::uint64_t{view->is_ethernet_ipv4()});
  const auto fields = wire::ArpFields::from(*view);
  fuzz::check_emits(fields, view->octets());
  fuzz::check_round_trip<wire::ArpView>(fields);
  return 0;
}
