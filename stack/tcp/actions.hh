// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/tcp/segment.hh"
#include "stack/tcp/tcp_error.hh"

namespace packetwright::tcp {

// Names a connection for as long as its user holds it. Never reused.
struct ConnectionId {
  std::uint32_t slot = 0, generation = 0;  // generation 0 names nothing

  friend bool operator==(ConnectionId, ConnectionId) = default;
};

// Names a listener. Never reused.
struct ListenerId {
  std::uint32_t value = 0;  // 0 names nothing

  friend bool operator==(ListenerId, ListenerId) = default;
};

// What the user is told without asking (RFC 9293, 3.9.1.8 and 3.10.7). Readiness can also be asked
// at any time: see Tcp::readiness().
enum class EventKind : std::uint8_t {
  incoming,     // `listener` has a connection to accept
  connected,    // our OPEN succeeded
  readable,     // there is text to RECEIVE that was not there before
  writable,     // SEND was refused or cut short, and now there is room
  urgent,       // the peer's urgent pointer appeared or advanced
  peer_closed,  // FIN: all text has arrived
  soft_error,   // an ICMP error or R1 retransmissions; the connection goes on
  failed,       // `error` says how the connection ended; it is CLOSED
  closed,       // the connection is CLOSED in the ordinary way (LAST-ACK or TIME-WAIT are over)
};

struct Event {
  EventKind kind = EventKind::closed;
  ConnectionId connection = {};        // not for `incoming`
  ListenerId listener = {};            // only for `incoming`
  std::optional<TcpError> error = {};  // only for `failed`
  std::uint8_t icmp_type = 0;          // soft_error and `failed` by ICMP: what the message said,
  std::uint8_t icmp_code = 0;          //   as IcmpError gave it; both zero for R1

  friend bool operator==(const Event&, const Event&) = default;
};

// What a state machine decided: it sends nothing and calls nobody, it appends here. Whoever drives
// it drains the list after each call, in order, and calls clear(). The memory is kept, so a list
// that is used again and again costs no allocation.
class Actions {
 public:
  // Sends the segment that the caller makes of this one, at once: it is as after Segment::clear().
  // Its text, if any, is made after it.
  [[nodiscard]] Segment& new_segment() {
    if (count_ == segments_.size()) segments_.emplace_back();
    Sent& sent = segments_[count_++];
    sent.segment.clear();
    sent.text_at = text_size_;
    return sent.segment;
  }
  void send(const Segment& segment) { new_segment() = segment; }
  // Room for the text of the segment that was sent last, to be filled at once.
  [[nodiscard]] MutableBytes make_text(std::size_t size) {
    const std::size_t at = std::exchange(text_size_, text_size_ + size);
    if (text_.size() < text_size_) text_.resize(std::max(text_size_, 2 * text_.size()));
    return MutableBytes{text_}.subspan(at, size);
  }
  void tell(const Event& event) { events_.push_back(event); }
  // Most events, made where they stay.
  void tell(EventKind kind, ConnectionId connection) {
    Event& event = events_.emplace_back();
    event.kind = kind;
    event.connection = connection;
  }
  // Negative advice to IP: nothing gets through to the host at `remote` (RFC 1122, 3.3.1.4).
  void doubt(const IpAddress& remote) { doubts_.push_back(remote); }
  // Positive advice: the host at `remote` acknowledged something new (RFC 4861, 7.3.1).
  void confirm(const IpAddress& remote) { progress_.push_back(remote); }
  // TCP found out for itself what the path to `remote` takes: packets of `mtu` octets, IP header
  // included, and no more than the routes believe (RFC 4821, 7.7; RFC 5927, 7.2).
  void lower_path(const IpAddress& remote, std::uint32_t mtu) {
    path_mtus_.emplace_back(remote, mtu);
  }
  // What arrived goes no further.
  void drop(DropReason reason) { drops_.push_back(reason); }

  [[nodiscard]] bool empty() const noexcept {
    return count_ == 0 && events_.empty() && doubts_.empty() && progress_.empty() &&
           path_mtus_.empty() && drops_.empty();
  }
  [[nodiscard]] std::size_t segment_count() const noexcept { return count_; }
  [[nodiscard]] const Segment& segment(std::size_t i) const noexcept {
    return segments_[i].segment;
  }
  // The text of segment(i); valid until the next call that sends.
  [[nodiscard]] Bytes text(std::size_t i) const noexcept {
    return Bytes{text_}.subspan(segments_[i].text_at, segments_[i].segment.size);
  }
  [[nodiscard]] std::span<const Event> events() const noexcept { return events_; }
  [[nodiscard]] std::span<const IpAddress> doubts() const noexcept { return doubts_; }
  [[nodiscard]] std::span<const IpAddress> progress() const noexcept { return progress_; }
  [[nodiscard]] std::span<const std::pair<IpAddress, std::uint32_t>> path_mtus() const noexcept {
    return path_mtus_;
  }
  [[nodiscard]] std::span<const DropReason> drops() const noexcept { return drops_; }

  void clear() noexcept {
    count_ = text_size_ = 0;
    events_.clear();
    doubts_.clear();
    progress_.clear();
    path_mtus_.clear();
    drops_.clear();
  }

 private:
  struct Sent {
    Segment segment;
    std::size_t text_at = 0;
  };
  // Both keep what they held before, to be overwritten: only so much of them counts.
  std::vector<Sent> segments_;
  std::size_t count_ = 0;
  Buffer text_;
  std::size_t text_size_ = 0;
  std::vector<Event> events_;
  std::vector<IpAddress> doubts_;
  std::vector<IpAddress> progress_;
  std::vector<std::pair<IpAddress, std::uint32_t>> path_mtus_;
  std::vector<DropReason> drops_;
};

}  // namespace packetwright::tcp
