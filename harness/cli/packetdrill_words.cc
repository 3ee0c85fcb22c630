// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include <getopt.h>

#include "harness/cli/packetdrill.hh"
#include "harness/runner/text.hh"

// The command line of packetdrill, read by the function that packetdrill reads it with: words may
// be abbreviated, and stand before and behind the scripts.
namespace packetwright::cli {
namespace {

constexpr int kDefine = 'D';
constexpr int kVerbose = 'v';
constexpr int kPlain = 256;  // handed on by its name

constexpr int kNo = no_argument;
constexpr int kYes = required_argument;

const option kOptions[] = {
    {"ip_version", kYes, nullptr, kPlain},
    {"bind_port", kYes, nullptr, kPlain},
    {"connect_port", kYes, nullptr, kPlain},
    {"code_command", kYes, nullptr, kPlain},
    {"code_format", kYes, nullptr, kPlain},
    {"code_sockopt", kYes, nullptr, kPlain},
    {"local_ip", kYes, nullptr, kPlain},
    {"remote_ip", kYes, nullptr, kPlain},
    {"gateway_ip", kYes, nullptr, kPlain},
    {"netmask_ip", kYes, nullptr, kPlain},
    {"mtu", kYes, nullptr, kPlain},
    {"mss", kYes, nullptr, kPlain},
    {"speed", kYes, nullptr, kPlain},
    {"init_scripts", kYes, nullptr, kPlain},
    {"tolerance_usecs", kYes, nullptr, kPlain},
    {"tolerance_percent", kYes, nullptr, kPlain},
    {"tcp_ts_tick_usecs", kYes, nullptr, kPlain},
    {"tcp_ts_ecr_scaled", kNo, nullptr, kPlain},
    {"strict_segments", kNo, nullptr, kPlain},
    {"non_fatal", kYes, nullptr, kPlain},
    {"is_anyip", kNo, nullptr, kPlain},
    {"send_omit_free", kNo, nullptr, kPlain},
    {"so_filename", kYes, nullptr, kPlain},
    {"so_flags", kYes, nullptr, kPlain},
    {"dry_run", kNo, nullptr, kPlain},
    {"debug", kNo, nullptr, kPlain},
    {"define", kYes, nullptr, kDefine},
    {"verbose", kNo, nullptr, kVerbose},
    {"help", kNo, nullptr, kPlain},
    // Understood, and refused with the reason.
    {"psp_udp_port", kYes, nullptr, kPlain},
    {"wire_client", kNo, nullptr, kPlain},
    {"wire_server", kNo, nullptr, kPlain},
    {"wire_server_ip", kYes, nullptr, kPlain},
    {"wire_server_at", kYes, nullptr, kPlain},
    {"wire_server_port", kYes, nullptr, kPlain},
    {"wire_client_dev", kYes, nullptr, kPlain},
    {"wire_server_dev", kYes, nullptr, kPlain},
    // Of nplab's packetdrill.
    {"udp_encapsulation", kYes, nullptr, kPlain},
    {"tcp_md5_secret", kYes, nullptr, kPlain},
    {"local_linklocal_ip", kYes, nullptr, kPlain},
    {"gateway_linklocal_ip", kYes, nullptr, kPlain},
    {"tun_dev", kYes, nullptr, kPlain},
    {"persistent_tun_dev", kNo, nullptr, kPlain},
    {"no_cleanup", kNo, nullptr, kPlain},
    {nullptr, 0, nullptr, 0},
};

constexpr const char* kUsage =
    R"(Usage: packetwright packetdrill [OPTIONS] SCRIPT...

Runs scripts as packetdrill does, on the running kernel over a tunnel device in a namespace of its
own: nothing is printed and the status is 0 if all of them hold, else it is 1.

