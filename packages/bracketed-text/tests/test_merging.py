"""Test merges of two edits of the same text, with and without conflicts."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bracketed_text import Tree, merge, parse
from bracketed_text.advanced import Side, retaken
from engine_texts import REGISTER, all_operations, sound_texts, try_operation

BASE = "Each Member shall [BRA: promptly] keep [JPN: all] records [in writing] for a year."

COMBINE = {
    "positions at different brackets": (
        BASE.replace("BRA:", "BRA, CAN:"),
        BASE.replace("JPN:", "JPN, CHN:"),
        BASE.replace("BRA:", "BRA, CAN:").replace("JPN:", "JPN, CHN:"),
    ),
    "a position, and a bracket opened elsewhere": (
        BASE.replace("BRA:", "BRA, CAN:"),
        BASE.replace("a year", "[CHN oppose: a year]"),
        BASE.replace("BRA:", "BRA, CAN:").replace("a year", "[CHN oppose: a year]"),
    ),
    "a bracket lifted, and another one dropped": (
        BASE.replace("[in writing]", "in writing"),
        BASE.replace("[JPN: all] ", ""),
        BASE.replace("[in writing]", "in writing").replace("[JPN: all] ", ""),
    ),
    "base text in two places": (
        BASE.replace("shall", "may"),
        BASE.replace("a year", "two years"),
        BASE.replace("shall", "may").replace("a year", "two years"),
    ),
    "the same change twice": (
        BASE.replace("shall", "may"),
        BASE.replace("shall", "may").replace("a year", "two years"),
        BASE.replace("shall", "may").replace("a year", "two years"),
    ),
    "an outer bracket lifted, a position at an inner one": (
        "A b [CAN: c] d e.",
        "A [b [CAN, JPN: c] d] e.",
        "A b [CAN, JPN: c] d e.",
    ),
}
CONFLICT = {
    "positions at one bracket": (BASE.replace("BRA:", "BRA, CAN:"), BASE.replace("BRA:", "BRA, CHN:")),
    "a position, and the bracket dropped": (BASE.replace("BRA:", "BRA, CAN:"), BASE.replace("[BRA: promptly] ", "")),
    "a position, and the bracket lifted": (
        BASE.replace("BRA:", "BRA, CAN:"),
        BASE.replace("[BRA: promptly]", "promptly"),
    ),
    "a position, and the words reworded": (BASE.replace("BRA:", "BRA, CAN:"), BASE.replace("promptly", "duly")),
    "the same base text": (BASE.replace("shall", "may"), BASE.replace("shall", "must")),
    "words that stand next to each other": (BASE.replace("Each", "Every"), BASE.replace("Member", "Party")),
    "a word changed, and another one added beside it": (
        BASE.replace("shall", "may"),
        BASE.replace("shall", "shall not"),
    ),
    "words added at the same place": (BASE.replace(" for", " [CAN: x] for"), BASE.replace(" for", " [CHN: y] for")),
    "brackets that cross": (
        BASE.replace("Each Member shall", "[CAN oppose: Each Member] shall"),
        BASE.replace("Each Member shall", "Each [CHN oppose: Member shall]"),
    ),
    "words enclosed by one and changed by the other": (
        BASE.replace("for a year", "[CAN oppose: for a year]"),
        BASE.replace("for a year", "for one year"),
    ),
}


@pytest.mark.parametrize(("mine", "theirs", "both"), COMBINE.values(), ids=COMBINE)
def test_changes_in_different_places_are_combined(mine: str, theirs: str, both: str) -> None:
    base = parse("A [b [CAN: c] d] e." if "Member" not in mine else BASE, REGISTER)
    merged = merge(base, parse(mine, REGISTER), parse(theirs, REGISTER))
    assert merged.conflicts == ()
    assert merged.tree is not None
    assert merged.tree.text == both


@pytest.mark.parametrize(("mine", "theirs"), CONFLICT.values(), ids=CONFLICT)
def test_changes_in_the_same_place_conflict_and_both_versions_are_kept(mine: str, theirs: str) -> None:
    base = parse(BASE, REGISTER)
    merged = merge(base, parse(mine, REGISTER), parse(theirs, REGISTER))
    assert merged.tree is None
    (conflict,) = merged.conflicts
    before, after = BASE[: conflict.start], BASE[conflict.end :]
    assert conflict.base == BASE[conflict.start : conflict.end]
    assert before + conflict.mine + after == mine
    assert before + conflict.theirs + after == theirs


def test_merging_with_an_unchanged_text_returns_the_change() -> None:
    base, mine = parse(BASE, REGISTER), parse(BASE.replace("shall", "may"), REGISTER)
    for merged in (merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)):
        assert merged.tree is not None
        assert merged.tree.text == mine.text


@given(sound_texts, st.data())
def test_merging_is_commutative_and_conflicts_contain_both_versions(text: str, data: st.DataObject) -> None:
    base = parse(text, REGISTER)
    operations = st.sampled_from(all_operations(base))
    mine, theirs = try_operation(base, data.draw(operations)), try_operation(base, data.draw(operations))
    assume(mine is not None and theirs is not None)
    assert mine is not None
    assert theirs is not None
    merged, swapped = merge(base, mine.tree, theirs.tree), merge(base, theirs.tree, mine.tree)
    if merged.tree is not None:
        assert swapped.tree is not None
        assert merged.tree.text == swapped.tree.text
        assert merged.tree.errors == []
        return
    assert swapped.tree is None
    assert [(conflict.mine, conflict.theirs) for conflict in merged.conflicts] == [
        (conflict.theirs, conflict.mine) for conflict in swapped.conflicts
    ]
    for conflict in merged.conflicts:
        assert conflict.mine in mine.text
        assert conflict.theirs in theirs.text


@given(sound_texts, sound_texts, sound_texts)
def test_any_two_versions_of_a_text_merge_or_conflict(text: str, mine: str, theirs: str) -> None:
    trees = [parse(version, REGISTER) for version in (text, mine, theirs)]
    merged = merge(*trees)
    assert (merged.tree is None) == bool(merged.conflicts)


@given(sound_texts, sound_texts, st.data())
def test_edits_of_different_paragraphs_always_combine(first_text: str, second_text: str, data: st.DataObject) -> None:
    first, second = parse(first_text, REGISTER), parse(second_text, REGISTER)
    mine = try_operation(first, data.draw(st.sampled_from(all_operations(first))))
    theirs = try_operation(second, data.draw(st.sampled_from(all_operations(second))))
    assume(mine is not None and theirs is not None)
    assert mine is not None
    assert theirs is not None
    between = "\n\nThis paragraph stands between the two and nobody touches it.\n\n"
    merged = merge(
        parse(first_text + between + second_text, REGISTER),
        parse(mine.text + between + second_text, REGISTER),
        parse(first_text + between + theirs.text, REGISTER),
    )
    assert merged.tree is not None
    assert merged.tree.text == mine.text + between + theirs.text


PARAGRAPH = "\n\nParagraph {number} stands between the others and nobody touches it.\n\n"


def _joined(paragraphs: list[str]) -> Tree:
    """Return the paragraphs as one text, separated by distinctive words."""
    parts = [paragraph + PARAGRAPH.format(number=number) for number, paragraph in enumerate(paragraphs, start=10)]
    return parse("".join(parts), REGISTER)


@given(sound_texts, st.data())
def test_choosing_a_side_of_a_conflict_keeps_both_authors_other_changes(text: str, data: st.DataObject) -> None:
    """`mine` and `theirs` each change two of the first four paragraphs, and both change the fifth paragraph."""
    base = parse(text, REGISTER)
    tried = [try_operation(base, operation) for operation in data.draw(st.permutations(all_operations(base)))[:40]]
    edits = [edit for edit in tried if edit is not None][:6]
    assume(len(edits) == 6)
    mine = [edits[0].text, text, edits[1].text, text, edits[2].text]
    theirs = [text, edits[3].text, text, edits[4].text, edits[5].text]
    merged = merge(_joined([text] * 5), _joined(mine), _joined(theirs))
    alone = merge(base, edits[2].tree, edits[5].tree)
    for side, own in ((Side.MINE, edits[2].text), (Side.THEIRS, edits[5].text)):
        # Repeated words may be aligned differently in another context, which may add or remove a conflict.
        last = {alone.text([side] * len(alone.conflicts)), own}
        elsewhere = [mine[0], theirs[1], mine[2], theirs[3]]
        assert merged.text([side] * len(merged.conflicts)) in {_joined([*elsewhere, text]).text for text in last}


@given(sound_texts, sound_texts, sound_texts)
def test_each_side_of_a_conflict_is_taken_as_a_whole_and_leaves_a_valid_text(text: str, mine: str, theirs: str) -> None:
    trees = [parse(version, REGISTER) for version in (text, mine, theirs)]
    merged, turned = merge(*trees), merge(trees[0], trees[2], trees[1])
    number = len(merged.conflicts)
    assert parse(merged.text([Side.MINE] * number), REGISTER).errors == []
    assert parse(merged.text([Side.THEIRS] * number), REGISTER).errors == []
    assert merged.text([Side.MINE] * number) == turned.text([Side.THEIRS] * number)
    if not merged.combined and number:
        assert (merged.text([Side.MINE] * number), merged.text([Side.THEIRS] * number)) == (mine, theirs)


ONE_CLASH = {
    "the two marks of a bracket go together": (
        "Each Member shall keep records for a year, and show them.",
        "Each Member shall [CAN oppose: keep records for a year], and show them.",
        "Each Member must maintain records for a year, and show them at once.",
        "Each Member shall [CAN oppose: keep records for a year], and show them at once.",
        "Each Member must maintain records for a year, and show them at once.",
    ),
    "what stands in a bracket within is not lost with the head of the outer one": (
        "A [CAN: b c [JPN: d e] f g] h.",
        "A [CAN, BRA: b c [JPN: d e] f g] h.",
        "A [CAN, CHN: b c [JPN: d ever] f g] h.",
        "A [CAN, BRA: b c [JPN: d ever] f g] h.",
        "A [CAN, CHN: b c [JPN: d ever] f g] h.",
    ),
    "brackets that would cross": (
        "Each Member shall keep all of its records here.",
        "Each [CAN oppose: Member shall keep all] of its records here now.",
        "Every Member shall keep [CHN oppose: all of its records] here.",
        "Every [CAN oppose: Member shall keep all] of its records here now.",
        "Every Member shall keep [CHN oppose: all of its records] here now.",
    ),
}


@pytest.mark.parametrize(("text", "mine", "theirs", "with_mine", "with_theirs"), ONE_CLASH.values(), ids=ONE_CLASH)
def test_a_conflict_covers_only_the_conflicting_words(
    text: str, mine: str, theirs: str, with_mine: str, with_theirs: str
) -> None:
    merged = merge(*(parse(version, REGISTER) for version in (text, mine, theirs)))
    assert len(merged.conflicts) == 1
    assert (merged.text([Side.MINE]), merged.text([Side.THEIRS])) == (with_mine, with_theirs)


def test_brackets_that_are_unreadable_only_in_combination_are_the_only_conflict() -> None:
    """Each edit alone is sound, but together they would repeat a label."""
    base = "Option 1: keep.\nNothing more is said of it.\nOption 3: hold.\n\nEach Member shall act."
    mine = base.replace("keep.\n", "keep.\nOption 2: show.\n").replace("shall", "may")
    theirs = base.replace("of it.\n", "of it.\nOption 2: give.\n").replace("act", "act at once")
    merged = merge(*(parse(version, REGISTER) for version in (base, mine, theirs)))
    if merged.tree is None:
        assert all(conflict.end < base.index("Each") for conflict in merged.conflicts)
    sides = [Side.THEIRS] * len(merged.conflicts)
    assert merged.text(sides).endswith("Each Member may act at once.")


def test_two_ways_to_fix_an_unclosed_bracket_are_a_conflict() -> None:
    """Together, the two edits would leave a bracket that is closed but never opened."""
    base = "Each [Member shall keep records for a year."
    mine, theirs = base.replace("keep", "keep]"), base.replace("[", "")
    merged = merge(*(parse(version, REGISTER) for version in (base, mine, theirs)))
    assert [conflict.base for conflict in merged.conflicts] == ["[Member shall keep"]
    assert (merged.text([Side.MINE]), merged.text([Side.THEIRS])) == (mine, theirs)


@given(sound_texts, st.data())
def test_the_other_side_can_be_taken_in_a_text_edited_since_the_merge(text: str, data: st.DataObject) -> None:
    base = parse(text, REGISTER)
    operations = st.sampled_from(all_operations(base))
    mine, theirs = try_operation(base, data.draw(operations)), try_operation(base, data.draw(operations))
    assume(mine is not None and theirs is not None)
    assert mine is not None
    assert theirs is not None
    merged = merge(_joined([text, text]), _joined([mine.text, text]), _joined([theirs.text, text]))
    before, after = [Side.THEIRS] * len(merged.conflicts), [Side.MINE] * len(merged.conflicts)
    added = "Typed by hand since."
    edited = parse(merged.text(before) + added, REGISTER)
    assert retaken(merged, edited, before, after) == merged.text(after) + added
    assert retaken(merged, parse(merged.text(after) + added, REGISTER), after, before) == merged.text(before) + added
