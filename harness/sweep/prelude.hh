// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/settings.hh"
#include "harness/model/state.hh"
#include "harness/script/expand.hh"
#include "harness/sweep/link.hh"
#include "harness/sweep/recording_target.hh"
#include "harness/sweep/tracker.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::sweep {

// A way into a state: a prelude of the conformance suite, or nothing at all.
struct Prelude {
  std::string_view name;  // of the file in conformance/preludes
  model::State state;
  bool has_script = true;
  // What its script calls the newest timestamp of the target, to be echoed; 0: it has none.
  std::uint32_t echo = 0;
};
// All of them, by the state that they lead to.
[[nodiscard]] std::span<const Prelude> preludes() noexcept;

// A prelude that has been run on a target once, so that it can be had again at once.
struct Ready {
  const Prelude* prelude = nullptr;
  engine::Settings settings;
  Link link;
  std::vector<Step> steps;
  std::vector<Buffer> sent;  // by the target, in this order
  Tracked tracked;
  std::optional<targets::Fd> connection, listener;
  bool tells_state = false;  // the target can say which state the connection is in
};

// Why a prelude does not lead to its state.
struct NotReady {
  bool unsupported = false;  // the target lacks something that it needs
  std::string reason;
};

// Runs the script of the prelude on the target by the engine and records it. `knobs`: of the
// target; `loader`: where preludes are.
[[nodiscard]] Result<Ready, NotReady> make_ready(const Prelude& prelude, targets::Target& target,
                                                 std::uint64_t seed,
                                                 const std::map<std::string, std::string>& knobs,
                                                 const script::PreludeLoader& loader);

// Resets the target and takes it there again. An error: it did otherwise than the first time.
[[nodiscard]] Result<void, std::string> repeat(const Ready& ready, targets::Target& target);

}  // namespace packetwright::sweep
