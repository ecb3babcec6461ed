"""The parts of the record other than the text: documents and meetings."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from issues.models.choices import Genre, MeetingKind, MeetingMode
from issues.models.negotiation import Negotiation, happened_by
from issues.models.outline import Issue, Lens, SubIssue
from issues.models.timelines import Timeline
from members.choices import Precision
from members.dates import PartialDate, last_possible_day, partial_date
from members.models import Member
from members.text_fields import LineField, ProseField, SlugField, URLField


class Subjects(models.Model):
    """The base class of documents and meetings, with the entries, members and lenses that they concern."""

    sub_issues = models.ManyToManyField(SubIssue, blank=True, related_name="%(class)ss")
    issues = models.ManyToManyField(Issue, blank=True, related_name="%(class)ss")
    small_groups = models.ManyToManyField("issues.SmallGroup", blank=True, related_name="%(class)ss")
    lenses = models.ManyToManyField(Lens, blank=True, related_name="%(class)ss")
    timelines = models.ManyToManyField(
        Timeline, blank=True, related_name="%(class)ss", help_text="Timelines to which none of the issues leads."
    )

    class Meta:
        abstract = True


class DocumentQuerySet(models.QuerySet["Document"]):
    def known_on(self, negotiation: Negotiation, as_of: datetime.date | None) -> "DocumentQuerySet":
        """Return the documents issued by the end of the day shown (`Negotiation.day`), and all undated documents."""
        return self.filter(Q(dated=None) | happened_by("dated", negotiation.day(as_of)))

    def get_by_natural_key(self, negotiation: str, slug: str) -> "Document":
        return self.get(negotiation__slug=negotiation, slug=slug)


class Document(Subjects):
    """A document that was issued in the negotiation or that concerns the negotiation."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="documents")
    slug = SlugField(max_length=100)
    symbol = LineField(max_length=60, blank=True, help_text="For example INF/ECOM/62/Rev.1.")
    symbol_verified = models.BooleanField(default=False)
    title = LineField(max_length=300)
    genre = models.CharField(max_length=15, choices=Genre.choices)
    dated = models.DateField(null=True, blank=True)
    dated_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    submitted_by = models.ManyToManyField(Member, blank=True, related_name="documents")
    submitted_by_text = LineField(max_length=200, blank=True, help_text="Submitters that are not members.")
    members = models.ManyToManyField(
        Member,
        blank=True,
        related_name="documents_about",
        help_text="Members that the document concerns, other than those that submitted it.",
    )
    access = LineField(max_length=50, blank=True)
    url = URLField(max_length=500, blank=True)
    verification = LineField(max_length=200, help_text="The extent to which the facts in this row have been verified.")
    note = ProseField(blank=True)
    source = ProseField()
    recorded_with = models.ForeignKey(
        "issues.Proposal",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recorded_documents",
        help_text="The proposal that introduced the document's symbol. The document is visible to readers of that "
        "proposal, and to everybody once a meeting refers to it. Empty: visible to everybody.",
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", F("dated").asc(nulls_last=True), "slug"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="document_slug_once"),
            models.UniqueConstraint(
                fields=["negotiation", "symbol"],
                condition=~Q(symbol="") & Q(recorded_with=None),
                name="public_document_symbol_once",
                violation_error_message="A document with this symbol is already on record.",
            ),
            # A document known only from proposals has a separate row for each proposal, so that entering a symbol does
            # not reveal that a hidden proposal uses it.
            models.UniqueConstraint(
                fields=["recorded_with", "symbol"],
                condition=Q(recorded_with__isnull=False),
                name="document_symbol_once_for_a_proposal",
            ),
            models.CheckConstraint(condition=Q(genre__in=Genre.values), name="document_genre_known"),
        ]

    def __str__(self) -> str:
        return self.symbol or self.title

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def demonstration(self) -> bool:
        """Whether the document was recorded with a proposal of a demonstration user, so that it is invented."""
        return self.recorded_with is not None and self.recorded_with.demonstration

    @property
    def family(self) -> str:
        """The symbol without its revision number, shared by all versions of the document."""
        return self.symbol.partition("/Rev.")[0]

    @property
    def version(self) -> tuple[int, str]:
        """The sort key of versions: the number after “/Rev.” (0 if there is none) and the symbol."""
        number = self.symbol.partition("/Rev.")[2]
        return (int(number) if number.isascii() and number.isdigit() else 0, self.symbol)

    @property
    def dated_as(self) -> PartialDate:
        """The date of the fact, with the precision to which it is known."""
        return self.dated, self.dated_precision

    @property
    def dated_text(self) -> str:
        """The date of the document, with the precision to which it is known."""
        return partial_date(self.dated, self.dated_precision)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def known_on(self, negotiation: Negotiation, as_of: datetime.date | None) -> "MeetingQuerySet":
        """Return the meetings that began by the end of the day shown (`Negotiation.day`).

        If no day was asked for, the result includes meetings still to come.
        """
        begun = happened_by("starts", negotiation.day(as_of))
        return self.filter(begun if as_of else begun | Q(starts__gt=timezone.localdate()))

    def get_by_natural_key(self, negotiation: str, slug: str) -> "Meeting":
        return self.get(negotiation__slug=negotiation, slug=slug)


class Meeting(Subjects):
    """A plenary, round, small group meeting or other event, with its date, subjects and outcome."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="meetings")
    slug = SlugField(max_length=100)
    kind = models.CharField(max_length=20, choices=MeetingKind.choices)
    title = LineField(max_length=200)
    starts = models.DateField()
    starts_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    ends = models.DateField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=MeetingMode.choices, blank=True)
    planned_only = models.BooleanField(default=False, help_text="Announced for this date; no further information.")
    cancelled = models.BooleanField(
        default=False, db_default=False, help_text="Announced for this date, but not held then."
    )
    outcome = ProseField(blank=True)
    participants = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number of participants reported at the time."
    )
    documents = models.ManyToManyField(Document, blank=True, related_name="meetings")
    members = models.ManyToManyField(
        Member,
        blank=True,
        related_name="meetings",
        help_text="Members that organized the meeting, or that its record mentions.",
    )
    url = URLField(max_length=500, blank=True, default="", db_default="")
    note = ProseField(blank=True)
    source = ProseField()

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "starts", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="meeting_slug_once"),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                name="meeting_in_order",
                violation_error_message="A meeting cannot end before it begins.",
            ),
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts_text}"

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def dated_as(self) -> PartialDate:
        """The date of the fact, with the precision to which it is known."""
        return self.starts, self.starts_precision

    @property
    def last_day(self) -> datetime.date:
        """The last possible date of the meeting, given the precision of its dates."""
        if self.ends:
            return self.ends
        return last_possible_day(self.starts, self.starts_precision)

    @property
    def starts_text(self) -> str:
        """The start date of the meeting, with the precision to which it is known."""
        return partial_date(self.starts, self.starts_precision)
