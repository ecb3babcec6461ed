"""Tests that Atom feeds contain changes and stated statuses for readers with access to them."""

import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import SmallGroupFactory, StatusReportFactory, SubIssueFactory, provision_with

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def group() -> Any:
    place = SubIssueFactory(code="S.9.a")
    provision_with("It [shall] act.", "It shall act.", slug="acts", heading="Acts", sub_issue=place)
    provision_with("It [hides].", "It hides.", slug="hidden", heading="Hidden", visibility="group", sub_issue=place)
    provision_with("She [informs].", "She informs.", slug="informs", heading="Informs")
    group = SmallGroupFactory(slug="circle", name="Circle")
    group.sub_issues.add(place)
    StatusReportFactory(small_group=group, status="clean text", stated_on=datetime.date(2021, 2, 5))
    return group


def entries(client: Client, address: str) -> list[tuple[str, str, str]]:
    tree = ElementTree.fromstring(client.get(address).content)
    return [
        (one.findtext(f"{ATOM}title", ""), one.findtext(f"{ATOM}summary", ""), one.findtext(f"{ATOM}id", ""))
        for one in tree.iter(f"{ATOM}entry")
    ]


def test_the_feed_lists_visible_changes_and_statements_newest_first(client: Client, group: Any) -> None:
    found = entries(client, "/feeds/changes/")
    assert [title for title, _, _ in found] == ["Circle: Clean text", "Informs", "Acts"]
    assert "“shall”" in found[-1][1]


def test_a_small_group_has_its_own_feed_to_which_its_page_links(client: Client, group: Any) -> None:
    assert [title for title, _, _ in entries(client, "/small-groups/circle/feed/")] == ["Circle: Clean text", "Acts"]
    assert 'href="/small-groups/circle/feed/"' in client.get("/small-groups/circle/").content.decode()
    assert client.get("/small-groups/none/feed/").status_code == 404


def test_the_identifier_of_an_entry_never_changes(client: Client, group: Any) -> None:
    first, second = (entries(client, "/feeds/changes/") for _ in range(2))
    assert first == second
    assert len({identifier for _, _, identifier in first}) == 3


def test_the_number_of_queries_does_not_grow_with_the_changes(
    client: Client, group: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        provision_with("It [acts].", "It acts.", slug=f"more-{number}")
    with django_assert_max_num_queries(14):
        client.get("/feeds/changes/")
