"""Tests that the positions of other members that a change would end are listed before it is recorded."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bracketed_text import choose, compare, drop, lift, parse
from bracketed_text.advanced import merge_alternatives
from engine_texts import REGISTER, all_operations, sound_texts, try_operation
from issues.text.ended_positions import ended_positions, mark_of

TEXT = "Each Member shall [CAN propose; BRA oppose: promptly] act [JPN: by post] / [CHN: by wire]."
PROMPTLY, POST = TEXT.index("[CAN"), TEXT.index("[JPN")


def ended(old: str, new: str, *own: str) -> list[tuple[str, bool]]:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    found = ended_positions(before, after, compare(before, after), str, own=own)
    return [(positions.says, positions.go_over) for positions in found]


@pytest.mark.parametrize("act", [lift, drop])
def test_members_with_positions_on_a_removed_bracket_are_listed_on_both_sides(act: object) -> None:
    edit = act(parse(TEXT, REGISTER), PROMPTLY)  # type: ignore[operator]
    assert ended(TEXT, edit.text) == [("CAN proposes “promptly”; BRA opposes it.", False)]
    assert ended(TEXT, edit.text, "CAN") == [("BRA opposes “promptly”.", False)]
    assert ended(TEXT, edit.text, "CAN", "BRA") == []


def test_members_with_positions_on_an_alternative_are_listed_whether_it_is_chosen_or_not() -> None:
    edit = choose(parse(TEXT, REGISTER), POST)
    assert ended(TEXT, edit.text) == [("JPN proposes “by post”.", False), ("CHN proposes “by wire”.", False)]


def test_positions_on_merged_alternatives_are_carried_over_to_the_merged_words() -> None:
    before = parse(TEXT, REGISTER)
    edit = merge_alternatives(before, POST, "by post or by wire")
    found = ended_positions(before, edit.tree, compare(before, edit.tree, dict(edit.outcomes)), str)
    assert [positions.says for positions in found] == ["JPN proposes “by post”.", "CHN proposes “by wire”."]
    assert all(positions.go_over for positions in found)


def test_a_free_edit_lists_names_removed_from_a_head_but_not_names_added() -> None:
    assert ended(TEXT, TEXT.replace("CAN propose; BRA oppose:", "CAN propose:")) == [("BRA opposes “promptly”.", False)]
    assert ended(TEXT, TEXT.replace("BRA oppose:", "BRA, KEN oppose:")) == []


def test_removing_a_bracket_without_positions_ends_no_position() -> None:
    assert ended("Each [shall] act.", "Each shall act.") == []
    assert ended("Each shall act.", "Each may act.") == []


@given(sound_texts, st.data())
def test_every_position_that_a_change_ends_is_listed(text: str, data: st.DataObject) -> None:
    """A name that occurs in any head before the operation and in none after it must be listed."""
    before = parse(text, REGISTER)
    edit = try_operation(before, data.draw(st.sampled_from(all_operations(before))))
    assume(edit is not None)
    assert edit is not None
    found = ended_positions(before, edit.tree, compare(before, edit.tree, dict(edit.outcomes)), str)
    named = {name for bracket, _ in before.walk() for name in bracket.head.names()}
    still = {name for bracket, _ in edit.tree.walk() for name in bracket.head.names()}
    assert named - still <= {code for positions in found for _stance, code in positions.claims}


def test_the_preview_hash_depends_on_the_words_and_the_positions() -> None:
    def mark(old: str, new: str) -> str:
        before, after = parse(old, REGISTER), parse(new, REGISTER)
        return mark_of(ended_positions(before, after, compare(before, after), str))

    lifted = TEXT.replace("[CAN propose; BRA oppose: promptly]", "promptly")
    assert mark(TEXT, lifted) == mark(f"Now: {TEXT}", f"Now: {lifted}")
    joined = TEXT.replace("BRA oppose", "BRA, KEN oppose")
    reworded = TEXT.replace("promptly", "at once")
    assert len({mark(TEXT, lifted), mark(joined, lifted), mark(reworded, lifted.replace("promptly", "at once"))}) == 3
