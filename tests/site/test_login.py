"""Tests of logging in by user name or e-mail address, and of the lockout after repeated failures."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client

from tests.factories import DelegationFactory, UserFactory
from tests.serving import copy_of_the_empty_database
from tests.site.people import PASSWORD, log_in, signed_in, text_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["alice", "ALICE", " alice ", "alice@example.org", "Alice@Example.org"])
def test_users_can_log_in_with_their_user_name_or_e_mail_address(alice: Any, client: Client, name: str) -> None:
    answer = log_in(client, name)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert signed_in(client)


def test_the_former_login_url_redirects_to_the_login_and_on_to_the_requested_page(alice: Any, client: Client) -> None:
    moved = client.get("/login/?next=/members/")
    assert moved["Location"] == "/accounts/login/?next=/members/"
    form = {"login": "alice", "password": PASSWORD, "next": "/members/"}
    assert client.post("/accounts/login/", form)["Location"] == "/members/"


def test_the_login_never_redirects_to_another_site(alice: Any, client: Client) -> None:
    form = {"login": "alice", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/accounts/login/", form)["Location"] == "/"


def test_a_wrong_password_is_refused_and_the_user_name_is_kept(alice: Any, client: Client) -> None:
    answer = log_in(client, "alice", "wrong")
    assert not signed_in(client)
    assert "Incorrect user name or password" in text_of(answer)
    assert 'value="alice"' in answer.content.decode()


def test_an_unknown_user_name_receives_the_same_response_as_a_wrong_password(alice: Any, client: Client) -> None:
    assert text_of(log_in(client, "alice", "wrong")) == text_of(log_in(client, "nobody", "wrong"))


def test_a_user_with_an_inactive_account_is_told_so_and_cannot_log_in(alice: Any, client: Client) -> None:
    alice.is_active = False
    alice.save()
    answer = log_in(client, "alice", follow=True)
    assert not signed_in(client)
    assert "inactive" in text_of(answer)


def test_a_demonstration_user_cannot_log_in_on_the_page_in_production(client: Client, settings: Any) -> None:
    settings.PRODUCTION = True
    UserFactory(username="canada", email="canada@demonstration.invalid", password=PASSWORD)
    answer = log_in(client, "canada", follow=True)
    assert not signed_in(client)
    assert "inactive" in text_of(answer)


def test_a_demonstration_users_session_ends_when_the_site_enters_production(client: Client, settings: Any) -> None:
    client.force_login(UserFactory(email="canada@demonstration.invalid"))
    assert client.get("/accounts/").status_code == 200
    settings.PRODUCTION = True
    assert client.get("/accounts/").status_code == 302


def test_users_cannot_register_themselves(client: Client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for answer in (client.get("/accounts/signup/"), client.post("/accounts/signup/", form)):
        assert "by invitation only" in text_of(answer)
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("address", ["email/", "confirm-email/", "3rdparty/", "2fa/webauthn/signup/"])
def test_views_without_a_page_on_this_site_cannot_be_reached(alice: Any, client: Client, address: str) -> None:
    client.force_login(alice)
    assert client.get(f"/accounts/{address}").status_code == 404


def test_logging_out_requires_a_post_request(alice: Any, client: Client) -> None:
    client.force_login(alice)
    assert "Log out of the tracker?" in text_of(client.get("/accounts/logout/"))
    assert signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not signed_in(client)


def test_the_admin_redirects_to_the_sites_login_and_back(client: Client) -> None:
    DelegationFactory(
        role="secretariat", member=None, user=UserFactory(username="desk", password=PASSWORD, is_staff=True)
    )
    way = client.get("/admin/members/member/", follow=True).redirect_chain[-1][0]
    assert way == "/accounts/login/?next=/admin/members/member/"
    assert client.post(way, {"login": "desk", "password": PASSWORD})["Location"] == "/admin/members/member/"
    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0] == "/admin/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_a_user_without_access_to_the_admin_is_told_so_instead_of_redirected(alice: Any, client: Client) -> None:
    client.force_login(alice)
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "Only the secretariat can use the admin" in answer.content.decode()


# Lockout


def test_after_five_failures_even_the_right_password_is_refused_with_advice(alice: Any, client: Client) -> None:
    for _ in range(5):
        assert "Incorrect user name or password" in text_of(log_in(client, "alice", "wrong"))
    answer = text_of(log_in(client, "alice"))
    assert not signed_in(client)
    assert "Too many failed attempts" in answer
    assert "Wait 15 minutes, or reset your password by e-mail" in answer


def test_four_failures_have_no_consequence(alice: Any, client: Client) -> None:
    for _ in range(4):
        log_in(client, "alice", "wrong")
    log_in(client, "alice")
    assert signed_in(client)


def test_the_lockout_applies_to_the_account_in_any_spelling_and_from_any_ip_address(alice: Any) -> None:
    names = ["alice", "ALICE", "alice@example.org", "Alice@example.org", "alice"]
    for number, name in enumerate(names):
        log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), name, "wrong")
    late = Client(REMOTE_ADDR="192.0.2.99")
    assert "Too many failed attempts" in text_of(log_in(late, "alice"))
    other_host = Client(REMOTE_ADDR="192.0.2.98", SERVER_NAME="localhost")
    assert "Too many failed attempts" in text_of(log_in(other_host, "alice@example.org"))


def test_another_account_at_the_same_ip_address_is_not_locked_out(alice: Any, client: Client) -> None:
    UserFactory(username="bob", password=PASSWORD)
    for _ in range(6):
        log_in(client, "alice", "wrong")
    log_in(client, "bob")
    assert signed_in(client)


def test_an_ip_address_that_tries_many_user_names_is_locked_out_but_others_are_not(alice: Any, client: Client) -> None:
    for number in range(30):
        log_in(client, f"name-{number}", "wrong")
    assert "Too many failed attempts" in text_of(log_in(client, "alice"))
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    log_in(elsewhere, "alice")
    assert signed_in(elsewhere)


def test_behind_a_proxy_the_ip_address_is_that_of_the_visitor(alice: Any, client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(31):
        log_in(client, f"name-{number}", "wrong", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert "Too many" in text_of(log_in(client, "alice", HTTP_X_FORWARDED_FOR="192.0.2.5, 198.51.100.7"))
    log_in(client, "alice", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert signed_in(client)


def test_the_lockout_ends_after_15_minutes(alice: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    for _ in range(6):
        log_in(client, "alice", "wrong")
    now = time.time()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 15 * 60 + 1)
    log_in(client, "alice")
    assert signed_in(client)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the processes share an SQLite database")
def test_workers_share_their_counts_of_failures(tmp_path: Path, django_db_setup: None) -> None:
    """The two processes use the settings of a new clone and share a database."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": copy_of_the_empty_database(tmp_path / "site.sqlite3")}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    fail = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'jsi_tracker.settings'; django.setup();"
        "from django.test import Client; c = Client(SERVER_NAME='localhost');"
        "a = [c.post('/accounts/login/', {'login': 'x', 'password': 'y'}).content.decode() for _ in range(3)];"
        "print(sum('Too many failed' in page for page in a))"
    )
    assert run("-c", fail).split()[-1] == "0"
    assert run("-c", fail).split()[-1] == "1"


