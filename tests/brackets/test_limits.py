"""Hostile texts end soon and clearly."""

from issues.brackets import Act, Code, Silence, compare, measure, parse, read
from tests.brackets.register import REGISTER


def test_a_hundred_thousand_opening_marks_in_a_row_are_one_finding_that_spans_them() -> None:
    tree = parse("[" * 100_000, REGISTER)
    assert [(found.code, found.start, found.end) for found in tree.diagnostics] == [(Code.UNMATCHED_OPEN, 0, 100_000)]
    assert measure(tree).open_brackets == 0


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    tree = parse("[" * 20_000 + "word" + "]" * 20_000, REGISTER)
    assert measure(tree).depth == 20_000
    assert [found.code for found in tree.diagnostics] == [Code.DEEP, Code.TOO_DEEP]


def test_notes_that_never_close_do_not_swallow_the_text() -> None:
    tree = parse("{" * 50_000 + " [CAN: word]", REGISTER)
    assert measure(tree).open_brackets == 1


def test_a_megabyte_without_a_mark_is_plain_text() -> None:
    assert measure(parse("word " * 200_000, REGISTER))[:3] == (200_000, 0, 0)


def test_twenty_thousand_alternatives_are_read_compared_and_measured_in_one_go() -> None:
    text = "[a] / " * 20_000 + "[b]"
    old, new = parse(text, REGISTER), parse(text.replace("/ [b]", "/ [CAN: b]"), REGISTER)
    assert measure(old).alternatives == 20_001
    assert read(old, ["CAN"], Silence.DROP).text == ""
    assert [event.act for event in compare(old, new).events] == [Act.POSITION_TAKEN]


def test_twenty_thousand_options_are_measured_in_one_go() -> None:
    figures = measure(parse("Option 1: keep\nOption 2: lose\n\n" * 10_000, REGISTER))
    assert (figures.words, figures.contested_words, figures.alternatives) == (20_000, 20_000, 20_000)
