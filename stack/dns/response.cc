// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/response.hh"

#include <algorithm>
#include <optional>
#include <vector>

namespace packetwright::dns {
namespace {

using wire::DnsClass;
using wire::DnsRecord;
using wire::DnsSection;
using wire::DnsType;

//= RFC2181-8-a
// A TTL with the highest bit set counts as zero.
std::uint32_t effective_ttl(const DnsRecord& record) noexcept {
  return (record.ttl_s & 0x80000000) != 0 ? 0 : record.ttl_s;
}

struct Records {
  std::vector<DnsRecord> answers;
  std::optional<std::uint32_t> soa_ttl_s;  // of SOA in the authority section: how long "none" holds
  bool has_referral = false;               // NS there
  std::optional<wire::DnsOpt> opt;
};

Records gather(const wire::DnsView& response) {
  Records records;
  wire::DnsWalk walk{response};
  while (const auto item = walk.next_record()) {
    if (!*item) break;  // the caller has checked; nothing comes after an error
    const DnsRecord& record = **item;
    if (record.type == DnsType::opt) {  // its class is a size
      if (const auto opt = record.opt()) records.opt = *opt;
      continue;
    }
    if (record.cls != DnsClass::in) continue;
    if (record.section == DnsSection::answer) records.answers.push_back(record);
    if (record.section == DnsSection::authority) {
      //= RFC2308-5-a
      if (const auto soa = record.soa()) {
        records.soa_ttl_s = std::min(effective_ttl(record), soa->minimum_s);
      }
      records.has_referral = records.has_referral || record.type == DnsType::ns;
    }
  }
  return records;
}

// RFC 6891, 6.1.3: the OPT record has the upper eight bits of a response code.
constexpr unsigned kNoError = 0, kFormErr = 1, kNxDomain = 3, kNotImp = 4, kBadVers = 16;

unsigned response_code(const wire::DnsView& response, const Records& records) noexcept {
  const unsigned lower = static_cast<unsigned>(response.header().rcode);
  return lower | (records.opt ? unsigned{records.opt->extended_rcode} << 4 : 0u);
}

//= RFC6891-6.2.2-a
// A server that knows EDNS puts OPT into its answers; one that does not calls the question
// malformed. To ask a version that it knows would be to ask without, as ours is the lowest.
bool complains_of_opt(unsigned rcode, const Records& records) noexcept {
  return rcode == kBadVers || (!records.opt && (rcode == kFormErr || rcode == kNotImp));
}

// Adds what a record of the right type says.
void add_result(const DnsRecord& record, const Limits& limits, Answer& answer) {
  //= RFC2181-5.2-a
  answer.ttl_s = std::min(answer.ttl_s, effective_ttl(record));
  if (const auto address = record.address();
      address && answer.addresses.size() < limits.max_results) {
    answer.addresses.push_back(*address);
  }
  if (record.type != DnsType::ptr) return;
  if (const auto target = record.target(); target && answer.names.size() < limits.max_results) {
    answer.names.push_back(*target);
  }
}

// The answer section, read as a path from one name to the next.
class Path {
 public:
  Path(const Records& records, const Question& question, const Alias& earlier,
       const Limits& limits) noexcept
      : records_(records), question_(question), limits_(limits), here_(earlier) {
    here_.name = question.name;
  }

  [[nodiscard]] const Alias& here() const noexcept { return here_; }
  [[nodiscard]] bool has_moved() const noexcept { return has_moved_; }

  // Results at the current name, or nothing.
  [[nodiscard]] std::optional<Answer> results() const {
    Answer answer;
    answer.canonical_name = here_.name;
    answer.ttl_s = here_.ttl_s;
    for (const DnsRecord& record : records_.answers) {
      //= RFC1035-7.4-a
      if (record.type != question_.type || !same_name(record.owner, here_.name)) continue;
      add_result(record, limits_, answer);
    }
    if (answer.addresses.empty() && answer.names.empty()) return std::nullopt;
    return answer;
  }

  // On to the name that the current one is an alias of; false if it is none.
  [[nodiscard]] bool step() {
    for (const DnsRecord& record : records_.answers) {
      if (record.type != DnsType::cname || !same_name(record.owner, here_.name)) continue;
      const auto target = record.target();
      if (!target) continue;
      here_ = Alias{*target, here_.aliases + 1, std::min(here_.ttl_s, effective_ttl(record))};
      has_moved_ = true;
      return true;
    }
    return false;
  }

 private:
  const Records& records_;
  const Question& question_;
  const Limits& limits_;
  Alias here_;
  bool has_moved_ = false;
};

}  // namespace

bool has_sound_opt(const wire::DnsView& response) {
  std::size_t count = 0;
  wire::DnsWalk walk{response};
  while (const auto item = walk.next_record()) {
    if (!*item) return false;
    const DnsRecord& record = **item;
    if (record.type != DnsType::opt) continue;
    //= RFC6891-6.1.1-a
    //= RFC6891-6.1.2-a
    ++count;
    if (record.section != DnsSection::additional || !record.owner.is_root()) return false;
  }
  return count <= 1;
}

Meaning understand(const wire::DnsView& response, const Question& question, const Alias& earlier,
                   const Limits& limits, bool asked_with_opt) {
  const Records records = gather(response);
  //= RFC1035-4.1.1-d
  const unsigned rcode = response_code(response, records);
  if (asked_with_opt && complains_of_opt(rcode, records)) return NoEdns{};
  //= RFC1035-7.2-a
  if (rcode != kNoError && rcode != kNxDomain) return UselessServer{};

  Path path{records, question, earlier, limits};
  // What there is not holds no longer than the aliases that led there.
  const auto negative = [&](DnsError error) {
    Negative result{error, records.soa_ttl_s};
    if (result.ttl_s) result.ttl_s = std::min(*result.ttl_s, path.here().ttl_s);
    return result;
  };
  if (rcode == kNxDomain) {
    //= RFC2308-2.1-a
    // It is the name at the end of the aliases that does not exist.
    while (path.here().aliases <= limits.max_aliases && path.step()) {
    }
    return negative(DnsError::not_found);
  }
  for (;;) {
    if (auto answer = path.results()) return Found{std::move(*answer)};
    //= RFC1035-7.1-a
    // The count covers all responses, so that circles end, too.
    if (!path.step()) break;
    if (path.here().aliases > limits.max_aliases) {
      return Negative{DnsError::too_many_aliases, std::nullopt};
    }
  }
  //= RFC2308-2.2-a
  // With a SOA record, or with nothing at all, there is nothing of this type. The name server
  // records alone are a referral, which is for servers and not for us.
  if (records.soa_ttl_s) return negative(DnsError::no_data);
  if (path.has_moved()) return path.here();
  if (records.has_referral) return UselessServer{};
  return negative(DnsError::no_data);
}

}  // namespace packetwright::dns
