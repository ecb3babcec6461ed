"""Who negotiates: WTO members, their names, their groupings, and the people who act for them."""

import datetime
import unicodedata
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from members.choices import DevelopmentStatus, Language, Precision, Region, Role
from members.text_fields import LineField, MailField, ProseField, SlugField


def fold(name: str) -> str:
    """Return `name` without case, marks and repeated spaces, so that "Cote d’Ivoire" finds "Côte d'Ivoire"."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def in_force(day: datetime.date) -> Q:
    """Return the condition that a row with `since` and `until` holds on `day`; an unknown `since` is long ago."""
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))


def local_name(prefix: str = "") -> Combinable:
    """Return the expression of a member's name in the language of whoever reads; `prefix` leads to the member."""
    field = f"{prefix}name_{get_language()}"
    if field not in (f"{prefix}name_fr", f"{prefix}name_es"):
        return F(f"{prefix}name")
    return Coalesce(NullIf(field, Value("")), f"{prefix}name")


class MemberQuerySet(models.QuerySet["Member"]):
    def get_by_natural_key(self, code: str) -> "Member":
        return self.get(code=code)

    def of_wto_on(self, day: datetime.date) -> "MemberQuerySet":
        """Return who was a member of the WTO on `day`."""
        return self.filter(wto_member_since__lte=day)


