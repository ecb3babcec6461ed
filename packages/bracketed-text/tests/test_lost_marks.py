"""Test what is reported if a mark is missing, so that it is not certain where a bracket or an option ends."""

import pytest

from bracketed_text import compare, parse, sentences
from bracketed_text.advanced import quote
from engine_texts import REGISTER

TOWERS = "Every tower shows a red lamp to the sea from dusk until the light of day"
OTHERS = "Boats of wood and of iron are painted in spring, before the ice is gone, by those who own them. " * 3
BELLS = "Every bell is rung twice when fog lies over the harbour and no lamp can be seen"


def lines_of(old: str, new: str) -> list[str]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return sentences(before, after, comparison)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"1. [{TOWERS}.]\n2. {BELLS}.", f"1. [{TOWERS}.\n2. {BELLS}."),
        (f"1. [{TOWERS}.]\n2. {BELLS}.", f"1. {TOWERS}.]\n2. {BELLS}."),
    ],
)
def test_a_bracket_that_lost_a_mark_was_not_lifted(old: str, new: str) -> None:
    assert lines_of(old, new) == [f"Bracket that now begins or ends elsewhere, or has lost a mark: {quote(TOWERS)}."]


def test_a_bracket_that_lost_both_marks_was_lifted() -> None:
    assert lines_of(f"1. [{TOWERS}.]\n2. End.", f"1. {TOWERS}.\n2. End.") == [
        f"Bracket lifted, words kept: “{TOWERS}”."
    ]


def test_a_bracket_whose_end_was_lost_did_not_become_the_text_of_the_next_paragraphs() -> None:
    old = f"1. {BELLS} and [{TOWERS}.]\n2. {BELLS}. {TOWERS}.\n3. [End].\n4. [Stop]."
    new = f"1. {BELLS} and [{TOWERS}.\n2. {BELLS}. {TOWERS}.\n3. [End].]\n4. [Stop]."
    assert lines_of(old, new) == [f"Bracket that now begins or ends elsewhere, or has lost a mark: {quote(TOWERS)}."]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        # The bracket begins in a sentence and ends in a later paragraph, article or option.
        (f"1. It sits and [also {TOWERS}.\n7. {BELLS}; {BELLS}.] The end.", f"also {TOWERS}"),
        (f"1. It sits and [also {TOWERS}.\n## Bells\n{BELLS}; {BELLS}.]\n", f"also {TOWERS}"),
        (f"1. It sits and [also {TOWERS}.\nArticle 9 (BELLS)\n{BELLS}; {BELLS}.]\n", f"also {TOWERS}"),
        (f"1. It sits.\nOption 1: [{TOWERS}.\nOption 2: {BELLS}; {BELLS}.]\n", TOWERS),
        (f"4. [{TOWERS}.\n9. {BELLS}; {BELLS}.]\n", TOWERS),
        (f"4. [{TOWERS}.\n5. {BELLS}; {BELLS}] or not.\n", TOWERS),
    ],
)
def test_only_the_first_paragraph_of_a_bracket_with_an_unclear_end_is_quoted(text: str, quoted: str) -> None:
    assert f"Bracket opened, nobody named, but its end is unclear: {quote(quoted)}." in lines_of("0. None.\n", text)


@pytest.mark.parametrize(
    "text",
    [
        f"4. [{TOWERS}:\n(a) {BELLS};\n(b) {BELLS}.]\n",
        f"4. [{TOWERS}:\n1. {BELLS};\n2. {BELLS}.]\n",
        f"[4. {TOWERS}.\n5. {BELLS}; {BELLS}.]\n",
        f"4.\n[{TOWERS}.\n5. {BELLS}; {BELLS}.]\n6. End.",
        f"4. [{TOWERS} under\nArticle 9 of this text. {BELLS}. {BELLS}.]\n",
        f"[Article 9\n{TOWERS}.\n## Bells\n{BELLS}; {BELLS}.]\n",
        f"4. [{TOWERS}.\n7. End.]\n",
    ],
)
def test_the_end_of_a_bracket_around_whole_paragraphs_is_clear(text: str) -> None:
    assert not [line for line in lines_of("0. None.\n", text) if "unclear" in line]


def test_an_option_that_ends_with_a_bracket_of_unclear_end_may_go_on() -> None:
    text = f"1. It sits and [also {TOWERS}.\n7. Bells:\nOption 1: {BELLS}.\nOption 2: No bell is rung] by day.\n"
    lines = lines_of("0. None.\n", text)
    assert "Now read as one of several options, but its end is unclear: “No bell is rung”." in lines


