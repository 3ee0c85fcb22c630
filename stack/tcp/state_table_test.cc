// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// Every synchronized state (and SYN-RECEIVED) against every kind of segment: what RFC 9293,
// 3.10.7.4 with RFC 5961 sends, and where it leads. One row a stimulus, one column a state, in the
// RFC's order.
namespace packetwright::tcp::testing {
namespace {

struct Column {
  std::string_view name;
  Bench& (Bench::*factory)();
  State state;
  std::uint32_t rcv_nxt;  // relative to the peer's initial number
  std::uint32_t snd_nxt;  // relative to ours
};

constexpr Column kColumns[] = {
    {"SYN-RECEIVED", &Bench::at_syn_received, State::syn_received, 1, 1},
    {"ESTABLISHED", &Bench::at_established, State::established, 1, 1},
    {"ESTABLISHED, active", &Bench::at_established_by_active_open, State::established, 1, 1},
    {"FIN-WAIT-1", &Bench::at_fin_wait_1, State::fin_wait_1, 1, 2},
    {"FIN-WAIT-2", &Bench::at_fin_wait_2, State::fin_wait_2, 1, 2},
    {"CLOSE-WAIT", &Bench::at_close_wait, State::close_wait, 2, 1},
    {"CLOSING", &Bench::at_closing, State::closing, 2, 2},
    {"LAST-ACK", &Bench::at_last_ack, State::last_ack, 2, 2},
    {"TIME-WAIT", &Bench::at_time_wait_via_fin_wait_2, State::time_wait, 2, 2},
    {"TIME-WAIT via CLOSING", &Bench::at_time_wait_via_closing, State::time_wait, 2, 2},
};

bool receives(State state) {
  return state == State::established || state == State::fin_wait_1 || state == State::fin_wait_2;
}

bool fin_is_unacked(State state) {
  return state == State::fin_wait_1 || state == State::closing || state == State::last_ack;
}

class StateTable : public ::testing::TestWithParam<Column> {
 protected:
  Bench& reach() { return (bench_.*GetParam().factory)(); }
  // <SEQ=SND.NXT><ACK=...><CTL=ACK>
  [[nodiscard]] std::string ack(std::uint32_t number) const {
    const std::string seq = std::to_string(GetParam().snd_nxt);
    return ". " + seq + ":" + seq + "(0) ack " + std::to_string(number);
  }
  [[nodiscard]] std::string ack() const { return ack(nxt()); }
  [[nodiscard]] std::uint32_t nxt() const { return GetParam().rcv_nxt; }
  // An ACK that acknowledges nothing new.
  [[nodiscard]] std::uint32_t una() const {
    return fin_is_unacked(state()) ? 1 : GetParam().snd_nxt;
  }
  [[nodiscard]] State state() const { return GetParam().state; }

  Bench bench_;
};

TEST_P(StateTable, TheFactoryReachesItsState) {
  EXPECT_EQ(reach().state(), state());
  EXPECT_EQ(bench_.status().rcv_nxt - SeqNum{Bench::kIrs}, nxt());
  EXPECT_EQ(bench_.status().snd_nxt - SeqNum{Bench::kIss}, GetParam().snd_nxt);
}

TEST_P(StateTable, RstAtRcvNxtEndsTheConnectionInSilence) {
  EXPECT_EQ(reach().arrive({.flags = "R", .seq = nxt()}), "");
  EXPECT_EQ(bench_.state(), State::closed);
  switch (state()) {
    case State::syn_received: EXPECT_EQ(bench_.events(), ""); break;
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait: EXPECT_EQ(bench_.events(), "failed connection_reset"); break;
    case State::closing:
    case State::last_ack:
    case State::time_wait: EXPECT_EQ(bench_.events(), "closed"); break;
    case State::listen:
    case State::syn_sent:
    case State::closed: FAIL();
  }
}

TEST_P(StateTable, RstInTheWindowIsChallenged) {
  EXPECT_EQ(reach().arrive({.flags = "R", .seq = nxt() + 1}), ack());
  EXPECT_EQ(bench_.drops(), "rst_not_exact");
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, RstOutsideTheWindowIsIgnored) {
  reach();
  EXPECT_EQ(bench_.arrive({.flags = "R", .seq = nxt() - 1}), "");
  EXPECT_EQ(bench_.arrive({.flags = "R", .seq = nxt() + 65535}), "");
  EXPECT_EQ(bench_.drops(), "rst_outside_window");
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, SynBelowTheWindowDrawsOneAck) {
  if (state() == State::time_wait) return;  // RFC 6191 decides: timeouts_test.cc
  reach();
  const std::uint32_t seq = nxt() - 1 - 100;
  EXPECT_EQ(bench_.arrive({.flags = "S", .seq = seq}), ack());
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, SynInTheWindowIsChallenged) {
  if (state() == State::time_wait) return;  // RFC 6191 decides: timeouts_test.cc
  reach();
  const std::string sent = bench_.arrive({.flags = "S", .seq = nxt()});
  if (state() == State::syn_received) {
    EXPECT_EQ(sent, "");  // back to LISTEN
    EXPECT_EQ(bench_.state(), State::closed);
    return;
  }
  EXPECT_EQ(sent, ack());
  EXPECT_EQ(bench_.drops(), "tcp_syn_in_window");
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, SynAckInTheWindowIsChallenged) {
  reach();
  const std::string sent = bench_.arrive({.flags = "S.", .seq = nxt(), .ack = una()});
  if (state() == State::syn_received) {
    EXPECT_EQ(sent, "");
    return;
  }
  EXPECT_EQ(sent, ack());
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, WithoutAckFlagNothingIsTaken) {
  reach();
  EXPECT_EQ(bench_.arrive({.flags = "P", .seq = nxt(), .size = 10}), "");
  EXPECT_EQ(bench_.drops(), "tcp_no_ack_flag");
  EXPECT_EQ(bench_.arrive({.flags = "F", .seq = nxt()}), "");
  EXPECT_EQ(bench_.drops(), "tcp_no_ack_flag");
  EXPECT_EQ(bench_.state(), state());
  EXPECT_EQ(bench_.status().receive_queue, 0u);
}

TEST_P(StateTable, TextOutsideTheWindowDrawsAnAck) {
  reach();
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = nxt() + 65535, .ack = una(), .size = 10}), ack());
  EXPECT_EQ(bench_.drops(), "tcp_outside_window");
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = nxt() - 10, .ack = una(), .size = 10}), ack());
  EXPECT_EQ(bench_.state(), state());
  EXPECT_EQ(bench_.status().receive_queue, 0u);
}

