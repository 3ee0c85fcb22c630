// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/setting_commands.hh"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace packetwright::engine {
namespace {

using Settings = std::vector<HostSetting>;
template <class T>
using OrWhy = Result<T, std::string>;

// Files may run files, but not for ever.
constexpr int kDeepest = 8;

constexpr std::string_view kBlanks = " \t\r";

// --- arithmetic: $((4*1024))

class Arithmetic {
 public:
  explicit Arithmetic(std::string_view text) : text_(text) {}

  // nullopt: it is not of whole numbers, + - * / and parentheses, or leaves 64 bits.
  std::optional<std::int64_t> value() {
    const std::int64_t sum = this->sum();
    skip_blanks();
    return good_ && text_.empty() ? std::optional{sum} : std::nullopt;
  }

 private:
  std::int64_t sum() {
    std::int64_t value = product();
    while (good_) {
      if (take('+')) {
        good_ = !__builtin_add_overflow(value, product(), &value) && good_;
      } else if (take('-')) {
        good_ = !__builtin_sub_overflow(value, product(), &value) && good_;
      } else {
        break;
      }
    }
    return value;
  }

  std::int64_t product() {
    std::int64_t value = factor();
    while (good_) {
      if (take('*')) {
        good_ = !__builtin_mul_overflow(value, factor(), &value) && good_;
      } else if (take('/')) {
        const std::int64_t by = factor();
        good_ = good_ && by > 0;
        if (good_) value /= by;
      } else {
        break;
      }
    }
    return value;
  }

  std::int64_t factor() {
    if (take('(')) {
      good_ = ++depth_ < 32;
      const std::int64_t value = good_ ? sum() : 0;
      good_ = good_ && take(')');
      --depth_;
      return value;
    }
    skip_blanks();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    good_ = good_ && error == std::errc{} && !text_.starts_with('-');
    if (good_) text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }

  bool take(char wanted) {
    skip_blanks();
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    text_.remove_prefix(std::min(text_.find_first_not_of(kBlanks), text_.size()));
  }

  std::string_view text_;
  bool good_ = true;
  int depth_ = 0;
};

// --- words

struct Word {
  std::string text;
  bool bare = true;  // nothing of it was in quotes: it may be an operator
};

// Parts one line into words and operators.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  OrWhy<std::vector<Word>> all() {
    std::vector<Word> words;
    while (true) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
      if (rest_.empty() || rest_.front() == '#') return words;
      if (const std::string_view sign = operator_here(); !sign.empty()) {
        words.push_back({std::string(sign), true});
        rest_.remove_prefix(sign.size());
        continue;
      }
      auto one = word();
      if (!one) return Err{one.error()};
      words.push_back(std::move(one).value());
    }
  }

 private:
  [[nodiscard]] std::string_view operator_here() const {
    // The longest first.
    for (const std::string_view sign :
         {"2>&1", "2>", "1>", "&>", "||", "&&", ">", "<", "|", ";", "&"}) {
      if (rest_.starts_with(sign)) return sign;
    }
    return {};
  }

  OrWhy<Word> word() {
    Word out;
    char quote = 0;
    while (!rest_.empty()) {
      const char one = rest_.front();
      if (quote == 0 && (kBlanks.find(one) != kBlanks.npos ||
                         std::string_view{";&|<>"}.find(one) != std::string_view::npos)) {
        break;
      }
      if (one == quote) {
        quote = 0;
      } else if (quote == 0 && (one == '"' || one == '\'')) {
        quote = one;
        out.bare = false;
      } else if (one == '$' && quote != '\'') {
        auto value = expansion();
        if (!value) return Err{value.error()};
        out.text += *value;
        continue;
      } else {
        out.text += one;
      }
      rest_.remove_prefix(1);
    }
    if (quote != 0) return Err{std::string("a quotation mark is not closed")};
    return out;
  }

  // Where the last two of $(( )) stand; npos: it is none, or has no end.
  [[nodiscard]] std::size_t end_of_arithmetic() const {
    if (!rest_.starts_with("$((")) return rest_.npos;
    int depth = 0;
    for (std::size_t at = 3; at + 1 < rest_.size(); ++at) {
      if (rest_[at] == '(') ++depth;
      if (rest_[at] != ')') continue;
      if (depth == 0) return rest_[at + 1] == ')' ? at : rest_.npos;
      --depth;
    }
    return rest_.npos;
  }

  OrWhy<std::string> expansion() {
    // The number of a process names a file that set_sysctls.py writes; which one does not matter.
    for (const std::string_view process : {"${PPID}", "$PPID", "$$"}) {
      if (!rest_.starts_with(process)) continue;
      rest_.remove_prefix(process.size());
      return std::string("PPID");
    }
    if (const std::size_t end = end_of_arithmetic(); end != rest_.npos) {
      const auto value = Arithmetic(rest_.substr(3, end - 3)).value();
      if (value) {
        rest_.remove_prefix(end + 2);
        return std::to_string(*value);
      }
    }
    return Err{"cannot tell the value of " +
               std::string(rest_.substr(0, rest_.find_first_of(" \t\"", 1)))};
  }

  std::string_view rest_;
};

