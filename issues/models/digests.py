"""Subscriptions to e-mail digests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.models.choices import Rhythm
from issues.models.negotiation import Negotiation
from issues.models.small_groups import SmallGroup


class Digest(models.Model):
    """A user's subscription to e-mails about the changes in a negotiation or in one of its small groups."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="digests")
    small_group = models.ForeignKey(SmallGroup, models.CASCADE, null=True, blank=True, related_name="digests")
    rhythm = models.CharField(max_length=6, choices=Rhythm.choices, default=Rhythm.DAILY)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    told_until = models.DateTimeField(
        default=timezone.now, help_text="The time of the last e-mail, from which the next due date is counted."
    )
    told_number = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="The last change sent or skipped. Empty until the first e-mail: until then, `told_until` applies.",
    )

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["negotiation", "small_group", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "small_group"], name="digest_of_group_once"),
            models.UniqueConstraint(
                fields=["user", "negotiation"], condition=Q(small_group=None), name="digest_of_everything_once"
            ),
            models.CheckConstraint(condition=Q(rhythm__in=Rhythm.values), name="digest_rhythm_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rhythm_display()}: {self.small_group or self.negotiation}"
