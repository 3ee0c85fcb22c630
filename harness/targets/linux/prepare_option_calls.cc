// SPDX-License-Identifier: Apache-2.0
// setsockopt, getsockopt, ioctl and fcntl: what their pointers point to depends on what is asked.
#include <algorithm>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "harness/targets/linux/arguments.hh"
#include "harness/targets/linux/prepared_call.hh"
#include "harness/targets/linux/socket_address.hh"

namespace packetwright::linux_stack {
namespace {

using Prepared = Result<PreparedCall, std::string>;
using Values = std::vector<Value>;

template <class T>
Buffer octets_of(const T& value) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
  return {at, at + sizeof value};
}

template <class T>
T read_as(const Buffer& octets) {
  T value{};
  std::memcpy(&value, octets.data(), std::min(sizeof value, octets.size()));
  return value;
}

bool is_linger(int level, int option) {
  return level == SOL_SOCKET && option == SO_LINGER;
}
bool is_signature(int level, int option) {
  return level == IPPROTO_TCP && option == TCP_MD5SIG;
}
bool is_time(int level, int option) {
  return level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

// {address, key} of RFC 2385: who shares the key.
Buffer signature_octets(Arguments& arguments, const Value& value) {
  tcp_md5sig setting{};
  const Value* const address = member_of(value, "address", 0);
  const Value* const key = member_of(value, "key", 1);
  const auto* with = address == nullptr ? nullptr : std::get_if<Endpoint>(&address->is);
  const auto* text = key == nullptr ? nullptr : std::get_if<Value::Text>(&key->is);
  if (with == nullptr || text == nullptr || text->octets.size() > sizeof setting.tcpm_key) {
    arguments.fail("an address and a key of at most 80 octets are wanted here");
    return {};
  }
  const auto domain = with->address.is_v4() ? targets::Domain::inet : targets::Domain::inet6;
  const SocketAddress peer = to_socket_address(*with, domain);
  std::memcpy(&setting.tcpm_addr, peer.get(), peer.size);
  setting.tcpm_keylen = static_cast<std::uint16_t>(text->octets.size());
  std::copy(text->octets.begin(), text->octets.end(), setting.tcpm_key);
  return octets_of(setting);
}

// The octets that an option's value stands for.
Buffer option_octets(Arguments& arguments, std::size_t index, int level, int option) {
  const Value& value = arguments.at(index);
  if (const auto* text = std::get_if<Value::Text>(&value.is)) {
    return {text->octets.begin(), text->octets.end()};
  }
  if (std::holds_alternative<Value::Struct>(value.is)) {
    if (is_linger(level, option)) {
      ::linger setting{};
      setting.l_onoff = static_cast<int>(arguments.member(value, "onoff", 0, 0));
      setting.l_linger = static_cast<int>(arguments.member(value, "linger", 1, 0));
      return octets_of(setting);
    }
    if (is_signature(level, option)) return signature_octets(arguments, value);
    if (is_time(level, option)) {
      timeval setting{};
      setting.tv_sec = arguments.member(value, "tv_sec", 0, 0);
      setting.tv_usec = arguments.member(value, "tv_usec", 1, 0);
      return octets_of(setting);
    }
    arguments.fail("a structure for this option is not known");
    return {};
  }
  if (const auto* endpoint = std::get_if<Endpoint>(&value.is)) {
    const Bytes octets = endpoint->address.octets();
    return {octets.begin(), octets.end()};
  }
  return octets_of(static_cast<int>(arguments.pointed(index)));
}

Prepared setsockopt_call(const Values& values) {
  Arguments arguments{values, "setsockopt(fd, level, option, value, length)", 5, 5};
  const int fd = arguments.descriptor(0);
  const int level = arguments.small(1);
  const int option = arguments.small(2);
  const auto octets = std::make_shared<Buffer>(option_octets(arguments, 3, level, option));
  std::size_t length = arguments.length(4);
  if (!arguments.ok()) return Err{arguments.error()};
  // A script gives the length of the key alone.
  const bool keyed = is_signature(level, option) && octets->size() == sizeof(tcp_md5sig);
  if (keyed) length = octets->size();
  // A script may lie about the length; the memory behind it is there.
  if (octets->size() < length) octets->resize(length);
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    return system.setsockopt(fd, level, option, octets->data(), static_cast<socklen_t>(length));
  };
  return call;
}

// The value in the shape in which the script expects it.
Value in_the_shape_of(const Value& expected, const Buffer& octets, std::size_t length, int level,
                      int option) {
  if (std::holds_alternative<Value::Text>(expected.is)) {
    const std::size_t end = static_cast<std::size_t>(
        std::find(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(length), 0) -
        octets.begin());
    return text_of(Bytes{octets}.first(end));
  }
  if (std::holds_alternative<Value::Struct>(expected.is)) {
    Value::Struct record;
    if (is_linger(level, option)) {
      const auto setting = read_as<::linger>(octets);
      record.members = {{"onoff", number(setting.l_onoff)}, {"linger", number(setting.l_linger)}};
    } else if (is_time(level, option)) {
      const auto setting = read_as<timeval>(octets);
      record.members = {{"tv_sec", number(setting.tv_sec)}, {"tv_usec", number(setting.tv_usec)}};
    }
    return {std::move(record)};
  }
  if (std::holds_alternative<Endpoint>(expected.is) && (length == 4 || length == 16)) {
    return {Endpoint{IpAddress::from_octets(Bytes{octets}.first(length)), 0}};
  }
  return pointed(read_as<int>(octets));
}

// No option is longer.
constexpr std::int64_t kRoom = 65536;

Prepared getsockopt_call(const Values& values) {
  Arguments arguments{values, "getsockopt(fd, level, option, value, [length])", 5, 5};
  const int fd = arguments.descriptor(0);
  const int level = arguments.small(1);
  const int option = arguments.small(2);
  const Value expected = arguments.at(3);
  const std::int64_t room = arguments.is_omitted(4) ? kRoom : arguments.pointed(4);
  if (std::holds_alternative<Value::Struct>(expected.is) && !is_linger(level, option) &&
      !is_time(level, option)) {
    arguments.fail("a structure for this option is not known");
  }
  if (!arguments.ok()) return Err{arguments.error()};
  const auto length = std::make_shared<socklen_t>(static_cast<socklen_t>(std::min(room, kRoom)));
  const auto octets = std::make_shared<Buffer>(kRoom);
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    return system.getsockopt(fd, level, option, octets->data(), length.get());
  };
  call.written = [=](std::int64_t) {
    Values written(5, omitted());
    written[3] = in_the_shape_of(expected, *octets, *length, level, option);
    written[4] = pointed(*length);
    return written;
  };
  return call;
}

