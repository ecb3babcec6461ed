"""Test the endings that operations record, and that comparisons use these endings."""

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bracketed_text import (
    EditRefused,
    Tree,
    choose,
    compare,
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
    ENDINGS,
    Act,
    Edit,
    Relation,
    Variant,
    enclose,
    mark_run,
    merge_alternatives,
    variants,
)
from engine_texts import REGISTER, Operation, choice_texts, sound_texts

texts = st.one_of(sound_texts, choice_texts())


def places(tree: Tree) -> list[int]:
    """Return the starts of the brackets and labelled options."""
    return [bracket.start for bracket, _ in tree.walk()] + [block.start for run in tree.runs for block in run]


def ending_operations(tree: Tree) -> list[Operation]:
    tried: list[Operation] = []
    for at in places(tree):
        tried += [lambda tree, at=at, does=does: does(tree, at) for does in (lift, drop)]  # type: ignore[misc]
        tried += [lambda tree, at=at, number=number: choose(tree, at, number) for number in range(3)]  # type: ignore[misc]
        tried.append(lambda tree, at=at: merge_alternatives(tree, at, "all of it"))  # type: ignore[misc]
    return tried


def other_operations(tree: Tree) -> list[Operation]:
    size = len(tree.text)
    tried: list[Operation] = []
    for at in places(tree):
        tried += [
            lambda tree, at=at: take_position(tree, at, "IDN", "oppose"),  # type: ignore[misc]
            lambda tree, at=at: withdraw_position(tree, at, "CAN"),  # type: ignore[misc]
            lambda tree, at=at: propose_alternative(tree, at, "in time", "IDN"),  # type: ignore[misc]
            lambda tree, at=at: mark_run(tree, at, Relation.ALTERNATIVES),  # type: ignore[misc]
            lambda tree, at=at: mark_run(tree, at, Relation.INDEPENDENT),  # type: ignore[misc]
        ]
    for at in range(0, size, 3):
        tried += [
            lambda tree, at=at: propose(tree, at, "in time", "IDN"),  # type: ignore[misc]
            lambda tree, at=at: enclose(tree, at, min(size, at + 9), "IDN"),  # type: ignore[misc]
            lambda tree, at=at: substitute(tree, at, min(size, at + 12), "in time", "IDN"),  # type: ignore[misc]
        ]
    return tried


def performed(tree: Tree, operation: Operation) -> Edit | None:
    try:
        return operation(tree)
    except EditRefused:
        return None


def still_there(edit: Edit, variant: Variant) -> bool:
    """Return whether a variant of the new text begins at the place to which the start of `variant` moved."""
    offset = variant.begin
    for start, end, added in edit.changes:
        if start <= variant.begin < end:
            return False
        offset += (len(added) - (end - start)) * (start <= variant.begin)
    return any(candidate.begin == offset for candidate in variants(edit.tree))


@given(texts, st.data())
@example("every [5] [10] years", None)
@example("[a] / [b/c] d", None)
def test_an_operation_reports_outcomes_for_exactly_the_variants_that_it_ends(
    text: str, data: st.DataObject | None
) -> None:
    tree = parse(text, REGISTER)
    operations = ending_operations(tree)
    assume(operations)
    for operation in operations if data is None else [data.draw(st.sampled_from(operations))]:
        edit = performed(tree, operation)
        if edit is not None:
            gone = [variant.begin for variant in variants(tree) if not still_there(edit, variant)]
            assert [at for at, _ in edit.outcomes] == gone


