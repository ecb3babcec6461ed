"""What is forgotten after a while, and never anything on record: revisions, steps, statements, changes."""

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
    """Delete what has had its time; return how many of each. May run beside a live site, and again at once."""
    moment = now or timezone.now()
    return {what: forget(moment) for what, forget in FORGOTTEN.items()}


def _sessions(now: datetime.datetime) -> int:
    return _delete(Session.objects.filter(expire_date__lt=now))


def _sign_ins(now: datetime.datetime) -> int:
    """Addresses and browsers of people, kept for their list of sessions and of no use beyond it."""
    alive = Session.objects.filter(expire_date__gte=now).values("session_key")
    return _delete(UserSession.objects.exclude(session_key__in=alive))


def _tokens(now: datetime.datetime) -> int:
    return _delete(AccessToken.objects.filter(expires_at__lt=_days_before(now, settings.KEEP_INVITATIONS_DAYS)))


def _invitations(now: datetime.datetime) -> int:
    """Those that nobody accepted. Who was invited by whom and came stays."""
    before = _days_before(now, settings.KEEP_INVITATIONS_DAYS)
    gone = Q(expires_at__lt=before) | Q(revoked_at__lt=before)
    return _delete(Invitation.objects.filter(gone, accepted_at=None))


def _deliveries(now: datetime.datetime) -> int:
    """All but those that wait, and one that was given up as the last of its webhook: the next one has to say so."""
    before = _days_before(now, settings.KEEP_DELIVERIES_DAYS)
    ended = Delivery.objects.exclude(state=DeliveryState.WAITING)
    later = ended.filter(webhook=OuterRef("webhook"), pk__gt=OuterRef("pk"))
    owed = Q(state=DeliveryState.GIVEN_UP) & ~Exists(later)
    return _delete(
        Delivery.objects.filter(pk__in=list(ended.filter(~owed, made_at__lt=before).values_list("pk", flat=True)))
    )


def _imports(now: datetime.datetime) -> int:
    """Texts that came in and of which nothing was logged; what was logged says where the record is from."""
    before = _days_before(now, settings.KEEP_IMPORTS_DAYS)
    left = StagedImport.objects.filter(Q(finished_at__lt=before) | Q(finished_at=None, sent_at__lt=before))
    return _delete(left.exclude(state=StagedState.LOGGED).exclude(provisions__revision__isnull=False))


def _failed_logins(now: datetime.datetime) -> int:
    """Rows of the cache in the database that have expired; Redis forgets by itself."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):
        return 0
    connection = connections[router.db_for_write(cache.cache_model_class) or "default"]
    expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    table = connection.ops.quote_name(cache.cache_model_class._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [expired])  # noqa: S608 - the name of a table
        return int(cursor.rowcount)


FORGOTTEN: dict[str, Callable[[datetime.datetime], int]] = {
    "sessions": _sessions,
    "sign-ins": _sign_ins,
    "tokens": _tokens,
    "invitations": _invitations,
    "deliveries": _deliveries,
    "imports": _imports,
    "rows of the cache": _failed_logins,
}


def _days_before(now: datetime.datetime, days: int) -> datetime.datetime:
    return now - datetime.timedelta(days=days)


def _delete(rows: Any) -> int:
    """Delete rows with what hangs on them; return how many of them there were."""
    return int(rows.delete()[1].get(rows.model._meta.label, 0))
