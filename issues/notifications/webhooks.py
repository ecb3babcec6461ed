"""Webhooks: telling an address of the changes that its person may read, signed, and again until it has heard.

There is no queue beside the feed: a webhook remembers how far it was told, and a delivery which changes it is about.
What is sent is read at each try, with the rights that the person has then. Signatures are those of
https://www.standardwebhooks.com, for which there are libraries in most languages.
"""

import base64
import datetime
import hashlib
import hmac
import logging
import random
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from issues.access.audiences import COUNTER
from issues.access.roles import reader_of
from issues.models import (
    Delivery,
    Negotiation,
    Proposal,
    ProposalStep,
    Provision,
    SmallGroup,
    StatusReport,
    Tide,
    Webhook,
)
from issues.models.choices import DeliveryState, PausedBecause
from issues.notifications.digests import address_of
from issues.notifications.safe_http import Answer, post
from issues.sync.change_feed import Follower, Page, Place
from issues.sync.encryption import box
from issues.sync.versions import last_number
from members.plain_text import written_as_json, written_out

logger = logging.getLogger(__name__)

PURPOSE = "issues.notifications.webhooks"
PREFIX = "whsec_"
MOST_OF_ONE_PERSON = 10
# As much as one delivery holds: changes, and letters of JSON, of which the first change may take more.
MOST_CHANGES, MOST_LETTERS = 50, 1_000_000
# Seconds until the next try, after the first, second … one that failed; each a fifth more or less, so that receivers
# that come back are not asked by all at once.
WAITS = (10, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
JITTER = 0.2
GIVEN_UP_AFTER = datetime.timedelta(hours=48)
# Longer than any try takes: whoever has not come back by then has died.
TAKEN_FOR = datetime.timedelta(seconds=60)
KEPT = 200


def make(
    *,
    user: AbstractBaseUser,
    negotiation: Negotiation,
    url: str,
    small_group: SmallGroup | None = None,
    provision: Provision | None = None,
) -> tuple[Webhook, str]:
    """Have `url` told of what changes from now on; return the webhook and its secret, which is shown this once."""
    secret = secrets.token_bytes(32)
    follower = Follower(reader_of(user), negotiation)
    webhook = Webhook.objects.create(
        user_id=user.pk,
        negotiation=negotiation,
        url=url,
        small_group=small_group,
        provision=provision,
        secret=box(PURPOSE).encrypt(secret).decode(),
        number=last_number(negotiation.pk),
        rights=follower.rights.mark,
    )
    return webhook, PREFIX + base64.b64encode(secret).decode()


def pause(webhook: Webhook) -> None:
    """Tell nothing until `resume`; what changes meanwhile is told then."""
    Webhook.objects.filter(pk=webhook.pk, paused="").update(paused=PausedBecause.PERSON)


def resume(webhook: Webhook) -> None:
    """Go on telling, at once; what was given up is not tried again."""
    Webhook.objects.filter(pk=webhook.pk).update(paused="", next_try=None)
    webhook.deliveries.filter(state=DeliveryState.WAITING).update(made_at=timezone.now(), next_try=None)


def signature(secret: bytes, name: str, timestamp: int, body: bytes) -> str:
    """Return what proves that `body` was sent under `name` at `timestamp` by who knows the secret."""
    signed = hmac.new(secret, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def deliver_due() -> int:
    """Try once whatever is due; return how many tries there were. Several processes may do so at the same time."""
    tries = 0
    seen: set[int] = set()
    while (webhook := _take(seen)) is not None:
        tries += 1 if _deliver(webhook) else 0
        if not _has_more(webhook):
            seen.add(webhook.pk)
    return tries


def _has_more(webhook: Webhook) -> bool:
    webhook.refresh_from_db()
    return webhook.next_try is None and webhook.number < last_number(webhook.negotiation_id)


@transaction.atomic
def _take(seen: set[int]) -> Webhook | None:
    """Return a webhook for which there may be something to do, taken so that nobody else does it meanwhile."""
    now = timezone.now()
    news = Tide.objects.filter(negotiation=OuterRef("negotiation"), scope=COUNTER, number__gt=OuterRef("number"))
    waiting = Delivery.objects.filter(webhook=OuterRef("pk"), state=DeliveryState.WAITING)
    due = Webhook.objects.filter(
        Q(next_try=None) | Q(next_try__lte=now),
        Q(taken_until=None) | Q(taken_until__lte=now),
        Exists(news) | Exists(waiting),
        paused="",
        user__is_active=True,
    ).exclude(pk__in=seen)
    # On SQLite there is one writer at a time; elsewhere, whoever is just taking one is not waited for.
    webhook = due.select_for_update(of=("self",), skip_locked=True).order_by("next_try", "pk").first()
    if webhook is not None:
        webhook.taken_until = now + TAKEN_FOR
        webhook.save(update_fields=["taken_until"])
    return webhook


@dataclass(frozen=True)
class _Letter:
    """What is to be sent: a delivery, and its body as of now."""

    delivery: Delivery
    body: bytes
    rights: str


def _deliver(webhook: Webhook) -> bool:
    """Try once; return whether anything was sent. No transaction is open while the network is waited for."""
    letter = _written(webhook)
    if letter is None:
        return False
    began, now = time.monotonic(), int(time.time())
    name = str(letter.delivery.name)
    secret = box(PURPOSE).decrypt(webhook.secret.encode())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "jsi-tracker-webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, name, now, letter.body),
    }
    try:
        answer: Answer | OSError = post(webhook.url, letter.body, headers)
    except OSError as error:
        answer = error
    _record(webhook, letter, answer, time.monotonic() - began)
    return True


@transaction.atomic
def _written(webhook: Webhook) -> _Letter | None:
    """Return what is to be sent next; None where nothing is, and then how far that was seen is remembered.

    None as well where somebody else has taken the webhook over meanwhile: the try is that one's.
    """
    if _held(webhook).select_for_update(of=("self",)).first() is None:
        return None
    # Read before the changes: what comes later is for the next time.
    reached = last_number(webhook.negotiation_id)
    follower = Follower(reader_of(webhook.user), webhook.negotiation)
    waiting = webhook.deliveries.filter(state=DeliveryState.WAITING).first()
    after, limit = (waiting.after, waiting.until) if waiting else (webhook.number, reached)
    page = follower.page(Place(after, after), MOST_CHANGES, _wanted(webhook, limit))
    turned = follower.rights.mark != webhook.rights
    if not page.rows and not turned:
        if waiting is not None:
            _close(waiting, DeliveryState.EMPTY)
        _held(webhook).update(number=limit, taken_until=None, next_try=None)
        return None
    rows, last = _cut(follower, page, address_of(webhook.negotiation))
    until = last.number if page.more or len(rows) < len(page.rows) else limit
    before = webhook.deliveries.exclude(state=DeliveryState.WAITING).order_by("-pk").first()
    said = {
        "negotiation": webhook.negotiation.slug,
        "start_again": turned,
        "missed": before is not None and before.state == DeliveryState.GIVEN_UP,
        "changes": rows,
        # Of the last row, and not how far was looked: that would tell of what is hidden.
        "next": follower.cursor(last),
    }
    # The rows may be other ones than at the last try, by what the person may read now.
    waiting = waiting or Delivery(webhook=webhook, after=after)
    waiting.until = until
    waiting.save()
    return _Letter(waiting, written_as_json(said).encode(), follower.rights.mark)


def _wanted(webhook: Webhook, until: int) -> Q:
    """Return the condition on changes that a webhook is about."""
    wanted = Q(number__lte=until)
    if webhook.provision_id is not None:
        return wanted & Q(provision=webhook.provision_id)
    group = webhook.small_group
    if group is None:
        return wanted
    proposals = Proposal.objects.of_group(group).values("pk")
    return wanted & (
        Q(provision__in=Provision.objects.of_group(group).values("pk"))
        | Q(resource="small-group", row=group.pk)
        | Q(resource="status-report", row__in=StatusReport.objects.filter(small_group=group).values("pk"))
        | Q(resource="proposal", row__in=proposals)
        | Q(resource="proposal-step", row__in=ProposalStep.objects.filter(proposal__in=proposals).values("pk"))
    )


def _cut(follower: Follower, page: Page, site: str) -> tuple[list[dict[str, Any]], Place]:
    """Return as many rows as fit into one delivery, and the place behind the last one."""
    rows: list[dict[str, Any]] = []
    letters, last = 0, page.next
    for row, place in zip(page.rows, page.places, strict=True):
        said = follower.said(row, place, lambda path: site + path)
        letters += len(written_as_json(said))
        if rows and letters > MOST_LETTERS:
            break
        rows.append(said)
        last = Place(place.number, place.number)
    return rows, last


def _close(delivery: Delivery, state: DeliveryState, **values: Any) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, next_try=None, **values)


