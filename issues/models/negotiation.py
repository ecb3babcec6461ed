"""Negotiations and their participants."""

import calendar
import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from members.choices import Precision
from members.dates import PartialDate, last_possible_day, partial_date
from members.models import Member, local_value
from members.text_fields import LineField, ProseField, SlugField


class NegotiationQuerySet(models.QuerySet["Negotiation"]):
    def get_by_natural_key(self, slug: str) -> "Negotiation":
        return self.get(slug=slug)


class Negotiation(models.Model):
    """A negotiation. The JSI on e-commerce is the first negotiation on this site."""

    slug = SlugField(unique=True)
    name = LineField(max_length=200)
    name_fr = LineField("name in French", max_length=200, blank=True, default="", db_default="")
    name_es = LineField("name in Spanish", max_length=200, blank=True, default="", db_default="")
    short_name = LineField(max_length=50)
    short_name_fr = LineField("short name in French", max_length=50, blank=True, default="", db_default="")
    short_name_es = LineField("short name in Spanish", max_length=50, blank=True, default="", db_default="")
    is_default = models.BooleanField(default=False, help_text="The negotiation that the site shows by default.")
    stands_on = models.DateField(
        "facts as of", null=True, blank=True, help_text="The date up to which the loaded facts were collected."
    )
    description = ProseField(blank=True)
    source = ProseField()
    members = models.ManyToManyField(Member, through="Participation", related_name="negotiations")

    objects = NegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_negotiation",
                violation_error_message="Another negotiation is the default. Deselect that negotiation first.",
            ),
        ]

    def __str__(self) -> str:
        return self.local_short_name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def local_name(self) -> str:
        """The name in the active language."""
        return local_value(self)

    @property
    def local_short_name(self) -> str:
        """The short name in the active language."""
        return local_value(self, "short_name")

    @cached_property
    def has_demonstration(self) -> bool:
        """Whether any provision of the negotiation is demonstration text, which is invented."""
        return self.provisions.filter(demonstration=True).exists()

    def day(self, as_of: datetime.date | None) -> datetime.date:
        """Return the day that a page or response shows: `as_of`, or else the last day of the facts, or else today.

        Everything that depends on a day uses this function, so that the parts of a response never disagree.
        """
        return as_of or self.stands_on or timezone.localdate()

    def is_later(self, date: PartialDate) -> bool:
        """Return whether a fact of this date is in the past but not shown by default."""
        day, precision = date
        if day is None or self.stands_on is None:
            return False
        return self.stands_on < last_possible_day(day, precision) and day <= timezone.localdate()

    @property
    def has_later_facts(self) -> bool:
        """Whether facts of a date later than the one shown by default can be asked for with `as_of`."""
        return self.stands_on is not None and self.stands_on < timezone.localdate()

    @property
    def path(self) -> str:
        """The path prefix of the negotiation's pages, without a trailing slash.

        It is empty for the default negotiation.
        """
        return "" if self.is_default else f"/negotiations/{self.slug}"


def happened_by(field: str, day: datetime.date) -> Q:
    """Return the condition that selects rows whose partial date in `field` is certainly not later than `day`.

    A date known only to the month or year is taken as the last day of that month or year.
    """
    month = day.replace(day=1)
    month_is_over = day.day == calendar.monthrange(day.year, day.month)[1]
    year = day.replace(month=1, day=1)
    year_is_over = (day.month, day.day) == (12, 31)
    precision = f"{field}_precision"
    return (
        Q(**{precision: Precision.DAY, f"{field}__lte": day})
        | Q(**{precision: Precision.MONTH, f"{field}__{'lte' if month_is_over else 'lt'}": month})
        | Q(**{precision: Precision.YEAR, f"{field}__{'lte' if year_is_over else 'lt'}": year})
    )


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def on(self, day: datetime.date) -> "ParticipationQuerySet":
        """Return the participations that are certainly in force on `day`.

        A start in “2020” is taken as 31 December 2020.
        """
        left = Q(left__isnull=False) & happened_by("left", day)
        return self.filter(happened_by("joined", day)).exclude(left)


class Participation(models.Model):
    """The participation of a member in a negotiation, with its dates, their precision, and the basis for joining."""

    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="participations")
    member = models.ForeignKey(Member, models.PROTECT, related_name="participations")
    joined = models.DateField()
    joined_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    basis = LineField(max_length=100, help_text="How the member joined, for example “2017 statement”.")
    left = models.DateField(
        null=True, blank=True, help_text="The first date on which the member no longer participated."
    )
    left_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    co_convener = models.BooleanField("co-convener", default=False)
    note = ProseField(blank=True)
    source = ProseField()

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "member"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "member", "joined"], name="participation_once"),
            models.UniqueConstraint(
                fields=["negotiation", "member"],
                condition=Q(left=None),
                name="participation_once_at_a_time",
                violation_error_message="The member already takes part. End the current participation first.",
            ),
            models.CheckConstraint(
                condition=Q(left=None) | Q(left__gte=F("joined")),
                name="participation_in_order",
                violation_error_message="A member cannot leave before it has joined.",
            ),
            models.CheckConstraint(
                condition=Q(joined_precision__in=Precision.values) & Q(left_precision__in=Precision.values),
                name="participation_precision_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.negotiation}"

    def holds_on(self, day: datetime.date) -> bool:
        """Return whether the participation is certainly in force on `day`, as in `ParticipationQuerySet.on`."""
        if last_possible_day(self.joined, self.joined_precision) > day:
            return False
        return self.left is None or last_possible_day(self.left, self.left_precision) > day

    @property
    def joined_text(self) -> str:
        """The date of joining, with the precision to which it is known."""
        return partial_date(self.joined, self.joined_precision)
