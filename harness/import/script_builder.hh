// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/import/datagram.hh"
#include "harness/import/import.hh"
#include "harness/script/tree.hh"

namespace packetwright::import {

// Octets of a call or packet: what they are, or just how many.
struct Content {
  std::size_t size = 0;
  Buffer octets;  // empty, or `size` octets
};

// Puts a script together, event by event, with times that can be read.
class ScriptBuilder {
 public:
  // `start_ns`: the time in the capture, not negative, at which the script begins.
  ScriptBuilder(std::int64_t start_ns, bool keeps_payload)
      : start_ns_(start_ns), keeps_payload_(keeps_payload) {}

  [[nodiscard]] bool keeps_payload() const noexcept { return keeps_payload_; }

  // The next events happen at this time and come of this frame.
  void at(std::int64_t time_ns, std::uint32_t frame) noexcept;
  // Stands above the next event.
  void comment(const std::string& text);
  void packet(script::Packet packet);
  // `error`: "EINPROGRESS"; empty: none.
  void call(std::string_view name, std::vector<script::Expression> arguments, std::int64_t result,
            std::string_view error = {});

  // A literal for the payload of a packet; nothing where payload is told by its length.
  [[nodiscard]] std::optional<script::Octets> payload(const Content& content) const;
  // The buffer of a call.
  [[nodiscard]] script::Expression buffer(const Content& content) const;

  void option(std::string_view name, std::string value);
  // The script under this title, and what each of its events comes of.
  [[nodiscard]] Result<Imported, std::string> finish(const std::vector<std::string>& title,
                                                     std::vector<std::string> remarks);

 private:
  void add(script::Action action);

  std::int64_t start_ns_;
  bool keeps_payload_;
  // Since the start:
  std::int64_t clock_ns_ = 0;   // where the times written so far have come to
  std::int64_t time_ns_ = 0;    // of the next events
  std::int64_t latest_ns_ = 0;  // in the capture, which need not be in order
  std::int64_t cut_ns_ = 0;     // left out of silences
  std::uint32_t frame_ = 0;
  std::vector<script::Comment> comments_;
  script::Script script_;
  std::vector<std::uint32_t> frames_;
};

// Expressions of calls.
[[nodiscard]] script::Expression ellipsis();
[[nodiscard]] script::Expression integer(std::int64_t value);
[[nodiscard]] script::Expression symbol(std::string_view name);
[[nodiscard]] script::Expression either(std::string_view a, std::string_view b);  // A|B
[[nodiscard]] script::Expression reference(std::int64_t value);                   // [1]

// Of a datagram that has one (RFC 3168, 5): not of `ecn` 0.
[[nodiscard]] script::Ecn ecn_of(const Datagram& datagram) noexcept;

// "frames 3, 7 and 9", at most ten of them by number.
[[nodiscard]] std::string frames_text(const std::vector<std::uint32_t>& frames);

}  // namespace packetwright::import
