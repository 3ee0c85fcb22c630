// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/match.hh"

#include <algorithm>

#include "harness/packet/checksums.hh"
#include "harness/packet/text.hh"

namespace packetwright::packet {
namespace {

bool is_padding(const HeaderOption& option) {
  return option.kind <= 1;
}

bool same_option(const HeaderOption& want, const HeaderOption& got) {
  if (want.kind != got.kind || want.data.size() != got.data.size()) return false;
  if (want.length != got.length) return false;
  for (std::size_t i = 0; i < want.data.size(); ++i) {
    const bool compared = i >= want.compared.size() || want.compared[i] != 0;
    if (compared && want.data[i] != got.data[i]) return false;
  }
  return true;
}

// Experimental options share a kind and differ in their magic, so the name decides.
bool same_name(const HeaderOption& want, const HeaderOption& got) {
  return tcp_option_name(want) == tcp_option_name(got);
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text.empty() ? "none" : text;
}

class Matcher {
 public:
  Matcher(const Packet& expected, const Dissected& live, const MatchPolicy& policy)
      : expected_(expected), live_(live), policy_(policy) {}

  std::vector<Difference> run() {
    if (!align()) return std::move(differences_);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      fields(*pairs_[i].want, *pairs_[i].got);
      options(*pairs_[i].want, *pairs_[i].got);
      rest(*pairs_[i].want, *pairs_[i].got);
    }
    payload();
    trailer();
    return std::move(differences_);
  }

 private:
  struct Pair {
    const Layer* want;
    const Part* got;
  };

  void differ(std::string name, std::string want, std::string got) {
    differences_.push_back({std::move(name), std::move(want), std::move(got)});
  }

  // Pairs the expected headers with those that came; false: they are not the same kinds.
  bool align() {
    std::vector<std::string> want;
    std::vector<std::string> got;
    std::vector<const Layer*> layers;
    std::vector<const Part*> parts;
    const bool with_ethernet =
        !expected_.layers.empty() && expected_.layers.front().proto == Proto::ethernet;
    for (const Layer& layer : expected_.layers) {
      layers.push_back(&layer);
      want.emplace_back(name_of(layer.proto));
    }
    for (const Part& part : live_.parts()) {
      if (part.proto == Proto::ethernet && !with_ethernet) continue;
      // A quote is compared as far as the script describes it.
      if (part.quoted && parts.size() >= layers.size()) break;
      parts.push_back(&part);
      got.emplace_back(name_of(part.proto));
    }
    if (want != got) {
      differ("headers", join(want), join(got));
      return false;
    }
    for (std::size_t i = 0; i < layers.size(); ++i) pairs_.push_back({layers[i], parts[i]});
    return true;
  }

  void fields(const Layer& layer, const Part& part) {
    for (const Field field : fields_of(layer.proto)) {
      const Setting* setting = layer.find(field);
      if (setting == nullptr) continue;
      const std::optional<Wide> got = live_.get(part, field);
      if (!got.has_value()) {
        differ(full_name_of(field), text_of(field, setting->value, part), "none");
        continue;
      }
      compare(*setting, *got, part);
    }
  }

  static bool same(const Setting& setting, Wide got) {
    if (setting.not_compared == 0) return got == setting.value;
    return ((got.low ^ setting.value.low) & ~std::uint64_t{setting.not_compared}) == 0;
  }

  void compare(const Setting& setting, Wide got, const Part& part) {
    const Field field = setting.field;
    switch (setting.how) {
      case Setting::How::exactly:
        if (!same(setting, got)) {
          differ(full_name_of(field), text_of(field, setting.value, part),
                 text_of(field, got, part));
        }
        return;
      case Setting::How::plus:
      case Setting::How::bad: break;
    }
    const std::optional<Wide> right = live_.right_value(part, field);
    if (!right.has_value()) {
      differ(full_name_of(field), "a value relative to the right one", "no right value is known");
      return;
    }
    if (setting.how == Setting::How::bad) {
      if (got == *right) {
        differ(full_name_of(field), "bad", field_text(field, got) + ", which is right");
      }
      return;
    }
    const unsigned width = info_of(field).width;
    const std::uint64_t mask = width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    const Wide want{(right->low + setting.value.low) & mask};
    if (got != want) {
      differ(full_name_of(field), field_text(field, want), field_text(field, got));
    }
  }

  // A field's value in the words of a packet line, where there are such words.
  std::string text_of(Field field, Wide value, const Part& part) {
    if (field == Field::tcp_flags) return tcp_flags_text(value.low);
    if (field == Field::tcp_ack && value.low == 0) {
      // An acknowledgement number of a segment without ACK is no acknowledgement.
      const std::optional<Wide> flags = live_.get(part, Field::tcp_flags);
      if (flags.has_value() && (flags->low & 0x010) == 0) return "none";
    }
    return field_text(field, value);
  }

