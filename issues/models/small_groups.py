"""Small groups: their subjects, their facilitators, and their stated statuses."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from issues.models.chain import Chained
from issues.models.choices import STATUS_DEFINITIONS, WITHOUT_BRACKETS, Status
from issues.models.known import known_at, on_record
from issues.models.negotiation import Negotiation
from issues.models.outline import Issue, Places, SubIssue, hanging_at
from members.choices import Precision
from members.dates import partial_date
from members.demonstration import is_demo_user
from members.models import Member, in_force, local_value
from members.text_fields import LineField, ProseField, SlugField


def worked_on_by(groups: "SmallGroupQuerySet", sub_issue: str = "sub_issue", issue: str = "issue") -> Q:
    """Return the condition that selects rows at places assigned to one of `groups`.

    A small group works on its sub-issues and on its issues, including all their sub-issues. `sub_issue` and `issue` are
    the lookups from the row to its place.
    """
    return hanging_at(groups.values("sub_issues"), groups.values("issues"), sub_issue, issue)


class SmallGroupQuerySet(models.QuerySet["SmallGroup"]):
    def get_by_natural_key(self, negotiation: str, slug: str) -> "SmallGroup":
        return self.get(negotiation__slug=negotiation, slug=slug)

    def working_at(self, sub_issues: Places, issues: Places) -> "SmallGroupQuerySet":
        """Return the groups that work on at least one of these places. This method is the inverse of `worked_on_by`."""
        above = SubIssue.objects.filter(pk__in=sub_issues).values("issue")
        places = Q(sub_issues__in=sub_issues) | Q(issues__in=issues) | Q(issues__in=above)
        # A subquery is used instead of joins, so that a group that works on two of the places is returned only once.
        return self.filter(pk__in=SmallGroup.objects.filter(places).values("pk"))


class SmallGroup(models.Model):
    """A small group of negotiators, led by facilitators, that works on some sub-issues or whole issues."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="small_groups")
    slug = SlugField()
    name = LineField(max_length=150)
    name_fr = LineField("name in French", max_length=150, blank=True, default="", db_default="")
    name_es = LineField("name in Spanish", max_length=150, blank=True, default="", db_default="")
    position = models.PositiveIntegerField(help_text="Order within the negotiation, from 1.")
    highlights = ProseField(blank=True, help_text="The subjects on which the group works.")
    state_of_play = ProseField(blank=True, help_text="The reported state of its work.")
    sub_issues = models.ManyToManyField(SubIssue, blank=True, related_name="small_groups")
    issues = models.ManyToManyField(
        Issue, blank=True, related_name="small_groups", help_text="Issues on which the group works as a whole."
    )
    members = models.ManyToManyField(
        Member, blank=True, related_name="small_groups", help_text="Members that may read text restricted to the group."
    )
    source = ProseField()

    objects = SmallGroupQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="small_group_slug_once"),
            models.UniqueConstraint(fields=["negotiation", "position"], name="small_group_position_once"),
        ]

    def __str__(self) -> str:
        return self.local_name

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def local_name(self) -> str:
        """The name in the active language."""
        return local_value(self)


class FacilitatorQuerySet(models.QuerySet["Facilitator"]):
    def on(self, day: datetime.date) -> "FacilitatorQuerySet":
        """Return the facilitators in office on `day`."""
        return self.filter(in_force(day))


