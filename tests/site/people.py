"""Steps of people in the tests of accounts: how they log in, and what their app shows."""

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

PASSWORD = "a-long-demonstration-password"


def log_in(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Send the login form."""
    return client.post("/accounts/login/", {"login": name, "password": password}, **extra)


def signed_in(client: Client) -> bool:
    """Whether the site knows who the browser is."""
    return "_auth_user_id" in client.session


def code_of(secret: str, at: float | None = None) -> str:
    """Return what an app shows; now, with time enough to type it before it changes."""
    if at is None and (left := 30 - time.time() % 30) < 2:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(at or time.time()) // 30))


def give_app(user: Any) -> str:
    """Set up an authenticator app for `user`; return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def factors_of(user: Any) -> set[str]:
    """Return the kinds of second factors that `user` has."""
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def text_of(response: Any) -> str:
    """Return the words of a page, without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def set_up_app(client: Client) -> str:
    """Go through setting up the app in the browser; return its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return str(secret)
