// SPDX-License-Identifier: Apache-2.0
#pragma once
// For the tests of this folder: a resolver, and the clock and servers around it.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "stack/dns/resolver.hh"
#include "stack/wire/testing.hh"

namespace packetwright::dns::testing_support {

using wire::DnsName;
using wire::DnsSection;
using wire::DnsType;
using wire::DnsWriter;

inline const Endpoint kServerA{IpAddress::v4(192, 0, 2, 53), 53};
inline const Endpoint kServerB{IpAddress::v4(192, 0, 2, 54), 53};
inline constexpr IpAddress kAddress = IpAddress::v4(192, 0, 2, 9);

inline DnsName name_from(std::string_view text) {
  return DnsName::from_text(text).value();
}

// What a query says, read back from its octets.
struct Asked {
  Outgoing datagram;
  wire::DnsHeader header;
  wire::DnsQuestion question;
  std::optional<wire::DnsOpt> opt;  // without options
};

inline Asked asked_by(const Outgoing& datagram) {
  Asked asked;
  asked.datagram = datagram;
  const auto view = wire::DnsView::parse(datagram.payload);
  EXPECT_TRUE(view && view->check());
  if (!view) return asked;
  asked.header = view->header();
  wire::DnsWalk walk{*view};
  const auto question = walk.next_question();
  EXPECT_TRUE(question && *question);
  if (question && *question) asked.question = question->value();
  while (const auto record = walk.next_record()) {
    if (!*record || (*record)->type != DnsType::opt) continue;
    EXPECT_TRUE((*record)->owner.is_root());
    asked.opt = (*record)->opt().value();
    EXPECT_TRUE(asked.opt->options.empty());
  }
  return asked;
}

using Fill = std::function<void(DnsWriter&)>;

// A resolver and the clock and servers around it. The clock starts at 100 s, so that nothing
// depends on starting at zero.
class DnsResolver : public testing::Test {
 protected:
  explicit DnsResolver() { config_.servers = {kServerA, kServerB}; }

  Resolver& resolver() {
    if (!resolver_) resolver_.emplace(config_, Rng{seed_});
    return *resolver_;
  }

  QueryId start(std::string_view name, std::optional<Family> family = Family::ipv4) {
    const auto id = resolver().start(now_, name, family);
    EXPECT_TRUE(id);
    return id.value_or(QueryId{});
  }

  std::vector<Asked> sent() {
    std::vector<Asked> all;
    Outgoing out;
    while (resolver().poll_output(out)) {
      all.push_back(asked_by(out));
    }
    return all;
  }

  Asked sent_one() {
    const std::vector<Asked> all = sent();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Asked{} : all.front();
  }

  // A response to `asked`; `fill` adds its records.
  static Buffer response_to(const Asked& asked, const Fill& fill,
                            const std::function<void(wire::DnsHeader&)>& change = {}) {
    Buffer storage(1'024);
    wire::DnsHeader header;
    header.id = asked.header.id;
    header.qr = header.rd = header.ra = true;
    if (change) change(header);
    DnsWriter writer{storage, header, wire::DnsCompression::on};
    writer.question(asked.question);
    fill(writer);
    return wire::to_buffer(writer.written());
  }

  static Fill address_of(const Asked& asked, const IpAddress& address = kAddress) {
    return [name = asked.question.name, address](DnsWriter& writer) {
      writer.address(DnsSection::answer, name, 60, address);
    };
  }

  static Buffer code_for(const Asked& asked, wire::DnsRcode rcode) {
    return response_to(
        asked, [](DnsWriter&) {}, [rcode](wire::DnsHeader& header) { header.rcode = rcode; });
  }

  std::optional<DropReason> deliver(const Asked& asked, const Buffer& response) {
    return resolver().on_datagram(now_, asked.datagram.to, asked.datagram.src_port, response);
  }

  // Lets time pass up to the next deadline; false if there is none.
  bool wait() {
    const auto deadline = resolver().next_deadline();
    if (!deadline) return false;
    EXPECT_GE(*deadline, now_);
    now_ = *deadline;
    resolver().on_deadline(now_);
    return true;
  }

  // The error of a look-up that is over.
  DnsError error_of(QueryId id) {
    const auto result = resolver().take(id);
    EXPECT_TRUE(result.has_value());
    EXPECT_FALSE(result && result->ok());
    return result && !*result ? result->error() : DnsError{255};
  }

  void expect_address(QueryId id, const IpAddress& address = kAddress) {
    const auto result = resolver().take(id);
    ASSERT_TRUE(result.has_value());
    ASSERT_TRUE(result->ok()) << name_of(result->error());
    ASSERT_EQ((*result)->addresses.size(), 1u);
    EXPECT_EQ((*result)->addresses[0], address);
  }

  ResolverConfig config_;
  std::uint64_t seed_ = 1;
  Instant now_ = instant_at(0) + 100s;

 private:
  std::optional<Resolver> resolver_;
};

}  // namespace packetwright::dns::testing_support
