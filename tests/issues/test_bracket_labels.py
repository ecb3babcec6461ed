"""Tests that labels of brackets count in the text of the revision that they name."""

import pytest

from bracketed_text import Register, parse
from issues.text.bracket_labels import TextLabels, paragraphs


def labels(text: str) -> list[str]:
    texts = TextLabels(parse(text, Register()))
    return [texts.at_ordinal(ordinal) for ordinal in range(1, len(texts.variants) + 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Members [may] act.\n2. They shall [promptly] [fully] report.", ["¶1 [1]", "¶2 [1]", "¶2 [2]"]),
        ("Members [may] act.\n\nThey [shall] report.", ["¶1 [1]", "¶2 [1]"]),
        ("[In this Article:]\n1. Members [may] act.", ["[1]", "¶1 [1]"]),
        ("1. Members act.\n[CAN: 2. Members [may] report.]", ["¶2 [1]", "¶2 [2]"]),
        ("2bis. Members [may] act.", ["¶2bis [1]"]),
        ("1. Members [shall/should] [may] act.", ["¶1 [1a]", "¶1 [1b]", "¶1 [2]"]),
        ("1. Members [may] act.\n\n1. Members [can] act.", ["¶1 [1]", "¶2 [1]"]),
        ("Option 1: at once\nOption 2: in [good] time", ["¶1 [1]", "¶1 [2]", "¶1 [3]"]),
        ("No bracket.", []),
    ],
)
def test_brackets_are_numbered_within_their_paragraph(text: str, expected: list[str]) -> None:
    assert labels(text) == expected


def test_alternatives_beyond_the_alphabet_are_labelled_with_two_letters() -> None:
    inside = "/".join(f"word{number}" for number in range(28))
    assert labels(f"1. Members [{inside}] act.")[25:] == ["¶1 [1z]", "¶1 [1aa]", "¶1 [1ab]"]


def test_an_ordinal_or_offset_without_a_variant_has_no_label() -> None:
    texts = TextLabels(parse("1. Members [may] act.", Register()))
    assert (texts.at_ordinal(0), texts.at_ordinal(2), texts.at_offset(0)) == ("", "", "")
    assert texts.at_offset(11) == "¶1 [1]"


def test_the_paragraphs_of_a_long_line_of_marks_are_found_efficiently() -> None:
    assert len(paragraphs("[" * 200_000 + "\n" + "[CAN: " * 50_000)) == 1
