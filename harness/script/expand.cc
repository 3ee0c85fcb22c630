// SPDX-License-Identifier: Apache-2.0
#include "harness/script/expand.hh"

#include <algorithm>
#include <set>

#include "harness/script/file_parser.hh"
#include "harness/script/formula.hh"
#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr std::size_t kMostNesting = 16;
constexpr std::size_t kMostPreludes = 1000;  // used by one script, each time counted

std::vector<const For*> loops(const Script& script) {
  std::vector<const For*> found;
  for (const HeaderItem& item : script.header) {
    if (const For* loop = std::get_if<For>(&item.is)) found.push_back(loop);
  }
  return found;
}

Values defaults(const Script& script) {
  Values values;
  for (const HeaderItem& item : script.header) {
    if (const Default* value = std::get_if<Default>(&item.is)) values[value->name] = value->value;
  }
  return values;
}

void add_to_name(std::string& name, std::string_view parameter, const ParameterValue& value) {
  if (!name.empty()) name += ',';
  name += std::string(parameter) + "=" + value.text;
}

// Puts the events of preludes in the place of `use`, depth first.
class Splicer {
 public:
  Splicer(const PreludeLoader& loader, const Script& parsed, ParseResult& result)
      : loader_(loader), parsed_(parsed), result_(result) {}

  // The events of `script`, which is file `source`, into `out`.
  void splice(Script& script, const Source& source, std::vector<Event>& out) {
    for (Event& event : script.events) {
      if (gave_up_) return;
      const Use* use = event.as<Use>();
      if (use == nullptr) {
        out.push_back(std::move(event));
      } else {
        insert(*use, event, source, out);
      }
    }
  }

 private:
  void insert(const Use& use, const Event& event, const Source& user, std::vector<Event>& out) {
    if (std::find(chain_.begin(), chain_.end(), use.prelude) != chain_.end()) {
      std::string chain;
      for (const std::string& name : chain_) chain += name + " uses ";
      error(user, event.where, "preludes use each other: " + chain + use.prelude);
      return;
    }
    if (chain_.size() >= kMostNesting) {
      error(user, event.where, "preludes are nested too deeply");
      return;
    }
    if (++used_ > kMostPreludes) {
      gave_up_ = true;
      error(user, event.where, "the script uses too many preludes");
      return;
    }
    auto loaded = loader_(use.prelude);
    if (!loaded) {
      error(user, event.where, "cannot use '" + use.prelude + "': " + loaded.error());
      return;
    }
    const Source& source = loaded.value();

    FileOptions options;
    options.file = static_cast<std::uint32_t>(result_.script.files.size());
    options.dialect = parsed_.dialect;
    options.defines = parsed_.origin.defines;
    options.expanding = true;
    options.strict = parsed_.mode == Mode::strict;
    for (const Use::Argument& argument : use.arguments) {
      options.values[argument.name] = argument.value;
    }
    result_.script.files.push_back(source.name);

    Script prelude;
    std::vector<Diagnostic> remarks;
    parse_file(source, options, prelude, remarks);
    for (Diagnostic& remark : remarks) {
      if (remark.severity != Severity::error) continue;  // lint reads preludes by themselves
      if (remark.hint.empty()) {
        remark.hint = "used at " + user.name + ":" + std::to_string(event.where.line);
      }
      result_.diagnostics.push_back(std::move(remark));
    }
    check(use, event, user, prelude, source);
    merge(prelude);
    const std::size_t first = out.size();
    chain_.push_back(use.prelude);
    splice(prelude, source, out);
    chain_.pop_back();
    keep_comments(event, first, out);
  }

  void check(const Use& use, const Event& event, const Source& user, const Script& prelude,
             const Source& source) {
    const Values known = defaults(prelude);
    for (const Use::Argument& argument : use.arguments) {
      const auto found = known.find(argument.name);
      if (found == known.end()) {
        std::string names;
        for (const auto& [name, value] : known) names += " $" + name;
        error(user, event.where,
              "the prelude '" + use.prelude + "' has no parameter $" + argument.name +
                  (names.empty() ? "; it has none" : "; it has" + names));
      } else if ((found->second.kind == ParameterValue::Kind::word) !=
                 (argument.value.kind == ParameterValue::Kind::word)) {
        error(user, event.where,
              "the parameter $" + argument.name + " of the prelude '" + use.prelude + "' is a " +
                  (found->second.kind == ParameterValue::Kind::word ? "word" : "number"));
      }
    }
    for (const HeaderItem& item : prelude.header) {
      if (const For* loop = std::get_if<For>(&item.is)) {
        error(source, loop->where, "a prelude cannot have `for`: it is one way to a state");
      }
    }
    for (const auto& command : {&prelude.init, &prelude.cleanup}) {
      if (*command) {
        error(source, (*command)->where, "a prelude cannot have commands without a time");
      }
    }
    for (const Event& inner : prelude.events) {
      if (inner.when.kind == WhenKind::absolute || inner.when.kind == WhenKind::absolute_range) {
        error(source, inner.where, "times of a prelude are relative: write + in front");
      }
    }
  }

