"""Test that words that are elsewhere in the other text are not reported as removed, added or dropped."""

import pytest

from bracketed_text import compare, parse, sentences
from bracketed_text.advanced import variants
from bracketed_text.word_places import Fate, Side
from engine_texts import REGISTER

OTHERS = "Members meet in the harbour twice in each year and talk of what they have seen at sea. " * 3
LAMPS = "The keeper of each lamp lights it before the sun has set and reports on its oil"
BRACKET = f"{OTHERS}[{LAMPS}.]"
OPTIONS = f"{OTHERS}\nOption 1: {LAMPS}.\nOption 2: No lamps.\n"


def lines_of(old: str, new: str) -> list[str]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert comparison.replay(old) == new
    return sentences(before, after, comparison)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (f"{LAMPS}. {OTHERS}", f"{OTHERS}{LAMPS}.", [f"Text outside brackets moved: “{LAMPS}”."]),
        (
            f"{LAMPS}. {OTHERS}",
            BRACKET,
            [f"Bracket opened, nobody named: “{LAMPS}”.", f"Text moved into brackets: “{LAMPS}”."],
        ),
        (
            BRACKET,
            f"{LAMPS}. {OTHERS}",
            [f"Moved out of its bracket: “{LAMPS}”.", f"Text moved out of brackets: “{LAMPS}”."],
        ),
        (
            f"{LAMPS}. {OTHERS}",
            OPTIONS,
            [
                f"Now read as one of several options: “{LAMPS}”.",
                "Now read as one of several options: “No lamps”.",
                f"Text moved into a labelled option: “{LAMPS}”.",
            ],
        ),
        (
            OPTIONS,
            f"{LAMPS}. {OTHERS}",
            [
                f"Moved out of its labelled option: “{LAMPS}”.",
                "Dropped: “No lamps”.",
                f"Text moved out of a labelled option: “{LAMPS}”.",
            ],
        ),
        # A title in parentheses, which is now a note in braces before the number of its paragraph.
        (
            "4. The board sits.\n5. (Costs)\nEach member pays its share.",
            "4. The board sits.\n{Costs}\n5.\nEach member pays its share.",
            ["Text outside brackets moved: “{Costs}”.", "Text outside brackets moved: “(Costs)”."],
        ),
    ],
)
def test_moved_words_are_reported_neither_as_removed_nor_as_added(old: str, new: str, expected: list[str]) -> None:
    assert lines_of(old, new) == expected


def test_a_phrase_that_occurs_twice_in_both_texts_is_not_reported_as_moved() -> None:
    phrase = "in accordance with the rules of the harbour board"
    old = f"Lamps are lit {phrase}. {OTHERS}Bells are rung {phrase}."
    assert lines_of(old, f"Lamps are lit. {OTHERS}Bells are rung {phrase}.") == [
        f"Text outside brackets removed: “{phrase}”."
    ]


def test_a_text_of_which_half_moved_is_reported_as_removed_or_moved() -> None:
    old = f"{LAMPS}, and of all the other things that come to mind on a long watch at night. {OTHERS}"
    assert lines_of(old, f"{OTHERS}{LAMPS}.")[0].startswith("Text outside brackets removed or moved: “The keeper of")


def test_the_parts_of_a_moved_sentence_are_reported_as_moved_together() -> None:
    old = f"It lists the lamps and the oils and the wicks of each of its members in full. {OTHERS}The end of the text."
    new = f"One of the members rests. {OTHERS}[It lists the lamps and the oils and the wicks of each of its members.]"
    assert [line for line in lines_of(old, new) if line.startswith("Text moved into brackets: “lamps and the oils")]


def test_a_contested_footnote_mark_that_is_renumbered_is_not_dropped() -> None:
    old = "Support from donors[[^9]] to all members[[^10]] and a list."
    assert lines_of(old, "Support from donors[11] to all members[12] and a list.") == ["Footnote numbers changed."]


def test_the_same_run_in_the_next_paragraph_is_a_different_run() -> None:
    old = (
        "2. Each keeper [shall][should][other] keep the lamp that it [shall][should][other] light.\n"
        "3. Each keeper's lamp [shall][should][other] shine farther than the lamp before it, in any weather.\n4. End."
    )
    new = (
        "2. Option 1: Each keeper [shall][should][other] keep the lamp, which the keeper [shall][should][other] "
        "light.\nOption 2: [Each keeper] [All keepers] [must] light lamps.\n"
        "3bis. Each keeper's lantern [shall][should][other] shine farther than the lantern before it.\n4. End."
    )
    assert not [line for line in lines_of(old, new) if "Dropped" in line or "shall”" in line]


