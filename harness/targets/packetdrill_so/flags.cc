// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/flags.hh"

#include "stack/wire/address_text.hh"

namespace packetwright::packetdrill_so {
namespace {

std::string knobs_text(const targets::Config& config) {
  std::string text;
  for (const auto& [name, value] : config.knobs) {
    if (!text.empty()) text += ',';
    text += name + '=' + value;
  }
  return text;
}

Result<std::string, std::string> value_of(std::string_view name, const targets::Config& config) {
  if (name == "seed") return std::to_string(config.seed);
  if (name == "mtu") return std::to_string(config.mtu);
  if (name == "local4") return wire::to_string(config.local4);
  if (name == "peer4") return wire::to_string(config.peer4);
  if (name == "gateway4") return wire::to_string(config.gateway4);
  if (name == "local6") return wire::to_string(config.local6);
  if (name == "peer6") return wire::to_string(config.peer6);
  if (name == "gateway6") return wire::to_string(config.gateway6);
  if (name == "knobs") return knobs_text(config);
  return Err{
      "the flags of a plug-in may hold {seed}, {mtu}, {local4}, {peer4}, {gateway4}, "
      "{local6}, {peer6}, {gateway6} and {knobs}, not {" +
      std::string{name} + "}"};
}

}  // namespace

Result<Words, std::string> words_of(std::string_view target) {
  std::string_view rest = target.substr(std::min(kName.size(), target.size()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const std::size_t comma = rest.find(',');
  Words words{std::string{rest.substr(0, comma)},
              std::string{comma == std::string_view::npos ? "" : rest.substr(comma + 1)}};
  if (words.file.empty()) {
    return Err{std::string{"it takes a shared object: --target packetdrill-so:FILE[,FLAGS]"}};
  }
  // Without a slash the dynamic linker would search its own folders.
  if (words.file.find('/') == std::string::npos) words.file.insert(0, "./");
  return words;
}

Result<std::string, std::string> flags_for(std::string_view flags, const targets::Config& config) {
  std::string out;
  bool takes_knobs = false;
  while (!flags.empty()) {
    const std::size_t open = flags.find('{');
    out += flags.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = flags.find('}', open);
    const std::string_view name =
        flags.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
    const auto value = value_of(name, config);
    if (!value) return value;
    takes_knobs = takes_knobs || name == "knobs";
    out += *value;
    flags.remove_prefix(close == std::string_view::npos ? flags.size() : close + 1);
  }
  if (!config.knobs.empty() && !takes_knobs) {
    return Err{"the case sets " + config.knobs.begin()->first +
               ", and the flags of the plug-in have no {knobs} to tell it"};
  }
  return out;
}

}  // namespace packetwright::packetdrill_so
