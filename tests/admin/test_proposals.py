"""Tests that a proposal's description can be edited in the admin and that the results of its steps are read-only."""

from typing import Any

from django.test import Client

from issues.models import Proposal, Provision
from tests.admin.rows import address, inline
from tests.factories import ProposalFactory


def form_of(proposal: Proposal, **values: Any) -> dict[str, Any]:
    """Return the data that a browser sends for the page of `proposal`."""
    sent = {
        "negotiation": proposal.negotiation.pk,
        "slug": proposal.slug,
        "title": proposal.title,
        "tabled_precision": "day",
        "state": proposal.state,
        "visibility": "public",
        "source": "test",
        "text": proposal.text,
    }
    return sent | inline("steps", *([{}] * proposal.steps.count()), stored=proposal.steps.count()) | values


def test_a_proposal_with_steps_shows_the_text_state_and_proponents_that_its_steps_produced(
    desk: Client, provision: Provision
) -> None:
    proposal = Proposal.objects.get()
    assert proposal.steps.exists()
    wrong = {"title": "Another title", "text": "By hand", "state": "withdrawn", "proponents": []}
    assert desk.post(address(Proposal, "change", proposal.pk), form_of(proposal, **wrong)).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.title, proposal.text, proposal.state) == ("Another title", "", "tabled")
    assert proposal.proponents.count() == 1


def test_a_proposal_known_only_from_a_source_can_be_edited_as_a_whole(desk: Client, provision: Provision) -> None:
    proposal = ProposalFactory()
    sent = form_of(proposal, text="As the source has it", state="withdrawn")
    assert desk.post(address(Proposal, "change", proposal.pk), sent).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.text, proposal.state) == ("As the source has it", "withdrawn")
