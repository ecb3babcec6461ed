"""Tests that messages in the API's problem documents do not refer to elements that exist only on pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The modules that raise the errors reported by the API.
SOURCES = [
    *sorted((ROOT / "issues/actions").rglob("*.py")),
    *sorted((ROOT / "issues/access").rglob("*.py")),
    *sorted((ROOT / "issues/api").rglob("*.py")),
    ROOT / "issues/text/operations.py",
]
PAGE_WORDS = re.compile(
    r"\b(kept below|shown below|press(es|ed)?|clicks?|buttons?|this (page|form|box)|save again)\b", re.IGNORECASE
)


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string in a module that is not a docstring."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_of_the_api_mentions_a_page(path: Path) -> None:
    found = [f"{path.name}:{line}: {text}" for line, text in messages(path) if PAGE_WORDS.search(text)]
    assert not found, "\n".join(found)