def test_a_bracket_whose_words_are_scattered_among_its_neighbours_is_not_reported_as_lifted() -> None:
    old = "Keep it [below 5 knots][below 5 or 4.5 knots] at sea."
    new = (
        "Keep it [below 5 knots][below 4.5 knots][well below 5 knots][below 5 knots or 4.5 knots] [as slow as can be]."
    )
    assert "Reworded: “below 5 or 4.5 knots” becomes “below 5 knots or 4.5 knots”." in lines_of(old, new)


def test_a_bracket_of_three_words_is_not_matched_to_a_bracket_around_base_text_elsewhere() -> None:
    old = f"The board, as set out in [this text][decision 4/LB.7], meets. {OTHERS}Each reports under decision 4/LB.7."
    new = f"The board meets. {OTHERS}Each keeper reports, in accordance with [decision 4/LB.7][the rules], on oil."
    lines = lines_of(old, new)
    assert "Dropped: “decision 4/LB.7”." in lines
    assert not [line for line in lines if line.startswith("Moved")]


def test_a_bracket_extended_to_the_end_by_a_missing_mark_is_still_matched() -> None:
    old = (
        "(b) Scope. [(i) A keeper may register its views on a lamp lit in accordance with rule 2 within a month.]\n"
        "(c) Oil. The board keeps the oil in a dry place.\n(d) End."
    )
    new = (
        "(b) Scope. [(i) A keeper may register its views on a lamp lit in accordance with rule 2 and [each [board] "
        "agrees.\n(c) Oil. The board keeps the oil in a dry place, and the wicks, and whatever else it may need.]\n"
        "(d) The end of the list, with all that the board sees fit to add to it from one year to the next.]"
    )
    assert not [line for line in lines_of(old, new) if "(i)" in line and not line.startswith("Reworded")]


def test_a_text_with_added_words_is_matched_to_the_longer_text() -> None:
    assert lines_of("Lamps: Where lit, they burn.", "Lamps: An indication of where lit, they burn.") == [
        "Text outside brackets changed: “Where” becomes “An indication of where”."
    ]


def test_a_bracket_whose_words_are_now_in_a_longer_bracket_is_not_reported_as_dropped() -> None:
    old = f"[{OTHERS}] [well before the finalisation [of the lamps] {LAMPS}, whatever the weather] [{OTHERS}]"
    new = f"[{OTHERS}] [well before] [the finalization [of the lamps] {LAMPS}, whatever the weather. {OTHERS} {OTHERS}]"
    assert not [line for line in lines_of(old, new) if line.startswith("Dropped: “well before")]


def test_brackets_of_texts_with_nothing_in_common_can_be_compared() -> None:
    assert lines_of("[a]", "[b") == ["Dropped: “a”.", "Text outside brackets added: “b”."]


def test_a_run_in_a_shortened_and_moved_sentence_is_still_matched() -> None:
    old = (
        "Each report has: (a) the oil burnt in the year; (b) progress made in building and lighting its own "
        f"harbour lamps [alone][jointly][other]; (c) the rest. {OTHERS}"
    )
    new = (
        f"{OTHERS} In full: 3. Progress made in building and lighting [its own] harbour lamps [alone][jointly][other] "
        "[precise wording to come]; 4. Costs."
    )
    assert not [line for line in lines_of(old, new) if "alone" in line or "jointly" in line]


def test_words_that_are_elsewhere_by_chance_have_not_moved() -> None:
    old = f"Each boat flies a flag at the pier of the town, the capital of the isles, from May. {OTHERS}"
    new = f"Each boat flies a flag at the pier of the town from May. {OTHERS}Bells ring in the capital of the isles."
    lines = lines_of(old, new)
    assert not [line for line in lines if line.startswith("Text outside brackets moved")]
    assert "Text outside brackets removed or moved: “, the capital of the isles”." in lines


