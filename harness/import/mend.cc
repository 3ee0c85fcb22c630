// SPDX-License-Identifier: Apache-2.0
#include "harness/import/mend.hh"

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/import/script_builder.hh"

namespace packetwright::import {
namespace {

constexpr std::uint8_t kMssKind = 2, kTimestampsKind = 8;
// What is made up must not be the bigger part of what is played.
constexpr std::uint32_t kLargestHole = 1u << 20;
constexpr std::uint32_t kMadeUpSegment = 1000;
// How far an acknowledgement may overtake what it acknowledges on its way into the capture.
constexpr std::size_t kOvertaking = 16;
constexpr std::uint16_t kUsualMss4 = 1460, kUsualMss6 = 1440;

const packet::HeaderOption* find_option(const Datagram& segment, std::uint8_t kind) {
  for (const packet::HeaderOption& option : segment.options) {
    if (option.kind == kind) return &option;
  }
  return nullptr;
}

std::uint32_t options_size(const Datagram& segment) {
  std::size_t size = 0;
  for (const packet::HeaderOption& option : segment.options) size += option.size();
  return static_cast<std::uint32_t>((size + 3) & ~std::size_t{3});
}

packet::HeaderOption option(std::uint8_t kind, Buffer data) {
  packet::HeaderOption out;
  out.kind = kind;
  out.data = std::move(data);
  return out;
}

// One end of the connection.
struct End {
  Endpoint at;
  std::uint32_t isn = 0;
  bool knows_isn = false;
  std::uint32_t high = 0;  // next number that was never sent, relative
};

class Mender {
 public:
  Mender(const Conversation& conversation, Side side)
      : input_(conversation), queue_(conversation.packets) {
    out_.passive = side == Side::server;
    stack().at = out_.passive ? input_.server : input_.client;
    peer().at = out_.passive ? input_.client : input_.server;
  }

  Result<Mended, std::string> run() {
    find_isns();
    for (const Datagram& one : queue_) {
      if (!one.has(kSyn) && find_option(one, kTimestampsKind) != nullptr) out_.timestamps = true;
      if (one.cut()) cut_.push_back(one.frame);
    }
    out_.stack_isn = stack().isn;
    out_.peer_isn = peer().isn;
    for (Datagram& one : queue_) make_relative(one);
    complete_handshake();
    sort_outbound();
    taken_.resize(queue_.size());
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      if (taken_[i]) continue;
      if (auto step = take(i, true); !step) return Err{step.error()};
    }
    tell();
    return std::move(out_);
  }

 private:
  End& stack() { return ends_[0]; }
  End& peer() { return ends_[1]; }
  [[nodiscard]] bool of_stack(const Datagram& one) const { return one.src == ends_[0].at; }
  End& sender(const Datagram& one) { return of_stack(one) ? stack() : peer(); }
  End& receiver(const Datagram& one) { return of_stack(one) ? peer() : stack(); }

  // --- numbers

  void find_isns() {
    for (const Datagram& one : queue_) {
      if (!one.has(kSyn)) continue;
      learn(sender(one), one.seq);
      if (one.has(kAck)) learn(receiver(one), one.ack - 1);
    }
    for (End* end : {&stack(), &peer()}) {
      if (!end->knows_isn) guess_isn(*end);
    }
  }
  static void learn(End& end, std::uint32_t isn) {
    if (end.knows_isn) return;
    end.isn = isn;
    end.knows_isn = true;
  }

  // Without a SYN the first octet that is sent or acknowledged is the first of the connection. A
  // reset of something that does not exist has no place in any sequence space.
  void guess_isn(End& end) {
    std::optional<std::uint32_t> lowest;
    for (const Datagram& one : queue_) {
      const bool sent = sender(one).at == end.at;
      if (!sent && !one.has(kAck)) continue;
      if (sent && one.has(kRst)) continue;
      const std::uint32_t number = sent ? one.seq : one.ack;
      if (!lowest || after(*lowest, number)) lowest = number;
    }
    end.isn = lowest ? *lowest - 1 : 0;
  }

  void make_relative(Datagram& one) {
    one.seq -= sender(one).isn;
    one.ack = one.has(kAck) ? one.ack - receiver(one).isn : 0;
  }

  // --- the beginning

