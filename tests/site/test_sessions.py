"""Tests that users can list and end their sessions."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jsi_tracker.accounts import sessions
from tests.factories import UserFactory
from tests.site.people import PASSWORD, log_in, signed_in, text_of

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def browser(name: str, agent: str, address: str) -> Client:
    """Return a client in which `name` is logged in."""
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    log_in(client, name)
    return client


@pytest.fixture
def office(alice: Any) -> Client:
    return browser("alice", FIREFOX, "192.0.2.1")


@pytest.fixture
def phone(alice: Any) -> Client:
    return browser("alice", PHONE, "192.0.2.2")


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_every_session_is_listed_with_browser_ip_address_and_time(office: Client, phone: Client) -> None:
    page = text_of(office.get("/accounts/sessions/"))
    assert "Firefox on Windows this browser 192.0.2.1" in page
    assert "Safari on iPhone 192.0.2.2" in page
    assert page.count("Safari on iPhone this browser") == 0


def test_ending_a_session_logs_out_only_that_browser(office: Client, phone: Client) -> None:
    office.post("/accounts/sessions/", {"session": session_of(phone).pk})
    assert phone.get("/accounts/").status_code == 302
    assert not signed_in(phone)
    assert office.get("/accounts/").status_code == 200
    assert "iPhone" not in text_of(office.get("/accounts/sessions/"))


def test_ending_all_other_sessions_keeps_the_current_session(office: Client, phone: Client, alice: Any) -> None:
    third = browser("alice", "curl/8", "192.0.2.3")
    office.post("/accounts/sessions/", {"session": "others"})
    assert phone.get("/accounts/").status_code == 302
    assert third.get("/accounts/").status_code == 302
    assert office.get("/accounts/").status_code == 200


def test_ending_the_current_session_logs_out(office: Client) -> None:
    assert office.post("/accounts/sessions/", {"session": session_of(office).pk})["Location"] == "/"
    assert not signed_in(office)


@pytest.mark.parametrize("asked", ["", "0", "x", "²", "9" * 30, "-1"])
def test_an_unknown_session_id_ends_no_session(office: Client, asked: str) -> None:
    page = text_of(office.post("/accounts/sessions/", {"session": asked}, follow=True))
    assert "has already ended" in page


def test_users_can_neither_end_nor_see_sessions_of_others(office: Client) -> None:
    UserFactory(username="eve", password=PASSWORD)
    eve = browser("eve", FIREFOX, "192.0.2.66")
    assert "192.0.2.1 " not in text_of(eve.get("/accounts/sessions/"))
    eve.post("/accounts/sessions/", {"session": session_of(office).pk})
    eve.post("/accounts/sessions/", {"session": "others"})
    assert office.get("/accounts/").status_code == 200


def test_a_session_is_not_listed_after_logout(office: Client, phone: Client) -> None:
    phone.post("/accounts/logout/")
    assert "iPhone" not in text_of(office.get("/accounts/sessions/"))


def test_last_seen_is_updated_at_most_every_five_minutes(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    office.get("/definitions/")
    before = session_of(office).last_seen_at
    with CaptureQueriesContext(
        connection,
    ) as captured:
        office.get("/definitions/")
    assert not [query for query in captured if re.match("INSERT|UPDATE", query["sql"])]
    now = sessions.time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now + 301)
    office.get("/definitions/", REMOTE_ADDR="192.0.2.77")
    assert session_of(office).last_seen_at > before
    assert session_of(office).ip == "192.0.2.77"


def test_a_long_list_of_sessions_is_paginated_with_a_limited_number_of_queries(office: Client) -> None:
    for number in range(25):
        browser("alice", PHONE, f"192.0.2.{100 + number}")
    with CaptureQueriesContext(connection) as captured:
        page = office.get("/accounts/sessions/")
    assert page.content.decode().count("<tr>") == 21
    assert "Page 1 of 2" in text_of(page)
    assert len(captured) <= 76


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36", "Chrome on Android"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_called_by_their_common_names(agent: str, said: str) -> None:
    assert sessions.browser_name(agent) == said
