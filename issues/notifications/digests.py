"""Send digests, which are e-mails about the changes that the recipient may read."""

import datetime
import logging
from collections.abc import Iterator
from itertools import islice

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from issues.access.roles import reader_of
from issues.models import Digest
from issues.models.choices import Rhythm
from issues.models.page_links import PageLink, path_of
from issues.notifications.site_urls import site_url
from issues.reports import activity
from issues.sync.versions import last_change_number
from members.plain_text import sanitize

logger = logging.getLogger(__name__)

INTERVALS = {Rhythm.DAILY: datetime.timedelta(days=1), Rhythm.WEEKLY: datetime.timedelta(days=7)}
# A digest may be sent this much earlier than its interval requires. Otherwise, a run at the same time every day would
# skip a digest whenever the previous run took slightly longer.
SLACK = datetime.timedelta(hours=1)
MAX_ENTRIES = 100


def due(now: datetime.datetime) -> "QuerySet[Digest]":
    """Return the digests that are due at `now`."""
    condition = Q()
    for rhythm, interval in INTERVALS.items():
        condition |= Q(rhythm=rhythm, told_until__lte=now - interval + SLACK)
    return Digest.objects.filter(condition, user__is_active=True).exclude(user__email="").order_by("pk")


def send_due(now: datetime.datetime | None = None) -> Iterator[tuple[Digest, int]]:
    """Send the digests that are due. Yield each digest with its number of entries, or 0 if no e-mail was sent.

    A digest covers a range of change numbers. Changes committed while a digest is composed are therefore included in
    the next digest. If a digest cannot be sent, the error is logged, and the digest is sent at the next run. The other
    digests are not affected.
    """
    until = now or timezone.now()
    for key in list(due(until).values_list("pk", flat=True)):
        try:
            sent = _send(key, until)
        except OSError:  # raised by smtplib, and by a failed connection
            logger.exception("Digest %s could not be sent", key)
        else:
            if sent is not None:
                yield sent


@transaction.atomic
def _send(key: int, until: datetime.datetime) -> tuple[Digest, int] | None:
    """Send a digest. Return None if another process is sending it or has sent it."""
    locked = due(until).select_for_update(of=("self",), skip_locked=True)
    digest = locked.select_related("user", "negotiation", "small_group").filter(pk=key).first()
    if digest is None:
        return None
    number = last_change_number(digest.negotiation_id)
    with translation.override(digest.language):
        message, count = compose(digest, until, number)
    digest.told_until, digest.told_number = until, number
    digest.save(update_fields=["told_until", "told_number"])
    if message is not None:
        message.send()
    return digest, count


def compose(digest: Digest, until: datetime.datetime, number: int) -> tuple[EmailMessage | None, int]:
    """Return the e-mail about the changes after the previous digest and up to `number`, and its number of entries.

    The e-mail is in the active language. It is None if there are no entries.
    """
    reader, negotiation = reader_of(digest.user), digest.negotiation
    news = activity.News(digest.told_number, number, digest.told_until)
    selection = activity.Selection(small_group=digest.small_group, news=news)
    rows = activity.rows(reader, negotiation, selection)
    count = rows.count()
    if not count:
        return None, 0
    entries = activity.entries(reader, negotiation, list(islice(rows.iterator(MAX_ENTRIES), MAX_ENTRIES)))
    site = site_url(negotiation)
    context = {
        "digest": digest,
        "entries": [
            (entry, site + entry.path, [(bracket.label, site + bracket.path) for bracket in entry.brackets])
            for entry in entries
        ],
        "more": count - len(entries),
        "activity": site + path_of(PageLink("activity")),
        "digests": site + path_of(PageLink("digests")),
        "of": digest.small_group.local_name if digest.small_group else negotiation.local_name,
    }
    subject = _("{what}: changes up to {day}").format(
        what=digest.small_group.local_name if digest.small_group else negotiation.local_short_name,
        day=timezone.localtime(until).date().isoformat(),
    )
    message = EmailMessage(
        sanitize(" ".join(subject.split())),
        sanitize(render_to_string("issues/email/digest.txt", context)),
        to=[digest.user.email],
        headers={"List-Unsubscribe": f"<{context['digests']}>", "Auto-Submitted": "auto-generated"},
    )
    return message, count
