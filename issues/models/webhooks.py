"""Webhooks and their deliveries."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.models.choices import DeliveryState, PausedBecause
from issues.models.negotiation import Negotiation
from issues.models.small_groups import SmallGroup
from issues.models.text import Provision
from members.text_fields import ProseField, URLField


class Webhook(models.Model):
    """A URL to which changes in a negotiation, small group or text are delivered.

    Only changes that the webhook's user may read are delivered. The change feed serves as the queue of deliveries. The
    field `number` is the number of the last change delivered. Deliveries are sent one at a time.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="webhooks")
    small_group = models.ForeignKey(SmallGroup, models.CASCADE, null=True, blank=True, related_name="webhooks")
    provision = models.ForeignKey(Provision, models.CASCADE, null=True, blank=True, related_name="webhooks")
    url = URLField(max_length=500)
    secret = models.TextField(help_text="The key that signs deliveries, encrypted with the secret key of the site.")
    made_at = models.DateTimeField(default=timezone.now)
    paused = models.CharField(max_length=8, choices=PausedBecause.choices, blank=True)
    number = models.PositiveBigIntegerField(help_text="The last change sent or skipped.")
    rights = models.CharField(
        max_length=16,
        help_text="Identifies the rights with which the last delivery was read, so that a change of rights is noticed.",
    )
    next_try = models.DateTimeField(
        null=True, blank=True, help_text="The earliest time of the next attempt. Empty: as soon as there are changes."
    )
    taken_until = models.DateTimeField(
        null=True, blank=True, help_text="The time until which a worker has claimed the webhook."
    )

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(small_group=None) | Q(provision=None), name="webhook_of_one_thing"),
            models.CheckConstraint(condition=Q(paused__in=["", *PausedBecause.values]), name="webhook_paused_known"),
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.of}"

    @property
    def of(self) -> str:
        """A label for the changes that the webhook covers."""
        if self.provision_id is not None:
            # Pages load the provision only if the user may read it.
            return self.provision.heading if self.provision else str(_("A text that you are not permitted to read"))
        return self.small_group.local_name if self.small_group else str(_("Everything"))


class Delivery(models.Model):
    """A range of changes to be delivered to a webhook, and the result of the last attempt."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    name = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Identifies the delivery in every attempt.")
    after = models.PositiveBigIntegerField(help_text="The delivery contains the changes after this number …")
    until = models.PositiveBigIntegerField(help_text="… up to and including this number.")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(null=True, blank=True)
    status = models.PositiveIntegerField(null=True, blank=True, help_text="HTTP status code. Empty: no response.")
    answer = ProseField(blank=True, help_text="The beginning of the response, or the reason why there was no response.")
    took = models.FloatField(null=True, blank=True, help_text="Duration in seconds.")

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["webhook"], condition=Q(state="waiting"), name="delivery_one_after_the_other"
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_state_display()}"
