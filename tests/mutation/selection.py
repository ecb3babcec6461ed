"""Select the tests that execute the lines of a mutant, fastest first, to save time."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from tests.mutation.mutants import ROOT, Mutant

# The files that `collect` writes: the lines that each test executes, and the duration of each test that passed.
FOLDER = ROOT / "var" / "mutation"
LINES, SECONDS = FOLDER / "lines.coverage", FOLDER / "seconds.json"
# The configuration file is given explicitly, because the engine's tests have a separate one.
OPTIONS = ["-c", str(ROOT / "pyproject.toml"), "-q", "-n0", "-p", "no:cacheprovider", "-p", "tests.mutation.profile"]


class Stopwatch:
    """A pytest plugin that records the duration of each test that passes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = round(report.duration, 4)


def collect(arguments: list[str]) -> int:
    """Run the tests once, and store the lines that each test executes and its duration."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stopwatch = Stopwatch()
    rooms = ["--cov=issues", "--cov=packages/bracketed-text/src/bracketed_text"]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COVERAGE_FILE", str(LINES))
        options = [*OPTIONS, "--cov-context=test", "--cov-report="]
        status = pytest.main([*options, *rooms, *arguments], plugins=[stopwatch])
    SECONDS.write_text(json.dumps(stopwatch.seconds))
    return int(status)


@dataclass(frozen=True)
class Selection:
    """The tests that execute a mutant's lines or, if there are none, its file, fastest first."""

    data: coverage.CoverageData
    seconds: dict[str, float]

    @classmethod
    def load(cls, lines: Path = LINES, seconds: Path = SECONDS) -> "Selection":
        data = coverage.CoverageData(str(lines))
        data.read()
        return cls(data, json.loads(seconds.read_text()))

    def tests(self, mutant: Mutant) -> list[str]:
        contexts = self.data.contexts_by_lineno(str(ROOT / mutant.path))
        lines = [*range(mutant.first, mutant.last + 1)]
        at_lines = self._known(context for line in lines for context in contexts.get(line, ()))
        if not at_lines:  # the line continues an expression or runs on import
            earlier = max((line for line in contexts if line < mutant.first and self._known(contexts[line])), default=0)
            at_lines = self._known(contexts.get(earlier, ()))
        at_lines = at_lines or self._known(context for line in contexts for context in contexts[line])
        return sorted(at_lines, key=lambda test: (self.seconds[test], test))

    def _known(self, contexts: Iterable[str]) -> set[str]:
        return {test for context in contexts if (test := context.rpartition("|")[0]) in self.seconds}


def by_module(tests: list[str]) -> list[str]:
    """Return the tests grouped by file, because the tests of a file share its fixtures."""
    modules: dict[str, list[str]] = {}
    for test in tests:
        modules.setdefault(test.partition("::")[0], []).append(test)
    return [test for module in modules.values() for test in module]
