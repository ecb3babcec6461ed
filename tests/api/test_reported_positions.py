"""Tests of the endpoint of reported positions on the facts, and of its filters."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import Document, ReportedPosition
from members.models import Grouping
from tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def answer(query: str = "") -> Any:
    """Return the response to a query."""
    return APIClient().get(f"/api/v1/reported-positions/?page_size=200&{query}")


def found(query: str) -> list[dict[str, Any]]:
    """Return the rows that match a query."""
    response = answer(query)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    assert response.json()["count"] == len(rows)
    return rows


def holders(query: str) -> set[str]:
    """Return the names of the holders of the positions that match a query."""
    return {row["holder"] for row in found(query)}


def test_indonesia_is_reported_to_oppose_the_moratorium_with_the_source() -> None:
    (row,) = found("q=moratorium&member=IDN&later=false")
    assert (row["stance"], row["issue"], row["reported_on"], row["stated_on"]) == ("oppose", "B.3", "2021-02", "")
    assert row["source"].startswith("IISD brief on the e-commerce JSI")
    assert APIClient().get(row["url"]).json() == row


def test_all_positions_are_listed_page_by_page_in_the_order_of_the_issues() -> None:
    client, following, issues = APIClient(), "/api/v1/reported-positions/?as_of=2025-01-01&page_size=10", []
    while following:
        page = client.get(following).json()
        issues += [row["issue"] for row in page["results"]]
        following = page["next"]
    assert len(issues) == ReportedPosition.objects.count() == 56
    named = [issue for issue in issues if issue]
    assert named == sorted(named)
    assert issues[len(named) :] == [None] * (len(issues) - len(named))


@pytest.mark.parametrize(
    "name", ["some developed members", "SOME DEVELOPED MEMBERS", "some-developed-members", "Some%20developed%20members"]
)
def test_a_position_of_unnamed_members_is_found_by_their_description(name: str) -> None:
    (row,) = found(f"member={name}")
    assert (row["holder"], row["member"], row["grouping"]) == ("some developed members", None, None)
    assert row["statement"] == "Call for a permanent moratorium."


def test_names_of_members_and_descriptions_can_be_combined() -> None:
    assert holders("member=idn&member=India&member=some-developing-members&issue=B.3") == {
        "India",
        "Indonesia",
        "some developing members",
    }


def test_a_grouping_filter_finds_the_positions_of_its_members() -> None:
    assert holders("grouping=asean&issue=B.3&later=true") == {"Indonesia", "Malaysia", "Thailand"}


def test_a_grouping_filter_finds_the_positions_of_the_grouping() -> None:
    other = ReportedPosition.objects.filter(member__code="IDN", issue__code="B.3").earliest("pk")
    position = ReportedPosition.objects.create(
        negotiation=other.negotiation,
        grouping=Grouping.objects.get(slug="african-group"),
        topic="Moratorium",
        stance="question",
        statement="Asks for figures.",
        source="test",
    )
    assert [row["id"] for row in found("grouping=african-group&q=figures")] == [position.pk]
    (row,) = found("member=AFRICAN%20GROUP")
    assert (row["id"], row["grouping"], row["holder"]) == (position.pk, "african-group", "African Group")


def test_a_place_filter_accepts_any_level_in_any_case() -> None:
    assert holders("place=a.2.B") == {"Bahrain, Kingdom of", "higher-income members", "some members"}
    assert holders("sub_issue=A.2.b") == holders("place=A.2") == holders("issue=A.2") == holders("place=A.2.b")
    section = {row["id"] for row in found("place=C")}
    assert section == {row["id"] for code in ("C.1", "C.2", "C.3") for row in found(f"place={code}")}


def test_a_position_on_a_whole_issue_concerns_its_sub_issues_and_their_small_groups() -> None:
    whole = ReportedPosition.objects.get(member__code="GTM", issue__code="C.1")
    assert whole.pk not in {row["id"] for row in found("sub_issue=C.1.b")}
    whole.sub_issues.clear()
    assert whole.pk in {row["id"] for row in found("sub_issue=C.1.b")}
    assert whole.pk in {row["id"] for row in found("small_group=spam")}
    assert whole.pk not in {row["id"] for row in found("place=C.2")}


def test_a_small_group_filter_finds_the_positions_in_the_brief() -> None:
    assert {"Indonesia", "some developing members", "some developed members"} <= holders("small_group=customs-duties")
    assert holders("small_group=source-code&later=false") == {"most participants", "many delegations"}


@pytest.mark.parametrize("topic", ["moratorium", "Moratorium", "MORATORIUM"])
def test_a_topic_can_be_given_by_name_or_slug(topic: str) -> None:
    assert holders(f"topic={topic}") == {"Australia", "China", "Colombia", "Switzerland"}


def test_a_stance_filter_selects_positions() -> None:
    (row,) = found("stance=withdraw&later=true")
    assert (row["member"], row["stated_on"], row["later"]) == ("USA", "2023-10-25", True)


def test_words_are_found_in_statements_and_in_names_without_accents() -> None:
    assert holders("as_of=2025-01-01&q=turkiye%20permanent") == {"Türkiye"}
    assert found("q=moratorium%20unicorn") == []


def test_later_positions_are_marked_and_can_be_excluded() -> None:
    assert len(found("")) == len(found("later=false")) == 40
    assert all(row["later"] for row in found("later=true"))
    assert {row["stated_on"] for row in found("as_of=2025-01-01&topic=stabilised-text-july-2024")} == {"2024-07-26"}


def test_as_of_a_date_only_positions_known_on_that_date_are_listed() -> None:
    assert found("as_of=2019-12-31") == []
    assert "some developed members" not in holders("as_of=2021-02-27")
    assert "some developed members" in holders("as_of=2021-02-28")
    assert holders("as_of=2020-12-31&issue=B.3") == {
        *("Australia", "China", "Colombia", "India", "South Africa", "Switzerland")
    }
    assert holders("as_of=2020-12-30&issue=B.3") == set()
    assert len(found("as_of=2024-07-25")) == 47
    assert len(found("as_of=2024-07-26")) == 56


def test_a_position_without_a_date_is_listed_on_every_date() -> None:
    ReportedPosition.objects.filter(member__code="IDN", topic="Capacity building").update(reported_on=None)
    assert holders("as_of=2019-12-31") == {"Indonesia"}
    assert [row["topic"] for row in found("as_of=2019-12-31&later=false")] == ["Capacity building"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("member=Nobody", "member"),
        ("place=Z.9", "place"),
        ("issue=Z.9", "issue"),
        ("small_group=none", "small_group"),
        ("grouping=none", "grouping"),
        ("topic=nothing", "topic"),
        ("stance=against", "stance"),
        ("later=perhaps", "later"),
        ("as_of=soon", "as_of"),
        ("colour=red", "colour"),
    ],
)
def test_an_unknown_value_is_refused_and_its_parameter_named(query: str, field: str) -> None:
    response = answer(query)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_document_known_only_from_a_proposal_is_not_named() -> None:
    position = ReportedPosition.objects.get(member__code="IDN", issue__code="B.3", reported_on__year=2021)
    hidden = Document.objects.create(
        negotiation=position.negotiation,
        slug="hidden",
        title="Hidden",
        genre="proposal",
        source="test",
        recorded_with=ProposalFactory(visibility="group"),
    )
    position.documents.add(hidden)
    assert APIClient().get(f"/api/v1/reported-positions/{position.pk}/").json()["documents"] == []
