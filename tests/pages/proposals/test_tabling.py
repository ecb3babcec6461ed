"""Tests that a proposal is tabled on a page, and that invalid input is returned."""

from typing import Any

import pytest
from django.test import Client

from issues.models import Proposal, SubIssue
from members.plain_text import sanitize
from tests.factories import DelegationFactory, FacilitatorFactory, UserFactory
from tests.pages.proposals.entries import PAGE, WORDS, entry, page_of, tabled, typed
from tests.pages.test_reading import text_of
from tests.people import client_of

pytestmark = pytest.mark.django_db


def test_a_delegate_tables_a_proposal_and_reads_it(canada: Client) -> None:
    answer = canada.post("/proposals/new/", typed(), follow=True)
    page = text_of(answer)
    assert answer.redirect_chain == [(PAGE, 302)]
    for said in ("Tabled: Customs duties.", WORDS, "INF/ECOM/99", "symbol not verified", "tabled it on 5 Feb 2021"):
        assert said in page
    assert "Invited, awaiting a response Japan" in page
    assert "on behalf of Canada" in page


def test_a_double_click_tables_a_proposal_once(canada: Client) -> None:
    for _ in range(2):
        assert canada.post("/proposals/new/", typed()).status_code == 302
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": WORDS + " [CAN: open"}, "Line 1, column 40: This “[” is never closed."),
        ({"text": " "}, "The text is empty. Enter the proposed text."),
        ({"text": WORDS + "\x00"}, "U+0000 NULL is not allowed here"),
        ({"title": ""}, "Enter a title"),
        ({"title": "x" * 251}, "at most 250 characters"),
        ({"sub_issues": []}, "Choose at least one sub-issue"),
        ({"sub_issues": ["Z.9"]}, "Z.9 is not one of the available choices"),
        ({"made_on": "2999-01-01"}, "is in the future"),
        ({"made_on": "soon"}, "Enter a valid date"),
        ({"on_behalf_of": "BRA"}, "Select a valid choice"),
        ({"symbol": "x" * 61}, "at most 60 characters"),
        ({"visibility": "nobody"}, "not one of the available choices"),
        ({"supersedes": "none"}, "Select a valid choice"),
    ],
)
def test_an_invalid_proposal_is_returned_as_typed_with_the_reason(
    canada: Client, wrong: dict[str, Any], said: str
) -> None:
    answer = canada.post("/proposals/new/", typed(**wrong))
    page = page_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert sanitize(wrong.get("text", WORDS)) in page
    assert "No duties." in page
    assert not Proposal.objects.exists()


def test_a_title_repeated_within_a_day_is_tabled_after_confirmation(canada: Client) -> None:
    canada.post("/proposals/new/", typed())
    asked = canada.post("/proposals/new/", typed(idempotency_key="twice", text="Other words."))
    assert asked.status_code == 422
    assert "Canada has tabled a proposal with this title in the last 24 hours" in page_of(asked)
    meant = typed(idempotency_key="twice", text="Other words.", although_tabled="on")
    assert canada.post("/proposals/new/", meant).status_code == 302
    assert Proposal.objects.count() == 2


def test_checking_a_proposal_records_nothing(canada: Client) -> None:
    answer = page_of(canada.post("/proposals/new/", typed(text=WORDS + " [CAN: None.]", check="")))
    assert "Canada tables “Customs duties” on B.1.a." in answer
    assert "Japan is invited to co-sponsor and can confirm or decline." in answer
    assert "No public document has the symbol INF/ECOM/99" in answer
    assert 'class="bracket proposed"' in answer
    assert not Proposal.objects.exists()


def test_a_user_who_acts_for_no_member_does_not_get_the_form(place: SubIssue) -> None:
    tabled(place)
    assert Client().get("/proposals/new/").status_code == 302
    for user in (
        UserFactory(),
        DelegationFactory(role="analyst", member=None).user,
        FacilitatorFactory(user=UserFactory()).user,
    ):
        client = client_of(user)
        assert client.get(PAGE).status_code == 200
        for address in ("/proposals/new/", f"{PAGE}revise/", f"{PAGE}merge/"):
            assert client.get(address).status_code == 403
        assert client.post(f"{PAGE}withdraw/", entry("CAN")).status_code == 422
    assert Proposal.objects.get().state == "tabled"


def test_the_secretariat_acts_on_behalf_of_a_member_and_the_page_says_so(place: SubIssue, secretariat: Client) -> None:
    assert secretariat.post("/proposals/new/", typed()).status_code == 302
    page = text_of(secretariat.get(PAGE))
    assert "Japan confirmed the text as co-sponsor" in page
    assert "on behalf of Japan" in page
