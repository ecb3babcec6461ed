"""Manage webhooks, which are URLs that receive the changes that a user may read.

`notifications.delivery` sends the changes.
"""

import base64
import secrets

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from issues.access.roles import reader_of
from issues.models import Negotiation, Provision, SmallGroup, Webhook
from issues.models.choices import DeliveryState, PausedBecause
from issues.sync.change_feed import FeedReader
from issues.sync.encryption import fernet_for
from issues.sync.versions import last_change_number

# This value is part of the encryption key. If it changed, stored secrets could no longer be decrypted.
PURPOSE = "issues.webhooks"
SECRET_PREFIX = "whsec_"  # noqa: S105  # the prefix of the standard, not a secret
MAX_PER_PERSON = 10


def create(
    *,
    user: AbstractBaseUser,
    negotiation: Negotiation,
    url: str,
    small_group: SmallGroup | None = None,
    provision: Provision | None = None,
) -> tuple[Webhook, str]:
    """Create a webhook for all later changes. Return the webhook and its secret, which cannot be retrieved again.

    `small_group` or `provision` limits the webhook to changes that concern a small group or a text.
    """
    secret = secrets.token_bytes(32)
    webhook = Webhook.objects.create(
        user_id=user.pk,
        negotiation=negotiation,
        url=url,
        small_group=small_group,
        provision=provision,
        secret=fernet_for(PURPOSE).encrypt(secret).decode(),
        number=last_change_number(negotiation.pk),
        rights=FeedReader(reader_of(user), negotiation).rights.mark,
    )
    return webhook, SECRET_PREFIX + base64.b64encode(secret).decode()


def pause(webhook: Webhook) -> None:
    """Stop deliveries until `resume` is called. The changes made in the meantime are delivered then."""
    Webhook.objects.filter(pk=webhook.pk, paused="").update(paused=PausedBecause.PERSON)


def resume(webhook: Webhook) -> None:
    """Resume deliveries immediately. A delivery that was abandoned is not attempted again."""
    Webhook.objects.filter(pk=webhook.pk).update(paused="", next_try=None)
    webhook.deliveries.filter(state=DeliveryState.WAITING).update(made_at=timezone.now(), next_try=None)
