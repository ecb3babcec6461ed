"""Tests that the API says what would be accepted: closed lists, base revisions, and the reasons for refused merges."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from issues.models import Lens
from issues.models.choices import Act, Status, slug_of
from tests.factories import ProposalFactory, SmallGroupFactory, SubIssueFactory, provision_with
from tests.people import delegate, secretariat, take_part

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."
LOG = "/api/v1/provisions/open/revisions/"


@pytest.fixture
def place() -> Any:
    take_part("CAN", "BRA")
    place = SubIssueFactory(code="B.3.a")
    place.small_groups.add(SmallGroupFactory(slug="circle"))
    provision_with(TEXT, slug="open", sub_issue=place)
    return place


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ("status-reports/?status=done", [slug_of(value) for value in Status.values]),
        ("variants/?order=random", ["place", "oldest", "newest"]),
        ("readings/?mode=all", ["base", "members"]),
        ("variants/?lens=none", ["gender"]),
        ("provisions/?small_group=none", ["circle"]),
        ("provisions/?sub_issue=Z.9", ["B.3.a"]),
    ],
)
def test_a_value_outside_a_closed_list_is_refused_with_the_list(place: Any, query: str, accepted: list[str]) -> None:
    Lens.objects.create(slug="gender", name="Gender", source="test")
    answer = Client().get(f"/api/v1/{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["message"].endswith(f" Accepted values: {', '.join(accepted)}.")


def test_provisions_and_members_are_not_listed(place: Any) -> None:
    provision_with(TEXT, slug="secret", visibility="group")
    for query in ("variants/?provision=none", "documents/?member=XYZ"):
        answer = Client().get(f"/api/v1/{query}")
        assert answer.status_code == 400
        assert "Accepted values" not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "field", "accepted"),
    [
        ({"operation": {"act": "erase", "at": 0}}, "operation.act", list(Act.values)),
        ({"operation": {"act": "take", "at": 0, "stance": "likes"}}, "operation.stance", ["propose", "support"]),
    ],
)
def test_a_body_is_refused_with_the_list(place: Any, body: dict[str, Any], field: str, accepted: list[str]) -> None:
    answer = client_of(delegate("CAN")).post(LOG, {"base_revision": 1, "on_behalf_of": "CAN", **body}, format="json")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert f"Accepted values: {', '.join(accepted)}" in error["message"]


@pytest.mark.parametrize("check", [False, True])
def test_a_base_revision_that_never_was_is_an_invalid_value_and_no_conflict(place: Any, check: bool) -> None:
    address = LOG.replace("revisions", "check") if check else LOG
    for base, status, code in ((99, 400, "invalid"), (0, 409, "conflict")):
        body = {"base_revision": base, "text": TEXT.replace("act", "[CAN: always] act"), "on_behalf_of": "CAN"}
        answer = client_of(delegate("CAN")).post(address, body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        fields = {error["field"]: error["message"] for error in answer.json()["errors"]}
        assert fields == (
            {"base_revision": "This text has no revision 99. Its newest revision is number 1."} if base else {}
        )


def test_a_request_on_a_revision_that_never_was_is_an_invalid_value(place: Any) -> None:
    body = {
        "provision": "open",
        "base_revision": 99,
        "operation": {"act": "lift", "at": TEXT.index("[")},
        "on_behalf_of": "CAN",
    }
    answer = client_of(delegate("CAN")).post("/api/v1/requests/", body, format="json")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["base_revision"])


def merged(user: Any, **values: Any) -> Any:
    body = {"provision": "open", "base_revision": 1, "words": "by law", **values}
    return client_of(user).post("/api/v1/proposals/ours/merge/", body, format="json")


def test_a_refused_merge_says_why(place: Any) -> None:
    proposal = ProposalFactory(slug="ours", text="It acts by law.")
    proposal.sub_issues.add(place)
    provision_with(TEXT, slug="elsewhere", sub_issue=SubIssueFactory(code="C.1.a"))
    provision_with(slug="empty", sub_issue=place)
    provision_with(TEXT, slug="secret", sub_issue=place, visibility="group")
    answers = {
        "elsewhere": merged(secretariat(), provision="elsewhere"),
        "empty": merged(secretariat(), provision="empty"),
        "group": merged(delegate("BRA")),
        "proponent": merged(delegate("BRA"), on_behalf_of="BRA"),
    }
    assert {answer.status_code for answer in answers.values()} == {403}
    reasons = {name: answer.json()["detail"] for name, answer in answers.items()}
    assert "only into a provision under one of the issues that it concerns" in reasons["elsewhere"]
    assert "has no text yet" in reasons["empty"]
    assert "Only a facilitator of this text's small group or the secretariat" in reasons["group"]
    assert "Brazil is not a proponent of this proposal" in reasons["proponent"]
    assert merged(secretariat(), base_revision=9).json()["errors"][0]["field"] == "base_revision"
    assert merged(delegate("BRA"), provision="secret").status_code == 404
