"""Tests that only the secretariat can store a text unparsed and that brackets in such a text are not counted."""

from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision, Revision
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    ProvisionFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [act]."


@pytest.fixture
def provision(db: None) -> Provision:
    found: Provision = ProvisionFactory()
    return found


def somebody(role: str, provision: Provision) -> Any:
    if role == "facilitator":
        group = SmallGroupFactory()
        group.sub_issues.add(provision.sub_issue)
        return FacilitatorFactory(small_group=group, user=UserFactory()).user
    if role == "delegate":
        member = MemberFactory(code="CAN", name="Canada")
        ParticipationFactory(member=member)
        return DelegationFactory(member=member).user
    return DelegationFactory(role=role, member=None).user


@pytest.mark.parametrize("text", [TEXT, "Each Member [shall act."], ids=["sound", "broken"])
@pytest.mark.parametrize("role", ["facilitator", "delegate", "analyst"])
def test_only_the_secretariat_can_keep_a_first_text_unparsed(provision: Provision, role: str, text: str) -> None:
    actor = somebody(role, provision)
    member = actor.delegations.get().member if role == "delegate" else None
    with pytest.raises(Refused, match="Only the secretariat can keep a text unparsed"):
        changes.log(TextChange(provision, base_revision=0, edit=text, on_behalf_of=member, unparsed=True), actor=actor)
    assert not Revision.objects.exists()


def test_a_facilitator_can_log_a_first_text_that_can_be_parsed(provision: Provision) -> None:
    revision = changes.log(TextChange(provision, base_revision=0, edit=TEXT), actor=somebody("facilitator", provision))
    assert (revision.unparsed, revision.measure.open_brackets) == (False, 1)


def test_the_secretariat_can_keep_only_the_first_text_unparsed(provision: Provision) -> None:
    secretariat = somebody("secretariat", provision)
    assert changes.log(
        TextChange(provision, base_revision=0, edit="Each Member [shall act.", unparsed=True), actor=secretariat
    ).unparsed
    stands = provision_with(TEXT, sub_issue=provision.sub_issue)
    with pytest.raises(Refused):
        changes.log(TextChange(stands, base_revision=1, edit=f"{TEXT} [x]", unparsed=True), actor=secretariat)
    assert stands.revisions.count() == 1
