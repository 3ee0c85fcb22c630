// SPDX-License-Identifier: Apache-2.0
#include "harness/import/script_builder.hh"

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/script/diagnostic.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"

namespace packetwright::import {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// Times as a person would write them. What is shorter than anybody would notice is no time at all.
std::int64_t readable(std::int64_t nanoseconds) {
  constexpr std::int64_t kMicrosecond = 1000, kMillisecond = 1'000'000;
  if (nanoseconds < 20 * kMicrosecond) return 0;
  const std::int64_t unit = nanoseconds < kMillisecond         ? 10 * kMicrosecond
                            : nanoseconds < 100 * kMillisecond ? 100 * kMicrosecond
                                                               : kMillisecond;
  return (nanoseconds + unit / 2) / unit * unit;
}

bool is_text(std::uint8_t octet) {
  return (octet >= ' ' && octet < 0x7f) || octet == '\n' || octet == '\r' || octet == '\t';
}

// A string literal. Quotation marks and backslashes are written as octets, because packetdrill
// itself reads their escapes as something else.
script::Text text_literal(const Buffer& octets) {
  script::Text text;
  text.octets.assign(octets.begin(), octets.end());
  std::string& out = text.spelling;
  out += '"';
  for (const std::uint8_t octet : octets) {
    if (octet == '\n') {
      out += "\\n";
    } else if (octet == '\r') {
      out += "\\r";
    } else if (octet == '\t') {
      out += "\\t";
    } else if (is_text(octet) && octet != '"' && octet != '\\') {
      out += static_cast<char>(octet);
    } else {
      out += "\\x";
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 15];
    }
  }
  out += '"';
  return text;
}

}  // namespace

script::Expression ellipsis() {
  return {{}, script::Ellipsis{}};
}
script::Expression integer(std::int64_t value) {
  return {{}, script::Number{value}};
}
script::Expression symbol(std::string_view name) {
  return {{}, script::Symbol{std::string(name)}};
}
script::Expression either(std::string_view a, std::string_view b) {
  return {{}, script::AnyOf{{symbol(a), symbol(b)}}};
}
script::Expression reference(std::int64_t value) {
  return {{}, script::Array{{integer(value)}}};
}

script::Ecn ecn_of(const Datagram& datagram) noexcept {
  if (datagram.ecn == 1) return script::Ecn::ect1;
  return datagram.ecn == 2 ? script::Ecn::ect0 : script::Ecn::ce;
}

std::string frames_text(const std::vector<std::uint32_t>& frames) {
  constexpr std::size_t kShown = 10;
  std::string text = frames.size() == 1 ? "frame " : "frames ";
  const std::size_t shown = std::min(frames.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == frames.size();
    if (i > 0) text += last ? " and " : ", ";
    text += std::to_string(frames[i]);
  }
  if (shown < frames.size()) text += " and " + std::to_string(frames.size() - shown) + " more";
  return text;
}

void ScriptBuilder::at(std::int64_t time_ns, std::uint32_t frame) noexcept {
  // After a year of silence it is the clock of the capture that is wrong.
  constexpr std::int64_t kYear = 365LL * 24 * 3600 * 1'000'000'000;
  const std::int64_t since_start = std::max<std::int64_t>(time_ns - start_ns_, 0);
  if (since_start - latest_ns_ > kYear) cut_ns_ += since_start - latest_ns_ - kYear;
  latest_ns_ = std::max(latest_ns_, since_start);
  time_ns_ = std::max<std::int64_t>(since_start - cut_ns_, 0);
  frame_ = frame;
}

void ScriptBuilder::comment(const std::string& text) {
  comments_.push_back({{}, "// " + text, false});
}

void ScriptBuilder::add(script::Action action) {
  script::Event event;
  if (script_.events.empty()) {
    event.when.kind = script::WhenKind::absolute;
    event.blank_before = true;
  } else {
    event.when.kind = script::WhenKind::relative;
    const std::int64_t since = std::min(readable(time_ns_ - clock_ns_),
                                        std::numeric_limits<std::int64_t>::max() - clock_ns_);
    event.when.start.value = Duration{since};
    clock_ns_ += since;
  }
  if (!comments_.empty()) {
    comments_.front().blank_before = event.blank_before;
    event.blank_before = false;
  }
  event.before = std::exchange(comments_, {});
  event.action = std::move(action);
  script_.events.push_back(std::move(event));
  frames_.push_back(frame_);
}

void ScriptBuilder::packet(script::Packet packet) {
  add(std::move(packet));
}

void ScriptBuilder::call(std::string_view name, std::vector<script::Expression> arguments,
                         std::int64_t result, std::string_view error) {
  script::SystemCall call;
  call.name = name;
  call.arguments = std::move(arguments);
  call.result = integer(result);
  call.error = error;
  if (error == "EINPROGRESS") call.note = "Operation now in progress";
  add(std::move(call));
}

std::optional<script::Octets> ScriptBuilder::payload(const Content& content) const {
  if (!keeps_payload_ || content.size == 0 || content.octets.empty()) return std::nullopt;
  script::Octets out;
  out.octets = content.octets;
  const auto readable_octets =
      static_cast<std::size_t>(std::count_if(out.octets.begin(), out.octets.end(), is_text));
  out.hex = readable_octets * 4 < out.octets.size() * 3;
  if (!out.hex) out.text = text_literal(out.octets);
  return out;
}

script::Expression ScriptBuilder::buffer(const Content& content) const {
  if (!keeps_payload_ || content.octets.empty()) return ellipsis();
  return {{}, text_literal(content.octets)};
}

void ScriptBuilder::option(std::string_view name, std::string value) {
  script::Option option;
  option.name = name;
  option.value = value;
  option.spelling = std::move(value);
  script_.options.push_back(std::move(option));
}

Result<Imported, std::string> ScriptBuilder::finish(const std::vector<std::string>& title,
                                                    std::vector<std::string> remarks) {
  for (const std::string& line : title) {
    script_.header.push_back({script::Comment{{}, "// " + line, false}, {}, false});
  }
  for (const std::string& line : remarks) {
    script_.header.push_back({script::Comment{{}, "// - " + line, false}, {}, false});
  }
  for (std::size_t i = 0; i < script_.options.size(); ++i) {
    script_.header.push_back({script_.options[i], {}, i == 0});
  }
  for (script::Comment& comment : comments_) script_.closing.push_back(std::move(comment));
  Imported out;
  out.text = script::print(script_);
  out.frames = std::move(frames_);
  out.remarks = std::move(remarks);
  if (out.text.size() > script::kMaxSourceSize) {
    return Err{"the script would have " + std::to_string(out.text.size() >> 20) + " MiB, and " +
               std::to_string(script::kMaxSourceSize >> 20) +
               (keeps_payload_ ? " is the limit; --payload length leaves the content out"
                               : " is the limit")};
  }
  const script::ParseResult parsed = script::parse({"imported", out.text});
  if (parsed.ok()) return out;
  // Nothing that was captured should come to this; if it does, the place is better than silence.
  for (const script::Diagnostic& one : parsed.diagnostics) {
    if (one.severity == script::Severity::error) {
      return Err{"no script can say this: " + script::render(one)};
    }
  }
  return Err{std::string("no script can say this")};
}

}  // namespace packetwright::import
