// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/engine/assertions.hh"
#include "harness/engine/calls.hh"
#include "harness/engine/code_snippets.hh"
#include "harness/engine/ending.hh"
#include "harness/engine/engine.hh"
#include "harness/engine/environment.hh"
#include "harness/engine/given_host.hh"
#include "harness/engine/given_option.hh"
#include "harness/engine/packets.hh"
#include "harness/engine/session.hh"
#include "harness/engine/setting_commands.hh"
#include "harness/engine/unsupported.hh"
#include "harness/packet/text.hh"
#include "harness/script/printer.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {
namespace {

// Scripts longer than this are for virtual clocks, unless someone wants to wait.
constexpr Duration kSlow = 2s;

// Runs the events of a script in their order, each at its time.
class Runner {
 public:
  explicit Runner(Session& session)
      : session_(session),
        calls_(session),
        packets_(
            session, [this] { return calls_.retry(); }, [this] { return calls_.pending(); }),
        code_(session, calls_) {}

  void run() {
    init_scripts();
    if (session_.script.init.has_value()) command(*session_.script.init, true);
    session_.start_clock();
    for (const script::Event& event : session_.script.events) {
      if (session_.over()) break;
      step(event);
      if (session_.check_trouble()) break;
      ++session_.outcome.events_done;
    }
    if (!session_.over()) calls_.finish();
    if (!session_.over()) session_.check_trouble();
    if (!session_.over() && session_.settings.follow && !session_.script.events.empty()) {
      packets_.finish_following(session_.script.events.back().where);
    }
    if (!session_.over() && session_.settings.strict) end_quiet();
    session_.note_lateness();
    if (session_.script.cleanup.has_value()) command(*session_.script.cleanup, false);
    code_.run();
    session_.settle_doubt();
    end_commands();
    Outcome& outcome = session_.outcome;
    if (lack_.empty() || outcome.status != Status::failed) return;
    outcome.status = Status::unsupported;
    outcome.reason = lack_ + "; then: " + outcome.reason;
    // It would lack it the next time too. A late harness is another matter: it may pass without.
    if (outcome.doubt == Doubt::time) outcome.doubt = Doubt::none;
  }

 private:
  void step(const script::Event& event) {
    // Time that went by since the last wait belongs to the event before.
    static_cast<void>(session_.tap.lateness());
    session_.trace.begin_event(event.where);
    const auto* packet = event.as<script::Packet>();
    if (packet == nullptr || !has_live_values(*packet)) return perform(event, packet);
    if (const auto known = packets_.known(event, *packet)) {
      perform(*known, known->as<script::Packet>());
    }
  }

  // `packet`: that of the event, if it has one.
  void perform(const script::Event& event, const script::Packet* packet) {
    const bool inbound = packet != nullptr && packet->direction == script::Direction::inbound;
    // Only an inbound packet counts from the one before it (packetdrill, google dialect).
    if (!inbound) session_.set_inbound_anchor(std::nullopt);
    const Window window = session_.window_of(event.when);
    if (packet != nullptr && !inbound) return packets_.expect(event, *packet, window);

    if (!wait_for(event, window)) return;
    const bool call_or_packet = inbound || event.as<script::SystemCall>() != nullptr;
    if (inbound) {
      packets_.inject(event, *packet);
      session_.set_inbound_anchor(window.from);
      static_cast<void>(calls_.retry());
    } else if (const auto* call = event.as<script::SystemCall>()) {
      calls_.run(event, *call, window);
    } else if (event.as<script::Command>() != nullptr) {
      command(event, true);
    } else if (const auto* code = event.as<script::Code>()) {
      code_.add(event, *code);
    } else if (const auto* silence = event.as<script::Silence>()) {
      silent(event, *silence);
    } else if (const auto* ignore = event.as<script::Ignore>()) {
      look_away(*ignore);
    } else if (const auto* state = event.as<script::StateAssertion>()) {
      assert_state(session_, calls_, event, *state);
    } else if (const auto* info = event.as<script::InfoAssertion>()) {
      assert_info(session_, calls_, event, *info);
    } else if (const auto* values = event.as<script::UnpredictableAssertion>()) {
      assert_unpredictable(session_, event, *values);
    } else {
      session_.wrong_script(event.where, "the script was not expanded");
    }
    if (!call_or_packet) session_.completed_at(session_.tap.now());
  }

  // Lets time pass until an action is due; false: the run is over.
  bool wait_for(const script::Event& event, const Window& window) {
    session_.tap.advance(window.from, calls_.pending(), [this] { return calls_.retry(); });
    if (session_.over() || session_.check_trouble()) return false;
    const Instant now = session_.tap.now();
    const bool first = session_.outcome.events_done == 0;
    // A replay keeps the order and, as well as it can, the time.
    if (first || session_.settings.follow || now <= window.latest()) return true;
    const std::string actual = session_.time_text(now, window, event.when);
    session_.fail(event.where, script::print_event(event), "its time had passed",
                  {{"time", script::print_when(event.when), actual}});
    return false;
  }

