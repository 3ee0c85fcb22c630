// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/message.hh"

#include <cstring>
#include <iterator>

namespace packetwright::isolation {
namespace {

struct Header {
  Message::Kind kind;
  std::uint32_t line;
  std::uint64_t job;
  std::int64_t wall_us;
  std::uint64_t result_size;
  std::uint64_t output_size;
};

}  // namespace

void encode(const Message& message, Buffer& out) {
  const Header header{message.kind,    message.line,          message.job,
                      message.wall_us, message.result.size(), message.output.size()};
  const auto* octets = reinterpret_cast<const std::uint8_t*>(&header);
  out.insert(out.end(), octets, octets + sizeof header);
  out.insert(out.end(), message.result.begin(), message.result.end());
  out.insert(out.end(), message.output.begin(), message.output.end());
}

std::optional<Message> decode(Buffer& in) {
  Header header;
  if (in.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, in.data(), sizeof header);
  if (in.size() - sizeof header < header.result_size + header.output_size) return std::nullopt;
  const auto result = in.begin() + sizeof header;
  const auto output = result + static_cast<std::ptrdiff_t>(header.result_size);
  const auto end = output + static_cast<std::ptrdiff_t>(header.output_size);
  Message message{header.kind,    header.line,      header.job,
                  header.wall_us, {result, output}, {output, end}};
  in.erase(in.begin(), end);
  return message;
}

}  // namespace packetwright::isolation
