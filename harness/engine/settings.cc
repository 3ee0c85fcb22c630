// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/settings.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "stack/wire/address_text.hh"

namespace packetwright::engine {
namespace {

constexpr Duration kStarLimitVirtual = 10s;
constexpr Duration kStarLimitReal = 2s;

// Documentation addresses and a locally assigned prefix: nothing outside can be meant by them.
IpAddress ipv6(std::initializer_list<std::uint16_t> head, std::uint16_t last) {
  std::array<std::uint8_t, 16> octets{};
  std::size_t at = 0;
  for (const std::uint16_t group : head) {
    octets[at++] = static_cast<std::uint8_t>(group >> 8);
    octets[at++] = static_cast<std::uint8_t>(group);
  }
  octets[14] = static_cast<std::uint8_t>(last >> 8);
  octets[15] = static_cast<std::uint8_t>(last);
  return IpAddress::v6(octets);
}

targets::Config default_config() {
  targets::Config config;
  config.local6 = Prefix{ipv6({0xfd3d, 0xfa7b, 0xd17d}, 1), 48};
  config.gateway6 = ipv6({0xfd3d, 0xfa7b, 0xd17d}, 2);
  config.peer6 = ipv6({0x2001, 0x0db8}, 1);
  return config;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "12.5" as 12500: decimals without floating point.
std::optional<std::int64_t> thousandths(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::string_view whole_text = text.substr(0, dot);
  std::int64_t value = 0;
  if (!whole_text.empty()) {
    const std::optional<std::int64_t> whole = integer(whole_text);
    if (!whole.has_value() || *whole < 0 || *whole > 1'000'000) return std::nullopt;
    value = *whole * 1000;
  }
  if (dot == std::string_view::npos)
    return whole_text.empty() ? std::nullopt : std::optional{value};
  std::int64_t unit = 100;
  for (const char digit : text.substr(dot + 1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return value;
}

// The length of a prefix whose mask is given as an address; nullopt: it is not a mask.
std::optional<std::uint8_t> prefix_length(const IpAddress& mask) {
  if (!mask.is_v4()) return std::nullopt;
  std::uint8_t length = 0;
  std::uint32_t value = mask.v4_value();
  while ((value & 0x80000000u) != 0) {
    value <<= 1;
    ++length;
  }
  return value == 0 ? std::optional{length} : std::nullopt;
}

// These change nothing here: they are about packetdrill's own process, its output, or a symbol that
// the parser has replaced.
bool has_no_effect(std::string_view name) {
  static constexpr std::string_view kNames[] = {"define",
                                                "verbose",
                                                "debug",
                                                "dry_run",
                                                "send_omit_free",
                                                "no_cleanup",
                                                "tun_dev",
                                                "local_linklocal_ip",
                                                "persistent_tun_dev",
                                                "gateway_linklocal_ip"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string why_unsupported(std::string_view name) {
  std::string why = "option --" + std::string(name) + " is not supported";
  if (name.starts_with("wire_")) {
    why += ": the stack under test and its peer are on one machine here";
  } else if (name == "psp_udp_port") {
    why += ": PSP is encrypted by a network device, and none is here";
  } else if (name.starts_with("so_")) {
    why += " in a script: a stack is chosen on the command line";
  } else if (name == "udp_encapsulation") {
    why += ": TCP or SCTP in UDP (RFC 6951) is not known here";
  }
  return why;
}

// A gateway has to be a neighbour, and somebody else; a device without neighbours needs none, which
// is why packetdrill takes any address.
void choose_gateway(IpAddress& gateway, const Prefix& local) {
  if (gateway != local.address && local.contains(gateway)) return;
  Buffer octets(local.address.octets().begin(), local.address.octets().end());
  octets.back() ^= 3;
  gateway = IpAddress::from_octets(octets);
}

void choose_gateways(targets::Config& config) {
  choose_gateway(config.gateway4, config.local4);
  choose_gateway(config.gateway6, config.local6);
}

class Applier {
 public:
  Applier(Settings& settings, const targets::Traits& traits)
      : settings_(settings), traits_(traits) {}

  std::optional<SettingsError> apply(std::string_view name, std::string_view value,
                                     std::uint32_t line) {
    name_ = name, value_ = value, line_ = line;
    if (name == "tolerance_usecs") {
      settings_.tolerance_given = true;
      return microseconds(settings_.tolerance);
    }
    if (name == "tolerance_percent") {
      const auto number = thousandths(value);
      if (!number.has_value()) return wrong("a percentage");
      settings_.tolerance_given = true;
      settings_.tolerance_milli_percent = *number;
      return std::nullopt;
    }
    if (name == "tcp_ts_tick_usecs") return microseconds(settings_.ts_tick);
    if (name == "tcp_ts_ecr_scaled") return flag(settings_.ts_ecr_scaled);
    if (name == "strict_segments") {
      settings_.aggregate = false;
      return std::nullopt;
    }
    if (name == "aggregate_segments") return flag(settings_.aggregate);
    if (name == "bind_port") return port(settings_.bind_port);
    if (name == "connect_port") return port(settings_.connect_port);
    if (name == "mtu") return mtu();
    if (name == "local_ip" || name == "remote_ip" || name == "gateway_ip" || name == "netmask_ip") {
      return address();
    }
    if (name == "ip_version") return ip_version();
    if (name == "non_fatal") {
      settings_.non_fatal_packets = value.find("packet") != std::string_view::npos;
      return std::nullopt;
    }
    if (name == "tcp_md5_secret") {
      settings_.md5_secret = value;
      return std::nullopt;
    }
    if (name == "code_command" || name == "code_format" || name == "code_sockopt") return code();
    // What the device between the stack and the peer is to be; a target without one has no such
    // knob, and says so.
    if (name == "is_anyip") return device("anyip", "1");
    if (name == "mss") return device_number("gso_size", 1, 65535, "octets from 1 to 65535");
    if (name == "speed") return device_number("link_speed", 0, 4294967295, "megabits a second");
    // Looked up where it counts.
    if (name == "init_scripts" || has_no_effect(name)) return std::nullopt;
    return SettingsError{true, line_, why_unsupported(name)};
  }

 private:
  [[nodiscard]] SettingsError wrong(const std::string& wanted) const {
    return {false, line_,
            "option --" + std::string(name_) + " wants " + wanted + ", not '" +
                std::string(value_) + "'"};
  }

  std::optional<SettingsError> microseconds(Duration& out) {
    const auto number = integer(value_);
    if (!number.has_value() || *number < 0 || *number > 1'000'000'000) {
      return wrong("microseconds from 0 to 1000000000");
    }
    out = std::chrono::microseconds{*number};
    return std::nullopt;
  }

  std::optional<SettingsError> flag(bool& out) {
    out = value_ != "0" && value_ != "false";
    return std::nullopt;
  }

  std::optional<SettingsError> port(std::uint16_t& out) {
    const auto number = integer(value_);
    if (!number.has_value() || *number < 1 || *number > 65535) return wrong("a port");
    out = static_cast<std::uint16_t>(*number);
    return std::nullopt;
  }

  std::optional<SettingsError> mtu() {
    const auto number = integer(value_);
    if (!number.has_value() || *number < 68 || *number > 65535) {
      return wrong("octets from 68 to 65535");
    }
    settings_.config.mtu = static_cast<std::uint16_t>(*number);
    return std::nullopt;
  }

  std::optional<SettingsError> address() {
    const std::string_view text = value_.substr(0, value_.find('/'));
    const auto parsed = wire::parse_address(text);
    if (!parsed.ok()) return wrong("an address");
    const IpAddress address = *parsed;
    targets::Config& config = settings_.config;
    if (name_ == "netmask_ip") {
      const auto length = prefix_length(address);
      if (!length.has_value()) return wrong("a netmask");
      config.local4.length = *length;
    } else if (name_ == "local_ip") {
      (address.is_v4() ? config.local4 : config.local6).address = address;
    } else if (name_ == "remote_ip") {
      (address.is_v4() ? config.peer4 : config.peer6) = address;
    } else {
      (address.is_v4() ? config.gateway4 : config.gateway6) = address;
    }
    return std::nullopt;
  }

  std::optional<SettingsError> code() {
    if (name_ == "code_command" && value_.empty()) return wrong("a command");
    if (name_ == "code_format" && value_ != "python") return wrong("python");
    const bool known =
        value_.empty() || value_ == "TCP_INFO" || value_ == "TCP_CC_INFO" || value_ == "SO_MEMINFO";
    if (name_ == "code_sockopt" && !known) return wrong("TCP_INFO, TCP_CC_INFO or SO_MEMINFO");
    return std::nullopt;
  }

  std::optional<SettingsError> device(const char* knob, std::string_view value) {
    settings_.config.knobs[knob] = value;
    return std::nullopt;
  }

  std::optional<SettingsError> device_number(const char* knob, std::int64_t least,
                                             std::int64_t most, const char* wanted) {
    const auto number = integer(value_);
    if (!number.has_value() || *number < least || *number > most) return wrong(wanted);
    return device(knob, value_);
  }

  // The runner chooses the variants; a script bound to another one cannot be what it wanted.
  std::optional<SettingsError> ip_version() {
    const auto version = script::variant_of(value_);
    if (!version.has_value()) return wrong("ipv4, ipv4-mapped-ipv6 or ipv6");
    if (*version == settings_.variant) return std::nullopt;
    return SettingsError{true, line_,
                         "the script is for " + std::string(script::name_of(*version)) +
                             " (--ip_version), the run is " +
                             std::string(script::name_of(settings_.variant))};
  }

  Settings& settings_;
  [[maybe_unused]] const targets::Traits& traits_;
  std::string_view name_;
  std::string_view value_;
  std::uint32_t line_ = 0;
};

}  // namespace

bool runs_commands(const script::Script& script) {
  return script.init.has_value() ||
         std::any_of(script.events.begin(), script.events.end(), [](const script::Event& event) {
           return event.as<script::Command>() != nullptr;
         });
}

Result<Settings, SettingsError> settings_of(const script::Script& script, const RunOptions& options,
                                            const targets::Traits& traits) {
  Settings settings;
  settings.strict = options.mode == Mode::strict ||
                    (options.mode == Mode::automatic && script.mode == script::Mode::strict);
  settings.follow = options.follow;
  settings.real_time = traits.clock == targets::ClockKind::real_time;
  settings.variant = options.variant;
  settings.config = default_config();
  settings.config.seed = options.seed;
  settings.tick = traits.tick;
  settings.slack = traits.slack;
  settings.aggregate = !settings.strict || settings.real_time;
  settings.shift_remote_isn = settings.strict && options.shift_remote_isn;
  settings.star_limit =
      options.star_limit.value_or(settings.real_time ? kStarLimitReal : kStarLimitVirtual);

  Applier applier(settings, traits);
  // What the script says comes after, and wins.
  for (const auto& [name, value] : options.defaults) {
    if (auto error = applier.apply(name, value, 0)) return Err{*error};
  }
  // The command line decides, whatever the script says of itself.
  const bool version_given =
      std::any_of(options.options.begin(), options.options.end(),
                  [](const auto& option) { return option.first == "ip_version"; });
  for (const script::Option& option : script.options) {
    if (option.name == "ip_version" && version_given) continue;
    if (auto error = applier.apply(option.name, option.value, option.where.line)) {
      return Err{*error};
    }
  }
  for (const auto& [name, value] : options.options) {
    if (auto error = applier.apply(name, value, 0)) return Err{*error};
  }
  // packetdrill takes a stack as it is; strict cases want one that answers whenever it is asked.
  if (!settings.strict && traits.has("stock")) settings.config.knobs["stock"] = "1";
  // Scripts that set up their host by commands were written against Linux.
  if (!settings.strict && traits.has("like") && runs_commands(script)) {
    settings.config.knobs["like"] = "linux";
  }
  choose_gateways(settings.config);
  for (const auto& [name, value] : script.metadata.knobs) settings.config.knobs[name] = value;
  for (const auto& [name, value] : options.knobs) settings.config.knobs[name] = value;
  return settings;
}

Duration least_duration(const script::Script& script) {
  Duration now{0};
  for (const script::Event& event : script.events) {
    switch (event.when.kind) {
      case script::WhenKind::none:
      case script::WhenKind::any: break;
      case script::WhenKind::absolute:
      case script::WhenKind::absolute_range: now = std::max(now, event.when.start.value); break;
      case script::WhenKind::relative:
      case script::WhenKind::relative_range: now += event.when.start.value; break;
    }
    if (const auto* silence = event.as<script::Silence>()) now += silence->duration.value;
    if (const auto* ignore = event.as<script::Ignore>()) now += ignore->duration.value;
  }
  return now;
}

}  // namespace packetwright::engine
