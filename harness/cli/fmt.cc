// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include "harness/cli/disk.hh"
#include "harness/cli/verbs.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "stack/base/result.hh"

namespace packetwright::cli {
namespace {

namespace fs = std::filesystem;

// The canonical layout, or the diagnostics of a script that cannot be read.
Result<std::string, std::string> formatted(const std::string& name, std::string text) {
  const script::ParseResult parsed = script::parse(script::Source{name, std::move(text)});
  if (parsed.ok()) return script::print(parsed.script);
  std::string out;
  for (const script::Diagnostic& diagnostic : parsed.diagnostics) {
    if (diagnostic.severity == script::Severity::error) out += script::render(diagnostic) + "\n";
  }
  return Err{out};
}

ExitCode fmt_standard_input() {
  std::string text(kMaxScript + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.size() > kMaxScript || std::cin.bad()) {
    std::cerr << "packetwright: <stdin>: "
              << (std::cin.bad() ? "cannot be read"
                                 : "larger than " + std::to_string(kMaxScript >> 20) + " MiB")
              << '\n';
    return ExitCode::usage;
  }
  const auto out = formatted("<stdin>", std::move(text));
  if (!out) {
    std::cerr << out.error();
    return ExitCode::usage;
  }
  std::cout << *out;
  return ExitCode::ok;
}

// The files that the words mean. The error names the word that means none.
Result<std::vector<fs::path>, std::string> files_of(const FmtArguments& arguments) {
  std::vector<fs::path> files;
  std::error_code error;
  if (arguments.paths.empty()) {
    const auto root = find_conformance(arguments.conformance);
    if (!root) return Err{std::string{"there is no conformance folder here; name the files"}};
    files = scripts_below(*root);
  }
  for (const std::string& word : arguments.paths) {
    if (fs::is_directory(word, error)) {
      const auto below = scripts_below(word);
      files.insert(files.end(), below.begin(), below.end());
    } else {
      files.emplace_back(word);
    }
  }
  if (files.empty()) return Err{std::string{"there is no .pkt file"}};
  return files;
}

}  // namespace

VerbResult fmt(const FmtArguments& arguments) {
  if (arguments.paths.size() == 1 && arguments.paths.front() == "-") return fmt_standard_input();
  const auto files = files_of(arguments);
  if (!files) {
    std::cerr << "packetwright: " << files.error() << '\n';
    return ExitCode::usage;
  }
  bool invalid = false, unwritable = false;
  std::size_t differ = 0;
  for (const fs::path& file : *files) {
    const std::string name = shown(file);
    auto text = read_file(file, kMaxScript);
    if (!text) {
      std::cerr << "packetwright: " << name << ": " << text.error() << '\n';
      invalid = true;
      continue;
    }
    const auto out = formatted(name, *text);
    if (!out) {
      std::cerr << out.error();
      invalid = true;
      continue;
    }
    if (*out == *text) continue;
    ++differ;
    std::cout << (arguments.check ? "would change " : "changed ") << name << '\n';
    if (arguments.check) continue;
    if (const auto written = write_file(file, *out); !written) {
      std::cerr << "packetwright: " << name << ": " << written.error() << '\n';
      unwritable = true;
    }
  }
  if (invalid) return ExitCode::usage;
  if (unwritable) return ExitCode::environment;
  return arguments.check && differ > 0 ? ExitCode::fell_short : ExitCode::ok;
}

}  // namespace packetwright::cli
