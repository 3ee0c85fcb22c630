// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/case_source.hh"

#include <algorithm>
#include <system_error>
#include <utility>

#include "harness/runner/selection.hh"

namespace packetwright::cli {
namespace {

namespace fs = std::filesystem;
using runner::Suite;

script::Dialect dialect_of(const std::string& name) {
  if (name == "google") return script::Dialect::google;
  if (name == "nplab") return script::Dialect::nplab;
  return script::Dialect::automatic;
}

// What one word on the command line turned out to be.
struct Word {
  std::string pattern;            // of the suite; empty: not one
  std::vector<fs::path> scripts;  // elsewhere on the disk
  std::string problem;            // why it cannot be looked at; empty: it can
};

bool matches_suite(const Suite& suite, const std::string& pattern) {
  return std::any_of(suite.ids().begin(), suite.ids().end(),
                     [&](const std::string& id) { return runner::path_selects(pattern, id); });
}

Word classified(const OpenSuite& open, const std::string& word) {
  std::error_code error;
  const fs::path path(word);
  const fs::file_status status = fs::status(path, error);
  if (error && status.type() == fs::file_type::none) return {{}, {}, error.message()};
  const bool there = !error && fs::exists(status);
  if (there && open.files != nullptr) {
    // A path inside the folder is a case of the suite, however it is spelt.
    const fs::path inside = fs::weakly_canonical(path, error)
                                .lexically_relative(fs::weakly_canonical(open.root, error));
    if (!inside.empty() && *inside.begin() != "..") return {inside.generic_string(), {}, {}};
  }
  if (there && !fs::is_directory(status)) return {{}, {path}, {}};
  // The name of a folder of the suite means that one; `.` and the like mean what is on the disk.
  const bool of_disk = path.is_absolute() || *path.begin() == "." || *path.begin() == "..";
  if (there && (of_disk || !matches_suite(open.suite, word))) return {{}, scripts_below(path), {}};
  return {word, {}, {}};
}

// Whatever the way to it, the id of a script is told from where it begins to go down.
std::string id_of(std::string name) {
  if (name.ends_with(".pkt")) name.resize(name.size() - 4);
  while (name.starts_with("../")) name.erase(0, 3);
  while (name.starts_with("./")) name.erase(0, 2);
  while (name.starts_with("/")) name.erase(0, 1);
  return name;
}

runner::Case load_from_disk(const Suite& suite, const fs::path& path) {
  std::string name = path.lexically_normal().string();
  if (name.starts_with('-')) name.insert(0, "./");  // it must not look like an option
  const std::string id = id_of(name);
  auto text = read_file(path, kMaxScript);
  if (text) {
    runner::Case one = suite.load_text(id, name, std::move(text).value());
    one.outside = true;
    return one;
  }
  runner::Case broken;
  broken.outside = true;
  broken.id = id;
  broken.path = name;
  broken.variants = {engine::Variant::ipv4};
  broken.combinations.emplace_back();
  broken.problem = name + ": " + text.error();
  return broken;
}

// "no case matches -k 'x'", ...: which of the conditions left nothing over.
std::string nothing_left(const CaseArguments& arguments) {
  std::string text = "nothing selected";
  if (!arguments.keyword.empty()) text += ": no case matches -k '" + arguments.keyword + "'";
  if (!arguments.requirements.empty()) {
    text += std::string(arguments.keyword.empty() ? ": no case" : " and") + " cites " +
            arguments.requirements.front();
  }
  return text;
}

}  // namespace

Result<OpenSuite, EarlyEnd> open_suite(const CaseArguments& arguments) {
  Suite::Options options;
  options.dialect = dialect_of(arguments.dialect);
  for (const std::string& define : arguments.defines) {
    const std::size_t equals = define.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Err{usage("-D " + define + ": expected NAME=VALUE")};
    }
    options.defines[define.substr(0, equals)] = define.substr(equals + 1);
  }
  const std::optional<fs::path> root = find_conformance(arguments.conformance);
  if (!root) return OpenSuite{nullptr, {}, Suite::without_folder(options)};
  std::error_code error;
  if (!fs::is_directory(*root, error)) {
    return Err{usage("--conformance " + root->string() + ": " +
                     (error ? error.message() : "not a folder"))};
  }
  options.prefix = shown(*root) + "/";
  auto files = std::make_unique<DiskFiles>(*root);
  auto suite = Suite::open(*files, options);
  if (!suite) return Err{usage(suite.error())};
  return OpenSuite{std::move(files), *root, std::move(suite).value()};
}

Result<SelectedCases, EarlyEnd> select_cases(const OpenSuite& open, const CaseArguments& arguments,
                                             bool allow_invalid) {
  runner::Selection selection;
  selection.excludes = arguments.excludes;
  selection.requirements = arguments.requirements;
  if (!arguments.keyword.empty()) {
    auto keyword = runner::KeywordExpression::parse(arguments.keyword);
    if (!keyword) return Err{usage("-k: " + keyword.error())};
    selection.keyword = std::move(keyword).value();
  }
  for (const std::string& level : arguments.levels) {
    if (const auto known = runner::level_named(level)) selection.levels.push_back(*known);
  }

  SelectedCases selected;
  const bool whole = selection.is_everything();
  std::vector<std::string> named;  // ids that were given as such
  for (const std::string& word : arguments.paths) {
    if (word.empty()) return Err{usage("an empty name selects no case")};
    const Word what = classified(open, word);
    if (!what.problem.empty()) return Err{usage(word + ": " + what.problem)};
    if (!what.pattern.empty()) {
      selection.paths.push_back(what.pattern);
      named.push_back(runner::id_from_spelling(what.pattern));
      continue;
    }
    if (what.scripts.empty()) return Err{usage(word + ": there is no .pkt file in it")};
    const bool itself = what.scripts.size() == 1 && what.scripts.front() == fs::path(word);
    if (!itself && whole) {
      selected.folders.push_back(id_of((fs::path(word) / "").lexically_normal().string()));
    }
    for (const fs::path& script : what.scripts) {
      runner::Case one = load_from_disk(open.suite, script);
      if (itself) named.push_back(one.id);
      if (runner::content_selects(selection, one)) selected.cases.push_back(std::move(one));
    }
  }
  if (!selection.paths.empty() || arguments.paths.empty()) {
    if (open.files == nullptr) {
      const std::string missing = selection.paths.empty() ? ""
                                                          : "there is no file or folder '" +
                                                                selection.paths.front() + "', and ";
      return Err{
          usage(missing + "there is no conformance folder here; name one with --conformance")};
    }
    auto found = open.suite.select(selection);
    if (!found) return Err{usage(found.error())};
    for (runner::Case& one : *found) selected.cases.push_back(std::move(one));
  }
  if (selected.cases.empty()) return Err{usage(nothing_left(arguments))};
  if (!allow_invalid) {
    for (const runner::Case& one : selected.cases) {
      const bool itself = std::find(named.begin(), named.end(), one.id) != named.end();
      if (itself && !one.problem.empty()) return Err{EarlyEnd{ExitCode::usage, one.problem + "\n"}};
    }
  }
  selected.everything = selection.is_everything() && arguments.paths.empty();
  return selected;
}

}  // namespace packetwright::cli
