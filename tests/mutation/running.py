"""Run tests on mutants in child processes of a process that has already imported the site and created its database.

If the fault is inside a function, the function's code is replaced in the child (`swapping`), so that the tests can
start immediately. If the fault takes effect on import, or if the mutant survives in the child, the tests are run in a
new process (`overlay`), which never loads the original module.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType

import pytest
from _pytest.runner import runtestprotocol
from django.db import connection, connections

from tests.mutation.mutants import ROOT, Mutant, mutated
from tests.mutation.selection import FOLDER, OPTIONS, Selection, by_module
from tests.mutation.swapping import exchange, swap

# The database as it was before the first test. Each child uses a copy of this file.
DATABASE = FOLDER / "database"
FIRST = 40
GIBIBYTE = 2**30


@dataclass(frozen=True)
class Result:
    """The result for a mutant: the test that detected it, "timeout", or "" if it survived `tests` tests."""

    mutant: Mutant
    noticed_by: str
    tests: int
    left_out: int = 0

    def line(self) -> str:
        return json.dumps({"name": self.mutant.name, **asdict(self)})


class _Failures:
    """A plugin that ends the child when a test fails, and sends the name of the test to the parent through a pipe."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.pipe, report.nodeid.encode())
            os._exit(1)


def limit(seconds: float) -> None:
    """End this process if it uses more than `seconds` of processor time, waits too long, or uses too much memory."""
    end = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (8 * GIBIBYTE, 8 * GIBIBYTE))
    signal.alarm(int(seconds) * 20)


def _use_own_database() -> None:
    """Give this child its own copy of the database, because an interrupted test does not remove its rows."""
    if DATABASE.exists():
        connection.settings_dict["NAME"] = str(shutil.copy(DATABASE, FOLDER / f"database-{os.getpid()}"))


def in_child(items: list[pytest.Item], prepare: Callable[[], object], patience: Callable[[str], float]) -> str:
    """Call `prepare` and run tests in a child. Return the first test that failed, "timeout", or "" if all passed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        config = items[0].config
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(_Failures(writing))
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        _use_own_database()
        prepare()
        for item, following in zip(items, [*items[1:], None], strict=True):
            limit(patience(item.nodeid))
            runtestprotocol(item, nextitem=following)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        failed = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    for left in FOLDER.glob(f"database-{child}*"):
        left.unlink()
    if os.WIFSIGNALED(status):
        return "timeout"
    return failed or ("" if os.WEXITSTATUS(status) == 0 else "the process ended")


def in_new_process(mutant: Mutant, tests: list[str], seconds: float) -> str:
    """Run tests in a new process that imports the mutant. Return the first test that failed, "timeout", or ""."""
    with tempfile.TemporaryDirectory() as folder:
        source, arguments = Path(folder) / "mutant.py", Path(folder) / "tests"
        source.write_text(mutated(mutant), encoding="utf-8")
        arguments.write_text("\n".join(tests), encoding="utf-8")
        options = ["-x", "-p", "tests.mutation.overlay", *OPTIONS]
        process = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"@{arguments}"],
            cwd=ROOT,
            env={**os.environ, "MUTATED_FILE": str(ROOT / mutant.path), "MUTATED_SOURCE": str(source)},
            preexec_fn=lambda: limit(seconds),
            capture_output=True,
            text=True,
            check=False,
        )
    if process.returncode < 0:
        return "timeout"
    if "ERROR: not found" in process.stderr:
        raise ValueError(process.stderr)
    if process.returncode == 0:
        return ""
    failed = [line.split(" ")[1] for line in process.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0] if failed else "the process ended"


class Runner:
    """A pytest plugin that runs, for each mutant, the collected tests that execute its lines."""

    def __init__(self, mutants: Iterable[Mutant], selection: Selection, budget: float, results: Path) -> None:
        self.mutants, self.selection, self.budget, self.results = mutants, selection, budget, results
        self.passing: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self._set_up(session)
        with self.results.open("a", encoding="utf-8") as file:
            for mutant in self.mutants:
                result = self._judge(mutant)
                file.write(result.line() + "\n")
                file.flush()
                print(result.noticed_by or "SURVIVED", result.mutant.name, flush=True)
        return True

    def _set_up(self, session: pytest.Session) -> None:
        """Run one test that uses the database and one that uses the facts, and keep the state of their fixtures."""
        engine = next(item for item in session.items if "bracketed-text" in item.nodeid)
        for fixture in ("db", "facts"):
            item = next((item for item in session.items if fixture in getattr(item, "fixturenames", ())), None)
            if item is not None:
                runtestprotocol(item, nextitem=engine, log=False)
                connections.close_all()
                shutil.copy(connection.settings_dict["NAME"], DATABASE)

    def _judge(self, mutant: Mutant) -> Result:
        """Run the fastest tests, then others until the budget is spent, and finally all of them in a new process."""
        tests = [test for test in self.selection.tests(mutant) if test in self.items]
        affordable, spent = [], 0.0
        for test in tests:
            spent += self.selection.seconds[test]
            if not affordable or spent < self.budget:
                affordable.append(test)
        left_out = len(tests) - len(affordable)
        if not affordable:
            return Result(mutant, "", 0)
        if exchanged := exchange(mutant):
            for chosen in (affordable[:FIRST], affordable[FIRST:]):
                if chosen and (failed := self._failing(exchanged, by_module(chosen))):
                    return Result(mutant, failed, len(affordable), left_out)
        in_order = by_module(affordable[:FIRST]) + by_module(affordable[FIRST:])
        failed = in_new_process(mutant, in_order, 60 + 3 * sum(self.selection.seconds[test] for test in affordable))
        return Result(mutant, failed, len(affordable), left_out)

    def _failing(self, exchanged: tuple[CodeType, CodeType], tests: list[str]) -> str:
        """Return the first test that fails with the mutant but passes without it, or "" if there is none."""
        while tests:
            items = [self.items[test] for test in tests]
            failed = in_child(items, lambda: swap(*exchanged), self._patience)
            if failed not in self.items or self._passes(failed):
                return failed
            tests = [test for test in tests if test != failed]
        return ""

    def _passes(self, test: str) -> bool:
        """Return whether a test passes on its own in a child without a mutant."""
        if test not in self.passing and not in_child([self.items[test]], lambda: None, self._patience):
            self.passing.add(test)
        return test in self.passing

    def _patience(self, test: str) -> float:
        return 10 + 3 * self.selection.seconds[test]
