"""Tests that proposals in the REST API are visible only to entitled readers, can be found, and are linked."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from issues.actions import proposals
from issues.actions.proposals import Draft, Entry, Placement
from issues.models import Proposal, SubIssue
from tests import people
from tests.factories import (
    GroupingFactory,
    NegotiationFactory,
    ProposalFactory,
    SubIssueFactory,
    provision_with,
)
from tests.people import api_client_of, delegate, member, take_part

pytestmark = pytest.mark.django_db

LIST = "/api/v1/proposals/"
BASE = "Each Member shall [BRA: promptly] act."


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan and Brazil take part."""
    take_part("CAN", "JPN", "BRA")
    return SubIssueFactory(code="B.1.a")


def by(code: str) -> Entry:
    return Entry(delegate(code), member(code))


def api_of(code: str = "") -> APIClient:
    """Return an API client of a delegate of the member, or an anonymous client if no member is given."""
    return api_client_of(delegate(code)) if code else APIClient()


def tabled(place: SubIssue, title: str = "Customs duties", **values: Any) -> Proposal:
    draft = Draft(title, "No duties.", [place], **{"visibility": "public", **values})
    return proposals.table(NegotiationFactory(), draft, by("CAN"))


def slugs(client: APIClient, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.content
    return [row["slug"] for row in answer.json()["results"]]


def test_a_proposal_has_its_text_and_its_steps_with_their_authors(place: SubIssue) -> None:
    proposal = tabled(place, symbol="INF/ECOM/99", co_sponsors=[member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    provision_with(BASE, sub_issue=place, slug="article")
    proposals.merge_into(proposal, place.provisions.get(), Placement(words="No duties."), by("CAN"), base=1)
    row = api_of("CAN").get(f"{LIST}customs-duties-can/").json()
    assert (row["text"], row["document"], row["state"]) == ("No duties.", "INF/ECOM/99", "merged")
    assert (row["proponents"], row["sub_issues"]) == (["CAN", "JPN"], ["B.1.a"])
    assert [(step["number"], step["act"], step["member"], step["on_behalf_of"]) for step in row["steps"]] == [
        (1, "tabled", None, "CAN"),
        (2, "invited", "JPN", "CAN"),
        (3, "confirmed", "JPN", "JPN"),
        (4, "merged", None, "CAN"),
    ]
    assert row["steps"][3]["merged_into"] == {"provision": "article", "revision": 2}
    assert "recorded_by" not in row["steps"][0]


def test_only_the_members_concerned_can_see_who_was_invited(place: SubIssue) -> None:
    tabled(place, co_sponsors=[member("JPN")])
    for client, shown in ((api_of("JPN"), 2), (api_of("BRA"), 1), (api_of(), 1)):
        assert len(client.get(f"{LIST}customs-duties-can/").json()["steps"]) == shown


def test_proposals_can_be_filtered_by_proponent_state_and_sub_issue(place: SubIssue) -> None:
    african = GroupingFactory(slug="african-group")
    ProposalFactory(slug="a", proponents=[member("CAN"), member("JPN")], sub_issues=[place, SubIssueFactory()])
    ProposalFactory(slug="b", proponents=[member("BRA")], state="withdrawn")
    ProposalFactory(slug="c").grouping_proponents.add(african)
    client = api_of()
    assert slugs(client) == ["a", "b", "c"]
    assert slugs(client, "?proponent=CAN&proponent=JPN") == ["a"]
    assert slugs(client, "?proponent=BRA") == ["b"]
    assert slugs(client, "?proponent=AFRICAN%20GROUP") == ["c"]
    assert slugs(client, "?state=withdrawn") == ["b"]
    assert slugs(client, "?sub_issue=B.1.a") == ["a"]
    assert slugs(client, "?sub_issue=B.1.a&state=withdrawn") == []


def test_proposals_are_sorted_newest_first_and_undated_ones_last(place: SubIssue) -> None:
    ProposalFactory(slug="undated")
    ProposalFactory(slug="old", tabled="2019-01-01")
    tabled(place)
    assert slugs(api_of()) == ["customs-duties-can", "old", "undated"]


def test_a_proposal_that_the_reader_cannot_see_is_not_found(place: SubIssue) -> None:
    older = tabled(place, visibility="group")
    newer = tabled(place, "Anew", supersedes=older)
    proposals.table(NegotiationFactory(), Draft("Third", "Words.", [place], supersedes=newer), by("CAN"))
    for client in (api_of("BRA"), api_of()):
        assert client.get(f"{LIST}customs-duties-can/").status_code == 404
        assert client.get(f"{LIST}anew-can/").json()["supersedes"] is None
        assert "customs-duties-can" not in client.get(LIST).content.decode()
    assert api_of().get(f"{LIST}anew-can/").json()["superseded_by"] == []
    assert api_of().get(LIST).json()["count"] == 1
    assert api_of("CAN").get(LIST).json()["count"] == 3
    assert api_of("CAN").get(f"{LIST}anew-can/").json()["supersedes"] == "customs-duties-can"
    assert api_of("CAN").get(f"{LIST}anew-can/").json()["superseded_by"] == ["third-can"]


def test_a_variant_names_its_proposal_only_to_readers_of_the_proposal(place: SubIssue) -> None:
    provision = provision_with(BASE, sub_issue=place, slug="article")
    proposal = tabled(place, visibility="group")
    proposals.merge_into(proposal, provision, Placement(words="No duties."), by("CAN"), base=1)
    pk = provision.variants.get(text="No duties.").pk
    for client, named in ((api_of("CAN"), "customs-duties-can"), (api_of("BRA"), None), (api_of(), None)):
        rows = {row["text"]: row["proposal"] for row in client.get("/api/v1/variants/").json()["results"]}
        assert rows == {"promptly": None, "No duties.": named}
        assert client.get(f"/api/v1/variants/{pk}/").json()["proposal"] == named


def test_the_steps_do_not_name_a_provision_that_the_reader_cannot_see(place: SubIssue) -> None:
    provision = provision_with(BASE, sub_issue=place, slug="closed", visibility="group")
    proposal = tabled(place)
    secretariat = people.secretariat()
    proposals.merge_into(proposal, provision, Placement(words="No duties."), Entry(secretariat), base=1)
    answer = api_of().get(f"{LIST}customs-duties-can/")
    assert answer.json()["steps"][1]["merged_into"] is None
    assert "closed" not in answer.content.decode()


def test_proposals_accept_only_get_requests(place: SubIssue) -> None:
    tabled(place)
    for verb in ("post", "put", "patch", "delete"):
        assert getattr(api_of("CAN"), verb)(f"{LIST}customs-duties-can/", {}).status_code == 405


def test_the_number_of_queries_is_limited_and_does_not_grow_with_the_rows(place: SubIssue, still: None) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api_of().get(address).status_code == 200
        return len(captured)

    proposal = tabled(place, symbol="INF/ECOM/99")
    tabled(place, "Anew", supersedes=proposal)
    few, steps_few = count(LIST), count(f"{LIST}customs-duties-can/")
    for number in range(5):
        proposals.revise(proposal, f"Text {number}", by("CAN"), base=proposals.base_of(proposal))
        tabled(place, f"More {number}", supersedes=proposal)
    assert count(LIST) == few <= 9
    assert count(f"{LIST}customs-duties-can/") == steps_few <= 13


def test_rows_and_details_name_the_supporters_of_the_current_text(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")])
    client = api_of("JPN")
    confirmed = client.post(f"{LIST}customs-duties-can/confirm/", {"on_behalf_of": "JPN", "base": 1})
    assert (confirmed.status_code, confirmed.json()["confirmed_by"]) == (200, ["CAN", "JPN"])
    proposals.revise(proposal, "None.", by("CAN"), base=1)
    for address in (LIST, f"{LIST}customs-duties-can/"):
        document = api_of().get(address).json()
        row = document["results"][0] if "results" in document else document
        assert (row["proponents"], row["confirmed_by"], row["not_confirmed_by"]) == (["CAN", "JPN"], ["CAN"], ["JPN"])


def test_confirming_an_outdated_text_returns_a_conflict_with_the_current_text(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")])
    proposals.revise(proposal, "None.", by("CAN"), base=1)
    client = api_of("JPN")
    for sent in ({"base": 1}, {}):
        late = client.post(f"{LIST}customs-duties-can/confirm/", {"on_behalf_of": "JPN", **sent})
        assert (late.status_code, late.json()["code"]) == (409, "overtaken")
        assert late.json()["current"] == {"base": 3, "text": "None."}
    answer = client.post(f"{LIST}customs-duties-can/confirm/", {"on_behalf_of": "JPN", "base": 3})
    assert answer.json()["confirmed_by"] == ["CAN", "JPN"]


def test_a_revision_can_state_who_has_confirmed_it(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    sent = {"text": "None.", "base": 1, "on_behalf_of": "CAN", "confirmed_by": ["JPN"]}
    refused = api_of("CAN").post(f"{LIST}customs-duties-can/revise/", sent, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    client = APIClient()
    client.force_login(people.secretariat())
    answer = client.post(f"{LIST}customs-duties-can/revise/", sent, format="json")
    assert (answer.status_code, answer.json()["confirmed_by"]) == (200, ["CAN", "JPN"])


def test_merging_an_outdated_text_returns_a_conflict(place: SubIssue) -> None:
    provision_with(BASE, sub_issue=place, slug="article")
    proposal = tabled(place)
    proposals.revise(proposal, "No duties. None.", by("CAN"), base=1)
    sent = {"provision": "article", "base_revision": 1, "words": "No duties.", "on_behalf_of": "CAN"}
    late = api_of("CAN").post(f"{LIST}customs-duties-can/merge/", {**sent, "text_base": 1})
    assert (late.status_code, late.json()["code"]) == (409, "overtaken")
    assert api_of("CAN").post(f"{LIST}customs-duties-can/merge/", {**sent, "text_base": 2}).status_code == 200
