"""Tests of single sign-on with OpenID Connect, against a small provider that signs real tokens."""

import base64
import hashlib
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import get_user_model
from django.test import Client

from members.people import set_verified_email
from tests.factories import DelegationFactory, UserFactory
from tests.site.people import code_of, give_app, signed_in, text_of
from tests.site.test_settings import python, setting

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/sso/login/"


class Provider(ThreadingHTTPServer):
    """A provider that returns the identity in `claims` and stores the last token request in `asked`."""

    claims: dict[str, Any]
    asked: dict[str, str]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims = {"sub": "42", "email": "ana@example.org", "email_verified": True}
        self.asked = {}

    def id_token(self) -> str:
        now = int(time.time())
        standing = {"iss": self.url, "aud": "tracker", "iat": now, "exp": now + 60}
        return jwt.encode(standing | self.claims, self.key, algorithm="RS256", headers={"kid": "one"})

    def answer(self, path: str, sent: dict[str, str]) -> dict[str, Any] | None:
        """Return the response of a URL."""
        if path == "/.well-known/openid-configuration":
            places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            found = {f"{name}_endpoint": f"{self.url}/{place}" for name, place in places.items()}
            return found | {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]}
        if path == "/token":
            self.asked = sent
            return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token()}
        return self.claims if path == "/userinfo" else None


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(dict(urllib.parse.parse_qsl(body)))

    def _answer(self, sent: dict[str, str]) -> None:
        said = self.server.answer(urllib.parse.urlparse(self.path).path, sent)
        body = json.dumps(said).encode()
        self.send_response(404 if said is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Suppress the message."""


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """Yield a provider for which the site is configured."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        app = {"provider_id": "sso", "name": "Example SSO", "client_id": "tracker", "secret": "s"}
        app["settings"] = {"server_url": server.url}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ana() -> Any:
    """Return a user whose e-mail address is verified."""
    user = UserFactory(username="ana", email="ana@example.org")
    set_verified_email(user)
    return user


def sign_on(client: Client, query: str = "") -> Any:
    """Log in through the provider, and return the last response."""
    away = client.get(LOGIN + query)
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(away["Location"]).query))
    assert away["Location"].startswith("http://127.0.0.1:")
    return client.get(f"{LOGIN}callback/", {"code": "given", "state": asked["state"]}, follow=True)


def test_without_settings_single_sign_on_is_not_available(client: Client) -> None:
    assert "SSO" not in text_of(client.get("/accounts/login/"))
    assert "/oidc/" not in client.get("/accounts/login/").content.decode()
    assert client.get(LOGIN).status_code == 404


def test_with_settings_the_login_page_has_a_link(provider: Provider, client: Client) -> None:
    page = client.get("/accounts/login/?next=/members/").content.decode()
    assert "Log in with Example SSO" in page
    assert f'href="{LOGIN}?next=%2Fmembers%2F"' in page


def test_the_settings_are_read_from_the_environment() -> None:
    environment = {
        "OIDC_SERVER_URL": "https://sso.example",
        "OIDC_CLIENT_ID": "tracker",
        "OIDC_CLIENT_SECRET": "s",
        "OIDC_NAME": "Example SSO",
    }
    app = setting("SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]", **environment)
    assert "'server_url': 'https://sso.example'" in app
    assert "'name': 'Example SSO'" in app
    assert setting("SOCIALACCOUNT_PROVIDERS") == "{}"
    half = python("from django.conf import settings; settings.DEBUG", OIDC_SERVER_URL="https://sso.example")
    assert "OIDC_CLIENT_ID" in half.stderr


def test_a_user_whose_address_has_an_account_is_logged_in_and_recognised_afterwards(
    provider: Provider, ana: Any, client: Client
) -> None:
    answer = sign_on(client, "?next=/accounts/sessions/")
    assert answer.redirect_chain[-1][0] == "/accounts/sessions/"
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert SocialAccount.objects.get().user == ana
    ana.refresh_from_db()
    assert ana.has_usable_password()


