"""Tests of the API on the facts of February 2021. Expected values are computed from the texts without the engine."""

import re
from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import Provision, Revision, SmallGroup, SubIssue
from members.models import Alias

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

NAME = r"[A-Z]{2,}(?: GROUP)?"
HEAD = re.compile(rf"\[({NAME}[^\[\]:]*): ")
CLAUSE = re.compile(rf"({NAME}(?:(?:/|, ){NAME})*)(?: ([a-z]+))?")


@pytest.fixture
def api() -> APIClient:
    """Return an anonymous client."""
    return APIClient()


def rows(api: APIClient, address: str) -> list[dict[str, Any]]:
    """Return all rows of a list from all its pages."""
    found: list[dict[str, Any]] = []
    following: str | None = f"/api/v1/{address}"
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        following = answer.json()["next"]
    return found


def proposed_by(code: str, provisions: Any) -> Counter[str]:
    """Count, by provision, the brackets that `code` proposes in current texts, with an independent parser of heads."""
    counted: Counter[str] = Counter()
    for revision in Revision.objects.current().filter(provision__in=provisions).select_related("provision"):
        for head in HEAD.findall(revision.text):
            for names, verb in (match.groups() for match in map(CLAUSE.fullmatch, head.split("; ")) if match):
                if (verb or "propose") == "propose" and code in re.split(r"/|, ", names):
                    counted[revision.provision.slug] += 1
    return counted


@pytest.mark.parametrize("code", ["EU", "CAN", "CHN", "USA", "IDN", "BRA", "GTM"])
def test_a_proponent_filter_returns_the_brackets_that_the_member_proposes(api: APIClient, code: str) -> None:
    answered = Counter(row["provision"] for row in rows(api, f"variants/?proponent={code}"))
    assert answered == proposed_by(code, Provision.objects.all())
    assert answered


@pytest.mark.parametrize("section", ["A", "B", "C", "D", "E", "F", "ANNEX1"])
def test_a_section_filter_returns_the_variants_of_its_provisions(api: APIClient, section: str) -> None:
    provisions = [one for one in Provision.objects.with_place() if one.parent.code.split(".")[0] == section]
    answered = rows(api, f"variants/?section={section}")
    assert {row["section"] for row in answered} == {section}
    assert Counter(row["provision"] for row in rows(api, f"variants/?section={section}&proponent=EU")) == proposed_by(
        "EU", provisions
    )


def test_a_small_group_filter_returns_the_variants_of_its_sub_issues(api: APIClient) -> None:
    for group in SmallGroup.objects.all():
        places = set(group.sub_issues.values_list("code", flat=True)) | set(group.issues.values_list("code", flat=True))
        places |= set(SubIssue.objects.filter(issue__in=group.issues.all()).values_list("code", flat=True))
        answered = rows(api, f"variants/?small_group={group.slug}")
        assert {row["place"] for row in answered} <= places
        opening = Revision.objects.current().filter(provision__in=Provision.objects.of_group(group))
        if not any("[" in revision.text for revision in opening):
            assert answered == []


def test_a_proponent_can_be_given_by_any_name_and_several_proponents_are_alternatives(api: APIClient) -> None:
    by_code = rows(api, "variants/?proponent=EU")
    assert rows(api, "variants/?proponent=european%20union") == by_code
    assert rows(api, "variants/?proponent=Unión%20Europea") == by_code
    both = rows(api, "variants/?proponent=EU&proponent=CAN")
    assert {row["id"] for row in both} == {row["id"] for row in by_code + rows(api, "variants/?proponent=CAN")}


def test_status_is_a_single_document_of_ten_small_groups_and_14_issues(api: APIClient) -> None:
    status = api.get("/api/v1/status/").json()
    assert len(status["small_groups"]) == 10
    assert len(status["issues"]) == 14
    spam = next(row for row in status["small_groups"] if row["slug"] == "spam")
    assert (spam["stated"]["status"], spam["stated"]["stated_on"]) == ("clean text", "2021-02-05")
    assert spam["measured"]["open_brackets"] == 0
    assert spam["measured"]["clean_share"] == 1
    assert spam["contradiction"] is False
    privacy = next(row for row in status["issues"] if row["code"] == "C.1")
    stated = {"small_group": "spam", "status_slug": "clean-text", "status": "clean text", "stated_on": "2021-02-05"}
    assert stated in privacy["stated"]