  // Commands, by commas apart.
  void init_scripts() {
    std::string_view rest = given_option(session_.script, session_.options, "init_scripts");
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (end > 0) command({}, std::string(rest.substr(0, end)), true);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  // Something of the system is missing and a command went on without it: a failure that comes later
  // is laid at that.
  void suspect(const std::string& lack) {
    session_.trace.note(session_.tap.now(), "warning: " + lack);
    if (lack_.empty()) lack_ = lack;
  }

  // What ran in the background may have complained late.
  void end_commands() {
    if (session_.target.posix() == nullptr) return;
    const targets::PosixCalls::ShellOutcome left{0, session_.target.posix()->end_commands(), false};
    if (const auto lack = missing_from_environment("a command in the background", left)) {
      suspect(*lack);
    }
  }

  void silent(const script::Event& event, const script::Silence& silence) {
    const Instant until = session_.tap.now() + silence.duration.value;
    session_.tap.advance(until, calls_.pending(),
                         [this] { return calls_.retry() || !session_.tap.queue().empty(); });
    if (session_.over() || session_.check_trouble()) return;
    if (session_.tap.queue().empty()) return session_.pass();
    packets_.fail_unexpected(event.where, script::print_event(event));
  }

  // What was sent before is still to be accounted for.
  void look_away(const script::Ignore& ignore) {
    const Instant from = session_.tap.now();
    session_.tap.advance(from + ignore.duration.value, calls_.pending(),
                         [this] { return calls_.retry(); });
    if (session_.over() || session_.check_trouble()) return;
    packets_.ignore_since(from);
  }

  void command(const script::Event& event, bool counts) {
    if (const auto* text = event.as<script::Command>()) command(event.where, text->text, counts);
  }

  void command(const script::Location& where, const std::string& text, bool counts) {
    if (counts && session_.over()) return;
    if (session_.target.posix() == nullptr) {
      if (counts) make_settings(where, text);
      return;
    }
    session_.tap.pause_counting();
    const auto outcome = session_.target.posix()->shell(to_its_folder() + text);
    session_.tap.go_on_counting();
    if (!outcome.ok()) {
      if (counts) session_.unsupported(where, outcome.error());
      return;
    }
    session_.trace.note(session_.tap.now(), "`" + text + "` = " + std::to_string(outcome->status));
    if (!counts) return;
    const std::optional<std::string> lacks = missing_from_environment(text, *outcome);
    if (outcome->status == 0) {
      // The command went on all the same; whether it matters is seen when something fails.
      if (lacks.has_value()) suspect(*lacks);
      return;
    }
    if (lacks.has_value()) return session_.unsupported(where, *lacks);
    std::string actual = ending_of(*outcome);
    const std::string said = last_line(outcome->output);
    if (!said.empty()) actual += " (" + said + ")";
    session_.fail(where, "`" + text + "`", std::move(actual),
                  {{"status", "0", std::to_string(outcome->status)}});
  }

  // Of a command that does nothing else, where there is no system to run it.
  void make_settings(const script::Location& where, const std::string& text) {
    const auto settings = settings_of_command(text, session_.options, session_.target);
    if (!settings) return session_.unsupported(where, settings.error());
    for (const HostSetting& setting : *settings) {
      if (auto made = apply_setting(setting, session_.target); !made) {
        return session_.unsupported(where, made.error());
      }
    }
    session_.trace.note(session_.tap.now(),
                        "`" + text + "`: " + std::to_string(settings->size()) + " settings");
  }

  // What a shell reads before a command: where to run it.
  [[nodiscard]] std::string to_its_folder() const {
    const std::string& folder = session_.options.folder;
    if (folder.empty()) return {};
    std::string quoted;
    for (const char one : folder) quoted += one == '\'' ? "'\\''" : std::string(1, one);
    return "cd -- '" + quoted + "' || exit 1\n";
  }

  // A strict case ends quiet: what the target has sent so far is all accounted for.
  void end_quiet() {
    session_.tap.advance(session_.tap.now() + settling_time(session_.target), false,
                         [this] { return !session_.tap.queue().empty(); });
    session_.tap.pump();
    if (session_.check_trouble() || session_.tap.queue().empty()) return;
    script::Location where;
    if (!session_.script.events.empty()) where = session_.script.events.back().where;
    packets_.fail_unexpected(where, "nothing");
  }

  Session& session_;
  Calls calls_;
  Packets packets_;
  CodeSnippets code_;
  std::string lack_;  // the first one
};

Outcome rejected(Outcome outcome, Status status, Fault fault, std::string reason,
                 std::uint32_t line) {
  outcome.status = status;
  outcome.fault = fault;
  outcome.reason = std::move(reason);
  outcome.reason_line = line;
  return outcome;
}

// What a target that can run the variant declares (docs/targets.md).
std::string_view capability_of(Variant variant) {
  switch (variant) {
    case Variant::ipv4: return "ipv4";
    case Variant::ipv4_mapped_ipv6: return "ipv4_mapped_ipv6";
    case Variant::ipv6: return "ipv6";
  }
  return "";
}

// A script whose every statement about the target was one it cannot judge proves nothing.
bool lacks_evidence(const script::Script& script, const Outcome& outcome) {
  if (outcome.assertions_skipped == 0) return false;
  return std::none_of(script.events.begin(), script.events.end(), [](const script::Event& event) {
    const auto* packet = event.as<script::Packet>();
    const bool expected = packet != nullptr && packet->direction == script::Direction::outbound;
    return expected || event.as<script::Silence>() != nullptr;
  });
}

}  // namespace

Outcome run(const script::Script& script, const RunOptions& options, targets::Target& target,
            Observer* observer) {
  Outcome outcome;
  outcome.events = static_cast<std::uint32_t>(script.events.size());
  const targets::Traits& traits = target.traits();
  if (!script.expanded) {
    return rejected(std::move(outcome), Status::error, Fault::script, "the script is not expanded",
                    0);
  }
  if (const auto unknown = unknown_call(script)) {
    return rejected(std::move(outcome), Status::error, Fault::script, unknown->reason,
                    unknown->where.line);
  }
  for (const std::string& need : script.metadata.needs) {
    if (traits.has(need)) continue;
    return rejected(std::move(outcome), Status::unsupported, Fault::none,
                    "needs " + need + ", which target " + traits.name + " does not have", 0);
  }
  const auto& needs = script.metadata.needs;
  if (traits.has("resolver") && std::find(needs.begin(), needs.end(), "dns") == needs.end()) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none,
                    "needs no dns, and target " + traits.name + " is a resolver and no stack", 0);
  }
  const std::string_view family = capability_of(options.variant);
  if (!traits.has(family)) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none,
                    packet::joined({"the run is for ", script::name_of(options.variant),
                                    ": target ", traits.name, " does not have ", family}),
                    0);
  }
  auto settings = settings_of(script, options, traits);
  if (!settings.ok()) {
    const SettingsError& error = settings.error();
    return rejected(std::move(outcome), error.unsupported ? Status::unsupported : Status::error,
                    error.unsupported ? Fault::none : Fault::script, error.reason, error.line);
  }
  if (auto reason = take_given_addresses(script, options, target, *settings)) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none, std::move(*reason), 0);
  }
  outcome.strict = settings->strict;
  if (settings->real_time && !options.slow && least_duration(script) > kSlow) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none,
                    "takes " + script::print_duration(least_duration(script)) +
                        " s on a real clock; allow it with --slow",
                    0);
  }
  const ScriptedProtocols scripted = scripted_protocols(script);
  for (const auto& [spoken, protocol] : {std::pair{scripted.tcp, "tcp"}, {scripted.udp, "udp"}}) {
    if (!spoken || traits.has(protocol)) continue;
    return rejected(
        std::move(outcome), Status::unsupported, Fault::none,
        std::string{"speaks "} + protocol + ", which target " + traits.name + " does not have", 0);
  }
  if (!traits.ethernet && scripted.arp) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none,
                    "target " + traits.name + " has no Ethernet, so no ARP", 0);
  }
  if (const auto lack = unsupported_part(script, options, target)) {
    return rejected(std::move(outcome), Status::unsupported, Fault::none, lack->reason,
                    lack->where.line);
  }
  const auto reset = options.strong_reset ? target.reset_strongly(settings->config)
                                          : target.reset(settings->config);
  if (!reset.ok()) {
    const auto& [reason, unsupported] = reset.error();
    if (const auto death = target.death(); death && !unsupported) {
      outcome.death = death;
      return rejected(std::move(outcome), Status::died, Fault::none,
                      "the stack under test died before the first event", 0);
    }
    return rejected(std::move(outcome), unsupported ? Status::unsupported : Status::error,
                    unsupported ? Fault::none : Fault::target, reason, 0);
  }

  outcome.status = Status::passed;
  Session session(script, options, *settings, target, outcome, observer);
  Runner(session).run();
  if (outcome.status == Status::passed && lacks_evidence(script, outcome)) {
    outcome.status = Status::unsupported;
    outcome.reason = "target " + traits.name + " cannot tell what the script asserts";
  }
  if (outcome.status == Status::passed) {
    outcome.alive = check_alive(session);
    // A command may have cut the link on purpose; then silence says nothing.
    if (outcome.alive == Alive::no && runs_commands(script)) outcome.alive = Alive::not_checked;
    if (target.death().has_value()) static_cast<void>(session.check_trouble());
  }
  if (settings->real_time && outcome.status != Status::died) reset_connections(session);
  outcome.target_time = target.now().time_since_epoch();
  outcome.trace_hash = session.trace.finish();
  return outcome;
}

}  // namespace packetwright::engine
