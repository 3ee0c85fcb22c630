// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/dns.hh"

using namespace packetwright;
using wire::DnsType;

namespace {

bool may_be_compressed(DnsType type) {
  return type == DnsType::cname || type == DnsType::ns || type == DnsType::ptr ||
         type == DnsType::mx || type == DnsType::soa;
}

// Writes a record as its typed reader understood it, or as it is if there is no such reader. False
// for one that was copied although there may be pointers in it: they mean nothing elsewhere.
bool write_again(const wire::DnsRecord& record, wire::DnsWriter& out) {
  const bool internet = record.cls == wire::DnsClass::in;
  if (const auto target = record.target(); target && internet) {
    out.target(record.section, record.owner, record.type, record.ttl_s, *target);
  } else if (const auto mx = record.mx(); mx && internet) {
    out.mx(record.section, record.owner, record.ttl_s, *mx);
  } else if (const auto soa = record.soa(); soa && internet) {
    out.soa(record.section, record.owner, record.ttl_s, *soa);
  } else {
    if (const auto txt = record.txt()) {
      for (std::size_t i = 0; i < txt->count(); ++i) fuzz::touch(txt->string(i));
    }
    if (const auto opt = record.opt()) fuzz::touch(opt->options);
    out.record(record.section, record.owner, record.type, record.cls, record.ttl_s, record.rdata);
    return !may_be_compressed(record.type);
  }
  return true;
}

// A copy of the message, or an empty buffer if it is malformed, does not fit or cannot be copied.
Buffer written_again(const wire::DnsView& view, wire::DnsCompression compression) {
  Buffer storage(65'535);
  wire::DnsWriter out{storage, view.header(), compression};
  wire::DnsWalk walk{view};
  while (const auto question = walk.next_question()) {
    if (!*question) return {};
    fuzz::touch(to_string((*question)->name));
    out.question(**question);
  }
  while (const auto record = walk.next_record()) {
    if (!*record) return {};
    if (!write_again(**record, out)) return {};
  }
  if (out.overflowed()) return {};
  return {out.written().begin(), out.written().end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto view = wire::DnsView::parse(input.octets());
  if (!view) {
    fuzz::check_error(view.error());
    return 0;
  }
  fuzz::check_emits(view->header(), input.octets());
  if (const auto verdict = view->check(); !verdict) fuzz::check_error(verdict.error());

  // Spelt out, a message says the same as compressed; compressed once more, it is the same again.
  const Buffer plain = written_again(*view, wire::DnsCompression::off);
  if (plain.empty()) return 0;
  const auto plain_view = wire::DnsView::parse(plain);
  const Buffer small = written_again(*plain_view, wire::DnsCompression::on);
  const auto small_view = wire::DnsView::parse(small);
  PW_ASSERT(small_view.ok() && small.size() <= plain.size());
  PW_ASSERT(small_view->header() == plain_view->header());
  PW_ASSERT(written_again(*small_view, wire::DnsCompression::off) == plain);
  PW_ASSERT(view->check().ok() == small_view->check().ok());
  return 0;
}
