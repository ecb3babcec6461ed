"""Digests: what changed, told by e-mail to whoever asked for it, and nothing that they may not read."""

import datetime
import logging
from collections.abc import Iterator
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from issues.access.roles import reader_of
from issues.models import Digest, Negotiation
from issues.models.choices import Rhythm
from issues.reports import activity
from issues.sync.versions import last_number
from members.plain_text import written_out

logger = logging.getLogger(__name__)

EVERY = {Rhythm.DAILY: datetime.timedelta(days=1), Rhythm.WEEKLY: datetime.timedelta(days=7)}
# Who sends at the same hour every day must not miss one because the last run took a minute longer.
SLACK = datetime.timedelta(hours=1)
MOST_ENTRIES = 100


def due(now: datetime.datetime) -> "QuerySet[Digest]":
    """Return the digests whose turn has come by `now`."""
    when = Q()
    for rhythm, every in EVERY.items():
        when |= Q(rhythm=rhythm, told_until__lte=now - every + SLACK)
    return Digest.objects.filter(when, user__is_active=True).exclude(user__email="").order_by("pk")


def send_due(now: datetime.datetime | None = None) -> Iterator[tuple[Digest, int]]:
    """Send the digests whose turn has come; yield each with the number of entries that it told, 0 where none was sent.

    What a digest tells goes by the numbers of changes: what is committed while it is made is in the next one. One that
    cannot be sent is logged and tried again the next time; the others are sent.
    """
    until = now or timezone.now()
    for key in list(due(until).values_list("pk", flat=True)):
        try:
            sent = _send(key, until)
        except OSError:  # what smtplib raises, and a connection that fails
            logger.exception("Digest %s could not be sent", key)
        else:
            if sent is not None:
                yield sent


@transaction.atomic
def _send(key: int, until: datetime.datetime) -> tuple[Digest, int] | None:
    """Send one digest; None where somebody else is just sending it, or has."""
    locked = due(until).select_for_update(of=("self",), skip_locked=True)
    digest = locked.select_related("user", "negotiation", "small_group").filter(pk=key).first()
    if digest is None:
        return None
    number = last_number(digest.negotiation_id)
    with translation.override(digest.language):
        message, told = compose(digest, until, number)
    digest.told_until, digest.told_number = until, number
    digest.save(update_fields=["told_until", "told_number"])
    if message is not None:
        message.send()
    return digest, told


def compose(digest: Digest, until: datetime.datetime, number: int) -> tuple[EmailMessage | None, int]:
    """Return the mail about what was told since the last one, as far as the person may read it, and how much it is.

    `number` is that of the last change that is in it. No mail where nothing was. In the language that is active.
    """
    reader, negotiation = reader_of(digest.user), digest.negotiation
    news = activity.News(digest.told_number, number, digest.told_until)
    wanted = activity.Wanted(small_group=digest.small_group, news=news)
    rows = activity.rows(reader, negotiation, wanted)
    count = rows.count()
    if not count:
        return None, 0
    entries = activity.entries(reader, negotiation, list(islice(rows.iterator(MOST_ENTRIES), MOST_ENTRIES)))
    site = address_of(negotiation)
    context = {
        "digest": digest,
        "entries": [(entry, site + entry.address) for entry in entries],
        "more": count - len(entries),
        "activity": site + reverse("activity"),
        "digests": site + reverse("digests"),
        "of": digest.small_group.name if digest.small_group else negotiation.name,
    }
    subject = _("{what}: changes up to {day}").format(
        what=digest.small_group.name if digest.small_group else negotiation.short_name,
        day=timezone.localtime(until).date().isoformat(),
    )
    message = EmailMessage(
        written_out(" ".join(subject.split())),
        written_out(render_to_string("issues/email/digest.txt", context)),
        to=[digest.user.email],
        headers={"List-Unsubscribe": f"<{context['digests']}>", "Auto-Submitted": "auto-generated"},
    )
    return message, count


def address_of(negotiation: Negotiation) -> str:
    """Return where the site of `negotiation` is, without a slash behind, for who has no request at hand."""
    return settings.SITE_URL.rstrip("/") + negotiation.path
