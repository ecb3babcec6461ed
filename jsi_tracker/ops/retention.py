"""Delete expired data. The record, which includes revisions, steps, reports and changes, is never deleted."""

import datetime
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from issues.models import Delivery, StagedImport
from issues.models.choices import DeliveryState, StagedState
from members.models import AccessToken, Invitation


def forget_expired(now: datetime.datetime | None = None) -> dict[str, int]:
    """Delete expired data, and return the number of deleted rows by kind. Concurrent calls are safe."""
    moment = now or timezone.now()
    return {kind: delete(moment) for kind, delete in DELETIONS.items()}


def _sessions(now: datetime.datetime) -> int:
    return _delete(Session.objects.filter(expire_date__lt=now))


def _user_sessions(now: datetime.datetime) -> int:
    """Delete the IP addresses and browsers of ended sessions, which were stored for each user's list of sessions."""
    active = Session.objects.filter(expire_date__gte=now).values("session_key")
    return _delete(UserSession.objects.exclude(session_key__in=active))


def _tokens(now: datetime.datetime) -> int:
    return _delete(AccessToken.objects.filter(expires_at__lt=_days_before(now, settings.KEEP_INVITATIONS_DAYS)))


def _invitations(now: datetime.datetime) -> int:
    """Delete old invitations that were not accepted."""
    before = _days_before(now, settings.KEEP_INVITATIONS_DAYS)
    old = Q(expires_at__lt=before) | Q(revoked_at__lt=before)
    return _delete(Invitation.objects.filter(old, accepted_at=None))


def _deliveries(now: datetime.datetime) -> int:
    """Delete old deliveries that have ended.

    If the last delivery of a webhook was given up, it is retained, because the next delivery reports that failure.
    """
    before = _days_before(now, settings.KEEP_DELIVERIES_DAYS)
    ended = Delivery.objects.exclude(state=DeliveryState.WAITING)
    later = ended.filter(webhook=OuterRef("webhook"), pk__gt=OuterRef("pk"))
    to_report = Q(state=DeliveryState.GIVEN_UP) & ~Exists(later)
    return _delete(
        Delivery.objects.filter(pk__in=list(ended.filter(~to_report, made_at__lt=before).values_list("pk", flat=True)))
    )


def _imports(now: datetime.datetime) -> int:
    """Delete old imports from which nothing was logged. Other imports document the source of the record."""
    before = _days_before(now, settings.KEEP_IMPORTS_DAYS)
    old = StagedImport.objects.filter(Q(finished_at__lt=before) | Q(finished_at=None, sent_at__lt=before))
    return _delete(old.exclude(state=StagedState.LOGGED).exclude(provisions__revision__isnull=False))


def _failed_logins(now: datetime.datetime) -> int:
    """Delete expired rows of the database cache. Redis deletes expired keys itself."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):
        return 0
    connection = connections[router.db_for_write(cache.cache_model_class) or "default"]
    expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    table = connection.ops.quote_name(cache.cache_model_class._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [expired])  # noqa: S608 - a table name
        return int(cursor.rowcount)


DELETIONS: dict[str, Callable[[datetime.datetime], int]] = {
    "sessions": _sessions,
    "sign-ins": _user_sessions,
    "tokens": _tokens,
    "invitations": _invitations,
    "deliveries": _deliveries,
    "imports": _imports,
    "rows of the cache": _failed_logins,
}


def _days_before(now: datetime.datetime, days: int) -> datetime.datetime:
    return now - datetime.timedelta(days=days)


def _delete(rows: Any) -> int:
    """Delete `rows` and the rows that depend on them, and return the number of `rows` deleted."""
    return int(rows.delete()[1].get(rows.model._meta.label, 0))
