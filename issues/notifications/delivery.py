"""Deliver changes to webhooks.

The following rules apply:

- The change feed is the queue. A webhook stores the number of the last change sent to it (`number`). A delivery stores
  the range of changes that it covers (`after`, `until`). A webhook has at most one delivery that is waiting.
- The body is read at each attempt, with the rights that the webhook's user has at that time.
- A worker claims a webhook for `CLAIM_DURATION` (`taken_until`) and does not hold a transaction while it waits for the
  network. A worker that has lost its claim records nothing.
- Failed attempts are repeated at increasing intervals (`RETRY_DELAYS`). After `GIVE_UP_AFTER`, the webhook is paused.
- Requests are signed as https://www.standardwebhooks.com specifies.

Example: changes 13 to 15 are published, and the webhook has `number` 12. The first attempt creates a delivery from 12
to 15 and fails with status 500. Ten seconds later, the second attempt sends the same delivery ID with a body that has
been read again. This attempt succeeds, and `number` becomes 15.
"""

import base64
import datetime
import hashlib
import hmac
import logging
import random
import time
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from issues.access.audiences import COUNTER
from issues.access.roles import reader_of
from issues.models import ChangeCounter, Delivery, Proposal, ProposalStep, Provision, StatusReport, Webhook
from issues.models.choices import DeliveryState, PausedBecause
from issues.notifications.safe_http import Response, post
from issues.notifications.site_urls import site_url
from issues.notifications.webhooks import PURPOSE
from issues.sync.change_feed import FeedPage, FeedPosition, FeedReader
from issues.sync.encryption import fernet_for
from issues.sync.versions import last_change_number
from members.plain_text import sanitize, to_json

logger = logging.getLogger(__name__)

# The limits of one delivery: the number of changes, and the number of characters of JSON. A change that exceeds a limit
# is sent alone.
MAX_CHANGES, MAX_CHARACTERS = 50, 1_000_000
# Seconds until the next attempt after the first, second … failure. Each delay varies randomly by up to a fifth, so that
# webhooks do not all contact a receiver at the same time when it recovers.
RETRY_DELAYS = (10, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
JITTER = 0.2
GIVE_UP_AFTER = datetime.timedelta(hours=48)
# This period is longer than any attempt. If a worker has not finished by then, it has stopped.
CLAIM_DURATION = datetime.timedelta(seconds=60)
KEPT_DELIVERIES = 200
GONE = 410


@dataclass(frozen=True)
class _Message:
    """A delivery with its current body and the rights with which the body was read."""

    delivery: Delivery
    body: bytes
    rights: str


def deliver_due() -> int:
    """Make one attempt for each due delivery, and return the number of attempts.

    Several processes may call this function at the same time.
    """
    attempts = 0
    finished: set[int] = set()
    while (webhook := _claim(finished)) is not None:
        attempts += 1 if _deliver(webhook) else 0
        if not _has_more(webhook):
            finished.add(webhook.pk)
    return attempts


def retry_delay(failures: int) -> datetime.timedelta:
    """Return the time until the next attempt after `failures` failed attempts."""
    seconds = RETRY_DELAYS[min(failures, len(RETRY_DELAYS)) - 1]
    return datetime.timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    signed = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _has_more(webhook: Webhook) -> bool:
    webhook.refresh_from_db()
    return webhook.next_try is None and webhook.number < last_change_number(webhook.negotiation_id)


@transaction.atomic
def _claim(excluded: set[int]) -> Webhook | None:
    """Claim and return a webhook that may have changes to deliver, or return None.

    `excluded` contains the primary keys of webhooks that are not considered.
    """
    now = timezone.now()
    counters = ChangeCounter.objects.filter(negotiation=OuterRef("negotiation"), scope=COUNTER)
    waiting = Delivery.objects.filter(webhook=OuterRef("pk"), state=DeliveryState.WAITING)
    due = Webhook.objects.filter(
        Q(next_try=None) | Q(next_try__lte=now),
        Q(taken_until=None) | Q(taken_until__lte=now),
        Exists(counters.filter(number__gt=OuterRef("number"))) | Exists(waiting),
        paused="",
        user__is_active=True,
    ).exclude(pk__in=excluded)
    # PostgreSQL skips rows that another worker is claiming; SQLite allows only one writer at a time.
    webhook = due.select_for_update(of=("self",), skip_locked=True).order_by("next_try", "pk").first()
    if webhook is not None:
        webhook.taken_until = now + CLAIM_DURATION
        webhook.save(update_fields=["taken_until"])
    return webhook


def _deliver(webhook: Webhook) -> bool:
    """Make one attempt, and return whether a request was sent. No transaction is open during the request."""
    message = _compose(webhook)
    if message is None:
        return False
    started, now = time.monotonic(), int(time.time())
    message_id = str(message.delivery.name)
    secret = fernet_for(PURPOSE).decrypt(webhook.secret.encode())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "jsi-tracker-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, message_id, now, message.body),
    }
    try:
        response: Response | OSError = post(webhook.url, message.body, headers)
    except OSError as error:
        response = error
    _record(webhook, message, response, time.monotonic() - started)
    return True