  [[nodiscard]] Datagram made_up(bool outbound, std::uint16_t flags, const Datagram& near) const {
    Datagram out;
    out.time_ns = near.time_ns;
    out.src = ends_[outbound ? 0 : 1].at;
    out.dst = ends_[outbound ? 1 : 0].at;
    out.flags = flags;
    out.win = 65535;
    return out;
  }

  // Options of a SYN that was not seen: what has been usual for long.
  void usual_syn_options(Datagram& syn) const {
    const std::uint16_t mss = syn.src.address.is_v4() ? kUsualMss4 : kUsualMss6;
    syn.options.push_back(option(
        kMssKind, {static_cast<std::uint8_t>(mss >> 8), static_cast<std::uint8_t>(mss & 0xff)}));
    if (out_.timestamps) {
      Buffer data(8);
      store_be32(data, 0, first_timestamp(syn.src));
      if (syn.has(kAck)) store_be32(data, 4, first_timestamp(syn.dst));
      syn.options.push_back(option(4, {}));
      syn.options.push_back(option(kTimestampsKind, data));
    } else {
      syn.options.insert(syn.options.end(), {option(1, {}), option(1, {}), option(4, {})});
    }
    syn.options.insert(syn.options.end(), {option(1, {}), option(3, {7})});
  }
  [[nodiscard]] std::uint32_t first_timestamp(const Endpoint& end) const {
    for (const Datagram& one : queue_) {
      const packet::HeaderOption* found = find_option(one, kTimestampsKind);
      if (one.src == end && found != nullptr && found->data.size() == 8) {
        return load_be32(found->data, 0);
      }
    }
    return 1;
  }

  void complete_handshake() {
    bool syn = false, syn_ack = false, refused = false;
    std::size_t first = 0;  // the first segment behind the handshake
    while (first < queue_.size() && queue_[first].has(kSyn)) {
      const bool from_client = queue_[first].src == input_.client;
      syn = syn || from_client;
      syn_ack = syn_ack || (!from_client && queue_[first].has(kAck));
      ++first;
    }
    const bool ends_there = first == queue_.size();
    if (!ends_there) refused = !syn_ack && syn && queue_[first].has(kRst);
    const bool needs_ack = !syn && !syn_ack && !ends_there && lacks_third_segment(queue_[first]);
    const Datagram& near = queue_.front();
    std::vector<Datagram> begin;
    const bool client_is_stack = !out_.passive;
    if (!syn) {
      Datagram made = made_up(client_is_stack, kSyn, near);
      usual_syn_options(made);
      begin.push_back(std::move(made));
    }
    if (!syn_ack && !ends_there && !refused) {
      Datagram made = made_up(!client_is_stack, kSyn | kAck, near);
      made.ack = 1;
      usual_syn_options(made);
      begin.push_back(std::move(made));
    }
    if (needs_ack) {
      Datagram made = made_up(client_is_stack, kAck, near);
      made.seq = made.ack = 1;
      if (const Datagram* last = first_of(made.src)) made.win = last->win;
      add_timestamps(made, nullptr);
      begin.push_back(std::move(made));
    }
    if (begin.empty()) return;
    out_.remarks.push_back(
        !syn && !syn_ack
            ? "The capture starts in the middle: a handshake with usual options was made up."
            : "A part of the handshake was not captured; it was made up, with usual options.");
    // A SYN stands in front of everything, its answer behind it.
    auto place = queue_.begin();
    if (syn) place += static_cast<std::ptrdiff_t>(first);
    queue_.insert(place, std::make_move_iterator(begin.begin()),
                  std::make_move_iterator(begin.end()));
  }
  [[nodiscard]] const Datagram* first_of(const Endpoint& end) const {
    for (const Datagram& one : queue_) {
      if (one.src == end) return &one;
    }
    return nullptr;
  }
  // A stack that connects acknowledges at once, and a server sends nothing before it has that.
  [[nodiscard]] bool lacks_third_segment(const Datagram& next) const {
    const bool of_client = next.src == input_.client && next.has(kAck);
    if (out_.passive) return !of_client;
    return !(of_client && next.length == 0 && next.seq == 1 && next.ack == 1);
  }
  void add_timestamps(Datagram& made, const Datagram* like) const {
    if (!out_.timestamps) return;
    Buffer data(8);
    const packet::HeaderOption* known =
        like != nullptr ? find_option(*like, kTimestampsKind) : nullptr;
    if (known != nullptr && known->data.size() == 8) {
      data = known->data;
    } else {
      store_be32(data, 0, first_timestamp(made.src));
      store_be32(data, 4, first_timestamp(made.dst));
    }
    made.options = {option(1, {}), option(1, {}), option(kTimestampsKind, data)};
  }

