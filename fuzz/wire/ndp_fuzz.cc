// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/ndp.hh"

using namespace packetwright;

namespace {

void check_options(Bytes octets) {
  bool whole = true;
  std::size_t end = 0;
  for (const auto& item : wire::NdpOptions{octets}) {
    if (!item) {
      fuzz::check_error(item.error());
      whole = false;
      break;
    }
    PW_ASSERT(item->offset == end);
    end += 2 + item->data.size();
    fuzz::touch(item->data);
    if (const auto mac = item->link_layer_address()) fuzz::touch(*mac);
    if (const auto prefix = item->prefix_information()) fuzz::touch(prefix->prefix);
    if (const auto packet = item->redirected_header()) fuzz::touch(*packet);
    if (const auto servers = item->dns_servers()) {
      for (std::size_t i = 0; i < servers->count(); ++i) fuzz::touch(servers->address(i));
    }
    fuzz::touch(item->mtu().value_or(0));
  }
  PW_ASSERT(whole == wire::ndp_options_valid(octets));
  PW_ASSERT(!whole || end == octets.size());
}

template <class View, class Fields>
void check_message(Bytes message) {
  const auto view = View::parse(message);
  if (!view) {
    fuzz::check_error(view.error());
    return;
  }
  check_options(view->options());
  const auto fields = Fields::from(*view);
  // The type is the message's own, whatever the octets said.
  fuzz::ExactBuffer copy{message};
  copy.octets()[0] = [&] {
    fuzz::ExactBuffer out{fields.encoded_size()};
    fields.emit(out.octets());
    return out.octets()[0];
  }();
  fuzz::check_emits(fields, copy.octets());
  fuzz::check_round_trip<View>(fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  check_message<wire::RouterSolicitationView, wire::RouterSolicitationFields>(input.octets());
  check_message<wire::RouterAdvertisementView, wire::RouterAdvertisementFields>(input.octets());
  check_message<wire::NeighborSolicitationView, wire::NeighborSolicitationFields>(input.octets());
  check_message<wire::NeighborAdvertisementView, wire::NeighborAdvertisementFields>(input.octets());
  check_message<wire::RedirectView, wire::RedirectFields>(input.octets());
  return 0;
}
