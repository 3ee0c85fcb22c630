# SPDX-License-Identifier: Apache-2.0
"""Scripts and the suite from Python."""

import os
import signal
import threading

import pytest

from packetwright import ScriptError, Suite, UsageError, check_script, read_capture


def test_cases_are_selected(suite):
    everything = suite.cases()
    assert len(everything) > 300
    some = suite.cases("tcp/segment_arrives/listen")
    assert some and all(case.id.startswith("tcp/segment_arrives/listen/") for case in some)
    assert suite.cases("tcp/**", keyword="rst and not window", levels=["must"])
    cited = suite.cases(requirements=["RFC5961-*"])
    assert all(any(one.startswith("RFC5961-") for one in case.requirements) for case in cited)
    fewer = suite.cases("tcp/segment_arrives/listen", exclude=[some[0].id])
    assert len(fewer) == len(some) - 1
    assert some[0].title and some[0].level in ("MUST", "SHOULD", "MAY") and not some[0].problem
    assert some[0].text.startswith("//")


def test_a_selection_of_nothing_is_an_error(suite):
    with pytest.raises(UsageError, match="no case"):
        suite.cases("tcp/nothing_like_this")
    with pytest.raises(UsageError):
        suite.run("tcp/segment_arrives/listen", target="nosuch")
    with pytest.raises(UsageError):
        suite.run("tcp/segment_arrives/listen", variants=["ipv5"])
    with pytest.raises(UsageError):
        suite.run("tcp/segment_arrives/listen", params=["nosuch=1"])
    with pytest.raises(TypeError, match="no setting 'colour'"):
        suite.run("tcp/segment_arrives/listen", colour=1)
    with pytest.raises(UsageError):
        Suite("/nonexistent")


def test_the_suite_runs(suite):
    told = []
    results = suite.run("tcp/segment_arrives/listen", on_result=told.append)
    assert len(results) == len(told) > 10 and not results.failed
    assert results.counts()["pass"] == len(results.passed) == len(results)
    assert results[0].id <= results[1].id and results[0].json["trace_hash"]
    assert repr(results) == f"<Results: {len(results)} passed, 0 failed, 0 skipped>"


def test_equal_runs_give_equal_traces(suite):
    hashes = [[one.json["trace_hash"] for one in suite.run("udp", jobs=jobs)] for jobs in (1, 2)]
    assert hashes[0] == hashes[1]


def test_a_script_of_text(suite, faulty_script):
    text, line = faulty_script
    case = suite.parse(text, "wrong.pkt")
    results = suite.run(case, variants=["ipv4"])
    [result] = results
    assert result.failed and result.verdict == "fail" and results.failed == [result]
    assert result.mismatches[0]["line"] == line
    assert "expected" in result.explain() and "actual" in result.explain()
    assert [bytes(one)[12:14] for one in read_capture(result.pcap())][-1] == b"\x08\x00"
    assert result.pcap_name.endswith("wrong.ipv4.pcapng")
    assert "<svg" in result.ladder() and result.ladder().count("marker-end") >= 2
    assert "fail" in results._repr_html_() and "<svg" in result._repr_html_()


def test_a_script_from_a_file_with_preludes_of_the_suite(suite, tmp_path):
    path = tmp_path / "mine.pkt"
    path.write_text("// Data is acknowledged.\n//: cites RFC9293-3.10.7.4-text\nuse established\n"
                    "+0 < P. 1:11(10) ack 1\n* > . 1:1(0) ack 11\n")
    case = suite.load(path)
    [result] = suite.run(case, variants=["ipv6"], isolate="none", keep_history=True)
    assert result.passed and result.variant == "ipv6" and result.history


def test_a_script_that_cannot_be_read(suite, tmp_path):
    with pytest.raises(ScriptError, match="bad.pkt:1:"):
        suite.parse("+0 < S 0:0(0) win <mss\n", "bad.pkt")
    [diagnostic] = [one for one in check_script("+0 < S 0:0(0) win <mss\n", "bad.pkt")
                    if one.severity == "error"][:1]
    assert (diagnostic.file, diagnostic.line) == ("bad.pkt", 1) and diagnostic.message
    assert str(diagnostic).startswith("bad.pkt:1:")
    with pytest.raises(UsageError):
        suite.load(tmp_path / "missing.pkt")


def test_html_is_escaped(suite):
    case = suite.parse("// <u>&\n//: cites RFC9293-3.10.7.1-b\n+0 < S 0:0(0) win 1000\n"
                       "+0 > S. 0:0(0) ack 1 <mss 1>\n", "<i>.pkt")
    results = suite.run(case, variants=["ipv4"])
    assert "<i>" not in results._repr_html_() and "<u>" not in results[0]._repr_html_()


def test_an_interrupt_ends_a_run(suite):
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        suite.run(repeat=1000)