TEST_P(StateTable, AnAckOfWhatWasNeverSent) {
  reach();
  const std::uint32_t beyond = GetParam().snd_nxt + 1;
  const std::string sent = bench_.arrive({.flags = ".", .seq = nxt(), .ack = beyond});
  if (state() == State::syn_received) {
    EXPECT_EQ(sent, "R 2:2(0)");
  } else if (state() == State::time_wait) {
    EXPECT_EQ(sent, ack());
  } else {
    EXPECT_EQ(sent, ack());
    EXPECT_EQ(bench_.drops(), "tcp_ack_not_yet_sent");
  }
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, AnAckOlderThanAnyWindow) {
  reach();
  const std::uint32_t old = una() - 65535 - 1;
  const std::string sent = bench_.arrive({.flags = ".", .seq = nxt(), .ack = old});
  if (state() == State::syn_received) {
    EXPECT_EQ(sent.substr(0, 2), "R ");
  } else {
    EXPECT_EQ(sent, ack());
    EXPECT_EQ(bench_.drops(), "tcp_ack_too_old");
  }
  EXPECT_EQ(bench_.state(), state());
}

TEST_P(StateTable, PureAckOfEverythingSent) {
  reach();
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = nxt(), .ack = GetParam().snd_nxt}), "");
  switch (state()) {
    case State::syn_received: EXPECT_EQ(bench_.state(), State::established); break;
    case State::established: EXPECT_EQ(bench_.state(), State::established); break;
    case State::fin_wait_1: EXPECT_EQ(bench_.state(), State::fin_wait_2); break;
    case State::fin_wait_2: EXPECT_EQ(bench_.state(), State::fin_wait_2); break;
    case State::close_wait: EXPECT_EQ(bench_.state(), State::close_wait); break;
    case State::closing: EXPECT_EQ(bench_.state(), State::time_wait); break;
    case State::last_ack:
      EXPECT_EQ(bench_.state(), State::closed);
      EXPECT_EQ(bench_.events(), "closed");
      break;
    case State::time_wait: EXPECT_EQ(bench_.state(), State::time_wait); break;
    case State::listen:
    case State::syn_sent:
    case State::closed: FAIL();
  }
}

TEST_P(StateTable, TextInOrder) {
  reach();
  std::string sent =
      bench_.arrive({.flags = "P.", .seq = nxt(), .ack = GetParam().snd_nxt, .size = 10});
  sent += bench_.advance(40ms);
  if (receives(state()) || state() == State::syn_received) {
    EXPECT_EQ(sent, ack(nxt() + 10));
    EXPECT_EQ(bench_.status().receive_queue, 10u);
  } else {
    EXPECT_EQ(sent, "");
    EXPECT_EQ(bench_.status().receive_queue, 0u);
  }
  if (state() == State::last_ack) {
    EXPECT_EQ(bench_.state(), State::closed);
  }
}

