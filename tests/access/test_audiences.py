"""Tests that audiences, for each kind of row and each person, agree with the conditions for reading."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from issues.access.audiences import rights_of, scopes_of
from issues.access.roles import reader_of
from issues.access.visibility import (
    visible_documents,
    visible_proposals,
    visible_provisions,
    visible_requests,
    visible_steps,
)
from issues.actions import proposals, requests
from issues.actions.proposals import Draft, Entry
from issues.models import Document, Negotiation, Proposal, ProposalStep
from issues.text.operations import Operation
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.people import delegate, member, secretariat, take_part

pytestmark = pytest.mark.django_db

VISIBLE = {
    "Provision": visible_provisions,
    "ChangeRequest": visible_requests,
    "Proposal": visible_proposals,
    "ProposalStep": visible_steps,
    "Document": visible_documents,
}


@pytest.fixture(params=["public", "participants", "group"])
def things(request: Any, db: None) -> list[Any]:
    """Return a provision, a request by Canada, and a proposal by Canada to which Japan was invited, with its document.

    A small group works on them. Canada and Kenya belong to that group, but Brazil and Japan do not.
    """
    take_part("CAN", "KEN", "BRA", "JPN")
    place = SubIssueFactory(code="B.1.a")
    group = SmallGroupFactory(slug="works-on-it")
    group.sub_issues.add(place)
    group.members.set([member("CAN"), member("KEN")])
    text = provision_with("Each Member shall [BRA: promptly] act.", sub_issue=place, visibility=request.param)
    asked = requests.ask(
        provision=text,
        base_revision=1,
        operation=Operation("lift", text.revisions.get().text.index("[")),
        actor=delegate("CAN"),
        on_behalf_of=member("CAN"),
    )
    draft = Draft(
        "Duties", "No duties.", [place], symbol="INF/1", visibility=request.param, co_sponsors=[member("JPN")]
    )
    entry = Entry(delegate("CAN"), member("CAN"), made_on=datetime.date(2021, 2, 5))
    proposal = proposals.table(Negotiation.objects.get(), draft, entry)
    return [text, asked, proposal, *proposal.steps.all(), Document.objects.get(recorded_with=proposal)]


def people() -> dict[str, Any]:
    group = SmallGroupFactory(slug="elsewhere")
    works_on_it = SmallGroupFactory._meta.model.objects.get(slug="works-on-it")
    return {
        "somebody who has not signed in": AnonymousUser(),
        "an analyst": DelegationFactory(role="analyst", member=None).user,
        "who made the request": delegate("CAN"),
        "a delegate of another member of the group": delegate("KEN"),
        "a delegate of a member outside it": delegate("BRA"),
        "a delegate of a member that was invited": delegate("JPN"),
        "the facilitator": FacilitatorFactory(small_group=works_on_it, user=UserFactory()).user,
        "a facilitator elsewhere": FacilitatorFactory(small_group=group, user=UserFactory()).user,
        "the secretariat": secretariat(),
    }


def test_the_readers_with_the_scope_of_an_object_are_those_who_can_read_it(things: list[Any]) -> None:
    assert {type(thing) for thing in things} >= {Proposal, ProposalStep, Document}
    for who, user in people().items():
        reader = reader_of(user)
        rights = rights_of(reader, Negotiation.objects.get())
        for thing in things:
            reads = VISIBLE[type(thing).__name__](reader).filter(pk=thing.pk).exists()
            assert (rights.secretariat or bool(rights.scopes & scopes_of(thing))) is reads, (who, thing)


def test_a_request_is_visible_to_its_author_and_those_who_can_answer_it_but_not_to_the_whole_group(
    things: list[Any],
) -> None:
    asked = things[1]
    readers = {
        who
        for who, user in people().items()
        if (rights := rights_of(reader_of(user), Negotiation.objects.get())).secretariat
        or rights.scopes & scopes_of(asked)
    }
    assert readers == {"who made the request", "the facilitator", "the secretariat"}
