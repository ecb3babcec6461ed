"""Tests that the pages show proposals only to entitled readers and return invalid input."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from issues.actions import changes, proposals
from issues.actions.edits import TextChange
from issues.actions.proposals import Draft, Entry, Placement
from issues.models import Proposal, Provision, SubIssue
from members.plain_text import sanitize
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    NegotiationFactory,
    ProposalFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.pages.forms import Form, form_with, forms_of
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, member, take_part

pytestmark = pytest.mark.django_db

BASE = "Each Member shall [BRA: promptly] act."
WORDS = "No Member shall impose customs duties."
PAGE = "/proposals/customs-duties-can/"


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan and Brazil take part."""
    take_part("CAN", "JPN", "BRA")
    return SubIssueFactory(code="B.1.a", title="Customs duties")


@pytest.fixture
def canada(place: SubIssue) -> Client:
    """Return a client of a delegate of Canada."""
    return client_of(delegate("CAN"))


@pytest.fixture
def provision(place: SubIssue) -> Provision:
    """Return a provision with a bracket by Brazil in the sub-issue."""
    return provision_with(BASE, sub_issue=place, slug="article")


def tabled(place: SubIssue, code: str = "CAN", **values: Any) -> Proposal:
    draft = Draft("Customs duties", WORDS, [place], **{"visibility": "public", **values})
    return proposals.table(NegotiationFactory(), draft, Entry(delegate(code), member(code)))


def typed(**values: Any) -> dict[str, Any]:
    """Return the data of a filled form for a new proposal."""
    form = {
        "on_behalf_of": "CAN",
        "made_on": "2021-02-05",
        "title": "Customs duties",
        "text": WORDS,
        "summary": "No duties.",
        "sub_issues": ["B.1.a"],
        "co_sponsors": ["JPN"],
        "symbol": "INF/ECOM/99",
        "visibility": "public",
        "idempotency_key": "once",
    }
    return {**form, **values}


def entry(code: str = "CAN", **values: Any) -> dict[str, Any]:
    """Return the data of a filled form for a step."""
    return {"on_behalf_of": code, "made_on": "2026-01-01", "note": "In the room", "idempotency_key": "once", **values}


def page_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def today() -> str:
    from django.utils import timezone

    return timezone.localdate().isoformat()


def test_a_delegate_tables_a_proposal_and_reads_it(canada: Client) -> None:
    answer = canada.post("/proposals/new/", typed(), follow=True)
    page = text_of(answer)
    assert answer.redirect_chain == [(PAGE, 302)]
    for said in ("Tabled: Customs duties.", WORDS, "INF/ECOM/99", "symbol not verified", "tabled it on 5 Feb 2021"):
        assert said in page
    assert "Invited, awaiting a response Japan" in page
    assert "on behalf of Canada" in page


