"""Tests that programs make and answer requests through the API."""

import pytest

from issues.models import (
    ChangeRequest,
    Provision,
)
from tests.api.writing.programs import BY, TEXT, TEXTS, facilitator, of, problem
from tests.people import member

pytestmark = pytest.mark.django_db


def test_a_request_is_made_once_and_answered_once() -> None:
    operation = {"act": "lift", "at": TEXT.index("[JPN")}
    sent = {"provision": "open", "base_revision": 1, "operation": operation, "reason": "Settled", **BY}
    asked = [of("CAN").post("/api/v1/requests/", sent, HTTP_IDEMPOTENCY_KEY="k").json()["id"] for _ in range(2)]
    assert ChangeRequest.objects.count() == 1
    address = f"/api/v1/requests/{asked[0]}/"
    assert of("JPN").get(address).status_code == 404
    problem(of("CAN").post(f"{address}accept/", {}), 403, "not_yours")
    problem(facilitator().post(f"{address}decline/", {"answer": ""}), 400, "text_refused")
    assert facilitator().post(f"{address}accept/", {}).json()["revision"] == 2
    problem(facilitator().post(f"{address}accept/", {}), 409, "closed")
    assert "[JPN" not in Provision.objects.get(slug="open").revisions.latest("number").text


def asked_to_lift() -> str:
    """Make Canada request that a bracket be lifted, and return the URL of the request."""
    sent = {"provision": "open", "base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[")}, **BY}
    address: str = of("CAN").post("/api/v1/requests/", sent, format="json").json()["url"]
    return address


def test_a_request_states_its_present_effect_and_accepting_it_requires_that_effect() -> None:
    client, address = facilitator(), asked_to_lift()
    assert client.get(address).json()["now"] == {"revision": 1, "differs": False, "says": []}
    operation = {"act": "take", "at": TEXT.index("["), "stance": "oppose"}
    of("JPN").post(TEXTS, {"base_revision": 1, "operation": operation, "on_behalf_of": "JPN"}, format="json")
    now = client.get(address).json()["now"]
    assert (now["revision"], now["differs"], len(now["says"]) > 0) == (2, True, True)
    document = problem(client.post(f"{address}accept/", {}, format="json"), 409, "request_moved_on")
    assert document["now"] == now
    accepted = client.post(f"{address}accept/", {"revision": 2}, format="json")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["revision"]) == (200, "accepted", 3)
    assert accepted.json()["now"] is None


def test_a_lapsed_request_names_the_reason_and_the_revision() -> None:
    client, address = facilitator(), asked_to_lift()
    operation = {"act": "drop", "at": TEXT.index("[")}
    assert client.post(TEXTS, {"base_revision": 1, "operation": operation}, format="json").status_code == 201
    for row in (client.get(address).json(), client.get("/api/v1/requests/?state=lapsed").json()["results"][0]):
        assert (row["state"], row["lapsed_in"], row["revision"]) == ("lapsed", 2, None)
        assert row["lapsed_because"].endswith("was dropped in revision 2.")
    assert client.get("/api/v1/requests/?state=open").json()["count"] == 0
    problem(client.post(f"{address}accept/", {}, format="json"), 409, "closed")


def test_a_request_whose_author_lost_the_right_has_lapsed_in_the_api_too() -> None:
    client, address = facilitator(), asked_to_lift()
    member("CAN").delegations.update(until="2020-01-02")
    assert (client.get(address).json()["state"], client.get(address).json()["now"]) == ("lapsed", None)
    assert client.get("/api/v1/requests/?state=open").json()["count"] == 0
    problem(client.post(f"{address}accept/", {}, format="json"), 409, "closed")
    assert client.get(address).json()["lapsed_because"] == "The person who made the request no longer acts for Canada."


def test_repeating_an_acceptance_with_the_same_key_returns_the_same_response() -> None:
    client, address = facilitator(), asked_to_lift()
    answers = [client.post(f"{address}accept/", {}, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["state"] == "accepted"
    problem(client.post(f"{address}decline/", {"answer": "No"}, HTTP_IDEMPOTENCY_KEY="k"), 409, "key_reused")
