"""Tests that mutants are created in functions and module-level code, and that the right tests are run on them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import coverage
import pytest

from tests.mutation import mutants as making
from tests.mutation.__main__ import report
from tests.mutation.mutants import Mutant, mutants_of, mutated, shares
from tests.mutation.selection import Selection, by_module
from tests.mutation.swapping import exchange, functions_in, swap

SOURCE = '''"""A module."""

import functools

LIMIT = 3


@functools.cache
def small(number: int) -> bool:
    return number < LIMIT


class Counter:
    def next(self, number: int) -> int:
        return number + 1
'''


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(making, "ROOT", tmp_path)
    (tmp_path / "numbers.py").write_text(SOURCE)
    return "numbers.py"


def mutant_of(file: str, after: str) -> Mutant:
    return next(mutant for mutant in mutants_of(file) if mutant.after == after)


def test_decorated_functions_methods_and_constants_are_mutated(file: str) -> None:
    assert {(mutant.first, mutant.after.strip()) for mutant in mutants_of(file)} >= {
        (5, "4"),
        (10, "<= LIMIT"),
        (15, "number - 1"),
    }


def test_a_mutant_differs_from_its_file_in_one_line(file: str) -> None:
    changed = mutated(mutant_of(file, "number - 1"))
    pairs = zip(SOURCE.splitlines(), changed.splitlines(), strict=True)
    assert [new.strip() for old, new in pairs if old != new] == ["return number - 1"]


def test_a_sample_is_divided_proportionally_and_completely() -> None:
    assert shares({"large": 600, "medium": 300, "small": 100}, 10) == {"large": 6, "medium": 3, "small": 1}
    assert sum(shares({"large": 1, "medium": 1, "small": 1}, 200).values()) == 200


def loaded(file: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr("tests.mutation.swapping.ROOT", making.ROOT)
    names: dict[str, object] = {"__name__": "issues.numbers"}
    exec(compile(SOURCE, str(making.ROOT / file), "exec"), names)
    return names


def test_a_fault_in_a_method_affects_every_reference_to_it(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = loaded(file, monkeypatch)
    following: Callable[[object, int], int] = names["Counter"].next  # type: ignore[attr-defined]
    exchanged = exchange(mutant_of(file, "number - 1"))
    assert exchanged
    assert swap(*exchanged) == 1
    assert following(None, 5) == 4


def test_values_cached_before_a_fault_are_discarded(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small: Callable[[int], bool] = loaded(file, monkeypatch)["small"]  # type: ignore[assignment]
    assert not small(3)
    mutant = next(mutant for mutant in mutants_of(file) if "<=" in mutant.after)
    exchanged = exchange(mutant)
    assert exchanged
    swap(*exchanged)
    assert small(3)


def test_a_fault_in_a_constant_takes_effect_on_import(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(file, monkeypatch)
    assert exchange(mutant_of(file, "4")) is None


def test_functions_are_found_in_modules_and_classes() -> None:
    assert [code.co_qualname for code in functions_in(compile(SOURCE, "", "exec"))] == ["small", "Counter.next"]


@pytest.fixture
def selection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Selection:
    monkeypatch.setattr("tests.mutation.selection.ROOT", tmp_path)
    data = coverage.CoverageData(str(tmp_path / "lines"))
    executed = {"t.py::slow|run": {10}, "t.py::fast[a|b]|run": {10, 15}, "": {5}, "t.py::failed|run": {10}}
    for context, lines in executed.items():
        data.set_context(context)
        data.add_lines({str(tmp_path / "numbers.py"): lines})
    return Selection(data, {"t.py::slow": 2.0, "t.py::fast[a|b]": 0.1, "t.py::unrelated": 0.0})


def test_the_fastest_tests_that_execute_the_line_run_first(selection: Selection) -> None:
    mutant = Mutant("numbers.py", 0, 10, 10, "<", "<=")
    assert selection.tests(mutant) == ["t.py::fast[a|b]", "t.py::slow"]
    assert selection.tests(replace(mutant, first=15, last=15)) == ["t.py::fast[a|b]"]


def test_a_line_executed_on_import_is_tested_with_all_tests_of_its_file(selection: Selection) -> None:
    assert selection.tests(Mutant("numbers.py", 0, 5, 5, "3", "4")) == ["t.py::fast[a|b]", "t.py::slow"]


def test_tests_of_the_same_file_are_run_together() -> None:
    assert by_module(["a::1", "b::1", "a::2"]) == ["a::1", "a::2", "b::1"]


@pytest.mark.parametrize(("noticed", "status"), [(85, 0), (84, 1)])
def test_a_detection_rate_below_85_percent_fails(
    noticed: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results.jsonl"
    for number in range(100):
        result = {"name": str(number), "noticed_by": "t" * (number < noticed), "tests": 1, "left_out": 0}
        with results.open("a") as file:
            file.write(json.dumps(result) + "\n")
    monkeypatch.setattr("tests.mutation.__main__.RESULTS", results)
    assert report({str(number) for number in range(100)}) == status


def test_an_unfinished_sample_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mutation.__main__.RESULTS", tmp_path / "results.jsonl")
    assert report({"never run"}) == 1
