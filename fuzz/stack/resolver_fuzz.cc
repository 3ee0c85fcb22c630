// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "fuzz/support/fuzz_input.hh"
#include "stack/dns/resolver.hh"
#include "stack/wire/dns.hh"

using namespace packetwright;

namespace {

constexpr std::array<std::string_view, 6> kNames{
    "a", "www.example.org", "WWW.b.example", "192.0.2.1", "box", "a."};

// A resolver with two servers that an adversary plays: the fuzz input says what is looked up, what
// the servers answer over UDP and TCP, and how time passes.
class Session {
 public:
  explicit Session(fuzz::FuzzInput& input) : input_(input), resolver_(config(), Rng{1}) {}

  void run() {
    while (!input_.empty()) step();
    // Left alone, every look-up comes to an end in bounded time.
    for (int wakeups = 0; const auto deadline = resolver_.next_deadline(); ++wakeups) {
      PW_ASSERT(wakeups < 2'000 && *deadline > now_);
      now_ = *deadline;
      resolver_.on_deadline(now_);
      drain();
    }
    for (const dns::QueryId id : started_) {
      (void)resolver_.take(id);
    }
    PW_ASSERT(resolver_.query_count() == 0);
  }

 private:
  static dns::ResolverConfig config() {
    dns::ResolverConfig config;
    config.servers = {{IpAddress::v4(192, 0, 2, 53), 53}, {IpAddress::v4(192, 0, 2, 54), 53}};
    config.max_queries = 4;
    config.max_cached = 3;
    config.search = {wire::DnsName::from_text("one.example").value(),
                     wire::DnsName::from_text("two.example").value()};
    config.hosts.add(IpAddress::v4(192, 0, 2, 7), {wire::DnsName::from_text("box").value()});
    return config;
  }

  void step() {
    switch (input_.below(9)) {
      case 0: start(); break;
      case 1: respond(true); break;
      case 2: respond(false); break;
      case 3:
        now_ += Duration{input_.u16()} * 100'000;  // up to 6.5 s
        resolver_.on_deadline(now_);
        break;
      case 4:
        if (!asked_.empty()) {
          const dns::Outgoing& asked = asked_[input_.below(asked_.size())];
          resolver_.on_unreachable(now_, asked.to, asked.src_port);
        }
        break;
      case 5:
        if (!started_.empty()) resolver_.cancel(started_[input_.below(started_.size())]);
        break;
      case 6: respond_over_tcp(true); break;
      case 7: respond_over_tcp(false); break;
      default:
        if (!streams_.empty()) {
          const dns::StreamId stream = streams_[input_.below(streams_.size())];
          if (input_.flag()) {
            resolver_.on_stream_connected(stream);
          } else {
            resolver_.on_stream_end(now_, stream);
          }
        }
        break;
    }
    drain();
    if (const auto deadline = resolver_.next_deadline(); deadline && *deadline <= now_) {
      resolver_.on_deadline(now_);
      drain();
    }
  }

  void start() {
    constexpr std::array<std::optional<Family>, 3> kFamilies{Family::ipv4, Family::ipv6, {}};
    const std::optional<Family> family = kFamilies[input_.below(kFamilies.size())];
    const auto id = resolver_.start(now_, kNames[input_.below(kNames.size())], family);
    PW_ASSERT(resolver_.query_count() <= 4);
    if (id) started_.push_back(*id);
  }

  // An answer of octets of the input, behind the header and question of `asked` if `matching`.
  Buffer response_to(Bytes asked, bool matching) {
    Buffer message;
    if (matching) {
      message.assign(asked.begin(), asked.end() - (asked[11] != 0 ? kOptSize : 0));
      message[2] |= 0x80;
      message[3] = input_.u8();
      message[2] = static_cast<std::uint8_t>(message[2] | (input_.flag() ? 2 : 0));
      for (const std::size_t offset : {7u, 9u, 11u}) message[offset] = input_.u8() % 8;
    }
    const Bytes tail = input_.take(input_.u8());
    message.insert(message.end(), tail.begin(), tail.end());
    return message;
  }

  void respond(bool matching) {
    if (asked_.empty()) return;
    const dns::Outgoing& asked = asked_[input_.below(asked_.size())];
    const fuzz::ExactBuffer exact{Bytes{response_to(asked.payload, matching)}};
    (void)resolver_.on_datagram(now_, asked.to, asked.src_port, exact.octets());
  }

  // Whole, or cut into two pieces anywhere; without a question, octets as they come.
  void respond_over_tcp(bool matching) {
    if (questions_.empty()) return;
    const dns::StreamAction& asked = questions_[input_.below(questions_.size())];
    const Buffer message = response_to(Bytes{asked.octets}.subspan(2), matching);
    const Buffer octets = matching ? dns::framed(message) : message;
    const std::size_t cut = std::min<std::size_t>(input_.u8(), octets.size());
    for (const Bytes piece : {Bytes{octets}.first(cut), Bytes{octets}.subspan(cut)}) {
      const fuzz::ExactBuffer exact{piece};
      (void)resolver_.on_stream_octets(now_, asked.stream, exact.octets());
    }
  }

  void drain() {
    dns::Outgoing out;
    for (int count = 0; resolver_.poll_output(out); ++count) {
      PW_ASSERT(count < 16);
      PW_ASSERT(out.payload.size() <= wire::kMaxDnsUdpSize && out.src_port >= 1'024);
      const auto view = wire::DnsView::parse(out.payload);
      PW_ASSERT(view && view->check().ok());
      if (asked_.size() == 32) asked_.erase(asked_.begin());
      asked_.push_back(std::move(out));
    }
    dns::StreamAction action;
    for (int count = 0; resolver_.poll_stream(action); ++count) {
      PW_ASSERT(count < 64);
      follow(action);
    }
  }

  // One connection to a server at a time; what is sent is a message behind its length.
  void follow(const dns::StreamAction& action) {
    using Kind = dns::StreamAction::Kind;
    if (action.kind == Kind::open) {
      if (streams_.size() == 32) streams_.erase(streams_.begin());
      streams_.push_back(action.stream);
    } else if (action.kind == Kind::send) {
      PW_ASSERT(action.octets.size() == 2u + load_be16(action.octets, 0));
      const auto view = wire::DnsView::parse(Bytes{action.octets}.subspan(2));
      PW_ASSERT(view && view->check().ok());
      if (questions_.size() == 32) questions_.erase(questions_.begin());
      questions_.push_back(action);
    }
  }

  static constexpr int kOptSize = 11;

  fuzz::FuzzInput& input_;
  dns::Resolver resolver_;
  Instant now_{};
  std::vector<dns::QueryId> started_;
  std::vector<dns::Outgoing> asked_;
  std::vector<dns::StreamId> streams_;
  std::vector<dns::StreamAction> questions_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput input{Bytes{data, size}};
  Session{input}.run();
  return 0;
}
