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

struct Records {
  std::vector<DnsRecord> answers;
  bool has_soa = false;       // in the authority section
  bool has_referral = false;  // NS there
};

Records gather(const wire::DnsView& response) {
  Records records;
  wire::DnsWalk walk{response};
  while (const auto item = walk.next_record()) {
    if (!*item) break;  // the caller has checked; nothing comes after an error
    const DnsRecord& record = **item;
    if (record.cls != DnsClass::in) continue;
    if (record.section == DnsSection::answer) records.answers.push_back(record);
    if (record.section == DnsSection::authority) {
      records.has_soa = records.has_soa || record.type == DnsType::soa;
      records.has_referral = records.has_referral || record.type == DnsType::ns;
    }
  }
  return records;
}

//= RFC2181-8-a
// A TTL with the highest bit set counts as zero.
std::uint32_t effective_ttl(const DnsRecord& record) noexcept {
  return (record.ttl_s & 0x80000000) != 0 ? 0 : record.ttl_s;
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

Meaning understand(const wire::DnsView& response, const Question& question, const Alias& earlier,
                   const Limits& limits) {
  //= RFC1035-4.1.1-d
  const wire::DnsRcode rcode = response.header().rcode;
  if (rcode == wire::DnsRcode::nxdomain) return Negative{DnsError::not_found};
  //= RFC1035-7.2-a
  if (rcode != wire::DnsRcode::noerror) return UselessServer{};

  const Records records = gather(response);
  Path path{records, question, earlier, limits};
  for (;;) {
    if (auto answer = path.results()) return Found{std::move(*answer)};
    //= RFC1035-7.1-a
    // The count covers all responses, so that circles end, too.
    if (!path.step()) break;
    if (path.here().aliases > limits.max_aliases) return Negative{DnsError::too_many_aliases};
  }
  // RFC 2308, 2.2: with a SOA record, or with nothing at all, there is nothing of this type. The
  // name server records alone are a referral, which is for servers and not for us.
  if (records.has_soa) return Negative{DnsError::no_data};
  if (path.has_moved()) return path.here();
  if (records.has_referral) return UselessServer{};
  return Negative{DnsError::no_data};
}

}  // namespace packetwright::dns
