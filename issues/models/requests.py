"""Requests by delegates for operations that they may not perform themselves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from issues.models.choices import RequestState
from issues.models.text import Provision, Revision
from members.models import Member
from members.text_fields import ProseField


class ChangeRequest(models.Model):
    """A request to lift, drop, choose, merge or mark brackets in a text, with the facilitator's response."""

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="requests")
    base = models.ForeignKey(
        Revision,
        models.PROTECT,
        related_name="requests_on_it",
        help_text="The revision for which the operation was requested.",
    )
    operation = models.JSONField(help_text="In the format of `issues.text.operations.Operation`.")
    says = models.TextField(help_text="The effect of the operation at the time of the request, in sentences.")
    reason = ProseField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests_asked")
    on_behalf_of = models.ForeignKey(Member, models.PROTECT, related_name="requests_asked")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="requests_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = ProseField(blank=True, help_text="The reason for declining, or a comment on the acceptance.")
    revision = models.ForeignKey(
        Revision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests_accepted",
        help_text="The revision that resulted from an accepted request.",
    )
    undone = models.ForeignKey(
        Revision,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="requests_reopened",
        help_text="The revision that first resulted from the request, if it was undone and the request reopened.",
    )
    lapsed_because = ProseField(blank=True, db_default="", help_text="Why the request lapsed, in a sentence.")
    lapsed_in = models.ForeignKey(
        Revision,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="requests_lapsed",
        help_text="The revision that made the request lapse, if any.",
    )
    stands_in = models.ForeignKey(
        Revision,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="requests_standing",
        help_text="The newest revision in which the bracket was found. Empty: the revision for which it was requested.",
    )
    stands_as = models.JSONField(null=True, blank=True, help_text="The operation as it applies to that revision.")
    idempotency_key = models.CharField(max_length=64, blank=True)
    decision_key = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text="The idempotency key of the decision, by which a retry is recognised.",
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["asked_by", "idempotency_key"], condition=~Q(idempotency_key=""), name="request_asked_once"
            ),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, decided_by=None)
                | Q(state="lapsed", decided_at__isnull=False, decided_by=None)
                | (~Q(state__in=["open", "lapsed"]) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="request_open_or_decided",
            ),
            models.CheckConstraint(
                condition=(Q(state="lapsed") & ~Q(lapsed_because=""))
                | (~Q(state="lapsed") & Q(lapsed_because="", lapsed_in=None)),
                name="request_lapsed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer=""),
                name="request_declined_with_a_reason",
                violation_error_message="Give the reason for declining the request.",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", revision__isnull=False) | (~Q(state="accepted") & Q(revision=None)),
                name="request_accepted_became_a_revision",
            ),
        ]
        indexes = [models.Index(F("provision"), F("state"), name="request_by_provision")]

    def __str__(self) -> str:
        return self.says if self.says_who_asks else f"{self.on_behalf_of} asks: {self.says}"

    @property
    def state_now(self) -> str:
        """The current state. It is “lapsed” if `with_right` found that the right to make the request has ended."""
        lapsed = self.state == RequestState.OPEN and not getattr(self, "right_holds", True)
        return str(RequestState.LAPSED) if lapsed else self.state

    @property
    def says_who_asks(self) -> bool:
        """Return whether the stored description is a complete sentence that names the requesting member."""
        return self.says.startswith(f"{self.on_behalf_of.name} asks ")

    @property
    def at(self) -> int:
        """The offset at which the bracket began when it was last located."""
        return int((self.stands_as or self.operation)["at"])
