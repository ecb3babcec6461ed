"""Tests that the pages show proposals only to entitled readers and record steps by entitled members."""

import html
from typing import Any

import pytest
from django.test import Client

from issues.actions import proposals
from issues.actions.proposals import Entry
from issues.models import Proposal, SubIssue
from tests.factories import ProposalFactory
from tests.pages.forms import form_with
from tests.pages.proposals.entries import PAGE, WORDS, entry, page_of, tabled, today, typed
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, member

pytestmark = pytest.mark.django_db


def test_an_invited_member_can_confirm_on_the_page(place: SubIssue) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    japan = client_of(delegate("JPN"))
    assert "Invited to co-sponsor: Japan" in text_of(japan.get(PAGE))
    answer = japan.post(f"{PAGE}confirm/", entry("JPN", made_on=today()), follow=True)
    assert "Confirmed on behalf of Japan." in text_of(answer)
    assert "Japan confirmed this text on" in text_of(answer)
    assert "Invited to co-sponsor" not in text_of(answer)
    again = japan.post(f"{PAGE}confirm/", entry("JPN", made_on=today(), idempotency_key="other"))
    assert again.status_code == 422
    assert set(Proposal.objects.get().proponents.values_list("code", flat=True)) == {"CAN", "JPN"}


def test_only_the_members_concerned_can_see_that_an_invited_member_declined(place: SubIssue, canada: Client) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    client_of(delegate("JPN")).post(f"{PAGE}decline/", entry("JPN", made_on=today(), note="Not now"))
    assert "Japan declined to co-sponsor" in text_of(canada.get(PAGE))
    for reader in (Client(), client_of(delegate("BRA"))):
        page = text_of(reader.get(PAGE))
        assert "Japan" not in page
        assert "Not now" not in page


def test_only_the_members_concerned_can_see_an_open_invitation(place: SubIssue, canada: Client) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    assert "Invited, awaiting a response Japan" in text_of(canada.get(PAGE))
    assert "Japan" not in text_of(Client().get(PAGE))


def test_a_proponent_invites_a_member_and_an_error_is_shown_at_its_form(place: SubIssue, canada: Client) -> None:
    tabled(place)
    sent = entry(invited="JPN", made_on=today())
    assert canada.post(f"{PAGE}invite/", sent).status_code == 302
    again = canada.post(f"{PAGE}invite/", {**sent, "idempotency_key": "other"})
    assert again.status_code == 422
    assert "Japan has already been invited and has not responded yet." in page_of(again)
    assert "In the room" in page_of(again)
    nobody = canada.post(f"{PAGE}invite/", {**sent, "invited": "XXX", "idempotency_key": "third"})
    assert nobody.status_code == 422


def test_a_co_sponsor_can_leave_and_the_last_proponent_can_withdraw(place: SubIssue, canada: Client) -> None:
    found = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(found, Entry(delegate("JPN"), member("JPN")), confirm=True)
    page = text_of(canada.get(PAGE))
    assert "Leave the proposal" in page
    assert "Withdraw the proposal" not in page
    refused = canada.post(f"{PAGE}withdraw/", entry(made_on=today()))
    assert "This proposal has other proponents (Japan)" in page_of(refused)
    assert canada.post(f"{PAGE}leave/", entry(made_on=today())).status_code == 302
    japan = client_of(delegate("JPN"))
    assert "Withdraw the proposal" in text_of(japan.get(PAGE))
    answer = japan.post(f"{PAGE}withdraw/", entry("JPN", made_on=today()), follow=True)
    assert "Withdrawn" in text_of(answer)
    assert "Revise the text" not in text_of(answer)
    assert japan.get(f"{PAGE}revise/").status_code == 403


def test_a_revision_describes_its_changes_in_sentences_and_keeps_the_earlier_text(
    place: SubIssue, canada: Client
) -> None:
    tabled(place)
    assert f">\n{WORDS}</textarea>" in page_of(canada.get(f"{PAGE}revise/"))
    sent = entry(text=WORDS.replace("impose", "levy"), base=1, made_on=today(), symbol="")
    check = canada.post(f"{PAGE}revise/", {**sent, "check": ""})
    assert "“impose” becomes “levy”" in page_of(check)
    page = text_of(canada.post(f"{PAGE}revise/", sent, follow=True))
    assert "Revised on behalf of Canada. The earlier text stays in the history." in page
    assert "“impose” becomes “levy”" in html.unescape(page)
    assert WORDS in page


def test_an_overtaken_revision_is_returned_with_the_typed_text(place: SubIssue, canada: Client) -> None:
    found = tabled(place)
    proposals.revise(found, "First.", Entry(delegate("CAN"), member("CAN")), base=1)
    answer = canada.post(f"{PAGE}revise/", entry(text="Second.", base=1, made_on=today()))
    page = page_of(answer)
    assert answer.status_code == 409
    assert "Canada revised this proposal (step 2) while you were writing." in page
    assert "1 conflict is unresolved" in page
    assert 'name="base" value="2"' in page
    sent = form_with(answer, "text").fields
    assert canada.post(f"{PAGE}revise/", sent).status_code == 422
    taken = canada.post(f"{PAGE}revise/", {**sent, "take": "1-m"})
    assert ">\nSecond.</textarea>" in page_of(taken)
    assert Proposal.objects.get().text == "First."
    assert canada.post(f"{PAGE}revise/", form_with(taken, "text").fields).status_code == 302
    assert Proposal.objects.get().text == "Second."


