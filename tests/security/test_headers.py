"""Tests of the response headers and of the effects of foreign hosts, frames and caches."""

import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.factories import UserFactory, provision_with
from tests.people import secretariat
from tests.site.people import PASSWORD, log_in
from tests.site.test_settings import STRONG, python

pytestmark = pytest.mark.django_db

ADDRESSES = {
    "/": 200,
    "/accounts/login/": 200,
    "/accounts/": 302,
    "/admin/": 302,
    "/api/v1/": 200,
    "/api/v1/reference/": 200,
    "/api/v1/nowhere/": 404,
    "/nowhere/": 404,
    "/?as_of=soon": 400,
    "/%00": 400,
    "/negotiations/nowhere/": 404,
    "/static/css/site.css": 200,
}


def policy(answer: Any) -> dict[str, list[str]]:
    """Return the content security policy by directive."""
    words = [directive.split() for directive in answer["Content-Security-Policy"].split(";")]
    return {directive[0]: directive[1:] for directive in words}


def check(answer: Any) -> None:
    """Assert that a response has all required headers."""
    told = policy(answer)
    assert told["default-src"] == ["'self'"]
    assert told["object-src"] == told["base-uri"] == told["frame-ancestors"] == ["'none'"]
    assert told["form-action"] == ["'self'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize(("address", "status"), ADDRESSES.items())
def test_every_response_has_the_security_headers_including_errors_and_files(
    client: Client, address: str, status: int
) -> None:
    provision_with("Each Member shall act.")
    answer = client.get(address)
    assert answer.status_code == status
    check(answer)
    answer.close()  # a file is sent while it is read


def test_a_response_to_a_crash_has_the_headers_and_reveals_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: Any) -> None:
        raise RuntimeError("the password of the database")

    monkeypatch.setattr("issues.web.overview.negotiation_of", crash)
    answer = Client(raise_request_exception=False).get("/issues/")
    assert answer.status_code == 500
    check(answer)
    assert b"password of the database" not in answer.content
    assert b"Traceback" not in answer.content


def test_the_admin_has_the_headers_too(client: Client) -> None:
    client.force_login(secretariat(is_staff=True))
    for address in ("/admin/", "/admin/issues/provision/", "/admin/issues/provision/add/", "/admin/nowhere/"):
        answer = client.get(address)
        check(answer)
        assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["/", "/api/v1/", "/nowhere/"])
def test_an_unknown_host_is_refused_without_further_information(client: Client, address: str) -> None:
    answer = client.get(address, HTTP_HOST="evil.example")
    assert answer.status_code == 400
    check(answer)
    assert b"evil.example" not in answer.content


def test_a_forwarded_host_does_not_affect_links_in_e_mail_or_pages(client: Client) -> None:
    UserFactory(username="alice", email="alice@example.org", password=PASSWORD)
    forged = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_SERVER": "evil.example"}
    client.post("/accounts/password/reset/", {"email": "alice@example.org"}, **forged)
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body
    provision_with("Each Member shall act.")
    for address in ("/", "/api/v1/", "/feeds/changes/", "/calendar.ics"):
        assert b"evil.example" not in client.get(address, **forged).content


def test_pages_of_logged_in_users_are_not_cached_and_are_cleared_on_logout(client: Client) -> None:
    provision_with("Each Member shall act.")
    UserFactory(username="alice", password=PASSWORD)
    assert "Cache-Control" not in client.get("/issues/")
    log_in(client, "alice")
    for address in ("/", "/issues/", "/nowhere/", "/accounts/"):
        assert client.get(address)["Cache-Control"] == "private, no-cache"
        assert "Cookie" in client.get(address)["Vary"]
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in Client().get("/")


def test_the_csrf_token_is_not_cached(client: Client) -> None:
    answer = client.get("/accounts/password/reset/")
    assert answer.cookies["csrftoken"]["httponly"]
    assert "private" in answer["Cache-Control"]


def test_over_tls_browsers_are_told_to_require_tls(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/nowhere/", secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert client.get("/issues/")["Location"] == "https://testserver/issues/"


def test_in_production_cookies_are_limited_to_this_host_tls_and_http() -> None:
    names = [
        *(f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF") for what in ("NAME", "SECURE", "HTTPONLY")),
        *(f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF", "LANGUAGE") for what in ("DOMAIN", "PATH")),
        *("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE", "LANGUAGE_COOKIE_NAME", "LANGUAGE_COOKIE_SECURE"),
        *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT", "USE_X_FORWARDED_HOST"),
        "SECURE_PROXY_SSL_HEADER",
    ]
    code = "import json; from django.conf import settings; "
    code += f"print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
    found = json.loads(python(code, ALLOWED_HOSTS="tracker.example", SECRET_KEY=STRONG).stdout)
    assert {value for name, value in found.items() if name.endswith("_NAME")} == {
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-language",
    }
    assert all(value is True for name, value in found.items() if name.endswith(("_SECURE", "_HTTPONLY")))
    # The prefix requires that the cookie be limited to the host.
    assert {value for name, value in found.items() if name.endswith("_DOMAIN")} == {None}
    assert {value for name, value in found.items() if name.endswith("_PATH")} == {"/"}
    assert {value for name, value in found.items() if name.endswith("_SAMESITE")} == {"Lax"}
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert not found["USE_X_FORWARDED_HOST"]
