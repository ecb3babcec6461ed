"""Test readings for a member, for several members and without members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import Silence, parse, read
from engine_texts import REGISTER, anything, sound_texts

KEEP, DROP, SHOW = Silence.KEEP, Silence.DROP, Silence.SHOW
MIRROR = "Each [CAN propose: may] [CAN oppose: shall] act."
CHOICE = "Each [CAN: shall] / [BRA: may] / [JPN: should] act."


@pytest.mark.parametrize(
    ("text", "members", "silence", "expected"),
    [
        ("Each [CAN: duly] acts.", ["CAN"], SHOW, "Each duly acts."),
        ("Each [CAN oppose: duly] acts.", ["CAN"], SHOW, "Each acts."),
        ("Each [CAN oppose: duly] acts.", ["BRA"], SHOW, "Each [CAN oppose: duly] acts."),
        ("Each [CAN oppose: duly] acts.", ["BRA"], KEEP, "Each duly acts."),
        ("Each [CAN oppose: duly] acts.", ["BRA"], DROP, "Each acts."),
        ("Each [CAN reserve: duly] acts.", ["CAN"], DROP, "Each acts."),
        (
            "Each [CAN propose; BRA oppose: duly] acts.",
            ["CAN", "BRA"],
            DROP,
            "Each [CAN propose; BRA oppose: duly] acts.",
        ),
        ("Each [CAN propose; BRA oppose: duly] acts.", ["CAN", "JPN"], DROP, "Each duly acts."),
        ("Each [AFRICAN GROUP: duly] acts.", ["KEN"], DROP, "Each duly acts."),
        ("Each [AFRICAN GROUP propose; KEN oppose: duly] acts.", ["KEN"], KEEP, "Each acts."),
        ("Each [AFRICAN GROUP propose; KEN oppose: duly] acts.", ["NGA"], DROP, "Each duly acts."),
        (MIRROR, ["CAN"], SHOW, "Each may act."),
        (MIRROR, ["BRA"], SHOW, MIRROR),
        (MIRROR, ["BRA"], DROP, "Each act."),
        (MIRROR, [], Silence.BASE, "Each shall act."),
        ("A [BRA oppose: all] [JPN: new] [x1] records.", [], Silence.BASE, "A all records."),
        (CHOICE, ["BRA"], SHOW, "Each may act."),
        (CHOICE, ["CHN"], SHOW, CHOICE),
        (CHOICE, ["CHN"], KEEP, "Each shall / may / should act."),
        (CHOICE, ["CHN"], DROP, "Each act."),
        (CHOICE, ["CAN", "JPN"], DROP, "Each [CAN: shall] / [JPN: should] act."),
        ("A [CAN oppose: b] / [c] d.", ["CAN"], SHOW, "A c d."),
        ("A [CAN oppose: b] / [c] / [e] d.", ["CAN"], SHOW, "A [c] / [e] d."),
        ("the [paper/digital] record", [], SHOW, "the [paper/digital] record"),
        ("the [paper/digital] record", [], KEEP, "the paper/digital record"),
        ("the [paper/digital] record", [], DROP, "the record"),
        ("Option 1: [CAN: a]\nOption 2: [BRA: b]\n\nc", ["BRA"], SHOW, "b\n\nc"),
        ("Option 1: a\nOption 2: b\n\nc", [], SHOW, "Option 1: a\nOption 2: b\n\nc"),
        ("Option 1: a\nOption 2: b\n\nc", [], DROP, "c"),
        ("A [CAN oppose: b] / [No text] c.", ["CAN"], SHOW, "A c."),
        ("A [b [CAN: c] d] e.", ["CAN"], DROP, "A e."),
        ("A [b [CAN: c] d] e.", ["CAN"], KEEP, "A b c d e."),
        ("A [b [CAN: c] d] e.", ["CAN"], SHOW, "A [b c d] e."),
        ("A [Note: to be seen] b {so} c.", [], KEEP, "A b c."),
        (
            "A [x] and [...] see[27] [here](https://example.org/).",
            [],
            DROP,
            "A [x] and [...] see[27] [here](https://example.org/).",
        ),
        ("[2. NZ: Where it acts]", ["NZ"], DROP, "2. Where it acts"),
        ("member[s] act", [], KEEP, "members act"),
        ("member[s] act", [], DROP, "member act"),
        ("[a] {and/or} [b] c", [], KEEP, "a b c"),
    ],
)
def test_a_reading_is_the_text_that_the_members_would_prefer(
    text: str, members: list[str], silence: Silence, expected: str
) -> None:
    assert read(parse(text, REGISTER), members, silence).text == expected


@pytest.mark.parametrize(
    ("text", "expected", "joins"),
    [
        ("a [b] c", "a c", 1),
        ("a [b], c", "a, c", 1),
        ("a, [b], c", "a, c", 1),
        ("a, [b].", "a.", 1),
        ("a ([b]) c", "a c", 1),
        ("[b] a", "a", 1),
        ("a [b]", "a", 1),
        ("a\n[b]\nc", "a\nc", 1),
        ("a\n\n[b]\n\nc", "a\n\nc", 1),
        ("(a) keep;\n(b) [lose;]\n(c) act.", "(a) keep;\n(c) act.", 1),
        ("1. Keep.\n\n2. [Lose.]\n", "1. Keep.\n", 1),
        ("a[b]c", "ac", 0),
    ],
)
def test_omitted_text_leaves_no_double_blanks_stray_commas_or_empty_items(text: str, expected: str, joins: int) -> None:
    reading = read(parse(text, REGISTER), (), DROP)
    assert reading.text == expected
    assert len(reading.joins) >= joins if joins else reading.joins == ()


def test_a_reading_counts_its_decisions() -> None:
    text = "[CAN: a] and [CAN oppose: b] so [c [d]] and [CAN, BRA: e] / [f] x"
    reading = read(parse(text, REGISTER), ["CAN"], DROP)
    assert (reading.kept, reading.dropped, reading.silent, reading.divided) == (2, 2, 1, 0)
    assert read(parse(text, REGISTER), ["CAN"], KEEP).silent == 2


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


@given(sound_texts)
def test_a_reading_that_keeps_everything_contains_all_words(text: str) -> None:
    tree = parse(text, REGISTER)
    every = "".join(text[start:end] for start, end, role, _ in tree.pieces() if role == "text")
    assert letters(read(tree, (), KEEP).text) == letters(every)


@given(sound_texts)
def test_a_reading_that_drops_everything_contains_no_contested_words(text: str) -> None:
    tree = parse(text, REGISTER)
    base = "".join(text[start:end] for start, end, role, bracket in tree.pieces() if role == "text" and not bracket)
    assert letters(read(tree, (), DROP).text) == letters(base)


@given(sound_texts)
def test_a_reading_that_shows_everything_equals_the_text(text: str) -> None:
    assert read(parse(text, REGISTER), (), SHOW).text == text


@given(anything, st.sets(st.sampled_from(["CAN", "BRA", "JPN", "IDN"])), st.sampled_from(Silence))
def test_a_reading_can_be_made_of_any_text(text: str, members: set[str], silence: Silence) -> None:
    reading = read(parse(text, REGISTER), members, silence)
    assert min(reading[1:5]) >= 0
    for join in reading.joins:
        assert 0 <= join.offset <= len(reading.text)


@given(sound_texts, st.sets(st.sampled_from(["CAN", "BRA", "JPN", "IDN"]), min_size=1))
def test_repeating_a_reading_that_shows_silence_changes_nothing(text: str, members: set[str]) -> None:
    first = read(parse(text, REGISTER), members, SHOW)
    again = read(parse(first.text, REGISTER), members, SHOW)
    assert again.kept == again.dropped == 0
    assert again.text == first.text
