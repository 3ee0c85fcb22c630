// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"

using namespace packetwright;

namespace {

void check_view(const wire::TcpView& view) {
  fuzz::touch(view.options());
  fuzz::touch(view.payload());
  fuzz::touch(wire::to_string(view.flags()));
  PW_ASSERT(view.header().size() + view.payload().size() == view.octets().size());
  fuzz::check_emits(wire::TcpFields::from(view), view.octets());
  const wire::TcpOptionSet set = wire::read_tcp_options(view.options());
  PW_ASSERT(set.timestamps == wire::find_tcp_timestamps(view.options()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto lax = wire::TcpView::parse_lax(input.octets());
  if (lax) check_view(*lax);
  const auto view = wire::TcpView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  check_view(*view);
  PW_ASSERT(lax->header_size() == view->header_size());
  fuzz::check_round_trip<wire::TcpView>(wire::TcpFields::from(*view));
  const IpAddress any;
  fuzz::ExactBuffer copy{input.octets()};
  wire::fill_tcp_checksum(copy.octets(), any, any);
  PW_ASSERT(wire::TcpView::parse(copy.octets())->verify_checksum(any, any));
  return 0;
}
