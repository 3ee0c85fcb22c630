// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/message_check.hh"

#include <algorithm>
#include <string>
#include <string_view>

#include "harness/engine/evaluate.hh"
#include "harness/packet/text.hh"
#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

using targets::Value;

Value value_or_nothing(const Value* found) {
  if (found == nullptr) return {Value::Omitted{}};
  return *found;
}

const Value* member_of(const Value& value, std::string_view name) {
  const auto* record = std::get_if<Value::Struct>(&value.is);
  if (record == nullptr) return nullptr;
  for (const auto& [own, member] : record->members) {
    if (own == name) return &member;
  }
  return nullptr;
}

std::int64_t number_of(const Value* value) {
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(&value->is);
  return number == nullptr ? 0 : *number;
}

class MessageCheck {
 public:
  MessageCheck(targets::PosixCalls* posix, const StampCheck& near_enough)
      : posix_(posix), near_enough_(near_enough) {}

  std::vector<FieldDifference> compare(const script::Struct& want, const Value& got) {
    if (const script::Expression* flags = want.find("msg_flags")) {
      compare_flags(*flags, number_of(member_of(got, "msg_flags")));
    }
    const Value control = value_or_nothing(member_of(got, "msg_control"));
    const auto* items = std::get_if<Value::Array>(&control.is);
    static const std::vector<Value> kNone;
    compare_control(want.find("msg_control"), items == nullptr ? kNone : items->elements);
    return std::move(fields_);
  }

 private:
  void differ(std::string name, std::string want, std::string got) {
    fields_.push_back({std::move(name), std::move(want), std::move(got)});
  }

  void compare_flags(const script::Expression& want, std::int64_t got) {
    const auto flags = integer_of(want, posix_);
    if (flags.ok() && *flags == got) return;
    differ("msg_flags", script::print_expression(want),
           packet::hex_number(static_cast<std::uint64_t>(got)));
  }

  void compare_control(const script::Expression* want, const std::vector<Value>& got) {
    const auto* wanted = want == nullptr ? nullptr : want->as<script::Array>();
    const std::size_t count = wanted == nullptr ? 0 : wanted->elements.size();
    if (want != nullptr && is_ellipsis(*want)) return;
    for (std::size_t i = 0; i < std::max(count, got.size()); ++i) {
      const std::string name = "control message " + std::to_string(i + 1);
      if (i >= count) {
        differ(name, "none", value_text(got[i]));
      } else if (i >= got.size()) {
        differ(name, script::print_expression(wanted->elements[i]), "none");
      } else {
        compare_item(name, wanted->elements[i], got[i]);
      }
    }
  }

  void compare_item(const std::string& name, const script::Expression& want, const Value& got) {
    const auto* record = want.as<script::Struct>();
    if (record == nullptr) return differ(name, script::print_expression(want), value_text(got));
    for (const script::Member& member : record->members) {
      const Value* actual = member_of(got, member.name);
      if (actual != nullptr && same(member.value, *actual)) continue;
      differ(name + ": " + member.name, script::print_expression(member.value),
             actual == nullptr ? "none" : value_text(*actual));
    }
  }

  bool same(const script::Expression& want, const Value& got) {
    const auto* record = want.as<script::Struct>();
    if (record == nullptr) return same_value(want, got, posix_);
    if (record->kind == script::StructKind::scm_timestamps) return same_stamp(*record, got);
    if (record->kind == script::StructKind::list) return same_statistics(*record, got);
    return same_value(want, got, posix_);
  }

  bool same_stamp(const script::Struct& want, const Value& got) {
    const script::Expression* seconds = want.find("scm_sec");
    const script::Expression* rest = want.find("scm_nsec");
    if (seconds == nullptr || rest == nullptr) return false;
    const Duration script = std::chrono::seconds{integer_of(*seconds, posix_).value_or(0)} +
                            Duration{integer_of(*rest, posix_).value_or(0)};
    if (script == Duration{0}) return true;
    const Duration target = std::chrono::seconds{number_of(member_of(got, "scm_sec"))} +
                            Duration{number_of(member_of(got, "scm_nsec"))};
    return near_enough_(script, Instant{target});
  }

  // {TCP_NLA_BUSY=1000, ...}: all of them, in their order.
  bool same_statistics(const script::Struct& want, const Value& got) {
    const auto* actual = std::get_if<Value::Struct>(&got.is);
    if (actual == nullptr || actual->members.size() != want.members.size()) return false;
    for (std::size_t i = 0; i < want.members.size(); ++i) {
      const auto* statistic = want.members[i].value.as<script::Assignment>();
      if (statistic == nullptr || posix_ == nullptr) return false;
      const auto type = posix_->symbol(statistic->name);
      const auto value = integer_of(statistic->value.front(), posix_);
      const auto& [name, number] = actual->members[i];
      if (!type.ok() || !value.ok() || name != std::to_string(*type)) return false;
      if (*value != -1 && *value != number_of(&number)) return false;
    }
    return true;
  }

  targets::PosixCalls* posix_;
  const StampCheck& near_enough_;
  std::vector<FieldDifference> fields_;
};

}  // namespace

std::vector<FieldDifference> compare_message(const script::Expression& want,
                                             const targets::Value& got, targets::PosixCalls* posix,
                                             const StampCheck& near_enough) {
  const auto* message = want.as<script::Struct>();
  if (message == nullptr) return {};
  return MessageCheck(posix, near_enough).compare(*message, got);
}

}  // namespace packetwright::engine
