"""The engine's promises, tried on any text whatever."""

import itertools
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from bracketed_text import Severity, Tree, compare, measure, parse, sentences, together
from bracketed_text.advanced import ENDINGS, Act, first_trespass, foreign
from bracketed_text.words import WORD
from register import REGISTER

pieces = st.sampled_from(
    ["[", "]", "[CAN: ", "[CAN propose; BRA oppose: ", "[BRA oppose: ", " / ", " or ", "{", "}", "\\[", "\n\n", "\n",
     "shall ", "may ", "Option 1: ", "member", "s", "; ", ": ", "1. ", "é", "[...]", "[27]", "[Note: x]", "](a.b)"]
)  # fmt: skip
drafts = st.lists(pieces, max_size=40).map("".join)
anything = st.one_of(st.text(max_size=200), drafts)

words = st.sampled_from(["Each", "Member", "shall", "may", "act", "records", "promptly", "data"])
plain = st.lists(words, min_size=1, max_size=6).map(" ".join)
heads = st.sampled_from(["", "CAN: ", "JPN oppose: ", "CAN propose; BRA oppose: ", "CHN/IDN reserve: "])


def _bracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda head, body, tail: f"[{head}{body}] {tail}", heads, inner, plain)


sound_texts = st.lists(st.recursive(plain, _bracketed, max_leaves=6), min_size=1, max_size=4).map(" ".join)


@given(anything)
def test_no_character_is_lost(text: str) -> None:
    tree = parse(text, REGISTER)
    assert "".join(text[start:end] for start, end, _, _ in tree.pieces()) == text


@given(anything)
def test_any_text_parses_and_every_finding_has_a_place_and_a_way_out(text: str) -> None:
    tree = parse(text, REGISTER)
    for found in tree.diagnostics:
        line, column = tree.place(found.start)
        assert 0 <= found.start < found.end <= len(text)
        assert line >= 1
        assert column >= 1
        assert found.message
        assert found.hint


@given(anything)
def test_a_text_without_errors_has_as_many_opening_as_closing_marks(text: str) -> None:
    tree = parse(text, REGISTER)
    if any(found.severity is Severity.ERROR for found in tree.diagnostics):
        return
    marks = Counter(text[start:end][0] for start, end, role, _ in tree.pieces() if role == "open")
    closing = sum(1 for _, _, role, _ in tree.pieces() if role == "close")
    assert marks["["] == closing


@given(anything)
def test_contested_words_are_some_of_the_words(text: str) -> None:
    figures = measure(parse(text, REGISTER))
    assert (
        0 <= figures.contested_words <= figures.words <= len(WORD.findall(text)) + text.count("[") + text.count("]") + 9
    )
    assert figures.clean_share is None or 0 <= figures.clean_share <= 1


@given(sound_texts, sound_texts)
def test_figures_of_two_provisions_add_up(one: str, other: str) -> None:
    both = measure(parse(f"{one}\n\n{other}", REGISTER))
    assert both == together([measure(parse(one, REGISTER)), measure(parse(other, REGISTER))])


@given(sound_texts)
def test_a_text_compared_with_itself_has_not_changed(text: str) -> None:
    tree = parse(text, REGISTER)
    assert compare(tree, tree).events == []


@given(anything, anything)
def test_the_old_text_replayed_gives_the_new_one_byte_for_byte(one: str, other: str) -> None:
    found = compare(parse(one, REGISTER), parse(other, REGISTER))
    assert found.replay(one) == other


@given(sound_texts, sound_texts)
@example("[CAN: Each Member shall] Each", "Each [Member] Each Each")
def test_every_character_that_differs_is_accounted_for_by_one_event(one: str, other: str) -> None:
    found = compare(parse(one, REGISTER), parse(other, REGISTER))
    assert all(0 <= hunk.event < len(found.events) for hunk in found.hunks)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found.hunks))
    assert all(one[hunk.start : hunk.end] != hunk.text for hunk in found.hunks)
    assert bool(found.hunks) == (one != other)


@given(sound_texts, sound_texts)
def test_every_change_is_said_in_a_sentence(one: str, other: str) -> None:
    old, new = parse(one, REGISTER), parse(other, REGISTER)
    found = compare(old, new)
    said = sentences(old, new, found)
    assert bool(said) == bool(found.events)
    assert all(sentence.endswith(".") for sentence in said)


@given(sound_texts, sound_texts)
def test_each_variant_is_kept_ended_or_opened_exactly_once(one: str, other: str) -> None:
    found = compare(parse(one, REGISTER), parse(other, REGISTER))
    ended = [event.old for event in found.events if event.act in {*ENDINGS, Act.REWORDED}]
    begun = [event.new for event in found.events if event.act in (Act.OPENED, Act.REWORDED)]
    assert sorted([*found.same, *ended]) == list(range(len(found.old_variants)))
    assert sorted([*found.same.values(), *begun]) == list(range(len(found.new_variants)))


@given(sound_texts, plain, st.integers(min_value=0))
def test_a_member_may_add_words_under_its_name_anywhere(text: str, addition: str, where: int) -> None:
    gaps = [at for at, letter in enumerate(text) if letter == " " and _outside_heads(text, at)]
    if not gaps:
        return
    at = gaps[where % len(gaps)]
    changed = f"{text[:at]} [AUS propose: {addition}]{text[at:]}"
    assert first_trespass(parse(text, REGISTER), parse(changed, REGISTER), "AUS") is None


def _outside_heads(text: str, at: int) -> bool:
    return all(not (start <= at < end) for start, end, role, _ in parse(text, REGISTER).pieces() if role == "open")


@given(sound_texts, sound_texts)
def test_whoever_changes_other_words_trespasses(one: str, other: str) -> None:
    old, new = parse(one, REGISTER), parse(other, REGISTER)
    assert (first_trespass(old, new, "AUS") is None) == (_others(old) == _others(new))


def _others(tree: Tree) -> list[tuple[str, str]]:
    """Return what is not AUS's, each with what stands at its head."""
    return [(found.token, found.head.written if found.head else "") for found in foreign(tree, "AUS")]
