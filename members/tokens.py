"""Keys for programs: made, used, revoked. A key is shown once; what is kept of it opens nothing."""

import datetime
import secrets
from contextlib import suppress
from typing import Any

from django.db import OperationalError
from django.utils import timezone

from members.demonstration import is_refused
from members.invitations import digest_of
from members.models import AccessToken

# So that a key that lies in a log or a repository is known for what it is.
PREFIX = "jsi_"
LONGEST = datetime.timedelta(days=366)
# As many as anybody needs; more would be keys that nobody remembers.
MOST = 20


class TooMany(Exception):
    """There are as many keys as one may have."""


def make(
    user: Any, name: str, scope: str, lasts: datetime.timedelta, *, second_factor: bool
) -> tuple[AccessToken, str]:
    """Return a new token of `user` and its key, which nobody can ask for again. Raises TooMany."""
    if user.access_tokens.count() >= MOST:
        raise TooMany
    key, now = PREFIX + secrets.token_urlsafe(32), timezone.now()
    token = AccessToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=digest_of(key),
        second_factor=second_factor,
        created_at=now,
        expires_at=now + min(lasts, LONGEST),
    )
    return token, key


def holder_of(key: str) -> AccessToken | None:
    """Return the token with this key, None where it opens nothing; the day of its use is noted."""
    found = AccessToken.objects.select_related("user").filter(digest=digest_of(key)).first()
    if found is None or found.expires_at <= timezone.now() or not _may_come_in(found.user):
        return None
    today = timezone.localdate()
    if found.last_used_on != today:
        with suppress(OperationalError):  # nothing can be written at the moment; reading goes on
            AccessToken.objects.filter(pk=found.pk).update(last_used_on=today)
    return found


def _may_come_in(user: Any) -> bool:
    return bool(user.is_active) and not is_refused(user)


def revoke(user: Any, pk: int) -> bool:
    """Take back a token of `user`; return whether there was one."""
    removed, _ = AccessToken.objects.filter(user=user, pk=pk).delete()
    return bool(removed)
