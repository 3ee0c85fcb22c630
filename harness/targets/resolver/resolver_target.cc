// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/resolver/resolver_target.hh"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <sstream>
#include <utility>

#include "harness/targets/installed.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::resolver {
namespace {

using targets::CallResult;

constexpr Duration kStartLimit = std::chrono::seconds{10};
constexpr std::uint16_t kDnsPort = 53;
constexpr const char* kSearchKnob = "dns_search";
constexpr const char* kDotsKnob = "dns_ndots";
// Of the cases that are not about names none says anything about a resolver.
constexpr const char* kResolverAlone = "resolver";
constexpr const char* kEdns = "edns0";

// The errors that a program may answer with.
constexpr std::pair<std::string_view, int> kErrors[] = {
    {"EINVAL", EINVAL},     {"EIO", EIO},         {"ELOOP", ELOOP},
    {"EMSGSIZE", EMSGSIZE}, {"ENODATA", ENODATA}, {"ENOENT", ENOENT},
    {"ENOMEM", ENOMEM},     {"ENOTSUP", ENOTSUP}, {"ETIMEDOUT", ETIMEDOUT}};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words{text};
  return {std::istream_iterator<std::string>{words}, {}};
}

std::string quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

// A command for the shell.
Result<std::string, std::string> command_of(std::string_view name) {
  if (const auto file = targets::find_installed(targets::kResolvers, name)) return quoted(*file);
  std::string_view rest = name.substr(std::min(kName.size(), name.size()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.empty()) return Err{std::string{"it takes a command: --target resolver:COMMAND"}};
  return std::string{rest};
}

}  // namespace

Result<std::unique_ptr<ResolverTarget>, std::string> ResolverTarget::open(std::string_view name) {
  const auto command = command_of(name);
  if (!command) return Err{command.error()};
  auto kernel = linux_stack::LinuxTarget::open(linux_stack::Medium::veth);
  if (!kernel) return Err{kernel.error()};
  auto etc = Etc::enter();
  if (!etc) return Err{etc.error()};
  std::unique_ptr<ResolverTarget> target{
      new ResolverTarget{*command, std::move(*kernel), std::move(*etc)}};
  if (auto started = target->start(); !started) return Err{started.error()};
  if (auto described = target->describe(name); !described) return Err{described.error()};
  return target;
}

Result<void, std::string> ResolverTarget::start() {
  auto program = Program::start(command_, kStartLimit);
  if (!program) return Err{program.error()};
  programs_.push_front(std::move(*program));
  programs_.front().settle();
  return {};
}

Result<void, std::string> ResolverTarget::describe(std::string_view name) {
  const std::vector<std::string> words = words_of(programs_.front().greeting());
  if (words.size() < 2) return Err{command_ + " says neither what it is nor of what version"};
  traits_ = {};
  traits_.name = name;
  traits_.version = words[0] + " " + words[1];
  traits_.medium = kernel_->traits().medium;
  traits_.clock = targets::ClockKind::real_time;
  traits_.ethernet = kernel_->traits().ethernet;
  traits_.tick = kernel_->traits().tick;
  traits_.slack = kernel_->traits().slack;
  traits_.notes = kernel_->traits().notes;
  traits_.capabilities = {"arp", "dns", "ipv4", kResolverAlone, "tcp", "udp"};
  traits_.capabilities.insert(traits_.capabilities.end(), words.begin() + 2, words.end());
  std::sort(traits_.capabilities.begin(), traits_.capabilities.end());
  return {};
}

Result<void, targets::ResetError> ResolverTarget::begin(const targets::Config& config,
                                                        bool strongly) {
  queries_.clear();
  programs_.clear();
  death_.reset();
  targets::Config rest = config;
  options_.clear();
  if (const auto search = rest.knobs.extract(kSearchKnob)) {
    options_ += "search " + search.mapped() + "\n";
  }
  if (const auto dots = rest.knobs.extract(kDotsKnob)) {
    options_ += "options ndots:" + dots.mapped() + "\n";
  }
  for (const auto& [name, value] : rest.knobs) {
    if (!name.starts_with("dns_")) continue;
    return Err{targets::ResetError{traits_.version + " has no setting \"" + name + "\"", true}};
  }
  if (traits_.has(kEdns)) options_ += "options edns0\n";
  const auto done = strongly ? kernel_->reset_strongly(rest) : kernel_->reset(rest);
  if (!done) return done;
  if (auto started = start(); !started) return Err{targets::ResetError{started.error()}};
  // Its start took a while, which is no time of the case.
  return kernel_->reset(rest);
}

Result<void, targets::ResetError> ResolverTarget::reset(const targets::Config& config) {
  return begin(config, false);
}

Result<void, targets::ResetError> ResolverTarget::reset_strongly(const targets::Config& config) {
  return begin(config, true);
}

void ResolverTarget::settle() {
  for (const auto& [query, program] : queries_) program->settle();
}

void ResolverTarget::inject(Bytes frame) {
  kernel_->inject(frame);
  settle();
}

void ResolverTarget::advance_to(Instant until, bool stop_on_frame) {
  kernel_->advance_to(until, stop_on_frame);
  settle();
}

Program* ResolverTarget::idle() {
  for (Program& program : programs_) {
    const bool busy = std::any_of(queries_.begin(), queries_.end(),
                                  [&](const auto& query) { return query.second == &program; });
    if (!busy) return &program;
  }
  if (const auto started = start(); !started) {
    death_ = targets::Death{0, started.error()};
    return nullptr;
  }
  return &programs_.front();
}

CallResult<int> ResolverTarget::resolve(std::string_view name, Family family,
                                        const Endpoint& server) {
  if (server.port != kDnsPort || name.find('\n') != std::string_view::npos) return Err{ENOTSUP};
  const auto set =
      etc_.set_resolv_conf("nameserver " + wire::to_string(server.address) + "\n" + options_);
  if (!set) return Err{EIO};
  Program* const program = idle();
  if (program == nullptr) return Err{EIO};
  queries_[++last_query_] = program;
  program->ask((family == Family::ipv4 ? "4 " : "6 ") + std::string{name});
  return last_query_;
}

std::optional<CallResult<std::vector<IpAddress>>> ResolverTarget::read_answer(
    const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (words.size() == 2 && words[0] == "error") {
    for (const auto& [name, error] : kErrors) {
      if (name == words[1]) return CallResult<std::vector<IpAddress>>{Err{error}};
    }
    return std::nullopt;
  }
  if (words.empty() || words[0] != "ok") return std::nullopt;
  std::vector<IpAddress> addresses;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto address = wire::parse_address(words[i]);
    if (!address) return std::nullopt;
    addresses.push_back(*address);
  }
  return CallResult<std::vector<IpAddress>>{std::move(addresses)};
}

CallResult<std::vector<IpAddress>> ResolverTarget::resolved(int query) {
  const auto found = queries_.find(query);
  if (found == queries_.end()) return Err{EBADF};
  Program& program = *found->second;
  program.settle();
  const auto line = program.answer();
  if (!line) {
    if (auto died = program.death()) {
      died->log = "the resolver died: " + died->log;
      death_ = std::move(*died);
      return Err{EIO};
    }
    return Err{EAGAIN};
  }
  queries_.erase(found);
  auto answer = read_answer(*line);
  if (!answer) {
    death_ = targets::Death{
        0, "the resolver broke its interface: it answered \"" + line->substr(0, 80) + "\""};
    return Err{EIO};
  }
  return std::move(*answer);
}

}  // namespace packetwright::resolver