@given(texts, st.data())
def test_taking_a_position_or_adding_words_ends_no_variant(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    edit = performed(tree, data.draw(st.sampled_from(other_operations(tree))))
    assume(edit is not None)
    assert edit is not None
    assert edit.outcomes == ()
    assert [variant for variant in variants(tree) if not still_there(edit, variant)] == []


@given(texts, st.data())
def test_a_comparison_uses_the_outcomes_that_the_operation_reports(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    operations = ending_operations(tree)
    assume(operations)
    edit = performed(tree, data.draw(st.sampled_from(operations)))
    assume(edit is not None)
    assert edit is not None
    comparison = compare(tree, edit.tree, dict(edit.outcomes))
    endings = [
        (tree_variant.begin, event.act)
        for event in comparison.events
        if event.act in ENDINGS and event.old is not None
        for tree_variant in [comparison.old_variants[event.old]]
    ]
    assert tuple(sorted(endings, key=lambda ending: ending[0])) == edit.outcomes
    merged = any(act is Act.MERGED for _, act in edit.outcomes)
    if not merged:
        assert {event.act for event in comparison.events} <= {*ENDINGS, Act.RESPELLED, Act.MARKED}
        survivors = [at for at, variant in enumerate(comparison.old_variants) if still_there(edit, variant)]
        assert sorted(comparison.same) == survivors
        assert [comparison.same[at] for at in survivors] == list(range(len(comparison.new_variants)))
    assert comparison.replay(text) == edit.text


# Many operations are refused, so that many draws are filtered out.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(texts, st.data())
def test_the_combined_outcomes_of_two_edits_concern_the_variants_of_the_first_text(
    text: str, data: st.DataObject
) -> None:
    tree = parse(text, REGISTER)
    edits = []
    for _ in range(2):
        operations = [*ending_operations(tree), *other_operations(tree)]
        edits.append(performed(tree, data.draw(st.sampled_from(operations))))
        assume(edits[-1] is not None)
        tree = edits[-1].tree if edits[-1] is not None else tree
    first, second = edits
    assert first is not None
    assert second is not None
    both = first.then(second)
    assert [at for at, _ in both.outcomes] == [
        variant.begin for variant in variants(first.before) if not still_there(both, variant)
    ]
    assert set(first.outcomes) - set(both.outcomes) <= {(at, Act.MERGED) for at, _ in both.outcomes}


@pytest.mark.parametrize(
    ("text", "operation", "outcomes"),
    [
        ("A [b] c.", lambda tree: lift(tree, 2), {"b": Act.LIFTED}),
        ("A [b [c] d] e.", lambda tree: lift(tree, 2), {"b [c] d": Act.LIFTED}),
        ("A [b [c] d] e.", lambda tree: drop(tree, 2), {"b [c] d": Act.DROPPED, "c": Act.DROPPED}),
        ("A [b] / [c] d.", lambda tree: choose(tree, 2), {"b": Act.CHOSEN, "c": Act.DROPPED}),
        (
            "A [b [z]] / [c [y]] d.",
            lambda tree: choose(tree, 2),
            {"b [z]": Act.CHOSEN, "c [y]": Act.DROPPED, "y": Act.DROPPED},
        ),
        ("A [a/b/c] d.", lambda tree: choose(tree, 2, 1), {"a": Act.DROPPED, "b": Act.CHOSEN, "c": Act.DROPPED}),
        ("A [a] / [b/c] d.", lambda tree: choose(tree, 8, 1), {"a": Act.DROPPED, "b": Act.DROPPED, "c": Act.CHOSEN}),
        ("A [a/b/c] d.", lambda tree: drop(tree, 2), {"a": Act.DROPPED, "b": Act.DROPPED, "c": Act.DROPPED}),
        ("A [b] / [No text] c.", lambda tree: choose(tree, 8), {"b": Act.DROPPED, "No text": Act.CHOSEN}),
        (
            "A [CAN: may] [CAN oppose: shall] b.",
            lambda tree: choose(tree, 2),
            {"may": Act.CHOSEN, "shall": Act.DROPPED},
        ),
        ("Option 1: a\nOption 2: b [c]\n\nd", lambda tree: choose(tree, 12), {"a": Act.DROPPED, "b [c]": Act.CHOSEN}),
        (
            "Option 1: a\nOption 2: b [c]\n\nd",
            lambda tree: drop(tree, 12),
            {"a": Act.CHOSEN, "b [c]": Act.DROPPED, "c": Act.DROPPED},
        ),
        ("[Option A: a]\n[Option B: b/c]", lambda tree: choose(tree, 14), {"a": Act.DROPPED, "b/c": Act.CHOSEN}),
        (
            "A [b [z]] / [c] d.",
            lambda tree: merge_alternatives(tree, 2, "b and c"),
            {"b [z]": Act.MERGED, "z": Act.MERGED, "c": Act.MERGED},
        ),
        (
            "A [b [z]] / [c] d.",
            lambda tree: merge_alternatives(tree, 2, "b and c [z]"),
            {"b [z]": Act.MERGED, "c": Act.MERGED},
        ),
        ("A [b] c.", lambda tree: enclose(tree, 0, 7), {}),
        ("A [b] [c] d.", lambda tree: mark_run(tree, 2, Relation.ALTERNATIVES), {}),
        ("every [5] [10] years", lambda tree: mark_run(tree, 6, Relation.ALTERNATIVES), {}),
        ("every [5] [10] years", lambda tree: take_position(tree, 6, "CAN", "support"), {}),
        ("A b c.", lambda tree: substitute(tree, 2, 3, "d", "CAN"), {}),
    ],
)
def test_an_operation_reports_how_each_variant_ends(text: str, operation: Operation, outcomes: dict[str, Act]) -> None:
    tree = parse(text, REGISTER)
    words = {variant.begin: variant.words(text).strip() for variant in variants(tree)}
    assert {words[at]: act for at, act in operation(tree).outcomes} == outcomes


def test_merged_alternatives_are_dropped_together_with_the_bracket_that_replaced_them() -> None:
    tree = parse("A [CAN: b] / [BRA: c] d.", REGISTER)
    merged = merge_alternatives(tree, 2, "b and c")
    assert merged.then(drop(merged.tree, 2)).outcomes == ((2, Act.DROPPED), (13, Act.DROPPED))
    assert merged.then(lift(merged.tree, 2)).outcomes == ((2, Act.MERGED), (13, Act.MERGED))


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("A [paper/digital] b.", lambda tree: propose(tree, 8, "old", "CAN")),
        ("A [paper/digital] b.", lambda tree: enclose(tree, 3, 8, "CAN")),
    ],
)
def test_an_operation_that_would_unintentionally_end_an_alternative_is_refused(text: str, operation: Operation) -> None:
    with pytest.raises(EditRefused, match="no longer be recognised"):
        operation(parse(text, REGISTER))


def test_a_comparison_with_known_outcomes_is_not_misled_by_identical_words() -> None:
    tree = parse("A [b] [b] c.", REGISTER)
    edit = drop(tree, 2)
    assert [(event.act, event.old) for event in compare(tree, edit.tree, dict(edit.outcomes)).events] == [
        (Act.DROPPED, 0)
    ]


def test_the_separator_after_a_dropped_alternative_is_dropped_too() -> None:
    tree = parse("Members [CAN, JPN: shall] / [BRA, CHL: should] be guided by this.", REGISTER)
    edit = drop(tree, tree.text.index("["))
    comparison = compare(tree, edit.tree, dict(edit.outcomes))
    assert [event.act for event in comparison.events] == [Act.DROPPED]


def test_an_outcome_at_a_place_without_a_variant_has_no_effect() -> None:
    old, new = parse("A [b] c.", REGISTER), parse("A b c.", REGISTER)
    assert compare(old, new, {5: Act.DROPPED}) == compare(old, new)