class Member(models.Model):
    """A member of the WTO, whether or not it takes part in a negotiation."""

    code = LineField(max_length=10, unique=True, help_text="Customary code in WTO documents, such as CAN, EU or TPKM.")
    name = LineField(max_length=100, unique=True, help_text="As the WTO writes it.")
    name_fr = LineField("name in French", max_length=100, blank=True)
    name_es = LineField("name in Spanish", max_length=100, blank=True)
    iso_alpha2 = LineField("ISO 3166-1 alpha-2", max_length=2, unique=True)
    iso_alpha3 = LineField("ISO 3166-1 alpha-3", max_length=3, unique=True)
    region = models.CharField(max_length=20, choices=Region.choices)
    development_status = models.CharField(max_length=10, choices=DevelopmentStatus.choices)
    wto_member_since = models.DateField("WTO member since")
    note = ProseField(blank=True)
    source = ProseField(help_text="Where the facts of this row stand.")

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="member_has_code"),
            models.CheckConstraint(condition=Q(region__in=Region.values), name="member_region_known"),
            models.CheckConstraint(
                condition=Q(development_status__in=DevelopmentStatus.values), name="member_development_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def local_name(self) -> str:
        """What it is called in the language of whoever reads."""
        return {"fr": self.name_fr, "es": self.name_es}.get(get_language() or "en") or self.name

    @property
    def is_ldc(self) -> bool:
        """Whether the United Nations list it among the least developed countries."""
        return self.development_status == DevelopmentStatus.LDC


class GroupingQuerySet(models.QuerySet["Grouping"]):
    def get_by_natural_key(self, slug: str) -> "Grouping":
        return self.get(slug=slug)


class Grouping(models.Model):
    """Members that act or are counted together; who belongs to it has dates."""

    slug = SlugField(unique=True)
    code = LineField(
        max_length=40, unique=True, help_text="As it stands at the head of a bracket, such as AFRICAN GROUP."
    )
    name = LineField(max_length=150, unique=True)
    kind = LineField(max_length=50)
    speaks = models.BooleanField(default=True, help_text="Whether it can stand at the head of a bracket.")
    members = models.ManyToManyField(Member, through="GroupingMembership", related_name="groupings")
    note = ProseField(blank=True)
    source = ProseField()

    objects = GroupingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def local_name(self) -> str:
        """Its name: groupings are known by the English one."""
        return self.name

    def members_on(self, day: datetime.date) -> MemberQuerySet:
        """Return the members that belonged to it on `day`, by name."""
        return Member.objects.filter(pk__in=self.memberships.filter(in_force(day)).values("member"))


class GroupingMembership(models.Model):
    """That a member belonged to a grouping, from when and until when; an empty date is not known or not reached."""

    grouping = models.ForeignKey(Grouping, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, models.PROTECT, related_name="memberships")
    since = models.DateField(null=True, blank=True, help_text="Empty: before the first date on record.")
    since_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    until = models.DateField(null=True, blank=True, help_text="The last day. Empty: still a member.")
    until_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    source = ProseField()

    class Meta:
        ordering = ["grouping", "member"]
        constraints = [
            models.UniqueConstraint(fields=["grouping", "member", "since"], name="grouping_membership_once"),
            # NULLs count as distinct on SQLite: the open beginning needs a constraint of its own.
            models.UniqueConstraint(
                fields=["grouping", "member"],
                condition=Q(since=None),
                name="grouping_membership_once_undated",
                violation_error_message=gettext_lazy("This membership is already on record."),
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="grouping_membership_in_order",
                violation_error_message=gettext_lazy("A membership cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.grouping}"


class AliasQuerySet(models.QuerySet["Alias"]):
    def get_by_natural_key(self, text: str) -> "Alias":
        return self.get(text=text)


class Alias(models.Model):
    """A further name under which a member or a grouping stands in texts: a code, or a name in another language."""

    text = LineField(max_length=150, unique=True)
    folded = models.CharField(max_length=150, unique=True, editable=False, help_text="The text as searches compare it.")
    language = models.CharField(max_length=2, choices=Language.choices, blank=True)
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="aliases")
    grouping = models.ForeignKey(Grouping, models.CASCADE, null=True, blank=True, related_name="aliases")

    objects = AliasQuerySet.as_manager()

    class Meta:
        ordering = ["text"]
        verbose_name_plural = "aliases"
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, grouping__isnull=False) | Q(member__isnull=False, grouping=None),
                name="alias_of_one",
                violation_error_message=gettext_lazy("A name must belong to either a member or a grouping, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str]:
        return (self.text,)

    def clean(self) -> None:
        self.folded = fold(self.text)
        super().clean()


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def on(self, day: datetime.date) -> "DelegationQuerySet":
        """Return the delegations in force on `day`."""
        return self.filter(in_force(day))


class Delegation(models.Model):
    """That a user acts in a role in a negotiation, for a member where the role asks for one, during a period.

    Without a negotiation, as a release before this one may still write it during an upgrade, it counts nowhere.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegations")
    # By name: what is negotiated is the affair of another app, which this one does not import.
    negotiation = models.ForeignKey("issues.Negotiation", models.PROTECT, null=True, related_name="delegations")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="delegations")
    role = models.CharField(max_length=12, choices=Role.choices)
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="The last day. Empty: open-ended.")

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
            return f"{self.user}: {role}"
        return _("%(user)s: %(role)s for %(member)s") % {"user": self.user, "role": role, "member": self.member}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime.datetime) -> "InvitationQuerySet":
        """Return what can be accepted at `now`: by whom the secretariat trusts, from whom it trusts."""
        with_state: Any = self.with_state(now)
        pending: InvitationQuerySet = with_state.filter(state=Invitation.State.PENDING)
        return pending

    def with_state(self, now: datetime.datetime) -> "InvitationQuerySet":
        """Return the invitations with their `state` at `now`."""
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
    """That the secretariat wants somebody to have an account, in a role, for a period. The link is kept by nobody."""

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("pending")
        ACCEPTED = "accepted", gettext_lazy("accepted")
        EXPIRED = "expired", gettext_lazy("expired")
        REVOKED = "revoked", gettext_lazy("revoked")
        ORPHANED = "orphaned", gettext_lazy("void: the sender no longer belongs to the secretariat")

    email = MailField(gettext_lazy("e-mail address"))
    negotiation = models.ForeignKey("issues.Negotiation", models.PROTECT, null=True, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role.choices)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="invitations")
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="The last day. Empty: open-ended.")
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
            # One that is neither accepted nor revoked is sent again instead of being made twice.
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
                violation_error_message=gettext_lazy("A delegate must act for a member; other roles must not."),
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
            return f"{self.email}: {role}"
        return _("%(email)s: %(role)s for %(member)s") % {"email": self.email, "role": role, "member": self.member}


class AccessToken(models.Model):
    """A key with which a program acts as a person over REST: no more than its scope, and not for ever.

    The key itself is kept by nobody. `second_factor` says whether the session that made it had seen one.
    """

    class Scope(models.TextChoices):
        READ = "read", gettext_lazy("read only")
        WRITE = "write", gettext_lazy("read and write")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = LineField(max_length=80, help_text="What it is for.")
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the key.")
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
