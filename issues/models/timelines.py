"""Timelines, which follow a subject through documents and meetings, and expectations about what comes next."""

import datetime

from django.db import models
from django.db.models import Q

from issues.models.negotiation import Negotiation
from issues.models.outline import Issue
from members.choices import Precision
from members.dates import last_possible_day, partial_date
from members.text_fields import LineField, ProseField, SlugField


class TimelineQuerySet(models.QuerySet["Timeline"]):
    def get_by_natural_key(self, negotiation: str, slug: str) -> "Timeline":
        return self.get(negotiation__slug=negotiation, slug=slug)


class Timeline(models.Model):
    """A subject that is followed through time, such as the moratorium on customs duties.

    A timeline consists of the documents and meetings that are assigned to it and of those tied to one of its issues.
    """

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="timelines")
    slug = SlugField()
    name = LineField(max_length=150)
    description = ProseField(blank=True)
    issues = models.ManyToManyField(
        Issue, blank=True, related_name="timelines", help_text="Issues whose documents and meetings belong to it."
    )
    source = ProseField()

    objects = TimelineQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "name"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="timeline_slug_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)


class ExpectationQuerySet(models.QuerySet["Expectation"]):
    def get_by_natural_key(self, negotiation: str, slug: str) -> "Expectation":
        return self.get(negotiation__slug=negotiation, slug=slug)

    def stated_by_day(self, day: datetime.date | None = None) -> "ExpectationQuerySet":
        """Return the expectations certainly stated on or before `day`, or all of them by default."""
        return self.all() if day is None else self.filter(stated_on__lte=day)


class Expectation(models.Model):
    """An expectation about the further course of the negotiation, as stated or reported by a source."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="expectations")
    slug = SlugField(max_length=100)
    position = models.PositiveIntegerField(help_text="Order on the overview, from 1.")
    statement = ProseField()
    stated_by = LineField(max_length=200)
    stated_on = models.DateField(help_text="If only the month or year is known, the last date of that month or year.")
    stated_on_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    small_groups = models.ManyToManyField("issues.SmallGroup", blank=True, related_name="expectations")
    documents = models.ManyToManyField("issues.Document", blank=True, related_name="expectations")
    source = ProseField()

    objects = ExpectationQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="expectation_slug_once"),
            models.UniqueConstraint(fields=["negotiation", "position"], name="expectation_position_once"),
            models.CheckConstraint(
                condition=Q(stated_on_precision__in=Precision.values), name="expectation_precision_known"
            ),
        ]

    def __str__(self) -> str:
        return self.statement

    def save(self, *args: object, **kwargs: object) -> None:
        """Save the expectation. A partial date is stored as its last possible day, from which it counts."""
        self.stated_on = last_possible_day(self.stated_on, self.stated_on_precision)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # the arguments of Model.save

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def stated_on_text(self) -> str:
        """The date of the statement, with the precision to which it is known."""
        return partial_date(self.stated_on, self.stated_on_precision)
