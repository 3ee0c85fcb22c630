// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/packet_socket.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <poll.h>

namespace packetwright::linux_stack {
namespace {

// When the kernel saw the frame of this message.
std::optional<timespec> stamp_of(msghdr& message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp;
      std::memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
      return stamp;
    }
  }
  return std::nullopt;
}

}  // namespace

void receive_frames(int socket, const HostClock& clock, Buffer& chunk,
                    std::vector<targets::SentFrame>& out,
                    const std::function<void(msghdr&, targets::SentFrame&)>& look) {
  const std::size_t first = out.size();
  alignas(cmsghdr) std::array<char, 256> control;
  while (true) {
    iovec part{chunk.data(), chunk.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(socket, &message, MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EINTR) continue;
      break;
    }
    const std::optional<timespec> stamp = stamp_of(message);
    targets::SentFrame frame;
    frame.at = stamp ? clock.from_realtime(*stamp) : clock.now();
    frame.octets.assign(chunk.begin(), chunk.begin() + got);
    if (look) look(message, frame);
    out.push_back(std::move(frame));
  }
  // The order of arrival is true; two stamps a clock was set between need not be.
  for (std::size_t i = first + 1; i < out.size(); ++i) {
    out[i].at = std::max(out[i].at, out[i - 1].at);
  }
}

void wait_for_frame(int socket, const timespec& deadline) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  timespec left{deadline.tv_sec - now.tv_sec, deadline.tv_nsec - now.tv_nsec};
  if (left.tv_nsec < 0) {
    left.tv_nsec += 1'000'000'000;
    --left.tv_sec;
  }
  if (left.tv_sec < 0) return;
  pollfd one{socket, POLLIN, 0};
  ppoll(&one, 1, &left, nullptr);
}

}  // namespace packetwright::linux_stack
