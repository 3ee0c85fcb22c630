// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/dns_name.hh"

using namespace packetwright;

// The first two octets say where the name starts; the rest is the message. The same octets also
// serve as text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput slices{Bytes{data, size}};
  const std::size_t offset = slices.u16();
  const fuzz::ExactBuffer message{slices.take_rest()};
  const auto read = wire::DnsName::decode(message.octets(), offset);
  if (!read) {
    fuzz::check_error(read.error());
  } else {
    PW_ASSERT(read->end > offset && read->end <= message.octets().size());
    PW_ASSERT(read->name.octets().size() <= wire::kMaxDnsNameSize);
    PW_ASSERT(wire::DnsName::from_text(to_string(read->name)).value() == read->name);
    const auto plain = wire::DnsName::decode(message.octets(), offset);
    PW_ASSERT(same_name(plain->name, read->name));
  }

  const std::string_view text{reinterpret_cast<const char*>(message.octets().data()),
                              message.octets().size()};
  if (const auto name = wire::DnsName::from_text(text)) {
    PW_ASSERT(wire::DnsName::from_text(to_string(*name)).value() == *name);
    // Far enough from the start of a message that it is no part of its header.
    Buffer spelt(12);
    spelt.insert(spelt.end(), name->octets().begin(), name->octets().end());
    const auto decoded = wire::DnsName::decode(spelt, 12);
    PW_ASSERT(decoded && decoded->name == *name && decoded->end == spelt.size());
  }
  return 0;
}