def test_a_revision_keeps_what_others_revised_elsewhere(place: SubIssue, canada: Client) -> None:
    text = "Each Member shall publish its measures. It keeps them for a year. It answers questions."
    found = tabled(place)
    proposals.revise(found, text, Entry(delegate("CAN"), member("CAN")), base=1)
    proposals.revise(found, text.replace("a year", "two years"), Entry(delegate("CAN"), member("CAN")), base=2)
    sent = entry(text=text.replace("questions", "all questions"), base=2, made_on=today())
    answer = canada.post(f"{PAGE}revise/", sent)
    both = text.replace("a year", "two years").replace("questions", "all questions")
    assert answer.status_code == 409
    assert f">\n{both}</textarea>" in page_of(answer)
    assert "two years" not in text_of(answer).partition("Changes to be recorded")[2].partition("Preview")[0]
    assert canada.post(f"{PAGE}revise/", form_with(answer, "text").fields).status_code == 302
    assert Proposal.objects.get().text == both


@pytest.mark.parametrize(
    ("wrong", "status"), [({"text": "open ["}, 422), ({"text": WORDS}, 422), ({"base": "x"}, 422), ({"base": ""}, 422)]
)
def test_an_invalid_revision_is_refused(place: SubIssue, canada: Client, wrong: dict[str, str], status: int) -> None:
    tabled(place)
    answer = canada.post(f"{PAGE}revise/", entry(**{"text": "Other.", "base": 1, "made_on": today(), **wrong}))
    assert answer.status_code == status
    assert Proposal.objects.get().text == WORDS


def test_a_proposal_that_the_reader_cannot_see_is_not_found(place: SubIssue) -> None:
    tabled(place, visibility="group")
    brazil = client_of(delegate("BRA"))
    for address in (PAGE, f"{PAGE}revise/", f"{PAGE}merge/"):
        assert brazil.get(address).status_code == 404
    assert brazil.post(f"{PAGE}withdraw/", entry("BRA")).status_code == 404
    for address in ("/proposals/", "/sub-issues/B.1.a/", "/members/CAN/"):
        assert PAGE not in page_of(brazil.get(address))
    assert "No proposals on record" in text_of(brazil.get("/proposals/"))
    # The filter offers all members, whether or not they have tabled proposals.
    assert 'value="CAN"' in page_of(brazil.get("/proposals/"))
    assert PAGE in page_of(client_of(delegate("CAN")).get("/proposals/"))


def test_the_filters_by_proponent_state_and_sub_issue_are_kept_from_page_to_page(place: SubIssue) -> None:
    for number in range(31):
        ProposalFactory(title=f"Of Canada {number}", proponents=[member("CAN")], sub_issues=[place])
    ProposalFactory(title="Of Brazil", proponents=[member("BRA")], state="withdrawn")
    client = Client()
    assert "32 proposals" in text_of(client.get("/proposals/"))
    assert "1 proposal, newest" in text_of(client.get("/proposals/?proponent=BRA&state=&sub_issue="))
    assert "1 proposal, newest" in text_of(client.get("/proposals/?state=withdrawn"))
    narrowed = client.get("/proposals/?proponent=CAN&sub_issue=B.1.a")
    assert "31 proposals, newest" in text_of(narrowed)
    assert 'href="?proponent=CAN&sub_issue=B.1.a&page=2"' in page_of(narrowed)
    wrong = client.get("/proposals/?proponent=XYZ")
    assert wrong.status_code == 400
    assert "Unknown member or grouping: XYZ" in text_of(wrong)


def test_sub_issue_and_member_pages_link_to_the_proposal(place: SubIssue) -> None:
    tabled(place)
    for address in ("/sub-issues/B.1.a/", "/members/CAN/"):
        assert f'href="{PAGE}"' in page_of(Client().get(address))


def test_a_proposal_links_to_the_earlier_and_later_proposals_that_the_reader_can_see(
    place: SubIssue, canada: Client
) -> None:
    older = tabled(place, visibility="group")
    newer = typed(title="Anew", supersedes=older.slug)
    assert canada.post("/proposals/new/", newer).status_code == 302
    assert "Replaces: Customs duties" in text_of(canada.get("/proposals/anew-can/"))
    assert "Replaced by: Anew" in text_of(canada.get(PAGE))
    assert "Replaces" not in text_of(Client().get("/proposals/anew-can/"))


def test_the_number_of_queries_of_the_pages_is_limited(
    place: SubIssue, canada: Client, django_assert_max_num_queries: Any
) -> None:
    found = tabled(place)
    for number in range(12):
        text = f"{WORDS} {number}"
        base = proposals.base_of(found)
        proposals.revise(found, text, Entry(delegate("CAN"), member("CAN")), base=base)
        ProposalFactory(proponents=[member("CAN")], sub_issues=[place])
    with django_assert_max_num_queries(16):
        assert Client().get("/proposals/").status_code == 200
    with django_assert_max_num_queries(48):
        assert canada.get(PAGE).status_code == 200
    with django_assert_max_num_queries(26):
        assert Client().get(PAGE).status_code == 200


def test_forms_require_the_csrf_token(place: SubIssue) -> None:
    tabled(place)
    client = Client(enforce_csrf_checks=True)
    client.force_login(delegate("CAN"))
    for address in ("/proposals/new/", f"{PAGE}withdraw/", f"{PAGE}revise/", f"{PAGE}merge/"):
        assert client.post(address, entry()).status_code == 403
