# SPDX-License-Identifier: Apache-2.0
"""Every example runs, in a process of its own, and prints something."""

import importlib.util
import pathlib
import subprocess
import sys

import pytest

EXAMPLES = sorted((pathlib.Path(__file__).resolve().parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path):
    if "scapy" in path.read_text() and importlib.util.find_spec("scapy") is None:
        pytest.skip("Scapy is missing")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120,
                          cwd=path.parents[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_there_are_examples():
    assert len(EXAMPLES) >= 8


def test_the_command(tmp_path):
    done = subprocess.run([sys.executable, "-m", "packetwright", "list",
                           "tcp/segment_arrives/listen"], capture_output=True, text=True,
                          timeout=60, cwd=tmp_path)
    assert done.returncode == 0 and "tcp/segment_arrives/listen/" in done.stdout
    done = subprocess.run([sys.executable, "-m", "packetwright", "nosuch"], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 2
