"""Two edits of the same text: together where they do not meet, both shown where they do."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from issues.brackets import merge, parse
from tests.brackets.register import REGISTER
from tests.brackets.test_edits import _operations, _try
from tests.brackets.test_promises import sound_texts

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
def test_what_happens_in_different_places_combines(mine: str, theirs: str, both: str) -> None:
    base = parse("A [b [CAN: c] d] e." if "Member" not in mine else BASE, REGISTER)
    merged = merge(base, parse(mine, REGISTER), parse(theirs, REGISTER))
    assert merged.conflicts == ()
    assert merged.tree is not None
    assert merged.tree.text == both


@pytest.mark.parametrize(("mine", "theirs"), CONFLICT.values(), ids=CONFLICT)
def test_what_happens_at_one_place_is_a_conflict_that_holds_both(mine: str, theirs: str) -> None:
    base = parse(BASE, REGISTER)
    merged = merge(base, parse(mine, REGISTER), parse(theirs, REGISTER))
    assert merged.tree is None
    (conflict,) = merged.conflicts
    before, after = BASE[: conflict.start], BASE[conflict.end :]
    assert conflict.base == BASE[conflict.start : conflict.end]
    assert before + conflict.mine + after == mine
    assert before + conflict.theirs + after == theirs


def test_a_change_and_none_give_the_change() -> None:
    base, mine = parse(BASE, REGISTER), parse(BASE.replace("shall", "may"), REGISTER)
    for merged in (merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)):
        assert merged.tree is not None
        assert merged.tree.text == mine.text


@given(sound_texts, st.data())
def test_a_merge_is_commutative_and_its_conflicts_hold_what_both_wrote(text: str, data: st.DataObject) -> None:
    base = parse(text, REGISTER)
    operations = st.sampled_from(_operations(base))
    mine, theirs = _try(base, data.draw(operations)), _try(base, data.draw(operations))
    assume(mine is not None and theirs is not None)
    assert mine is not None
    assert theirs is not None
    one, other = merge(base, mine.tree, theirs.tree), merge(base, theirs.tree, mine.tree)
    if one.tree is not None:
        assert other.tree is not None
        assert one.tree.text == other.tree.text
        assert one.tree.errors == []
        return
    assert other.tree is None
    assert [(conflict.mine, conflict.theirs) for conflict in one.conflicts] == [
        (conflict.theirs, conflict.mine) for conflict in other.conflicts
    ]
    for conflict in one.conflicts:
        assert conflict.mine in mine.text
        assert conflict.theirs in theirs.text


@given(sound_texts, sound_texts, sound_texts)
def test_any_two_versions_of_a_text_merge_or_conflict(text: str, mine: str, theirs: str) -> None:
    trees = [parse(one, REGISTER) for one in (text, mine, theirs)]
    merged = merge(*trees)
    assert (merged.tree is None) == bool(merged.conflicts)


@given(sound_texts, sound_texts, st.data())
def test_edits_of_two_paragraphs_always_combine(one: str, other: str, data: st.DataObject) -> None:
    first, second = parse(one, REGISTER), parse(other, REGISTER)
    mine = _try(first, data.draw(st.sampled_from(_operations(first))))
    theirs = _try(second, data.draw(st.sampled_from(_operations(second))))
    assume(mine is not None and theirs is not None)
    assert mine is not None
    assert theirs is not None
    between = "\n\nThis paragraph stands between the two and nobody touches it.\n\n"
    merged = merge(
        parse(one + between + other, REGISTER),
        parse(mine.text + between + other, REGISTER),
        parse(one + between + theirs.text, REGISTER),
    )
    assert merged.tree is not None
    assert merged.tree.text == mine.text + between + theirs.text
