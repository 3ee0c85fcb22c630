// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/outcome_codec.hh"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "stack/base/instant.hh"

namespace packetwright::runner {
namespace {

// One description of each structure serves both directions: `both(archive, value)` writes the value
// with a Writer and replaces it with a Reader, so that the two cannot drift apart.

class Writer {
 public:
  static constexpr bool kReads = false;

  void integer(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      octets_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  void octets(const std::uint8_t* data, std::size_t size) {
    integer(size);
    octets_.insert(octets_.end(), data, data + size);
  }
  [[nodiscard]] Buffer take() { return std::move(octets_); }

 private:
  Buffer octets_;
};

class Reader {
 public:
  static constexpr bool kReads = true;

  explicit Reader(Bytes octets) : rest_(octets) {}

  std::uint64_t integer() {
    if (rest_.size() < 8) {
      fail();
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{rest_[i]} << (8 * i);
    rest_ = rest_.subspan(8);
    return value;
  }
  Bytes octets() {
    const std::uint64_t size = integer();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const Bytes taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  void fail() {
    whole_ = false;
    rest_ = {};
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] bool whole() const { return whole_ && rest_.empty(); }
  [[nodiscard]] bool good() const { return whole_; }

 private:
  Bytes rest_;
  bool whole_ = true;
};

template <class Archive, class T>
  requires std::integral<T> || std::is_enum_v<T>
void both(Archive& archive, T& value) {
  if constexpr (Archive::kReads) {
    value = static_cast<T>(archive.integer());
  } else {
    archive.integer(static_cast<std::uint64_t>(value));
  }
}

template <class Archive>
void both(Archive& archive, std::string& text) {
  if constexpr (Archive::kReads) {
    const Bytes octets = archive.octets();
    text.assign(octets.begin(), octets.end());
  } else {
    archive.octets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

template <class Archive>
void both(Archive& archive, Buffer& buffer) {
  if constexpr (Archive::kReads) {
    const Bytes octets = archive.octets();
    buffer.assign(octets.begin(), octets.end());
  } else {
    archive.octets(buffer.data(), buffer.size());
  }
}

template <class Archive>
void both(Archive& archive, Duration& duration) {
  std::int64_t count = duration.count();
  both(archive, count);
  duration = Duration{count};
}

template <class Archive>
void both(Archive& archive, Instant& instant) {
  std::int64_t count = nanos(instant);
  both(archive, count);
  instant = instant_at(count);
}

template <class Archive, class T>
void both(Archive& archive, std::vector<T>& list);
template <class Archive, class T>
void both(Archive& archive, std::optional<T>& maybe);

template <class Archive>
void both(Archive& archive, engine::FieldDifference& field) {
  both(archive, field.name), both(archive, field.want), both(archive, field.got);
}

template <class Archive>
void both(Archive& archive, engine::Mismatch& mismatch) {
  both(archive, mismatch.file), both(archive, mismatch.line), both(archive, mismatch.column);
  both(archive, mismatch.expected), both(archive, mismatch.actual), both(archive, mismatch.fields);
}

template <class Archive>
void both(Archive& archive, engine::HistoryEntry& entry) {
  both(archive, entry.kind), both(archive, entry.at), both(archive, entry.line);
  both(archive, entry.prelude), both(archive, entry.text), both(archive, entry.octets),
      both(archive, entry.ethernet);
}

template <class Archive>
void both(Archive& archive, targets::Death& death) {
  both(archive, death.signal), both(archive, death.log);
}

template <class Archive>
void both(Archive& archive, engine::Lateness& late) {
  both(archive, late.total), both(archive, late.worst), both(archive, late.line);
  both(archive, late.prelude);
}

template <class Archive>
void both(Archive& archive, engine::Outcome& outcome) {
  both(archive, outcome.status), both(archive, outcome.fault), both(archive, outcome.reason);
  both(archive, outcome.reason_line), both(archive, outcome.reason_prelude);
  both(archive, outcome.mismatches);
  both(archive, outcome.history), both(archive, outcome.events), both(archive, outcome.events_done);
  both(archive, outcome.stimuli), both(archive, outcome.frames_in);
  both(archive, outcome.frames_out), both(archive, outcome.assertions_checked);
  both(archive, outcome.assertions_skipped), both(archive, outcome.alive);
  both(archive, outcome.strict), both(archive, outcome.target_time);
  both(archive, outcome.trace_hash), both(archive, outcome.late);
  both(archive, outcome.doubt), both(archive, outcome.death);
}

template <class Archive>
void both(Archive& archive, Attempt& attempt) {
  both(archive, attempt.outcome), both(archive, attempt.retried);
  both(archive, attempt.order_dependent);
}

template <class Archive, class T>
void both(Archive& archive, std::vector<T>& list) {
  std::uint64_t size = list.size();
  both(archive, size);
  if constexpr (Archive::kReads) {
    list.clear();
    // An element takes at least eight octets, so a size that lies cannot take much memory.
    if (size > archive.left() / 8) archive.fail();
    for (std::uint64_t i = 0; i < size && archive.good(); ++i) both(archive, list.emplace_back());
  } else {
    for (T& element : list) both(archive, element);
  }
}

template <class Archive, class T>
void both(Archive& archive, std::optional<T>& maybe) {
  bool has = maybe.has_value();
  both(archive, has);
  if (has && !maybe) maybe.emplace();
  if (has) both(archive, *maybe);
}

}  // namespace

Buffer encode(Attempt attempt) {
  Writer writer;
  both(writer, attempt);
  return writer.take();
}

Result<Attempt, std::string> decode(Bytes octets) {
  Reader reader(octets);
  Attempt attempt;
  both(reader, attempt);
  if (!reader.whole()) return Err{std::string{"the worker's answer is incomplete"}};
  return attempt;
}

}  // namespace packetwright::runner