def test_a_second_click_tables_once(canada: Client) -> None:
    for _ in range(2):
        assert canada.post("/proposals/new/", typed()).status_code == 302
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": WORDS + " [CAN: open"}, "Line 1, column 40: This “[” is never closed."),
        ({"text": " "}, "The text is empty: enter the proposed text."),
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
def test_what_cannot_be_tabled_comes_back_as_typed_with_the_reason(
    canada: Client, wrong: dict[str, Any], said: str
) -> None:
    answer = canada.post("/proposals/new/", typed(**wrong))
    page = page_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert sanitize(wrong.get("text", WORDS)) in page
    assert "No duties." in page
    assert not Proposal.objects.exists()


def test_the_same_title_within_a_day_is_tabled_once_somebody_says_that_it_is_another(canada: Client) -> None:
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
    assert "No document INF/ECOM/99 is visible to everyone" in answer
    assert 'class="bracket proposed"' in answer
    assert not Proposal.objects.exists()


def test_who_acts_for_nobody_gets_no_form(place: SubIssue) -> None:
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


def test_an_invited_member_confirms_on_the_page(place: SubIssue) -> None:
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


def test_an_invited_member_declines_and_only_those_concerned_read_of_it(place: SubIssue, canada: Client) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    client_of(delegate("JPN")).post(f"{PAGE}decline/", entry("JPN", made_on=today(), note="Not now"))
    assert "Japan declined to co-sponsor" in text_of(canada.get(PAGE))
    for reader in (Client(), client_of(delegate("BRA"))):
        page = text_of(reader.get(PAGE))
        assert "Japan" not in page
        assert "Not now" not in page


def test_an_open_invitation_is_read_by_those_concerned_only(place: SubIssue, canada: Client) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    assert "Invited, awaiting a response Japan" in text_of(canada.get(PAGE))
    assert "Japan" not in text_of(Client().get(PAGE))


def test_a_proponent_invites_and_an_error_stays_at_its_form(place: SubIssue, canada: Client) -> None:
    tabled(place)
    sent = entry(invited="JPN", made_on=today())
    assert canada.post(f"{PAGE}invite/", sent).status_code == 302
    again = canada.post(f"{PAGE}invite/", {**sent, "idempotency_key": "other"})
    assert again.status_code == 422
    assert "Japan has already been invited and has not responded yet." in page_of(again)
    assert "In the room" in page_of(again)
    nobody = canada.post(f"{PAGE}invite/", {**sent, "invited": "XXX", "idempotency_key": "third"})
    assert nobody.status_code == 422


def test_a_co_sponsor_leaves_and_the_last_proponent_withdraws(place: SubIssue, canada: Client) -> None:
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


def test_revising_shows_in_sentences_what_changed_and_keeps_the_earlier_text(place: SubIssue, canada: Client) -> None:
    tabled(place)
    assert f">\n{WORDS}</textarea>" in page_of(canada.get(f"{PAGE}revise/"))
    sent = entry(text=WORDS.replace("impose", "levy"), base=1, made_on=today(), symbol="")
    check = canada.post(f"{PAGE}revise/", {**sent, "check": ""})
    assert "“impose” becomes “levy”" in page_of(check)
    page = text_of(canada.post(f"{PAGE}revise/", sent, follow=True))
    assert "Revised on behalf of Canada. The earlier text stays in the history." in page
    assert "“impose” becomes “levy”" in html.unescape(page)
    assert WORDS in page


def test_a_revision_that_was_overtaken_comes_back_with_what_was_typed(place: SubIssue, canada: Client) -> None:
    found = tabled(place)
    proposals.revise(found, "First.", Entry(delegate("CAN"), member("CAN")), base=1)
    answer = canada.post(f"{PAGE}revise/", entry(text="Second.", base=1, made_on=today()))
    page = page_of(answer)
    assert answer.status_code == 409
    assert "Canada revised this proposal while you were writing, in step 2." in page
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
def test_a_revision_that_cannot_stand_is_refused(
    place: SubIssue, canada: Client, wrong: dict[str, str], status: int
) -> None:
    tabled(place)
    answer = canada.post(f"{PAGE}revise/", entry(**{"text": "Other.", "base": 1, "made_on": today(), **wrong}))
    assert answer.status_code == status
    assert Proposal.objects.get().text == WORDS


def test_a_proposal_that_one_may_not_read_does_not_exist(place: SubIssue) -> None:
    tabled(place, visibility="group")
    brazil = client_of(delegate("BRA"))
    for address in (PAGE, f"{PAGE}revise/", f"{PAGE}merge/"):
        assert brazil.get(address).status_code == 404
    assert brazil.post(f"{PAGE}withdraw/", entry("BRA")).status_code == 404
    for address in ("/proposals/", "/sub-issues/B.1.a/", "/members/CAN/"):
        assert PAGE not in page_of(brazil.get(address))
    assert "No proposals on record" in text_of(brazil.get("/proposals/"))
    assert 'value="CAN"' not in page_of(brazil.get("/proposals/"))
    assert PAGE in page_of(client_of(delegate("CAN")).get("/proposals/"))


def test_the_list_is_narrowed_by_proponent_state_and_sub_issue_and_keeps_it_from_page_to_page(place: SubIssue) -> None:
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


def test_sub_issue_and_member_pages_lead_to_the_proposal(place: SubIssue) -> None:
    tabled(place)
    for address in ("/sub-issues/B.1.a/", "/members/CAN/"):
        assert f'href="{PAGE}"' in page_of(Client().get(address))


def test_older_and_newer_proposals_lead_to_each_other_as_far_as_one_may_read(place: SubIssue, canada: Client) -> None:
    older = tabled(place, visibility="group")
    newer = typed(title="Anew", supersedes=older.slug)
    assert canada.post("/proposals/new/", newer).status_code == 302
    assert "Replaces: Customs duties" in text_of(canada.get("/proposals/anew-can/"))
    assert "Replaced by: Anew" in text_of(canada.get(PAGE))
    assert "Replaces" not in text_of(Client().get("/proposals/anew-can/"))


# Merging


def merging(**values: Any) -> dict[str, Any]:
    form = {"provision": "article", "base": 1, "place": "end", "words": WORDS, "whole": BASE, "check": ""}
    return {**entry("", made_on=today()), **form, **values}


def seen(answer: Any) -> str:
    """Return the token with which the page identifies the preview."""
    page = page_of(answer)
    return page.split('name="seen" value="')[1].split('"')[0]


def merge(client: Client, **values: Any) -> Any:
    """Preview a merge, record it, and return the following page."""
    values = merging(**values)
    mark = seen(client.post(f"{PAGE}merge/", values))
    del values["check"]
    return client.post(f"{PAGE}merge/", {**values, "seen": mark, "merge": ""}, follow=True)


def test_a_facilitator_merges_and_the_variant_leads_back(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    assert "article" in page_of(facilitator.get(f"{PAGE}merge/"))
    assert BASE in page_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    said = facilitator.post(f"{PAGE}merge/", merging())
    assert "Canada proposes “No Member shall impose customs duties”" in page_of(said)
    assert provision.revisions.count() == 1
    answer = merge(facilitator)
    assert "Merged into this text as revision 2: Canada proposes “No Member shall impose customs duties”." in text_of(
        answer
    )
    assert "from the proposal Customs duties" in text_of(answer)
    page = text_of(facilitator.get(PAGE))
    assert "Merged into the text" in page
    assert "Merged into the text: B.1.a Article, revision 2" in page


def test_nothing_is_merged_of_which_was_not_said_what_will_be_recorded(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    mark = seen(facilitator.post(f"{PAGE}merge/", merging()))
    changed = merging(words="customs duties", seen=mark, merge="")
    del changed["check"]
    answer = facilitator.post(f"{PAGE}merge/", changed)
    assert "Canada proposes “customs duties”" in page_of(answer)
    assert provision.revisions.count() == 1


def test_words_go_beside_a_bracket_chosen_from_a_list_or_as_a_whole_text(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    assert "“[BRA: promptly]”" in page_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    merge(facilitator, place="beside", beside=str(BASE.index("[")), words="customs duties")
    text = provision.revisions.get(number=2).text
    assert text == "Each Member shall [BRA: promptly] / [CAN: customs duties] act."
    merge(facilitator, base=2, place="whole", whole=text + " [CAN: No Member shall]", idempotency_key="other")
    assert provision.revisions.get(number=3).text == text + " [CAN: No Member shall]"


def brazil_logs(provision: Provision, text: str) -> None:
    changes.log(TextChange(provision, base_revision=1, edit=text, on_behalf_of=member("BRA")), actor=delegate("BRA"))


def test_words_for_the_end_go_to_the_end_of_the_text_that_stands(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    brazil_logs(provision, f"{BASE}\n[BRA: Always.]")
    said = facilitator.post(f"{PAGE}merge/", merging())
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert "Brazil (2)" in page_of(late)
    assert "“No Member shall impose customs duties”" in text_of(late)
    assert facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "merge": ""}).status_code == 302
    assert provision.revisions.latest("number").text == f"{BASE}\n[BRA: Always.]\n[CAN: {WORDS}]"


def test_words_beside_a_bracket_go_beside_it_wherever_it_stands_now(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    said = facilitator.post(f"{PAGE}merge/", merging(place="beside", beside=str(BASE.index("["))))
    brazil_logs(provision, "[BRA: In time,] " + BASE.replace("[BRA: promptly]", "[BRA propose: promptly]"))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    if late.status_code == 409:
        late = facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "merge": ""})
    assert late.status_code == 302
    assert f"[BRA propose: promptly] / [CAN: {WORDS}] act" in provision.revisions.latest("number").text


def test_words_beside_a_bracket_that_is_gone_wait_for_another_place_and_it_is_said_how_it_ended(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    said = facilitator.post(f"{PAGE}merge/", merging(place="beside", beside=str(BASE.index("["))))
    brazil_logs(provision, BASE.replace("[BRA: promptly] ", ""))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert page_of(late).count("This bracket was dropped in revision 2") == 1
    assert form_with(late, "words").fields["words"] == WORDS
    assert provision.revisions.count() == 2


def test_a_whole_text_typed_by_hand_is_put_together_with_what_was_logged_meanwhile(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    mine = BASE.replace("[BRA: promptly]", "promptly") + " [CAN: No Member shall]"
    said = facilitator.post(f"{PAGE}merge/", merging(place="whole", whole=mine))
    brazil_logs(provision, "[BRA: In time,] " + BASE.replace("promptly", "at once"))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    stands = "[BRA: In time,] " + BASE.replace("promptly", "at once") + " [CAN: No Member shall]"
    assert form_with(late, "whole").fields["whole"] == stands
    again = facilitator.post(f"{PAGE}merge/", {**form_with(late, "whole").fields, "merge": ""})
    assert again.status_code == 422
    taken = facilitator.post(f"{PAGE}merge/", {**form_with(late, "whole").fields, "take": "1-m"})
    assert form_with(taken, "whole").fields["whole"] == f"[BRA: In time,] {mine}"
    assert facilitator.post(f"{PAGE}merge/", {**form_with(taken, "whole").fields, "merge": ""}).status_code == 302
    assert provision.revisions.latest("number").text == f"[BRA: In time,] {mine}"


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"words": " "}, 422, "No words were entered"),
        ({"words": "open ["}, 422, "is never closed"),
        ({"place": "beside", "beside": ""}, 422, "Choose the bracket beside which to place the words"),
        ({"place": "beside", "beside": "3"}, 422, "3 is not one of the available choices"),
        ({"place": "elsewhere"}, 422, "not one of the available choices"),
        ({"place": "whole", "whole": "open ["}, 200, "is never closed"),
        ({"base": "9"}, 409, "Compare your change with the current text"),
        ({"base": "x"}, 422, "words"),
        ({"provision": "none"}, 404, "not found"),
    ],
)
def test_what_cannot_be_merged_comes_back_with_the_reason(
    place: SubIssue, provision: Provision, facilitator: Client, wrong: dict[str, Any], status: int, said: str
) -> None:
    tabled(place)
    answer = facilitator.post(f"{PAGE}merge/", merging(**wrong))
    assert answer.status_code == status
    assert said in page_of(answer)
    assert provision.revisions.count() == 1


def test_a_delegate_merges_in_its_members_name_only(place: SubIssue, provision: Provision, canada: Client) -> None:
    tabled(place)
    refused = canada.post(f"{PAGE}merge/", merging(on_behalf_of=""))
    assert refused.status_code == 422
    whole = canada.post(f"{PAGE}merge/", merging(on_behalf_of="CAN", place="whole", whole=BASE.replace("shall", "may")))
    assert "change affects text that does not belong to CAN" in page_of(whole)
    assert "Merge</button>" not in page_of(whole)
    merge(canada, on_behalf_of="CAN")
    assert provision.revisions.get(number=2).text == f"{BASE}\n[CAN: {WORDS}]"


def test_more_readers_of_the_text_than_of_the_proposal_are_warned_of(
    place: SubIssue, provision: Provision, canada: Client
) -> None:
    tabled(place, visibility="participants")
    said = "This provision has a wider readership (everybody) than the proposal (participants)"
    assert said in text_of(canada.get(f"{PAGE}merge/?provision=article"))


def test_a_restricted_proposal_shows_at_no_variant_for_those_who_may_not_read_it(
    place: SubIssue, provision: Provision, canada: Client
) -> None:
    found = tabled(place, visibility="group", symbol="INF/ECOM/99")
    placing = Placement(words="Words for all.")
    proposals.merge_into(found, provision, placing, Entry(delegate("CAN"), member("CAN")), base=1)
    assert "from the proposal Customs duties" in text_of(canada.get("/provisions/article/"))
    at = BASE.index("[")
    for reader in (Client(), client_of(delegate("BRA"))):
        for address in (
            "/provisions/article/",
            f"/provisions/article/?revision=2&at={len(BASE) + 1}",
            f"/provisions/article/?revision=2&at={at}",
            "/provisions/article/history/",
            "/sub-issues/B.1.a/",
        ):
            page = page_of(reader.get(address))
            assert "Words for all" in page
            assert "customs-duties-can" not in page
            assert "INF/ECOM/99" not in page
            assert "rom proposal" not in page


def test_a_provision_that_one_may_not_read_is_not_named_on_the_proposals_page(
    place: SubIssue, secretariat: Client
) -> None:
    provision_with(BASE, sub_issue=place, slug="closed", heading="Hidden article", visibility="group")
    tabled(place)
    merge(secretariat, provision="closed")
    assert "Hidden article" in text_of(secretariat.get(PAGE))
    page = text_of(Client().get(PAGE))
    assert "Hidden article" not in page
    assert "Merged into the text" in page


def test_the_secretariat_acts_on_behalf_of_a_member_and_the_page_says_so(place: SubIssue, secretariat: Client) -> None:
    assert secretariat.post("/proposals/new/", typed()).status_code == 302
    page = text_of(secretariat.get(PAGE))
    assert "Japan confirmed the text as co-sponsor" in page
    assert "on behalf of Japan" in page


def test_the_pages_have_a_bounded_number_of_queries(
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


def test_writing_asks_for_the_token_of_the_form(place: SubIssue) -> None:
    tabled(place)
    client = Client(enforce_csrf_checks=True)
    client.force_login(delegate("CAN"))
    for address in ("/proposals/new/", f"{PAGE}withdraw/", f"{PAGE}revise/", f"{PAGE}merge/"):
        assert client.post(address, entry()).status_code == 403


def revised_after_japan_joined(place: SubIssue) -> Proposal:
    """Return a proposal of Canada and Japan that Canada revised in step 4."""
    found = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(found, Entry(delegate("JPN"), member("JPN")), confirm=True)
    proposals.revise(found, f"{WORDS} None.", Entry(delegate("CAN"), member("CAN")), base=1)
    return found


def confirming(answer: Any) -> Form:
    """Return the form for confirming a text."""
    return next(form for form in forms_of(answer) if "Confirm this text" in form.says)


def test_who_has_confirmed_the_revised_text_and_who_is_asked_stands_wherever_proponents_stand(
    place: SubIssue, canada: Client
) -> None:
    revised_after_japan_joined(place)
    page = text_of(Client().get(PAGE))
    assert "Japan asked to confirm the revised text" in page
    assert re.search(r"Canada revised it on \d", page)
    assert "Confirmed by: Canada, Japan" in page
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


def test_a_proponent_that_declines_the_revised_text_leaves_and_everybody_reads_so(place: SubIssue) -> None:
    revised_after_japan_joined(place)
    japan = client_of(delegate("JPN"))
    sent = entry("JPN", base=4, made_on=today(), note="Not this")
    assert "Declined on behalf of Japan." in text_of(japan.post(f"{PAGE}decline/", sent, follow=True))
    page = text_of(Client().get(PAGE))
    assert "Japan left the proposal" in page
    assert "Not this" in page


def test_a_confirmation_of_a_text_that_was_revised_meanwhile_shows_the_new_one_first(place: SubIssue) -> None:
    found = revised_after_japan_joined(place)
    japan = client_of(delegate("JPN"))
    form = confirming(japan.get(PAGE))
    proposals.revise(found, f"{WORDS} Never.", Entry(delegate("CAN"), member("CAN")), base=4)
    late = japan.post(f"{PAGE}confirm/", form.fields)
    assert late.status_code == 409
    assert "Step 5 changed the text of this proposal" in page_of(late)
    assert f"{WORDS} Never." in text_of(late)
    assert Proposal.objects.get().standing.confirmed_by == ["CAN"]
    assert japan.post(f"{PAGE}confirm/", confirming(late).fields).status_code == 302
    assert Proposal.objects.get().standing.confirmed_by == ["CAN", "JPN"]


def test_the_page_of_a_revision_says_who_is_asked_and_the_secretariat_says_who_has_confirmed(
    place: SubIssue, canada: Client, secretariat: Client
) -> None:
    revised_after_japan_joined(place)
    assert "The other proponents are asked to confirm the new text." in text_of(canada.get(f"{PAGE}revise/"))
    sent = entry(text="Some.", base=4, made_on=today())
    checked = text_of(canada.post(f"{PAGE}revise/", {**sent, "check": ""}))
    assert "Japan is asked to confirm this text; its confirmation is pending." in checked
    assert "Also confirmed by" not in page_of(canada.get(f"{PAGE}revise/"))
    assert "Also confirmed by" in page_of(secretariat.get(f"{PAGE}revise/"))
    checked = text_of(secretariat.post(f"{PAGE}revise/", {**sent, "confirmed_by": ["JPN"], "check": ""}))
    assert "Japan is recorded as having confirmed this text." in checked
    assert secretariat.post(f"{PAGE}revise/", {**sent, "confirmed_by": ["JPN"]}).status_code == 302
    assert Proposal.objects.get().standing.confirmed_by == ["CAN", "JPN"]


def test_the_page_of_a_merge_says_beforehand_who_is_left_out_and_why(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    found = revised_after_japan_joined(place)
    shown = text_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    assert "Proponents of the current text: Canada." in shown
    assert "Japan has not confirmed the current text and will not be named." in shown
    said = facilitator.post(f"{PAGE}merge/", merging(text_base=4))
    proposals.revise(found, f"{WORDS} Never.", Entry(delegate("CAN"), member("CAN")), base=4)
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert "Step 5 has revised the proposal since you read it" in page_of(late)
    again = facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "check": ""})
    merged = facilitator.post(f"{PAGE}merge/", {**form_with(again, "words").fields, "merge": ""})
    assert merged.status_code == 302
    assert provision.revisions.latest("number").text == f"{BASE}\n[CAN: {WORDS}]"


def test_where_nobody_has_confirmed_the_text_the_page_of_a_merge_says_what_to_do(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    found = revised_after_japan_joined(place)
    proposals.leave(found, Entry(delegate("CAN"), member("CAN")))
    shown = text_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    assert "No proponent has confirmed the current text of this proposal" in shown
    refused = facilitator.post(f"{PAGE}merge/", merging())
    assert refused.status_code == 422
    assert "ask Japan to confirm it, or type the complete new text" in page_of(refused)


def test_whom_a_merge_has_named_stands_in_the_history(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    revised_after_japan_joined(place)
    merge(facilitator)
    page = text_of(Client().get(PAGE))
    assert "In the name of Canada." in page
    assert "Japan has not confirmed the revised text" in page
