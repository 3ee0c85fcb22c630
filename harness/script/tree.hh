// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/script/expression.hh"
#include "harness/script/literals.hh"
#include "harness/script/packet.hh"
#include "harness/script/source.hh"
#include "stack/base/instant.hh"

// A script as a tree of values: what the parser makes, the engine runs and the formatter prints.
namespace packetwright::script {

// --- time

enum class WhenKind : std::uint8_t {
  none,            // `use` has no time
  absolute,        // 0.5: since the start of the script
  relative,        // +0.5: after the previous event
  any,             // *: outbound packets only
  absolute_range,  // 0.5~0.7: outbound packets only
  relative_range,  // +0.5~+0.7: outbound packets only
};

// Times are exact in nanoseconds; in a plain packetdrill script they are cut to microseconds, as
// packetdrill cuts them. `open` is the formula while a parameter stands for the time.
struct Time {
  Duration value{0};
  std::string open;
  friend bool operator==(const Time&, const Time&) = default;
};

struct When {
  WhenKind kind = WhenKind::none;
  Time start;  // of all but none and any
  Time end;    // of the ranges
  friend bool operator==(const When&, const When&) = default;
};

// --- events

struct SystemCall {
  // Present: the call blocks, `+0...0.1 read(..)`, and returns at that time, which is absolute if
  // the event's is and else counts from the same point as the event's.
  std::optional<Time> end;
  std::string name;
  std::vector<Expression> arguments;
  Expression result;
  std::string error;  // the errno's name; empty: not compared
  std::string note;   // the words in parentheses, for people; empty: none
  friend bool operator==(const SystemCall&, const SystemCall&) = default;
};

struct Command {  // `sysctl ...` in back-quotes
  std::string text;
  std::string spelling;  // back-quotes included, or the name of a symbol
  friend bool operator==(const Command&, const Command&) = default;
};

struct Code {  // %{ ... }%
  std::string text;
  friend bool operator==(const Code&, const Code&) = default;
};

// The value of a parameter. Decimals are times in seconds and stand only where a time may.
struct ParameterValue {
  enum class Kind : std::uint8_t { integer, decimal, word };
  Kind kind = Kind::integer;
  std::int64_t number = 0;  // integer; decimal: in units of 10^-9
  std::string text;         // as written; what names of combinations show
  friend bool operator==(const ParameterValue&, const ParameterValue&) = default;
};

struct Use {  // use established with $mss=536, $win=0
  struct Argument {
    std::string name;
    ParameterValue value;
    std::string open;  // "${..}" while the value depends on a parameter of the caller
    friend bool operator==(const Argument&, const Argument&) = default;
  };
  std::string prelude;
  std::vector<Argument> arguments;
  friend bool operator==(const Use&, const Use&) = default;
};

struct Silence {  // silence 1.5: no frame for so long
  Time duration;
  friend bool operator==(const Silence&, const Silence&) = default;
};

struct Ignore {  // ignore 20: time moves on, and whatever the stack sends meanwhile is not looked
                 // at
  Time duration;
  friend bool operator==(const Ignore&, const Ignore&) = default;
};

// The states of RFC 9293, 3.3.2, as scripts write them: "SYN_RECEIVED", "FIN_WAIT_1".
struct StateAssertion {  // = state(4) TIME_WAIT
  std::optional<Number> fd;
  std::string connection;  // `= state(@b) CLOSED`
  std::string state;
  friend bool operator==(const StateAssertion&, const StateAssertion&) = default;
};

enum class Comparison : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };

struct InfoAssertion {  // = info(4, cwnd) >= 10
  std::optional<Number> fd;
  std::string counter;
  Comparison comparison = Comparison::equal;
  Number value;
  friend bool operator==(const InfoAssertion&, const InfoAssertion&) = default;
};

// The values that `{tcp.seq=keep isn}` kept do not follow from one another.
struct UnpredictableAssertion {  // = unpredictable(isn)
  std::string name;
  friend bool operator==(const UnpredictableAssertion&, const UnpredictableAssertion&) = default;
};

using Action = std::variant<Packet, SystemCall, Command, Code, Use, Silence, Ignore, StateAssertion,
                            InfoAssertion, UnpredictableAssertion>;

struct Comment {
  Location where;
  std::string text;           // with its marks: "// why", "/* why */"
  bool blank_before = false;  // an empty line stands above it
  friend bool operator==(const Comment&, const Comment&) = default;
};

struct Event {
  Location where;  // of its time
  When when;
  Action action;
  bool ours = false;  // packetdrill would not accept this event

