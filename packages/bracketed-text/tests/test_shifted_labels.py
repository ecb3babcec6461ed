"""A label of a list that is only in another place of its line was neither removed nor added."""

import pytest

from bracketed_text import compare, parse, sentences
from engine_texts import REGISTER

FIRST, SECOND = "the lamps that burn on the\ncoast of a member", "the bells that ring in each\nof its harbours"


def lines_of(old: str, new: str) -> list[str]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return sentences(before, after, comparison)


def shifted(item: str, label: str) -> str:
    """Return the item with its label after the first line."""
    first, second = item.split("\n")
    return f"{first}\n{label}\n{second}"


def test_a_label_after_the_first_line_of_its_item_is_still_matched() -> None:
    old = f"The report lists:\n{shifted(FIRST, '(a)')};\n{shifted(SECOND, '(b)')}.\n"
    new = f"The report lists:\n(a) {FIRST};\n(b) {SECOND}.\n"
    assert not [line for line in lines_of(old, new) + lines_of(new, old) if "(" in line]


@pytest.mark.parametrize("label", ["(a)", "(iv)"])
def test_a_label_that_no_longer_exists_is_reported_as_removed(label: str) -> None:
    old = f"The report lists:\n{label} {FIRST}.\nIt is public.\n"
    assert lines_of(old, old.replace(f"{label} ", "")) == [f"Text outside brackets removed: “{label}”."]


def test_a_distant_label_is_a_different_label() -> None:
    text = "Members keep all of their lamps in good order, whatever the weather and the hour of the day. " * 4
    old, new = f"It lists:\n(a) {FIRST}.\n{text}It ends.\n", f"It lists:\n{FIRST}.\n{text}\n(a) It ends.\n"
    assert "Text outside brackets removed: “(a)”." in lines_of(old, new)


def test_a_bracket_with_the_same_beginning_is_not_matched_to_one_inside_it() -> None:
    start = "Under this article, the number of lamps on a coast is"
    counted = "the number of all lamps that were lit there in the year before, as counted by the keepers of the coast"
    old = f"2. [{start} {counted}.]\n3. End."
    new = (
        f"2. [{start} [{counted}][the number that its member has stated most lately in a letter to the board, or in "
        "one of the yearly reports which it has sent to the board, or in a speech to the other members].]\n3. End."
    )
    assert not [line for line in lines_of(old, new) if line.startswith("Bracket opened, nobody named: “Under this")]
