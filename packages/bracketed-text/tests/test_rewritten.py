"""Test comparisons whose results were wrong in earlier versions.

The examples are based on real texts (see docs/explanation/corpora.md).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import compare, parse, sentences
from bracketed_text.advanced import Act
from engine_texts import REGISTER

LISTED = ["Report [each year] on all that it did;", "Report [each year] on all that it saw;", "Keep [all] its records."]


def acts(old: str, new: str) -> set[Act]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return {event.act for event in comparison.events}


def test_a_text_that_is_wrapped_differently_has_no_changes() -> None:
    text = " ".join(
        f"Paragraph {n}: each Member [shall][should] keep {n} records [for a year], as it sees fit." for n in range(60)
    )
    words = text.split(" ")
    wrapped = "\n".join(" ".join(words[at : at + 11]) for at in range(0, len(words), 11))
    assert acts(text, wrapped) == acts(wrapped, text) == {Act.RESPELLED}


def test_lines_with_the_same_ending_are_not_treated_as_equal() -> None:
    end = "to be decided by the body at its first session"
    old = f"1. The [open] process is conducted with rules {end}\n2. There is a time frame.\n"
    new = f"1. The [open] process is\nconducted with the rules {end}.\n2. A common time frame is\n{end}\n"
    assert Act.MOVED not in acts(old, new)
    assert Act.DROPPED not in acts(old, new)


def test_list_items_that_occur_in_several_options_are_not_reported_as_moved() -> None:
    old = "\n".join(f"Option {n}:\n" + "\n".join(f"{at}. {line}" for at, line in enumerate(LISTED, 1)) for n in (1, 2))
    new = "\n".join(
        f"Option {n}:\n" + "\n".join(f"({at})\n{line}" for at, line in zip("abc", LISTED, strict=True)) for n in (1, 2)
    )
    assert not acts(old, new) & {Act.MOVED, Act.DROPPED, Act.LIFTED, Act.OPENED}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a page number is not a footnote number
        (
            "It keeps the records.\nIt acts.",
            "It keeps the records.\n183\nIt acts.",
            ["Text outside brackets added: “183”."],
        ),
        # in a run, only the bracket at the same place matches, with different words
        ("It [a][b][c] implements it.", "It [a][b][d] implements it.", ["Reworded: “c” becomes “d”."]),
        (
            "The [p lanned] [proposed] act.",
            "The [planned] [proposed] act.",
            ["Reworded: “p lanned” becomes “planned”."],
        ),
        (
            "It [shall][should][other] act.",
            "It [first][duly] acts.",
            [
                "Dropped: “shall”.",
                "Dropped: “should”.",
                "Dropped: “other”.",
                "Bracket opened, nobody named: “first”.",
                "Bracket opened, nobody named: “duly”.",
                "Text outside brackets changed: “act” becomes “acts”.",
            ],
        ),
        # removed text and the text that replaced it need not be related
        (
            "It acts. The text that stood here was about other things.",
            "It acts. Members meet twice in each year.",
            [
                "Text outside brackets removed: “The text that stood here was about other things”; "
                "added: “Members meet twice in each year”."
            ],
        ),
        # a word that is divided differently is the same word
        (
            "It keeps the record s in a house.",
            "It keeps the records in a house.",
            ["Text outside brackets changed: “record s” becomes “records”."],
        ),
        # a heading after the last option is not part of the option
        (
            "Option 1: Keep it.\nOption 2: No rule\n\n17. Act.",
            "Option 1: Keep it.\nOption 2: No rule\n{Support}\n17. Act.",
            ["Text outside brackets added: “{Support}”."],
        ),
        # a word in a different spelling was not removed
        (
            "It is so under this protocol today.",
            "It is so under this [Protocol] today.",
            [
                "Bracket opened, nobody named: “Protocol”.",
                "The other changes concern only spacing, punctuation or spelling.",
            ],
        ),
    ],
)
def test_every_reported_sentence_is_true(old: str, new: str, expected: list[str]) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert sentences(before, after, compare(before, after)) == expected


@pytest.mark.parametrize("label", ["Option (1):", "Option 1 –"])
def test_options_whose_labels_change_form_are_not_reported_as_chosen(label: str) -> None:
    old = "Option 1: Keep all records.\nOption 2: Sell all goods.\n"
    new = f"{label} Keep all records.\n{label.replace('1', '2')} Sell many goods.\n"
    assert not acts(old, new) & {Act.CHOSEN, Act.DROPPED}


def test_words_that_occur_elsewhere_by_chance_are_not_reported_as_lifted() -> None:
    old = "A [and other members in a place to do so] b."
    chance = "and some x y z w v u t s r q p o. Other words, many of them, that members of all kinds wrote in haste."
    assert Act.LIFTED not in acts(old, f"A {chance} Some are to do with a thing, so it is said, in full. b.")


def test_accidental_similarities_between_two_texts_are_ignored() -> None:
    old = (
        "The body decides each year upon what was asked by one of its many parties for its own good, and writes it "
        "down at length for all. "
    )
    new = (
        "Nothing here is left; guests come at noon, sit, talk of the weather and then leave by one of six doors "
        "without having said why at all. "
    )
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    assert "by one of its many parties" in comparison.events[0].removed


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "Each member [may] act.",
            "Each member may [not] act.",
            ["Bracket lifted, words kept: “may”.", "Bracket opened, nobody named: “not”."],
        ),
        (
            "Each member may [not] act.",
            "Each member [may] act.",
            ["Dropped: “not”.", "Bracket opened, nobody named: “may”."],
        ),
        (
            "Each member [CAN: may] act.",
            "Each member may [CAN: not] act.",
            ["Bracket lifted, words kept: “may”.", "This ends the position of CAN.", "CAN proposes “not”."],
        ),
        (
            "It [keeps a list of the lamps] [and bells].",
            "It keeps a list of the lamps [now] [and bells].",
            ["Bracket lifted, words kept: “keeps a list of the lamps”.", "Bracket opened, nobody named: “now”."],
        ),
        (
            "Each member [may] act.",
            "Each member [shall] act.",
            ["Reworded: “may” becomes “shall”."],
        ),
    ],
)
def test_a_bracket_whose_words_remain_is_not_matched_to_the_adjacent_bracket(
    old: str, new: str, expected: list[str]
) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert sentences(before, after, compare(before, after)) == expected


@given(st.data())
def test_a_bracket_is_lifted_even_if_another_opens_next_to_its_words(data: st.DataObject) -> None:
    known = ["lamps", "bells", "books", "horns", "doors", "walls", "gates", "roofs"]
    words = data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=6, unique=True))
    kept, fresh = words[:-1], words[-1]
    head = data.draw(st.sampled_from(["", "CAN: ", "CAN oppose: "]))
    old, new = f"It keeps [{' '.join(kept)}] here.", f"It keeps {' '.join(kept)} [{head}{fresh}] here."
    if data.draw(st.booleans()):
        new = f"It keeps [{head}{fresh}] {' '.join(kept)} here."
    assert acts(old, new) == {Act.LIFTED, Act.OPENED}
    assert Act.REWORDED not in acts(new, old)


def test_an_empty_option_that_receives_words_is_not_treated_as_an_empty_bracket() -> None:
    old, new = parse("Option 1: a\nOption 2:\n\nEnd.", REGISTER), parse("Option 1: a\nOption 2: b\n\nEnd.", REGISTER)
    assert sentences(old, new, compare(old, new)) == ["Reworded: an empty option becomes “b”."]


def test_a_labelled_option_whose_words_remain_is_not_matched_to_a_bracket_inside_it() -> None:
    old = (
        "56.\n[Option 1: Asks the panel to keep a list of the lamps;]\n"
        "[Option 2: Asks the panel to write rules for the bells;]\n57.\nEnd."
    )
    new = (
        "92.\nAsks the [panel] [board] to keep a list of the lamps;\n"
        "92.\nAsks the [panel] [board] to write rules for the bells;\n57.\nEnd."
    )
    assert acts(old, new) == {Act.LIFTED, Act.OPENED, Act.BASE_TEXT}


SENTENCE = "The keeper of each of the lamps [shall][should] light it before the sun has set. "
OTHERS = "Members meet in the harbour twice in each year and talk of what they have seen at sea. " * 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # a sentence that moved elsewhere or into an option
        (f"{SENTENCE}{OTHERS}", f"{OTHERS}{SENTENCE}"),
        (f"{OTHERS}{SENTENCE}", f"Option 1: {SENTENCE}\nOption 2: No lamps.\n\n{OTHERS}"),
        # neighbours that changed places
        (f"{SENTENCE}{OTHERS}", f"{OTHERS}{SENTENCE.replace('[shall][should]', '[should][shall][may]')}"),
    ],
)
def test_a_one_word_bracket_is_matched_with_its_sentence(old: str, new: str) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    lines = sentences(before, after, compare(before, after))
    assert not [line for line in lines if "Dropped" in line or "shall" in line.split("“", 1)[-1][:7]]
    assert compare(before, after).replay(old) == new


def test_a_one_word_bracket_in_another_sentence_is_a_different_bracket() -> None:
    old, new = f"The keeper [shall] light the lamps. {OTHERS}", f"{OTHERS}Each bell [shall] ring at noon."
    assert {Act.DROPPED, Act.OPENED} <= acts(old, new)


def test_options_whose_labels_are_now_inside_a_line_are_not_reported_as_lifted() -> None:
    old = parse("1. Option A: Bells ring at noon.\nOption B: Bells rest at noon.\n2. End.", REGISTER)
    new = parse("1. Option A: Bells ring at noon. Option B: Bells rest. 2. End.", REGISTER)
    lines = sentences(old, new, compare(old, new))
    assert lines == [
        "Text outside brackets removed: “at noon”.",
        "The other changes concern only spacing, punctuation or spelling.",
    ]


def test_a_long_quotation_includes_the_difference() -> None:
    long = "each Member that keeps lamps on its coast lights every one of them before the sun has set, "
    end = "whatever the weather, and puts it out again when the sun has risen over the sea"
    old = parse(f"It is so: [{long}in its harbour, {end}]", REGISTER)
    new = parse(f"It is so: [{long}in each of its harbours, {end}]", REGISTER)
    assert sentences(old, new, compare(old, new)) == [
        "Reworded: “… has set, in its harbour, whatever the weather, …” becomes "
        "“… has set, in each of its harbours, whatever the weather, …”."
    ]