def test_an_option_whose_words_are_below_its_label_is_not_empty() -> None:
    new = f"1. Bells\n\nOption I:\n\n(a) {BELLS}.\n\nOption II:\n\n1. {TOWERS}.\n"
    lines = lines_of("1. Bells\n", new)
    assert "Now read as one of several options, but its end is unclear: “Option II”." in lines
    assert not [line for line in lines if "empty" in line]
    assert not [line for line in lines_of(new, f"1. Bells\n\n{TOWERS}.\n") if "empty" in line]


def test_an_option_without_text_is_empty() -> None:
    lines = lines_of("1. Bells\n", f"1. Bells\n\nOption 1: {BELLS}.\n\nOption 2:\n\nNo text\n")
    assert "Now read as one of several options: an empty option." in lines


def test_a_label_of_which_only_the_words_were_numbered_anew_was_not_dropped() -> None:
    old = f"1. Bells\n\nOption 1: {BELLS}.\n\nOption 2:\n\n1. {TOWERS}.\n"
    new = f"1. Bells\n\nOption 1: {BELLS}.\n\nOption 2: (paragraph 1)\n\n1. {TOWERS}.\n"
    lines = lines_of(old, new)
    assert not [line for line in lines if "Dropped" in line or "empty" in line]


def test_an_option_whose_words_went_below_a_note_was_not_reworded_to_the_note() -> None:
    old = f"1. Bells\n\nOption 1: {BELLS}.\n\nOption 2: {TOWERS}, and at noon.\n"
    new = f"1. Bells\n\nOption 1: {BELLS}.\n\nOption 2: (paragraph 1) {{lamps}}\n\n## Lamps\n\n{TOWERS}, and at noon.\n"
    lines = lines_of(old, new)
    assert "Labelled option that now ends elsewhere: {}.".format(quote(f"{TOWERS}, and at noon")) in lines
    assert not [line for line in lines if "Reworded" in line]


@pytest.mark.parametrize("mark", ["[^3]", "]", "["])
def test_a_mark_without_its_partner_is_not_quoted(mark: str) -> None:
    lines = lines_of(f"Lamps burn. {BELLS}.", f"Lamps burn and smoke{mark} by night. {BELLS}.")
    assert lines
    assert not [line for line in lines if {"[", "]"} & set(line)]


def test_a_bracket_whose_closing_mark_now_closes_another_one_was_not_reworded() -> None:
    old = f"10. [There is a bell [at sea][based on the [old rule] of the pier, {TOWERS}], {BELLS} at noon.] End."
    new = f"10. [There is a bell [at sea][based on the old rule] of the pier, {TOWERS}], {BELLS} at noon.] End."
    lines = lines_of(old, new)
    assert not [line for line in lines if line.startswith("Reworded: “There is")]


def test_a_bracket_that_begins_as_before_was_not_opened() -> None:
    start = "(ii) End. [(iii) A keeper may ask for [oil] [wicks] from the [board] [town] in the harbour."
    old = f"{start} {TOWERS}.]\n(b) {BELLS}. {OTHERS} (c) [Stop.]"
    new = f"{start.replace('oil', 'oil ')} {TOWERS}.\n(b) {BELLS}. {OTHERS} {OTHERS} (c) [Stop.] {OTHERS}]\n"
    lines = lines_of(old, new)
    assert not [line for line in lines if line.startswith("Bracket opened")]
    assert len([line for line in lines if "lost a mark: “(iii)" in line]) == 2


def test_an_option_in_which_a_bracket_of_unclear_end_begins_may_go_on() -> None:
    new = (
        f"3. Option 1: [{TOWERS}.\nOption 2: No tower.\n4. Option 1: {BELLS}.\nOption 2: [No] bell at all.]"
        " [So it is.]\nOption 3: Nothing.\n"
    )
    lines = [line for line in lines_of("3. None.\n", new) if TOWERS in line and line.startswith("Now read")]
    assert lines == [f"Now read as one of several options, but its end is unclear: {quote('[' + TOWERS)}."]


def test_a_bracket_before_a_footnote_of_which_only_the_end_is_left_was_not_lifted() -> None:
    start = f"1. It sits and [also {TOWERS}.\n7. {OTHERS} Option 1: "
    old = f"{start}[{BELLS} at [noon].[^2]]\n\nOption 2: None.\n"
    new = f"{start}{BELLS} at [noon].2]\n\nOption 2: None.\n"
    lines = lines_of(old, new)
    assert not [line for line in lines if line.startswith("Bracket lifted")]
    assert [line for line in lines if "lost a mark: “Every bell" in line]


def test_the_end_of_a_bracket_with_the_options_of_the_next_paragraph_is_unclear() -> None:
    new = f"15.\n[{TOWERS}.\n16.\nOption 1: {BELLS}.\nOption 2: {BELLS} in fog.]\n17. End."
    assert f"Bracket opened, nobody named, but its end is unclear: {quote(TOWERS)}." in lines_of("15. None.\n", new)
