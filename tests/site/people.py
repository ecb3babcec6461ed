"""Steps of users in tests of accounts, such as logging in and reading an authenticator app."""

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

PASSWORD = "a-long-demonstration-password"


def log_in(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Send the login form, and return the response."""
    return client.post("/accounts/login/", {"login": name, "password": password}, **extra)


def signed_in(client: Client) -> bool:
    """Return whether a user is logged in on the client."""
    return "_auth_user_id" in client.session


def code_of(secret: str, at: float | None = None) -> str:
    """Return the code that an app shows at a time, by default now with at least two seconds before it changes."""
    if at is None and (left := 30 - time.time() % 30) < 2:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(at or time.time()) // 30))


def give_app(user: Any) -> str:
    """Set up an authenticator app for `user`, and return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def factors_of(user: Any) -> set[str]:
    """Return the types of second factor that `user` has."""
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def text_of(response: Any) -> str:
    """Return the text of a page without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def set_up_app(client: Client) -> str:
    """Set up an authenticator app through the pages, and return its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return str(secret)
