// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "harness/script/literals.hh"
#include "harness/script/source.hh"

// Arguments and results of system calls.
namespace packetwright::script {

struct Expression;
struct Member;

struct Ellipsis {  // `...`: the harness supplies it, or does not look
  friend bool operator==(const Ellipsis&, const Ellipsis&) = default;
};

struct Symbol {  // a C macro by its name: SO_RCVBUF; resolved by the engine or the target
  std::string name;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

struct OpenText {  // `"abc"...`: a string of which only the start is given
  Text text;
  friend bool operator==(const OpenText&, const OpenText&) = default;
};

struct Array {  // [a, b]: by reference
  std::vector<Expression> elements;
  friend bool operator==(const Array&, const Array&) = default;
};

struct AnyOf {  // A|B|C: two terms or more
  std::vector<Expression> terms;
  friend bool operator==(const AnyOf&, const AnyOf&) = default;
};

// inet_addr("192.0.2.1"), inet6_addr("2001:db8::1"); in a socket address inet_addr() is of both.
struct InetAddress {
  Family family = Family::ipv4;
  bool in_sockaddr = false;
  Text text;
  IpAddress address;
  friend bool operator==(const InetAddress&, const InetAddress&) = default;
};

struct HostToNetwork {  // htons(80), htonl(1): the value in host order
  bool long_word = false;
  Number value;
  friend bool operator==(const HostToNetwork&, const HostToNetwork&) = default;
};

enum class StructKind : std::uint8_t {
  list,            // {a, b, NAME=c}: no special meaning
  sockaddr,        // sa_family, sin_port, sin_addr
  msghdr,          // msg_name, msg_iov, msg_iovlen, msg_flags, [msg_control]
  cmsghdr,         // cmsg_level, cmsg_type, cmsg_data
  scm_timestamps,  // scm_sec, scm_nsec
  extended_error,  // ee_errno, ee_origin, ee_type, ee_code, ee_info, ee_data
  iovec,           // base, len
  pollfd,          // fd, events, [revents]
  epoll_event,     // events, then one of fd, ptr, u32, u64
  linger,          // onoff, linger
  sendfile,        // headers, hdr_cnt, trailers, trl_cnt
  gre,             // flags, sum, off, key, seq
  mpls,            // label, tc, stack (1 where [S] stands), ttl; one group of four for each entry
};

struct Struct {  // members in the order written, by the names above
  StructKind kind = StructKind::list;
  std::vector<Member> members;

  // The member of that name; nullptr: it was not given.
  [[nodiscard]] const Expression* find(std::string_view name) const noexcept;

  friend bool operator==(const Struct&, const Struct&) = default;
};

// NAME=value standing where an expression may: only lists of socket statistics use it.
struct Assignment {
  std::string name;
  std::vector<Expression> value;  // exactly one; a vector because it is recursive
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

// Nested at most kMaxDepth deep, so that walking one may recurse.
struct Expression {
  static constexpr int kMaxDepth = 32;

  Location where;
  std::variant<Ellipsis, Number, Symbol, Text, OpenText, Array, AnyOf, InetAddress, HostToNetwork,
               Struct, Assignment>
      is;

  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&is);
  }

  friend bool operator==(const Expression&, const Expression&) = default;
};

struct Member {
  std::string name;  // empty: positional
  Expression value;
  friend bool operator==(const Member&, const Member&) = default;
};

}  // namespace packetwright::script
