# SPDX-License-Identifier: Apache-2.0
"""Scripts and the conformance suite: read, run, and look at what came of it."""

from __future__ import annotations

import html
import json
import os
import pathlib
from typing import (Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence,
                    Union)

from . import _core
from .errors import ScriptError, UsageError
from .ladder import ladder_svg

PathLike = Union[str, "os.PathLike[str]"]

#: Verdicts that are as they should be, those that are not, and those that say nothing.
PASSED = ("pass", "non_strict", "info", "xfail")
FAILED = ("fail", "xpass", "crash", "hang", "error")
SKIPPED = ("unsupported",)


class Case:
    """One script and what it says of itself."""

    def __init__(self, raw: _core.RawCase) -> None:
        self._raw = raw
        self.id = raw.id  #: "tcp/window/zero_window_probe".
        self.path = raw.path
        self.title = raw.title  #: What must hold, as a sentence.
        self.level = raw.level  #: MUST, SHOULD or MAY, the strongest that it cites.
        self.requirements = raw.requirements  #: Ids that it cites: "RFC9293-MUST-12".
        self.needs = raw.needs  #: Capabilities that it needs.
        self.problem = raw.problem  #: Why it cannot be read; empty: it can.

    def __repr__(self) -> str:
        return f"<Case {self.id}>"

    @property
    def text(self) -> str:
        """The script in its canonical layout. ScriptError: it cannot be read."""
        return self._raw.text()


class Result:
    """What came of one run of one case. `json` holds all of it (docs/results.md)."""

    def __init__(self, raw: _core.RawResult) -> None:
        self._raw = raw
        self.json: Dict[str, Any] = json.loads(raw.json())
        self.id: str = self.json["id"]
        self.name = raw.name()  #: With variant and parameters.
        self.verdict: str = self.json["verdict"]  #: "pass", "fail", "xfail", ...
        self.variant: str = self.json["variant"]  #: "ipv4", "ipv6", "ipv4-mapped-ipv6".
        self.cause: str = self.json["cause"]  #: One line on why it is no plain pass.
        self.mismatches: List[Dict[str, Any]] = self.json["mismatches"]
        self.history: List[Dict[str, Any]] = self.json["history"]

    def __repr__(self) -> str:
        return f"<Result {self.name}: {self.verdict}>"

    @property
    def passed(self) -> bool:
        """As it should be: no failure, or one that is known."""
        return self.verdict in PASSED

    @property
    def failed(self) -> bool:
        """Something fell short."""
        return self.verdict in FAILED

    @property
    def skipped(self) -> bool:
        """The target cannot do what the case needs."""
        return self.verdict in SKIPPED

    def explain(self, history: bool = False) -> str:
        """Expected and actual, place and replay, in several lines; with all that happened."""
        return self._raw.failure(history)

    def pcap(self, path: Optional[PathLike] = None) -> bytes:
        """What went over the wire as pcapng; a pass keeps it with `keep_history` alone."""
        octets = self._raw.capture()
        if path is not None:
            pathlib.Path(path).write_bytes(octets)
        return octets

    @property
    def pcap_name(self) -> str:
        """Where its capture belongs below a folder of captures."""
        return self._raw.capture_path()

    def ladder(self) -> str:
        """A ladder diagram of the packets as SVG; a pass keeps them with `keep_history` alone."""
        return ladder_svg(self.history, self.json["target"])

    def _repr_html_(self) -> str:
        head = f"<b>{html.escape(self.name)}</b>: {html.escape(self.verdict)}"
        told = f"<pre>{html.escape(self.explain())}</pre>" if self.verdict != "pass" else ""
        return f"<p>{head}</p>{told}{self.ladder() if self.history else ''}"


