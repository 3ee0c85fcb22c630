// SPDX-License-Identifier: Apache-2.0
// Calls on descriptors of any kind: waiting for several, pipes, moving octets between them.
#include <algorithm>
#include <array>
#include <memory>

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/targets/linux/arguments.hh"
#include "harness/targets/linux/prepared_call.hh"

namespace packetwright::linux_stack {
namespace {

using Prepared = Result<PreparedCall, std::string>;
using Values = std::vector<Value>;

// Of this thread, which makes the calls of scripts that do not block.
std::int64_t change_capability(unsigned capability, bool on) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return -1;
  const std::uint32_t bit = std::uint32_t{1} << (capability % 32);
  std::uint32_t& effective = sets[capability / 32].effective;
  effective = on ? effective | bit : effective & ~bit;
  return syscall(SYS_capset, &header, sets.data());
}

Prepared poll_call(const Values& values) {
  Arguments arguments{values, "poll([{fd, events, revents}, ...], count, timeout)", 3, 3};
  const auto* array = std::get_if<Value::Array>(&arguments.at(0).is);
  if (array == nullptr) arguments.fail("an array is wanted here");
  const auto polled = std::make_shared<std::vector<pollfd>>();
  if (array != nullptr) {
    for (const Value& one : array->elements) {
      const int fd = static_cast<int>(arguments.member(one, "fd", 0, -1));
      arguments.touches(fd);
      polled->push_back({fd, static_cast<short>(arguments.member(one, "events", 1, 0)), 0});
    }
  }
  const std::size_t count = arguments.length(1);
  const int timeout = arguments.small(2);
  if (arguments.ok() && count > polled->size()) arguments.fail("count is more than there are");
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.poll(polled->data(), count, timeout); };
  call.written = [=](std::int64_t) {
    Values written(3, omitted());
    Value::Array all;
    for (const pollfd& one : *polled) {
      Value::Struct record;
      // The descriptor is not told: its number here is not the script's.
      record.members = {
          {"fd", omitted()}, {"events", number(one.events)}, {"revents", number(one.revents)}};
      all.elements.push_back({std::move(record)});
    }
    written[0] = {std::move(all)};
    return written;
  };
  call.may_block = timeout != 0;
  return call;
}

Prepared epoll_create_call(const Values& values) {
  Arguments arguments{values, "epoll_create(size)", 1, 1};
  const int size = arguments.small(0);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.epoll_create(size); };
  call.opens = true;
  return call;
}

// What scripts call the datum of an event.
constexpr std::string_view kData[] = {"fd", "u32", "u64", "ptr"};

Prepared epoll_ctl_call(const Values& values) {
  Arguments arguments{values, "epoll_ctl(epoll, operation, fd, {events, fd})", 4, 4};
  const int epoll = arguments.descriptor(0);
  const int operation = arguments.small(1);
  const int fd = arguments.descriptor(2);
  epoll_event event{};
  event.events = static_cast<std::uint32_t>(arguments.member(arguments.at(3), "events", 0, 0));
  for (const std::string_view name : kData) {
    if (const Value* datum = member_of(arguments.at(3), name, 1)) {
      const auto value = linux_stack::integer_of(*datum);
      if (value) event.data.u64 = static_cast<std::uint64_t>(*value);
    }
  }
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    epoll_event copy = event;
    return system.epoll_ctl(epoll, operation, fd, &copy);
  };
  return call;
}

Value event_as_value(const epoll_event& event) {
  Value::Struct record;
  record.members.emplace_back("events", number(event.events));
  for (const std::string_view name : kData) {
    record.members.emplace_back(std::string{name},
                                number(static_cast<std::int64_t>(event.data.u64)));
  }
  return {std::move(record)};
}

Prepared epoll_wait_call(const Values& values) {
  Arguments arguments{values, "epoll_wait(epoll, {events, fd}, count, timeout)", 4, 4};
  const int epoll = arguments.descriptor(0);
  const bool many = std::holds_alternative<Value::Array>(arguments.at(1).is);
  const std::size_t most = arguments.length(2);
  const int timeout = arguments.small(3);
  if (arguments.ok() && most > 4096) arguments.fail("more than 4096 events");
  if (!arguments.ok()) return Err{arguments.error()};
  const auto events = std::make_shared<std::vector<epoll_event>>(std::max<std::size_t>(most, 1));
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    return system.epoll_wait(epoll, events->data(), static_cast<int>(most), timeout);
  };
  call.written = [=](std::int64_t result) {
    Values written(4, omitted());
    if (many) {
      Value::Array all;
      for (std::int64_t i = 0; i < result; ++i) {
        all.elements.push_back(event_as_value((*events)[static_cast<std::size_t>(i)]));
      }
      written[1] = {std::move(all)};
    } else {
      // packetdrill looks at the first one even where none came: it is zeros then.
      written[1] = event_as_value(result > 0 ? events->front() : epoll_event{});
    }
    return written;
  };
  call.may_block = timeout != 0;
  return call;
}

