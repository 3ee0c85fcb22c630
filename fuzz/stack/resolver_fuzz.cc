// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "fuzz/support/fuzz_input.hh"
#include "stack/dns/resolver.hh"
#include "stack/wire/dns.hh"

using namespace packetwright;

namespace {

constexpr std::array<std::string_view, 4> kNames{"a", "www.example.org", "WWW.b.example",
                                                 "192.0.2.1"};

// A resolver with two servers that an adversary plays: the fuzz input says what is looked up, what
// the servers answer, and how time passes.
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
    return config;
  }

  void step() {
    switch (input_.below(6)) {
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
      default:
        if (!started_.empty()) resolver_.cancel(started_[input_.below(started_.size())]);
        break;
    }
    drain();
    if (const auto deadline = resolver_.next_deadline(); deadline && *deadline <= now_) {
      resolver_.on_deadline(now_);
      drain();
    }
  }

  void start() {
    const Family family = input_.flag() ? Family::ipv6 : Family::ipv4;
    const auto id = resolver_.start(now_, kNames[input_.below(kNames.size())], family);
    PW_ASSERT(resolver_.query_count() <= 4);
    if (id) started_.push_back(*id);
  }

  // Answers a question with octets of the input, behind the right id and question if `matching`.
  void respond(bool matching) {
    if (asked_.empty()) return;
    const dns::Outgoing& asked = asked_[input_.below(asked_.size())];
    Buffer message;
    if (matching) {
      message = asked.payload;
      message[2] |= 0x80;
      message[3] = input_.u8();
      message[2] = static_cast<std::uint8_t>(message[2] | (input_.flag() ? 2 : 0));
      for (const std::size_t offset : {7u, 9u, 11u}) message[offset] = input_.u8() % 8;
    }
    const Bytes tail = input_.take(input_.u8());
    message.insert(message.end(), tail.begin(), tail.end());
    const fuzz::ExactBuffer exact{Bytes{message}};
    (void)resolver_.on_datagram(now_, asked.to, asked.src_port, exact.octets());
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
  }

  fuzz::FuzzInput& input_;
  dns::Resolver resolver_;
  Instant now_{};
  std::vector<dns::QueryId> started_;
  std::vector<dns::Outgoing> asked_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput input{Bytes{data, size}};
  Session{input}.run();
  return 0;
}