  // --- order

  // New data of the stack that a network in between has put in disorder: the stack sent it in
  // order, as far as nothing came in between.
  void sort_outbound() {
    std::uint32_t high = 1;
    const auto is_new_data = [&](const Datagram& one) {
      return of_stack(one) && one.length > 0 && !one.has(kSyn | kRst) && !after(high, one.seq);
    };
    for (std::size_t i = 0; i < queue_.size();) {
      std::size_t end = i;
      while (end < queue_.size() && is_new_data(queue_[end])) ++end;
      if (end > i + 1) sort_run(i, end, high);
      end = std::max(end, i + 1);
      for (; i < end; ++i) {
        const std::uint32_t next = queue_[i].seq + queue_[i].sequence_length();
        if (of_stack(queue_[i]) && after(next, high)) high = next;
      }
    }
  }
  // None of the run begins before `high`: counted from there, the numbers have an order.
  void sort_run(std::size_t begin, std::size_t end, std::uint32_t high) {
    const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = queue_.begin() + static_cast<std::ptrdiff_t>(end);
    const auto earlier = [high](const Datagram& a, const Datagram& b) {
      return a.seq - high < b.seq - high;
    };
    if (std::is_sorted(first, last, earlier)) return;
    std::vector<Datagram> sorted(first, last);
    std::sort(sorted.begin(), sorted.end(), earlier);
    // What overlaps is a retransmission, whose place means something.
    for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
      if (sorted[i].seq + sorted[i].length != sorted[i + 1].seq) return;
    }
    for (std::size_t i = begin; i < end; ++i) {
      Datagram& to = queue_[i];
      Datagram& from = sorted[i - begin];
      if (from.frame != to.frame) moved_.push_back(from.frame);
      from.time_ns = to.time_ns;
      to = std::move(from);
    }
  }

  // --- one segment

  Result<void, std::string> take(std::size_t i, bool may_bring_forward) {
    if (queue_[i].has(kAck) && !queue_[i].has(kRst)) {
      if (auto whole = fill_hole(i, may_bring_forward); !whole) return whole;
    }
    const Datagram& one = queue_[i];
    End& end = sender(one);
    const std::uint32_t next = one.seq + one.sequence_length();
    if (after(next, end.high) && !one.has(kRst)) end.high = next;
    const bool outbound = of_stack(one);
    if (outbound || one.has(kSyn)) {
      push(one, outbound);
    } else {
      split(one);
    }
    return {};
  }

  void push(const Datagram& one, bool outbound) {
    out_.steps.push_back({one, outbound, one.frame == 0});
    last_[outbound ? 0 : 1] = one;
    if (outbound && one.has(kSyn)) {
      if (const packet::HeaderOption* mss = find_option(one, kMssKind);
          mss != nullptr && mss->data.size() == 2 && one.frame != 0) {
        stack_mss_ = load_be16(mss->data, 0);
      }
    }
  }

  // The peer's segments are no longer than the stack said it takes.
  void split(const Datagram& one) {
    std::uint32_t most = stack_mss_ != 0           ? stack_mss_
                         : one.src.address.is_v4() ? kUsualMss4
                                                   : kUsualMss6;
    most -= std::min<std::uint32_t>(most - 1, options_size(one));
    if (one.length <= most) return push(one, false);
    split_.push_back(one.frame);
    for (std::uint32_t done = 0; done < one.length;) {
      Datagram part = one;
      part.seq = one.seq + done;
      part.length = std::min(most, one.length - done);
      const bool last = done + part.length == one.length;
      if (!last) part.flags = static_cast<std::uint16_t>(part.flags & ~(kPsh | kFin));
      part.payload.clear();
      if (!one.cut()) {
        part.payload.assign(one.payload.begin() + done, one.payload.begin() + done + part.length);
      }
      push(part, false);
      done += part.length;
    }
  }

