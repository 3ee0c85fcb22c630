// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/assertions.hh"

#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

// What the target tells of a connection. nullopt: it cannot tell, or the script was wrong and the
// run is over.
std::optional<targets::TcpStatus> status_of(Session& session, Calls& calls,
                                            const script::Event& event,
                                            const std::optional<script::Number>& fd,
                                            const std::string& label) {
  Socket* socket = nullptr;
  if (fd.has_value()) {
    socket = calls.find(fd->value);
    if (socket == nullptr) {
      session.wrong_script(event.where,
                           "descriptor " + std::to_string(fd->value) + " was never opened");
      return std::nullopt;
    }
  } else if (!label.empty()) {
    socket = calls.of_connection(session.connections.labelled(Transport::tcp, label));
  } else {
    socket = calls.last_stream();
  }
  if (socket == nullptr || !calls.is_current(*socket)) return std::nullopt;
  const auto status = session.target.tcp_status(socket->live);
  if (!status.ok()) return std::nullopt;
  return *status;
}

bool holds(script::Comparison comparison, std::int64_t got, std::int64_t want) {
  switch (comparison) {
    case script::Comparison::equal: return got == want;
    case script::Comparison::not_equal: return got != want;
    case script::Comparison::less: return got < want;
    case script::Comparison::at_most: return got <= want;
    case script::Comparison::greater: return got > want;
    case script::Comparison::at_least: return got >= want;
  }
  return false;
}

}  // namespace

std::string_view state_text(targets::TcpState state) noexcept {
  switch (state) {
    case targets::TcpState::listen: return "LISTEN";
    case targets::TcpState::syn_sent: return "SYN_SENT";
    case targets::TcpState::syn_received: return "SYN_RECEIVED";
    case targets::TcpState::established: return "ESTABLISHED";
    case targets::TcpState::fin_wait_1: return "FIN_WAIT_1";
    case targets::TcpState::fin_wait_2: return "FIN_WAIT_2";
    case targets::TcpState::close_wait: return "CLOSE_WAIT";
    case targets::TcpState::closing: return "CLOSING";
    case targets::TcpState::last_ack: return "LAST_ACK";
    case targets::TcpState::time_wait: return "TIME_WAIT";
    case targets::TcpState::closed: return "CLOSED";
  }
  return "?";
}

void assert_state(Session& session, Calls& calls, const script::Event& event,
                  const script::StateAssertion& assertion) {
  const auto status = status_of(session, calls, event, assertion.fd, assertion.connection);
  if (session.over()) return;
  if (!status.has_value() || !status->state.has_value()) {
    ++session.outcome.assertions_skipped;
    return;
  }
  const std::string got(state_text(*status->state));
  if (got == assertion.state) return session.pass();
  session.fail(event.where, script::print_event(event), "state " + got,
               {{"state", assertion.state, got}});
}

void assert_info(Session& session, Calls& calls, const script::Event& event,
                 const script::InfoAssertion& assertion) {
  const auto status = status_of(session, calls, event, assertion.fd, {});
  if (session.over()) return;
  if (!status.has_value() || !status->counters.contains(assertion.counter)) {
    ++session.outcome.assertions_skipped;
    return;
  }
  const std::int64_t got = status->counters.at(assertion.counter);
  if (holds(assertion.comparison, got, assertion.value.value)) return session.pass();
  session.fail(event.where, script::print_event(event),
               assertion.counter + " " + std::to_string(got),
               {{assertion.counter, std::to_string(assertion.value.value), std::to_string(got)}});
}

void assert_unpredictable(Session& session, const script::Event& event,
                          const script::UnpredictableAssertion& assertion) {
  const KeptValues::List* kept = session.kept.find(assertion.name);
  const std::size_t count = kept == nullptr ? 0 : kept->values.size();
  const std::size_t needed = kept == nullptr ? 1 : values_needed(kept->width);
  if (count < needed) {
    session.wrong_script(event.where, "of " + assertion.name + " " + std::to_string(count) +
                                          " values were kept, and at least " +
                                          std::to_string(needed) +
                                          " tell whether chance made them");
    return;
  }
  if (!follow_from_one_another(*kept)) return session.pass();
  std::string got = assertion.name;
  for (const std::uint32_t value : kept->values) got += " " + std::to_string(value);
  session.fail(event.where, script::print_event(event), got,
               {{assertion.name, "unpredictable", "each from the two before it"}});
}

}  // namespace packetwright::engine
