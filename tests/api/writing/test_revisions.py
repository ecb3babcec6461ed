"""Tests that programs can log each text through the API exactly once and are told why a text is refused."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import (
    Revision,
    SubIssue,
)
from tests.api.writing.programs import BY, TEXT, TEXTS, of, problem
from tests.factories import DelegationFactory, provision_with
from tests.people import api_client_of, member, secretariat

pytestmark = pytest.mark.django_db


def test_a_whole_text_is_logged_and_its_changes_are_returned() -> None:
    text = TEXT.replace("promptly", "soon")
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": text, "reason": "Clearer", **BY})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["number"], said["text"], said["reason"], said["on_behalf_of"]) == (2, text, "Clearer", "CAN")
    assert said["sentences"]
    assert of("JPN").get(said["url"]).json() == said


def test_a_preview_includes_changes_that_others_have_logged() -> None:
    of("JPN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("post", "wire"), "on_behalf_of": "JPN"})
    address, sent = (
        "/api/v1/provisions/open/check/",
        {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY},
    )
    foreseen = of("CAN").post(address, sent).json()
    logged = of("CAN").post(TEXTS, sent).json()
    assert foreseen["sentences"] == logged["sentences"]
    assert "wire" in logged["text"]
    late = {**sent, "text": TEXT.replace("promptly", "at once")}
    assert problem(of("CAN").post(address, late), 409, "conflict")["places"]
    broken = of("CAN").post(address, {**sent, "text": "Each [CAN: Member"}).json()
    assert broken["problems"]
    assert not broken["can_be_logged"]


def test_the_same_request_with_the_same_key_is_recorded_once() -> None:
    client, sent = of("CAN"), {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    numbers = [client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k").json()["number"] for _ in range(2)]
    assert numbers == [2, 2]


@pytest.mark.parametrize(
    ("address", "other", "differs"),
    [
        (TEXTS, {"on_behalf_of": "JPN"}, ["on_behalf_of"]),
        (TEXTS, {"text": TEXT.replace("promptly", "now")}, ["content"]),
        (TEXTS, {"reason": "Clearer"}, ["content"]),
        (TEXTS, {"made_on": "2021-03-01"}, ["content"]),
        (TEXTS, {"base_revision": 2}, ["base"]),
        ("/api/v1/provisions/second/revisions/", {}, ["subject"]),
        ("/api/v1/requests/", {}, ["act", "content"]),
        ("/api/v1/proposals/", {}, ["act", "subject", "base", "content"]),
        ("/api/v1/small-groups/circle/status-reports/", {}, ["act", "subject", "on_behalf_of", "base", "content"]),
    ],
)
def test_reusing_a_key_for_another_request_returns_a_conflict_that_names_the_difference(
    address: str, other: dict[str, Any], differs: list[str]
) -> None:
    provision_with(TEXT, TEXT + " Always.", slug="second", sub_issue=SubIssue.objects.get(code="B.1.a"))
    client = api_client_of(secretariat())
    sent = {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    bodies: dict[str, dict[str, Any]] = {
        "/api/v1/requests/": {
            "provision": "open",
            "base_revision": 1,
            "operation": {"act": "lift", "at": TEXT.index("[")},
            **BY,
        },
        "/api/v1/proposals/": {"title": "Duties", "text": "None.", "sub_issues": ["B.1.a"], **BY},
        "/api/v1/small-groups/circle/status-reports/": {
            "status": "compiled",
            "stated_on": "2021-02-01",
            "stated_by": "Facilitator",
            "source": "Plenary",
        },
    }
    first = client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="once")
    assert first.status_code == 201
    document = problem(
        client.post(address, {**bodies.get(address, sent), **other}, HTTP_IDEMPOTENCY_KEY="once"), 409, "key_reused"
    )
    assert (document["key"], document["differs"]) == ("once", differs)
    assert "“once”" in document["detail"]
    assert client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="once").json() == first.json()


def test_a_key_used_by_a_colleague_does_not_return_the_colleagues_entry() -> None:
    sent = {"base_revision": 1, "operation": {"act": "propose", "at": len(TEXT), "words": "Always."}, **BY}
    assert of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    colleague = api_client_of(DelegationFactory(member=member("CAN")).user)
    problem(colleague.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k"), 400, "nothing_changed")
    assert Revision.objects.count() == 2


def test_a_key_that_is_too_long_is_refused() -> None:
    sent = {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    document = problem(of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k" * 256), 400, "invalid")
    assert document["errors"][0]["field"] == "Idempotency-Key"
    assert of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k" * 255).status_code == 201


def test_separate_changes_are_combined_and_conflicting_changes_are_shown_from_both_sides() -> None:
    of("JPN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("post", "wire"), "on_behalf_of": "JPN"})
    both = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY})
    assert both.json()["text"] == TEXT.replace("promptly", "soon").replace("post", "wire")
    late = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("promptly", "at once"), **BY})
    said = problem(late, 409, "conflict")
    assert said["current"]["revision"] == 3
    assert said["current"]["text"] == both.json()["text"]
    assert ("at once" in said["places"][0]["yours"], "soon" in said["places"][0]["theirs"]) == (True, True)
    assert said["merged"] == {
        "yours": TEXT.replace("promptly", "at once").replace("post", "wire"),
        "theirs": TEXT.replace("promptly", "soon").replace("post", "wire"),
    }


def test_a_change_based_on_an_unknown_revision_is_refused() -> None:
    late = of("CAN").post(TEXTS, {"base_revision": 7, "text": TEXT.replace("promptly", "soon"), **BY})
    said = problem(late, 400, "invalid")
    assert said["errors"][0]["field"] == "base_revision"


def test_a_change_to_text_of_others_is_refused_with_the_place_and_a_remedy() -> None:
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("shall", "may"), **BY})
    said = problem(answer, 403, "not_yours")
    assert said["errors"][0]["place"] == {"offset": TEXT.index("shall")}
    assert "[CAN propose: …]" in said["detail"]
    problem(
        of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT + " [JPN: x]", "on_behalf_of": "JPN"}), 403, "not_yours"
    )
    assert Revision.objects.count() == 1


def test_an_error_in_a_text_is_reported_with_its_place() -> None:
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": "One.\nTwo [CAN: three", **BY})
    entry = problem(answer, 400, "text_refused")["errors"][0]
    assert (entry["field"], entry["place"]["line"], bool(entry["way_out"])) == ("text", 2, True)
    problem(of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT, **BY}), 400, "nothing_changed")


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"text": "x"}, "invalid", "base_revision"),
        ({"base_revision": 1}, "invalid", "text"),
        ({"base_revision": 1, "text": "x", "operation": {"act": "lift", "at": 1}}, "invalid", "text"),
        ({"base_revision": 1, "text": "x", "colour": "red"}, "unknown_parameter", "colour"),
        ({"base_revision": 1, "operation": {"act": "fly", "at": 1}}, "invalid", "operation.act"),
        ({"base_revision": 1, "text": "x", "on_behalf_of": "XXX"}, "invalid", "on_behalf_of"),
        ({"base_revision": 1, "text": "x", "made_on": "soon"}, "invalid", "made_on"),
    ],
)
def test_an_unreadable_value_is_an_error_of_its_field(sent: dict[str, Any], code: str, field: str) -> None:
    said = problem(of("CAN").post(TEXTS, sent), 400, code)
    assert field in [one["field"] for one in said["errors"]]


def test_a_body_of_another_type_or_invalid_json_is_refused() -> None:
    client = of("CAN")
    problem(client.generic("POST", TEXTS, "{", content_type="application/json"), 400, "malformed")
    problem(
        client.generic("POST", TEXTS, "a=b", content_type="application/x-www-form-urlencoded"),
        415,
        "unsupported_media_type",
    )
    problem(client.generic("POST", TEXTS, "[]", content_type="application/json"), 400, "invalid")


def test_writing_requires_authentication() -> None:
    problem(APIClient().post(TEXTS, {"base_revision": 1, "text": "x"}), 401, "authentication_required")


def test_a_preview_states_the_changes_and_records_nothing() -> None:
    address = "/api/v1/provisions/open/check/"
    said = of("CAN").post(address, {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}).json()
    assert (said["can_be_logged"], said["refusal"], bool(said["sentences"])) == (True, None, True)
    said = of("CAN").post(address, {"base_revision": 1, "text": TEXT.replace("shall", "may"), **BY}).json()
    assert said["can_be_logged"] is False
    assert said["refusal"]
    assert Revision.objects.count() == 1
