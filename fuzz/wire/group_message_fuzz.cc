// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/group_message.hh"

using namespace packetwright;

namespace {

void check_query(const wire::GroupMessageView& query) {
  PW_ASSERT(query.version() >= 1 && query.version() <= 3);
  PW_ASSERT(query.max_response() >= Duration{0} && query.query_interval() >= Duration{0});
  PW_ASSERT(query.robustness() < 8);
  if (query.version() < 3) PW_ASSERT(query.source_count() == 0);
  for (std::size_t i = 0; i < query.source_count(); ++i) fuzz::touch(query.source(i));
}

// What a host says of a group in the old form is read as that group.
void check_old_report(const IpAddress& group, bool left) {
  const Buffer report = wire::encode_old_group_report(group, 2, left);
  const fuzz::ExactBuffer exact{Bytes{report}};
  const auto view = wire::GroupMessageView::parse(group.family(), exact.octets());
  PW_ASSERT(view.ok() && !view->is_query() && view->group() == group);
}

}  // namespace

// The first octet says whether it is IGMP or MLD.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput input{Bytes{data, size}};
  const Family family = input.flag() ? Family::ipv6 : Family::ipv4;
  const fuzz::ExactBuffer message{input.take_rest()};
  const auto view = wire::GroupMessageView::parse(family, message.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  if (view->is_query()) check_query(*view);
  const bool has_group = family == Family::ipv4
                             ? view->igmp_type() != wire::IgmpType::report_v3
                             : view->mld_type() != wire::Icmpv6Type::mld_report_v2;
  if (!has_group) return 0;
  check_old_report(view->group(), false);
  check_old_report(view->group(), true);
  return 0;
}