  // For the formatter.
  std::vector<Comment> before;   // on lines of their own above it
  std::optional<Comment> after;  // on its last line
  bool blank_before = false;     // an empty line stands directly above it

  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&action);
  }

  // `ours` is no part of the meaning: the formatter may write the same event in plain packetdrill.
  friend bool operator==(const Event& a, const Event& b) {
    return a.when == b.when && a.action == b.action && a.before == b.before && a.after == b.after &&
           a.blank_before == b.blank_before;
  }
};

// --- the top of a script

struct Option {  // --name=value
  Location where;
  std::string name;      // without the dashes: "tolerance_usecs"
  std::string value;     // without quotes; a symbol's: "NAME=value"
  std::string spelling;  // of the value; empty: there is no `=`
  friend bool operator==(const Option&, const Option&) = default;
};

struct For {  // for $mss in 536, 1220;  for ($a, $b) in (1, 2), (3, 4)
  Location where;
  std::vector<std::string> names;
  std::vector<std::vector<ParameterValue>> rows;  // each as long as `names`
  friend bool operator==(const For&, const For&) = default;
};

struct Default {  // default $win = 65535
  Location where;
  std::string name;
  ParameterValue value;
  friend bool operator==(const Default&, const Default&) = default;
};

// A line of the top, in its order, for the formatter. `//:` lines are comments here.
struct HeaderItem {
  std::variant<Comment, Option, For, Default> is;
  std::optional<Comment> after;
  bool blank_before = false;  // of all but comments, which have their own
  friend bool operator==(const HeaderItem&, const HeaderItem&) = default;
};

enum class Variant : std::uint8_t { ipv4, ipv4_mapped_ipv6, ipv6 };

[[nodiscard]] std::string_view name_of(Variant variant) noexcept;  // "ipv4-mapped-ipv6"
[[nodiscard]] std::optional<Variant> variant_of(std::string_view name) noexcept;

struct Citation {
  Location where;
  std::string id;  // "RFC9293-MUST-12"
  friend bool operator==(const Citation&, const Citation&) = default;
};

// What the `//:` lines and the prose above the first event say.
struct Metadata {
  std::string title;        // the first sentence, without its stop
  std::string explanation;  // the rest, paragraphs apart by an empty line
  std::vector<Citation> cites;
  std::vector<std::string> needs;                          // in order, once each
  std::vector<std::pair<std::string, std::string>> knobs;  // `//: set NAME VALUE`, in order
  std::vector<Variant> variants;                           // empty: not said; see variants()
  friend bool operator==(const Metadata&, const Metadata&) = default;
};

enum class Mode : std::uint8_t { packetdrill, strict };
enum class Dialect : std::uint8_t { automatic, google, nplab };

// The values of parameters, by name.
using Values = std::map<std::string, ParameterValue>;

struct Script {
  std::vector<std::string> files;     // the script's own name first, then those of its preludes
  Mode mode = Mode::packetdrill;      // what the text asks for: a `//:` line makes it strict
  Dialect dialect = Dialect::google;  // never automatic: what the text turned out to be
  Metadata metadata;
  std::vector<HeaderItem> header;
  std::vector<Option> options;  // those of preludes first, so that the script's own win
  std::optional<Event> init;    // the untimed command before the first event
  std::vector<Event> events;
  std::optional<Event> cleanup;  // the untimed command after the last one
  std::vector<Comment> closing;  // comments after everything
  Values values;                 // of the parameters, in an expanded script
  bool expanded = false;         // no Use, and nothing open
  bool conditional = false;  // had `#ifdef`, whose other branch is not in the tree: do not format

  // What it was parsed from, for expand() and for messages that show source lines. The text is the
  // identity of nothing: equality ignores it.
  struct Origin {
    std::shared_ptr<const Source> source;
    std::map<std::string, std::string> defines;
    Dialect dialect = Dialect::automatic;
    friend bool operator==(const Origin&, const Origin&) noexcept { return true; }
  } origin;

  // The value of the last option of that name; nullopt: it was not given.
  [[nodiscard]] std::optional<std::string_view> option(std::string_view name) const;
  [[nodiscard]] std::string_view file_of(const Location& where) const;
  // "FILE:LINE"
  [[nodiscard]] std::string describe(const Location& where) const;

  friend bool operator==(const Script&, const Script&) = default;
};

// The IP versions in which the script makes sense: those it names (`//: variants`, or the option
// ip_version), or else ipv4 and ipv6 less what its text excludes: literal addresses, ARP, header
// fields and ICMP names of one family.
[[nodiscard]] std::vector<Variant> variants(const Script& script);

}  // namespace packetwright::script
