"""Test that hostile texts are refused or processed quickly."""

import pytest

from bracketed_text import Code, Silence, compare, measure, parse, read
from bracketed_text.advanced import DEPTH_LIMIT, MOST_VARIANTS, Act, excess
from engine_texts import REGISTER


def test_a_hundred_thousand_opening_marks_produce_a_single_diagnostic_that_spans_them() -> None:
    tree = parse("[" * 100_000, REGISTER)
    assert [(diagnostic.code, diagnostic.start, diagnostic.end) for diagnostic in tree.diagnostics] == [
        (Code.UNMATCHED_OPEN, 0, 100_000)
    ]
    assert measure(tree).open_brackets == 0


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    tree = parse("[" * 20_000 + "word" + "]" * 20_000, REGISTER)
    assert measure(tree).depth == 20_000
    assert [diagnostic.code for diagnostic in tree.diagnostics] == [Code.DEEP, Code.TOO_DEEP, Code.TOO_MANY_BRACKETS]


def test_unclosed_notes_do_not_swallow_the_text() -> None:
    tree = parse("{" * 50_000 + " [CAN: word]", REGISTER)
    assert measure(tree).open_brackets == 1


def test_a_megabyte_without_marks_is_plain_text() -> None:
    assert measure(parse("word " * 200_000, REGISTER))[:3] == (200_000, 0, 0)


def test_twenty_thousand_alternatives_are_parsed_compared_and_measured_in_time() -> None:
    text = "[a] / " * 20_000 + "[b]"
    old, new = parse(text, REGISTER), parse(text.replace("/ [b]", "/ [CAN: b]"), REGISTER)
    assert measure(old).alternatives == 20_001
    assert read(old, ["CAN"], Silence.DROP).text == ""
    assert [event.act for event in compare(old, new).events] == [Act.POSITION_TAKEN]


def test_twenty_thousand_options_are_measured_in_time() -> None:
    figures = measure(parse("Option 1: keep\nOption 2: lose\n\n" * 10_000, REGISTER))
    assert (figures.words, figures.contested_words, figures.alternatives) == (20_000, 20_000, 20_000)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("[a]" * (MOST_VARIANTS + 1), 3 * MOST_VARIANTS),
        ("[a" * (MOST_VARIANTS + 1), 2 * MOST_VARIANTS),
        ("]" * (MOST_VARIANTS + 1), MOST_VARIANTS),
        ("ab [" + "a/" * 200_000 + "a]", 3),
    ],
)
def test_too_many_marks_are_reported_at_the_first_excess_mark_without_parsing(text: str, offset: int) -> None:
    diagnostic = excess(text)
    assert diagnostic is not None
    assert (diagnostic.code, diagnostic.start, diagnostic.end) == (Code.TOO_MANY_BRACKETS, offset, offset + 1)


def test_the_number_of_simultaneously_open_marks_is_limited_whether_or_not_they_close() -> None:
    diagnostic = excess("a [" * 101)
    assert diagnostic is not None
    assert (diagnostic.code, diagnostic.start) == (Code.TOO_DEEP, 302)
    assert excess("[" * 100 + "]" * 100) is None
    assert excess("[] " * MOST_VARIANTS) is None


@pytest.mark.parametrize(
    "text", ["[a]" * (MOST_VARIANTS + 1), "[" + "a/" * MOST_VARIANTS + "a]", "Option 1: a\nOption 2: b\n\n" * 2_501]
)
def test_a_text_with_too_many_variants_is_parsed_and_reported_once(text: str) -> None:
    tree = parse(text, REGISTER)
    assert [diagnostic.code for diagnostic in tree.errors] == [Code.TOO_MANY_BRACKETS]
    assert tree.errors[0].message == "This text contains more than 5,000 brackets, alternatives or options."


@pytest.mark.parametrize(
    "text",
    [
        "[a]" * MOST_VARIANTS,
        "[" + "a/" * (MOST_VARIANTS - 1) + "a]",
        "Option 1: a\nOption 2: b\n\n" * 2_500,
        "a/" * 90_000,
    ],
)
def test_a_text_at_the_limit_produces_no_diagnostic(text: str) -> None:
    assert excess(text) is None
    assert [diagnostic.code for diagnostic in parse(text, REGISTER).errors] == []


def test_the_diagnostic_about_depth_states_the_limit() -> None:
    (diagnostic,) = parse("[" * (DEPTH_LIMIT + 1) + "keep" + "]" * (DEPTH_LIMIT + 1), REGISTER).errors
    assert (diagnostic.code, diagnostic.message) == (
        Code.TOO_DEEP,
        "Brackets are nested more than 12 levels deep here.",
    )
