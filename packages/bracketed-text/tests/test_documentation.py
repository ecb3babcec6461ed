"""Run every example in the engine's documentation."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import bracketed_text
from bracketed_text import Code, parse, parse_document
from engine_texts import REGISTER

DOCS = Path(__file__).resolve().parents[3] / "docs"
if not DOCS.is_dir():
    pytest.skip("the pages are in the repository, not in the package", allow_module_level=True)
SECTIONS = re.findall(
    r"^## (\S+)\n\n\*(\w+)\* – ([^\n]+)\n\n~~~ text\n(.*?)\n~~~\n\n([^\n]+)$",
    (DOCS / "reference" / "diagnostics.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def test_every_diagnostic_code_is_documented() -> None:
    assert [section[0] for section in SECTIONS] == [code.value for code in Code]


@pytest.mark.parametrize(("code", "severity", "message", "example", "hint"), SECTIONS, ids=[row[0] for row in SECTIONS])
def test_the_documented_example_of_each_diagnostic_produces_that_diagnostic(
    code: str, severity: str, message: str, example: str, hint: str
) -> None:
    whole = code == Code.WHOLE_DOCUMENT.value
    example *= 2_501 if code == Code.TOO_MANY_BRACKETS.value else 1
    tree = parse_document(example, REGISTER).tree() if whole else parse(example, REGISTER)
    diagnostic = next(candidate for candidate in tree.diagnostics if candidate.code.value == code)
    assert (diagnostic.severity.value, diagnostic.message, diagnostic.hint) == (severity, message, hint)


MODULES = [f"bracketed_text.{module.name}" for module in pkgutil.iter_modules(bracketed_text.__path__)]


@pytest.mark.parametrize("module", ["bracketed_text", *MODULES])
def test_the_examples_in_the_code_are_correct(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_the_examples_in_the_explanation_of_the_engine_are_correct() -> None:
    result = doctest.testfile(str(DOCS / "explanation" / "engine.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0
