"""Tests of the access that stolen, planted or forgotten sessions and tokens give."""

import datetime
import time
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from issues.access.roles import ANYBODY, reader_of
from jsi_tracker.accounts import sessions
from members.models import AccessToken
from members.people import reset_second_factors
from members.tokens import create_token, valid_token
from tests.factories import DelegationFactory, UserFactory
from tests.site.people import PASSWORD, log_in, signed_in

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(days=7)


def test_a_planted_session_is_replaced_at_login(client: Client) -> None:
    UserFactory(username="alice", password=PASSWORD)
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    log_in(client, "alice")
    assert signed_in(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not signed_in(thief)


def test_a_session_ends_after_thirty_days_even_if_it_is_active(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(UserFactory())
    now = time.time()
    for days in (0, 10, 20, 29):
        monkeypatch.setattr(sessions.time, "time", lambda days=days: now + days * 86400)
        assert client.get("/accounts/").status_code == 200
    monkeypatch.setattr(sessions.time, "time", lambda: now + 30 * 86400 + 1)
    answer = client.get("/accounts/")
    assert answer["Location"].startswith("/accounts/login/")
    assert not signed_in(client)


def test_a_new_password_ends_all_sessions_that_used_the_old_password(client: Client) -> None:
    user = UserFactory(username="alice", password=PASSWORD)
    thief = Client()
    for browser in (client, thief):
        log_in(browser, "alice")
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-long-one-9", "password2": "another-long-one-9"},
    )
    user.refresh_from_db()
    assert user.check_password("another-long-one-9")
    assert client.get("/accounts/").status_code == 200
    assert thief.get("/accounts/").status_code == 302


def test_tokens_and_roles_of_demonstration_users_are_invalid_in_production(client: Client, settings: Any) -> None:
    user = DelegationFactory(user=UserFactory(email="canada@demonstration.invalid")).user
    _, key = create_token(user, "Mirror", "read", WEEK, second_factor=False)
    assert valid_token(key) is not None
    assert reader_of(user).roles
    settings.PRODUCTION = True
    assert valid_token(key) is None
    assert reader_of(user) == ANYBODY  # webhooks and digests also use this reader
    assert client.get("/api/v1/status/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 401


def test_tokens_created_with_a_reset_second_factor_lose_write_access(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = DelegationFactory().user
    _, key = create_token(user, "Mirror", "write", WEEK, second_factor=True)
    assert client.get("/api/v1/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 200
    reset_second_factors(user)
    assert not AccessToken.objects.get().second_factor
    answer = client.get("/api/v1/", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


def test_the_response_time_does_not_reveal_whether_an_account_exists(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    UserFactory(username="alice", password=PASSWORD)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(hasher: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(hasher, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    log_in(client, "alice", "wrong")
    known = len(hashed)
    log_in(client, "nobody", "wrong")
    assert known >= 1
    assert len(hashed) == 2 * known


def test_logins_and_failures_are_logged_without_the_input(client: Client, caplog: Any) -> None:
    user = UserFactory(username="alice", password=PASSWORD)
    with caplog.at_level("INFO", "jsi_tracker.security"):
        log_in(client, "alice", "a-wrong-password\nLogged in: user 1")
        log_in(client, "alice")
        client.post("/accounts/logout/")
    said = [record.getMessage() for record in caplog.records if record.name == "jsi_tracker.security"]
    assert said == ["A login failed", f"Logged in: user {user.pk}", f"Logged out: user {user.pk}"]