class Results(Sequence[Result]):
    """All results of one call of run(), in the order of the cases."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = list(results)

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, index: Any) -> Any:
        return self._results[index]

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @property
    def passed(self) -> List[Result]:
        """Those that are as they should be."""
        return [one for one in self._results if one.passed]

    @property
    def failed(self) -> List[Result]:
        """Those that fell short."""
        return [one for one in self._results if one.failed]

    @property
    def skipped(self) -> List[Result]:
        """Those that the target cannot do."""
        return [one for one in self._results if one.skipped]

    def counts(self) -> Dict[str, int]:
        """How many there are of each verdict that there is."""
        out: Dict[str, int] = {}
        for one in self._results:
            out[one.verdict] = out.get(one.verdict, 0) + 1
        return out

    def __repr__(self) -> str:
        return (f"<Results: {len(self.passed)} passed, {len(self.failed)} failed, "
                f"{len(self.skipped)} skipped>")

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(one.name)}</td><td>{html.escape(one.verdict)}</td>"
            f"<td>{html.escape(', '.join(one.json['requirements']))}</td>"
            f"<td>{html.escape(one.cause)}</td></tr>"
            for one in sorted(self._results, key=lambda one: not one.failed))
        return (f"<p>{html.escape(repr(self)[1:-1])}</p><table><tr><th>case</th><th>verdict</th>"
                f"<th>requirements</th><th>cause</th></tr>{rows}</table>")


def find_conformance() -> str:
    """The conformance folder: in the working directory or above it, else of this package."""
    here = pathlib.Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "conformance" / "preludes").is_dir():
            return str(folder / "conformance")
    package = pathlib.Path(__file__).resolve().parent
    for folder in (package / "conformance", package.parents[1] / "conformance"):
        if (folder / "preludes").is_dir():
            return str(folder)
    raise UsageError("there is no conformance folder here; name one")


class Suite:
    """A conformance folder: its cases, and the preludes that scripts use."""

    def __init__(self, folder: Optional[PathLike] = None, *, dialect: str = "auto",
                 defines: Optional[Mapping[str, object]] = None) -> None:
        """Opens the folder, or the one that find_conformance() finds. `dialect` is auto, google or
        nplab; `defines` are symbols of every script. UsageError."""
        self._raw = _core.RawSuite(os.fspath(folder) if folder is not None else find_conformance(),
                                   dialect, [f"{key}={value}" for key, value in
                                             (defines or {}).items()])

    def __repr__(self) -> str:
        return f"<Suite {self._raw.folder}>"

    @property
    def folder(self) -> str:
        """Where it is."""
        return self._raw.folder

    def cases(self, *paths: PathLike, exclude: Sequence[str] = (), keyword: str = "",
              requirements: Sequence[str] = (), levels: Sequence[str] = ()) -> List[Case]:
        """The cases that all of these select: ids, folders, globs or files; a keyword expression
        as after -k; requirements, with globs; levels. UsageError: nothing is left."""
        return [Case(raw) for raw in self._raw.cases([os.fspath(path) for path in paths],
                                                     list(exclude), keyword, list(requirements),
                                                     list(levels))]

    def parse(self, text: str, name: str = "script.pkt") -> Case:
        """A script of this suite that is no file. ScriptError, with every error in it."""
        case = Case(self._raw.case_of_text(name, text))
        if case.problem:
            raise ScriptError(case.problem)
        return case

    def load(self, path: PathLike) -> Case:
        """A script from a file. ScriptError, with every error in it."""
        case = self.cases(path)[0]
        if case.problem:
            raise ScriptError(case.problem)
        return case

    def run(self, *cases: Union[Case, PathLike], target: str = "reference",
            variants: Sequence[str] = (), params: Sequence[str] = (),
            seed: int = _core.DEFAULT_SEED, on_result: Optional[Callable[[Result], None]] = None,
            **settings: Any) -> Results:
        """Runs cases (none: all) in worker processes, so that a stack that dies is a verdict.

        `variants` are ipv4, ipv6 and ipv4-mapped-ipv6, `params` "mss=536"; none: all. `on_result`
        is told each result as it comes. `settings`: jobs, mode (auto, strict, packetdrill),
        isolate (process, none), expectations (a file, or none), timeout (seconds for one case),
        repeat, slow, fail_fast, strict, keep_history. KeyboardInterrupt ends it.
        """
        chosen: List[_core.RawCase] = []
        paths: List[PathLike] = []
        for case in cases:
            if isinstance(case, Case):
                chosen.append(case._raw)
            else:
                paths.append(case)
        if paths or not cases:
            chosen += [case._raw for case in self.cases(*paths)]
        runs = _core.plan(chosen, target, list(variants), list(params), seed)
        how = _core.RunSettings()
        how.target, how.seed = target, seed
        for key, value in settings.items():
            if not hasattr(how, key):
                raise TypeError(f"run() has no setting '{key}'")
            setattr(how, key, value)
        found: Dict[int, Result] = {}

        def take(index: int, raw: _core.RawResult) -> None:
            found[index] = Result(raw)
            if on_result is not None:
                on_result(found[index])

        _core.run_cases(runs, how, take)
        return Results(found[index] for index in sorted(found))


def check_script(text: str, name: str = "script.pkt") -> List[_core.Diagnostic]:
    """Everything there is to say about a script, by place."""
    return _core.check_script(text, name)
