"""Test the cases of the notation. Each case file contains a text and the description that the engine must produce."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bracketed_text import Tree, measure, parse
from bracketed_text.advanced import groups, variants
from engine_texts import REGISTER

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))


def described(tree: Tree) -> Iterator[str]:
    """Yield a description of how the engine reads a text, in lines that a negotiator can check."""
    for variant in variants(tree):
        claims = "; ".join(f"{', '.join(claim.names)} {claim.stance}" for claim in variant.head.claims)
        words = " ".join(variant.words(tree.text).split())
        yield f"{variant.form.value} {variant.depth}: “{words}”" + (f" – {claims}" if claims else "")
    for group in groups(tree):
        yield f"{group.relation.value}: {len(group.spans)}"
    for diagnostic in tree.diagnostics:
        line, column = tree.line_and_column(diagnostic.start)
        name = f" {diagnostic.name}" if diagnostic.name else ""
        yield f"{diagnostic.severity.value} {line}:{column} {diagnostic.code.value}{name}"
    figures = measure(tree)
    yield (
        f"words {figures.words}, contested {figures.contested_words}, open brackets {figures.open_brackets}, "
        f"alternatives {figures.alternatives}, depth {figures.depth}"
    )


def read_case(path: Path) -> tuple[str, str]:
    """Return the text and the expected lines of a case file."""
    parts = path.read_text(encoding="utf-8").split("~~~")
    return parts[1].split("\n", 1)[1][:-1], parts[3].split("\n", 1)[1].strip("\n")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_parses_each_case_as_documented(path: Path) -> None:
    text, expected = read_case(path)
    assert list(described(parse(text, REGISTER))) == expected.splitlines()
