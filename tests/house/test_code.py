"""Tests of the house rules that no linter checks, such as meaningful names and small files and functions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["issues", "members", "jsi_tracker", "benchmarks", "fixtures", "packages/bracketed-text/src"]
SOURCES = [
    path.relative_to(ROOT)
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]
TESTS = [
    path.relative_to(ROOT)
    for room in ("tests", "packages/bracketed-text/tests")
    for path in sorted((ROOT / room).rglob("*.py"))
]
VAGUE = {"one", "thing", "said", "found", "told", "done", "here", "there", "other", "place", "wanted"}
# Test names say who or what they are about: "a delegate", "the reader", "an unknown code".
UNCLEAR = re.compile(
    r"^test_(what|who|whom|whose|whoever|whatever|where|it|this|thing)_"
    r"|_(somebody|anybody|everybody|meanwhile|things?|one_may|ones_own)(_|$)"
)
# Scripts must set up Django before importing modules that depend on it.
SCRIPTS = ("benchmarks", "fixtures")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree_of(source: Path) -> ast.Module:
    return ast.parse((ROOT / source).read_text(encoding="utf-8"))


def attributes(tree: ast.Module) -> set[ast.AST]:
    """Return the names bound in class bodies, which are read with their object, as in `provision.place`."""
    lines = [line for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for line in node.body]
    assigned = [line for line in lines if isinstance(line, ast.Assign | ast.AnnAssign)]
    names = {node for line in assigned for node in ast.walk(line) if isinstance(node, ast.Name)}
    return names | {line for line in lines if isinstance(line, Function)}


def bound_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each variable, parameter, function, class and alias."""
    skipped = attributes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node not in skipped:
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, Function | ast.ClassDef) and node not in skipped:
            yield node.lineno, node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_variable_names_describe_their_values(source: Path) -> None:
    vague = [f"{source}:{line}: {name}" for line, name in bound_names(tree_of(source)) if name in VAGUE]
    assert vague == []


@pytest.mark.parametrize("source", SOURCES + TESTS, ids=str)
def test_files_have_at_most_400_lines(source: Path) -> None:
    assert len((ROOT / source).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_functions_are_short_enough_for_one_screen(source: Path) -> None:
    functions = [node for node in ast.walk(tree_of(source)) if isinstance(node, Function)]
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("source", [path for path in SOURCES if path.parts[0] not in SCRIPTS], ids=str)
def test_imports_are_at_the_top_of_a_module(source: Path) -> None:
    """The only exception is `AppConfig.ready`, before which no model can be imported."""
    inside = [
        f"{source}:{statement.lineno}"
        for function in ast.walk(tree_of(source))
        if isinstance(function, Function) and function.name != "ready"
        for statement in ast.walk(function)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@pytest.mark.parametrize("source", TESTS, ids=str)
def test_test_names_name_their_subject(source: Path) -> None:
    names = [node.name for node in ast.walk(tree_of(source)) if isinstance(node, Function)]
    assert [name for name in names if UNCLEAR.search(name) and name.startswith("test_")] == []