class Facilitator(models.Model):
    """A facilitator of a small group.

    The facilitator's user, if any, may restructure the group's text and state its status.
    """

    small_group = models.ForeignKey(SmallGroup, models.CASCADE, related_name="facilitators")
    name = LineField(max_length=150)
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        help_text="The member whose delegation the facilitator belongs to.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="facilitations"
    )
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="The last date. Empty: no end date.")
    source = ProseField()

    objects = FacilitatorQuerySet.as_manager()

    class Meta:
        ordering = ["small_group", "name"]
        constraints = [
            models.UniqueConstraint(fields=["small_group", "name"], name="facilitator_once"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="facilitator_in_order",
                violation_error_message="A facilitator’s appointment cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.small_group}"


class StatusReportQuerySet(models.QuerySet["StatusReport"]):
    def in_effect(self) -> "StatusReportQuerySet":
        """Return the reports that have not been corrected.

        A report that has been corrected is not in effect on any date.
        """
        return self.filter(corrected_by=None)

    def stated_by_day(self, day: datetime.date | None = None) -> "StatusReportQuerySet":
        """Return the reports in effect that were stated on or before `day`.

        If `day` is None, return all reports in effect. If `day` has a recording time (`known.DayAsKnown`), reports and
        corrections recorded later are ignored.
        """
        if day is None or known_at(day) is None:
            reports = self.in_effect()
            return reports if day is None else reports.filter(stated_on__lte=day)
        corrections = StatusReport.objects.filter(on_record(day), corrects=OuterRef("pk"))
        return self.filter(on_record(day), ~Exists(corrections), stated_on__lte=day)

    def current(self, day: datetime.date | None = None) -> "StatusReportQuerySet":
        """Return the latest report in effect for each small group at the end of `day` (now by default).

        The latest report is the one with the latest date. Among reports with the same date, it is the one recorded
        last.
        """
        reports = StatusReport.objects.stated_by_day(day).filter(small_group=OuterRef("small_group"))
        latest = Subquery(reports.order_by("-stated_on", "-pk").values("pk")[:1])
        return self.filter(pk=latest).select_related("recorded_by")


class StatusReport(Chained):
    """A stated status of a small group, with its date, author and source. Reports are never changed or deleted.

    The latest report in effect determines the status of the group. A mistaken report is corrected by another report
    that refers to it.
    """

    CHAIN, ORDER = "small_group", "pk"

    small_group = models.ForeignKey(SmallGroup, models.PROTECT, related_name="status_reports")
    status = models.CharField(max_length=25, choices=Status.choices)
    stated_on = models.DateField()
    # Empty means a day, because the hash of a row omits empty columns: rows without this column remain valid.
    stated_on_precision = models.CharField(
        max_length=5,
        choices=[choice for choice in Precision.choices if choice[0] != Precision.DAY],
        blank=True,
        default="",
        db_default="",
        help_text="Empty: the day is known. Otherwise, the date is the last day of the month or year.",
    )
    stated_by = LineField(max_length=200, help_text="Facilitator, co-conveners, plenary or source.")
    until = LineField(max_length=200, blank=True, help_text="The date or event, for “parked until …”.")
    note = ProseField(blank=True)
    source = ProseField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="status_reports"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # the unique constraint creates one
        related_name="corrected_by",
        help_text="The mistaken entry that this entry replaces.",
    )
    idempotency_key = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text="The client's idempotency key, which prevents a retry from being recorded twice.",
    )

    objects = StatusReportQuerySet.as_manager()

    class Meta:
        ordering = ["small_group", "-stated_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_known"),
            models.CheckConstraint(condition=~Q(source=""), name="status_has_source"),
            models.UniqueConstraint(fields=["corrects"], name="status_corrected_once"),
            models.CheckConstraint(
                condition=~Q(status=Status.PARKED) | ~Q(until=""),
                name="parked_until_what",
                violation_error_message="Enter the date or event until which the work is parked.",
            ),
            models.CheckConstraint(
                condition=Q(stated_on_precision__in=["", Precision.MONTH, Precision.YEAR]),
                name="status_precision_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.small_group}: {self.label}, {self.stated_on}"

    @property
    def stated_on_text(self) -> str:
        """The date of the statement, with the precision to which it is known."""
        return partial_date(self.stated_on, self.stated_on_precision or Precision.DAY)

    @property
    def label(self) -> str:
        """The label of the status, such as “Clean text” or “Parked until the legal structure is known”."""
        if self.status == Status.PARKED:
            return gettext("Parked until %(until)s") % {"until": self.until}
        return self.get_status_display()

    @property
    def definition(self) -> str:
        """The definition of the status."""
        return str(STATUS_DEFINITIONS[self.status])

    @property
    def demonstration(self) -> bool:
        """Whether a demonstration user recorded the report, so that it is invented."""
        return is_demo_user(self.recorded_by)

    @property
    def excludes_brackets(self) -> bool:
        """Return whether an open bracket in the text would contradict the status."""
        return self.status in WITHOUT_BRACKETS
