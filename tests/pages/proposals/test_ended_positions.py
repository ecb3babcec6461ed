"""Tests that a revision of a proposal names the positions that it would end and requires confirmation."""

from typing import Any

import pytest
from django.test import Client

from issues.actions import proposals
from issues.actions.proposals import Draft, Entry
from issues.models import Proposal, SubIssue
from tests.factories import NegotiationFactory
from tests.pages.forms import form_with
from tests.pages.proposals.entries import PAGE, entry, today
from tests.pages.test_reading import text_of
from tests.people import delegate, member

pytestmark = pytest.mark.django_db

DISPUTED = "No Member shall impose [CAN propose; JPN oppose: customs] duties."
CLEAN = "No Member shall impose customs duties."


def proposal_with(text: str, place: SubIssue) -> None:
    draft = Draft("Customs duties", text, [place], visibility="public")
    proposals.table(NegotiationFactory(), draft, Entry(delegate("CAN"), member("CAN")))


def test_before_a_revision_ends_an_opposition_the_member_is_named_and_confirmation_requested_once(
    place: SubIssue,
    canada: Client,
) -> None:
    proposal_with(DISPUTED, place)
    sent: dict[str, Any] = entry(text=CLEAN, base=1, made_on=today(), symbol="")
    check = canada.post(f"{PAGE}revise/", {**sent, "check": ""})
    assert "Positions ended by this change Japan opposes “customs”." in text_of(check)
    asked = canada.post(f"{PAGE}revise/", sent)
    assert asked.status_code == 200
    assert "These positions end: Japan." in text_of(asked)
    assert Proposal.objects.get().text == DISPUTED
    assert canada.post(f"{PAGE}revise/", form_with(asked, "confirmed").fields).status_code == 302
    assert Proposal.objects.get().text == CLEAN


def test_a_revision_that_ends_only_its_authors_position_needs_no_confirmation(
    place: SubIssue,
    canada: Client,
) -> None:
    proposal_with(DISPUTED.replace("; JPN oppose", ""), place)
    sent: dict[str, Any] = entry(text=CLEAN, base=1, made_on=today(), symbol="")
    assert canada.post(f"{PAGE}revise/", sent).status_code == 302
