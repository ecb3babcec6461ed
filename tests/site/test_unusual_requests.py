"""Tests that unusual requests receive a response and cause no errors."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


@pytest.mark.parametrize(
    "address",
    [
        "/members/%00/",
        "/sub-issues/B%00/",
        "/api/v1/members/%00/",
        "/api/v1/members/?search=%00",
        "/api/v1/variants/?proponent=%00",
        "/?as_of=%00",
        "/members/CAN/?page=1%00",
        "/admin/%00/",
    ],
)
def test_a_null_character_in_a_url_is_refused(address: str) -> None:
    assert Client().get(address).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/members/CAN/?page=abc", 404),
        ("/members/CAN/?page=-7", 404),
        ("/members/CAN/?page=99999999999999999999", 404),
        ("/provisions/customs-duties/?page=٣", 404),
        ("/provisions/customs-duties/history/?page=0", 404),
        ("/?as_of=0000-00-00", 400),
        ("/?as_of=99999-01-01", 400),
        ("/?as_of=2020-12-07T10:00", 400),
        ("/?as_of=%ED%A0%80", 400),
        ("/small-groups/spam/?as_of=1900-01-01", 200),
        ("/sub-issues/%F0%9F%98%80/", 404),
        ("/members/" + "A" * 3000 + "/", 404),
        ("/api/v1/variants/99999999999999999999999/", 404),
        ("/api/v1/variants/?page=abc", 400),
        ("/api/v1/members/?page=abc", 400),
        ("/api/v1/variants/?page_size=-1", 400),
        ("/api/v1/variants/?page_size=1000000", 200),
        ("/api/v1/variants/?as_of=2020-12-07&as_of=2020-12-08", 400),
        ("/api/v1/variants/?proponent=" + "x" * 5000, 400),
        ("/api/v1/members/?search=" + "%25" * 50, 200),
        ("/api/v1/status/?as_of=", 200),
        ("/api/v1/provisions/?section=", 200),
        ("/api/v1/issues/?small_group=spam&section=C", 200),
    ],
)
def test_an_unusual_request_receives_a_response(address: str, status: int) -> None:
    assert Client().get(address).status_code == status


@pytest.mark.parametrize("address", ["/", "/members/CAN/", "/definitions/", "/provisions/customs-duties/"])
def test_a_read_only_page_does_not_accept_post_requests(address: str) -> None:
    assert Client().post(address, {"x": "1"}).status_code == 405


def test_an_unknown_page_is_reported_with_a_link_back() -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert b"Back to the overview" in answer.content
