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
    // These change nothing here: they are about packetdrill's own process, its output, or a symbol
    // that the parser has replaced.
    static constexpr std::string_view kWithoutEffect[] = {
        "define",      "verbose", "debug",   "dry_run",  "is_anyip",           "send_omit_free",
        "no_cleanup",  "speed",   "tun_dev", "so_flags", "persistent_tun_dev", "code_command",
        "code_format", "mss"};
    if (std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), name) !=
        std::end(kWithoutEffect)) {
      return std::nullopt;
    }
    return SettingsError{true, line_, "option --" + std::string(name) + " is not supported"};
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

Result<Settings, SettingsError> settings_of(const script::Script& script, const RunOptions& options,
                                            const targets::Traits& traits) {
  Settings settings;
  settings.strict = options.mode == Mode::strict ||
                    (options.mode == Mode::automatic && script.mode == script::Mode::strict);
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
  for (const script::Option& option : script.options) {
    if (auto error = applier.apply(option.name, option.value, option.where.line)) {
      return Err{*error};
    }
  }
  for (const auto& [name, value] : options.options) {
    if (auto error = applier.apply(name, value, 0)) return Err{*error};
  }
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
