"""Tests that programs table proposals and state statuses through the API."""

import pytest

from issues.models import (
    Proposal,
    StatusReport,
)
from tests.api.writing.programs import BY, facilitator, of, problem

pytestmark = pytest.mark.django_db


def test_a_proposal_is_tabled_and_merged_into_the_text() -> None:
    canada, japan = of("CAN"), of("JPN")
    sent = {"title": "Post", "text": "By air mail.", "sub_issues": ["B.1.a"], "co_sponsors": ["JPN"], **BY}
    tabled = [canada.post("/api/v1/proposals/", sent, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [one.status_code for one in tabled] == [201, 201]
    assert Proposal.objects.count() == 1
    address = f"/api/v1/proposals/{tabled[0].json()['slug']}/"
    assert japan.post(f"{address}confirm/", {"on_behalf_of": "JPN"}).json()["proponents"] == ["CAN", "JPN"]
    revised = japan.post(f"{address}revise/", {"text": "By sea.", "base": 1, "on_behalf_of": "JPN"}).json()
    assert (revised["text"], revised["state"], revised["base"]) == ("By sea.", "revised", 4)
    said = problem(canada.post(f"{address}revise/", {"text": "By rail.", "base": 1, **BY}), 409, "overtaken")
    assert said["current"] == {"base": 4, "text": "By sea."}
    problem(canada.post(f"{address}withdraw/", BY), 400, "invalid")
    assert japan.post(f"{address}leave/", {"on_behalf_of": "JPN"}).json()["proponents"] == ["CAN"]
    merged = canada.post(f"{address}merge/", {"provision": "open", "base_revision": 1, "words": "By sea.", **BY})
    assert merged.json()["steps"][-1]["merged_into"] == {"provision": "open", "revision": 2}
    problem(canada.post(f"{address}withdraw/", BY), 409, "closed")


def test_an_invalid_proposal_is_refused_at_its_field() -> None:
    sent = {"title": "", "text": "By air mail.", "sub_issues": ["Z.9"], **BY}
    said = problem(of("CAN").post("/api/v1/proposals/", sent), 400, "invalid")
    assert [one["field"] for one in said["errors"]] == ["sub_issues"]
    said = problem(of("CAN").post("/api/v1/proposals/", {**sent, "sub_issues": ["B.1.a"]}), 400, "invalid")
    assert [one["field"] for one in said["errors"]] == ["title"]


def test_a_facilitator_states_a_status_and_must_acknowledge_open_brackets() -> None:
    address, client = "/api/v1/small-groups/circle/status-reports/", facilitator()
    sent = {"status": "clean text", "stated_on": "2021-02-01", "stated_by": "Chair", "source": "Plenary"}
    said = problem(client.post(address, sent), 400, "invalid")
    assert said["errors"][0]["field"] == "although_brackets"
    knowing = {**sent, "although_brackets": True}
    assert [client.post(address, knowing).status_code for _ in range(2)] == [201, 201]
    assert StatusReport.objects.count() == 1
    status = client.get("/api/v1/status/small-groups/circle/").json()
    assert (status["stated"]["status"], status["contradiction"]) == ("clean text", True)
    problem(of("CAN").post(address, knowing), 403, "not_yours")
    problem(client.post(address, {**sent, "stated_on": "2999-01-01"}), 400, "invalid")
