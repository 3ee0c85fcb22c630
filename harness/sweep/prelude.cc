// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/prelude.hh"

#include <utility>

#include "harness/engine/engine.hh"
#include "harness/script/parser.hh"

namespace packetwright::sweep {
namespace {

using model::State;

constexpr Prelude kPreludes[] = {
    {"closed", State::closed, false},
    {"closed_by_reset", State::closed},
    {"closed_by_last_ack", State::closed},
    {"listen", State::listen},
    {"syn_sent", State::syn_sent},
    {"syn_received", State::syn_received},
    {"syn_received_active", State::syn_received},
    {"syn_received_timestamps", State::syn_received, true, 100},
    {"established", State::established},
    {"established_active", State::established},
    {"established_simultaneous", State::established},
    {"established_timestamps", State::established, true, 100},
    {"established_unacked", State::established},
    {"window_closed", State::established},
    {"fin_wait_1", State::fin_wait_1},
    {"fin_wait_1_unacked", State::fin_wait_1},
    {"fin_wait_2", State::fin_wait_2},
    {"close_wait", State::close_wait},
    {"closing", State::closing},
    {"last_ack", State::last_ack},
    {"time_wait", State::time_wait},
    {"time_wait_via_closing", State::time_wait},
    {"time_wait_timestamps", State::time_wait, true, 130},
};

// Of a peer whom no script has met.
constexpr std::uint16_t kPeerPort = 40'000;

// Says when the last event begins. What the engine does behind it, to see whether the target is
// alive, is no part of the prelude.
class UpToTheLastEvent : public engine::Observer {
 public:
  UpToTheLastEvent(const RecordingTarget& target, std::uint32_t line)
      : target_(target), line_(line) {}

  void on_event(const script::Location& where) override {
    if (where.file != 0 || where.line != line_) return;
    steps_ = target_.steps();
    frames_ = target_.frames();
  }
  [[nodiscard]] std::vector<Step>& steps() noexcept { return steps_; }
  [[nodiscard]] std::vector<Traced>& frames() noexcept { return frames_; }

 private:
  const RecordingTarget& target_;
  std::uint32_t line_;
  std::vector<Step> steps_;
  std::vector<Traced> frames_;
};

std::string text_of(const Prelude& prelude) {
  const std::string first =
      prelude.has_script ? "use " + std::string(prelude.name) : "// No connection.";
  return first + "\n+0 ignore 0\n";
}

std::string errors_of(const script::ParseResult& parsed) {
  for (const script::Diagnostic& one : parsed.diagnostics) {
    if (one.severity == script::Severity::error) return script::render(one);
  }
  return {};
}

NotReady not_ready(const engine::Outcome& outcome) {
  const bool unsupported = outcome.status == engine::Status::unsupported;
  if (outcome.death) return {unsupported, "the stack died: " + outcome.death->log};
  if (!outcome.mismatches.empty()) return {false, engine::symptom_of(outcome.mismatches.front())};
  return {unsupported, outcome.reason};
}

Link link_of(const engine::Settings& settings, bool ethernet) {
  const targets::Config& config = settings.config;
  return {ethernet,     config.local_mac,   config.peer_mac, config.local4.address,
          config.peer4, settings.bind_port, kPeerPort};
}

}  // namespace

std::span<const Prelude> preludes() noexcept {
  return kPreludes;
}

Result<Ready, NotReady> make_ready(const Prelude& prelude, targets::Target& target,
                                   std::uint64_t seed,
                                   const std::map<std::string, std::string>& knobs,
                                   const script::PreludeLoader& loader) {
  const script::ParseResult parsed =
      script::parse({"sweep of " + std::string(prelude.name), text_of(prelude)});
  if (!parsed.ok()) return Err{NotReady{false, errors_of(parsed)}};
  const script::ParseResult expanded =
      script::expand(parsed.script, script::combinations(parsed.script).front().values, loader);
  if (!expanded.ok()) return Err{NotReady{false, errors_of(expanded)}};

  engine::RunOptions options;
  options.mode = engine::Mode::strict;
  options.seed = seed;
  options.knobs = knobs;
  auto settings = engine::settings_of(expanded.script, options, target.traits());
  if (!settings) return Err{NotReady{settings.error().unsupported, settings.error().reason}};
  RecordingTarget recording(target);
  UpToTheLastEvent observer(recording, 2);
  const engine::Outcome outcome = engine::run(expanded.script, options, recording, &observer);
  if (outcome.status != engine::Status::passed) return Err{not_ready(outcome)};

  Ready ready;
  ready.prelude = &prelude;
  ready.settings = std::move(*settings);
  ready.link = link_of(ready.settings, target.traits().ethernet);
  ready.steps = std::move(observer.steps());
  for (const Traced& one : observer.frames()) {
    if (one.of_target) ready.sent.push_back(one.octets);
  }
  ready.tracked = track(observer.frames(), ready.link);
  ready.tracked.variables.state = prelude.state;
  ready.listener = recording.listener();
  ready.connection = recording.connection();
  ready.tracked.variables.listener = ready.listener.has_value();
  ready.tells_state = target.traits().has("tcp_state");
  return ready;
}

Result<void, std::string> repeat(const Ready& ready, targets::Target& target) {
  if (auto reset = target.reset(ready.settings.config); !reset) return Err{reset.error().reason};
  for (const Step& step : ready.steps) step(target);
  std::vector<targets::SentFrame> sent;
  target.drain(sent);
  if (const auto death = target.death()) return Err{"it died: " + death->log};
  bool same = sent.size() == ready.sent.size();
  for (std::size_t i = 0; same && i < sent.size(); ++i) same = sent[i].octets == ready.sent[i];
  if (same) return {};
  return Err{"it does otherwise each time that it comes to " + std::string(ready.prelude->name) +
             ", with the same seed"};
}

}  // namespace packetwright::sweep
