// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/group_membership.hh"

#include <algorithm>
#include <utility>

#include "stack/wire/multicast.hh"

namespace packetwright::ip {
namespace {

using wire::GroupMessageView;
using wire::GroupRecord;
using wire::GroupRecordType;

// RFC 3376, 8.3: the time within which hosts answer, if the query does not say.
constexpr Duration kQueryResponse = 10s;

//= RFC3376-5-a
//= RFC3810-6-a
// Groups that every host is in, or that end at the host: RFC 3376, 6 and RFC 3810, 6.
bool is_spoken_of(const IpAddress& group) noexcept {
  if (group.is_v4()) return group != IpAddress::v4(224, 0, 0, 1);
  constexpr std::uint8_t kLinkLocal = 2;
  return group != wire::kAllNodes && (group.octets()[1] & 0x0f) >= kLinkLocal;
}

// Whoever calls this for MLD has looked at the type of ICMPv6.
bool is_known(wire::IgmpType type) noexcept {
  switch (type) {
    case wire::IgmpType::query:
    case wire::IgmpType::report_v1:
    case wire::IgmpType::report_v2:
    case wire::IgmpType::leave:
    case wire::IgmpType::report_v3: return true;
  }
  return false;
}

bool is_due(const std::optional<Instant>& at, Instant now) noexcept {
  return at && *at <= now;
}

}  // namespace

GroupMembership::Group* GroupMembership::find(const IpAddress& group) noexcept {
  for (Group& known : groups_) {
    if (known.group == group) return &known;
  }
  return nullptr;
}

// A random time that is not zero, so that hosts that are asked at the same time do not answer at
// the same time.
Duration GroupMembership::within(Duration most) {
  const auto ticks = static_cast<std::uint64_t>(std::max<std::int64_t>(most.count(), 1));
  return Duration{static_cast<std::int64_t>(rng_.below(ticks)) + 1};
}

// --- what changes here: RFC 3376, 5.1; RFC 2236, 3

void GroupMembership::join(Instant now, const IpAddress& group, bool quietly) {
  if (!config_.report || !is_spoken_of(group)) return;
  Group* known = find(group);
  if (known == nullptr) {
    known = &groups_.emplace_back();
    known->group = group;
  }
  known->listened_to = true;
  known->tell = 0;
  known->tell_at.reset();
  if (quietly) return;
  known->tell = std::max<std::uint8_t>(robustness_, 1);
  tell_change(now, *known);
}

void GroupMembership::leave(Instant now, const IpAddress& group) {
  Group* known = find(group);
  if (known == nullptr) return;
  known->listened_to = false;
  known->answer_at.reset();
  known->tell = std::max<std::uint8_t>(robustness_, 1);
  if (version_ < 3) {
    //= RFC2236-3-b
    // Said once, and only by the one whom routers heard last.
    if (version_ == 2 && known->spoke_last) send_old(*known, true);
    known->tell = 0;
  } else {
    tell_change(now, *known);
  }
  std::erase_if(groups_, [](const Group& g) { return !g.listened_to && g.tell == 0; });
}

//= RFC3376-5.1-a
//= RFC3810-6.1-a
// Tells it once, and decides when it is told again.
void GroupMembership::tell_change(Instant now, Group& group) {
  --group.tell;
  if (version_ < 3) {
    send_old(group, false);
  } else {
    const auto type = group.listened_to ? GroupRecordType::to_exclude : GroupRecordType::to_include;
    std::vector<GroupRecord> records{{type, group.group}};
    send(records);
  }
  group.tell_at.reset();
  if (group.tell == 0) return;
  group.tell_at = now + within(version_ < 3 ? config_.unsolicited_old : config_.unsolicited);
}

// --- what routers and other hosts say

std::optional<DropReason> GroupMembership::on_message(Instant now, Bytes message) {
  const auto parsed = GroupMessageView::parse(family_, message);
  if (!parsed) return DropReason::group_malformed;
  if (!config_.report) return DropReason::group_switched_off;
  if (parsed->is_query()) {
    on_query(now, *parsed);
    return std::nullopt;
  }
  if (family_ == Family::ipv4 && !is_known(parsed->igmp_type())) {
    return DropReason::group_unknown_type;
  }
  //= RFC2236-3-a
  // In the older versions one host speaks for all (RFC 2236, 3). What hosts say in the last one,
  // and that they have left, is for routers.
  const bool is_old_report = family_ == Family::ipv4
                                 ? parsed->igmp_type() == wire::IgmpType::report_v1 ||
                                       parsed->igmp_type() == wire::IgmpType::report_v2
                                 : parsed->mld_type() == wire::Icmpv6Type::mld_report;
  Group* group = is_old_report && version_ < 3 ? find(parsed->group()) : nullptr;
  if (group == nullptr) return DropReason::group_not_asked_for;
  group->spoke_last = false;
  group->answer_at.reset();
  group->tell_at.reset();
  group->tell = 0;
  return std::nullopt;
}

//= RFC3376-5.2-a
//= RFC3810-6.2-b
void GroupMembership::on_query(Instant now, const GroupMessageView& query) {
  follow_version(now, query);
  // A code of zero asks for an answer at once.
  const Duration most = query.max_response();
  const Instant at = most == Duration{0} ? now : now + within(most);
  const IpAddress asked = query.group();
  if (!asked.is_unspecified()) {
    Group* group = find(asked);
    if (group != nullptr && group->listened_to) ask(at, *group, query);
    return;
  }
  if (version_ < 3) {
    for (Group& group : groups_) {
      const Instant own = most == Duration{0} ? now : now + within(most);
      ask(own, group, query);
    }
    return;
  }
  // What is about to be said anyway is not said twice.
  if (!answer_all_at_ || at < *answer_all_at_) answer_all_at_ = at;
}

void GroupMembership::ask(Instant at, Group& group, const GroupMessageView& query) {
  if (version_ == 3 && answer_all_at_ && *answer_all_at_ <= at) return;
  const bool whole = query.source_count() == 0 ||
                     query.source_count() > config_.max_asked_sources ||
                     (group.answer_at && group.asked.empty());
  if (whole) {
    group.asked.clear();
  } else {
    for (std::size_t i = 0; i < query.source_count(); ++i) {
      const IpAddress source = query.source(i);
      const bool is_new =
          std::find(group.asked.begin(), group.asked.end(), source) == group.asked.end();
      if (is_new) group.asked.push_back(source);
    }
    // Whoever asks for so many is told of the group.
    if (group.asked.size() > config_.max_asked_sources) group.asked.clear();
  }
  group.answer_at = group.answer_at ? std::min(*group.answer_at, at) : at;
}

//= RFC3376-7.2.1-a
//= RFC3810-8.2.1-a
// RFC 3376, 7.2.1, and 4.1.6 for what a router says of the rest.
void GroupMembership::follow_version(Instant now, const GroupMessageView& query) {
  if (query.version() == 3) {
    if (query.robustness() != 0) robustness_ = query.robustness();
    if (query.query_interval() != Duration{0}) config_.query_interval = query.query_interval();
  } else {
    const Instant until = now + robustness_ * config_.query_interval + kQueryResponse;
    (query.version() == 1 ? version_1_until_ : version_2_until_) = until;
  }
  set_version(now);
}

void GroupMembership::set_version(Instant now) {
  if (version_1_until_ && *version_1_until_ <= now) version_1_until_.reset();
  if (version_2_until_ && *version_2_until_ <= now) version_2_until_.reset();
  const std::uint8_t version = version_1_until_ ? 1 : version_2_until_ ? 2 : 3;
  if (version == version_) return;
  version_ = version;
  // Answers of the one kind are of no use to a router of the other.
  answer_all_at_.reset();
  for (Group& group : groups_) {
    group.answer_at.reset();
    group.tell_at.reset();
    group.tell = 0;
  }
  std::erase_if(groups_, [](const Group& group) { return !group.listened_to; });
}

// --- time

void GroupMembership::on_deadline(Instant now) {
  set_version(now);
  if (is_due(answer_all_at_, now)) answer_all();
  for (Group& group : groups_) {
    if (is_due(group.answer_at, now)) answer(group);
    if (is_due(group.tell_at, now)) tell_change(now, group);
  }
  std::erase_if(groups_, [](const Group& group) { return !group.listened_to && group.tell == 0; });
}

Deadline GroupMembership::next_deadline() const noexcept {
  Deadline first = answer_all_at_;
  first.consider(version_1_until_);
  first.consider(version_2_until_);
  for (const Group& group : groups_) {
    first.consider(group.answer_at);
    first.consider(group.tell_at);
  }
  return first;
}

std::optional<GroupAnnouncement> GroupMembership::next_announcement() {
  if (announcements_.empty()) return std::nullopt;
  GroupAnnouncement next = std::move(announcements_.front());
  announcements_.pop_front();
  return next;
}

// --- what is said

void GroupMembership::answer_all() {
  answer_all_at_.reset();
  std::vector<GroupRecord> records;
  for (const Group& group : groups_) {
    if (group.listened_to) records.push_back({GroupRecordType::is_exclude, group.group});
  }
  send(records);
}

void GroupMembership::answer(Group& group) {
  group.answer_at.reset();
  const std::vector<IpAddress> asked = std::exchange(group.asked, {});
  if (version_ < 3) return send_old(group, false);
  std::vector<GroupRecord> records;
  if (asked.empty()) {
    records.push_back({GroupRecordType::is_exclude, group.group});
  } else {
    records.push_back({GroupRecordType::is_include, group.group, asked});
  }
  send(records);
}

void GroupMembership::send_old(Group& group, bool left) {
  IpAddress destination = group.group;
  if (left) destination = family_ == Family::ipv4 ? wire::kAllRoutersV4 : wire::kAllRouters;
  announcements_.push_back(
      {destination, wire::encode_old_group_report(group.group, version_, left)});
  group.spoke_last = !left;
}

void GroupMembership::send(std::vector<GroupRecord>& records) {
  // As many as fit the smallest MTU of IPv6, whichever family it is.
  constexpr std::size_t kMost = 48;
  //= RFC3376-4.2.14-a
  //= RFC3810-5.2.14-a
  const IpAddress& to = family_ == Family::ipv4 ? wire::kReportsV4 : wire::kReportsV6;
  for (std::size_t at = 0; at < records.size(); at += kMost) {
    const std::size_t count = std::min(kMost, records.size() - at);
    announcements_.push_back(
        {to, wire::encode_group_report(family_, std::span{records}.subspan(at, count))});
  }
}

}  // namespace packetwright::ip
