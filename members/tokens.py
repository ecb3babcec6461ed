"""Create, check and revoke access tokens for programs.

The key of a token is shown only once, when the token is created. Only a digest of the key is stored.
"""

import datetime
import secrets
from contextlib import suppress
from typing import Any

from django.db import OperationalError
from django.utils import timezone

from members.demonstration import is_blocked_demo_user
from members.invitations import token_digest
from members.models import AccessToken

# A prefix that makes keys recognizable in logs and repositories.
PREFIX = "jsi_"
MAX_VALIDITY = datetime.timedelta(days=366)
# The maximum number of tokens per user.
MAX_TOKENS = 20


class TooManyTokens(Exception):
    """Raised when a user already has MAX_TOKENS tokens."""


def create_token(
    user: Any, name: str, scope: str, validity: datetime.timedelta, *, second_factor: bool
) -> tuple[AccessToken, str]:
    """Create a token for `user`, and return the token and its key, which is not stored.

    Raises TooManyTokens if the user already has MAX_TOKENS tokens.
    """
    if user.access_tokens.count() >= MAX_TOKENS:
        raise TooManyTokens
    key, now = PREFIX + secrets.token_urlsafe(32), timezone.now()
    token = AccessToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=token_digest(key),
        second_factor=second_factor,
        created_at=now,
        expires_at=now + min(validity, MAX_VALIDITY),
    )
    return token, key


def valid_token(key: str) -> AccessToken | None:
    """Return the valid token with this key, or None. The date of use is recorded."""
    token = AccessToken.objects.select_related("user").filter(digest=token_digest(key)).first()
    if token is None or token.expires_at <= timezone.now() or not _can_log_in(token.user):
        return None
    today = timezone.localdate()
    if token.last_used_on != today:
        with suppress(OperationalError):  # requests must succeed even while the database is read-only
            AccessToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token


def _can_log_in(user: Any) -> bool:
    return bool(user.is_active) and not is_blocked_demo_user(user)


def revoke_token(user: Any, pk: int) -> bool:
    """Delete a token of `user`, and return whether the token existed."""
    deleted, _ = AccessToken.objects.filter(user=user, pk=pk).delete()
    return bool(deleted)
