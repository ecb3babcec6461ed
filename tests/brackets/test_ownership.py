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
    "change spacing": OLD.replace(" act ", "  act\n"),
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
