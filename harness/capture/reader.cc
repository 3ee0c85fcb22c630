// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/reader.hh"

#include <utility>

namespace packetwright::capture {

Result<Reader, Error> Reader::open(Bytes file) {
  if (PcapReader::recognises(file)) {
    Result<PcapReader, Error> opened = PcapReader::open(file);
    if (!opened) return Err{opened.error()};
    return Reader{std::move(opened).value()};
  }
  if (PcapngReader::recognises(file)) {
    Result<PcapngReader, Error> opened = PcapngReader::open(file);
    if (!opened) return Err{opened.error()};
    return Reader{std::move(opened).value()};
  }
  if (file.empty()) return Err{Error{0, "the file is empty"}};
  return Err{Error{0, "neither a pcap nor a pcapng file"}};
}

Result<std::optional<Packet>, Error> Reader::next() {
  return std::visit([](auto& reader) { return reader.next(); }, reader_);
}

const std::vector<Interface>& Reader::interfaces() const noexcept {
  return std::visit(
      [](const auto& reader) -> const std::vector<Interface>& { return reader.interfaces(); },
      reader_);
}

std::string_view Reader::format() const noexcept {
  return std::holds_alternative<PcapReader>(reader_) ? "pcap" : "pcapng";
}

Result<Capture, Error> read_all(Bytes file) {
  Result<Reader, Error> opened = Reader::open(file);
  if (!opened) return Err{opened.error()};
  Reader reader = std::move(opened).value();
  Capture capture;
  while (true) {
    Result<std::optional<Packet>, Error> packet = reader.next();
    if (!packet) {
      capture.damage = packet.error();
      break;
    }
    if (!packet->has_value()) break;
    capture.packets.push_back(std::move(**packet));
  }
  capture.interfaces = reader.interfaces();
  return capture;
}

}  // namespace packetwright::capture
