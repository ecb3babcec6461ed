"""Tests that access tokens are created on the account page, shown once, limited in scope, and revocable."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from issues.models import Revision
from members.models import AccessToken, Member
from members.tokens import MAX_TOKENS, create_token
from tests.factories import DelegationFactory, MemberFactory, UserFactory, provision_with
from tests.people import secretariat
from tests.site.people import PASSWORD, code_of, give_app, log_in

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."
LOG = "/api/v1/provisions/open/revisions/"
WEEK = datetime.timedelta(days=7)
CHANGE = {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), "on_behalf_of": "CAN"}


@pytest.fixture
def alice() -> Any:
    """Return a delegate of Canada, with a provision to change."""
    MemberFactory(code="CAN", name="Canada")
    user = UserFactory(username="alice", password=PASSWORD)
    DelegationFactory(user=user, member=Member.objects.get(code="CAN"))
    provision_with(TEXT, slug="open")
    provision_with(TEXT, slug="closed", visibility="participants")
    return user


def bearing(
    user: Any, scope: str = "read", *, second_factor: bool = False, lasts: datetime.timedelta = WEEK
) -> APIClient:
    _, key = create_token(user, "Mirror", scope, lasts, second_factor=second_factor)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def made_on_page(browser: Client, **sent: str) -> str:
    page = browser.post("/accounts/tokens/", {"name": "Mirror", "scope": "write", "days": "30", **sent})
    assert page.status_code == 200, page.content
    found = re.search(r"jsi_[-\w]{20,}", page.content.decode())
    assert found is not None
    return found[0]


def test_a_token_is_shown_once_and_its_key_is_not_stored(alice: Any, client: Client) -> None:
    client.force_login(alice)
    key = made_on_page(client)
    page = client.get("/accounts/tokens/").content.decode()
    assert "Mirror" in page
    assert key not in page
    row = AccessToken.objects.get()
    assert key not in str(vars(row))
    assert (row.expires_at - row.created_at).days == 30


def test_a_program_with_a_token_reads_and_writes_as_its_owner(alice: Any) -> None:
    api = bearing(alice, "write")
    assert api.get("/api/v1/provisions/closed/").status_code == 200
    answer = api.post(LOG, CHANGE)
    assert answer.status_code == 201, answer.content
    assert Revision.objects.get(provision__slug="open", number=2).recorded_by == alice
    assert AccessToken.objects.get().last_used_on == timezone.localdate()


def test_a_read_only_token_cannot_write(alice: Any) -> None:
    answer = bearing(alice).post(LOG, CHANGE)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert not Revision.objects.filter(number=2).exists()


def test_an_expired_revoked_or_invalid_token_or_one_of_an_inactive_user_gives_no_access(
    alice: Any, client: Client
) -> None:
    api = bearing(alice)
    token = AccessToken.objects.get()
    AccessToken.objects.update(created_at=timezone.now() - WEEK, expires_at=timezone.now() - datetime.timedelta(1))
    assert _refused(api)
    AccessToken.objects.update(expires_at=timezone.now() + WEEK)
    assert api.get("/api/v1/status/").status_code == 200
    alice.is_active = False
    alice.save()
    assert _refused(api)
    alice.is_active = True
    alice.save()
    client.force_login(alice)
    client.post("/accounts/tokens/", {"revoke": token.pk})
    assert _refused(api)
    api.credentials(HTTP_AUTHORIZATION="Basic YTpi")
    assert _refused(api)


def _refused(api: APIClient) -> bool:
    answer = api.get("/api/v1/status/")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Cache-Control"] == "no-store"
    return (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def test_a_user_cannot_revoke_the_token_of_another_user(alice: Any, client: Client) -> None:
    bearing(alice)
    client.force_login(secretariat())
    client.post("/accounts/tokens/", {"revoke": AccessToken.objects.get().pk})
    assert AccessToken.objects.exists()


def test_a_user_without_write_access_cannot_create_a_token_with_it(alice: Any, client: Client) -> None:
    client.force_login(DelegationFactory(role="analyst", member=None).user)
    answer = client.post("/accounts/tokens/", {"name": "x", "scope": "write", "days": "30"})
    assert answer.status_code == 422
    assert not AccessToken.objects.exists()


def test_the_number_of_tokens_per_user_is_limited(alice: Any, client: Client) -> None:
    for _ in range(MAX_TOKENS):
        create_token(alice, "x", "read", WEEK, second_factor=False)
    client.force_login(alice)
    answer = client.post("/accounts/tokens/", {"name": "x", "scope": "read", "days": "30"})
    assert answer.status_code == 422
    assert AccessToken.objects.count() == MAX_TOKENS


def test_a_user_with_write_access_needs_a_second_factor_to_create_a_token(
    alice: Any, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    secret = give_app(alice)
    log_in(client, "alice")
    client.force_login(alice)  # with the password only
    answer = client.post("/accounts/tokens/", {"name": "x", "scope": "write", "days": "30"})
    assert answer.status_code == 302
    assert not AccessToken.objects.exists()
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    key = made_on_page(client)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert api.post(LOG, CHANGE).status_code == 201


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_token_created_without_a_second_factor_is_useless_once_a_factor_is_required(
    alice: Any, settings: Any, scope: str
) -> None:
    api = bearing(alice, scope)
    settings.SECOND_FACTOR_REQUIRED = True
    for answer in (api.get("/api/v1/provisions/"), api.post(LOG, CHANGE)):
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


def test_an_old_token_of_an_analyst_who_becomes_a_delegate_does_not_give_write_access(
    alice: Any, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    analyst = DelegationFactory(role="analyst", member=None).user
    api = bearing(analyst)
    assert api.get("/api/v1/provisions/closed/").status_code == 200
    DelegationFactory(user=analyst, member=Member.objects.get(code="CAN"))
    assert api.get("/api/v1/provisions/closed/").json()["code"] == "second_factor_required"


def test_writing_in_a_session_requires_the_csrf_token(alice: Any) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(alice)
    answer = api.post(LOG, CHANGE)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
