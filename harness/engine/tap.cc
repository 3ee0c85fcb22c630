// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/tap.hh"

#include <algorithm>

namespace packetwright::engine {
namespace {

// More frames than this in one run is a flood, and not what any script waits for.
constexpr std::size_t kMaxFrames = 20'000;
// An error that quotes something older than this many packets is not looked for.
constexpr std::size_t kRemembered = 64;
// So often may time stand still while the target is asked to let it pass.
constexpr int kMaxStandstills = 1'000;
// A wait of at least this leaves the processor to others for a good while.
constexpr Duration kLongWait = 50ms;
// How often a blocked call is asked again.
constexpr Duration kGlance = 1ms;

}  // namespace

Tap::Tap(targets::Target& target, const Settings& settings, ConnectionTable& connections,
         const ScriptedProtocols& scripted, Trace& trace)
    : target_(target),
      settings_(settings),
      connections_(connections),
      scripted_(scripted),
      trace_(trace) {
  print_.addresses = {{settings.local(), "local"},
                      {settings.peer(), "peer"},
                      {settings.gateway(), "gateway"},
                      {settings.config.local4.address, "local"},
                      {settings.config.gateway4, "gateway"}};
  print_.macs = {{settings.config.local_mac, "local_mac"},
                 {settings.config.peer_mac, "peer_mac"},
                 {MacAddress::broadcast(), "broadcast_mac"}};
  print_.local = settings.local();
  print_.peer = settings.peer();
}

std::string Tap::describe(const packet::Dissected& frame) {
  packet::Dissected mapped = frame;
  Connection* connection = connections_.of_outbound(frame, nullptr);
  packet::PrintContext context = print_;
  context.ports = connection == nullptr;
  std::string label;
  if (connection != nullptr) {
    map_to_script(mapped, *connection, false);
    if (!connection->label.empty()) label = "@" + connection->label + " ";
  }
  return label + packet::print(mapped, context);
}

void Tap::inject(Bytes frame, const script::Location& where, std::string text) {
  const bool ethernet = target_.traits().ethernet;
  injected_.push_back(packet::dissect(frame, ethernet));
  if (injected_.size() > kRemembered) injected_.pop_front();
  if (text.empty()) text = "< " + packet::print(injected_.back(), print_);
  trace_.frame(HistoryEntry::Kind::frame_in, target_.now(), where, frame, ethernet,
               std::move(text));
  // Octets in an allocation of exactly their size: an over-read of one is seen.
  const Buffer exact(frame.begin(), frame.end());
  target_.inject(exact);
}

void Tap::pump() {
  heard_ = Instant::max();
  while (trouble_.empty()) {
    sent_.clear();
    target_.drain(sent_);
    if (sent_.empty()) break;
    const bool ethernet = target_.traits().ethernet;
    // A copy: answering a frame may make the target send, which the next round drains.
    for (const targets::SentFrame& sent : std::vector<targets::SentFrame>(std::move(sent_))) {
      if (++total_ > kMaxFrames) {
        trouble_ = "the target sent more than " + std::to_string(kMaxFrames) + " frames";
        break;
      }
      SeenFrame seen;
      seen.at = sent.at;
      heard_ = std::min(heard_, sent.at);
      seen.where = trace_.where();
      seen.frame = packet::dissect(sent.octets, ethernet);
      const ChatterVerdict chatter = judge_chatter(seen.frame, scripted_, settings_);
      const bool ours = chatter.what == Chatter::none;
      if (ours) {
        if (Connection* connection = connections_.of_outbound(seen.frame, nullptr)) {
          learn_from_syn(seen.frame, *connection, std::nullopt);
        }
      }
      seen.history = trace_.frame(HistoryEntry::Kind::frame_out, sent.at,
                                  ours ? seen.where : script::Location{}, sent.octets, ethernet,
                                  "> " + describe(seen.frame));
      if (chatter.what == Chatter::answer && ethernet) inject(chatter.reply);
      if (ours) queue_.push_back(std::move(seen));
    }
  }
  if (trouble_.empty()) {
    if (const auto death = target_.death()) trouble_ = "the target died";
  }
}

Instant Tap::next_stop(Instant until, bool steps) const {
  if (!steps) return until;
  const Instant now = target_.now();
  // On a real clock a blocked call is asked again every millisecond; on a virtual one when the
  // target says that something may happen.
  if (settings_.real_time) return std::min(until, now + kGlance);
  if (const auto timer = target_.next_timer(); timer.has_value() && *timer > now) {
    return std::min(until, *timer);
  }
  const Duration step = std::max(settings_.tick, kGlance);
  return std::min(until, now + step);
}

void Tap::advance(Instant until, bool steps, const std::function<bool()>& stop) {
  pump();
  const bool long_wait = settings_.real_time && until - target_.now() >= kLongWait;
  if (long_wait) trace_.waits(true);
  pass_time(until, steps, stop);
  if (long_wait) trace_.waits(false);
}

void Tap::pass_time(Instant until, bool steps, const std::function<bool()>& stop) {
  int standstills = 0;
  bool glanced = false;  // nothing but a look at a blocked call came after the last wait
  while (trouble_.empty() && !stop()) {
    const Instant before = target_.now();
    if (before >= until) break;
    const Instant due = next_stop(until, steps);
    if (glanced) {
      late_.start(before);
    } else {
      late_.wait(before, trace_.where());
    }
    target_.advance_to(due, true);
    const Instant after = target_.now();
    pump();
    // A glance in between may come a little late: nothing waits for it.
    const Duration grace = due < until ? kGlance : Duration{0};
    late_.wake(after, std::min(due + grace, heard_), trace_.where());
    glanced = after < until && heard_ == Instant::max();
    if (target_.now() > before) {
      standstills = 0;
    } else if (++standstills > kMaxStandstills) {
      trouble_ = "the target's clock does not move on";
    }
  }
}

}  // namespace packetwright::engine