TEST_P(StateTable, FinInOrderThatAcknowledgesNothingNew) {
  reach();
  const std::string sent = bench_.arrive({.flags = "F.", .seq = nxt(), .ack = una()});
  switch (state()) {
    case State::syn_received:
    case State::established:
      EXPECT_EQ(sent, ack(2));
      EXPECT_EQ(bench_.state(), State::close_wait);
      break;
    case State::fin_wait_1:
      EXPECT_EQ(sent, ack(2));
      EXPECT_EQ(bench_.state(), State::closing);
      break;
    case State::fin_wait_2:
      EXPECT_EQ(sent, ack(2));
      EXPECT_EQ(bench_.state(), State::time_wait);
      break;
    case State::close_wait:
    case State::last_ack:
    case State::time_wait:
      // A FIN after the FIN.
      EXPECT_EQ(sent, ack());
      EXPECT_EQ(bench_.state(), state());
      break;
    case State::closing:
      EXPECT_EQ(sent, "");  // does not acknowledge our FIN: ignored
      EXPECT_EQ(bench_.state(), state());
      break;
    case State::listen:
    case State::syn_sent:
    case State::closed: FAIL();
  }
}

TEST_P(StateTable, FinInOrderThatAcknowledgesOurFin) {
  if (state() != State::fin_wait_1 && state() != State::fin_wait_2) return;
  reach();
  EXPECT_EQ(bench_.arrive({.flags = "F.", .seq = 1, .ack = 2}), ". 2:2(0) ack 2");
  EXPECT_EQ(bench_.state(), State::time_wait);
}

TEST_P(StateTable, TheSameFinAgainIsAcknowledgedAgain) {
  if (nxt() == 1) return;  // no FIN has come yet
  reach();
  bench_.advance(10s);
  const auto before = bench_.status();
  EXPECT_EQ(bench_.arrive({.flags = "F.", .seq = nxt() - 1, .ack = una()}), ack());
  EXPECT_EQ(bench_.state(), state());
  EXPECT_EQ(bench_.events(), "");
  if (state() == State::time_wait) {
    EXPECT_EQ(bench_.status().timer_at, before.timer_at + 10s) << "2MSL starts again";
  }
}

TEST_P(StateTable, CloseCall) {
  reach();
  if (state() == State::syn_received) return;  // the user does not have it yet
  Actions act;
  const auto result = bench_.tcp().close(bench_.now(), bench_.id(), CloseMode::half, act);
  switch (state()) {
    case State::established:
      EXPECT_TRUE(result.ok());
      EXPECT_EQ(bench_.state(), State::fin_wait_1);
      EXPECT_TRUE(act.segment(0).fin);
      break;
    case State::close_wait:
      EXPECT_TRUE(result.ok());
      EXPECT_EQ(bench_.state(), State::last_ack);
      EXPECT_TRUE(act.segment(0).fin);
      break;
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::closing:
    case State::last_ack:
    case State::time_wait:
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error(), TcpError::connection_closing);
      EXPECT_EQ(act.segment_count(), 0u);
      EXPECT_EQ(bench_.state(), state());
      break;
    case State::listen:
    case State::syn_sent:
    case State::syn_received:
    case State::closed: FAIL();
  }
}

TEST_P(StateTable, AbortCall) {
  reach();
  if (state() == State::syn_received) return;  // the user does not have it yet
  const std::string sent = bench_.abort();
  const std::string seq = std::to_string(GetParam().snd_nxt);
  const bool quiet =
      state() == State::closing || state() == State::last_ack || state() == State::time_wait;
  EXPECT_EQ(sent, quiet ? "" : "R " + seq + ":" + seq + "(0)");
  EXPECT_EQ(bench_.state(), State::closed);
  EXPECT_EQ(bench_.tcp().connection_count(), 0u);
  EXPECT_EQ(bench_.tcp().next_deadline(), std::nullopt);
}

TEST_P(StateTable, SendCall) {
  reach();
  if (state() == State::syn_received) return;  // the user does not have it yet
  Actions act;
  const auto result = bench_.tcp().send(bench_.now(), bench_.id(), stream_text(0, 5), {}, act);
  if (state() == State::established || state() == State::close_wait) {
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*result, 5u);
  } else {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error(), TcpError::connection_closing);
    EXPECT_EQ(act.segment_count(), 0u);
  }
}

TEST_P(StateTable, ReservedOptionsAndUnknownFlagsDisturbNothing) {
  reach();
  // ECN bits without ECN, an MSS without SYN, a timestamp that was not negotiated.
  EXPECT_EQ(bench_.arrive({.flags = "EW.",
                           .seq = nxt(),
                           .ack = una() == 1 && state() == State::syn_received ? 1u : una(),
                           .options = {.mss = 10, .timestamps = Timestamps{1, 2}}}),
            "");
  EXPECT_LE(bench_.status().peer_mss, 1000);
  EXPECT_NE(bench_.status().peer_mss, 10);
}

INSTANTIATE_TEST_SUITE_P(AllStates, StateTable, ::testing::ValuesIn(kColumns),
                         [](const ::testing::TestParamInfo<Column>& column) {
                           std::string name;
                           for (const char c : column.param.name) {
                             if (c >= 'A' && c <= 'z') name += c;
                             if (c >= '0' && c <= '9') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace packetwright::tcp::testing
