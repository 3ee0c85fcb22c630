// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/sim/goodput.hh"
#include "harness/sim/pipe.hh"
#include "harness/sim/stack_node.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::sim {

// A target in virtual time that sends to a receiver across a bottleneck. The receiver is the
// reference stack with a window larger than any path and reads at once, so that the target's
// congestion control alone decides. Errors are sentences about the target: a call that failed, a
// death, a knob that it does not have.
class TargetPath {
 public:
  // `target` outlives this, and is reset by connect().
  TargetPath(targets::Target& target, const Path& path, std::uint64_t seed);

  // Resets the target with these knobs and lets it connect to the receiver.
  [[nodiscard]] Result<void, std::string> connect(const std::map<std::string, std::string>& knobs);

  // As much of `most` octets as the target takes now; returns how much that was.
  [[nodiscard]] Result<std::uint64_t, std::string> write(std::uint64_t most);

  // Lets time pass until `limit`, or until `octets` have been read in all.
  [[nodiscard]] Result<void, std::string> run_until(Instant limit, std::uint64_t octets);

  [[nodiscard]] Instant now() const noexcept { return now_; }
  // What the receiver has read so far, octets.
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  // The bottleneck, on the way of the data.
  [[nodiscard]] Pipe& data() noexcept { return data_; }

 private:
  enum class To : std::uint8_t { target, receiver };

  struct Event {
    Instant at;
    std::uint64_t order = 0;
    To to{};
    Buffer frame;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  // Why a call came to nothing.
  [[nodiscard]] std::string failed(const char* call, int error) const;
  void send_on(Pipe& pipe, Instant at, Bytes frame, To to);
  // Puts on the wire what both ends have to send; true: the target had something.
  bool collect();
  void deliver(const Event& event);
  void read();

  targets::Target& target_;
  targets::Config config_;
  Pipe data_, acknowledgments_;
  StackNode receiver_;
  iface::Descriptor listener_ = -1, accepted_ = -1;
  targets::Fd socket_ = -1;
  Instant now_;
  std::vector<Event> events_;  // a heap, the next one first
  std::uint64_t scheduled_ = 0, received_ = 0;
  std::vector<targets::SentFrame> sent_;  // scratch, as are these
  std::vector<Pipe::Arrival> arrivals_;
  Buffer frame_;
};

}  // namespace packetwright::sim