  // Everything that segment `i` acknowledges was sent by the other end.
  Result<void, std::string> fill_hole(std::size_t i, bool may_bring_forward) {
    const Datagram& one = queue_[i];
    End& other = receiver(one);
    while (after(one.ack, other.high)) {
      const auto overtaken = may_bring_forward ? overtaken_by(i, other) : std::nullopt;
      if (!overtaken) {
        // A peer may acknowledge what was never sent, to see what happens.
        if (other.at == stack().at && !sends_behind(i, other.at, one.ack)) return {};
        return make_up_data(i, other);
      }
      queue_[*overtaken].time_ns = one.time_ns;
      moved_.push_back(queue_[*overtaken].frame);
      taken_[*overtaken] = true;
      if (auto step = take(*overtaken, false); !step) return step;
    }
    return {};
  }

  // The acknowledgement may have overtaken the segment on its way into the capture.
  [[nodiscard]] std::optional<std::size_t> overtaken_by(std::size_t i, const End& other) const {
    const std::size_t stop = std::min(queue_.size(), i + 1 + kOvertaking);
    for (std::size_t j = i + 1; j < stop; ++j) {
      const Datagram& one = queue_[j];
      const bool next = one.seq == other.high && one.sequence_length() > 0;
      if (one.src == other.at && next && !taken_[j]) return j;
    }
    return std::nullopt;
  }

  Result<void, std::string> make_up_data(std::size_t i, End& other) {
    const Datagram one = queue_[i];
    const bool outbound = other.at == stack().at;
    std::uint32_t missing = one.ack - other.high;
    if (missing > kLargestHole) {
      return Err{"frame " + std::to_string(one.frame) + " acknowledges " + std::to_string(missing) +
                 " octets that were not captured; too many to make up"};
    }
    const bool fin = missing == 1 && !sends_text_behind(i, other.at, one.ack);
    out_.content_known = out_.content_known && fin;
    holes_.push_back(one.frame);
    while (missing > 0) {
      Datagram made = made_up(outbound, kAck, one);
      if (const auto& last = last_[outbound ? 0 : 1]) {
        made.win = last->win;
        made.ack = last->has(kSyn) ? 1 : last->ack;
        add_timestamps(made, &*last);
      } else {
        made.ack = 1;
        add_timestamps(made, nullptr);
      }
      made.seq = other.high;
      made.length = fin ? 0 : std::min(missing, kMadeUpSegment);
      if (fin) made.flags |= kFin;
      const std::uint32_t size = made.sequence_length();
      other.high += size;
      missing -= size;
      if (missing == 0 && !fin) made.flags |= kPsh;
      push(made, outbound);
    }
    return {};
  }
  // Whether an end sends anything from `number` on, later than segment `i`.
  [[nodiscard]] bool sends_behind(std::size_t i, const Endpoint& end, std::uint32_t number) const {
    return std::any_of(queue_.begin() + static_cast<std::ptrdiff_t>(i), queue_.end(),
                       [&](const Datagram& one) {
                         return one.src == end && !one.has(kRst) && !after(number, one.seq);
                       });
  }
  [[nodiscard]] bool sends_text_behind(std::size_t i, const Endpoint& end,
                                       std::uint32_t number) const {
    return std::any_of(queue_.begin() + static_cast<std::ptrdiff_t>(i), queue_.end(),
                       [&](const Datagram& one) {
                         return one.src == end && one.length > 0 && !after(number, one.seq);
                       });
  }

  // --- what was done

  void tell() {
    const auto remark = [this](const std::vector<std::uint32_t>& frames, const std::string& what) {
      if (!frames.empty()) out_.remarks.push_back(what + ": " + frames_text(frames) + ".");
    };
    remark(input_.copies, "Left out, as copies of other frames");
    remark(moved_, "Put in order, as they were sent");
    remark(split_, "Cut into segments that the stack can take");
    remark(holes_, "Acknowledge what was not captured, which was made up without its content");
    if (!cut_.empty()) {
      out_.content_known = false;
      remark(cut_, "Not captured whole, so that payload is told by its length");
    }
  }

  const Conversation& input_;
  std::vector<Datagram> queue_;
  std::vector<bool> taken_;  // out of their turn
  End ends_[2];              // the stack under test, the peer
  std::optional<Datagram> last_[2];
  std::uint32_t stack_mss_ = 0;
  Mended out_;
  std::vector<std::uint32_t> cut_, moved_, split_, holes_;
};

}  // namespace

Result<Mended, std::string> mend(const Conversation& conversation, Side side) {
  return Mender(conversation, side).run();
}

}  // namespace packetwright::import
