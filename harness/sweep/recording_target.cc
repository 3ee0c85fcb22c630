// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/recording_target.hh"

#include <cerrno>

namespace packetwright::sweep {

using targets::CallResult;
using targets::Fd;
using targets::Target;

Result<void, targets::ResetError> RecordingTarget::reset(const targets::Config& config) {
  steps_.clear();
  frames_.clear();
  listener_.reset();
  connection_.reset();
  return target_.reset(config);
}

void RecordingTarget::inject(Bytes frame) {
  const Buffer copy(frame.begin(), frame.end());
  frames_.push_back({false, copy});
  steps_.emplace_back([copy](Target& target) { target.inject(copy); });
  target_.inject(frame);
}

void RecordingTarget::drain(std::vector<targets::SentFrame>& out) {
  const std::size_t before = out.size();
  target_.drain(out);
  for (std::size_t i = before; i < out.size(); ++i) frames_.push_back({true, out[i].octets});
}

void RecordingTarget::advance_to(Instant until, bool stop_on_frame) {
  target_.advance_to(until, stop_on_frame);
  // Where it has come to, whatever stopped it.
  const Instant reached = target_.now();
  steps_.emplace_back([reached](Target& target) { target.advance_to(reached, false); });
}

CallResult<Fd> RecordingTarget::socket(targets::Domain domain, targets::SocketType type,
                                       targets::Protocol protocol) {
  steps_.emplace_back(
      [=](Target& target) { static_cast<void>(target.socket(domain, type, protocol)); });
  return target_.socket(domain, type, protocol);
}

CallResult<void> RecordingTarget::bind(Fd fd, const Endpoint& local) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.bind(fd, local)); });
  return target_.bind(fd, local);
}

CallResult<void> RecordingTarget::listen(Fd fd, int backlog) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.listen(fd, backlog)); });
  listener_ = fd;
  return target_.listen(fd, backlog);
}

CallResult<Fd> RecordingTarget::accept(Fd fd, Endpoint* peer) {
  steps_.emplace_back([=](Target& target) {
    Endpoint unused;
    static_cast<void>(target.accept(fd, &unused));
  });
  auto accepted = target_.accept(fd, peer);
  if (accepted) connection_ = *accepted;
  return accepted;
}

CallResult<void> RecordingTarget::connect(Fd fd, const Endpoint& remote) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.connect(fd, remote)); });
  connection_ = fd;
  return target_.connect(fd, remote);
}

CallResult<targets::Received> RecordingTarget::read(Fd fd, std::size_t limit,
                                                    targets::ReadFlags flags) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.read(fd, limit, flags)); });
  return target_.read(fd, limit, flags);
}

CallResult<std::size_t> RecordingTarget::write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                               const Endpoint* to) {
  if (to != nullptr) return Err{ENOTSUP};  // no prelude sends datagrams
  const Buffer copy(octets.begin(), octets.end());
  steps_.emplace_back(
      [=](Target& target) { static_cast<void>(target.write(fd, copy, flags, nullptr)); });
  return target_.write(fd, octets, flags, to);
}

CallResult<void> RecordingTarget::shutdown(Fd fd, targets::ShutdownHow how) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.shutdown(fd, how)); });
  return target_.shutdown(fd, how);
}

CallResult<void> RecordingTarget::close(Fd fd) {
  steps_.emplace_back([=](Target& target) { static_cast<void>(target.close(fd)); });
  return target_.close(fd);
}

CallResult<void> RecordingTarget::set_option(Fd fd, targets::Option option, std::int64_t value) {
  steps_.emplace_back(
      [=](Target& target) { static_cast<void>(target.set_option(fd, option, value)); });
  return target_.set_option(fd, option, value);
}

}  // namespace packetwright::sweep
