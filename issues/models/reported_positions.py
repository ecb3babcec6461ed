"""Positions reported by sources, which are separate from the text and its brackets."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify

from issues.models.choices import ReportedStance
from issues.models.negotiation import Negotiation, happened_by
from issues.models.outline import Issue, Places, Section, SubIssue, hanging_at
from issues.models.record import Document
from issues.models.small_groups import SmallGroup
from members.choices import Precision
from members.dates import partial_date
from members.models import Grouping, Member
from members.text_fields import LineField, ProseField


class ReportedPositionQuerySet(models.QuerySet["ReportedPosition"]):
    def known_by(self, day: datetime.date | None) -> "ReportedPositionQuerySet":
        """Return the positions certainly stated by the end of `day` or, if that date is unknown, reported by then.

        Positions without any date are always included. If `day` is None, all positions are included.
        """
        if day is None:
            return self
        stated, reported = happened_by("stated_on", day), happened_by("reported_on", day)
        return self.filter(Q(stated_on=None, reported_on=None) | stated | (Q(stated_on=None) & reported))

    def later(self, negotiation: Negotiation, *, later: bool = True) -> "ReportedPositionQuerySet":
        """Return the positions that are not known on the last day of the facts or, if `later` is false, the rest."""
        known = self.known_by(negotiation.day(None))
        return self.exclude(pk__in=known.values("pk")) if later else known

    def concerning(self, sub_issues: Places, issues: Places) -> "ReportedPositionQuerySet":
        """Return the positions on these sub-issues and issues, given as primary keys.

        A position on an issue as a whole concerns each of the sub-issues of that issue.
        """
        above = SubIssue.objects.filter(pk__in=sub_issues).values("issue")
        whole = Q(issue__in=above, sub_issues=None)
        # A subquery is used instead of joins, so that a position on two sub-issues is returned only once.
        rows = ReportedPosition.objects.filter(hanging_at(sub_issues, issues, "sub_issues") | whole)
        return self.filter(pk__in=rows.values("pk"))

    def about(self, entry: Section | Issue | SubIssue | SmallGroup) -> "ReportedPositionQuerySet":
        """Return the positions that concern an entry in the table of issues, or the places of a small group."""
        if isinstance(entry, Section):
            sub_issues = SubIssue.objects.in_section(entry).values("pk")
            return self.concerning(sub_issues, entry.issues.values("pk"))
        if isinstance(entry, SmallGroup):
            return self.concerning(entry.sub_issues.values("pk"), entry.issues.values("pk"))
        return self.concerning([], [entry.pk]) if isinstance(entry, Issue) else self.concerning([entry.pk], [])

    def in_order(self) -> "ReportedPositionQuerySet":
        """Return the positions in the order of the issues and then of the topics, with those on no issue last."""
        return self.order_by(F("issue__position").asc(nulls_last=True), "topic", "pk")

    def with_related(self) -> "ReportedPositionQuerySet":
        """Return the positions with their holders, places and negotiations."""
        return self.select_related("member", "grouping", "issue", "negotiation").prefetch_related("sub_issues")

    def with_documents(self) -> "ReportedPositionQuerySet":
        """Return the positions with all related rows, including the cited documents."""
        return self.with_related().prefetch_related("documents")


class ReportedPosition(models.Model):
    """A position on an issue, as reported by a source. Such positions are separate from the text and its brackets."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="reported_positions")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="reported_positions")
    grouping = models.ForeignKey(Grouping, models.PROTECT, null=True, blank=True, related_name="reported_positions")
    described_as = LineField(
        max_length=150,
        blank=True,
        help_text="Holders that the source does not name, for example “many developing members”.",
    )
    topic = LineField(max_length=100)
    stance = models.CharField(max_length=12, choices=ReportedStance.choices)
    statement = ProseField()
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="reported_positions")
    sub_issues = models.ManyToManyField(SubIssue, blank=True, related_name="reported_positions")
    stated_on = models.DateField(
        null=True, blank=True, help_text="The date on which the holder stated the position. Empty: not known."
    )
    stated_on_precision = models.CharField(
        max_length=5, choices=Precision.choices, default=Precision.DAY, db_default=Precision.DAY
    )
    reported_on = models.DateField(null=True, blank=True, help_text="The date of the source. Empty: not known.")
    reported_on_precision = models.CharField(
        max_length=5, choices=Precision.choices, default=Precision.DAY, db_default=Precision.DAY
    )
    documents = models.ManyToManyField(
        Document,
        blank=True,
        related_name="reported_positions",
        limit_choices_to={"recorded_with": None},
        help_text="Documents that the source cites for the position.",
    )
    source = ProseField()

    objects = ReportedPositionQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False, grouping=None, described_as="")
                | Q(member=None, grouping__isnull=False, described_as="")
                | (Q(member=None, grouping=None) & ~Q(described_as="")),
                name="reported_position_of_one",
                violation_error_message="Give exactly one holder: a member, a grouping or a description in words.",
            ),
            models.CheckConstraint(condition=Q(stance__in=ReportedStance.values), name="reported_stance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.get_stance_display()}: {self.topic}"

    @property
    def holder(self) -> str:
        """The name of the holder of the position."""
        return str(self.member or self.grouping or self.described_as)

    @property
    def holder_key(self) -> str:
        """The code of the holder or, if it has none, its description as a slug. Filters accept either."""
        named = self.member or self.grouping
        return named.code if named is not None else slugify(self.described_as)

    @property
    def topic_slug(self) -> str:
        """The topic as a slug, which filters accept."""
        return slugify(self.topic)

    @property
    def public_documents(self) -> list[Document]:
        """The cited documents, without those known only from a proposal, which not every reader may see."""
        return [document for document in self.documents.all() if document.recorded_with_id is None]

    @property
    def stated_on_text(self) -> str:
        """The date on which the position was stated, with the precision to which it is known."""
        return partial_date(self.stated_on, self.stated_on_precision)

    @property
    def reported_on_text(self) -> str:
        """The date of the source, with the precision to which it is known."""
        return partial_date(self.reported_on, self.reported_on_precision)

    @property
    def is_later(self) -> bool:
        """Whether the position is dated after the facts of the negotiation were collected."""
        stated, reported = (
            (self.stated_on, self.stated_on_precision),
            (self.reported_on, self.reported_on_precision),
        )
        return self.negotiation.is_later(stated if self.stated_on else reported)
