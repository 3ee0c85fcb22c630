// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/expectation_draft.hh"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::runner {
namespace {

// A TOML basic string.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out + "\"";
}

std::string_view end_of(Verdict verdict) {
  if (verdict == Verdict::crash) return "crash";
  if (verdict == Verdict::hang) return "hang";
  return "fail";
}

bool belongs(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::non_strict || verdict == Verdict::crash ||
         verdict == Verdict::hang;
}

// "mss=536,win=0"; empty: it has no parameters.
std::string params_of(const CaseResult& result) {
  std::vector<std::string> words;
  for (const auto& [name, value] : result.params) words.push_back(name + "=" + value);
  return join(words, ",");
}

// A line of the table, unless all that ran agree.
std::string restriction(const char* key, const std::set<std::string>& these,
                        const std::set<std::string>& all) {
  if (these == all) return {};
  std::vector<std::string> words;
  for (const std::string& one : these) words.push_back(quoted(one));
  return std::string(key) + " = [" + join(words, ", ") + "]\n";
}

struct Entry {
  std::set<std::string> variants, params;
  std::string title;
  std::vector<Citation> requirements;
};

}  // namespace

std::string draft_expectations(std::span<const CaseResult> results) {
  using Key = std::tuple<std::string, std::string, std::string>;  // case, end, symptom
  std::map<Key, Entry> entries;
  std::map<std::string, std::set<std::string>> variants_ran, params_ran;
  for (const CaseResult& result : results) {
    const std::string variant(script::name_of(result.variant));
    const std::string params = params_of(result);
    variants_ran[result.id].insert(variant);
    params_ran[result.id].insert(params);
    if (!belongs(result.verdict)) continue;
    Entry& entry = entries[{result.id, std::string(end_of(result.verdict)), result.symptom}];
    entry.variants.insert(variant);
    entry.params.insert(params);
    entry.title = result.title;
    entry.requirements = result.requirements;
  }
  std::string out;
  for (const auto& [key, entry] : entries) {
    const auto& [id, end, symptom] = key;
    std::vector<std::string> places;
    for (const Citation& cited : entry.requirements) places.push_back(cited.place);
    std::string why = "not yet explained: " + (entry.title.empty() ? id : entry.title);
    if (!places.empty()) why += " (" + join(places, "; ") + ")";
    out += "\n[[known]]\ncases   = " + quoted(id) + "\n";
    out += restriction("variants", entry.variants, variants_ran[id]);
    out += restriction("params  ", entry.params, params_ran[id]);
    out += "expect  = " + quoted(end) + "\nsymptom = " + quoted(symptom) +
           "\nwhy     = " + quoted(why) + "\n";
  }
  return out;
}

}  // namespace packetwright::runner
