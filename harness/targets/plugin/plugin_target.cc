// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/plugin_target.hh"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "harness/targets/installed.hh"
#include "harness/targets/plugin/convert.hh"
#include "harness/targets/plugin/library.hh"

namespace packetwright::plugin {
namespace {

// So often may a stack say that it will act at an instant that is past already.
constexpr int kMostStandstills = 1'000;

}  // namespace

Result<std::string, std::string> file_of(std::string_view target) {
  if (auto file = targets::find_installed(targets::kPlugins, target)) return std::move(*file);
  std::string_view rest = target.substr(std::min(kName.size(), target.size()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.empty()) return Err{std::string{"it takes a shared object: --target plugin:FILE"}};
  // Without a slash the dynamic linker would search its own folders.
  return (rest.find('/') == std::string_view::npos ? "./" : "") + std::string{rest};
}

Result<std::unique_ptr<PluginTarget>, std::string> PluginTarget::open(std::string_view target) {
  const auto file = file_of(target);
  if (!file) return Err{file.error()};
  auto library = Library::load(*file);
  if (!library) return Err{library.error()};
  return std::make_unique<PluginTarget>(std::string{target}, std::move(*library));
}

PluginTarget::PluginTarget(std::string name, std::unique_ptr<Provider> provider)
    : name_(std::move(name)), provider_(std::move(provider)), stack_(*provider_) {
  describe();
}

void PluginTarget::describe() {
  const pw_target& table = provider_->table();
  traits_ = {};
  traits_.name = name_;
  traits_.version = std::string{table.name} + " " + table.stack_version;
  traits_.medium = provider_->medium();
  const bool real = (table.flags & PW_REAL_TIME) != 0;
  traits_.clock = real ? targets::ClockKind::real_time : targets::ClockKind::virtual_time;
  traits_.ethernet = (table.flags & PW_ETHERNET) != 0;
  traits_.tick = from_c(table.tick_ns).time_since_epoch();
  if (real) traits_.slack = from_c(table.slack_ns).time_since_epoch();
  std::istringstream words{table.capabilities};
  traits_.capabilities.assign(std::istream_iterator<std::string>{words}, {});
  // What follows from the flags need not be said twice.
  if (!real) traits_.capabilities.emplace_back("virtual_time");
  std::sort(traits_.capabilities.begin(), traits_.capabilities.end());
  const auto last = std::unique(traits_.capabilities.begin(), traits_.capabilities.end());
  traits_.capabilities.erase(last, traits_.capabilities.end());
}

Result<void, targets::ResetError> PluginTarget::reset(const targets::Config& config) {
  if (has_one_life() && has_lived_) return reset_strongly(config);
  has_lived_ = true;
  return stack_.begin(config, false);
}

Result<void, targets::ResetError> PluginTarget::reset_strongly(const targets::Config& config) {
  stack_.end();
  const auto renewed = provider_->renew();
  if (!renewed) return Err{renewed.error()};
  describe();
  if (!*renewed && has_one_life()) {
    return Err{"the shared object cannot be unloaded, and has but one life (PW_ONE_LIFE)"};
  }
  has_lived_ = true;
  if (!*renewed) {
    traits_.notes.emplace_back("the shared object cannot be unloaded, so its static data live on");
  }
  return stack_.begin(config, true);
}

void PluginTarget::inject(Bytes frame) {
  const MutableBytes copy = stack_.copy_of(frame);
  stack_.tell("inject", stack_.table().inject, static_cast<const std::uint8_t*>(copy.data()),
              copy.size());
}

void PluginTarget::drain(std::vector<targets::SentFrame>& out) {
  std::vector<targets::SentFrame>& sent = stack_.sent();
  out.insert(out.end(), std::make_move_iterator(sent.begin()), std::make_move_iterator(sent.end()));
  sent.clear();
}

// --- time

Instant PluginTarget::now() const {
  if (keeps_time(stack_.table())) stack_.read_clock();
  return stack_.now();
}

std::optional<Instant> PluginTarget::next_timer() const {
  const std::uint64_t at =
      stack_.ask("next_timer", std::uint64_t{PW_NEVER}, stack_.table().next_timer);
  if (at == PW_NEVER) return std::nullopt;
  return from_c(at);
}

std::optional<Instant> PluginTarget::next_stop() const {
  if (stack_.table().next_timer != nullptr) return next_timer();
  const Instant now = stack_.now();
  return now + traits_.tick - now.time_since_epoch() % traits_.tick;
}

void PluginTarget::advance_to(Instant until, bool stop_on_frame) {
  if (keeps_time(stack_.table())) {
    let_it_wait(until, stop_on_frame);
  } else {
    move_clock(until, stop_on_frame);
  }
}

void PluginTarget::move_clock(Instant until, bool stop_on_frame) {
  int standstills = 0;
  while (stack_.now() < until && !stack_.fault()) {
    const Instant now = stack_.now();
    const Instant stop = std::clamp(next_stop().value_or(until), now, until);
    standstills = stop > now ? 0 : standstills + 1;
    if (standstills > kMostStandstills) {
      return stack_.fault("next_timer() does not move on: after advance() to " +
                          std::to_string(nanos(now)) + " ns it says that again");
    }
    const std::size_t before = stack_.sent().size();
    stack_.set_now(stop);
    stack_.tell("advance", stack_.table().advance, to_c(stop));
    if (stop_on_frame && stack_.sent().size() > before) return;
  }
}

void PluginTarget::let_it_wait(Instant until, bool stop_on_frame) {
  const std::size_t before = stack_.sent().size();
  while (now() < until && !stack_.fault()) {
    stack_.tell("wait", stack_.table().wait, to_c(until));
    if (stop_on_frame && stack_.sent().size() > before) return;
  }
}

}  // namespace packetwright::plugin