  // What a prelude asks of the target holds for the script that uses it, unless it says otherwise.
  void merge(Script& prelude) {
    Script& script = result_.script;
    for (std::string& need : prelude.metadata.needs) {
      auto& needs = script.metadata.needs;
      if (std::find(needs.begin(), needs.end(), need) == needs.end()) {
        needs.push_back(std::move(need));
      }
    }
    auto& knobs = script.metadata.knobs;
    knobs.insert(knobs.begin() + inserted_knobs_, prelude.metadata.knobs.begin(),
                 prelude.metadata.knobs.end());
    inserted_knobs_ += static_cast<std::ptrdiff_t>(prelude.metadata.knobs.size());
    script.options.insert(script.options.begin() + inserted_options_, prelude.options.begin(),
                          prelude.options.end());
    inserted_options_ += static_cast<std::ptrdiff_t>(prelude.options.size());
  }

  static void keep_comments(const Event& use, std::size_t first, std::vector<Event>& out) {
    if (first >= out.size()) return;
    Event& event = out[first];
    event.before.insert(event.before.begin(), use.before.begin(), use.before.end());
    event.blank_before = event.blank_before || use.blank_before;
  }

  void error(const Source& source, const Location& where, std::string message) {
    Diagnostic diagnostic;
    diagnostic.file = source.name;
    diagnostic.line = where.line;
    diagnostic.column = where.column;
    diagnostic.length = 1;
    diagnostic.message = std::move(message);
    std::size_t start = 0;
    for (std::uint32_t line = 1; line < where.line; ++line) {
      start = source.text.find('\n', start);
      if (start == std::string::npos) break;
      ++start;
    }
    if (start != std::string::npos) {
      const std::size_t end = std::min(source.text.find('\n', start), source.text.size());
      diagnostic.source_line = source.text.substr(start, std::min<std::size_t>(end - start, 160));
      diagnostic.caret = where.column > 0 && where.column <= 160 ? where.column - 1 : 0;
    }
    result_.diagnostics.push_back(std::move(diagnostic));
  }

  const PreludeLoader& loader_;
  const Script& parsed_;
  ParseResult& result_;
  std::vector<std::string> chain_;
  std::size_t used_ = 0;
  bool gave_up_ = false;
  std::ptrdiff_t inserted_knobs_ = 0, inserted_options_ = 0;
};

}  // namespace

std::vector<Combination> combinations(const Script& script) {
  std::vector<Combination> all(1);
  all[0].values = defaults(script);
  for (const For* loop : loops(script)) {
    std::vector<Combination> longer;
    for (const Combination& shorter : all) {
      for (const auto& row : loop->rows) {
        if (longer.size() >= kMaxCombinations) break;
        Combination& made = longer.emplace_back(shorter);
        for (std::size_t i = 0; i < loop->names.size() && i < row.size(); ++i) {
          made.values[loop->names[i]] = row[i];
          add_to_name(made.name, loop->names[i], row[i]);
        }
      }
    }
    all = std::move(longer);
  }
  return all;
}

Result<Combination, std::string> combination_from(const Script& script, std::string_view text) {
  Combination made;
  made.values = combinations(script).front().values;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return Err{quoted(part) + " is not NAME=VALUE"};
    }
    const auto known = made.values.find(std::string(part.substr(0, equals)));
    if (known == made.values.end()) {
      return Err{"the script has no parameter $" + std::string(part.substr(0, equals))};
    }
    ParameterValue& value = known->second;
    value.text = part.substr(equals + 1);
    if (value.kind == ParameterValue::Kind::word) continue;
    if (const auto integer = parse_integer(value.text)) {
      value.kind = ParameterValue::Kind::integer;
      value.number = *integer;
    } else if (const auto decimal = parse_decimal(value.text)) {
      value.kind = ParameterValue::Kind::decimal;
      value.number = *decimal;
    } else {
      return Err{quoted(value.text) + " is not a number, but $" + known->first + " is"};
    }
  }
  for (const For* loop : loops(script)) {
    for (const std::string& name : loop->names) add_to_name(made.name, name, made.values[name]);
  }
  return made;
}

ParseResult expand(const Script& script, const Values& values, const PreludeLoader& loader) {
  ParseResult result;
  PW_ASSERT(script.origin.source != nullptr);
  const Source& source = *script.origin.source;
  FileOptions options;
  options.dialect = script.origin.dialect;
  options.defines = script.origin.defines;
  options.expanding = true;
  options.values = values;
  Script concrete;
  parse_file(source, options, concrete, result.diagnostics);

  std::vector<Event> events = std::move(concrete.events);
  concrete.events.clear();
  result.script = std::move(concrete);
  result.script.origin = script.origin;
  result.script.values = defaults(result.script);
  for (const auto& [name, value] : values) result.script.values[name] = value;
  // What is concrete has no parameters left to declare.
  std::erase_if(result.script.header, [](const HeaderItem& item) {
    return std::holds_alternative<For>(item.is) || std::holds_alternative<Default>(item.is);
  });

  Script body;
  body.events = std::move(events);
  std::vector<Event> spliced;
  Splicer(loader, script, result).splice(body, source, spliced);
  result.script.events = std::move(spliced);
  return result;
}

}  // namespace packetwright::script
