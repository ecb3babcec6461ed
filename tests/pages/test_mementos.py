"""Tests that pages as of a past date are mementos (RFC 7089), and that no other response claims to be one."""

import datetime
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import provision_with
from tests.people import take_part

pytestmark = pytest.mark.django_db

MAY = "Each Party [CAN: may] act."
KEY = f"1-{MAY.index('[')}"
PAGES = ["/", "/text/", "/variants/", "/members/CAN/", "/provisions/acts/", f"/provisions/acts/brackets/{KEY}/"]


@pytest.fixture(autouse=True)
def _text() -> None:
    take_part("CAN")
    provision_with(MAY, days=[datetime.date(2020, 9, 1)], slug="acts")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_as_of_a_past_date_links_to_the_current_page_and_gives_its_time(client: Client, address: str) -> None:
    response = client.get(address, {"as_of": "2020-10-15", "page": "1"})
    assert response.status_code == 200
    assert response.headers["Memento-Datetime"] == "Thu, 15 Oct 2020 21:59:59 GMT"
    assert response.headers["Link"] == f'<http://testserver{address}?page=1>; rel="original"'


@pytest.mark.parametrize("address", PAGES)
def test_a_current_page_is_not_a_memento(client: Client, address: str) -> None:
    for query in ({}, {"as_of": str(timezone.localdate())}):
        response = client.get(address, query)
        assert response.status_code == 200
        assert "Memento-Datetime" not in response.headers
        assert "Link" not in response.headers


def test_a_page_as_recorded_at_a_time_links_to_the_same_current_page(client: Client) -> None:
    response = client.get("/text/", {"as_of": "2020-10-15", "known_at": "2020-10-20T12:00"})
    assert response.headers["Memento-Datetime"] == "Thu, 15 Oct 2020 21:59:59 GMT"
    assert response.headers["Link"] == '<http://testserver/text/>; rel="original"'


def test_an_error_page_is_not_a_memento(client: Client) -> None:
    assert "Memento-Datetime" not in client.get("/provisions/none/", {"as_of": "2020-10-15"}).headers
    assert "Memento-Datetime" not in client.get(f"/{quote('?')}", {"as_of": "2020-10-15"}).headers
    assert "Memento-Datetime" not in client.get("/definitions/", {"as_of": "2020-10-15"}).headers
