"""Tests that, if the setting is on, users who may write need a second factor and readers do not."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added, authenticator_used
from django.core.management import CommandError, call_command
from django.test import Client

from issues.models import SmallGroup
from jsi_tracker.accounts.second_factor import session_has_second_factor
from members.people import reset_second_factors
from tests import people
from tests.factories import DelegationFactory, FacilitatorFactory, UserFactory
from tests.site.people import PASSWORD, code_of, factors_of, give_app, log_in, set_up_app, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

LOG = "/provisions/customs-duties/log/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def alice(alice: Any) -> Any:
    """Return a delegate, who may write."""
    return DelegationFactory(user=alice).user


def test_the_second_factor_is_required_only_in_production_by_default(alice: Any, client: Client) -> None:
    from tests.site.test_settings import STRONG, setting

    log_in(client, "alice")
    assert client.get(LOG).status_code == 200
    production = {"ALLOWED_HOSTS": "tracker.example", "SECRET_KEY": STRONG}
    assert setting("SECOND_FACTOR_REQUIRED") == "False"
    assert setting("SECOND_FACTOR_REQUIRED", **production) == "True"
    assert setting("SECOND_FACTOR_REQUIRED", **production, SECOND_FACTOR_REQUIRED="0") == "False"


# Required


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/", "/provisions/customs-duties/", LOG, "/admin/", "/members/CAN/"])
def test_users_with_write_access_are_redirected_to_the_set_up_from_every_page(
    alice: Any, client: Client, address: str, method: str
) -> None:
    log_in(client, "alice")
    answer = getattr(client, method)(address)
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/2fa/"


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/status/", "/api/v1/variants/"])
def test_the_api_explains_the_refusal_and_where_to_set_up_a_second_factor(
    alice: Any, client: Client, address: str, method: str
) -> None:
    log_in(client, "alice")
    answer = getattr(client, method)(address)
    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"
    assert "Set up a second factor at http://testserver/accounts/2fa/" in answer.json()["detail"]


@pytest.mark.usefixtures("required")
def test_a_live_check_leads_the_whole_page_to_the_set_up(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    answer = client.post(f"{LOG}check/", {"text": "x"}, HTTP_HX_REQUEST="true")
    assert answer["HX-Redirect"] == "/accounts/2fa/"


@pytest.mark.usefixtures("required")
def test_facilitators_the_secretariat_and_staff_need_a_second_factor_too(client: Client) -> None:
    facilitator = FacilitatorFactory(user=UserFactory(), small_group=SmallGroup.objects.first()).user
    secretariat = people.secretariat()
    for user in (facilitator, secretariat, UserFactory(is_staff=True), UserFactory(is_superuser=True)):
        client.force_login(user)
        assert client.get("/")["Location"] == "/accounts/2fa/"


@pytest.mark.usefixtures("required")
def test_readers_and_analysts_do_not_need_a_second_factor(client: Client) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/status/").status_code == 200
    for user in (UserFactory(), DelegationFactory(role="analyst", member=None).user):
        client.force_login(user)
        assert client.get("/").status_code == 200
        assert client.get("/api/v1/status/").status_code == 200
        assert client.get("/accounts/").status_code == 200


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize(
    "address", ["/accounts/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/"]
)
def test_the_account_page_can_be_opened_without_a_second_factor(alice: Any, client: Client, address: str) -> None:
    log_in(client, "alice")
    assert client.get(address).status_code == 200


@pytest.mark.usefixtures("required")
def test_users_can_always_log_out(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    client.post("/accounts/logout/")
    assert not signed_in(client)


# Used


def test_the_login_asks_for_a_code_from_the_app(alice: Any, client: Client) -> None:
    secret = give_app(alice)
    assert log_in(client, "alice")["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is incorrect" in text_of(wrong)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert signed_in(client)


@pytest.mark.usefixtures("required")
def test_a_session_with_a_second_factor_works_normally(alice: Any, client: Client) -> None:
    secret = give_app(alice)
    form = {"login": "alice", "password": PASSWORD, "next": LOG}
    client.post("/accounts/login/", form)
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})["Location"] == LOG
    assert client.get(LOG).status_code == 200
    assert client.get("/api/v1/status/").status_code == 200


def test_a_code_works_only_once(alice: Any, client: Client) -> None:
    secret = give_app(alice)
    code = code_of(secret)
    log_in(client, "alice")
    client.post("/accounts/2fa/authenticate/", {"code": code})
    second = Client()
    log_in(second, "alice")
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert signed_in(client)
    assert not signed_in(second)


def test_codes_cannot_be_guessed(alice: Any, client: Client) -> None:
    secret = give_app(alice)
    log_in(client, "alice")
    for guess in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": f"00000{guess}"})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "Too many failed attempts" in text_of(answer)
    assert not signed_in(client)


def test_a_recovery_code_works_only_once(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    set_up_app(client)
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    for opens in (True, False):
        other = Client()
        log_in(other, "alice")
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert signed_in(other) is opens
    assert code not in client.get("/accounts/2fa/recovery-codes/download/").content.decode()


@pytest.mark.usefixtures("required")
def test_an_older_session_must_use_the_second_factor_rather_than_the_password(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    secret = give_app(alice)
    challenge = f"/accounts/2fa/reauthenticate/?next={LOG.replace('/', '%2F')}"
    assert client.get(LOG)["Location"] == challenge
    # With the password alone, a factor can be neither removed nor added.
    for address in ("/accounts/reauthenticate/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/webauthn/add/"):
        answer = client.post(address, {"password": PASSWORD})
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert factors_of(alice) == {"totp"}
    assert (
        client.get("/api/v1/status/")
        .json()["detail"]
        .startswith("Users who may write must log in with a second factor. Use")
    )
    assert client.post(challenge, {"code": code_of(secret), "next": LOG})["Location"] == LOG
    assert client.get(LOG).status_code == 200


@pytest.mark.usefixtures("required")
def test_the_second_factor_of_one_user_does_not_apply_to_the_next_user_of_the_session(
    alice: Any, client: Client
) -> None:
    secret = give_app(alice)
    log_in(client, "alice")
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    client.force_login(DelegationFactory().user)
    assert client.get(LOG)["Location"] == "/accounts/2fa/"


# Stored and lost factors


def test_secrets_of_second_factors_are_encrypted_in_the_database(alice: Any, client: Client) -> None:
    log_in(client, "alice")
    secret = set_up_app(client)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored


def test_a_secret_remains_valid_under_a_former_secret_key_and_is_reported_under_an_unknown_one(
    alice: Any, client: Client, settings: Any
) -> None:
    secret = give_app(alice)
    earlier = settings.SECRET_KEY
    settings.SECRET_KEY = "x" * 60
    log_in(client, "alice")
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "a different secret key" in text_of(answer)
    settings.SECRET_KEY_FALLBACKS = [earlier]
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert signed_in(client)


def test_the_secretariat_can_reset_second_factors_in_the_admin(alice: Any, client: Client) -> None:
    give_app(alice)
    elsewhere = Client()
    elsewhere.force_login(alice)
    elsewhere.get("/")
    client.force_login(people.secretariat(is_staff=True))
    form = {"action": "reset_second_factors", "_selected_action": [alice.pk]}
    page = text_of(client.post("/admin/auth/user/", form, follow=True))
    assert "Second factors reset and all sessions ended: alice" in page
    assert factors_of(alice) == set()
    assert elsewhere.get("/accounts/").status_code == 302
    assert "Second factors reset" in text_of(client.get(f"/admin/auth/user/{alice.pk}/history/"))


def test_only_a_superuser_can_reset_the_second_factors_of_a_superuser(client: Client) -> None:
    root = UserFactory(username="root", is_superuser=True)
    give_app(root)
    client.force_login(people.secretariat(is_staff=True))
    form = {"action": "reset_second_factors", "_selected_action": [root.pk]}
    assert "Only a superuser" in text_of(client.post("/admin/auth/user/", form, follow=True))
    assert factors_of(root) == {"totp"}


def test_a_command_resets_second_factors_without_the_admin(alice: Any, capsys: pytest.CaptureFixture[str]) -> None:
    give_app(alice)
    call_command("reset_second_factors", "alice")
    assert "second factors removed: 1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no user"):
        call_command("reset_second_factors", "nobody")


def test_after_a_reset_a_user_logs_in_with_the_password_and_sets_up_a_new_factor(
    alice: Any, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    give_app(alice)
    reset_second_factors(alice)
    log_in(client, "alice")
    assert client.get("/")["Location"] == "/accounts/2fa/"


def test_codes_of_a_replaced_app_are_invalid(alice: Any, client: Client) -> None:
    secret = give_app(alice)
    log_in(client, "alice")
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret, time.time() - 86_400)})
    assert not signed_in(client)


# Verified sessions


def codes_of(user: Any) -> list[str]:
    """Generate recovery codes for `user`, and return them."""
    return list(RecoveryCodes.activate(user).get_unused_codes())


@pytest.mark.parametrize("has_app", [True, False])
def test_a_recovery_code_replaces_a_second_factor_but_is_not_one_itself(
    alice: Any, client: Client, settings: Any, has_app: bool
) -> None:
    if has_app:
        give_app(alice)
    code = codes_of(alice)[0]
    client.force_login(alice)
    client.post("/accounts/2fa/reauthenticate/", {"code": code})
    assert code not in Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    client.post("/accounts/tokens/", {"name": "Mirror", "scope": "write", "days": "7"})
    assert alice.access_tokens.get().second_factor is has_app
    settings.SECOND_FACTOR_REQUIRED = True
    answer = client.get(LOG)
    assert (answer.status_code, answer.get("Location")) == ((200, None) if has_app else (302, "/accounts/2fa/"))


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("kind", ["recovery_codes", "totp", "webauthn"])
@pytest.mark.parametrize("signal", [authenticator_added, authenticator_used])
def test_only_an_app_or_a_passkey_marks_the_session_of_a_user_without_a_second_factor(
    alice: Any, client: Client, kind: str, signal: Any
) -> None:
    client.force_login(alice)
    request = client.get("/accounts/").wsgi_request
    signal.send(sender=Authenticator, request=request, user=alice, authenticator=Authenticator(user=alice, type=kind))
    assert session_has_second_factor(request) is (kind != "recovery_codes")


def test_regenerated_recovery_codes_do_not_count_as_a_used_second_factor(alice: Any, client: Client) -> None:
    give_app(alice)
    client.force_login(alice)
    request = client.get("/accounts/").wsgi_request
    codes = Authenticator(user=alice, type="recovery_codes")
    authenticator_added.send(sender=Authenticator, request=request, user=alice, authenticator=codes)
    assert not session_has_second_factor(request)
    authenticator_used.send(sender=Authenticator, request=request, user=alice, authenticator=codes)
    assert session_has_second_factor(request)