  void options(const Layer& layer, const Part& part) {
    if (!layer.options.has_value()) return;
    std::vector<HeaderOption> want = *layer.options;
    std::vector<HeaderOption> got = live_.options(part);
    const std::size_t before = differences_.size();
    pair_options(want, got, layer.proto);
    if (differences_.size() != before || !policy_.option_layout) return;
    const bool same =
        want.size() == got.size() && std::equal(want.begin(), want.end(), got.begin(), same_option);
    if (!same) {
      differ("options", options_text(want, layer.proto), options_text(got, layer.proto));
    }
  }

  static std::string options_text(const std::vector<HeaderOption>& options, Proto proto) {
    std::vector<std::string> words;
    words.reserve(options.size());
    for (const HeaderOption& option : options) words.push_back(option_text(option, proto));
    std::string text = "<";
    for (const std::string& word : words) {
      if (text.size() > 1) text += ',';
      text += word;
    }
    return options.empty() ? "none" : text + '>';
  }

  static std::string option_text(const HeaderOption& option, Proto proto) {
    return proto == Proto::tcp ? tcp_option_text(option) : ip_option_text(option);
  }

  static std::string option_name(const HeaderOption& option, Proto proto) {
    return proto == Proto::tcp ? tcp_option_name(option) : "kind " + std::to_string(option.kind);
  }

  // Options by name, whatever their order: so that a missing one is called missing.
  void pair_options(const std::vector<HeaderOption>& want, const std::vector<HeaderOption>& got,
                    Proto proto) {
    std::vector<bool> used(got.size(), false);
    for (const HeaderOption& one : want) {
      if (is_padding(one)) continue;
      std::size_t found = got.size();
      for (std::size_t i = 0; i < got.size() && found == got.size(); ++i) {
        const bool same = proto == Proto::tcp ? same_name(one, got[i]) : one.kind == got[i].kind;
        if (!used[i] && same) found = i;
      }
      const std::string name = "option " + option_name(one, proto);
      if (found == got.size()) {
        differ(name, option_text(one, proto), "none");
        continue;
      }
      used[found] = true;
      if (!same_option(one, got[found])) {
        differ(name, option_text(one, proto), option_text(got[found], proto));
      }
    }
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (used[i] || is_padding(got[i])) continue;
      differ("option " + option_name(got[i], proto), "none", option_text(got[i], proto));
    }
  }

  void rest(const Layer& layer, const Part& part) {
    // What follows the options of TCP or IPv4 is part of the options.
    if (!layer.rest.has_value() || layer.proto == Proto::tcp || layer.proto == Proto::ipv4) return;
    const std::size_t fixed =
        layer.proto == Proto::routing ? 4
        : layer.proto == Proto::hop_by_hop || layer.proto == Proto::destination
            ? 2
            : fixed_size_of(layer.proto);
    const Bytes got = live_.header(part).subspan(std::min(fixed, part.size));
    const Bytes want = *layer.rest;
    // The builder pads with zeros; so may the sender.
    const bool same = got.size() >= want.size() &&
                      std::equal(want.begin(), want.end(), got.begin()) &&
                      std::all_of(got.begin() + static_cast<long>(want.size()), got.end(),
                                  [](std::uint8_t octet) { return octet == 0; });
    if (!same) {
      differ(std::string(name_of(layer.proto)) + ".data", payload_text(want), payload_text(got));
    }
  }

  void payload() {
    const Bytes got = live_.payload();
    if (expected_.payload_size.has_value() && *expected_.payload_size != got.size()) {
      differ("payload.length", std::to_string(*expected_.payload_size), std::to_string(got.size()));
    }
    if (!expected_.payload.has_value()) return;
    const Bytes want = *expected_.payload;
    if (want.size() != got.size() && !expected_.payload_size.has_value()) {
      differ("payload.length", std::to_string(want.size()), std::to_string(got.size()));
    }
    const std::size_t common = std::min(want.size(), got.size());
    const auto first = static_cast<std::size_t>(
        std::mismatch(want.begin(), want.begin() + static_cast<long>(common), got.begin()).first -
        want.begin());
    if (first == common) return;
    constexpr std::size_t kShown = 16;
    const auto show = [&](Bytes octets) {
      return "from octet " + std::to_string(first) + ": " +
             payload_text(octets.subspan(first), kShown);
    };
    differ("payload", show(want), show(got));
  }

  void trailer() {
    if (!expected_.trailer.has_value() || live_.last() == nullptr) return;
    const std::size_t got = live_.octets().size() - live_.last()->end;
    if (got != *expected_.trailer) {
      differ("frame.padding", std::to_string(*expected_.trailer), std::to_string(got));
    }
  }

  const Packet& expected_;
  const Dissected& live_;
  const MatchPolicy& policy_;
  std::vector<Pair> pairs_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> match(const Packet& expected, const Dissected& live,
                              const MatchPolicy& policy) {
  return Matcher(expected, live, policy).run();
}

std::string headers_text(const Dissected& live) {
  std::vector<std::string> words;
  for (const Part& part : live.parts()) {
    if (part.proto != Proto::ethernet) words.emplace_back(name_of(part.proto));
  }
  return join(words);
}

}  // namespace packetwright::packet
