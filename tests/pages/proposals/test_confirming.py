"""Tests that pages name the members that have confirmed the current text of a proposal."""

import re
from typing import Any

import pytest
from django.test import Client

from issues.actions import proposals
from issues.actions.proposals import Entry
from issues.models import Proposal, SubIssue
from tests.pages.forms import Form, forms_of
from tests.pages.proposals.entries import PAGE, WORDS, entry, page_of, revised_after_japan_joined, today
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, member

pytestmark = pytest.mark.django_db


def confirming(answer: Any) -> Form:
    """Return the form for confirming a text."""
    return next(form for form in forms_of(answer) if "Confirm this text" in form.says)


def test_confirmations_and_pending_confirmations_are_shown_wherever_proponents_are_listed(
    place: SubIssue, canada: Client
) -> None:
    revised_after_japan_joined(place)
    page = text_of(Client().get(PAGE))
    assert "Japan asked to confirm the revised text" in page
    assert re.search(r"Canada revised it on \d", page)
    assert "Confirmed by: Canada; Japan" in page
    assert "Japan (not the revised text)" in text_of(Client().get("/proposals/"))
    assert "Japan (not the revised text)" in text_of(Client().get("/sub-issues/B.1.a/"))
    assert "Japan has not confirmed the revised text" in text_of(Client().get("/members/JPN/"))
    assert "has not confirmed" not in text_of(Client().get("/members/CAN/"))
    japan = client_of(delegate("JPN"))
    assert "Asked to confirm the revised text: Japan" in text_of(japan.get(PAGE))
    assert "Asked to confirm" not in text_of(canada.get(PAGE))
    form = confirming(japan.get(PAGE))
    answer = japan.post(f"{PAGE}confirm/", form.fields, follow=True)
    assert "Confirmed on behalf of Japan." in text_of(answer)
    assert "revised text" not in text_of(answer)


def test_a_proponent_that_declines_the_revised_text_leaves_publicly(place: SubIssue) -> None:
    revised_after_japan_joined(place)
    japan = client_of(delegate("JPN"))
    sent = entry("JPN", base=4, made_on=today(), note="Not this")
    assert "Declined on behalf of Japan." in text_of(japan.post(f"{PAGE}decline/", sent, follow=True))
    page = text_of(Client().get(PAGE))
    assert "Japan left the proposal" in page
    assert "Not this" in page


def test_confirming_an_outdated_text_shows_the_new_text_first(place: SubIssue) -> None:
    found = revised_after_japan_joined(place)
    japan = client_of(delegate("JPN"))
    form = confirming(japan.get(PAGE))
    proposals.revise(found, f"{WORDS} Never.", Entry(delegate("CAN"), member("CAN")), base=4)
    late = japan.post(f"{PAGE}confirm/", form.fields)
    assert late.status_code == 409
    assert "The text of this proposal was changed in step 5" in page_of(late)
    assert f"{WORDS} Never." in text_of(late)
    assert Proposal.objects.get().standing.confirmed_by == ["CAN"]
    assert japan.post(f"{PAGE}confirm/", confirming(late).fields).status_code == 302
    assert Proposal.objects.get().standing.confirmed_by == ["CAN", "JPN"]


def test_the_revision_page_names_the_members_that_will_be_asked_and_those_that_have_confirmed(
    place: SubIssue, canada: Client, secretariat: Client
) -> None:
    revised_after_japan_joined(place)
    assert "The other proponents are asked to confirm the new text." in text_of(canada.get(f"{PAGE}revise/"))
    sent = entry(text="Some.", base=4, made_on=today())
    checked = text_of(canada.post(f"{PAGE}revise/", {**sent, "check": ""}))
    assert "Japan will be asked to confirm this text." in checked
    assert "Also confirmed by" not in page_of(canada.get(f"{PAGE}revise/"))
    assert "Also confirmed by" in page_of(secretariat.get(f"{PAGE}revise/"))
    checked = text_of(secretariat.post(f"{PAGE}revise/", {**sent, "confirmed_by": ["JPN"], "check": ""}))
    assert "Japan is recorded as having confirmed this text." in checked
    assert secretariat.post(f"{PAGE}revise/", {**sent, "confirmed_by": ["JPN"]}).status_code == 302
    assert Proposal.objects.get().standing.confirmed_by == ["CAN", "JPN"]
