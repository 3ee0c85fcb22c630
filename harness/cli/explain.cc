// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/case_source.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/report/document.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/level.hh"
#include "harness/runner/selection.hh"
#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

using report::Json;
using runner::Requirement;

// What one target is known to do otherwise than a case wants.
struct Deviation {
  std::string target, cases, ends, why;
};

// A requirement with all that bears on it.
struct Explained {
  const Requirement* requirement = nullptr;
  std::vector<const runner::Case*> cases;
  std::vector<Deviation> deviations;
};

std::string how_seen(const Requirement& requirement) {
  if (requirement.testable == "wire") return "on the wire";
  if (requirement.testable == "both") return "on the wire and by calls";
  if (requirement.testable == "api") return "by calls alone";
  return "from nowhere outside the stack";
}

void print(const Explained& one) {
  const Requirement& requirement = *one.requirement;
  std::cout << requirement.id << ": " << runner::place_of(requirement) << ", "
            << runner::name_of(requirement.level) << '\n'
            << wrapped(requirement.rule, 2);
  if (!requirement.condition.empty()) {
    std::cout << wrapped("For hosts that have: " + requirement.condition, 2);
  }
  std::cout << "  To be seen " << how_seen(requirement) << ".\n";
  std::cout << (one.cases.empty() ? "  No case cites it.\n" : "  Cases:\n");
  for (const runner::Case* const found : one.cases) {
    std::cout << "    " << found->id << '\n' << wrapped(found->title, 6);
  }
  if (!one.deviations.empty()) std::cout << "  Known of targets:\n";
  for (const Deviation& known : one.deviations) {
    std::cout << "    " << known.target << ": " << known.ends << " in " << known.cases << '\n'
              << wrapped(known.why, 6);
  }
}

Json to_json(const Explained& one) {
  const Requirement& requirement = *one.requirement;
  Json cases = Json::array(), deviations = Json::array();
  for (const runner::Case* const found : one.cases) cases.push_back(found->id);
  for (const Deviation& known : one.deviations) {
    deviations.push_back({{"target", known.target},
                          {"cases", known.cases},
                          {"expect", known.ends},
                          {"why", known.why}});
  }
  return {{"id", requirement.id},
          {"place", runner::place_of(requirement)},
          {"level", runner::name_of(requirement.level)},
          {"rule", requirement.rule},
          {"condition", requirement.condition},
          {"testable", requirement.testable},
          {"cases", std::move(cases)},
          {"deviations", std::move(deviations)}};
}

// The requirements that a word names: an id, or a glob over ids.
Result<std::vector<std::string>, EarlyEnd> ids_of(const std::string& word,
                                                  const std::vector<std::string>& known) {
  std::vector<std::string> found;
  std::copy_if(known.begin(), known.end(), std::back_inserter(found),
               [&](const std::string& id) { return runner::glob_matches(word, id); });
  if (!found.empty()) return found;
  return Err{usage("no requirement " + word + runner::did_you_mean(word, known))};
}

// What the ledger of one target says of a case.
struct Ledger {
  std::string target;
  runner::Expectations known;
};

Result<std::vector<Ledger>, EarlyEnd> read_ledgers(const OpenSuite& open) {
  constexpr std::string_view kFolder = "expectations/", kEnding = ".toml";
  std::vector<Ledger> ledgers;
  for (const std::string& path : open.suite.files_under(kFolder)) {
    if (!path.ends_with(kEnding)) continue;
    std::string target = path.substr(kFolder.size(), path.size() - kFolder.size() - kEnding.size());
    // As of a real clock, which allows everything that any ledger may say.
    auto known = ledger_of(open, target, targets::ClockKind::real_time);
    if (!known) return Err{known.error()};
    ledgers.push_back({std::move(target), std::move(*known)});
  }
  return ledgers;
}

class Explain {
 public:
  explicit Explain(const ExplainArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    CaseArguments everything;
    everything.conformance = arguments_.conformance;
    const auto open = open_suite(everything);
    if (!open) return Err{open.error()};
    std::vector<std::string> wanted;
    for (const std::string& word : arguments_.requirements) {
      auto found = ids_of(word, open->suite.catalogue().ids());
      if (!found) return Err{found.error()};
      wanted.insert(wanted.end(), found->begin(), found->end());
    }
    for (const std::string& id : open->suite.ids()) cases_.push_back(open->suite.load(id));
    auto ledgers = read_ledgers(*open);
    if (!ledgers) return Err{ledgers.error()};
    ledgers_ = std::move(*ledgers);

    Json all = Json::array();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const Explained one = explained(*open->suite.catalogue().find(wanted[i]));
      if (arguments_.json) {
        all.push_back(to_json(one));
      } else {
        std::cout << (i == 0 ? "" : "\n");
        print(one);
      }
    }
    if (arguments_.json) {
      std::cout << all.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    return ExitCode::ok;
  }

 private:
  Explained explained(const Requirement& requirement) const {
    Explained one{&requirement, {}, {}};
    for (const runner::Case& candidate : cases_) {
      const bool cites =
          std::any_of(candidate.requirements.begin(), candidate.requirements.end(),
                      [&](const runner::Citation& cited) { return cited.id == requirement.id; });
      if (cites) one.cases.push_back(&candidate);
    }
    for (const Ledger& ledger : ledgers_) {
      for (const runner::Known& known : ledger.known.entries()) {
        const bool meant = std::any_of(
            one.cases.begin(), one.cases.end(),
            [&](const runner::Case* found) { return runner::is_about(known, found->id); });
        if (!meant) continue;
        one.deviations.push_back(
            {ledger.target, known.cases, runner::join(known.expect, " or "), known.why});
      }
    }
    return one;
  }

  const ExplainArguments& arguments_;
  std::vector<runner::Case> cases_;
  std::vector<Ledger> ledgers_;
};

}  // namespace

VerbResult explain(const ExplainArguments& arguments) {
  return Explain(arguments).act();
}

}  // namespace packetwright::cli
