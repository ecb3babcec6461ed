"""What a member may change in a text, and what it may not."""

import pytest

from issues.brackets import first_trespass, parse
from tests.brackets.register import REGISTER

OLD = "Each Member shall [BRA propose; JPN oppose: promptly] act [in writing] [JPN: by post]."

ALLOWED = {
    "propose words": OLD.replace("act", "[CAN: always] act"),
    "oppose base text": OLD.replace("act", "[CAN oppose: act]"),
    "join the proponents": OLD.replace("[BRA propose", "[BRA/CAN propose"),
    "join those who oppose": OLD.replace("JPN oppose", "JPN, CAN oppose"),
    "take a position where nobody is named": OLD.replace("[in writing]", "[CAN oppose: in writing]"),
    "reserve": OLD.replace("[JPN: by post]", "[JPN propose; CAN reserve: by post]"),
    "change spacing": OLD.replace(" act ", "  act   "),
    "add a paragraph of its own": OLD + "\n\n[CAN: 2. It informs others.]",
    "propose an alternative beside a bracket": OLD.replace("[JPN: by post]", "[JPN: by post] / [CAN: by wire]"),
    "propose an alternative before a bracket": OLD.replace("[JPN: by post]", "[CAN: by wire] or [JPN: by post]"),
    "propose two alternatives": OLD.replace("act", "[CAN: a] / [CAN: b] act"),
    "propose words within another's bracket": OLD.replace("by post", "by [CAN: registered] post"),
}
REFUSED = {
    "change base text": OLD.replace("shall", "may"),
    "add base text": OLD + " It informs others.",
    "delete base text at the end": OLD.replace(" act ", " "),
    "lift a bracket": OLD.replace("[in writing]", "in writing"),
    "drop a bracket": OLD.replace(" [JPN: by post]", ""),
    "speak for another member": OLD.replace("[JPN: by post]", "[JPN, BRA: by post]"),
    "withdraw another's position": OLD.replace("; JPN oppose", ""),
    "reword another's bracket": OLD.replace("by post", "by mail"),
    "open a bracket under nobody's name": OLD.replace("act", "[act]"),
    "break a line": OLD.replace(" act ", "\nact "),
    "speak for another within its own bracket": OLD.replace("act", "[CAN: so [BRA: they] say] act"),
    "take another's bracket into its own": OLD.replace("[JPN: by post]", "[CAN: [JPN: by post]]"),
    "turn base text into its own proposal": OLD.replace("act", "[CAN: act]"),
    "put a separator where none is": OLD.replace("act [in", "act / [in"),
    "hide a character": OLD.replace("act", "act\u200b"),
    "take away a mark": OLD.replace("[in writing]", "\\[in writing\\]"),
    "propose what nobody is named for": OLD.replace("[in writing]", "[CAN: in writing]"),
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_a_delegate_may(change: str) -> None:
    assert first_trespass(parse(OLD, REGISTER), parse(change, REGISTER), "CAN") is None


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_delegate_may_not(change: str) -> None:
    assert first_trespass(parse(OLD, REGISTER), parse(change, REGISTER), "CAN") is not None


def test_a_member_may_withdraw_and_reword_what_it_alone_proposes() -> None:
    own = parse("A [CAN: b] c.", REGISTER)
    assert first_trespass(own, parse("A c.", REGISTER), "CAN") is None
    assert first_trespass(own, parse("A [CAN: d e] c.", REGISTER), "CAN") is None


def test_words_that_others_have_spoken_to_are_no_longer_one_members_own() -> None:
    shared = parse("A [CAN: b [BRA: c] d] e.", REGISTER)
    for change in ("A e.", "A b [BRA: c] d e.", "A [CAN: b d] e.", "A [CAN: x [BRA: c] d] e."):
        assert first_trespass(shared, parse(change, REGISTER), "CAN") is not None
    assert first_trespass(shared, parse("A [CAN: b [BRA propose; CAN oppose: c] d] e.", REGISTER), "CAN") is None


def test_a_member_may_leave_others_alone_but_not_turn_their_opposition_around() -> None:
    shared = parse("A [CAN, JPN propose; BRA oppose: b] c.", REGISTER)
    assert first_trespass(shared, parse("A [JPN propose; BRA oppose: b] c.", REGISTER), "CAN") is None
    alone = parse("A [CAN propose; BRA oppose: b] c.", REGISTER)
    assert first_trespass(alone, parse("A [BRA oppose: b] c.", REGISTER), "CAN") is not None


def test_the_place_of_a_trespass_is_where_the_texts_part() -> None:
    old, new = parse("Each Member shall act.", REGISTER), parse("Each Member may act.", REGISTER)
    trespass = first_trespass(old, new, "CAN")
    assert trespass is not None
    before, after = trespass
    assert before is not None
    assert old.text[before.start : before.end] == "shall"
    assert after is not None
    assert new.text[after.start : after.end] == "may"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A [CAN oppose: b] or [CAN: x] c.", "A b c."),
        ("[BRA: all] / [CAN: x] part of it", "[BRA: all] / part of it"),
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [CAN: x] [BRA: c]"),
        ("by post[1] or [CAN: x] by wire", "by post[1] by wire"),
        ("A [CAN/IND: words] c", "A c"),
        ("A [IND oppose: words] c", "A [CAN oppose: words] c"),
        ("A [BRA: b] c", "A [BRA/XYZ: b] c"),
    ],
)
def test_a_delegate_may_not_take_along_what_stood_beside_its_own_bracket(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [CAN: x] / [BRA: c]"),
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [BRA: c] / [CAN: x]"),
        ("[BRA: a] {and/or} [CAN: x] b", "[BRA: a] b"),
        ("A [BRA: b] c", "A [BRA: b] or [CAN: d] c"),
    ],
)
def test_a_separator_comes_and_goes_with_the_own_bracket(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is None
