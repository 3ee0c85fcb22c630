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

struct Entry {
  std::set<std::string> variants;
  std::string title;
  std::vector<Citation> requirements;
};

}  // namespace

std::string draft_expectations(std::span<const CaseResult> results) {
  using Key = std::tuple<std::string, std::string, std::string>;  // case, end, symptom
  std::map<Key, Entry> entries;
  std::map<std::string, std::set<std::string>> ran;
  for (const CaseResult& result : results) {
    const std::string variant(script::name_of(result.variant));
    ran[result.id].insert(variant);
    if (!belongs(result.verdict)) continue;
    Entry& entry = entries[{result.id, std::string(end_of(result.verdict)), result.symptom}];
    entry.variants.insert(variant);
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
    if (entry.variants != ran[id]) {
      std::string list;
      for (const std::string& variant : entry.variants) {
        list += (list.empty() ? "" : ", ") + quoted(variant);
      }
      out += "variants = [" + list + "]\n";
    }
    out += "expect  = " + quoted(end) + "\nsymptom = " + quoted(symptom) +
           "\nwhy     = " + quoted(why) + "\n";
  }
  return out;
}

}  // namespace packetwright::runner
