"""Tests that the number of queries for each URL on the facts does not exceed a limit."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import Position, Variant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts", "still")]

MOST = {
    "": 1,
    "problems/": 1,
    "status/": 13,
    "status/small-groups/spam/": 9,
    "status/issues/C.1/": 13,
    "measures/": 6,
    "activity/": 20,
    "search/?q=duties": 60,
    "search/?q=moratorum": 60,
    "sections/": 6,
    "issues/": 6,
    "issues/?include=sub_issues": 12,
    "sub-issues/": 6,
    "lenses/": 4,
    "small-groups/": 9,
    "small-groups/?include=sub_issues,facilitators": 15,
    "small-groups/spam/": 16,
    "status-reports/": 5,
    "members/?page_size=200": 5,
    "members/CAN/": 12,
    "groupings/": 6,
    "documents/?page_size=200": 11,
    "meetings/?include=documents": 18,
    "proposals/?include=document": 16,
    "reported-positions/?page_size=200": 6,
    "reported-positions/?member=IDN&place=B.3&topic=moratorium&q=duties": 16,
    "reported-positions/4/": 5,
    "proposals/gender-inclusive-language-in-the-preamble/": 14,
    "provisions/?include=text": 6,
    "provisions/customs-duties/": 5,
    "provisions/customs-duties/revisions/?include=sentences,text": 10,
    "provisions/customs-duties/revisions/6/": 9,
    "provisions/customs-duties/comparison/?old=1&new=6": 7,
    "variants/?page_size=200&include=proposal": 9,
    "positions/?page_size=200&include=variant": 8,
    "agreement/": 7,
    "landing/": 9,
    "landing/zone/": 6,
    "comparison/?start=2020-12-07": 8,
    "readings/?mode=base": 7,
    "requests/": 3,
}


@pytest.mark.parametrize("address", MOST)
def test_no_url_needs_more_queries_than_its_limit(address: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MOST[address]):
        answer = APIClient().get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(
    "address",
    [
        "variants/?state=any&page_size=7",
        "variants/?order=newest&page_size=7",
        "positions/?state=any&page_size=40",
        "variants/?q=data&page_size=3",
    ],
)
def test_following_the_cursor_returns_every_row_of_the_list_once(address: str) -> None:
    client = APIClient()
    following, keys, pages = f"/api/v1/{address}", [], 0
    first = client.get(following).json()
    while following:
        page = client.get(following).json()
        assert page["count"] == (first["count"] if not pages else None)
        keys += [row["id"] for row in page["results"]]
        following, pages = page["next"], pages + 1
    assert len(keys) == len(set(keys)) == first["count"]
    assert pages > 1
    rows: Any = Position if address.startswith("positions") else Variant
    if "state=any" in address:
        assert len(keys) == rows.objects.count()


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzEsMl0", "WyJhIiwiYiIsImMiXQ", "W3RydWUsMSwxXQ", "bnVsbA", "WzEsMSwiXHUwMDAwIl0"]
)
def test_a_cursor_from_another_list_returns_an_error(cursor: str) -> None:
    answer = APIClient().get(f"/api/v1/variants/?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")


def test_only_the_requested_fields_are_sent_and_an_unknown_field_is_an_error() -> None:
    client = APIClient()
    assert client.get("/api/v1/members/CAN/?fields=code,name").json() == {"code": "CAN", "name": "Canada"}
    assert client.get("/api/v1/status/?fields=negotiation").json() == {"negotiation": "jsi"}
    rows = client.get("/api/v1/variants/?fields=id&include=proposal").json()["results"]
    assert {*rows[0]} == {"id", "included", "demonstration"}  # the texts are demonstrations
    for query, field in (("fields=colour", "fields"), ("include=colour", "include"), ("page=2", "page")):
        answer = client.get(f"/api/v1/variants/?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
