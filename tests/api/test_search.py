"""Tests of the endpoint for the search: its results, pages and refusals."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from issues.reports.search import KINDS, results
from issues.text.search import similarity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def search(**query: Any) -> Any:
    response = APIClient().get("/api/v1/search/", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_marks_are_the_offsets_of_the_matches_in_the_excerpt() -> None:
    rows = search(q="customs duties", kind="provision")["results"]
    words = [row["excerpt"][mark["start"] : mark["end"]] for row in rows for mark in row["marks"]]
    assert words
    assert {word.lower().rstrip("s") for word in words} <= {"custom", "customer", "dutie", "duty"}


def test_exact_matches_come_first_then_titles_then_texts() -> None:
    rows = search(q="Indonesia")["results"]
    order = ["exact", "title", "text"]
    levels = [order.index(row["match"]) for row in rows]
    assert levels == sorted(levels)
    assert (rows[0]["kind"], rows[0]["key"], rows[0]["match"]) == ("member", "IDN", "exact")


def test_the_pages_together_contain_every_result_once() -> None:
    pages = [search(q="data", as_of="2026-01-01", page=1, page_size=20)]
    while pages[-1]["next"]:
        pages.append(APIClient().get(pages[-1]["next"]).json())
    rows = [(row["kind"], row["key"]) for page in pages for row in page["results"]]
    assert len(pages) > 2
    assert len(rows) == len(set(rows)) == pages[0]["count"] == sum(row["count"] for row in pages[0]["kinds"])
    assert {kind for kind, _key in rows} == {row["kind"] for row in pages[0]["kinds"]}


def test_every_result_leads_to_a_page_that_exists(client: Client) -> None:
    rows = [row for kind in KINDS for row in search(q="electronic", kind=kind)["results"][:2]]
    rows += search(q="group")["results"][:20]
    assert rows
    for row in rows:
        assert client.get(row["url"]).status_code == 200, row


def test_selecting_a_kind_does_not_change_the_counts_of_the_others() -> None:
    everything, documents = search(q="moratorium"), search(q="moratorium", kind="document")
    assert everything["kinds"] == documents["kinds"]
    assert {row["kind"] for row in documents["results"]} == {"document"}
    assert documents["count"] < everything["count"]


def test_the_response_states_that_results_contain_similar_words() -> None:
    assert search(q="moratorum")["similar"] is True
    assert search(q="moratorium")["similar"] is False
    assert search(q="qqqqqqqq") == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
        "similar": True,
        "kinds": [],
    }


def test_a_database_that_cannot_compare_words_finds_only_exact_words(monkeypatch: Any) -> None:
    monkeypatch.setattr(results, "similarity_available", lambda using: False)
    assert (search(q="moratorum")["count"], search(q="moratorum")["similar"]) == (0, False)


def test_results_beyond_the_limit_are_not_listed_and_the_response_says_so(monkeypatch: Any) -> None:
    monkeypatch.setattr(results, "MAX_MATCHES", 3)
    answer = search(q="data", kind="variant")
    assert len(answer["results"]) == answer["count"] == 3
    assert {"kind": "variant", "count": 3, "more": True} in answer["kinds"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=a", "q"),
        ("q=-a", "q"),
        ("q=a%01b", "q"),
        (f"q={'x' * 201}", "q"),
        ("q=duties&kind=colour", "kind"),
        ("q=duties&colour=red", "colour"),
        ("q=duties&as_of=tomorrow", "as_of"),
        ("q=duties&page=99", "page"),
    ],
)
def test_an_error_names_the_invalid_parameter(query: str, field: str) -> None:
    response = APIClient().get(f"/api/v1/search/?{query}")
    assert response.status_code in (400, 404)
    assert response.json()["errors"][0]["field"] == field


def test_short_words_must_match_exactly() -> None:
    assert similarity.MIN_LENGTH == 4
    assert search(q="qqx")["count"] == 0
