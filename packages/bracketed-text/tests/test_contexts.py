"""A bracket of a few words is the same as before if its sentence or the brackets beside it are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import compare, parse, sentences
from bracketed_text.advanced import Act
from engine_texts import REGISTER

OTHERS = "Members meet in the harbour twice in each year and talk of what they have seen at sea. " * 3


def lines_of(old: str, new: str) -> list[str]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return sentences(before, after, comparison)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # a paragraph that was rewritten and put behind others
        (
            f"3. The pilots [shall][should][other] seasonally publish charts of the estimated depth. {OTHERS}",
            f"{OTHERS}7. Those pilots who are able [may][shall][should][other] [seasonally] [draw and] publish "
            "soundings of the estimated depth and of the tides.",
        ),
        # a run in another order, with further members
        (
            f"1. A [board][panel] is hereby founded to help keepers with the lamps. {OTHERS}",
            f"{OTHERS}1. [A] [Harbour] [panel][board][council] [of keepers] is hereby founded for the lamps.",
        ),
    ],
)
def test_a_short_bracket_is_matched_in_a_rewritten_sentence(old: str, new: str) -> None:
    kept = ("shall", "should", "other", "board", "panel")
    lines = lines_of(old, new)
    assert not [line for line in lines if line.split("“")[-1].startswith(tuple(f"{word}”" for word in kept))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[lamp][other]", "[lamps][other][none]", "Reworded: “lamp” becomes “lamps”."),
        ("[fulfil] [other]", "[other][fulfill] [none]", "Reworded: “fulfil” becomes “fulfill”."),
        ("[lan tern][other]", "[none] [lantern][other]", "Reworded: “lan tern” becomes “lantern”."),
        ("[oil][other]", "[soil][other][none]", "Dropped: “oil”."),
        ("[CAN: lamp][other]", "[BRA: lamps][other][none]", "Dropped: “lamp”."),
    ],
)
def test_a_bracket_of_a_run_is_matched_if_its_spelling_changes(old: str, new: str, expected: str) -> None:
    text = "Keepers of the harbour light the {} at dusk. "
    assert expected in lines_of(text.format(old) + OTHERS, text.format(new) + OTHERS)


def test_the_same_short_bracket_in_an_unrelated_sentence_is_a_different_bracket() -> None:
    pilots = "Pilots, when they draw a chart of the bay for other pilots who do not know it well, [shall][should]"
    gulls = "Gulls that nest upon a cliff, however steep, beside young ones which cannot fly yet, [shall][should]"
    old = f"{OTHERS}{pilots} give its depth, its tides, its rocks and wrecks, and the date of each chart. {OTHERS}"
    new = f"{OTHERS}{gulls} be left alone by boys from any village, even if dared by others to climb up. {OTHERS}"
    lines = lines_of(old, new)
    assert {"Dropped: “shall”.", "Bracket opened, nobody named: “shall”."} <= set(lines)


def test_a_short_bracket_is_not_matched_to_the_labelled_option_that_replaces_it() -> None:
    old = f"2. End.\n3. Keepers [shall][should][other] add to the number of the lamps on the coast.\n4. {OTHERS}"
    new = (
        "2. End.\n3. Option 1: Pilots have charts.\nOption 2: Boys sing while the rain falls.\n"
        f"Option 3: No text\n4. {OTHERS}"
    )
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    assert not {event.act for event in comparison.events} & {Act.MARKED, Act.REWORDED}


SUBJECTS = ["Pilots", "Keepers", "Sailors", "Gulls", "Anglers", "Divers"]
VERBS = [
    "survey the reefs",
    "trim all the wicks",
    "mend every sail",
    "leave the cliffs",
    "count each net",
    "raise wrecks",
]
RUN = ["[shall]", "[should]", "[may]", "[other]"]


@given(st.permutations(range(6)), st.permutations(RUN), st.sets(st.integers(0, 5)))
def test_short_brackets_are_matched_by_their_sentences_in_any_order(
    order: list[int], run: list[str], wider: set[int]
) -> None:
    old = " ".join(f"{SUBJECTS[at]} [shall][should][other] {VERBS[at]} before the winter." for at in range(6))
    new = " ".join(
        f"{SUBJECTS[at]} {''.join(run)} {VERBS[at]} before the {'first day of the ' if at in wider else ''}winter."
        for at in order
    )
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    assert comparison.replay(old) == new
    words = [comparison.old_variants[event.old].words(old) for event in comparison.events if event.act is Act.DROPPED]
    assert not words
