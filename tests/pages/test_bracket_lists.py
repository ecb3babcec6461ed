"""Tests that every list names brackets by their labels and leads to the brackets themselves."""

import csv
import datetime
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from issues.models import Provision, Variant
from tests.factories import provision_with
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

DAYS = [datetime.date(2020, month, 1) for month in (9, 10, 11)]
FIRST = "1. Each Party shall [CAN propose; BRA oppose: promptly] act.\n\n2. It shall write [BRA: by post]."
NOW = FIRST.replace("2. ", "2. [Now,] ")
AT, POST = FIRST.index("[CAN"), FIRST.index("[BRA")
PROMPTLY = f"/provisions/acts/brackets/1-{AT}/"
BY_POST = f"/provisions/acts/brackets/1-{POST}/"


@pytest.fixture
def provision() -> Provision:
    """Return a provision with two revisions. The second one puts a bracket in front of another."""
    take_part("BRA", "CAN", "JPN")
    return provision_with(FIRST, NOW, days=DAYS[:2], slug="acts")


@pytest.mark.parametrize(
    "address",
    [
        "/variants/",
        "/provisions/acts/",
        "/members/BRA/",
        "/standing/?member=CAN&with=BRA",
        f"/provisions/acts/?revision=1&at={AT}",
    ],
)
def test_lists_link_to_the_bracket_and_show_its_label(client: Client, provision: Provision, address: str) -> None:
    response = client.get(address)
    assert f'href="{PROMPTLY}"' in response.content.decode()
    assert f"{provision.parent.code} ¶1 [1] in revision 2" in text_of(response)


def test_the_landing_zones_link_to_the_bracket(client: Client, provision: Provision) -> None:
    response = client.get("/landing/")
    address = f"/provisions/acts/brackets/2-{AT}/"
    assert f'href="{address}"' in response.content.decode()
    assert f"{provision.parent.code} ¶1 [1] in revision 2" in text_of(response)
    assert client.get(address).headers["Location"] == PROMPTLY


@pytest.mark.parametrize(
    "address", ["/provisions/acts/history/", "/compare/?provision=acts&old=1", "/activity/?provision=acts"]
)
def test_a_description_of_changes_links_to_the_brackets_concerned(
    client: Client, provision: Provision, address: str
) -> None:
    html = client.get(address).content.decode()
    opened = f"/provisions/acts/brackets/2-{NOW.index('[Now')}/"
    assert f'<a href="{opened}">¶2 [1]</a>' in html
    assert client.get(opened).status_code == 200


def test_the_feed_contains_the_addresses_of_the_brackets_concerned(client: Client, provision: Provision) -> None:
    feed = client.get("/feeds/changes/").content.decode()
    assert f"¶2 [1] http://testserver/provisions/acts/brackets/2-{NOW.index('[Now')}/" in feed


def test_lists_as_of_a_past_date_label_brackets_in_a_text_that_already_existed(
    client: Client, provision: Provision
) -> None:
    place = provision.parent.code
    assert f"{place} ¶2 [1] in revision 1" in text_of(client.get("/variants/?as_of=2020-09-15"))
    assert f"{place} ¶2 [2] in revision 2" in text_of(client.get("/variants/?as_of=2020-10-15"))


def test_provisions_at_the_same_place_are_distinguished_by_their_headings(client: Client, provision: Provision) -> None:
    provision_with("Both [may] act.", slug="both", sub_issue=provision.sub_issue, heading="On both")
    assert f"{provision.parent.code} On both ¶1 [1] in revision 1" in text_of(client.get("/variants/"))


