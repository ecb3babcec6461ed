"""Test the operations on a text, including their refusal and reversal."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bracketed_text import (
    EditRefused,
    choose,
    drop,
    lift,
    parse,
    propose,
    propose_alternative,
    substitute,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import (
    STANCES,
    Relation,
    apply_patch,
    compose,
    enclose,
    inverse,
    mark_run,
    merge_alternatives,
)
from bracketed_text.patches import Patch, Replacement, patch
from bracketed_text.words import words
from engine_texts import REGISTER, Operation, all_operations, plain, sound_texts, try_operation


@pytest.mark.parametrize(
    ("text", "operation", "expected"),
    [
        ("A [b] c.", lambda tree: take_position(tree, 2, "CAN", "oppose"), "A [CAN oppose: b] c."),
        ("A [b] c.", lambda tree: take_position(tree, 2, "CAN", "propose"), "A [CAN: b] c."),
        ("A [CAN: b] c.", lambda tree: take_position(tree, 2, "BRA", "propose"), "A [CAN, BRA: b] c."),
        ("A [CAN/JPN: b] c.", lambda tree: take_position(tree, 2, "BRA", "propose"), "A [CAN/JPN/BRA: b] c."),
        ("A [CAN: b] c.", lambda tree: take_position(tree, 2, "BRA", "oppose"), "A [CAN propose; BRA oppose: b] c."),
        (
            "A [CAN propose; BRA oppose: b] c.",
            lambda tree: take_position(tree, 2, "BRA", "support"),
            "A [CAN propose; BRA support: b] c.",
        ),
        (
            "A [CAN propose; BRA/CHN oppose: b] c.",
            lambda tree: take_position(tree, 2, "CAN", "oppose"),
            "A [BRA/CHN/CAN oppose: b] c.",
        ),
        (
            "[2. NZ propose: Where it acts]",
            lambda tree: take_position(tree, 0, "SG", "oppose"),
            "[2. NZ propose; SG oppose: Where it acts]",
        ),
        (
            "[AU/CL propose: US oppose; in line]",
            lambda tree: take_position(tree, 0, "NZ", "reserve"),
            "[AU, CL propose; US oppose; NZ reserve: in line]",
        ),
        ("A [CAN, BRA: b].", lambda tree: withdraw_position(tree, 2, "CAN"), "A [BRA: b]."),
        ("A [CAN, BRA: b].", lambda tree: withdraw_position(tree, 2, "BRA"), "A [CAN: b]."),
        ("A [CAN: b].", lambda tree: withdraw_position(tree, 2, "CAN"), "A [b]."),
        (
            "A [CAN propose; BRA oppose: b].",
            lambda tree: withdraw_position(tree, 2, "CAN"),
            "A [BRA oppose: b].",
        ),
        ("A b.", lambda tree: propose(tree, 1, "always", "CAN"), "A [CAN: always] b."),
        ("A b.", lambda tree: propose(tree, 2, "always", "CAN"), "A [CAN: always] b."),
        ("A b.", lambda tree: propose(tree, 4, "C d.", "CAN"), "A b. [CAN: C d.]"),
        ("member acts", lambda tree: propose(tree, 3, "s", "CAN"), "mem[CAN: s]ber acts"),
        ("A [b] c.", lambda tree: propose_alternative(tree, 2, "d", "CAN"), "A [b] / [CAN: d] c."),
        ("A [b] or [c] d", lambda tree: propose_alternative(tree, 2, "e", "CAN"), "A [b] or [c] / [CAN: e] d"),
        ("A [b] [c] d", lambda tree: propose_alternative(tree, 2, "e", "CAN"), "A [b] [c] [CAN: e] d"),
        ("A b c.", lambda tree: enclose(tree, 2, 3), "A [b] c."),
        ("A b c.", lambda tree: enclose(tree, 1, 4, "BRA"), "A [BRA oppose: b] c."),
        ("A [x] c.", lambda tree: enclose(tree, 0, 7, "BRA", "reserve"), "[BRA reserve: A [x] c]."),
        (
            "Each shall act.",
            lambda tree: substitute(tree, 5, 10, "may", "CAN"),
            "Each [CAN oppose: shall] [CAN: may] act.",
        ),
        ("A [CAN: b] c.", lambda tree: lift(tree, 2), "A b c."),
        ("[2. NZ: Where]", lambda tree: lift(tree, 0), "2. Where"),
        ("A [b [CAN: x] c] d.", lambda tree: lift(tree, 2), "A b [CAN: x] c d."),
        ("A [CAN: b] c.", lambda tree: drop(tree, 2), "A c."),
        ("A [CAN: b].", lambda tree: drop(tree, 2), "A."),
        ("A [b] / [c] / [d] e.", lambda tree: drop(tree, 8), "A [b] / [d] e."),
        ("A [b] / [c] d.", lambda tree: drop(tree, 2), "A [c] d."),
        ("a\n[CAN: b]\nc", lambda tree: drop(tree, 2), "a\nc"),
        ("Option 1: a\nOption 2: b\n\nc", lambda tree: drop(tree, 0), "b\n\nc"),
        ("Option 1: a\nOption 2: b\nOption 3: d\n\nc", lambda tree: drop(tree, 0), "Option 2: b\nOption 3: d\n\nc"),
        (
            "Option 1: a\nOption 2: b\n\nc\n\nOption 1: d\nOption 2: e",
            lambda tree: choose(tree, 0),
            "a\n\nc\n\nOption 1: d\nOption 2: e",
        ),
        ("A [b] / [CAN: c] d.", lambda tree: choose(tree, 8), "A c d."),
        ("A [b] / [CAN: c] d.", lambda tree: choose(tree, 2), "A b d."),
        ("A [CAN: may] [CAN oppose: shall] b.", lambda tree: choose(tree, 2), "A may b."),
        ("the [paper/digital record] is kept", lambda tree: choose(tree, 4, 1), "the digital record is kept"),
        ("Option 1: a\nOption 2: b\n\nc", lambda tree: choose(tree, 12), "b\n\nc"),
        ("A [b] / [No text] c.", lambda tree: choose(tree, 8), "A c."),
        ("[Option A: a]\n[Option B: b]", lambda tree: choose(tree, 14), "b"),
        (
            "A [CAN: b] / [BRA: c] d.",
            lambda tree: merge_alternatives(tree, 2, "b and c"),
            "A [CAN, BRA: b and c] d.",
        ),
        (
            "A [CAN: may] [CAN, JPN oppose: shall] b.",
            lambda tree: merge_alternatives(tree, 2, "should"),
            "A [CAN propose; JPN oppose: should] b.",
        ),
        ("A [b][c] d.", lambda tree: mark_run(tree, 2, Relation.ALTERNATIVES), "A [b] / [c] d."),
        ("A [b] [c] d.", lambda tree: mark_run(tree, 2, Relation.INDEPENDENT), "A [b] {and/or} [c] d."),
    ],
)
def test_an_operation_produces_the_text_that_a_negotiator_would_write(
    text: str, operation: Operation, expected: str
) -> None:
    edit = operation(parse(text, REGISTER))
    assert edit.text == expected
    assert apply_patch(text, edit.changes) == expected
    assert edit.undo() == text


@pytest.mark.parametrize(
    ("text", "operation", "reason"),
    [
        ("A [b] c.", lambda tree: lift(tree, 3), "No bracket under negotiation begins here"),
        ("A [27] c.", lambda tree: lift(tree, 2), "No bracket under negotiation begins here"),
        ("A [b] / [c].", lambda tree: lift(tree, 2), "only one alternative can remain"),
        ("A [a/b].", lambda tree: lift(tree, 2), "only one alternative can remain"),
        ("A [paper/digital].", lambda tree: take_position(tree, 2, "CAN", "oppose"), "contains alternatives"),
        ("A [paper/digital].", lambda tree: choose(tree, 2, 2), "contains 2 alternatives"),
        ("A [CAN: b].", lambda tree: take_position(tree, 2, "CAN", "propose"), "already takes this position"),
        ("A [CAN: b].", lambda tree: take_position(tree, 2, "XYZ", "propose"), "Unknown member or grouping"),
        ("A [CAN: b].", lambda tree: take_position(tree, 2, "BRA", "love"), "Unknown stance"),
        ("A [CAN: b].", lambda tree: withdraw_position(tree, 2, "BRA"), "takes no position"),
        ("A [CAN: b].", lambda tree: propose(tree, 4, "x", "BRA"), "inside a head"),
        ("A b.", lambda tree: propose(tree, 9, "x", "BRA"), "outside the text"),
        ("A b.", lambda tree: propose(tree, 1, "x] y", "BRA"), "contain an error"),
        ("A b.", lambda tree: propose(tree, 1, " ", "BRA"), "No words were entered"),
        ("A b.", lambda tree: propose(tree, 1, "JPN oppose: x", "BRA"), "read as the names of members"),
        (
            "A [CAN/XYZ: b].",
            lambda tree: take_position(tree, 2, "BRA", "oppose"),
            "would not have the intended meaning",
        ),
        (
            "A [CAN: US oppose it] b",
            lambda tree: withdraw_position(tree, 2, "CAN"),
            "would not have the intended meaning",
        ),
        ("within 30 days", lambda tree: enclose(tree, 7, 9), "would not have the intended meaning"),
        ("A [b] / [c] d", lambda tree: merge_alternatives(tree, 2, "US: z"), "would not have the intended meaning"),
        ("A [b] c.", lambda tree: enclose(tree, 0, 4), "split a bracket"),
        ("A b.", lambda tree: enclose(tree, 1, 2), "no words here"),
        ("A b.", lambda tree: enclose(tree, 2, 9), "outside the text"),
        ("A [b] c.", lambda tree: choose(tree, 2), "no choice to make here"),
        ("A [b] [c] d.", lambda tree: choose(tree, 2), "Mark the brackets as alternatives first"),
        ("A [b] c.", lambda tree: merge_alternatives(tree, 2, "x"), "no alternatives to merge here"),
        ("A [b] / [c].", lambda tree: mark_run(tree, 2, Relation.ALTERNATIVES), "is not next to another bracket"),
        ("A [b] [c].", lambda tree: mark_run(tree, 2, Relation.INSIDE), "alternatives or as independent options"),
    ],
)
def test_an_impossible_operation_is_refused_with_the_reason_and_the_place(
    text: str, operation: Operation, reason: str
) -> None:
    with pytest.raises(EditRefused, match=reason) as refused:
        operation(parse(text, REGISTER))
    assert refused.value.place >= 0


def test_two_successive_edits_combine_into_an_edit_that_can_be_undone() -> None:
    tree = parse("Each shall [BRA: promptly] act.", REGISTER)
    first = take_position(tree, 11, "CAN", "oppose")
    both = first.then(drop(first.tree, 11))
    assert both.text == "Each shall act."
    assert both.undo() == tree.text
    assert both.removed == ("[BRA propose; CAN oppose: promptly]",)
    with pytest.raises(ValueError, match="a different text"):
        both.then(first)


@given(sound_texts, st.data())
def test_any_operation_on_a_valid_text_leaves_it_valid_and_can_be_undone(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    edit = try_operation(tree, data.draw(st.sampled_from(all_operations(tree))))
    assume(edit is not None)
    assert edit is not None
    assert edit.tree.errors == []
    assert edit.undo() == text
    assert apply_patch(text, edit.changes) == edit.text


@given(sound_texts, st.data())
def test_any_two_edits_can_be_composed(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    first = try_operation(tree, data.draw(st.sampled_from(all_operations(tree))))
    assume(first is not None)
    assert first is not None
    second = try_operation(first.tree, data.draw(st.sampled_from(all_operations(first.tree))))
    assume(second is not None)
    assert second is not None
    both = first.then(second)
    assert apply_patch(text, both.changes) == both.text == second.text
    assert both.undo() == text


@given(sound_texts, st.data())
def test_taking_and_withdrawing_a_position_restores_the_text(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    brackets = [bracket for bracket, _ in tree.walk() if bracket.head.claims]
    assume(brackets)
    at = data.draw(st.sampled_from(brackets)).start
    edit = try_operation(tree, lambda tree: take_position(tree, at, "AUS", data.draw(st.sampled_from(sorted(STANCES)))))
    assume(edit is not None)
    assert edit is not None
    back = withdraw_position(edit.tree, at, "AUS")
    claims = [bracket.head.claims for bracket, _ in tree.walk()]
    assert [bracket.head.claims for bracket, _ in back.tree.walk()] == claims
    assert words(back.text.replace(" propose", "")) == words(text.replace(" propose", ""))


@given(sound_texts, plain, st.data())
def test_proposing_and_dropping_words_leaves_at_most_a_blank(text: str, addition: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    gaps = [at for at in range(1, len(text)) if text[at - 1 : at + 1] in ("s ", "h ", "y ", "l ", "t ")]
    assume(gaps)
    edit = try_operation(tree, lambda tree: propose(tree, data.draw(st.sampled_from(gaps)), addition, "AUS"))
    assume(edit is not None)
    assert edit is not None
    at = next(bracket.start for bracket, _ in edit.tree.walk() if "AUS" in bracket.head.names())
    dropped = drop(edit.tree, at)
    assert dropped.text == text


replacements = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("xyz", max_size=3)), max_size=5)


def _patch(text: str, drawn: list[tuple[int, int, str]]) -> Patch:
    result, last = [], 0
    for start, size, added in sorted(drawn):
        if last <= start <= len(text):
            last = min(start + size, len(text))
            result.append(Replacement(start, last, added))
    return patch(result)


@given(st.text("abc[]", max_size=30), replacements, replacements)
def test_patches_can_be_composed_and_reversed(
    text: str, first: list[tuple[int, int, str]], second: list[tuple[int, int, str]]
) -> None:
    earlier = _patch(text, first)
    between = apply_patch(text, earlier)
    later = _patch(between, second)
    assert apply_patch(between, inverse(text, earlier)) == text
    assert apply_patch(text, compose(earlier, later)) == apply_patch(between, later)


def test_overlapping_replacements_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap at offset 2"):
        patch([Replacement(0, 3, "x"), Replacement(2, 4, "y")])
