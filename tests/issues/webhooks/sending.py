"""Functions that create webhooks and log changes for them to deliver."""

from typing import Any

from django.utils import timezone

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Negotiation, Provision, Webhook
from issues.notifications import webhooks
from tests.factories import UserFactory
from tests.people import secretariat


def negotiation() -> Negotiation:
    return Negotiation.objects.get(slug="jsi")


def hook(url: str, user: Any = None, **values: Any) -> tuple[Webhook, str]:
    return webhooks.create(user=user or UserFactory(), negotiation=negotiation(), url=url, **values)


def log(slug: str, words: str = "And so on.") -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = secretariat()
    changes.log(TextChange(provision, base_revision=current.number, edit=f"{current.text} {words}"), actor=actor)


def later(webhook: Webhook) -> None:
    """Make the next attempt due now."""
    Webhook.objects.filter(pk=webhook.pk).update(next_try=timezone.now())


def keys(said: dict[str, Any]) -> list[str]:
    return [row["key"] for row in said["changes"]]
