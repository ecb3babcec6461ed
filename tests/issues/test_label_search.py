"""Tests that brackets are found by their labels, as people type them, among the texts that the reader may see."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision, Variant
from issues.text.label_search import labelled_variants, parse_label
from tests.factories import provision_with
from tests.people import secretariat

SEPTEMBER, OCTOBER, NOVEMBER = (datetime.date(2020, month, 1) for month in (9, 10, 11))
FIRST = "1. Members [may] act.\n2. They shall [CAN: promptly] notify [in writing/by post]."
SECOND = "1. [Now] members [may] act.\n2. They shall notify [in writing/by post]."


@pytest.fixture
def provision(db: Any) -> Provision:
    return provision_with(FIRST, SECOND, SECOND + " [Also.]", days=[SEPTEMBER, OCTOBER, NOVEMBER], slug="acts")


def words(query: str, day: datetime.date | None = None) -> list[str]:
    keys = labelled_variants(query, Provision.objects.all(), day)
    rows = Variant.objects.in_bulk(keys)
    return [rows[key].text for key in keys]


@pytest.mark.parametrize(
    ("end", "found"),
    [
        (" ¶1 [2]", ["may"]),
        ("¶1[2]", ["may"]),
        (" 1 [2]", ["may"]),
        (" ¶ 1 [ 2 ]", ["may"]),
        (" ¶1", ["Now", "may"]),
        (" ¶2 [1b]", ["by post"]),
        (" ¶2 [1]", ["in writing", "by post"]),
        (" [2]", ["may", "Also."]),
        (" ¶1 [2] in revision 3", ["may"]),
        (" ¶1 [1] in revision 1", ["may"]),
        (" ¶1 [1] IN REVISION 2", ["Now"]),
        (" ¶1 [1] dans la révision 1", ["may"]),
        (" ¶1 [1] en la revisión 1", ["may"]),
        (" ¶1 [1], rev. 1", ["may"]),
        (" ¶2 [1] in revision 1", ["promptly"]),
        (" ¶2 [2a] in revision 1", ["in writing"]),
        (" ¶2 [9]", []),
        (" ¶3", []),
        (" ¶1 [1] in revision 4", []),
    ],
)
def test_a_label_finds_its_brackets_in_the_revision_that_it_names(
    provision: Provision, end: str, found: list[str]
) -> None:
    code = provision.parent.code
    for query in (f"{code}{end}", f"“{code}{end}”", f" {code.lower()}{end} ", f"{code} {provision.heading}{end}"):
        assert words(query) == found, query


def test_a_label_without_a_revision_refers_to_the_text_of_the_selected_day(provision: Provision) -> None:
    query = f"{provision.parent.code} ¶1 [1]"
    assert words(query, SEPTEMBER) == ["may"]
    assert words(query, OCTOBER) == words(query) == ["Now"]
    assert words(f"{query} in revision 2", SEPTEMBER) == []


@pytest.mark.parametrize(
    "query", ["", "[1]", "¶2", "C.1.a", "C.1.a in revision 3", "data flows", "C.1.a ¶ [1", "2 [1]["]
)
def test_other_queries_are_no_labels(query: str) -> None:
    assert parse_label(query) is None


def test_a_number_at_the_end_of_a_heading_may_be_that_of_a_paragraph(provision: Provision) -> None:
    Provision.objects.update(heading="Article 1")
    code = provision.parent.code
    assert words(f"{code} Article 1 [1]") == ["Now", "in writing", "by post"]
    assert words(f"{code} Article 1 ¶2 [1]") == ["in writing", "by post"]
    assert words(f"{code} Article 1 2 [1]") == ["in writing", "by post"]
    assert words(f"{code} Article 2 ¶2 [1]") == []


def test_a_label_requires_a_limited_number_of_queries(provision: Provision, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        provision_with(FIRST, SECOND, slug=f"acts-{number}", sub_issue=provision.sub_issue, heading=f"{number}th")
    with django_assert_max_num_queries(16):
        assert len(words(f"{provision.parent.code} ¶1 [1] in revision 1")) > 1
    with django_assert_max_num_queries(0):
        assert words("data flows") == []


@pytest.mark.parametrize("address", ["/search/", "/api/v1/search/", "/variants/", "/api/v1/variants/"])
def test_a_label_finds_the_bracket_on_every_surface(client: Client, provision: Provision, address: str) -> None:
    html = client.get(address, {"q": f"{provision.parent.code.lower()} 2 [1b]"}).content.decode()
    (row,) = Variant.objects.filter(text="by post", closed_in=None)
    assert row.path in html


def test_a_label_is_an_exact_match_also_for_a_closed_bracket(client: Client, provision: Provision) -> None:
    query = f"{provision.parent.code} ¶2 [1] in revision 1"
    rows = client.get("/api/v1/search/", {"q": query}).json()["results"]
    assert [(row["kind"], row["match"], row["excerpt"]) for row in rows[:1]] == [("variant", "exact", "promptly")]
    assert client.get("/api/v1/variants/", {"q": query, "state": "closed"}).json()["count"] == 1


@pytest.mark.parametrize("address", ["/search/", "/api/v1/search/", "/variants/", "/api/v1/variants/"])
def test_a_label_does_not_find_a_bracket_in_a_hidden_provision(
    client: Client, provision: Provision, address: str
) -> None:
    hidden = provision_with("Hidden [secretly] act.", slug="hidden", visibility="participants")
    query = {"q": f"{hidden.parent.code} ¶1 [1]"}
    assert "secretly" not in client.get(address, query).content.decode()
    client.force_login(secretariat())
    assert "secretly" in client.get(address, query).content.decode()