def test_the_authorization_code_is_bound_to_the_requesting_browser(
    provider: Provider, ana: Any, client: Client
) -> None:
    away = client.get(LOGIN)["Location"]
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(away).query))
    client.get(f"{LOGIN}callback/", {"code": "given", "state": asked["state"]})
    digest = hashlib.sha256(provider.asked["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    other = Client()
    answer = other.get(f"{LOGIN}callback/", {"code": "given", "state": asked["state"]})
    assert "Single sign-on failed" in text_of(answer)
    assert not signed_in(other)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "42", "email": "eve@example.org", "email_verified": True},
        {"sub": "42", "email": "ana@example.org", "email_verified": False},
        {"sub": "42", "email": "ana@example.org"},
        {"sub": "42"},
    ],
    ids=["another address", "not verified", "not said to be verified", "no address"],
)
def test_other_people_cannot_log_in_and_no_account_is_created(
    provider: Provider, ana: Any, client: Client, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert "by invitation only" in text_of(sign_on(client))
    assert not signed_in(client)
    assert get_user_model().objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_an_address_not_verified_by_the_secretariat_gives_no_access(
    provider: Provider, ana: Any, client: Client
) -> None:
    EmailAddress.objects.update(verified=False)
    sign_on(client)
    assert not signed_in(client)
    ana.refresh_from_db()
    assert ana.has_usable_password()


def test_an_identity_linked_through_a_replaced_address_is_removed(provider: Provider, ana: Any, client: Client) -> None:
    sign_on(client)
    ana.email = "ana@new.example"
    ana.save()
    set_verified_email(ana)
    other = Client()
    sign_on(other)
    assert not signed_in(other)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another-site"}, {"iss": "https://elsewhere.example"}, {"exp": 1}],
    ids=["for another site", "of another provider", "has expired"],
)
def test_an_identity_token_for_another_client_or_time_is_refused(
    provider: Provider, ana: Any, client: Client, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert "Single sign-on failed" in text_of(sign_on(client))
    assert not signed_in(client)


def test_another_persons_identity_cannot_be_linked_to_the_logged_in_account(
    provider: Provider, ana: Any, client: Client
) -> None:
    provider.claims = {"sub": "66", "email": "eve@example.org", "email_verified": True}
    client.force_login(ana)
    assert "Single sign-on failed" in text_of(sign_on(client, "?process=connect"))
    assert not SocialAccount.objects.exists()


def test_single_sign_on_does_not_replace_the_second_factor(
    provider: Provider, ana: Any, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    DelegationFactory(user=ana)
    sign_on(client)
    assert client.get("/api/v1/").status_code == 403
    client.post("/accounts/logout/")
    secret = give_app(ana)
    assert sign_on(client).redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/api/v1/").status_code == 200


def test_an_inactive_account_remains_inactive(provider: Provider, ana: Any, client: Client) -> None:
    ana.is_active = False
    ana.save()
    assert "inactive" in text_of(sign_on(client))
    assert not signed_in(client)


def test_a_demonstration_user_cannot_use_single_sign_on_in_production(
    provider: Provider, client: Client, settings: Any
) -> None:
    settings.PRODUCTION = True
    set_verified_email(UserFactory(email="canada@demonstration.invalid"))
    provider.claims["email"] = "canada@demonstration.invalid"
    assert "inactive" in text_of(sign_on(client))
    assert not signed_in(client)


def test_a_provider_that_does_not_respond_is_reported(
    provider: Provider, ana: Any, client: Client, settings: Any
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    assert "Single sign-on failed" in text_of(client.get(LOGIN))


def test_a_user_who_cancels_at_the_provider_is_redirected_back(provider: Provider, client: Client) -> None:
    away = client.get(LOGIN)["Location"]
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(away).query))["state"]
    answer = client.get(f"{LOGIN}callback/", {"error": "access_denied", "state": state}, follow=True)
    assert "was cancelled" in text_of(answer)
