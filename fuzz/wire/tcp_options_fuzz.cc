// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "fuzz/support/wire_checks.hh"
#include "stack/wire/tcp_options.hh"

using namespace packetwright;

namespace {

// Writes what the typed reader made of an option; an option that says nothing is copied.
void write_again(const wire::TcpOption& option, wire::TcpOptionWriter& out) {
  using Kind = wire::TcpOptionKind;
  if (option.kind == Kind::eol) {
    out.eol();
  } else if (option.kind == Kind::nop) {
    out.nop();
  } else if (const auto mss = option.mss()) {
    out.mss(*mss);
  } else if (const auto shift = option.window_scale()) {
    out.window_scale(*shift);
  } else if (option.sack_permitted()) {
    out.sack_permitted();
  } else if (option.sack_count() > 0) {
    std::vector<wire::SackBlock> blocks;
    for (std::size_t i = 0; i < option.sack_count(); ++i) blocks.push_back(option.sack_block(i));
    out.sack(blocks);
  } else if (const auto timestamps = option.timestamps()) {
    out.timestamps(*timestamps);
  } else if (const auto timeout = option.user_timeout()) {
    out.user_timeout(*timeout);
  } else if (const auto counters = option.accurate_ecn()) {
    out.accurate_ecn(option.kind, *counters);
  } else if (const auto cookie = option.fast_open(); cookie && option.kind == Kind::fast_open) {
    out.fast_open(*cookie);
  } else if (cookie && option.kind == Kind::experimental_2) {
    out.fast_open_experimental(*cookie);
  } else {
    out.raw(option.kind, option.data);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  fuzz::ExactBuffer storage{size};
  wire::TcpOptionWriter writer{storage.octets()};
  bool malformed = false;
  for (const auto& item : wire::TcpOptions{input.octets()}) {
    if (!item) {
      fuzz::check_error(item.error());
      malformed = true;
      break;
    }
    fuzz::touch(item->data);
    write_again(*item, writer);
  }
  PW_ASSERT(!writer.overflowed());
  PW_ASSERT(same_octets(writer.written(), input.octets().first(writer.size())));
  const wire::TcpOptionSet set = wire::read_tcp_options(input.octets());
  PW_ASSERT(set.malformed.has_value() == malformed);
  PW_ASSERT(set.timestamps == wire::find_tcp_timestamps(input.octets()));
  for (const wire::SackBlock& block : set.sack()) fuzz::touch(block.left.value());
  return 0;
}