Prepared pipe_call(const Values& values) {
  Arguments arguments{values, "pipe([reading, writing])", 1, 1};
  if (!arguments.ok()) return Err{arguments.error()};
  const auto ends = std::make_shared<std::array<int, 2>>();
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.pipe(ends->data()); };
  call.written = [=](std::int64_t) {
    Value::Array both;
    both.elements = {number((*ends)[0]), number((*ends)[1])};
    return Values{{std::move(both)}};
  };
  call.opened = [=] { return std::vector<int>{(*ends)[0], (*ends)[1]}; };
  return call;
}

Prepared dup_call(const Values& values) {
  Arguments arguments{values, "dup(fd)", 1, 1};
  const int fd = arguments.descriptor(0);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.fcntl(fd, F_DUPFD_CLOEXEC, 0); };
  call.opens = true;
  return call;
}

Prepared open_call(const Values& values) {
  Arguments arguments{values, "open(\"name\", flags)", 2, 3};
  const auto* name = std::get_if<Value::Text>(&arguments.at(0).is);
  if (name == nullptr) arguments.fail("a file's name is wanted here");
  const int flags = arguments.small(1);
  const int mode = arguments.has(2) ? arguments.small(2) : 0600;
  if (name == nullptr || !arguments.ok()) return Err{arguments.error()};
  const std::string path = name->octets;
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls&) { return ::open(path.c_str(), flags | O_CLOEXEC, mode); };
  call.opens = true;
  return call;
}

Prepared sendfile_call(const Values& values) {
  Arguments arguments{values, "sendfile(out, in, [offset], count)", 4, 4};
  const int out = arguments.descriptor(0);
  const int in = arguments.descriptor(1);
  const off_t from = arguments.is_omitted(2) ? 0 : arguments.pointed(2);
  const std::size_t count = arguments.length(3);
  if (!arguments.ok()) return Err{arguments.error()};
  const auto offset = std::make_shared<off_t>(from);
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls&) { return ::sendfile(out, in, offset.get(), count); };
  call.written = [=](std::int64_t) {
    Values written(4, omitted());
    written[2] = pointed(*offset);
    return written;
  };
  call.may_block = true;
  return call;
}

Prepared splice_call(const Values& values) {
  Arguments arguments{values, "splice(in, NULL, out, NULL, count, flags)", 6, 6};
  const int in = arguments.descriptor(0);
  const int out = arguments.descriptor(2);
  const std::size_t count = arguments.length(4);
  const auto flags = static_cast<unsigned>(arguments.integer(5));
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    return system.splice(in, nullptr, out, nullptr, count, flags);
  };
  call.may_block = true;
  return call;
}

// cap_set(set, capability, value), as the function of libcap that packetdrill calls has them. Only
// the effective set: what is given up for good would be missed by the harness.
Prepared cap_set_call(const Values& values) {
  Arguments arguments{values, "cap_set(CAP_EFFECTIVE, capability, CAP_SET or CAP_CLEAR)", 3, 3};
  const std::int64_t set = arguments.integer(0);
  const std::int64_t capability = arguments.integer(1);
  const std::int64_t value = arguments.integer(2);
  if (arguments.ok() && set != 0) arguments.fail("only CAP_EFFECTIVE can be changed");
  if (arguments.ok() && (capability < 0 || capability > CAP_LAST_CAP)) {
    arguments.fail("no such capability");
  }
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls&) {
    return change_capability(static_cast<unsigned>(capability), value != 0);
  };
  return call;
}

}  // namespace

void restore_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return;
  for (__user_cap_data_struct& one : sets) one.effective = one.permitted;
  static_cast<void>(syscall(SYS_capset, &header, sets.data()));
}

Preparer preparer_of_descriptor_call(std::string_view call) {
  static constexpr std::pair<std::string_view, Preparer> kCalls[] = {
      {"cap_set", cap_set_call},
      {"poll", poll_call},
      {"epoll_create", epoll_create_call},
      {"epoll_ctl", epoll_ctl_call},
      {"epoll_wait", epoll_wait_call},
      {"pipe", pipe_call},
      {"dup", dup_call},
      {"open", open_call},
      {"sendfile", sendfile_call},
      {"splice", splice_call},
  };
  for (const auto& [name, preparer] : kCalls) {
    if (name == call) return preparer;
  }
  return nullptr;
}

}  // namespace packetwright::linux_stack