@transaction.atomic
def _compose(webhook: Webhook) -> _Message | None:
    """Return the next message, or None if there is nothing to send or another worker has claimed the webhook.

    If there is nothing to send, the webhook advances past the changes that were examined.
    """
    if _claimed(webhook).select_for_update(of=("self",)).first() is None:
        return None
    # Read the number before the changes, so that later changes are left to the next delivery.
    newest = last_change_number(webhook.negotiation_id)
    feed = FeedReader(reader_of(webhook.user), webhook.negotiation)
    waiting = webhook.deliveries.filter(state=DeliveryState.WAITING).first()
    after, limit = (waiting.after, waiting.until) if waiting else (webhook.number, newest)
    page = feed.page(FeedPosition(after, after), MAX_CHANGES, _subscribed(webhook, limit))
    rights_changed = feed.rights.mark != webhook.rights
    if not page.rows and not rights_changed:
        if waiting is not None:
            _close(waiting, DeliveryState.EMPTY)
        _claimed(webhook).update(number=limit, taken_until=None, next_try=None)
        return None
    rows, last = _fitting_rows(feed, page, site_url(webhook.negotiation))
    body = {
        "negotiation": webhook.negotiation.slug,
        "start_again": rights_changed,
        "missed": _gave_up_before(webhook),
        "changes": rows,
        # Send the position after the last row, because the number of the last change examined would reveal hidden ones.
        "next": feed.cursor(last),
    }
    # The rows may differ from those of the previous attempt, because the user's rights may have changed.
    delivery = waiting or Delivery(webhook=webhook, after=after)
    delivery.until = last.number if page.more or len(rows) < len(page.rows) else limit
    delivery.save()
    return _Message(delivery, to_json(body).encode(), feed.rights.mark)


def _gave_up_before(webhook: Webhook) -> bool:
    """Return whether the previous delivery was abandoned, so that the receiver has missed changes."""
    previous = webhook.deliveries.exclude(state=DeliveryState.WAITING).order_by("-pk").first()
    return previous is not None and previous.state == DeliveryState.GIVEN_UP


def _subscribed(webhook: Webhook, until: int) -> Q:
    """Return the condition for the changes up to `until` that the webhook covers."""
    condition = Q(number__lte=until)
    if webhook.provision_id is not None:
        return condition & Q(provision=webhook.provision_id)
    group = webhook.small_group
    if group is None:
        return condition
    proposals = Proposal.objects.of_group(group).values("pk")
    return condition & (
        Q(provision__in=Provision.objects.of_group(group).values("pk"))
        | Q(resource="small-group", row=group.pk)
        | Q(resource="status-report", row__in=StatusReport.objects.filter(small_group=group).values("pk"))
        | Q(resource="proposal", row__in=proposals)
        | Q(resource="proposal-step", row__in=ProposalStep.objects.filter(proposal__in=proposals).values("pk"))
    )


def _fitting_rows(feed: FeedReader, page: FeedPage, site: str) -> tuple[list[dict[str, Any]], FeedPosition]:
    """Return as many rows as fit into one delivery, and the position after the last row. The rows are given as JSON."""
    rows: list[dict[str, Any]] = []
    characters, last = 0, page.next
    for row, position in zip(page.rows, page.positions, strict=True):
        content = feed.as_json(row, position, lambda path: site + path)
        characters += len(to_json(content))
        if rows and characters > MAX_CHARACTERS:
            break
        rows.append(content)
        last = FeedPosition(position.number, position.number)
    return rows, last


def _close(delivery: Delivery, state: DeliveryState, **values: Any) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, next_try=None, **values)


def _claimed(webhook: Webhook) -> "QuerySet[Webhook]":
    """Return a queryset that contains the webhook if this worker still holds its claim, and is empty otherwise."""
    return Webhook.objects.filter(pk=webhook.pk, taken_until=webhook.taken_until)


@transaction.atomic
def _record(webhook: Webhook, message: _Message, response: Response | OSError, took: float) -> None:
    """Record the result of an attempt that took `took` seconds, unless another worker has claimed the webhook since."""
    claimed = _claimed(webhook)
    if claimed.select_for_update(of=("self",)).first() is None:
        return
    delivery, now = message.delivery, timezone.now()
    status = response.status if isinstance(response, Response) else None
    result: dict[str, Any] = {
        "tries": delivery.tries + 1,
        "tried_at": now,
        "took": round(took, 3),
        "status": status,
        "answer": sanitize(response.excerpt if isinstance(response, Response) else str(response)),
    }
    if status is not None and 200 <= status < 300:
        _close(delivery, DeliveryState.DELIVERED, **result)
        claimed.update(number=delivery.until, rights=message.rights, taken_until=None, next_try=None)
        _delete_old_deliveries(webhook)
    elif status == GONE or now - delivery.made_at >= GIVE_UP_AFTER:
        _close(delivery, DeliveryState.GIVEN_UP, **result)
        reason = PausedBecause.GONE if status == GONE else PausedBecause.FAILING
        claimed.update(number=delivery.until, paused=reason, taken_until=None, next_try=None)
        logger.warning("Webhook %s is paused: %s", webhook.pk, reason.label)
    else:
        next_try = now + retry_delay(result["tries"])
        Delivery.objects.filter(pk=delivery.pk).update(next_try=next_try, **result)
        claimed.update(taken_until=None, next_try=next_try)


def _delete_old_deliveries(webhook: Webhook) -> None:
    kept = webhook.deliveries.order_by("-pk").values_list("pk", flat=True)[:KEPT_DELIVERIES]
    webhook.deliveries.exclude(pk__in=list(kept)).delete()
