// SPDX-License-Identifier: Apache-2.0
// readv, writev, sendmsg and recvmsg: several buffers, and control messages.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include <linux/errqueue.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "harness/targets/linux/arguments.hh"
#include "harness/targets/linux/prepared_call.hh"
#include "harness/targets/linux/socket_address.hh"

namespace packetwright::linux_stack {
namespace {

using Prepared = Result<PreparedCall, std::string>;
using Values = std::vector<Value>;

constexpr std::size_t kMostBuffers = 1024;  // the kernel's own limit, UIO_MAXIOV
constexpr std::size_t kMostOctets = std::size_t{1} << 28;

// Everything that one message points to.
struct Message {
  std::vector<Buffer> buffers;
  std::vector<iovec> parts;
  Buffer control;
  SocketAddress name;
  std::optional<Endpoint> to;
  msghdr header{};

  // After the buffers are in place.
  void connect() {
    for (Buffer& buffer : buffers) parts.push_back({buffer.data(), buffer.size()});
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
  }
  // Where it goes, as a socket of that domain wants it.
  void address(targets::Domain domain) {
    if (!to) return;
    name = to_socket_address(*to, domain);
    header.msg_name = name.get();
    header.msg_namelen = name.size;
  }
};

// [{octets, length}, ...]
void take_buffers(Arguments& arguments, const Value& value, Message& message) {
  const auto* array = std::get_if<Value::Array>(&value.is);
  if (array == nullptr || array->elements.size() > kMostBuffers) {
    return arguments.fail("[{octets, length}, ...] is wanted here");
  }
  std::size_t total = 0;
  for (const Value& one : array->elements) {
    const std::int64_t length = arguments.member(one, "len", 1, 0);
    if (length < 0 || (total += static_cast<std::size_t>(length)) > kMostOctets) {
      return arguments.fail("a length of " + std::to_string(length) + " octets");
    }
    Buffer buffer(static_cast<std::size_t>(length), 0);
    const Value* const octets = member_of(one, "base", 0);
    if (octets != nullptr) {
      if (const auto* text = std::get_if<Value::Text>(&octets->is)) {
        std::copy_n(text->octets.begin(), std::min(text->octets.size(), buffer.size()),
                    buffer.begin());
      }
    }
    message.buffers.push_back(std::move(buffer));
  }
}

// The buffers after a call that wrote `length` octets into them.
Value buffers_as_value(const Message& message, std::size_t length) {
  Value::Array all;
  for (const Buffer& buffer : message.buffers) {
    const std::size_t here = std::min(length, buffer.size());
    Value::Struct part;
    part.members = {{"base", text_of(Bytes{buffer}.first(here))},
                    {"len", number(static_cast<std::int64_t>(buffer.size()))}};
    all.elements.push_back({std::move(part)});
    length -= here;
  }
  return {std::move(all)};
}

Prepared vector_call(Arguments& arguments, bool writes) {
  const int fd = arguments.descriptor(0);
  const auto message = std::make_shared<Message>();
  take_buffers(arguments, arguments.at(1), *message);
  const std::size_t count = arguments.length(2);
  if (arguments.ok() && count > message->buffers.size()) {
    arguments.fail("count is more than there are");
  }
  if (!arguments.ok()) return Err{arguments.error()};
  message->connect();
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) -> std::int64_t {
    return writes ? system.writev(fd, message->parts.data(), static_cast<int>(count))
                  : system.readv(fd, message->parts.data(), static_cast<int>(count));
  };
  if (!writes) {
    call.written = [=](std::int64_t result) {
      Values written(3, omitted());
      written[1] = buffers_as_value(*message, static_cast<std::size_t>(result));
      return written;
    };
  }
  call.may_block = true;
  return call;
}

Prepared readv_call(const Values& values) {
  Arguments arguments{values, "readv(fd, [{..., length}, ...], count)", 3, 3};
  return vector_call(arguments, false);
}
Prepared writev_call(const Values& values) {
  Arguments arguments{values, "writev(fd, [{octets, length}, ...], count)", 3, 3};
  return vector_call(arguments, true);
}

void take_name(const Value& value, Message& message) {
  const Value* const name = member_of(value, "msg_name", 0);
  if (name == nullptr) return;
  if (const auto* endpoint = std::get_if<Endpoint>(&name->is)) message.to = *endpoint;
}

// [{cmsg_level, cmsg_type, cmsg_data}, ...] with integers as data.
void take_control(Arguments& arguments, const Value& value, Message& message) {
  const Value* const control = member_of(value, "msg_control", 3);
  if (control == nullptr || is_omitted(*control)) return;
  const auto* array = std::get_if<Value::Array>(&control->is);
  if (array == nullptr)
    return arguments.fail("[{cmsg_level, cmsg_type, cmsg_data}, ...] is wanted");
  for (const Value& one : array->elements) {
    const int data = static_cast<int>(arguments.member(one, "cmsg_data", 2, 0));
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof data);
    header.cmsg_level = static_cast<int>(arguments.member(one, "cmsg_level", 0, 0));
    header.cmsg_type = static_cast<int>(arguments.member(one, "cmsg_type", 1, 0));
    const std::size_t start = message.control.size();
    message.control.resize(start + CMSG_SPACE(sizeof data));
    std::memcpy(message.control.data() + start, &header, sizeof header);
    std::memcpy(message.control.data() + start + CMSG_LEN(0), &data, sizeof data);
  }
  message.header.msg_control = message.control.data();
  message.header.msg_controllen = message.control.size();
}

void take_message_buffers(Arguments& arguments, Message& message) {
  const Value& value = arguments.at(1);
  const Value* const buffers = member_of(value, "msg_iov", 1);
  if (buffers != nullptr) return take_buffers(arguments, *buffers, message);
  if (std::holds_alternative<Value::Struct>(value.is)) arguments.fail("a message has msg_iov");
}

