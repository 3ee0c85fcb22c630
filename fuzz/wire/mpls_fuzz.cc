// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/mpls.hh"

using namespace packetwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::MplsView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::touch(view->payload());
  for (std::size_t i = 0; i < view->count(); ++i) {
    const wire::MplsEntry entry = view->entry(i);
    PW_ASSERT(entry.bottom == (i + 1 == view->count()));
    fuzz::check_emits(entry, view->octets().subspan(i * wire::kMplsEntrySize));
  }
  return 0;
}
