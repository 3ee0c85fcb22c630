// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/plan.hh"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::runner {
namespace {

using engine::Variant;

Params params_of(const script::Combination& combination) {
  Params params;
  for (const std::string& part : split(combination.name, ',')) {
    const std::size_t equals = std::min(part.find('='), part.size());
    params.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
  }
  return params;
}

std::vector<Variant> variants_for(const Case& one, const targets::Traits& traits,
                                  const PlanOptions& options) {
  std::vector<Variant> out;
  for (const Variant variant : options.variants.empty() ? one.variants : options.variants) {
    // An option of the command names variants for all cases, of which some have only one.
    const auto is_for = [&one](Variant wanted) {
      return std::find(one.variants.begin(), one.variants.end(), wanted) != one.variants.end();
    };
    // Mapped addresses are IPv4 on the wire.
    const bool sensible =
        is_for(variant) || (variant == Variant::ipv4_mapped_ipv6 && is_for(Variant::ipv4));
    if (sensible && (!options.variants.empty() || can_run(traits, variant))) out.push_back(variant);
  }
  // Every selected case has a verdict; one that the target cannot run at all is unsupported.
  if (out.empty() && options.variants.empty()) out.push_back(one.variants.front());
  return out;
}

// Which of the "name=value" words a run agrees with.
bool agrees(const Params& params, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    return std::any_of(params.begin(), params.end(),
                       [&](const auto& param) { return word == param.first + "=" + param.second; });
  });
}

Result<void, std::string> check_params(std::span<const Case> cases,
                                       const std::vector<std::string>& wanted) {
  std::set<std::string> known;
  for (const Case& one : cases) {
    for (const script::Combination& combination : one.combinations) {
      for (const auto& [name, value] : params_of(combination)) known.insert(name + "=" + value);
    }
  }
  const std::vector<std::string> candidates(known.begin(), known.end());
  for (const std::string& word : wanted) {
    if (word.find('=') == std::string::npos) {
      return Err{"--param " + word + ": expected NAME=VALUE"};
    }
    if (!known.contains(word)) {
      return Err{"no selected case has the parameter " + word + did_you_mean(word, candidates)};
    }
  }
  return {};
}

}  // namespace

bool can_run(const targets::Traits& traits, Variant variant) {
  switch (variant) {
    case Variant::ipv4: return traits.has("ipv4");
    case Variant::ipv6: return traits.has("ipv6");
    case Variant::ipv4_mapped_ipv6: return traits.has("ipv4_mapped_ipv6");
  }
  return false;
}

std::uint64_t seed_of(std::uint64_t root, std::string_view id, Variant variant,
                      std::string_view params) {
  std::string identity = hex(root);
  for (const std::string_view part : {id, script::name_of(variant), params}) {
    identity += '\n';
    identity += part;
  }
  return stable_hash(identity);
}

Result<std::vector<PlannedRun>, std::string> plan(std::span<const Case> cases,
                                                  const targets::Traits& traits,
                                                  const PlanOptions& options) {
  if (auto checked = check_params(cases, options.params); !checked) return Err{checked.error()};
  std::vector<PlannedRun> runs;
  for (const Case& one : cases) {
    if (!options.shard.holds(one.id)) continue;
    for (const Variant variant : variants_for(one, traits, options)) {
      for (const script::Combination& combination : one.combinations) {
        Params params = params_of(combination);
        if (!agrees(params, options.params)) continue;
        const std::uint64_t seed = seed_of(options.seed, one.id, variant, combination.name);
        runs.push_back({&one, variant, combination, std::move(params), seed});
      }
    }
  }
  return runs;
}

CaseResult blank_result(const PlannedRun& run, std::string_view target) {
  CaseResult result;
  result.id = run.of->id;
  result.path = run.of->path;
  result.outside = run.of->outside;
  result.title = run.of->title;
  result.variant = run.variant;
  result.params = run.params;
  result.target = target;
  result.level = run.of->level;
  result.requirements = run.of->requirements;
  result.seed = run.seed;
  return result;
}

}  // namespace packetwright::runner
