# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: .pkt files are tests, and tests get a stack as `dut`.

Options: --pw-target NAME (several: every test that uses `dut`, and every script, runs on each),
--pw-pcap-dir FOLDER (a capture of each failure), --pw-seed N. Markers: requirement(id),
needs(capability).
"""

from __future__ import annotations

import functools
import pathlib
import re
from typing import Any, Generator, Iterable, Iterator, List, Optional, Tuple, Union

import pytest

from . import _core
from .errors import TargetClosed, TargetUnavailable, UsageError
from .peer import Peer
from .suite import Case, Result, Suite, find_conformance
from .target import Clock, Target

_CONTEXT = 4  # lines of a script around the one that failed


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("packetwright")
    group.addoption("--pw-target", action="append", default=[], metavar="NAME",
                    help="a stack under test; may be repeated (default: reference)")
    group.addoption("--pw-pcap-dir", metavar="FOLDER",
                    help="write a capture of each test that fails there")
    group.addoption("--pw-seed", type=lambda text: int(text, 0), default=_core.DEFAULT_SEED,
                    metavar="N", help="the seed of every target and run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id): the requirement that the test checks")
    config.addinivalue_line("markers", "needs(capability): skipped where the target lacks it")


def _targets(config: pytest.Config) -> List[str]:
    return list(config.getoption("--pw-target")) or ["reference"]


def _words(item: pytest.Item, marker: str) -> List[str]:
    return [str(word) for mark in item.iter_markers(marker) for word in mark.args]


def _capture_path(config: pytest.Config, name: str) -> Optional[pathlib.Path]:
    folder = config.getoption("--pw-pcap-dir")
    if not folder:
        return None
    path = pathlib.Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


# --- scripts as tests


@functools.cache
def _suite(folder: str) -> Suite:
    return Suite(folder)


def _suite_of(path: pathlib.Path) -> Tuple[Suite, bool]:
    """The suite whose preludes a script uses, and whether the script is a part of it."""
    for folder in path.parents:
        if (folder / "preludes").is_dir():
            return _suite(str(folder)), True
    return _suite(find_conformance()), False


def pytest_collect_file(file_path: pathlib.Path, parent: pytest.Collector
                        ) -> Optional[PktFile]:
    if file_path.suffix != ".pkt" or file_path.parent.name == "preludes":
        return None
    return PktFile.from_parent(parent, path=file_path)


class PktFile(pytest.File):
    """A script: an item for each target, IP version and combination of parameters."""

    def collect(self) -> Iterable[PktItem]:
        try:
            suite, _ = _suite_of(self.path)
            case = suite.cases(self.path)[0]
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        if case.problem:
            raise self.CollectError(case.problem)
        targets = _targets(self.config)
        for target in targets:
            try:
                runs = _core.plan([case._raw], target, [], [], self.config.getoption("--pw-seed"))
            except TargetUnavailable as error:
                raise self.CollectError(str(error)) from None
            for run in runs:
                words = [run.variant] + ([run.params] if run.params else [])
                if len(targets) > 1:
                    words.insert(0, target)
                yield PktItem.from_parent(self, name=f"{self.path.stem}[{'-'.join(words)}]",
                                          case=case, run=run, target=target)


class PktFailure(Exception):
    """A script did not end as it should; `result` says how."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.cause)
        self.result = result


class PktItem(pytest.Item):
    """One run of one script."""

    def __init__(self, *, case: Case, run: _core.RawRun, target: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case, self.run, self.target = case, run, target
        for requirement in case.requirements:
            self.add_marker(pytest.mark.requirement(requirement))
            self.user_properties.append(("requirement", requirement))

    def runtest(self) -> None:
        settings = _core.RunSettings()
        settings.target = self.target
        settings.seed = self.config.getoption("--pw-seed")
        found: List[Result] = []
        _core.run_cases([self.run], settings, lambda _, raw: found.append(Result(raw)))
        result = found[0]
        if result.skipped:
            pytest.skip(result.cause)
        if result.verdict == "xfail":
            pytest.xfail(result.json["known"] or result.cause)
        if result.failed:
            path = _capture_path(self.config, result.pcap_name)
            if path is not None:
                result.pcap(path)
                self.user_properties.append(("pcap", str(path)))
                result.json["pcap"] = str(path)
            raise PktFailure(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException],
                     style: Any = None) -> Any:
        if not isinstance(excinfo.value, PktFailure):
            return super().repr_failure(excinfo)
        result = excinfo.value.result
        told = [f"{result.verdict}: {self.name} on {self.target}", *self._source(result),
                result.explain(history=True)]
        if result.json["pcap"]:
            told.append(f"      capture   {result.json['pcap']}")
        return "\n".join(told)

    def _source(self, result: Result) -> List[str]:
        """The lines of the script around the one that failed."""
        number = result.mismatches[0]["line"] if result.mismatches else result.json["line"]
        if not number or result.json["prelude"]:
            return []
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        first = max(1, number - _CONTEXT)
        return [f"{'>' if at == number else ' '} {at:4}  {line}" for at, line in
                enumerate(lines[first - 1:number + _CONTEXT], first)]

    def reportinfo(self) -> Tuple[pathlib.Path, Optional[int], str]:
        return self.path, 0, self.name


# --- fixtures


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    targets = _targets(metafunc.config)
    if "pw_target" in metafunc.fixturenames and len(targets) > 1:
        metafunc.parametrize("pw_target", targets, scope="session")


@pytest.fixture(scope="session")
def pw_target(request: pytest.FixtureRequest) -> str:
    """The name of the target that --pw-target chooses; parametrised if it chooses several."""
    return _targets(request.config)[0]


@pytest.fixture
def dut(request: pytest.FixtureRequest, pw_target: str) -> Iterator[Target]:
    """The stack under test, new for each test."""
    try:
        target = Target(pw_target, seed=request.config.getoption("--pw-seed"))
    except TargetUnavailable as error:
        reason = str(error)
    else:
        reason = ""
    if reason:
        pytest.fail(reason, pytrace=False)
    missing = [word for word in _words(request.node, "needs")
               if word not in target.capabilities]
    with target:
        if missing:
            pytest.skip(f"target {pw_target} lacks: {', '.join(missing)}")
        yield target


@pytest.fixture
def peer(dut: Target) -> Peer:
    """A reference stack at the other end of the wire of `dut`."""
    return dut.peer()


@pytest.fixture
def clock(dut: Target) -> Clock:
    """The time of `dut`."""
    return dut.clock


class Capture:
    """What has crossed the wire of `dut` in this test."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @property
    def packets(self) -> List[_core.Packet]:
        """Oldest first, without neighbour discovery and the like."""
        return self._target.history

    def save(self, path: Union[str, pathlib.Path]) -> None:
        """Writes a pcapng file."""
        self._target.pcap(path)


@pytest.fixture
def capture(dut: Target) -> Capture:
    """What has crossed the wire of `dut`."""
    return Capture(dut)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]
                              ) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if call.when == "setup" and not isinstance(item, PktItem):
        for requirement in _words(item, "requirement"):
            item.user_properties.append(("requirement", requirement))
    target = getattr(item, "funcargs", {}).get("dut")
    if call.when != "call" or not report.failed or not isinstance(target, Target):
        return
    path = _capture_path(item.config, re.sub(r"[^\w.=\[\]-]+", "_", item.nodeid) + ".pcapng")
    if path is None:
        return
    try:
        target.pcap(path)
    except TargetClosed:
        return
    report.user_properties.append(("pcap", str(path)))
    report.sections.append(("packetwright", f"capture: {path}"))
