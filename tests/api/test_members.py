"""Tests of the members in the API: their filters by joining, and the date for which participation is determined."""

from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def codes(query: str) -> set[str]:
    """Return the codes of the members that match a query."""
    response = APIClient().get(f"/api/v1/members/?page_size=200&{query}")
    assert response.status_code == 200, response.content
    return {row["code"] for row in response.json()["results"]}


def member(code: str, query: str = "") -> dict[str, Any]:
    """Return a member."""
    response = APIClient().get(f"/api/v1/members/{code}/?{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize(("day", "number"), [("2017-12-31", 71), ("2019-01-31", 76), ("2021-02-28", 86)])
def test_the_number_of_participants_on_a_date_matches_the_wto_count(day: str, number: int) -> None:
    assert len(codes(f"participant=true&as_of={day}")) == number
    assert len(codes(f"participant=false&as_of={day}")) == 166 - number


def test_the_filter_by_period_finds_the_members_that_joined_in_2020() -> None:
    assert codes("joined_since=2020-01-01&joined_until=2020-12-31") == {"BFA", "ECU", "GTM", "PHL"}


def test_a_member_that_joined_in_an_unknown_month_is_not_certain_to_have_joined_within_the_year() -> None:
    assert "BFA" not in codes("joined_since=2020-01-01&joined_until=2020-12-30")


def test_the_filter_by_joining_period_respects_the_selected_date() -> None:
    assert codes("joined_since=2020-01-01&as_of=2020-06-30") < codes("joined_since=2020-01-01")
    assert "GTM" in codes("joined_until=2018-12-31")
    assert "GTM" not in codes("joined_until=2018-12-31&participant=true")


def test_the_co_conveners_are_australia_japan_and_singapore() -> None:
    assert codes("co_convener=true") == {"AUS", "JPN", "SGP"}
    assert codes("co_convener=false&participant=true").isdisjoint({"AUS", "JPN", "SGP"})
    assert codes("co_convener=true&region=europe") == set()


def test_the_participation_shown_is_that_on_the_selected_date() -> None:
    assert member("GTM", "as_of=2018-06-30")["participation"]["joined"]["date"] == "2017-12-13"
    assert member("GTM", "as_of=2019-06-30")["participation"] is None
    assert member("GTM")["participation"]["joined"]["date"].startswith("2020")


def test_a_member_as_of_a_date_has_the_groupings_and_reported_positions_of_that_date() -> None:
    assert "eu" in member("GBR", "as_of=2020-01-31")["groupings"]
    assert "eu" not in member("GBR", "as_of=2020-02-01")["groupings"]
    later = {row["topic"] for row in member("IDN", "as_of=2024-12-31")["reported_positions"]}
    early = {row["topic"] for row in member("IDN")["reported_positions"]}
    assert "Stabilised text July 2024" in later - early
    assert "Customs duties on electronic transmissions" in early


def test_search_is_deprecated_in_favour_of_q() -> None:
    client = APIClient()
    old, new = client.get("/api/v1/members/?search=indo"), client.get("/api/v1/members/?q=indo")
    assert old.json()["results"] == new.json()["results"] != []
    assert "Sunset" in old.headers
    assert "Sunset" not in new.headers


@pytest.mark.parametrize("query", ["participant=perhaps", "co_convener=yes", "joined_since=2020", "as_of=soon"])
def test_an_invalid_value_is_refused_and_its_parameter_named(query: str) -> None:
    response = APIClient().get(f"/api/v1/members/?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]