Prepared ioctl_call(const Values& values) {
  Arguments arguments{values, "ioctl(fd, request, [value])", 2, 3};
  const int fd = arguments.descriptor(0);
  const auto request = static_cast<unsigned long>(arguments.integer(1));
  const int before =
      arguments.has(2) && !arguments.is_omitted(2) ? static_cast<int>(arguments.pointed(2)) : 0;
  if (!arguments.ok()) return Err{arguments.error()};
  const auto value = std::make_shared<int>(before);
  const std::size_t count = arguments.size();
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.ioctl(fd, request, value.get()); };
  call.written = [=](std::int64_t) {
    Values written(count, omitted());
    if (count > 2) written[2] = pointed(*value);
    return written;
  };
  return call;
}

Prepared fcntl_call(const Values& values) {
  Arguments arguments{values, "fcntl(fd, command, number)", 2, 3};
  const int fd = arguments.descriptor(0);
  const int command = arguments.small(1);
  const int number = arguments.has(2) ? arguments.small(2) : 0;
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.fcntl(fd, command, number); };
  call.opens = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  return call;
}

}  // namespace

Preparer preparer_of_option_call(std::string_view call) {
  static constexpr std::pair<std::string_view, Preparer> kCalls[] = {
      {"setsockopt", setsockopt_call},
      {"getsockopt", getsockopt_call},
      {"ioctl", ioctl_call},
      {"fcntl", fcntl_call},
  };
  for (const auto& [name, preparer] : kCalls) {
    if (name == call) return preparer;
  }
  return nullptr;
}

}  // namespace packetwright::linux_stack
