"""Test the engine's guarantees on arbitrary texts."""

import itertools
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from bracketed_text import Severity, Tree, compare, measure, parse, sentences, together
from bracketed_text.advanced import ENDINGS, Act, first_trespass, foreign
from bracketed_text.words import WORD
from engine_texts import REGISTER, anything, plain, sound_texts


@given(anything)
def test_no_character_is_lost(text: str) -> None:
    tree = parse(text, REGISTER)
    assert "".join(text[start:end] for start, end, _, _ in tree.pieces()) == text


@given(anything)
def test_any_text_can_be_parsed_and_every_diagnostic_has_a_place_and_a_hint(text: str) -> None:
    tree = parse(text, REGISTER)
    for diagnostic in tree.diagnostics:
        line, column = tree.line_and_column(diagnostic.start)
        assert 0 <= diagnostic.start < diagnostic.end <= len(text)
        assert line >= 1
        assert column >= 1
        assert diagnostic.message
        assert diagnostic.hint


@given(anything)
def test_a_text_without_errors_has_equal_numbers_of_opening_and_closing_marks(text: str) -> None:
    tree = parse(text, REGISTER)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in tree.diagnostics):
        return
    marks = Counter(text[start:end][0] for start, end, role, _ in tree.pieces() if role == "open")
    closing = sum(1 for _, _, role, _ in tree.pieces() if role == "close")
    assert marks["["] == closing


@given(anything)
def test_contested_words_are_a_subset_of_the_words(text: str) -> None:
    figures = measure(parse(text, REGISTER))
    assert (
        0 <= figures.contested_words <= figures.words <= len(WORD.findall(text)) + text.count("[") + text.count("]") + 9
    )
    assert figures.clean_share is None or 0 <= figures.clean_share <= 1


@given(sound_texts, sound_texts)
def test_the_figures_of_two_provisions_can_be_added(first: str, second: str) -> None:
    both = measure(parse(f"{first}\n\n{second}", REGISTER))
    assert both == together([measure(parse(first, REGISTER)), measure(parse(second, REGISTER))])


@given(sound_texts)
def test_a_text_has_no_changes_compared_with_itself(text: str) -> None:
    tree = parse(text, REGISTER)
    assert compare(tree, tree).events == []


@given(anything, anything)
def test_replaying_the_events_on_the_old_text_reproduces_the_new_text(old: str, new: str) -> None:
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    assert comparison.replay(old) == new


@given(sound_texts, sound_texts)
@example("[CAN: Each Member shall] Each", "Each [Member] Each Each")
def test_every_differing_character_belongs_to_exactly_one_event(old: str, new: str) -> None:
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    assert all(0 <= hunk.event < len(comparison.events) for hunk in comparison.hunks)
    assert all(before.end <= after.start for before, after in itertools.pairwise(comparison.hunks))
    assert all(old[hunk.start : hunk.end] != hunk.text for hunk in comparison.hunks)
    assert bool(comparison.hunks) == (old != new)


@given(sound_texts, sound_texts)
def test_every_change_is_described_in_a_sentence(old_text: str, new_text: str) -> None:
    old, new = parse(old_text, REGISTER), parse(new_text, REGISTER)
    comparison = compare(old, new)
    lines = sentences(old, new, comparison)
    assert bool(lines) == bool(comparison.events)
    assert all(sentence.endswith(".") for sentence in lines)


@given(sound_texts, sound_texts)
def test_each_variant_is_kept_ended_or_opened_exactly_once(old: str, new: str) -> None:
    comparison = compare(parse(old, REGISTER), parse(new, REGISTER))
    ended = [event.old for event in comparison.events if event.act in {*ENDINGS, Act.REWORDED}]
    begun = [event.new for event in comparison.events if event.act in (Act.OPENED, Act.REWORDED)]
    assert sorted([*comparison.same, *ended]) == list(range(len(comparison.old_variants)))
    assert sorted([*comparison.same.values(), *begun]) == list(range(len(comparison.new_variants)))


@given(sound_texts, plain, st.integers(min_value=0))
def test_a_member_can_add_words_under_its_name_anywhere(text: str, addition: str, where: int) -> None:
    gaps = [at for at, letter in enumerate(text) if letter == " " and _outside_heads(text, at)]
    if not gaps:
        return
    at = gaps[where % len(gaps)]
    changed = f"{text[:at]} [AUS propose: {addition}]{text[at:]}"
    assert first_trespass(parse(text, REGISTER), parse(changed, REGISTER), "AUS") is None


def _outside_heads(text: str, at: int) -> bool:
    return all(not (start <= at < end) for start, end, role, _ in parse(text, REGISTER).pieces() if role == "open")


@given(sound_texts, sound_texts)
def test_a_change_to_other_words_is_not_the_members_own(old_text: str, new_text: str) -> None:
    old, new = parse(old_text, REGISTER), parse(new_text, REGISTER)
    assert (first_trespass(old, new, "AUS") is None) == (_others(old) == _others(new))


def _others(tree: Tree) -> list[tuple[str, str]]:
    """Return the tokens that do not belong to AUS. Each token is accompanied by its head as written."""
    return [(token.token, token.head.written if token.head else "") for token in foreign(tree, "AUS")]