def test_labels_do_not_reveal_a_hidden_provision_at_the_same_place(client: Client, provision: Provision) -> None:
    before = text_of(client.get("/variants/"))
    provision_with("Both [may] act.", slug="both", sub_issue=provision.sub_issue, visibility="participants")
    assert text_of(client.get("/variants/")) == before


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    content = b"".join(client.get(address).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return [row for row in csv.DictReader(io.StringIO(content)) if row.get("permalink")]


@pytest.mark.parametrize("address", ["/variants/export/?format=csv", "/variants/positions/?format=csv"])
def test_files_contain_the_label_with_its_revision_and_address(
    client: Client, provision: Provision, address: str
) -> None:
    rows = rows_of(client, address)
    found = {(row["label"], row["label_revision"], row["permalink"]) for row in rows}
    place = provision.parent.code
    assert (f"{place} ¶1 [1]", "2", f"http://testserver{PROMPTLY}") in found
    assert (f"{place} ¶2 [2]", "2", f"http://testserver{BY_POST}") in found
    assert all(client.get(row["permalink"].removeprefix("http://testserver")).status_code == 200 for row in rows)


def test_a_workbook_contains_them_too(client: Client, provision: Provision) -> None:
    book = load_workbook(io.BytesIO(client.get("/variants/export/?format=xlsx").content))
    table = [list(row) for row in book["variants"].values]
    assert table[0][-3:] == ["label", "label_revision", "permalink"]
    assert f"http://testserver{PROMPTLY}" in [row[-1] for row in table]


@pytest.mark.parametrize("address", ["variants", "positions"])
def test_the_api_contains_them_too(client: Client, provision: Provision, address: str) -> None:
    rows = client.get(f"/api/v1/{address}/").json()["results"]
    (row, *_) = [row for row in rows if row["permalink"].endswith(PROMPTLY)]
    assert (row["label"], row["label_revision"]) == (f"{provision.parent.code} ¶1 [1]", 2)
    one = client.get(f"/api/v1/{address}/{row['id']}/").json()
    assert one["permalink"] == f"http://testserver{PROMPTLY}"
    past = client.get(f"/api/v1/{address}/?as_of=2020-09-15").json()["results"]
    assert {row["label_revision"] for row in past} == {1}


@pytest.mark.parametrize(("query", "revision"), [("", 2), ("?as_of=2020-09-15", 1)])
def test_decisions_in_the_api_have_the_label_and_address_of_their_bracket(
    client: Client, provision: Provision, query: str, revision: int
) -> None:
    (row,) = client.get(f"/api/v1/landing/{query}").json()["results"]
    assert (row["label"], row["label_revision"]) == (f"{provision.parent.code} ¶1 [1]", revision)
    assert row["permalink"] == f"http://testserver{PROMPTLY}"


def test_the_address_of_a_decision_that_has_moved_since_the_date_redirects_to_its_bracket(client: Client) -> None:
    take_part("BRA", "CAN", "JPN")
    opposed = "[CAN propose; BRA oppose: promptly]"
    texts = [f"It shall {opposed} act.", f"It [now] shall {opposed} act.", f"[Then] it [now] shall {opposed} act."]
    provision_with(*texts, days=DAYS[:3], slug="acts")
    (row,) = client.get(f"/api/v1/landing/?as_of={DAYS[1]}").json()["results"]
    (now,) = client.get("/api/v1/landing/").json()["results"]
    assert now["permalink"] == "http://testserver/provisions/acts/brackets/1-9/"
    assert client.get(row["permalink"]).headers["Location"] == "/provisions/acts/brackets/1-9/"


@pytest.mark.parametrize(
    "address", ["/variants/", "/variants/export/?format=csv", "/api/v1/variants/", "/api/v1/positions/"]
)
def test_the_number_of_queries_for_labels_does_not_grow_with_the_brackets(
    client: Client, provision: Provision, address: str, django_assert_max_num_queries: Any
) -> None:
    client.get(address)

    def count() -> int:
        with django_assert_max_num_queries(40) as queries:
            response = client.get(address)
            list(response) if response.streaming else response.content
        return len(queries)

    few = count()
    for number in range(5):
        provision_with(f"Each Party [CAN: may] act {number}." + " [BRA: soon]" * 4, slug=f"more-{number}")
    assert Variant.objects.count() > 20
    assert count() <= few