def test_words_that_are_scattered_over_another_text_have_not_moved() -> None:
    pieces = ["The keeper of each lamp lights", "it before the sun has set", "and reports on its oil use"]
    old = f"{' '.join(pieces)}. {OTHERS}"
    new = OTHERS + " ".join(f"{piece}, which {OTHERS.lower()}" for piece in pieces)
    assert not [line for line in lines_of(old, new) if "moved:" in line and "or moved" not in line]


def test_words_at_their_former_place_were_not_removed() -> None:
    rest = "covering both piers and towers, open to all boats and taking into account"
    old = f"9. With a view to trust, a [dim][bright] lamp system {rest} their oil, is hereby set up."
    new = (
        f"9.\nOption 1: A dim and bright lamp system {rest} the weather, is set up.\n"
        f"Option 2: A bright, tiered lamp network {rest} their oil, is hereby set up.\n"
    )
    lines = lines_of(old, new)
    assert "Wording outside brackets changed near “system”." in lines


def test_a_sentence_that_moved_is_quoted_without_the_item_before_it() -> None:
    moved = "the keeper of each lamp lights it before the sun has set and reports on its oil to the board"
    old = f"(a) Reduce the use of unlit buoys; (b) see that {moved}. {OTHERS}"
    new = f"(a) Reduce the number of buoys. {OTHERS}[The board sees that {moved}.]"
    assert not [line for line in lines_of(old, new) if line.startswith("Text moved") and "unlit" in line]


def test_a_bracket_that_is_still_in_its_sentence_has_not_moved() -> None:
    run = "The keepers pay for the oil of lamps [out of a fund of the board] from the next year on"
    old = f"5. {run}. 6. Oars are of wood. {OTHERS}"
    new = f"5. No oil is bought. {OTHERS}6. Oars are short.\n7. Option 1: {run}.\nOption 2: None.\n"
    assert not [line for line in lines_of(old, new) if line.startswith("Moved: “out of")]


def test_a_part_of_a_word_has_not_moved() -> None:
    old, new = "Lamps are town-owned and cross-lit at sea.", "Lamps are cross-lit, town-owned at sea."
    part, whole = (old.index("cross"), old.index("-lit")), (new.index("cross"), new.index(","))
    side, counterpart = Side(old, [[part]], ()), Side(new, [[whole]], ())
    assert side.fate([part], counterpart, whole[0]) is Fate.PARTLY
    assert side.fate([(part[0], part[1] + 4)], counterpart, whole[0]) is Fate.BASE_TEXT


def test_a_bracket_with_alternatives_inside_is_quoted_as_a_whole_when_it_opens() -> None:
    lines = lines_of("Bells ring.", "Bells ring. [C. Lamps by night/buoys] burn.")
    assert lines[0] == "Bracket opened, nobody named: “C. Lamps by night/buoys”."
    assert lines_of("It has [lamps/buoys].", "It has [lamps/buoys/bells].") == [
        "Bracket opened, nobody named: “bells”."
    ]


def test_a_letter_in_another_sentence_did_not_become_another_letter() -> None:
    old = "The keeper lights it; (c) Islanders with oars. The board of the town meets on Monday and talks."
    lines = lines_of(old, "The fog horn (v) stands. The board of the town meets on Monday and talks.")
    assert "Text outside brackets removed: “c”; added: “v”." in lines
    assert lines_of(old, old.replace("(c)", "(v)")) == ["Text outside brackets changed: “c” becomes “v”."]


def test_a_word_that_is_written_with_a_hyphen_now_has_not_moved() -> None:
    old = "1. Option 1: Reports go through the light-house mechanism of the board.\nOption 2: None.\n2. End."
    new = "1. Reports go through the lighthouse mechanism of the board.\n2. End."
    assert not [line for line in lines_of(old, new) if "moved out" in line and "lighthouse" in line]
    side, counterpart = Side("a light-house b", [[(2, 13)]], ()), Side("a lighthouse b", [[(2, 12)]], ())
    assert side.fate([(2, 13)], counterpart, 2) in (Fate.HERE, Fate.PARTLY)


def test_a_note_at_the_foot_of_a_page_is_not_part_of_an_option() -> None:
    text = (
        "3.\nOption 1: Bells ring at noon and\n7 Some keepers would like to ring them.\non each day.\nOption 2: None.\n"
    )
    side = Side(text, [], variants(parse(text, REGISTER)))
    assert side.fate_at_offset(text.index("Bells")) is Fate.OPTION
    assert side.fate_at_offset(text.index("keepers")) is Fate.BASE_TEXT