def test_status_as_of_a_date_is_the_status_on_that_date(api: APIClient) -> None:
    before = api.get("/api/v1/status/?as_of=2021-02-04").json()
    spam = next(row for row in before["small_groups"] if row["slug"] == "spam")
    assert spam["stated"] is None
    assert spam["measured"]["open_brackets"] > 0
    assert all(point["date"] <= "2021-02-04" for point in spam["trend"])


def test_the_number_of_queries_of_status_and_lists_is_limited(
    api: APIClient, still: None, django_assert_max_num_queries: Any
) -> None:
    # The queries are for the negotiation, measures, places, reports, groups with their sub-issues, issues and
    # facilitators, issues and slugs.
    with django_assert_max_num_queries(13):
        api.get("/api/v1/status/")
    # Two queries of each response determine the negotiation in the URL. A poll needs only its primary key, but a
    # response needs more. The labels of brackets need three more.
    for address, most in [
        ("variants/?page_size=200", 8),
        ("variants/?proponent=EU&section=B", 12),
        ("provisions/", 6),
        ("members/?participant=true&page_size=200", 6),
        ("sub-issues/", 6),
        ("issues/", 6),
        ("sections/", 6),
        ("small-groups/", 9),
    ]:
        with django_assert_max_num_queries(most):
            assert api.get(f"/api/v1/{address}").status_code == 200


def test_there_are_86_participants_of_166_members(api: APIClient) -> None:
    assert api.get("/api/v1/members/").json()["count"] == 166
    assert api.get("/api/v1/members/?participant=true").json()["count"] == 86
    assert api.get("/api/v1/members/?participant=false").json()["count"] == 80


def test_a_member_is_found_by_part_of_its_name_without_accents(api: APIClient) -> None:
    found = rows(api, "members/?q=cote%20d")
    assert [row["code"] for row in found] == ["CIV"]
    assert Alias.objects.filter(member__code="CIV").count() > 2


def test_a_provision_as_of_a_date_has_the_text_of_that_date(api: APIClient) -> None:
    early = api.get("/api/v1/provisions/customs-duties/?as_of=2020-03-01").json()
    late = api.get("/api/v1/provisions/customs-duties/").json()
    assert early["revision"]["number"] == 1
    assert late["revision"]["number"] == 6
    assert early["measured"]["open_brackets"] < late["measured"]["open_brackets"]
    assert api.get("/api/v1/provisions/customs-duties/?as_of=2019-01-01").status_code == 404


def test_a_closed_variant_states_its_outcome_and_its_final_positions(api: APIClient) -> None:
    closed = rows(api, "variants/?small_group=spam&state=closed")
    assert len(closed) > 5
    assert all(row["closed_on"] and row["outcome"] for row in closed)
    assert any(row["positions"] for row in closed)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("variants/?colour=red", "colour"),
        ("variants/?proponent=Nobody", "proponent"),
        ("variants/?section=Q", "section"),
        ("variants/?small_group=none", "small_group"),
        ("variants/?state=ajar", "state"),
        ("variants/?as_of=yesterday", "as_of"),
        ("variants/?as_of=2999-01-01", "as_of"),
        ("provisions/?as_of=2021-02-30", "as_of"),
        ("provisions/customs-duties/?as_of=never", "as_of"),
        ("status/?since=2020", "since"),
        ("issues/?section=Q", "section"),
        ("members/?region=moon", "region"),
        ("proposals/?proponent=Nobody", "proponent"),
        ("proposals/?state=ajar", "state"),
        ("proposals/?sub_issue=Z.9", "sub_issue"),
        ("proposals/?colour=red", "colour"),
    ],
)
def test_an_invalid_value_returns_an_error_that_names_its_parameter(api: APIClient, address: str, field: str) -> None:
    answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_an_unknown_object_is_not_found(api: APIClient) -> None:
    for address in ("members/XYZ/", "issues/Z.9/", "provisions/none/", "variants/0/", "small-groups/none/"):
        assert api.get(f"/api/v1/{address}").status_code == 404


def test_writing_requires_authentication(api: APIClient) -> None:
    for address in (
        "provisions/customs-duties/revisions/",
        "provisions/customs-duties/check/",
        "proposals/",
        "requests/",
    ):
        assert api.post(f"/api/v1/{address}", {"text": "x"}).status_code == 401


def test_every_endpoint_can_be_opened_in_a_browser(api: APIClient) -> None:
    root = api.get("/api/v1/").json()
    assert next(iter(root)) == "status"
    # A comparison requires two dates. The schema has no page, but the API reference has one.
    for address in (one for name, one in root.items() if name not in ("comparison", "schema", "search")):
        answer = api.get(address, HTTP_ACCEPT="text/html")
        assert answer.status_code == 200
        assert b"<html" in answer.content
