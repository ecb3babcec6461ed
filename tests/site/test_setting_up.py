"""Tests of setting up a second factor in committed transactions, after which allauth sends its signals."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import DelegationFactory
from tests.site.people import factors_of, log_in, set_up_app

pytestmark = pytest.mark.django_db(transaction=True)

API = "/api/v1/"


@pytest.fixture
def alice(alice: Any, settings: Any) -> Any:
    """Return a delegate of a site that requires a second factor."""
    settings.SECOND_FACTOR_REQUIRED = True
    return DelegationFactory(user=alice).user


def test_after_setting_up_the_app_the_user_can_continue_immediately(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    assert client.get(API).status_code == 403
    set_up_app(client)
    assert client.get(API).status_code == 200
    assert factors_of(alice) == {"totp", "recovery_codes"}


def test_a_user_who_removes_the_last_second_factor_must_set_up_another(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    set_up_app(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert factors_of(alice) == set()
    answer = client.get(API)
    assert answer.status_code == 403
    assert "Set up" in answer.json()["detail"]


def test_without_the_last_second_factor_no_other_session_continues(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    set_up_app(client)
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    other = Client()
    log_in(other, "alice")
    other.post("/accounts/2fa/authenticate/", {"code": code})
    assert other.get(API).status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert factors_of(alice) == set()
    assert other.get("/accounts/").status_code == 302
    assert client.get("/accounts/").status_code == 200
