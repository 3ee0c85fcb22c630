// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "stack/dns/answer.hh"
#include "stack/wire/dns.hh"

namespace packetwright::dns {

// What a response means for the question it answers.
struct Found {
  Answer answer;
};
// Hard: this is the answer, and there is none.
struct Negative {
  DnsError error = DnsError::no_data;
  // How long that holds (RFC 2308, 5); nullopt: the response does not say, so for this once only.
  std::optional<std::uint32_t> ttl_s;
};
// The aliases end in a name of which the response says nothing: ask for that one.
struct Alias {
  wire::DnsName name;
  std::size_t aliases = 0;  // so far, those of earlier responses included
  std::uint32_t ttl_s = 0;  // the lowest so far
};
// This server is of no use for this question: try another one.
struct UselessServer {};
// The server did not understand the OPT record: ask it again without (RFC 6891, 6.2.2).
struct NoEdns {};

using Meaning = std::variant<Found, Negative, Alias, UselessServer, NoEdns>;

struct Question {
  wire::DnsName name;
  wire::DnsType type = wire::DnsType::a;  // a, aaaa or ptr
};

struct Limits {
  std::size_t max_aliases = 0;
  std::size_t max_results = 0;
};

// Whether the OPT records of a response are as RFC 6891, 6.1.1 wants them: at most one, of the
// root. `response` is well-formed in everything else.
[[nodiscard]] bool has_sound_opt(const wire::DnsView& response);

// Reads a response that has been matched to `question` and found well-formed, OPT included. Follows
// aliases from the name asked for through the answer section, and uses no record beside that path.
// `earlier` has what former responses to the same look-up came to. `asked_with_opt`: the question
// had an OPT record.
[[nodiscard]] Meaning understand(const wire::DnsView& response, const Question& question,
                                 const Alias& earlier, const Limits& limits, bool asked_with_opt);

}  // namespace packetwright::dns
