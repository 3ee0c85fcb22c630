// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/suite.hh"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/runner/text.hh"
#include "harness/script/parser.hh"

namespace packetwright::runner {
namespace {

constexpr std::string_view kEnding = ".pkt", kPreludes = "preludes/", kSanity = "sanity";

// Files at the top whose name begins so are not cases of the suite but the test of the adapter.
bool is_sanity(std::string_view id) {
  return id == kSanity || (id.starts_with("sanity_") && id.find('/') == std::string_view::npos);
}

bool binary_searched(const std::vector<std::string>& sorted, std::string_view text) {
  return std::binary_search(sorted.begin(), sorted.end(), text);
}

std::string rendered(const std::vector<script::Diagnostic>& diagnostics) {
  std::string out;
  for (const script::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != script::Severity::error) continue;
    if (!out.empty()) out += '\n';
    out += script::render(diagnostic);
  }
  return out;
}

}  // namespace

Suite Suite::without_folder(const Options& options) {
  Suite suite;
  suite.options_ = options;
  return suite;
}

Result<Suite, std::string> Suite::open(Files& files, const Options& options) {
  Suite suite;
  suite.files_ = &files;
  suite.options_ = options;
  auto listed = files.list();
  if (!listed) return Err{listed.error()};
  suite.paths_ = std::move(listed).value();
  std::sort(suite.paths_.begin(), suite.paths_.end());
  for (const std::string& path : suite.paths_) {
    if (path.starts_with("requirements/") && path.ends_with(".csv")) {
      const auto text = files.read(path);
      if (!text) return Err{options.prefix + path + ": " + text.error()};
      const auto added = suite.catalogue_.add_csv(*text);
      if (!added) return Err{options.prefix + path + ": " + added.error()};
    } else if (path.ends_with(kEnding) && path.starts_with(kPreludes)) {
      const auto text = files.read(path);
      if (!text) return Err{options.prefix + path + ": " + text.error()};
      const std::string name =
          path.substr(kPreludes.size(), path.size() - kPreludes.size() - kEnding.size());
      suite.preludes_.emplace(name, script::Source{options.prefix + path, *text});
    } else if (path.ends_with(kEnding)) {
      const std::string id = path.substr(0, path.size() - kEnding.size());
      if (!is_sanity(id)) suite.ids_.push_back(id);
    }
  }
  std::sort(suite.ids_.begin(), suite.ids_.end(), in_report_order);
  return suite;
}

script::PreludeLoader Suite::prelude_loader() const {
  return [this](std::string_view name) -> Result<script::Source, std::string> {
    const auto found = preludes_.find(name);
    if (found != preludes_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [known, source] : preludes_) names.push_back(known);
    return Err{"there is no prelude '" + std::string(name) + "'" + did_you_mean(name, names)};
  };
}

std::optional<std::string> Suite::sanity_id(std::string_view target) const {
  const std::string_view kind = target.substr(0, target.find(':'));
  for (const std::string& id : {"sanity_" + std::string(kind), std::string(kSanity)}) {
    if (binary_searched(paths_, id + std::string(kEnding))) return id;
  }
  return std::nullopt;
}

std::optional<std::string> Suite::expectations_path(std::string_view target) const {
  std::string path = "expectations/" + std::string(target) + ".toml";
  if (!binary_searched(paths_, path)) return std::nullopt;
  return path;
}

Case Suite::load(std::string_view id) const {
  const std::string file = std::string(id) + std::string(kEnding);
  auto text = read(file);
  if (text) return load_text(id, options_.prefix + file, std::move(text).value());
  Case broken;
  broken.id = id;
  broken.path = options_.prefix + file;
  broken.problem = broken.path + ": " + text.error();
  broken.variants.push_back(engine::Variant::ipv4);
  broken.combinations.emplace_back();
  return broken;
}

Case Suite::load_text(std::string_view id, std::string_view path, std::string text) const {
  Case out;
  out.id = id;
  out.path = path;
  script::ParseOptions options;
  options.dialect = options_.dialect;
  options.defines = options_.defines;
  auto parsed = script::parse(script::Source{std::string(path), std::move(text)}, options);
  out.title = parsed.script.metadata.title;
  out.needs = parsed.script.metadata.needs;
  out.variants = script::variants(parsed.script);
  out.problem = rendered(parsed.diagnostics);
  std::optional<Level> strongest;
  for (const script::Citation& cited : parsed.script.metadata.cites) {
    const Requirement* const requirement = catalogue_.find(cited.id);
    if (requirement == nullptr) {
      // Without a folder there is no catalogue to compare with.
      if (files_ == nullptr) continue;
      if (!out.problem.empty()) out.problem += '\n';
      out.problem += parsed.script.describe(cited.where) + ": error: no requirement has the id '" +
                     cited.id + "'" + did_you_mean(cited.id, catalogue_.ids());
      continue;
    }
    out.requirements.push_back({requirement->id, place_of(*requirement)});
    strongest = std::max(strongest.value_or(requirement->level), requirement->level);
  }
  out.level = strongest.value_or(Level::must);
  out.combinations = script::combinations(parsed.script);
  if (out.combinations.empty()) out.combinations.emplace_back();
  if (out.variants.empty()) out.variants.push_back(engine::Variant::ipv4);
  out.script = std::make_shared<const script::Script>(std::move(parsed.script));
  return out;
}

Result<std::vector<Case>, std::string> Suite::select(const Selection& selection) const {
  std::vector<std::string> chosen;
  const auto want = [&](const std::string& id) {
    if (!any_path_selects(selection.excludes, id)) chosen.push_back(id);
  };
  for (const std::string& pattern : selection.paths) {
    const bool any = std::any_of(ids_.begin(), ids_.end(),
                                 [&](const auto& id) { return path_selects(pattern, id); });
    // What is no case of the suite can still be run when it is named exactly.
    const std::string id = id_from_spelling(pattern);
    const bool by_name = !any && binary_searched(paths_, id + std::string(kEnding));
    if (by_name) chosen.push_back(id);
    if (!any && !by_name) {
      return Err{"no case matches '" + pattern + "'" + did_you_mean(id, names())};
    }
  }
  for (const std::string& wanted : selection.requirements) {
    const auto known = catalogue_.ids();
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& id) { return glob_matches(wanted, id); })) {
      return Err{"no requirement has the id '" + wanted + "'" + did_you_mean(wanted, known)};
    }
  }
  for (const std::string& id : ids_) {
    if (selection.paths.empty() || any_path_selects(selection.paths, id)) want(id);
  }
  std::sort(chosen.begin(), chosen.end(), in_report_order);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  std::vector<Case> cases;
  for (const std::string& id : chosen) {
    Case one = load(id);
    if (content_selects(selection, one)) cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<std::string> Suite::names() const {
  std::set<std::string> all(ids_.begin(), ids_.end());
  for (const std::string& id : ids_) {
    for (std::string_view folder = folder_of(id); !folder.empty(); folder = folder_of(folder)) {
      if (!all.insert(std::string(folder)).second) break;
    }
  }
  return {all.begin(), all.end()};
}

std::vector<std::string> Suite::files_under(std::string_view prefix) const {
  std::vector<std::string> out;
  std::copy_if(paths_.begin(), paths_.end(), std::back_inserter(out),
               [&](const std::string& path) { return path.starts_with(prefix); });
  return out;
}

Result<std::string, std::string> Suite::read(std::string_view path) const {
  if (files_ == nullptr) return Err{std::string{"there is no conformance folder"}};
  return files_->read(path);
}

}  // namespace packetwright::runner
