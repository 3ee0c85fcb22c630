# SPDX-License-Identifier: Apache-2.0
"""What several test files use; `dut` and the like come from the plugin itself."""

import pathlib

import pytest

pytest_plugins = ["pytester"]

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def suite():
    """The conformance suite of this checkout."""
    import packetwright
    return packetwright.Suite(ROOT / "conformance")


@pytest.fixture
def faulty_script():
    """A script that every sound stack fails, and the line at which it does."""
    text = ("// A SYN to a port where nobody listens is answered with a SYN,ACK; which is wrong.\n"
            "//: cites RFC9293-3.10.7.1-b\n"
            "+0 < S 0:0(0) win 1000\n"
            "+0 > S. 0:0(0) ack 1\n")
    return text, 4