  --ip_version=VERSION          ipv4 (default), ipv4-mapped-ipv6 or ipv6
  --bind_port, --connect_port   live ports (8080)
  --local_ip, --remote_ip, --gateway_ip, --netmask_ip
                                live addresses
  --mtu=OCTETS --mss=OCTETS --speed=MBITS --is_anyip
                                what the device is like; --mss makes injected packets look merged
  --tolerance_usecs=N --tolerance_percent=N
                                how far from its time an event may be (4000, 12.5)
  --tcp_ts_tick_usecs=N --tcp_ts_ecr_scaled
                                how time stamps of TCP are compared
  --strict_segments             compare segments as they come, not merged
  --non_fatal=packet,syscall    what differs is told, and fails nothing
  --init_scripts=A,B            commands to run first
  --code_command, --code_format, --code_sockopt
                                what runs %{ }%, and the values that it sees
  -D NAME=VALUE, --define       a symbol of the scripts
  --so_filename=FILE --so_flags=FLAGS
                                a stack behind packetdrill's plug-in interface, not the kernel's
  --dry_run                     read the scripts only
  -v, --verbose                 tell what happens
  --help                        this text

Options stand in scripts too; those given here win. Abbreviations are understood. The wire mode
(--wire_*) and PSP are not supported.
)";

EarlyEnd not_understood(const std::string& what) {
  return {ExitCode::fell_short,
          "packetwright packetdrill: " + what + "\nTry: packetwright packetdrill --help\n"};
}

// What getopt_long() did not like about a word.
EarlyEnd complaint(const std::string& word, int why) {
  if (why == ':') return not_understood("option " + word + " wants a value");
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  std::size_t starts = 0;
  for (const option* one = kOptions; one->name != nullptr; ++one) {
    names.push_back("--" + std::string(one->name));
    if (names.back().starts_with(name)) ++starts;
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return not_understood("option " + name + " takes no value");
  }
  if (starts > 1) return not_understood("option " + name + " is ambiguous");
  return not_understood("unknown option " + name + runner::did_you_mean(name, names));
}

// What is about this command, and not about a script. False: it is for the scripts.
bool take_own(PacketdrillArguments& out, const std::string& name, const char* value) {
  if (name == "so_filename") {
    out.so_filename = value;
  } else if (name == "so_flags") {
    out.so_flags = value;
  } else if (name == "dry_run") {
    out.dry_run = true;
  } else {
    return false;
  }
  return true;
}

bool take_define(PacketdrillArguments& out, const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == std::string::npos) return false;
  out.defines[word.substr(0, equals)] = word.substr(equals + 1);
  return true;
}

}  // namespace

Result<PacketdrillArguments, EarlyEnd> read_packetdrill_words(std::vector<std::string> words) {
  PacketdrillArguments out;
  out.words = words;
  std::string program = "packetwright packetdrill";
  std::vector<char*> arguments{program.data()};
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int count = static_cast<int>(arguments.size()) - 1;

  opterr = 0;
  optind = 0;  // begin anew, whoever read words before
  // An abbreviation is ambiguous only where it may mean different codes.
  std::vector<option> options(std::begin(kOptions), std::end(kOptions));
  for (std::size_t i = 0; i + 1 < options.size(); ++i) {
    if (options[i].val == kPlain) options[i].val += static_cast<int>(i);
  }
  // The colon tells a missing value from an unknown word.
  const auto next = [&] {
    return getopt_long(count, arguments.data(), ":vD:", options.data(), nullptr);
  };
  for (int code = next(); code != -1; code = next()) {
    if (code == kVerbose) {
      out.verbose = true;
    } else if (code == kDefine) {
      if (!take_define(out, optarg)) {
        return Err{not_understood("-D " + std::string(optarg) + ": expected NAME=VALUE")};
      }
    } else if (code >= kPlain) {
      const std::string name = kOptions[code - kPlain].name;
      if (name == "help") return Err{EarlyEnd{ExitCode::ok, kUsage}};
      if (!take_own(out, name, optarg)) {
        out.options.emplace_back(name, optarg == nullptr ? "" : optarg);
      }
    } else {
      return Err{complaint(arguments[static_cast<std::size_t>(optind) - 1], code)};
    }
  }
  for (int at = optind; at < count; ++at) {
    out.paths.emplace_back(arguments[static_cast<std::size_t>(at)]);
  }
  for (const auto& [name, value] : out.options) {
    if (name.starts_with("wire_")) {
      return Err{not_understood("unsupported: --" + name +
                                ": the stack under test and its peer are on one machine here")};
    }
  }
  if (out.paths.empty()) return Err{not_understood("no script is named")};
  return out;
}

}  // namespace packetwright::cli