def _held(webhook: Webhook) -> "QuerySet[Webhook]":
    """Return the webhook as long as nobody else has taken it over since it was taken here: else nothing."""
    return Webhook.objects.filter(pk=webhook.pk, taken_until=webhook.taken_until)


@transaction.atomic
def _record(webhook: Webhook, letter: _Letter, answer: Answer | OSError, took: float) -> None:
    """Remember what came of a try; unless it took so long that somebody else has taken the webhook over."""
    mine = _held(webhook)
    if mine.select_for_update(of=("self",)).first() is None:
        return
    delivery, now = letter.delivery, timezone.now()
    came: dict[str, Any] = {
        "tries": delivery.tries + 1,
        "tried_at": now,
        "took": round(took, 3),
        "status": answer.status if isinstance(answer, Answer) else None,
        "answer": written_out(answer.excerpt if isinstance(answer, Answer) else str(answer)),
    }
    status = came["status"] or 0
    if 200 <= status < 300:
        _close(delivery, DeliveryState.DELIVERED, **came)
        mine.update(number=delivery.until, rights=letter.rights, taken_until=None, next_try=None)
        _forget_old(webhook)
    elif status == 410 or now - delivery.made_at >= GIVEN_UP_AFTER:
        _close(delivery, DeliveryState.GIVEN_UP, **came)
        why = PausedBecause.GONE if status == 410 else PausedBecause.FAILING
        mine.update(number=delivery.until, paused=why, taken_until=None, next_try=None)
        logger.warning("Webhook %s is paused: %s", webhook.pk, why.label)
    else:
        later = now + wait_after(came["tries"])
        Delivery.objects.filter(pk=delivery.pk).update(next_try=later, **came)
        mine.update(taken_until=None, next_try=later)


def wait_after(tries: int) -> datetime.timedelta:
    """Return how long is waited after as many tries as failed."""
    seconds = WAITS[min(tries, len(WAITS)) - 1]
    return datetime.timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret


def _forget_old(webhook: Webhook) -> None:
    kept = webhook.deliveries.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    webhook.deliveries.exclude(pk__in=list(kept)).delete()
