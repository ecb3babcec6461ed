"""Runs tests against mutants in children of a process that has imported the site and made its database once.

A fault inside a function is put into the child (`swapping`), whose tests begin at once. A fault that takes effect on
import, and each mutant that survives in a child, is tried again in a new process (`overlay`), where nothing of the
original module is left.
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

# The database as the first test found it, from which each child copies its own.
DATABASE = FOLDER / "database"
FIRST = 40
GIBIBYTE = 2**30


@dataclass(frozen=True)
class Result:
    """What became of a mutant: the test that noticed it, "timeout", or empty if it survived `tests` tests."""

    mutant: Mutant
    noticed_by: str
    tests: int
    left_out: int = 0

    def line(self) -> str:
        return json.dumps({"name": self.mutant.name, **asdict(self)})


class _Failures:
    """Ends the child when a test fails, and tells the parent through a pipe which one."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.pipe, report.nodeid.encode())
            os._exit(1)


def limit(seconds: float) -> None:
    """End this process if it computes for more than `seconds` from now, waits for too long or fills the memory."""
    end = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (8 * GIBIBYTE, 8 * GIBIBYTE))
    signal.alarm(int(seconds) * 20)


def _use_own_database() -> None:
    """Give this child a copy of the database, as a test that is stopped leaves its rows behind."""
    if DATABASE.exists():
        connection.settings_dict["NAME"] = str(shutil.copy(DATABASE, FOLDER / f"database-{os.getpid()}"))


def in_child(items: list[pytest.Item], prepare: Callable[[], object], patience: Callable[[str], float]) -> str:
    """Run tests in a child after `prepare`; return the first that failed, "timeout", or nothing if all passed."""
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
    """Run tests in a new process that imports the mutant; return the first that failed, or "timeout"."""
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
    """A plugin of pytest that, in place of the tests collected, runs each mutant against those that execute it."""

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
        """Run one test with the database and one with the facts, and keep what they set up for the session."""
        engine = next(item for item in session.items if "bracketed-text" in item.nodeid)
        for fixture in ("db", "facts"):
            item = next((item for item in session.items if fixture in getattr(item, "fixturenames", ())), None)
            if item is not None:
                runtestprotocol(item, nextitem=engine, log=False)
                connections.close_all()
                shutil.copy(connection.settings_dict["NAME"], DATABASE)

    def _judge(self, mutant: Mutant) -> Result:
        """Run the fastest tests, then the others as long as the budget lasts, and finally all in a new process."""
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
        """Return the first test that fails with the mutant and passes without it, or nothing."""
        while tests:
            items = [self.items[test] for test in tests]
            failed = in_child(items, lambda: swap(*exchanged), self._patience)
            if failed not in self.items or self._passes(failed):
                return failed
            tests = [test for test in tests if test != failed]
        return ""

    def _passes(self, test: str) -> bool:
        """Whether a test passes alone in a child without any mutant."""
        if test not in self.passing and not in_child([self.items[test]], lambda: None, self._patience):
            self.passing.add(test)
        return test in self.passing

    def _patience(self, test: str) -> float:
        return 10 + 3 * self.selection.seconds[test]
