"""Models of people's roles in negotiations, their invitations and their access tokens."""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.choices import Role
from members.models.members import Member
from members.models.periods import in_force
from members.text_fields import EmailField, LineField


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def on(self, day: datetime.date) -> "DelegationQuerySet":
        """Return the delegations in force on `day`."""
        return self.filter(in_force(day))


class Delegation(models.Model):
    """A user's role in a negotiation during a period. A delegate acts for a member.

    A row without a negotiation has no effect. An earlier release may write such rows while an upgrade is in progress.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegations")
    # The model is referenced by name because this app does not import `issues`.
    negotiation = models.ForeignKey("issues.Negotiation", models.PROTECT, null=True, related_name="delegations")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="delegations")
    role = models.CharField(max_length=12, choices=Role.choices)
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="The last date. Empty: no end date.")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["user", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "negotiation", "member", "role", "since"], name="delegation_once_in_negotiation"
            ),
            models.UniqueConstraint(
                fields=["user", "negotiation", "role", "since"],
                condition=Q(member=None),
                name="role_once_in_negotiation",
                violation_error_message=gettext_lazy("This role is already on record."),
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="delegation_role_known"),
            models.CheckConstraint(
                condition=~Q(role=Role.DELEGATE) | Q(member__isnull=False),
                name="delegate_acts_for_a_member",
                violation_error_message=gettext_lazy("A delegate acts for a member: select the member."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="delegation_in_order",
                violation_error_message=gettext_lazy("A delegation cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        role = self.get_role_display().lower()
        if self.member is None:
            return f"{self.user}{_(':')} {role}"
        return _("%(user)s: %(role)s for %(member)s") % {"user": self.user, "role": role, "member": self.member}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime.datetime) -> "InvitationQuerySet":
        """Return the invitations that can be accepted at `now`."""
        with_state: Any = self.with_state(now)
        pending: InvitationQuerySet = with_state.filter(state=Invitation.State.PENDING)
        return pending

    def with_state(self, now: datetime.datetime) -> "InvitationQuerySet":
        """Return the invitations annotated with their `state` at `now`, one of `Invitation.State`."""
        day = timezone.localdate(now)
        in_office = Delegation.objects.on(day).filter(
            user=OuterRef("invited_by"),
            user__is_active=True,
            role=Role.SECRETARIAT,
            negotiation=OuterRef("negotiation"),
        )
        state = Case(
            When(accepted_at__isnull=False, then=Value(Invitation.State.ACCEPTED)),
            When(revoked_at__isnull=False, then=Value(Invitation.State.REVOKED)),
            When(Q(expires_at__lte=now) | Q(until__lt=day), then=Value(Invitation.State.EXPIRED)),
            When(~Exists(in_office), then=Value(Invitation.State.ORPHANED)),
            default=Value(Invitation.State.PENDING),
            output_field=models.CharField(),
        )
        return self.annotate(state=state)


class Invitation(models.Model):
    """An invitation by the secretariat to take a role in a negotiation. Only a digest of the link's token is stored."""

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("pending")
        ACCEPTED = "accepted", gettext_lazy("accepted")
        EXPIRED = "expired", gettext_lazy("expired")
        REVOKED = "revoked", gettext_lazy("revoked")
        ORPHANED = "orphaned", gettext_lazy("void: the sender no longer belongs to the secretariat")

    email = EmailField(gettext_lazy("e-mail address"))
    negotiation = models.ForeignKey("issues.Negotiation", models.PROTECT, null=True, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role.choices)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="invitations")
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="The last date. Empty: no end date.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token in the link.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="invitations")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="accepted_invitations"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            # A pending invitation is resent instead of being created a second time.
            models.UniqueConstraint(
                fields=["email", "negotiation", "role", "member"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_once_in_negotiation",
                violation_error_message=gettext_lazy(
                    "This invitation is already in the list: send it again, or revoke it first."
                ),
            ),
            models.UniqueConstraint(
                fields=["email", "negotiation", "role"],
                condition=Q(accepted_at=None, revoked_at=None, member=None),
                name="invited_role_once_in_negotiation",
                violation_error_message=gettext_lazy(
                    "This invitation is already in the list: send it again, or revoke it first."
                ),
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.DELEGATE, member__isnull=False) | (~Q(role=Role.DELEGATE) & Q(member=None)),
                name="invited_delegate_acts_for_a_member",
                violation_error_message=gettext_lazy(
                    "A delegate must act for a member, and people in other roles must not."
                ),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="invitation_in_order",
                violation_error_message=gettext_lazy("A period cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        role = self.get_role_display().lower()
        if self.member is None:
            return f"{self.email}{_(':')} {role}"
        return _("%(email)s: %(role)s for %(member)s") % {"email": self.email, "role": role, "member": self.member}


class AccessToken(models.Model):
    """A key with which a program uses the API on behalf of the key's owner, within a scope and until a date.

    Only a digest of the key is stored. `second_factor` is set if the session that created the key had verified a
    second factor.
    """

    class Scope(models.TextChoices):
        READ = "read", gettext_lazy("read-only")
        WRITE = "write", gettext_lazy("read and write")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = LineField(max_length=80, help_text="The purpose of the token.")
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token.")
    second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="access_token_scope_known"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="access_token_expires_behind_its_making"
            ),
        ]

    def __str__(self) -> str:
        return self.name