# Passwords


def test_a_password_reset_by_e_mail_ends_the_lockout(alice: Any, client: Client) -> None:
    for _ in range(6):
        log_in(client, "alice", "wrong")
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    (message,) = mail.outbox
    assert message.to == ["alice@example.org"]
    assert "alice" in message.body
    link = next(line for line in message.body.splitlines() if line.startswith("http"))
    form = client.get(link, follow=True).redirect_chain[-1][0]
    new = {"password1": "another-long-password", "password2": "another-long-password"}
    assert "Password changed" in text_of(client.post(form, new, follow=True))
    assert not signed_in(client)
    assert "does not work" in text_of(Client().get(link))
    log_in(client, "alice", "another-long-password")
    assert signed_in(client)


def test_responses_do_not_reveal_whether_an_address_has_an_account(alice: Any) -> None:
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("alice@example.org", "nobody@example.org")
    )
    assert text_of(known) == text_of(unknown)


def test_changing_the_password_requires_the_old_password(alice: Any, client: Client) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        log_in(browser, "alice")
    form = {"oldpassword": "wrong", "password1": "another-long-password", "password2": "another-long-password"}
    assert client.post("/accounts/password/change/", form).status_code == 200
    weak = form | {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "too short" in text_of(client.post("/accounts/password/change/", weak))
    assert client.post("/accounts/password/change/", form | {"oldpassword": PASSWORD})["Location"] == "/accounts/"
    assert client.get("/accounts/").status_code == 200
    assert elsewhere.get("/accounts/").status_code == 302


def test_an_address_replaced_by_the_secretariat_gives_no_access(alice: Any, client: Client) -> None:
    from members.people import set_verified_email

    set_verified_email(alice)
    alice.email = "alice@new.example"
    alice.save()
    set_verified_email(alice)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("alice@new.example", True, True)]
    log_in(client, "alice@example.org")
    assert not signed_in(client)
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    assert "no account" in mail.outbox[-1].body