// --- commands

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool is_restorer(std::string_view path) {
  return path.starts_with("/tmp/sysctl_restore_") && path.ends_with(".sh");
}

// "/proc/sys/net/ipv4/tcp_sack" as "net.ipv4.tcp_sack"; nullopt: it is no setting.
std::optional<std::string> setting_at(std::string_view path) {
  constexpr std::string_view kSettings = "/proc/sys/", kModules = "/sys/module/";
  std::string name;
  if (path.starts_with(kSettings)) {
    name = path.substr(kSettings.size());
  } else if (path.starts_with(kModules)) {
    name = path.substr(kModules.size());
    constexpr std::string_view kParameters = "/parameters/";
    const std::size_t at = name.find(kParameters);
    if (at == std::string::npos) return std::nullopt;
    name.replace(at, kParameters.size(), ".");
  } else {
    return std::nullopt;
  }
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

class Reader {
 public:
  explicit Reader(const SettingsWorld& world) : world_(world) {}

  OrWhy<Settings> read(std::string_view text, int depth) {
    depth_ = depth;
    line_ = 0;
    while (!text.empty()) {
      const std::string line = next_line(text);
      const auto words = Words(line).all();
      if (!words) return Err{words.error()};
      if (auto done = list(*words); !done) return Err{done.error()};
    }
    return std::move(settings_);
  }

  // The line in which reading stopped, from 1.
  [[nodiscard]] int line() const noexcept { return line_; }

 private:
  using Done = OrWhy<void>;
  using Arguments = std::vector<std::string>;

  // Takes a line off the text, with those that a backslash at the end adds to it.
  std::string next_line(std::string_view& text) {
    std::string line;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view piece = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      if (!piece.ends_with('\\')) return line + std::string(piece);
      piece.remove_suffix(1);
      line += piece;
    }
    return line;
  }

  // A; B   A || B   A && B
  Done list(const std::vector<Word>& words) {
    std::size_t at = 0;
    bool skip = false;
    OrWhy<void> last;
    while (at <= words.size()) {
      std::size_t end = at;
      while (end < words.size() && !(words[end].bare && is_separator(words[end].text))) ++end;
      if (end > at && !skip)
        last =
            simple({words.begin() + static_cast<long>(at), words.begin() + static_cast<long>(end)});
      const std::string_view sign = end < words.size() ? words[end].text : std::string_view{";"};
      if (sign == "&" || sign == "|") {
        return Err{"'" + std::string(sign) + "' is for a shell, and this target has none"};
      }
      // Of A || B, B counts where A cannot be had.
      const bool tries_another = sign == "||" && !skip;
      if (!last.ok() && !tries_another) return last;
      skip = sign == "||" && last.ok();
      at = end + 1;
    }
    return {};
  }

  static bool is_separator(std::string_view word) {
    return word == ";" || word == "||" || word == "&&" || word == "|" || word == "&";
  }

  Done simple(const std::vector<Word>& words) {
    Arguments arguments;
    std::string output;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& text = words[i].text;
      const bool redirects =
          words[i].bare && (text == ">" || text == "1>" || text == "2>" || text == "&>");
      if (words[i].bare && text == "2>&1") continue;
      if (words[i].bare && text == "<") return Err{std::string("'<' is for a shell")};
      if (!redirects) {
        arguments.push_back(text);
        continue;
      }
      if (++i == words.size()) return Err{"'" + text + "' leads nowhere"};
      if (words[i].text != "/dev/null") output = words[i].text;
    }
    if (arguments.empty()) return {};
    if (!output.empty() && arguments.front() != "echo") {
      return Err{"writing to " + output + " is for a system, and this target has none"};
    }
    return run(arguments, output);
  }

  Done run(const Arguments& arguments, const std::string& output) {
    const std::string& program = arguments.front();
    const std::string_view name = base_name(program);
    if (name == "true" || name == ":") return {};
    if (name == "echo") return echo(arguments, output);
    if (name == "sysctl") return sysctl(arguments);
    if (name == "set_sysctls.py") return set_sysctls(arguments);
    if (name == "ip") return ip(arguments);
    if (name == "tc") return tc(arguments);
    if (name == "ethtool") return ethtool(arguments);
    if (is_restorer(program)) {
      settings_.push_back({HostSetting::Kind::put_back, {}, {}});
      return {};
    }
    const bool shell = name == "sh" || name == "bash" || name == "source" || program == ".";
    if (shell && arguments.size() == 2 && arguments[1].ends_with(".sh")) return file(arguments[1]);
    if (name.ends_with(".sh") && arguments.size() == 1) return file(program);
    return unknown(arguments);
  }

  // Nothing that we could leave out without testing something else than the script means.
  static Err<std::string> unknown(const Arguments& arguments) {
    std::string text;
    for (const std::string& one : arguments) text += (text.empty() ? "" : " ") + one;
    return Err{"this target runs no commands, and '" + text + "' is not a setting"};
  }

  Done set(std::string name, std::string value, bool if_known = false) {
    std::replace(name.begin(), name.end(), '/', '.');
    if (auto known = world_.check(name, value); !known) {
      return if_known ? Done{} : Done{Err{known.error()}};
    }
    settings_.push_back({HostSetting::Kind::sysctl, std::move(name), std::move(value)});
    return {};
  }

  Done sysctl(const Arguments& arguments) {
    bool ignores_unknown = false;
    bool any = false;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (word.starts_with('-')) {
        if (word.find_first_not_of("-qwe") != word.npos) return unknown(arguments);
        ignores_unknown = ignores_unknown || word.find('e') != word.npos;
        continue;
      }
      const std::size_t equals = word.find('=');
      if (equals == word.npos || equals == 0) return unknown(arguments);
      if (auto done = set(word.substr(0, equals), word.substr(equals + 1), ignores_unknown);
          !done) {
        return done;
      }
      any = true;
    }
    return any ? Done{} : Done{unknown(arguments)};
  }

  Done set_sysctls(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const std::size_t equals = arguments[i].find('=');
      const auto name = setting_at(std::string_view{arguments[i]}.substr(0, equals));
      if (equals == std::string::npos || !name) return unknown(arguments);
      if (auto done = set(*name, arguments[i].substr(equals + 1)); !done) return done;
    }
    return {};
  }

  Done echo(const Arguments& arguments, const std::string& output) {
    if (output.empty()) return {};
    const auto name = setting_at(output);
    if (!name) return Err{"writing to " + output + " is for a system, and this target has none"};
    std::string value;
    for (std::size_t i = 1; i < arguments.size(); ++i) value += (i > 1 ? " " : "") + arguments[i];
    return set(*name, value);
  }

  // ip tcp_metrics flush [all]
  Done ip(const Arguments& arguments) {
    const bool flush = arguments.size() >= 3 && arguments[1] == "tcp_metrics" &&
                       arguments[2] == "flush" &&
                       (arguments.size() == 3 || (arguments.size() == 4 && arguments[3] == "all"));
    if (!flush) return unknown(arguments);
    settings_.push_back({HostSetting::Kind::forget_peers, {}, {}});
    return {};
  }

  // A queue that hands on at once what it is given is as good as none.
  static Done tc(const Arguments& arguments) {
    const bool plain =
        arguments.size() == 7 && arguments[1] == "qdisc" &&
        (arguments[2] == "add" || arguments[2] == "replace") && arguments[3] == "dev" &&
        arguments[5] == "root" &&
        (arguments[6] == "pfifo" || arguments[6] == "pfifo_fast" || arguments[6] == "noqueue");
    if (plain) return {};
    if (arguments.size() >= 7 && arguments[6] == "fq") {
      return Err{
          std::string("the queueing discipline fq paces what is sent, and this target has "
                      "none")};
    }
    return unknown(arguments);
  }

  // Nothing is cut or merged behind the stack's back.
  static Done ethtool(const Arguments& arguments) {
    bool off = arguments.size() >= 5 && arguments.size() % 2 == 1 && arguments[1] == "-K";
    for (std::size_t i = 3; off && i + 1 < arguments.size(); i += 2) {
      off = (arguments[i] == "tso" || arguments[i] == "gso" || arguments[i] == "gro") &&
            arguments[i + 1] == "off";
    }
    return off ? Done{} : Done{unknown(arguments)};
  }

  Done file(const std::string& path) {
    const std::string place = path.starts_with('/') ? path : world_.folder + path;
    if (depth_ >= kDeepest) return Err{place + ": files run files too deep"};
    if (!world_.read_file) return Err{"cannot read " + place};
    const auto text = world_.read_file(place);
    if (!text) return Err{"cannot read " + place + ": " + text.error()};
    Reader inner(world_);
    auto settings = inner.read(*text, depth_ + 1);
    if (!settings) {
      return Err{path + ":" + std::to_string(inner.line()) + ": " + settings.error()};
    }
    settings_.insert(settings_.end(), settings->begin(), settings->end());
    return {};
  }

  const SettingsWorld& world_;
  Settings settings_;
  int depth_ = 0;
  int line_ = 0;
};

}  // namespace

Result<std::vector<HostSetting>, std::string> settings_of_command(std::string_view command,
                                                                  const SettingsWorld& world) {
  return Reader(world).read(command, 0);
}

Result<std::vector<HostSetting>, std::string> settings_of_command(std::string_view command,
                                                                  const RunOptions& options,
                                                                  const targets::Target& target) {
  if (!target.traits().has("sysctls"))
    return Err{std::string("this target runs no shell commands")};
  const SettingsWorld world{options.folder, options.read_file,
                            [&target](std::string_view name, std::string_view value) {
                              return target.check_sysctl(name, value);
                            }};
  return settings_of_command(command, world);
}

Result<void, std::string> apply_setting(const HostSetting& setting, targets::Target& target) {
  switch (setting.kind) {
    case HostSetting::Kind::sysctl: return target.set_sysctl(setting.name, setting.value);
    case HostSetting::Kind::forget_peers: target.forget_peers(); return {};
    case HostSetting::Kind::put_back: return {};
  }
  return {};
}

}  // namespace packetwright::engine