Prepared sendmsg_call(const Values& values) {
  Arguments arguments{values, "sendmsg(fd, {msg_name, msg_iov, msg_flags, msg_control}, flags)", 3,
                      3};
  const int fd = arguments.descriptor(0);
  const auto message = std::make_shared<Message>();
  take_name(arguments.at(1), *message);
  take_message_buffers(arguments, *message);
  take_control(arguments, arguments.at(1), *message);
  const int flags = arguments.small(2);
  if (!arguments.ok()) return Err{arguments.error()};
  message->connect();
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    message->address(system.domain_of(fd));
    return system.sendmsg(fd, &message->header, flags);
  };
  call.may_block = true;
  return call;
}

// The attributes of SCM_TIMESTAMPING_OPT_STATS by their numbers, TCP_NLA_SRTT=.. and so on.
Value statistics(Bytes data) {
  Value::Struct record;
  for (std::size_t at = 0; at + NLA_HDRLEN <= data.size();) {
    nlattr header;
    std::memcpy(&header, data.data() + at, sizeof header);
    if (header.nla_len < NLA_HDRLEN || header.nla_len > data.size() - at) break;
    std::uint64_t value = 0;
    const std::size_t size = header.nla_len - static_cast<std::size_t>(NLA_HDRLEN);
    std::memcpy(&value, data.data() + at + NLA_HDRLEN, std::min(size, sizeof value));
    record.members.emplace_back(std::to_string(header.nla_type),
                                number(static_cast<std::int64_t>(value)));
    at += NLA_ALIGN(header.nla_len);
  }
  return {std::move(record)};
}

// What a control message carries, as scripts write it.
Value control_data(const cmsghdr& header, Bytes data) {
  const bool is_error = (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVERR) ||
                        (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_RECVERR);
  if (is_error && data.size() >= sizeof(sock_extended_err)) {
    sock_extended_err error;
    std::memcpy(&error, data.data(), sizeof error);
    Value::Struct record;
    record.members = {{"ee_errno", number(error.ee_errno)}, {"ee_origin", number(error.ee_origin)},
                      {"ee_type", number(error.ee_type)},   {"ee_code", number(error.ee_code)},
                      {"ee_info", number(error.ee_info)},   {"ee_data", number(error.ee_data)}};
    return {std::move(record)};
  }
  if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_TIMESTAMPING &&
      data.size() >= sizeof(scm_timestamping)) {
    scm_timestamping stamps;
    std::memcpy(&stamps, data.data(), sizeof stamps);
    Value::Struct record;
    record.members = {{"scm_sec", number(stamps.ts[0].tv_sec)},
                      {"scm_nsec", number(stamps.ts[0].tv_nsec)}};
    return {std::move(record)};
  }
  if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_TIMESTAMPING_OPT_STATS) {
    return statistics(data);
  }
  if (data.size() == sizeof(std::int32_t)) {
    std::int32_t value = 0;
    std::memcpy(&value, data.data(), sizeof value);
    return number(value);
  }
  if (data.size() == 1) return number(data[0]);
  return omitted();  // its shape is not known here
}

Value control_as_value(Message& message) {
  Value::Array all;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message.header); item != nullptr;
       item = CMSG_NXTHDR(&message.header, item)) {
    const Bytes data{CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0)};
    Value::Struct record;
    record.members = {{"cmsg_len", number(static_cast<std::int64_t>(item->cmsg_len))},
                      {"cmsg_level", number(item->cmsg_level)},
                      {"cmsg_type", number(item->cmsg_type)},
                      {"cmsg_data", control_data(*item, data)}};
    all.elements.push_back({std::move(record)});
  }
  return {std::move(all)};
}

Prepared recvmsg_call(const Values& values) {
  Arguments arguments{values, "recvmsg(fd, {msg_name, msg_iov, msg_flags, msg_control}, flags)", 3,
                      3};
  constexpr std::size_t kControlRoom = 4096;
  const int fd = arguments.descriptor(0);
  const auto message = std::make_shared<Message>();
  take_message_buffers(arguments, *message);
  const int flags = arguments.small(2);
  if (!arguments.ok()) return Err{arguments.error()};
  message->connect();
  message->control.resize(kControlRoom);
  message->header.msg_control = message->control.data();
  message->header.msg_controllen = message->control.size();
  message->header.msg_name = message->name.get();
  message->header.msg_namelen = message->name.size;
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.recvmsg(fd, &message->header, flags); };
  call.written = [=](std::int64_t result) {
    Value::Struct record;
    const std::optional<Endpoint> from =
        message->header.msg_namelen == 0 ? std::nullopt : to_endpoint(message->name);
    record.members = {
        {"msg_name", from ? Value{*from} : omitted()},
        {"msg_namelen", number(message->header.msg_namelen)},
        {"msg_iovlen", number(static_cast<std::int64_t>(message->header.msg_iovlen))},
        {"msg_iov", buffers_as_value(*message, static_cast<std::size_t>(result))},
        {"msg_flags", number(message->header.msg_flags)},
        {"msg_control", control_as_value(*message)},
    };
    Values written(3, omitted());
    written[1] = {std::move(record)};
    return written;
  };
  call.may_block = true;
  return call;
}

}  // namespace

Preparer preparer_of_message_call(std::string_view call) {
  static constexpr std::pair<std::string_view, Preparer> kCalls[] = {
      {"readv", readv_call},
      {"writev", writev_call},
      {"sendmsg", sendmsg_call},
      {"recvmsg", recvmsg_call},
  };
  for (const auto& [name, preparer] : kCalls) {
    if (name == call) return preparer;
  }
  return nullptr;
}

}  // namespace packetwright::linux_stack
