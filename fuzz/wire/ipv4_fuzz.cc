// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv4_options.hh"

using namespace packetwright;

namespace {

void check_options(Bytes octets) {
  std::size_t covered = 0;
  for (const auto& item : wire::Ipv4Options{octets}) {
    if (!item) {
      fuzz::check_error(item.error());
      break;
    }
    PW_ASSERT(item->offset == covered);
    covered += item->encoded_size();
    fuzz::touch(item->data);
    fuzz::touch(item->router_alert().value_or(0));
    if (const auto timestamp = item->timestamp()) fuzz::touch(timestamp->entries);
    if (const auto route = item->route()) {
      for (std::size_t i = 0; i < route->count(); ++i) fuzz::touch(route->address(i));
    }
  }
  PW_ASSERT(covered <= octets.size());
}

void check_view(const wire::Ipv4View& view) {
  fuzz::touch(view.options());
  fuzz::touch(view.payload());
  fuzz::touch(std::uint64_t{view.verify_checksum()});
  PW_ASSERT(view.header().size() + view.payload().size() == view.octets().size());
  fuzz::check_emits(wire::Ipv4Fields::from(view), view.octets());
  check_options(view.options());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto lax = wire::Ipv4View::parse_lax(input.octets());
  if (lax) check_view(*lax);
  const auto view = wire::Ipv4View::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  check_view(*view);
  // What the strict parser accepts, the lax one reads in the same way.
  PW_ASSERT(lax && same_octets(lax->octets(), view->octets()));
  auto fields = wire::Ipv4Fields::from(*view);
  fields.set_lengths(0);
  fuzz::check_round_trip<wire::Ipv4View>(fields);
  return 0;
}
