// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

using namespace packetwright;

namespace {

void check_extension(const wire::Ipv6ExtensionView& view) {
  PW_ASSERT(view.octets().size() % 8 == 0);
  fuzz::touch(view.octets());
  if (view.kind() == wire::IpProtocol::fragment) {
    fuzz::check_emits(wire::Ipv6FragmentFields::from(view), view.octets());
    return;
  }
  fuzz::check_emits(wire::Ipv6ExtensionFields::from(view), view.octets());
  std::size_t end = 2;
  for (const auto& item : view.options()) {
    if (!item) {
      fuzz::check_error(item.error());
      return;
    }
    PW_ASSERT(item->offset == end);
    end += item->type == wire::Ipv6OptionType::pad1 ? 1 : 2 + item->data.size();
    fuzz::touch(item->data);
    fuzz::touch(item->jumbo_length().value_or(0) + item->router_alert().value_or(0));
  }
  PW_ASSERT(end == view.octets().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto lax = wire::Ipv6View::parse_lax(input.octets());
  const auto view = wire::Ipv6View::parse(input.octets());
  if (!view) fuzz::check_error(view.error());
  if (!lax) return 0;
  if (view) {
    PW_ASSERT(same_octets(lax->octets(), view->octets()));
    auto fields = wire::Ipv6Fields::from(*view);
    fields.set_lengths(0);
    fuzz::check_round_trip<wire::Ipv6View>(fields);
  }
  fuzz::check_emits(wire::Ipv6Fields::from(*lax), lax->octets());
  fuzz::touch(lax->payload());

  wire::Ipv6ExtensionWalk walk{lax->next_header(), lax->payload()};
  std::size_t headers = 0;
  while (const auto step = walk.next()) {
    PW_ASSERT(++headers <= wire::kMaxIpv6Extensions + 1);
    if (*step) check_extension(**step);
  }
  const auto upper = wire::find_upper_layer(lax->next_header(), lax->payload());
  if (!upper) {
    fuzz::check_error(upper.error());
    return 0;
  }
  PW_ASSERT(upper->offset == walk.offset() && upper->offset <= lax->payload().size());
  PW_ASSERT(lax->octets()[upper->next_header_offset] == static_cast<std::uint8_t>(upper->protocol));
  return 0;
}
