// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/netlink.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <linux/netlink.h>
#include <sys/socket.h>

namespace packetwright::linux_stack {
namespace {

constexpr std::size_t kAlign = 4;
constexpr std::size_t kHeader = sizeof(nlmsghdr);
constexpr std::size_t kAttributeHeader = 4;  // length, type

constexpr std::size_t aligned(std::size_t size) {
  return (size + kAlign - 1) & ~(kAlign - 1);
}

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  put(&header, sizeof header);
}

NetlinkRequest& NetlinkRequest::put(const void* octets, std::size_t size) {
  const auto* at = static_cast<const std::uint8_t*>(octets);
  octets_.insert(octets_.end(), at, at + size);
  octets_.resize(aligned(octets_.size()));
  return *this;
}

std::size_t NetlinkRequest::begin_attribute(std::uint16_t type) {
  const std::size_t start = octets_.size();
  const std::array<std::uint16_t, 2> header{0, type};  // the length is known at the end
  put(header.data(), sizeof header);
  return start;
}

void NetlinkRequest::end_attribute(std::size_t start) {
  const auto length = static_cast<std::uint16_t>(octets_.size() - start);
  std::memcpy(octets_.data() + start, &length, sizeof length);
  octets_.resize(aligned(octets_.size()));
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, Bytes value) {
  const std::size_t start = begin_attribute(type);
  octets_.insert(octets_.end(), value.begin(), value.end());
  end_attribute(start);
  return *this;
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, std::string_view text) {
  const std::size_t start = begin_attribute(type);
  octets_.insert(octets_.end(), text.begin(), text.end());
  octets_.push_back(0);
  end_attribute(start);
  return *this;
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, std::uint32_t value) {
  const std::size_t start = begin_attribute(type);
  put(&value, sizeof value);
  end_attribute(start);
  return *this;
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, const IpAddress& address) {
  return attribute(type, address.octets());
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, const MacAddress& address) {
  return attribute(type, Bytes{address.octets});
}

NetlinkRequest& NetlinkRequest::nest(std::uint16_t type,
                                     const std::function<void(NetlinkRequest&)>& fill) {
  const std::size_t start = begin_attribute(static_cast<std::uint16_t>(type | NLA_F_NESTED));
  fill(*this);
  end_attribute(start);
  return *this;
}

Bytes NetlinkRequest::finish(std::uint32_t sequence) {
  nlmsghdr header;
  std::memcpy(&header, octets_.data(), sizeof header);
  header.nlmsg_len = static_cast<std::uint32_t>(octets_.size());
  header.nlmsg_seq = sequence;
  std::memcpy(octets_.data(), &header, sizeof header);
  return octets_;
}

Result<Netlink, int> Netlink::open(int protocol) {
  UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
  if (!socket) return Err{errno};
  return Netlink{std::move(socket)};
}

Result<void, int> Netlink::change(NetlinkRequest request) {
  return talk(request, [](std::uint16_t, Bytes) {});
}

Result<void, int> Netlink::dump(NetlinkRequest request,
                                const std::function<void(std::uint16_t, Bytes)>& each) {
  return talk(request, each);
}

Result<void, int> Netlink::talk(NetlinkRequest& request,
                                const std::function<void(std::uint16_t, Bytes)>& each) {
  const Bytes octets = request.finish(++sequence_);
  if (::send(socket_.get(), octets.data(), octets.size(), 0) < 0) return Err{errno};
  std::array<std::uint8_t, 32768> chunk;
  while (true) {
    const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return Err{errno};
    }
    Bytes rest = Bytes{chunk}.first(static_cast<std::size_t>(got));
    while (rest.size() >= kHeader) {
      nlmsghdr header;
      std::memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < kHeader || header.nlmsg_len > rest.size()) return Err{EBADMSG};
      const Bytes payload = rest.subspan(kHeader, header.nlmsg_len - kHeader);
      rest = rest.subspan(std::min(rest.size(), aligned(header.nlmsg_len)));
      if (header.nlmsg_seq != sequence_) continue;  // left over from an earlier request
      if (header.nlmsg_type == NLMSG_DONE) return {};
      if (header.nlmsg_type == NLMSG_ERROR) {
        std::int32_t code = 0;
        if (payload.size() >= sizeof code) std::memcpy(&code, payload.data(), sizeof code);
        if (code != 0) return Err{-code};
        return {};
      }
      each(header.nlmsg_type, payload);
    }
  }
}

void for_each_attribute(Bytes attributes, const std::function<void(std::uint16_t, Bytes)>& each) {
  while (attributes.size() >= kAttributeHeader) {
    std::array<std::uint16_t, 2> header;
    std::memcpy(header.data(), attributes.data(), sizeof header);
    const std::size_t length = header[0];
    if (length < kAttributeHeader || length > attributes.size()) return;
    each(static_cast<std::uint16_t>(header[1] & NLA_TYPE_MASK),
         attributes.subspan(kAttributeHeader, length - kAttributeHeader));
    attributes = attributes.subspan(std::min(attributes.size(), aligned(length)));
  }
}

}  // namespace packetwright::linux_stack
