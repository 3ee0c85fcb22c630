// SPDX-License-Identifier: Apache-2.0
#include "python/src/packet_state.hh"

#include <algorithm>
#include <array>
#include <bitset>
#include <stdexcept>
#include <utility>

namespace packetwright::python {
namespace {

using packet::Dissected;
using packet::Field;
using packet::FieldInfo;
using packet::Layer;
using packet::Packet;
using packet::Part;
using packet::Proto;
using packet::Setting;
using packet::Wide;

constexpr std::size_t kMostHeader = 40;  // octets of the fixed part of any header

// Which bits of a header something is known of.
class Coverage {
 public:
  void add(Field field) {
    const FieldInfo& info = packet::info_of(field);
    for (std::size_t bit = 0; bit < info.width; ++bit) bits_.set(info.bit + bit);
  }
  [[nodiscard]] bool has(Field field) const {
    const FieldInfo& info = packet::info_of(field);
    for (std::size_t bit = 0; bit < info.width; ++bit) {
      if (!bits_.test(info.bit + bit)) return false;
    }
    return true;
  }

 private:
  std::bitset<kMostHeader * 8> bits_;
};

// Where the octets of Layer::rest begin; nullopt: such a header has none that are seen.
std::optional<std::size_t> start_of_rest(Proto proto) {
  switch (proto) {
    case Proto::hop_by_hop:
    case Proto::destination: return 2;
    case Proto::routing: return 4;
    case Proto::gre: return packet::fixed_size_of(Proto::gre);
    default: return std::nullopt;
  }
}

Layer describe(const Dissected& seen, const Part& part) {
  Layer layer(part.proto);
  Coverage known;
  for (const Field field : packet::fields_of(part.proto)) {
    if (known.has(field)) continue;
    const std::optional<Wide> value = seen.get(part, field);
    if (!value) continue;
    known.add(field);
    if (seen.right_value(part, field) != value) layer.set(field, *value);
  }
  if (auto options = seen.options(part); !options.empty()) layer.options = std::move(options);
  if (const auto start = start_of_rest(part.proto); start && part.size > *start) {
    const Bytes rest = seen.header(part).subspan(*start);
    layer.rest.emplace(rest.begin(), rest.end());
  }
  return layer;
}

Buffer behind_everything(const Dissected& seen) {
  const Part* const last = seen.last();
  if (last == nullptr) return {};
  const Bytes tail = Bytes{seen.octets()}.subspan(last->end);
  return {tail.begin(), tail.end()};
}

}  // namespace

Packet describe(const Dissected& seen) {
  Packet out;
  for (const Part& part : seen.parts()) out.layers.push_back(describe(seen, part));
  const Bytes payload = seen.payload();
  out.payload.emplace(payload.begin(), payload.end());
  return out;
}

Packet& PacketState::edit() {
  if (seen_) {
    Packet out = python::describe(*seen_);
    Buffer tail = behind_everything(*seen_);
    Buffer again = packet::build(out);
    again.insert(again.end(), tail.begin(), tail.end());
    if (again != seen_->octets()) {
      throw std::invalid_argument(
          "this packet cannot be taken apart and put together again (" +
          (seen_->flaw().empty() ? std::string("its headers are not whole") : seen_->flaw()) +
          "); change its octets instead");
    }
    said_ = std::move(out);
    tail_ = std::move(tail);
    seen_.reset();
  }
  return said_;
}

Packet PacketState::described() const {
  return seen_ ? python::describe(*seen_) : said_;
}

std::optional<Wide> PacketState::get(std::size_t index, Field field) const {
  if (seen_) return seen_->get(seen_->parts()[index], field);
  std::array<std::uint8_t, kMostHeader> header{};
  Coverage known;
  for (const Setting& setting : said_.layers[index].settings) {
    if (setting.how != Setting::How::exactly) {
      if (setting.field == field) return std::nullopt;
      continue;
    }
    packet::write_field(header, setting.field, setting.value);
    known.add(setting.field);
  }
  if (!known.has(field)) return std::nullopt;
  return packet::read_field(header, field);
}

Buffer PacketState::octets() const {
  if (seen_) return seen_->octets();
  Buffer out = packet::build(said_);
  out.insert(out.end(), tail_.begin(), tail_.end());
  return out;
}

Packet widened(Packet pattern, const Dissected& live) {
  const std::vector<Layer>& named = pattern.layers;
  const bool with_ethernet = !named.empty() && named.front().proto == Proto::ethernet;
  std::vector<Layer> layers;
  std::size_t next = 0;
  for (const Part& part : live.parts()) {
    if (next < named.size() && named[next].proto == part.proto) {
      layers.push_back(named[next++]);
    } else if (part.quoted && next == named.size()) {
      break;
    } else if (part.proto != Proto::ethernet || with_ethernet) {
      layers.emplace_back(part.proto);
    }
  }
  // If a header did not come, its absence is the difference.
  if (next == named.size()) pattern.layers = std::move(layers);
  return pattern;
}

std::vector<packet::Difference> differences(const Packet& pattern, const Dissected& live) {
  return packet::match(widened(pattern, live), live, {.option_layout = false});
}

}  // namespace packetwright::python
