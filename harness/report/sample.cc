// SPDX-License-Identifier: Apache-2.0
#include "harness/report/sample.hh"

#include "harness/report/document_writer.hh"

namespace packetwright::report {
namespace {

using engine::HistoryEntry;
using runner::CaseResult;
using runner::Level;
using runner::Verdict;

CaseResult make(const char* id, const char* title, Verdict verdict, Level level) {
  CaseResult result;
  result.id = id;
  result.path = std::string("conformance/") + id + ".pkt";
  result.title = title;
  result.target = "lwip";
  result.verdict = verdict;
  result.level = level;
  result.seed = 0xfeed;
  result.strict = true;
  result.wall_us = 1234;
  result.virtual_us = 1'500'000;
  result.trace_hash = 0x0123456789abcdef;
  if (verdict != Verdict::pass) {
    result.replay = std::string("packetwright run ") + id +
                    " --target lwip --seed 0x7f3a "
                    "--variant ipv4";
  }
  return result;
}

CaseResult challenge_ack() {
  CaseResult result = make("tcp/segment_arrives/established/rcv_rst_right_edge",
                           "An in-window RST that is not exactly at RCV.NXT draws a challenge ACK",
                           Verdict::fail, Level::must);
  result.requirements = {{"RFC9293-3.10.7.4-rst3", "RFC 9293, 3.10.7.4"},
                         {"RFC5961-3.2-3", "RFC 5961, 3.2"}};
  result.cause = "line 7: another packet than expected";
  result.symptom = "expected > . 1:1(0) ack 1, got > R 1:1(0)";
  result.retried = true;
  engine::Mismatch mismatch;
  mismatch.file = result.path;
  mismatch.line = 7;
  mismatch.column = 8;
  mismatch.expected = "+0.000 > . 1:1(0) ack 1";
  mismatch.actual = "+0.000 > R 1:1(0)";
  mismatch.fields = {{"flags", ".", "R"}, {"ack", "1", "none"}};
  result.mismatches = {mismatch};
  result.history = {
      {HistoryEntry::Kind::call,
       instant_at(0),
       3,
       "conformance/preludes/listening.pkt",
       "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
       {},
       true},
      {HistoryEntry::Kind::frame_in,
       instant_at(1'000'000),
       6,
       {},
       "< R 65535:65535(0)",
       Buffer(54, 0x11),
       true},
      {HistoryEntry::Kind::frame_out,
       instant_at(1'250'000),
       7,
       {},
       "> R 1:1(0)",
       Buffer(54, 0x22),
       true},
      {HistoryEntry::Kind::note, instant_at(1'250'000), 0, {}, "end of the script", {}, true}};
  result.pcap = "out/lwip/tcp/segment_arrives/established/rcv_rst_right_edge.ipv4.pcapng";
  return result;
}

CaseResult many_differences() {
  CaseResult result =
      make("tcp/options/syn_ack_options", "The SYN-ACK carries every option that the SYN offered",
           Verdict::non_strict, Level::should);
  result.params = {{"mss", "536"}, {"mode", "fast"}};
  result.requirements = {{"RFC7323-2.2-a", "RFC 7323, 2.2"}};
  engine::Mismatch mismatch;
  mismatch.file = result.path;
  mismatch.line = 4;
  mismatch.expected = "+0.000 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 1 ecr 7,nop,wscale 7>";
  mismatch.actual = "+0.000 > S. 0:0(0) ack 1 win 5840 <mss 536>";
  mismatch.fields = {{"option mss", "1460", "536"},
                     {"option sackOK", "present", "none"},
                     {"option TS", "val 1 ecr 7", "none"},
                     {"option wscale", "7", "none"}};
  result.mismatches = {mismatch};
  result.cause = "line 4: another packet than expected";
  result.symptom = "expected > S. ..., got > S. ...";
  return result;
}

}  // namespace

RunInfo sample_info() {
  RunInfo info;
  info.version = "0.1.0 (1a2b3c4d5e6f)";
  info.mode = "automatic";
  info.target = "lwip";
  info.target_version = "2.2.1";
  info.clock = "virtual";
  info.medium = "memory";
  info.capabilities = {"ethernet", "ipv4", "tcp"};
  info.seed = 0x7f3a;
  info.started = "2026-11-20T17:00:00Z";
  info.workers = 2;
  info.shard = "1/1";
  return info;
}

std::vector<CaseResult> sample_results() {
  std::vector<CaseResult> results;
  results.push_back(
      make("tcp/header/checksum_bad", "A bad checksum is dropped", Verdict::pass, Level::must));
  results.push_back(
      make("tcp/header/urg_ignored", "An old urgent pointer", Verdict::pass, Level::must));
  results.back().order_dependent = results.back().retried = true;
  results.back().verdict = Verdict::pass;
  results.push_back(many_differences());
  results.push_back(
      make("tcp/options/wide_window", "Windows beyond 64 KiB", Verdict::unsupported, Level::must));
  results.back().cause = "the target lacks wscale";
  results.push_back(
      make("tcp/options/timestamps_echo", "A timestamp is echoed", Verdict::info, Level::may));
  results.back().cause = results.back().symptom = "expected > ., got nothing";
  results.push_back(
      make("tcp/options/paws_old", "An old timestamp is refused", Verdict::xfail, Level::must));
  results.back().cause = results.back().symptom = "expected > . ack 1, got nothing";
  results.back().known = "PAWS not enforced (RFC 7323, section 5) [b/156682000]";
  results.push_back(
      make("tcp/options/sack_permitted", "SACK is offered", Verdict::xpass, Level::should));
  results.back().cause =
      "passed, but lwip.toml:3 expects a failure; remove the entry if it is mended";
  results.back().known = "no SACK";
  results.push_back(challenge_ack());
  results.push_back(make("udp/checksum_zero", "A checksum of zero", Verdict::crash, Level::must));
  results.back().cause = results.back().symptom = "AddressSanitizer: heap-buffer-overflow";
  results.back().line = 9;
  results.back().log =
      "==1==ERROR: AddressSanitizer: heap-buffer-overflow\nREAD of size 1\n#0 udp_input";
  results.push_back(make("udp/length_short", "A length below eight", Verdict::hang, Level::must));
  results.back().cause = results.back().symptom = "still running after 20 s";
  results.back().line = 4;
  results.push_back(make("udp/typo", "", Verdict::error, Level::must));
  results.back().cause = "conformance/udp/typo.pkt:2:4: error: expected '<' or '>'";
  results.back().log =
      "conformance/udp/typo.pkt:2:4: error: expected '<' or '>'\n+0 S 0:0(0)\n   ^";
  results.push_back(make("udp/quiet", "Nothing is sent", Verdict::fail, Level::must));
  results.back().variant = engine::Variant::ipv6;
  results.back().replay.replace(results.back().replay.find("ipv4"), 4, "ipv6");
  results.back().vacuous = true;
  results.back().cause = results.back().symptom =
      "vacuous: the stack did not answer after the last event";
  return results;
}

RunEnd sample_end() {
  RunEnd end;
  end.complete = true;
  end.wall_ms = 1240;
  end.sanity_first = end.sanity_last = "pass";
  end.stale = {"conformance/expectations/lwip.toml:12: tcp/gone selects no case"};
  return end;
}

Json sample_document() {
  Json cases = Json::array();
  for (const CaseResult& result : sample_results()) cases.push_back(to_json(result));
  return whole_document(to_json(sample_info()), cases, sample_end());
}

}  // namespace packetwright::report
