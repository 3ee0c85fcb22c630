// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using CliTest = CommandTest;

TEST_F(CliTest, WithoutWordsItSaysHowToUseIt) {
  const Ended ended = packetwright({});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("run"), HasSubstr("list"), HasSubstr("targets")));
}

TEST_F(CliTest, EveryVerbHasItsHelp) {
  for (const char* const verb : {"run", "list", "fmt", "lint", "compare", "goodput", "sweep",
                                 "fuzz", "faults", "explain", "targets", "version"}) {
    const Ended ended = packetwright({verb, "--help"});
    EXPECT_EQ(ended.status, 0) << verb;
    EXPECT_THAT(ended.out, HasSubstr(std::string("packetwright ") + verb)) << verb;
    EXPECT_EQ(packetwright({"help", verb}).out, ended.out);
  }
  EXPECT_EQ(packetwright({"help"}).out, packetwright({}).out);
}

TEST_F(CliTest, APluginRunsCasesAndItsAdapterCanBeChecked) {
  const std::string pebble = std::string{"plugin:"} + PW_PEBBLE_PLUGIN;
  Ended ended = packetwright({"run", "icmp/echo_odd", "udp/bad_checksum", "--target", pebble,
                              "--conformance", PW_SOURCE_DIR "/conformance"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("passed, 0 failed"));
  ended = packetwright({"targets", "--check", pebble});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("pebble 1, virtual time, Ethernet frames"));
  EXPECT_THAT(ended.out, HasSubstr("  ok    frames"));
  EXPECT_THAT(ended.out, HasSubstr("  -     tcp accepts, ipv4"));
  EXPECT_THAT(ended.out, HasSubstr(" 0 broken, "));
  ended = packetwright({"targets", "--check", "linux:"});
  EXPECT_EQ(ended.status, 2);
  ended = packetwright({"targets", "--check", "plugin:/no/such.so"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("/no/such.so"));
}

TEST_F(CliTest, ComparesStacksAndDocumentsOfRuns) {
  const std::string pebble = std::string{"plugin:"} + PW_PEBBLE_PLUGIN;
  const std::string conformance = PW_SOURCE_DIR "/conformance";
  Ended ended = packetwright({"compare", "reference", pebble, "--cases",
                              "udp/delivered,udp/port_unreachable_is_reported", "--conformance",
                              conformance, "--json", "matrix.json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("udp/port_unreachable_is_reported [ipv4]"));
  EXPECT_THAT(ended.out, Not(HasSubstr("udp/delivered")));
  EXPECT_THAT(ended.out, EndsWith("1 differences\n"));
  EXPECT_EQ(results("matrix.json")["differences"].size(), 1u);
  // What was run before need not run again.
  static_cast<void>(
      packetwright({"run", "udp/delivered", "--conformance", conformance, "--json", "run.json"}));
  ended = packetwright({"compare", "run.json", "run.json", "--markdown", "-"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("| held of judged | reference | reference#2 |"));
  EXPECT_EQ(packetwright({"compare", "reference"}).status, 2);
  EXPECT_EQ(packetwright({"compare", "reference", "no_such"}).status, 2);
  EXPECT_EQ(packetwright({"compare", "reference", "none.json"}).status, 2);
  // A record that is cut off, or of a run that was, would count what is missing as nothing.
  json cut = results("run.json");
  cut["complete"] = false;
  write(root_ / "cut.json", cut.dump());
  ended = packetwright({"compare", "run.json", "cut.json"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("cut.json: of a run that did not come to its end"));
  // What is no verdict is told.
  json broken = results("run.json");
  broken["cases"][0]["verdict"] = "error";
  write(root_ / "broken.json", broken.dump());
  ended = packetwright({"compare", "run.json", "broken.json"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("reference#2: 1 without a verdict"));
}

TEST_F(CliTest, ExplainsARequirement) {
  write(root_ / "conformance/requirements/rfc1.csv",
        "id,section,level,testable,condition,rule\n"
        "RFC1-m,2,MUST,wire,,A port that listens answers.\n"
        "RFC1-n,2,MAY,no,a name server,Nobody sees it.\n");
  write(root_ / "conformance/tcp/handshake.pkt", kHandshake);
  write(
      root_ / "conformance/expectations/other.toml",
      "[[known]]\ncases = \"tcp/*\"\nexpect = \"fail\"\nsymptom = \"R\"\nwhy = \"It says no.\"\n");
  Ended ended = packetwright({"explain", "RFC1-m"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out,
            "RFC1-m: RFC 1, 2, MUST\n"
            "  A port that listens answers.\n"
            "  To be seen on the wire.\n"
            "  Cases:\n"
            "    tcp/handshake\n"
            "      A SYN to a listening port draws a SYN-ACK\n"
            "  Known of targets:\n"
            "    other: fail in tcp/*\n"
            "      It says no.\n");
  ended = packetwright({"explain", "RFC1-*", "--json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const json all = json::parse(ended.out);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["cases"], json::array({"tcp/handshake"}));
  EXPECT_EQ(all[0]["deviations"][0]["target"], "other");
  EXPECT_EQ(all[1]["condition"], "a name server");
  ended = packetwright({"explain", "RFC1-o"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("no requirement RFC1-o; did you mean"));
  write(root_ / "conformance/expectations/other.toml", "[[known]]\n");
  ended = packetwright({"explain", "RFC1-m"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("other.toml"));
}

TEST_F(CliTest, MeasuresGoodputOfStacksSideBySide) {
  const std::vector<std::string> small{"--seconds", "1", "--seeds", "2"};
  const auto goodput = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "goodput");
    words.insert(words.end(), small.begin(), small.end());
    return packetwright(words);
  };
  Ended ended = goodput({"reference", "reference[tcp_wmem=2896,tcp_sack=0]", "--rate", "10",
                         "--round-trip", "100", "--loss", "0,0.5", "--all", "--json", "g.json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("(2) reference 0"));
  EXPECT_THAT(ended.out, HasSubstr(", tcp_sack 0, tcp_wmem 2896\n"));
  EXPECT_THAT(ended.out, HasSubstr("\n10 Mbit/s    100 ms       0.5 %  "));
  EXPECT_THAT(ended.out, HasSubstr("Reordering"));
  const json rows = results("g.json")["rows"];
  ASSERT_EQ(rows.size(), 2u + 4 + 8);
  EXPECT_EQ(rows[1]["loss_millionths"], 5'000);
  // What takes part of the path less than all of it, the small buffer more.
  EXPECT_GT(rows[0]["median_us"][0], 1'000'000);
  EXPECT_GT(rows[0]["median_us"][1], 10'000'000);
  EXPECT_EQ(rows[13]["tail_lost"], 5);
  EXPECT_GT(rows[13]["median_us"][0], rows[10]["median_us"][0]);

  ended = goodput({"reference", "reference[no_such=1]", "--loss", "0", "--rate", "1"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("reference: "), HasSubstr("no_such")));
  EXPECT_THAT(ended.out, HasSubstr("            -\n"));
  ended = goodput({"reference[like]"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("like: expected a knob as NAME=VALUE"));
  for (const char* const loss : {"x", "100", "0.12345", "1.", "-1"}) {
    EXPECT_EQ(goodput({"reference", "--loss", loss}).status, 2) << loss;
  }
  EXPECT_EQ(goodput({"reference", "--rate", "0"}).status, 2);
  EXPECT_EQ(goodput({"no_such"}).status, 2);
  EXPECT_EQ(goodput({}).status, 2);
}

TEST_F(CliTest, UnknownWordsAreAnsweredWithWhatIsNear) {
  Ended ended = packetwright({"rnu"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown command rnu; did you mean run?"));
  ended = packetwright({"run", "--fail-fats"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown option --fail-fats; did you mean --fail-fast?"));
  ended = packetwright({"run", "--target", "referenec"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown target referenec; did you mean reference?"));
  ended = packetwright({"run", "tcp/handshak"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("no case matches 'tcp/handshak'; did you mean tcp/handshake?"));
  ended = packetwright({"run", "--requirement", "RFC1-n"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("no requirement has the id 'RFC1-n'; did you mean RFC1-m"));
}

// Words that make no sense are a matter of the command line, what is not there one of the machine.
TEST_F(CliTest, AHostOnAWireIsToldFromWordsThatNameNone) {
  for (const char* const name : {"wire:eth0", "wire:eth0,192.0.2", "wire:eth0,192.0.2.7,x=1"}) {
    const Ended ended = packetwright({"run", "--target", name});
    EXPECT_EQ(ended.status, 2) << name;
    EXPECT_THAT(ended.err, HasSubstr(std::string("target ") + name + ": ")) << name;
  }
  const Ended ended = packetwright({"run", "--target", "wire:nothing0,192.0.2.7"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("there is no interface nothing0"));
}

TEST_F(CliTest, ValuesThatMakeNoSenseAreUsageErrors) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", "--shard", "3/2"},
                                             {"run", "--seed", "0xzz"},
                                             {"run", "--repeat", "0"},
                                             {"run", "-j", "0"},
                                             {"run", "--variant", "ipv5"},
                                             {"run", "--mode", "lenient"},
                                             {"run", "-k", "a b"},
                                             {"run", "-k", "nothing_is_called_so"},
                                             {"run", "--conformance", "nowhere"},
                                             {"run", "--resume", "nowhere.json"},
                                             {"run", "--expectations", "nowhere.toml"}}) {
    const Ended ended = packetwright(words);
    EXPECT_EQ(ended.status, 2) << words[1] << ' ' << words[2];
    EXPECT_NE(ended.err, "") << words[1] << ' ' << words[2];
  }
}

TEST_F(CliTest, APassingRunEndsWithItsTotals) {
  const Ended ended = packetwright({"run"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, EndsWith("\n1 passed, 0 failed, 0 skipped\n"));
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b"))) << "no terminal, no colours";
}

TEST_F(CliTest, AFailureSaysWhatWasExpectedAndItsReplayRepeatsIt) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  const Ended ended = packetwright({"run", "--json", "r.json", "--pcap", "out.d"});
  EXPECT_EQ(ended.status, 1) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("expected"));
  EXPECT_THAT(ended.out, EndsWith("\n1 passed, 2 failed, 0 skipped\n"));
  const json document = results();
  EXPECT_EQ(document["summary"]["fail"], 2);
  EXPECT_EQ(document["complete"], true);
  EXPECT_EQ(document["sanity"]["first"], "pass");
  EXPECT_EQ(document["sanity"]["last"], "pass");
  const json failure = document["cases"][1];
  ASSERT_EQ(failure["id"], "tcp/wrong");
  EXPECT_EQ(failure["params"]["win"], 1000);
  EXPECT_EQ(failure["retried"], true);
  ASSERT_FALSE(failure["mismatches"].empty());
  EXPECT_EQ(failure["mismatches"][0]["line"], 9);
  EXPECT_TRUE(fs::exists(root_ / failure["pcap"].get<std::string>()));

  // As a shell would split it: no word of it has blanks.
  std::istringstream replay(failure["replay"].get<std::string>());
  std::vector<std::string> words{std::istream_iterator<std::string>(replay), {}};
  ASSERT_EQ(words[0], "packetwright");
  words.erase(words.begin());
  words.insert(words.end(), {"--json", "again.json"});
  EXPECT_EQ(packetwright(words).status, 1);
  const json again = results("again.json");
  ASSERT_EQ(again["cases"].size(), 1u);
  EXPECT_EQ(again["cases"][0]["trace_hash"], failure["trace_hash"]);
  EXPECT_EQ(again["cases"][0]["mismatches"], failure["mismatches"]);
}

TEST_F(CliTest, RoundsAreByteIdentical) {
  const Ended ended = packetwright({"run", "--repeat", "20", "-j", "2", "--json", "r.json"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(results()["cases"][0]["rounds"], 20);
  EXPECT_EQ(results()["workers"], 2) << "rounds of one case may run side by side";
}

TEST_F(CliTest, ANamedScriptThatIsInvalidEndsWithItsDiagnostics) {
  const std::vector<std::pair<const char*, std::string>> scripts{
      {"syntax.pkt", "+0 < S 0:0(0) win\n"},
      {"binary.pkt", std::string("\x7f"
                                 "ELF\0\0\xff\xfe",
                                 8)},
      {"huge.pkt", std::string(5 << 20, '(')},
      {"deep.pkt", "+0 setsockopt(3, " + std::string(100000, '[') + "\n"}};
  for (const auto& [name, text] : scripts) {
    write(root_ / name, text);
    const Ended ended = packetwright({"run", name});
    EXPECT_EQ(ended.status, 2) << name;
    EXPECT_THAT(ended.err, HasSubstr(name));
  }
  const Ended missing = packetwright({"run", "missing.pkt"});
  EXPECT_EQ(missing.status, 2);
}

TEST_F(CliTest, AScriptThatIsNoFileIsSaidToBeNone) {
  ASSERT_EQ(::mkfifo((root_ / "pipe.pkt").c_str(), 0666), 0);
  const Ended ended = packetwright({"run", "pipe.pkt"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("pipe.pkt: not a regular file"));
}

TEST_F(CliTest, AnEmptyScriptIsNoPass) {
  write(root_ / "empty.pkt", "");
  const Ended ended = packetwright({"run", "empty.pkt"});
  EXPECT_THAT(ended.status, ::testing::AnyOf(1, 2));
  EXPECT_THAT(ended.out + ended.err, HasSubstr("empty"));
}

TEST_F(CliTest, ABrokenCaseAmongOthersIsAnErrorOfItsOwn) {
  write(root_ / "conformance/tcp/broken.pkt",
        "// B.\n//: cites RFC1-m\n//: variants ipv4\n+0 < S 0:0(0) win\n");
  write(root_ / "conformance/tcp/unknown.pkt",
        "// U.\n//: cites RFC2-x\n//: variants ipv4\n+0 < S 0:0(0) win 1\n");
  const Ended ended = packetwright({"run", "--json", "r.json"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(results()["summary"]["error"], 2);
  EXPECT_EQ(results()["summary"]["pass"], 1);
}

TEST_F(CliTest, PreludesThatUseEachOtherAreAnErrorWithTheChain) {
  write(root_ / "conformance/preludes/a.pkt", "use b\n");
  write(root_ / "conformance/preludes/b.pkt", "use a\n");
  write(root_ / "conformance/tcp/circle.pkt", "// C.\n//: cites RFC1-m\nuse a\n");
  const Ended ended = packetwright({"run", "tcp/circle"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("error"), HasSubstr("a"), HasSubstr("b")));
}

TEST_F(CliTest, AScriptOutsideTheFolderRunsByItsPath) {
  write(root_ / "mine/one.pkt", kHandshake);
  write(root_ / "mine/two.pkt", kHandshake);
  EXPECT_EQ(packetwright({"run", "mine/one.pkt"}).status, 0);
  const Ended both = packetwright({"run", "mine"});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_THAT(both.out, EndsWith("\n2 passed, 0 failed, 0 skipped\n"));
}

TEST_F(CliTest, AnOutputThatCannotBeWrittenIsSaidBeforeTheRun) {
  const Ended ended = packetwright({"run", "--json", "/proc/r.json"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("--json /proc/r.json: "));
  EXPECT_EQ(packetwright({"run", "--junit", "no/such/folder.xml"}).status, 3);
  EXPECT_EQ(packetwright({"run", "--pcap", "/proc/captures"}).status, 3);
}

TEST_F(CliTest, AFullDiskCostsTheFileAndNotTheVerdicts) {
  const Ended ended = packetwright({"run", "--json", "/dev/full", "--tap", "t.tap"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("--json /dev/full: No space left on device"));
  EXPECT_THAT(ended.out, EndsWith("\n1 passed, 0 failed, 0 skipped\n"));
  EXPECT_THAT(text_of(root_ / "t.tap"), HasSubstr("ok 1 - tcp/handshake [ipv4]"));
}

TEST_F(CliTest, AFullStandardOutputIsNoSuccess) {
  Setting full;
  full.out = "/dev/full";
  const Ended ended = packetwright({"list"}, full);
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("cannot write to standard output"));
}

// Waits until the document of a run holds a verdict.
bool has_verdicts(const fs::path& path) {
  for (int i = 0; i < 1000; ++i) {
    const json document = json::parse(text_of(path), nullptr, false);
    if (document.is_object() && document.contains("cases") && !document["cases"].empty()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class InterruptedTest : public CliTest {
 protected:
  // Many cases, each of many rounds, so that a signal finds the run at work.
  InterruptedTest() {
    for (int i = 0; i < 40; ++i) {
      write(root_ / ("conformance/tcp/case_" + std::to_string(i) + ".pkt"), kHandshake);
    }
  }
  const std::vector<std::string> words_{"run", "--json", "r.json", "-j", "1", "--repeat", "100"};
};

TEST_F(InterruptedTest, CtrlCKeepsTheVerdictsAndPrintsTheTotals) {
  const pid_t child = start(words_);
  ASSERT_TRUE(has_verdicts(root_ / "r.json"));
  ::kill(child, SIGINT);
  const Ended ended = finish(child);
  EXPECT_EQ(ended.status, 130) << ended.err;
  const json document = results();
  EXPECT_EQ(document["interrupted"], true);
  EXPECT_EQ(document["complete"], false);
  EXPECT_GE(document["cases"].size(), 1u);
  EXPECT_LT(document["cases"].size(), 41u);
  EXPECT_THAT(ended.out, HasSubstr("interrupted after "));
  EXPECT_THAT(ended.out, EndsWith(" passed, 0 failed, 0 skipped\n"));
}

TEST_F(InterruptedTest, AKilledRunIsResumed) {
  std::vector<std::string> words = words_;
  words.back() = "30";
  const pid_t child = start(words);
  ASSERT_TRUE(has_verdicts(root_ / "r.json"));
  ::kill(child, SIGKILL);
  EXPECT_EQ(finish(child).status, 128 + SIGKILL);
  const json before = results();
  ASSERT_GE(before["cases"].size(), 1u);

  const Ended other_seed =
      packetwright({"run", "--resume", "r.json", "--repeat", "30", "--seed", "1", "-j", "1"});
  EXPECT_EQ(other_seed.status, 2);
  EXPECT_THAT(other_seed.err, HasSubstr("differs in its seed"));

  const Ended resumed = packetwright({"run", "--resume", "r.json", "--repeat", "30", "-j", "1"});
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  const json after = results();
  EXPECT_EQ(after["cases"].size(), 41u);
  EXPECT_EQ(after["complete"], true);
  EXPECT_EQ(after["cases"][0]["wall_us"], before["cases"][0]["wall_us"]) << "it did not run again";
}

TEST_F(CliTest, ViewsGoToStandardOutputOnRequest) {
  const Ended ended = packetwright({"run", "--json", "-"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(json::parse(ended.out)["summary"]["pass"], 1);
  EXPECT_THAT(ended.err, EndsWith("\n1 passed, 0 failed, 0 skipped\n"));
}

TEST_F(CliTest, DraftsForAStackThatIsAFileNeedAPlace) {
  const Ended ended =
      packetwright({"run", "--update-expectations", "--target", "packetdrill-so:./x.so"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--expectations FILE"));
}

TEST_F(CliTest, KnownFailuresAreNoFailures) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  EXPECT_EQ(packetwright({"run", "--update-expectations"}).status, 1);
  const Ended known = packetwright({"run"});
  EXPECT_EQ(known.status, 0) << known.out << known.err;
  EXPECT_THAT(known.out, HasSubstr("2 xfail"));
  // An entry that names no case is red, but only when all cases were meant.
  fs::remove(root_ / "conformance/tcp/wrong.pkt");
  const Ended stale = packetwright({"run"});
  EXPECT_EQ(stale.status, 1);
  EXPECT_THAT(stale.out, HasSubstr("tcp/wrong selects no case"));
  EXPECT_EQ(packetwright({"run", "tcp/handshake"}).status, 0);
}

TEST_F(CliTest, DraftsBeginAListThatIsNotThere) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  const std::vector<std::string> words{"run", "--expectations", "mine.toml"};
  EXPECT_EQ(packetwright(words).status, 2) << "it is not there";
  std::vector<std::string> drafting = words;
  drafting.emplace_back("--update-expectations");
  EXPECT_EQ(packetwright(drafting).status, 1);
  EXPECT_EQ(packetwright(words).status, 0);
}

TEST_F(CliTest, ABrokenLedgerIsAUsageErrorWithItsPlace) {
  write(root_ / "conformance/expectations/reference.toml", "[[known]]\ncases = 1\n");
  const Ended ended = packetwright({"run"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("conformance/expectations/reference.toml:2: "));
  EXPECT_EQ(packetwright({"run", "--expectations", "none"}).status, 0);
}

TEST_F(CliTest, AFolderElsewhereHasALedgerOfItsOwn) {
  const auto known = [](const std::string& cases) {
    return "[[known]]\ncases = \"" + cases +
           "\"\nexpect = \"fail\"\nsymptom = \"*\"\nwhy = \"it is old\"\n";
  };
  write(root_ / "mine/net/wrong.pkt", kWrong);
  write(root_ / "known.toml", known("mine/net/wrong") + known("other/thing"));
  const std::vector<std::string> words{"run", "--expectations", "known.toml", "mine"};
  EXPECT_EQ(packetwright(words).status, 0) << "one is known, the other about something else";
  write(root_ / "known.toml", known("mine/net/wrong") + known("mine/gone"));
  const Ended stale = packetwright(words);
  EXPECT_EQ(stale.status, 1);
  EXPECT_THAT(stale.out, HasSubstr("mine/gone selects no case"));
  EXPECT_EQ(packetwright({"run", "--expectations", "known.toml", "mine/net/wrong.pkt"}).status, 0)
      << "one script says nothing about others";
}

TEST_F(CliTest, ATargetThatFailsTheSanityCaseJudgesNothing) {
  write(root_ / "conformance/sanity.pkt", kWrong);
  const Ended ended = packetwright({"run", "--json", "r.json"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("does not pass the sanity case"));
  EXPECT_EQ(packetwright({"run", "--no-sanity"}).status, 0);
}

TEST_F(CliTest, ListTellsWhatToolsNeed) {
  const Ended ended = packetwright({"list", "--json"});
  EXPECT_EQ(ended.status, 0);
  const json list = json::parse(ended.out);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["id"], "tcp/handshake");
  EXPECT_EQ(list[0]["path"], "conformance/tcp/handshake.pkt");
  EXPECT_EQ(list[0]["title"], "A SYN to a listening port draws a SYN-ACK");
  EXPECT_EQ(list[0]["level"], "MUST");
  EXPECT_EQ(list[0]["requirements"], json::array({"RFC1-m"}));
  EXPECT_EQ(list[0]["needs"], json::array());
  EXPECT_EQ(packetwright({"list", "--level", "should"}).status, 2) << "nothing selected";
}

TEST_F(CliTest, TargetsTellWhatToolsNeed) {
  const Ended ended = packetwright({"targets", "--json"});
  EXPECT_EQ(ended.status, 0);
  bool reference = false;
  for (const json& target : json::parse(ended.out)) {
    for (const char* const key :
         {"name", "version", "clock", "capabilities", "available", "reason"}) {
      EXPECT_TRUE(target.contains(key)) << key;
    }
    if (target["name"] == "reference") {
      reference = true;
      EXPECT_EQ(target["clock"], "virtual");
      EXPECT_EQ(target["available"], true);
    }
  }
  EXPECT_TRUE(reference);
}

TEST_F(CliTest, VersionNamesCommitAndCompiler) {
  const Ended ended = packetwright({"version"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("packetwright "), HasSubstr("commit"), HasSubstr("compiler")));
  EXPECT_EQ(packetwright({"--version"}).out, ended.out);
}

TEST_F(CliTest, FmtChecksAndMends) {
  write(root_ / "a.pkt", "+0    <   S   0:0(0)   win   1000\n");
  EXPECT_EQ(packetwright({"fmt", "--check", "a.pkt"}).status, 1);
  EXPECT_THAT(text_of(root_ / "a.pkt"), HasSubstr("<   S")) << "only looked at";
  EXPECT_EQ(packetwright({"fmt", "a.pkt"}).status, 0);
  EXPECT_THAT(text_of(root_ / "a.pkt"), Not(HasSubstr("<   S")));
  EXPECT_EQ(packetwright({"fmt", "--check", "a.pkt"}).status, 0);
}

TEST_F(CliTest, FmtLeavesAnInvalidScriptAlone) {
  const std::string broken = "+0   < S 0:0(0)   win\n";
  write(root_ / "a.pkt", broken);
  EXPECT_EQ(packetwright({"fmt", "a.pkt"}).status, 2);
  EXPECT_EQ(text_of(root_ / "a.pkt"), broken);
}

TEST_F(CliTest, LintFindsWhatARunWouldTripOver) {
  EXPECT_EQ(packetwright({"lint"}).status, 0);
  write(root_ / "conformance/tcp/bad.pkt",
        "//: cites RFC2-x\nuse nowhere\n+0 < S 0:0(0) win 1000\n");
  const Ended ended = packetwright({"lint"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("no requirement has the id 'RFC2-x'"),
                               HasSubstr("nowhere"), HasSubstr("no title")));
}

// --- packetwright packetdrill

TEST_F(CliTest, PacketdrillReadsScriptsAndIsSilent) {
  write(root_ / "good.pkt", "--tolerance_usecs=1000\n0 close(3) = 0\n");
  const Ended ended = packetwright({"packetdrill", "--dry_run", "good.pkt"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out + ended.err, "");
  const Ended behind = packetwright({"packetdrill", "good.pkt", "--dry", "--ip_ver", "ipv6"});
  EXPECT_EQ(behind.status, 0) << "abbreviated, and behind the script: " << behind.err;
}

TEST_F(CliTest, PacketdrillHasOneStatusForAllThatIsWrong) {
  write(root_ / "bad.pkt", "0 close(3) = 0\nfoo\n");
  write(root_ / "good.pkt", "0 close(3) = 0\n");
  const auto complaint = [this](const std::vector<std::string>& words) {
    std::vector<std::string> all{"packetdrill"};
    all.insert(all.end(), words.begin(), words.end());
    const Ended ended = packetwright(all);
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.out, "");
    return ended.err;
  };
  EXPECT_THAT(complaint({"--dry_run", "good.pkt", "bad.pkt"}), HasSubstr("bad.pkt:2:1: error"));
  EXPECT_THAT(complaint({"--dry_run", "none.pkt"}), HasSubstr("none.pkt: No such file"));
  EXPECT_THAT(complaint({}), HasSubstr("no script is named"));
  EXPECT_THAT(complaint({"--tolerance_usec5=3", "good.pkt"}),
              HasSubstr("did you mean --tolerance_usecs"));
  EXPECT_THAT(complaint({"--tol=3", "good.pkt"}), HasSubstr("--tol is ambiguous"));
  EXPECT_THAT(complaint({"good.pkt", "--mtu"}), HasSubstr("--mtu wants a value"));
  EXPECT_THAT(complaint({"--dry_run=1", "good.pkt"}), HasSubstr("--dry_run takes no value"));
  EXPECT_THAT(complaint({"-D", "x", "good.pkt"}), HasSubstr("expected NAME=VALUE"));
  EXPECT_THAT(complaint({"--wire_client", "good.pkt"}), HasSubstr("unsupported: --wire_client"));
  EXPECT_THAT(complaint({"--dry_run", "--mtu=5", "good.pkt"}), HasSubstr("octets from 68"));
  EXPECT_EQ(
      packetwright({"packetdrill", "--dry_run", "--udp_encapsulation=tcp", "good.pkt"}).status, 0)
      << "what cannot be run can be read";
  EXPECT_THAT(complaint({"--dry_run", "--psp_udp_port=5", "good.pkt"}),
              HasSubstr("good.pkt: unsupported: option --psp_udp_port"));
}

constexpr const char* kRefuses =
    "0 < S 0:0(0) win 1000\n"
    "+0 > R. 0:0(0) ack 1 win 0\n";

TEST_F(CliTest, PacketdrillRunsScriptsUntilOneDoesNotHold) {
  const std::string plugin = "--so_filename=" PW_REFERENCE_PLUGIN;
  write(root_ / "good.pkt", kRefuses);
  write(root_ / "wrong.pkt", std::string(kRefuses) + "+0 > . 1:1(0) ack 1\n");
  write(root_ / "lacks.pkt", "0 psp_rx_assoc(3, [1]) = 0\n");
  const Ended good = packetwright({"packetdrill", plugin, "good.pkt", "good.pkt"});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out + good.err, "");
  const Ended told = packetwright({"packetdrill", plugin, "-v", "good.pkt"});
  EXPECT_THAT(told.out, HasSubstr("< S 0:0(0) win 1000"));
  const Ended wrong = packetwright({"packetdrill", plugin, "good.pkt", "wrong.pkt", "none.pkt"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, StartsWith("wrong.pkt:3: expected > . 1:1(0) ack 1, got nothing\n"));
  EXPECT_THAT(wrong.err, HasSubstr("history   1"));
  EXPECT_THAT(wrong.err, HasSubstr("replay    packetwright packetdrill " + plugin));
  EXPECT_THAT(wrong.err, Not(HasSubstr("none.pkt:"))) << "it was not reached";
  const Ended lacks = packetwright({"packetdrill", plugin, "lacks.pkt"});
  EXPECT_EQ(lacks.status, 1);
  EXPECT_THAT(lacks.err, StartsWith("lacks.pkt:1: unsupported: "));
  EXPECT_THAT(lacks.err, Not(HasSubstr("because"))) << "said once";
}

TEST_F(CliTest, PacketdrillSymbolsComeFromTheCommandLine) {
  write(root_ / "symbol.pkt", "0 < icmp unreachable CODE\n");
  EXPECT_EQ(packetwright({"packetdrill", "--dry_run", "symbol.pkt"}).status, 1);
  const Ended defined =
      packetwright({"packetdrill", "--dry_run", "-DCODE=host_unreachable", "symbol.pkt"});
  EXPECT_EQ(defined.status, 0) << defined.err;
}

TEST_F(CliTest, OptionsOfScriptsMayComeFromTheCommandLine) {
  const std::string script =
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0 bind(3, ..., ...) = 0\n"
      "+0 listen(3, 1) = 0\n"
      "+0 < S 0:0(0) win 1000 <mss 1460>\n"
      "+0 > S. 0:0(0) ack 1 <mss 960>\n";
  write(root_ / "mine.pkt", script);
  write(root_ / "own.pkt", "--mtu=1500\n" + script);
  const auto run = [&](const std::string& name, const std::string& option) {
    return packetwright({"run", name, "--variant", "ipv4", "--script-option", option});
  };
  EXPECT_EQ(run("mine.pkt", "mtu=1000").status, 0);
  const Ended own = run("own.pkt", "mtu=1000");
  EXPECT_EQ(own.status, 1) << "the script knows better";
  EXPECT_THAT(own.out, HasSubstr("--script-option mtu=1000")) << "the replay needs it";
  EXPECT_EQ(run("mine.pkt", "mtu").status, 2);
  EXPECT_THAT(run("mine.pkt", "mtu=5").err, HasSubstr("--script-option mtu=5: "));
  EXPECT_EQ(run("mine.pkt", "nonsense=1").status, 2);
}

// The reference has no shell: a file that only sets things is read (docs/packetdrill.md).
TEST_F(CliTest, AShellFileBesideAScriptIsReadWhereThereIsNoShell) {
  write(root_ / "suite" / "common.sh", "#!/bin/bash\nsysctl -q net.ipv4.tcp_sack=0\n");
  write(root_ / "suite" / "a" / "no_sack.pkt",
        "`../common.sh`\n"
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
        "+0 bind(3, ..., ...) = 0\n"
        "+0 listen(3, 1) = 0\n"
        "+0 < S 0:0(0) win 1000 <mss 1460,sackOK,nop,nop>\n"
        "+0 > S. 0:0(0) ack 1 <mss 1460>\n");
  const Ended ended = packetwright({"run", "suite/a/no_sack.pkt", "--variant", "ipv4"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_THAT(ended.out, EndsWith("1 passed, 0 failed, 0 skipped\n"));
}

TEST_F(CliTest, SymbolsAreForEveryVerbThatReadsCases) {
  write(root_ / "symbol.pkt", "0 close(FD) = -1 EBADF (never opened)\n");
  EXPECT_THAT(packetwright({"run", "symbol.pkt", "-D", "FD=3"}).out,
              HasSubstr("descriptor 3 was never opened"));
  const Ended ended = packetwright({"run", "symbol.pkt", "-D", "FD"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("-D FD: expected NAME=VALUE"));
}

TEST_F(CliTest, PacketdrillHelpTellsTheOptions) {
  const Ended ended = packetwright({"packetdrill", "--help"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("--tolerance_usecs"));
  EXPECT_EQ(packetwright({"help", "packetdrill"}).out, ended.out);
}

// A case that goes wrong at its end leaves a capture; what was captured holds when it is run again.
constexpr const char* kConversation =
    "// An exchange, and an expectation that no stack meets.\n"
    "//: cites RFC1-m\n"
    "//: variants ipv4\n"
    "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 1000 <mss 1460>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+0.1 < . 1:1(0) ack 1 win 1000\n"
    "+0 accept(3, ..., ...) = 4\n"
    "+0 < P. 1:6(5) ack 1 win 1000 \"hello\"\n"
    "+0 read(4, \"hello\", 100) = 5\n"
    "+0 write(4, \"world\", 5) = 5\n"
    "+0 > P. 1:6(5) ack 6\n"
    "+0.1 < . 6:6(0) ack 6 win 1000\n"
    "+0 close(4) = 0\n"
    "+0 > R. 6:6(0) ack 6\n";

class CliCaptureTest : public CliTest {
 protected:
  CliCaptureTest() {
    write(root_ / "talk.pkt", kConversation);
    const Ended ended = packetwright({"run", "talk.pkt", "--pcap", "pcaps", "--no-sanity"});
    EXPECT_EQ(ended.status, 1) << ended.out << ended.err;
    EXPECT_TRUE(fs::exists(root_ / kCapture));
  }
  static constexpr const char* kCapture = "pcaps/reference/talk.ipv4.pcapng";
};

TEST_F(CliCaptureTest, AnImportedCaptureRunsAgain) {
  Ended ended = packetwright({"import", kCapture, "-o", "again.pkt"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(text_of(root_ / "again.pkt"),
              AllOf(HasSubstr("The stack under test is the server"),
                    HasSubstr("< P. 1:6(5) ack 1 win 1000 \"hello\""),
                    HasSubstr("write(4, \"world\", 5) = 5"), HasSubstr("close(4) = 0")));
  ended = packetwright({"lint", "again.pkt"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  ended = packetwright({"fmt", "--check", "again.pkt"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  ended = packetwright({"run", "again.pkt", "--no-sanity"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
}

TEST_F(CliCaptureTest, AReplayHoldsOrNamesTheFrame) {
  Ended ended = packetwright({"replay", kCapture});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("as recorded: "));
  ended = packetwright({"replay", kCapture, "--strict"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  // As a client this stack asks for options that the script's peer did not ask for.
  ended = packetwright({"replay", kCapture, "--side", "client", "--strict"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("at        pcaps/reference/talk.ipv4.pcapng frame 1\n"),
                               HasSubstr("replay    packetwright replay ")));
}

TEST_F(CliCaptureTest, WordsThatNameNoConversationAreUsageErrors) {
  Ended ended = packetwright({"import", kCapture, "--list"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("1  tcp 192.0.2.1:"));
  ended = packetwright({"import", kCapture, "--conversation", "9"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--conversation 9: there are"));
  ended = packetwright({"import", kCapture, "--side", "middle"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("'middle' is neither end of the conversation"));
  ended = packetwright({"import", "talk.pkt"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("neither a pcap nor a pcapng file"));
  ended = packetwright({"import", kCapture, "-o", "nowhere/x.pkt"});
  EXPECT_EQ(ended.status, 3);
  ended = packetwright({"replay", kCapture, "--target", "referenec"});
  EXPECT_EQ(ended.status, 2);
}

}  // namespace
}  // namespace packetwright::cli
