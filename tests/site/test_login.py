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
from django.test import Client

from tests.factories import DelegationFactory, UserFactory
from tests.site.people import PASSWORD, log_in, signed_in, text_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["alice", "ALICE", " alice ", "alice@example.org", "Alice@Example.org"])
def test_one_logs_in_by_user_name_or_e_mail(alice: Any, client: Client, name: str) -> None:
    answer = log_in(client, name)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert signed_in(client)


def test_the_old_address_leads_to_the_login_and_on_to_where_one_wanted_to_go(alice: Any, client: Client) -> None:
    moved = client.get("/login/?next=/members/")
    assert moved["Location"] == "/accounts/login/?next=/members/"
    form = {"login": "alice", "password": PASSWORD, "next": "/members/"}
    assert client.post("/accounts/login/", form)["Location"] == "/members/"


def test_nobody_is_sent_to_another_site_after_the_login(alice: Any, client: Client) -> None:
    form = {"login": "alice", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/accounts/login/", form)["Location"] == "/"


def test_a_wrong_password_is_refused_and_the_name_comes_back(alice: Any, client: Client) -> None:
    answer = log_in(client, "alice", "wrong")
    assert not signed_in(client)
    assert "Incorrect user name or password" in text_of(answer)
    assert 'value="alice"' in answer.content.decode()


def test_an_unknown_name_is_answered_like_a_wrong_password(alice: Any, client: Client) -> None:
    assert text_of(log_in(client, "alice", "wrong")) == text_of(log_in(client, "nobody", "wrong"))


def test_a_closed_account_is_told_so_and_stays_out(alice: Any, client: Client) -> None:
    alice.is_active = False
    alice.save()
    answer = log_in(client, "alice", follow=True)
    assert not signed_in(client)
    assert "inactive" in text_of(answer)


def test_a_demonstration_user_stays_out_in_production_through_the_page_too(client: Client, settings: Any) -> None:
    settings.PRODUCTION = True
    UserFactory(username="canada", email="canada@demonstration.invalid", password=PASSWORD)
    answer = log_in(client, "canada", follow=True)
    assert not signed_in(client)
    assert "inactive" in text_of(answer)


def test_a_session_of_a_demonstration_user_ends_when_the_site_becomes_production(client: Client, settings: Any) -> None:
    client.force_login(UserFactory(email="canada@demonstration.invalid"))
    assert client.get("/accounts/").status_code == 200
    settings.PRODUCTION = True
    assert client.get("/accounts/").status_code == 302


def test_nobody_registers(client: Client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for answer in (client.get("/accounts/signup/"), client.post("/accounts/signup/", form)):
        assert "by invitation only" in text_of(answer)
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("address", ["email/", "confirm-email/", "3rdparty/", "2fa/webauthn/signup/"])
def test_what_has_no_page_here_cannot_be_reached(alice: Any, client: Client, address: str) -> None:
    client.force_login(alice)
    assert client.get(f"/accounts/{address}").status_code == 404


def test_logging_out_takes_a_post(alice: Any, client: Client) -> None:
    client.force_login(alice)
    assert "Log out of the tracker?" in text_of(client.get("/accounts/logout/"))
    assert signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not signed_in(client)


def test_the_admin_sends_to_the_login_of_the_site_and_back(client: Client) -> None:
    DelegationFactory(
        role="secretariat", member=None, user=UserFactory(username="desk", password=PASSWORD, is_staff=True)
    )
    way = client.get("/admin/members/member/", follow=True).redirect_chain[-1][0]
    assert way == "/accounts/login/?next=/admin/members/member/"
    assert client.post(way, {"login": "desk", "password": PASSWORD})["Location"] == "/admin/members/member/"
    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0] == "/admin/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_who_has_no_business_in_the_admin_is_told_so_and_not_sent_around(alice: Any, client: Client) -> None:
    client.force_login(alice)
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "Only the secretariat can use the admin" in answer.content.decode()


# Lockout


def test_after_five_failures_the_right_password_is_refused_with_the_way_out(alice: Any, client: Client) -> None:
    for _ in range(5):
        assert "Incorrect user name or password" in text_of(log_in(client, "alice", "wrong"))
    answer = text_of(log_in(client, "alice"))
    assert not signed_in(client)
    assert "Too many failed attempts" in answer
    assert "Wait 15 minutes, or reset your password by e-mail" in answer


def test_four_failures_do_no_harm(alice: Any, client: Client) -> None:
    for _ in range(4):
        log_in(client, "alice", "wrong")
    log_in(client, "alice")
    assert signed_in(client)


def test_the_lockout_is_the_accounts_however_it_is_written_and_from_wherever(alice: Any) -> None:
    names = ["alice", "ALICE", "alice@example.org", "Alice@example.org", "alice"]
    for number, name in enumerate(names):
        log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), name, "wrong")
    late = Client(REMOTE_ADDR="192.0.2.99")
    assert "Too many failed attempts" in text_of(log_in(late, "alice"))
    other_host = Client(REMOTE_ADDR="192.0.2.98", SERVER_NAME="localhost")
    assert "Too many failed attempts" in text_of(log_in(other_host, "alice@example.org"))


def test_another_account_at_the_same_address_is_not_locked_out(alice: Any, client: Client) -> None:
    UserFactory(username="bob", password=PASSWORD)
    for _ in range(6):
        log_in(client, "alice", "wrong")
    log_in(client, "bob")
    assert signed_in(client)


def test_an_address_that_tries_many_names_is_locked_out_and_another_one_is_not(alice: Any, client: Client) -> None:
    for number in range(30):
        log_in(client, f"name-{number}", "wrong")
    assert "Too many failed attempts" in text_of(log_in(client, "alice"))
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    log_in(elsewhere, "alice")
    assert signed_in(elsewhere)


def test_behind_a_proxy_the_address_is_the_visitors(alice: Any, client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(31):
        log_in(client, f"name-{number}", "wrong", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert "Too many" in text_of(log_in(client, "alice", HTTP_X_FORWARDED_FOR="192.0.2.5, 198.51.100.7"))
    log_in(client, "alice", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert signed_in(client)


def test_the_lockout_ends_after_a_quarter_of_an_hour(
    alice: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    for _ in range(6):
        log_in(client, "alice", "wrong")
    now = time.time()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 15 * 60 + 1)
    log_in(client, "alice")
    assert signed_in(client)


def test_workers_count_failures_together(tmp_path: Path) -> None:
    """The two processes use the settings of a new clone and share a database."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("manage.py", "migrate", "-v0")
    fail = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'jsi_tracker.settings'; django.setup();"
        "from django.test import Client; c = Client(SERVER_NAME='localhost');"
        "a = [c.post('/accounts/login/', {'login': 'x', 'password': 'y'}).content.decode() for _ in range(3)];"
        "print(sum('Too many failed' in page for page in a))"
    )
    assert run("-c", fail).split()[-1] == "0"
    assert run("-c", fail).split()[-1] == "1"


# Passwords


def test_a_new_password_comes_by_mail_and_lifts_the_lockout(alice: Any, client: Client) -> None:
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


def test_whether_an_address_has_an_account_is_not_told(alice: Any) -> None:
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("alice@example.org", "nobody@example.org")
    )
    assert text_of(known) == text_of(unknown)


def test_the_password_is_changed_by_who_knows_the_old_one(alice: Any, client: Client) -> None:
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


def test_an_address_that_the_secretariat_replaced_opens_nothing_any_more(alice: Any, client: Client) -> None:
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
