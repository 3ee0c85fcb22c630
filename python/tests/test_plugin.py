# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin, tried on tests of its own."""

import importlib.util

import pytest

PASSES = """
def test_refused(dut, clock):
    from packetwright import TCP
    dut.inject(TCP(src_port=9, dst_port=80, flags="S", seq=1))
    dut.expect(TCP(flags="R."))
    clock.advance(1)
"""


@pytest.fixture
def run(pytester):
    """Runs pytest with the plugin in a process of its own."""
    return pytester.runpytest_subprocess


def test_a_test_gets_a_stack(pytester, run):
    pytester.makepyfile(PASSES)
    run("--strict-markers").assert_outcomes(passed=1)


def test_several_targets(pytester, run):
    pytester.makepyfile(PASSES)
    result = run("--pw-target=reference", "--pw-target=nosuch", "-v")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*test_refused[[]reference]*PASSED*",
                                 "*there is no target \"nosuch\"*"])


def test_markers(pytester, run):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.needs("no_such_thing")
        def test_skipped(dut): pass

        @pytest.mark.needs("tcp")
        @pytest.mark.requirement("RFC9293-MUST-12")
        def test_done(dut, capture, peer):
            dut.server(80)
            peer.connect(80)
            assert len(capture.packets) == 3
            capture.save("kept.pcapng")
    """)
    result = run("--strict-markers", "-rs", "--junitxml=out.xml")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*lacks: no_such_thing*"])
    assert 'name="requirement" value="RFC9293-MUST-12"' in (pytester.path / "out.xml").read_text()
    assert (pytester.path / "kept.pcapng").stat().st_size > 200


def test_a_failure_leaves_a_capture(pytester, run):
    pytester.makepyfile(PASSES.replace('"R."', '"S."'))
    result = run("--pw-pcap-dir=caps")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*tcp.flags: want S., got R.*", "*capture: caps*"])
    assert len(list((pytester.path / "caps").glob("*.pcapng"))) == 1


def test_scripts_are_tests(pytester, run, faulty_script, suite):
    folder = pytester.path / "scripts"
    folder.mkdir()
    text, line = faulty_script
    (folder / "wrong.pkt").write_text(text)
    (folder / "right.pkt").write_text(text.replace("S. 0:0(0) ack 1", "R. 0:0(0) ack 1"))
    (folder / "needs.pkt").write_text(text.replace("//: cites", "//: needs nosuch\n//: cites"))
    (folder / "broken.pkt").write_text("+0 < S 0:0(0) win <mss\n")
    (pytester.path / "conformance").symlink_to(suite.folder)
    result = run("scripts", "--pw-pcap-dir=caps", "-rs", "--continue-on-collection-errors")
    result.assert_outcomes(passed=2, failed=2, skipped=2, errors=1)
    result.stdout.fnmatch_lines([
        "*broken.pkt:1:*error:*",
        "fail: wrong[[]ipv4] on reference",
        f">    {line}  +0 > S. 0:0(0) ack 1",
        "*expected  +0 > S.*", "*actual*flags: want S., got R.*", "*replay*", "*capture*caps*",
    ])
    assert len(list((pytester.path / "caps").rglob("wrong*.pcapng"))) == 2


def test_the_suite_is_tests_and_preludes_are_none(run, suite):
    folder = f"{suite.folder}/tcp/segment_arrives/listen"
    result = run(folder, f"{suite.folder}/preludes", "-q")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 10 and set(outcomes) == {"passed"}


def test_known_failures_are_xfail_and_strict(pytester, run, faulty_script):
    folder = pytester.path / "conformance"
    (folder / "preludes").mkdir(parents=True)
    (folder / "expectations").mkdir()
    (folder / "requirements").mkdir()
    text, _ = faulty_script
    text = text.replace("//: cites RFC9293-3.10.7.1-b", "//: variants ipv4")
    (folder / "wrong.pkt").write_text(text)
    (folder / "right.pkt").write_text(text.replace("S. 0:0(0) ack 1", "R. 0:0(0) ack 1"))
    (folder / "expectations" / "reference.toml").write_text("".join(
        f'[[known]]\ncases = "{name}"\nexpect = "fail"\nsymptom = "expected > S."\nwhy = "mine"\n'
        for name in ("wrong", "right")))
    result = run("conformance", "-rx")
    result.assert_outcomes(failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["xpass: right*", "*XFAIL*wrong*mine*"])


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is missing")
def test_under_xdist(pytester, run, suite):
    pytester.makepyfile(PASSES)
    result = run("-n2", ".", f"{suite.folder}/tcp/segment_arrives/listen")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 10 and "failed" not in outcomes


def test_it_can_be_switched_off(pytester):
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "no:packetwright")
    result.assert_outcomes(passed=1)
