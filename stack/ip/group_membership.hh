// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/wire/group_message.hh"

namespace packetwright::ip {

struct GroupConfig {
  bool report = true;                  // tell routers at all which groups are listened to
  std::uint8_t robustness = 2;         // how often a change is told, until a router says otherwise
  Duration unsolicited = 1s;           // RFC 3376, 8.11: a repetition follows within this time,
  Duration unsolicited_old = 10s;      //   and in the older versions (RFC 2236, 8.10)
  Duration query_interval = 125s;      // RFC 3376, 8.2
  std::size_t max_asked_sources = 64;  // of a query; those who ask for more hear of the whole group
};

// What is to be sent: an IGMP or MLD message without its IP header. That of MLD lacks its checksum.
struct GroupAnnouncement {
  IpAddress destination;
  Buffer message;
};

// What a host of one family tells the routers of its link about the groups that it listens to: the
// host's part of IGMP (RFC 2236, RFC 3376) or MLD (RFC 2710, RFC 3810). Sources are not filtered:
// the host wants a group from everybody, or not at all.
class GroupMembership {
 public:
  GroupMembership(Family family, const GroupConfig& config, Rng rng)
      : family_(family), config_(config), rng_(rng), robustness_(config.robustness) {}

  // The first one on this host listens to `group`, or the last one has stopped to. `quietly`:
  // nobody is told before a router asks. All-hosts and all-nodes groups are never spoken of.
  void join(Instant now, const IpAddress& group, bool quietly = false);
  void leave(Instant now, const IpAddress& group);

  // A message of the link whose checksum was right. Says why it had no effect, if it had none.
  std::optional<DropReason> on_message(Instant now, Bytes message);
  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  // Drain it after every call above.
  [[nodiscard]] std::optional<GroupAnnouncement> next_announcement();

  // The version that routers understand: 3, or less for a while after an older query (RFC
  // 3376, 7.2; RFC 3810, 8.2). MLD 1 and 2 count as 2 and 3.
  [[nodiscard]] std::uint8_t version() const noexcept { return version_; }

 private:
  struct Group {
    IpAddress group;
    bool listened_to = true;       // false: only its end is still to be told
    std::uint8_t tell = 0;         // so often more
    Deadline tell_at;              // ... and then
    Deadline answer_at;            // somebody has asked
    std::vector<IpAddress> asked;  // ... for these sources; none: for the group
    bool spoke_last = false;       // RFC 2236, 3: nobody else has reported it since
  };

  [[nodiscard]] Group* find(const IpAddress& group) noexcept;
  [[nodiscard]] Duration within(Duration most);
  void on_query(Instant now, const wire::GroupMessageView& query);
  void follow_version(Instant now, const wire::GroupMessageView& query);
  void set_version(Instant now);
  void ask(Instant at, Group& group, const wire::GroupMessageView& query);
  void tell_change(Instant now, Group& group);
  void answer_all();
  void answer(Group& group);
  void send_old(Group& group, bool left);
  void send(std::vector<wire::GroupRecord>& records);

  Family family_;
  GroupConfig config_;
  Rng rng_;
  std::uint8_t robustness_;
  std::uint8_t version_ = 3;
  // Until when a router of version 1 or 2 is taken to be there.
  Deadline version_1_until_, version_2_until_;
  Deadline answer_all_at_;
  std::vector<Group> groups_;
  std::deque<GroupAnnouncement> announcements_;
};

}  // namespace packetwright::ip
