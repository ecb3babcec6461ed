"""An option whose label is in both texts neither ended nor began, even if one text is not read as options."""

import pytest

from bracketed_text import compare, parse, parse_document, sentences
from engine_texts import REGISTER

BELLS, HORNS = "Bells ring at noon in each harbour", "Horns blow at dusk from every pier"
BEFORE, AFTER = "Article 1\n1. Lamps burn.\n2. ", "3. The keeper sees to it that all of them are heard.\n"
OPTIONS = f"{BEFORE}Option 1: {BELLS}.\nOption 2: {HORNS}.\n{AFTER}"


def lines_of(old: str, new: str) -> list[str]:
    before, after = (parse_document(text, REGISTER).tree() for text in (old, new))
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return sentences(before, after, comparison)


@pytest.mark.parametrize(
    "headed",
    [
        "Article 1\n1. Lamps burn.\nOption {}: (paragraph 2)\n2. {}.\nOption {}: (paragraph 2)\n2. {}.\n",
        "Article 1\n1. Lamps burn.\nOption I: (paragraph 2)\n2. {1}.\nOption II: (paragraph 2)\n2. {3}.\n",
        "Article 1\n1. Lamps burn.\n2. Option {} – {}. Option {} – {}.\n",
    ],
)
def test_an_option_whose_label_is_written_differently_is_still_matched(headed: str) -> None:
    other = headed.format(1, BELLS, 2, HORNS) + AFTER
    for lines in (lines_of(OPTIONS, other), lines_of(other, OPTIONS)):
        assert not [line for line in lines if "option" in line.split("“")[0] or "kept" in line]


def test_words_added_to_or_removed_from_an_option_with_the_same_label_are_reported() -> None:
    other = f"{BEFORE}OPTION 1 – {BELLS} [and town]. OPTION 2 – Horns blow from every pier.\n{AFTER}"
    assert "Text outside brackets removed: “at dusk”." in lines_of(OPTIONS, other)
    assert [line for line in lines_of(other, OPTIONS) if line.startswith("Text outside brackets") and "dusk" in line]


def test_an_option_without_its_label_is_no_longer_an_option() -> None:
    lines = lines_of(OPTIONS, f"{BEFORE}{BELLS}.\n{HORNS}.\n{AFTER}")
    assert f"No longer read as one of several options, words kept: “{BELLS}”." in lines


def test_an_option_without_the_bracket_around_its_text_is_still_matched() -> None:
    old = parse(f"Option 1: [{BELLS}.]\nOption 2: [{HORNS}.]\n", REGISTER)
    new = parse(f"Option 1: {BELLS}.\nOption 2: [{HORNS}.]\n", REGISTER)
    lines = sentences(old, new, compare(old, new))
    assert lines == [f"Bracket lifted, words kept: “{BELLS}”."]


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_an_option_is_chosen_even_if_another_series_of_options_is_nearby(chosen: int) -> None:
    options = [BELLS, HORNS, "Lamps burn by night"]
    first = "Option 1: Oars are wooden.\nOption 2: Oars are short.\nOption 3: No oars.\n\n"
    listed = "".join(f"Option {number}: {option}.\n" for number, option in enumerate(options, 1))
    old, new = (parse(f"{first}So\n{choice}\nit is.", REGISTER) for choice in (listed, f"{options[chosen]}.\n"))
    lines = sentences(old, new, compare(old, new))
    dropped = [f"Dropped: “{option}”." for option in options if option != options[chosen]]
    assert sorted(lines) == sorted([f"Chosen among the alternatives: “{options[chosen]}”.", *dropped])


def test_the_only_remaining_labelled_bracket_is_still_matched() -> None:
    options = "[Option 1: oars are short] [Option 2: oars, of which a boat has [BRA: at least] two, are made of wood]"
    old = f"So {options} at sea. [Option 1: bells] [Option 2: no] horns blow from every pier."
    new = old.replace("[Option 1: bells] ", "")
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert sentences(before, after, compare(before, after)) == ["Dropped: “bells”."]


def test_an_option_is_not_chosen_while_the_label_of_another_stays() -> None:
    old = f"{BEFORE}OPTION I: {BELLS}.\nOPTION II: {HORNS} at the sea.\n{AFTER}"
    lines = lines_of(old, f"{BEFORE}{BELLS}.\nOPTION II: Horns rust on every pier at the sea.\n{AFTER}")
    assert not [line for line in lines if line.startswith("Chosen")]
