"""Tests that a facilitator cannot create positions by editing, importing, or using the admin or the API."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import Name, Register, parse
from issues.access.permissions import Acting, Refused, require_positions_kept
from issues.access.roles import ANYBODY
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.people import client_of, facilitator_at, take_part

TEXT = (
    "Each Member [shall] act [CAN: promptly] and [BRA oppose: in full], [CAN, JPN propose: by post] / [BRA: by wire]."
)
REGISTER = Register([(code, Name(code)) for code in ("CAN", "BRA", "JPN")])
REFUSED = {
    "a stance turned round": ("[BRA oppose: in full]", "[BRA support: in full]"),
    "a name of somebody who said nothing": ("[CAN: promptly]", "[CAN, BRA: promptly]"),
    "a bracket in a member's name": ("Each", "[BRA propose: Each]"),
    "a bracket that a member opposes": ("Each", "[BRA oppose: Each]"),
    "other words at a name": ("[CAN: promptly]", "[CAN: slowly]"),
    "more words at a name": ("[CAN: promptly]", "[CAN: very promptly]"),
    "fewer words at a name": ("[BRA oppose: in full]", "[BRA oppose: full]"),
    "a name on a bracket that nobody stands at": ("[shall]", "[JPN: shall]"),
    "a name moved to another's words": (
        "[CAN: promptly] and [BRA oppose: in full]",
        "[BRA oppose: promptly] and [CAN: in full]",
    ),
    "a member added to joint proponents": ("[CAN, JPN propose:", "[CAN, JPN, BRA propose:"),
    "two brackets of two members written as one": ("[CAN, JPN propose: by post] / [BRA: by wire]", "[BRA: by post]"),
}
ALLOWED = {
    "a bracket is lifted": ("[CAN: promptly]", "promptly"),
    "a bracket is dropped": (" [CAN: promptly]", ""),
    "one alternative is kept": ("[CAN, JPN propose: by post] / [BRA: by wire]", "by wire"),
    "base text is changed": ("Each", "Every"),
    "words in nobody's name are reworded": ("[shall]", "[should]"),
    "a bracket in nobody's name is opened": ("Each", "[Each]"),
    "all names are taken off": ("[BRA oppose: in full]", "[in full]"),
    "all names are taken off and the words changed": ("[CAN: promptly]", "[soon]"),
    "one of two names is taken off": ("[CAN, JPN propose:", "[CAN propose:"),
    "a bracket is moved with its name": (
        "Each Member [shall] act [CAN: promptly] and",
        "[CAN: promptly] each Member [shall] act and",
    ),
    "alternatives change places": (
        "[CAN, JPN propose: by post] / [BRA: by wire]",
        "[BRA: by wire] / [CAN, JPN propose: by post]",
    ),
    "the head is written otherwise": ("[CAN, JPN propose:", "[JPN/CAN:"),
    "a bracket is opened within a member's words": ("[CAN: promptly]", "[CAN: [very] promptly]"),
    "only spelling changes": ("[CAN: promptly]", "[CAN: Promptly]"),
}


def edited(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def judged(text: str) -> None:
    acts = Acting(ANYBODY, 1, None, restructures=True, acts_for_member=False, acts_for_all=False)
    require_positions_kept(acts, parse(TEXT, REGISTER), parse(text, REGISTER))


@pytest.mark.parametrize(("old", "new"), REFUSED.values(), ids=REFUSED)
def test_a_facilitators_free_edit_cannot_attribute_a_new_position_to_a_member(old: str, new: str) -> None:
    with pytest.raises(Refused, match=r"^This change would attribute to \w+ a position that it has not taken\.") as no:
        judged(edited(old, new))
    assert no.value.place is not None
    assert edited(old, new)[no.value.place] == "["


@pytest.mark.parametrize(("old", "new"), ALLOWED.values(), ids=ALLOWED)
def test_a_facilitators_free_edit_can_restructure_the_text(old: str, new: str) -> None:
    judged(edited(old, new))


WORDS = st.sampled_from(["one", "two", "three", "four", "five", "six"])
HEADS = st.sampled_from(["", "CAN: ", "BRA oppose: ", "JPN support: ", "CAN; BRA oppose: ", "JPN reserve: "])
UNITS = st.lists(st.tuples(HEADS, st.lists(WORDS, min_size=3, max_size=5, unique=True)), min_size=1, max_size=4)


@given(UNITS, st.data())
def test_no_text_written_by_a_facilitator_gives_a_member_new_words_or_a_new_stance(
    units: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    """The oracle counts each combination of member, stance and text. No count may be higher in the new text."""
    changed = []
    for head, words in units:
        act = data.draw(st.sampled_from(["keep", "lift", "drop", "head", "words", "bare"]))
        if act == "lift":
            changed.append(" ".join(words))
        elif act != "drop":
            new_head = data.draw(HEADS) if act == "head" else "" if act == "bare" else head
            changed.append(f"[{new_head}{' '.join(words[1:] if act == 'words' else words)}]")
    old = " so ".join(f"[{head}{' '.join(words)}]" for head, words in units) + " end."
    new = " so ".join(changed) + " end."
    before, after = (_stands(parse(text, REGISTER)) for text in (old, new))
    acts = Acting(ANYBODY, 1, None, restructures=True, acts_for_member=False, acts_for_all=False)
    try:
        require_positions_kept(acts, parse(old, REGISTER), parse(new, REGISTER))
    except Refused:
        assert after - before
    else:
        assert not after - before


def _stands(tree: Any) -> Counter[tuple[str, str, str]]:
    return Counter(
        (name, claim.stance, tree.text[bracket.body : bracket.close].strip())
        for bracket, _ in tree.walk()
        for claim in bracket.head.claims
        for name in claim.names
    )


@pytest.fixture
def provision(db: None) -> Provision:
    """Return a provision in a small group with a facilitator. Canada, Brazil and Japan take part."""
    take_part("CAN", "BRA", "JPN")
    place = SubIssueFactory()
    group = SmallGroupFactory()
    group.sub_issues.add(place)
    FacilitatorFactory(small_group=group, user=UserFactory(username="facilitator"))
    return provision_with(TEXT, slug="tried", sub_issue=place)


@pytest.mark.django_db
def test_the_page_and_the_api_refuse_the_edit_and_store_nothing(provision: Provision) -> None:
    client = client_of(facilitator_at(provision.sub_issue))
    text = edited(*REFUSED["a stance turned round"])
    sent = {"text": text, "base_revision": 1, "made_on": "2021-04-01"}
    page = client.post("/provisions/tried/log/", sent)
    assert page.status_code == 422
    assert "This change would attribute to Brazil a position that it has not taken." in page.content.decode()
    answer = client.post(
        "/api/v1/provisions/tried/revisions/", {"text": text, "base_revision": 1}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert provision.revisions.count() == 1


@pytest.mark.django_db
def test_a_facilitator_who_also_acts_for_a_member_can_change_only_that_members_position(provision: Provision) -> None:
    user, canada = facilitator_at(provision.sub_issue), Member.objects.get(code="CAN")
    DelegationFactory(user=user, member=canada)
    with pytest.raises(Refused, match="This change would attribute to Brazil"):
        changes.log(
            TextChange(
                provision,
                base_revision=1,
                edit=edited("[BRA oppose: in full]", "[BRA support: in full]").replace("[shall]", "[CAN: shall]"),
                on_behalf_of=canada,
            ),
            actor=user,
        )
    logged = changes.log(
        TextChange(provision, base_revision=1, edit=TEXT.replace("[shall]", "[CAN: shall]"), on_behalf_of=canada),
        actor=user,
    )
    assert logged.on_behalf_of == canada
