"""Tests that demonstration users work on a development machine but not in production."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from issues.models import Facilitator
from members.demonstration import DOMAIN as DEMONSTRATION_DOMAIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def password_of(printed: str) -> str:
    return printed.split("password ")[1].split()[0]


@pytest.fixture
def printed() -> str:
    """Return the output of the command."""
    out = StringIO()
    call_command("demo_users", stdout=out, no_color=True)
    return out.getvalue()


def test_the_demonstration_users_are_created_and_printed(printed: str) -> None:
    names = set(get_user_model().objects.values_list("username", flat=True))
    assert names == {"canada", "brazil", "indonesia", "facilitator", "secretariat", "analyst"}
    assert all(name in printed for name in names)
    assert Facilitator.objects.filter(user__username="facilitator").count() == 1


def test_demonstration_users_log_in_only_with_the_latest_printed_password(printed: str) -> None:
    assert Client().login(username="canada", password=password_of(printed))
    again = StringIO()
    call_command("demo_users", stdout=again, no_color=True)
    assert not Client().login(username="canada", password=password_of(printed))
    assert Client().login(username="canada", password=password_of(again.getvalue()))
    assert get_user_model().objects.count() == 6


def test_demonstration_users_left_in_a_database_cannot_log_in_in_production(printed: str, settings: Any) -> None:
    settings.PRODUCTION = True
    assert all(
        email.endswith(DEMONSTRATION_DOMAIN) for email in get_user_model().objects.values_list("email", flat=True)
    )
    assert not Client().login(username="secretariat", password=password_of(printed))


def test_an_analyst_can_read_but_cannot_log_changes(printed: str) -> None:
    client = Client()
    client.login(username="analyst", password=password_of(printed))
    assert client.get("/provisions/customs-duties/").status_code == 200
    assert b"Log a change" not in client.get("/provisions/customs-duties/").content
    assert client.get("/provisions/customs-duties/log/").status_code == 403
    assert client.post("/provisions/customs-duties/log/check/", {"text": "x"}).status_code == 403
