"""Models of WTO members, their names, and the groupings to which they belong."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from members.choices import DevelopmentStatus, Language, Precision, Region
from members.models.names import fold, local_value
from members.models.periods import in_force
from members.text_fields import LineField, ProseField, SlugField


class MemberQuerySet(models.QuerySet["Member"]):
    def get_by_natural_key(self, code: str) -> "Member":
        return self.get(code=code)

    def of_wto_on(self, day: datetime.date) -> "MemberQuerySet":
        """Return the members that belonged to the WTO on `day`."""
        return self.filter(wto_member_since__lte=day)


class Member(models.Model):
    """A member of the WTO, whether or not it takes part in a negotiation."""

    code = LineField(
        max_length=10, unique=True, help_text="The customary code in WTO documents, for example CAN, EU or TPKM."
    )
    name = LineField(max_length=100, unique=True, help_text="The name as the WTO writes it.")
    name_fr = LineField("name in French", max_length=100, blank=True)
    name_es = LineField("name in Spanish", max_length=100, blank=True)
    iso_alpha2 = LineField("ISO 3166-1 alpha-2", max_length=2, unique=True)
    iso_alpha3 = LineField("ISO 3166-1 alpha-3", max_length=3, unique=True)
    region = models.CharField(max_length=20, choices=Region.choices)
    development_status = models.CharField(max_length=10, choices=DevelopmentStatus.choices)
    wto_member_since = models.DateField("WTO member since")
    note = ProseField(blank=True)
    source = ProseField(help_text="The source of the facts in this row.")

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
        """The name in the active language."""
        return local_value(self)

    @property
    def is_ldc(self) -> bool:
        """Whether the United Nations lists the member as a least developed country."""
        return self.development_status == DevelopmentStatus.LDC


class GroupingQuerySet(models.QuerySet["Grouping"]):
    def get_by_natural_key(self, slug: str) -> "Grouping":
        return self.get(slug=slug)


class Grouping(models.Model):
    """Members that act together or are counted together. Memberships have dates."""

    slug = SlugField(unique=True)
    code = LineField(
        max_length=40, unique=True, help_text="The code at the head of a bracket, for example AFRICAN GROUP."
    )
    name = LineField(max_length=150, unique=True)
    kind = LineField(max_length=50)
    speaks = models.BooleanField(default=True, help_text="Whether the grouping can be named at the head of a bracket.")
    represented_by = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # the table has few rows
        related_name="represents",
        help_text="The member that negotiates for the other members of the grouping throughout their membership. "
        "Empty: each member negotiates for itself.",
    )
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
        """The name, which is always in English."""
        return self.name

    def members_on(self, day: datetime.date) -> MemberQuerySet:
        """Return the members that belonged to the grouping on `day`, ordered by name."""
        return Member.objects.filter(pk__in=self.memberships.filter(in_force(day)).values("member"))


class GroupingMembership(models.Model):
    """The membership of a WTO member in a grouping, with its first and last days if they are known."""

    grouping = models.ForeignKey(Grouping, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, models.PROTECT, related_name="memberships")
    since = models.DateField(null=True, blank=True, help_text="Empty: since before the first date on record.")
    since_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    until = models.DateField(null=True, blank=True, help_text="The last date. Empty: still a member.")
    until_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    source = ProseField()

    class Meta:
        ordering = ["grouping", "member"]
        constraints = [
            models.UniqueConstraint(fields=["grouping", "member", "since"], name="grouping_membership_once"),
            # A unique constraint treats NULLs as distinct, so memberships without a first day need a separate
            # constraint.
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
    """A name by which texts refer to a member or a grouping. It may be a code or a name in any language."""

    text = LineField(max_length=150, unique=True)
    folded = models.CharField(
        max_length=150, unique=True, editable=False, help_text="The normalised text that searches compare."
    )
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
