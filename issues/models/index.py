"""The text index, derived from the revisions. The index can be rebuilt at any time and is never edited."""

import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import StrIndex

from issues.models.choices import Outcome, Stance, VariantKind
from issues.models.known import known_at, not_on_record, on_record
from issues.models.outline import Lens
from issues.models.page_links import PageLink, path_of
from issues.models.text import LensMark, Provision, Revision
from members.models import Grouping, Member

BEGUN = "The revision since which the row has been in the text without interruption, ignoring entries that were undone."
KEY = "Address within the provision: `opened_at`, or the address of the row that this row resumes."
OPENED_AT = "First revision with the row, and the offset of the variant in its text, for example 7-120."
RESUMES = "Whether the row resumes `earlier`, which a mistaken entry had ended."


class Measure(models.Model):
    """The figures of one revision, as defined by `bracketed_text.measure`."""

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="measure", primary_key=True)
    words = models.PositiveIntegerField()
    contested_words = models.PositiveIntegerField()
    open_brackets = models.PositiveIntegerField()
    alternatives = models.PositiveIntegerField()
    depth = models.PositiveIntegerField()
    named = models.JSONField(
        default=list, blank=True, help_text="Codes of the members and groupings named at brackets."
    )
    opposing = models.JSONField(
        default=list, blank=True, help_text="Codes of the members and groupings that oppose a bracket."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(contested_words__lte=F("words")), name="measure_contested_within_words"),
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.open_brackets} open brackets"


def _was_on_record(entry: Revision, day: datetime.date) -> bool:
    """Return whether `entry` was on record at the recording time of `day`.

    If `day` has no recording time, return True.
    """
    moment = known_at(day)
    return moment is None or entry.recorded_at <= moment


class VariantQuerySet(models.QuerySet["Variant"]):
    def under_lens(self, lens: Lens) -> "VariantQuerySet":
        """Return the variants of provisions that `lens` marks as a whole, and those that contain words it marks."""
        marks = LensMark.objects.filter(lens=lens, provision=OuterRef("provision"))
        containing = marks.annotate(found_at=StrIndex(OuterRef("text"), F("words"))).filter(found_at__gt=0)
        whole = Provision.objects.filter(lenses=lens).values("pk")
        return self.filter(Q(provision__in=whole) | Exists(containing))

    def open_on(self, day: datetime.date | None = None) -> "VariantQuerySet":
        """Return the variants that are open at the end of `day` (now by default)."""
        if day is None:
            return self.filter(closed_in=None)
        stands = Q(closed_on=None) | Q(closed_on__gt=day) | not_on_record(day, "closed_in__recorded_at")
        return self.begun_by(day).filter(stands)

    def closed_by(self, day: datetime.date | None = None) -> "VariantQuerySet":
        """Return the variants closed on or before `day`. If `day` is None, return all closed variants."""
        if day is None:
            return self.filter(closed_in__isnull=False)
        return self.filter(on_record(day, "closed_in__recorded_at"), closed_on__lte=day)

    def begun_by(self, day: datetime.date | None = None) -> "VariantQuerySet":
        """Return the variants opened on or before `day`, including those that have since been closed.

        If `day` is None, return all variants.
        """
        if day is None:
            return self.all()
        return self.filter(on_record(day, "opened_in__recorded_at"), opened_on__lte=day)


class Variant(models.Model):
    """A bracket, alternative or option in the period from the revision that opened it to the revision that closed it.

    If a mistaken revision closes a variant and is then undone, a new row resumes the earlier row. `resumes` is then
    true, and `begun_on` retains the date on which the variant was first opened. If a later act opens the variant again,
    the new row refers to the earlier row through `earlier` but does not resume it.
    """

    provision = models.ForeignKey(Provision, models.CASCADE, related_name="variants")
    kind = models.CharField(max_length=12, choices=VariantKind.choices)
    text = models.TextField(blank=True, help_text="The words inside the bracket, without the head.")
    ordinal = models.PositiveIntegerField(
        help_text="The variant's place among the variants of the newest revision that contains it, from 1."
    )
    depth = models.PositiveIntegerField(help_text="1 for a bracket that is not inside another bracket.")
    opened_in = models.ForeignKey(Revision, models.CASCADE, related_name="variants_opened")
    opened_on = models.DateField()
    opened_at = models.CharField(max_length=24, blank=True, default="", db_default="", help_text=OPENED_AT)
    key = models.CharField(max_length=24, blank=True, default="", db_default="", help_text=KEY)
    closed_in = models.ForeignKey(Revision, models.CASCADE, null=True, blank=True, related_name="variants_closed")
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    begun_in = models.ForeignKey(
        Revision, models.CASCADE, null=True, db_index=False, related_name="variants_begun", help_text=BEGUN
    )
    begun_on = models.DateField(null=True)
    earlier = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="later",
        help_text="The previous row of the same variant.",
    )
    resumes = models.BooleanField(db_default=False, default=False, help_text=RESUMES)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["provision", "ordinal", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_in=None, closed_on=None, outcome="")
                | Q(closed_in__isnull=False, closed_on__isnull=False, outcome__in=Outcome.values),
                name="variant_open_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="variant_in_order"
            ),
            models.CheckConstraint(condition=Q(kind__in=VariantKind.values), name="variant_kind_known"),
        ]
        indexes = [
            models.Index(fields=["provision", "closed_in", "ordinal"], name="variant_open_by_provision"),
            models.Index(fields=["earlier"], condition=Q(earlier__isnull=False), name="variant_by_earlier"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.provision}: {self.text[:60]}"

    def is_closed(self, day: datetime.date | None) -> bool:
        """Return whether the variant was closed by the end of `day`.

        If `day` is None, the present time is used instead.
        """
        if self.closed_in is None or self.closed_on is None or day is None:
            return self.closed_in is not None
        return self.closed_on <= day and _was_on_record(self.closed_in, day)

    @property
    def open_since(self) -> datetime.date:
        """The date on which the variant was opened. Interruptions by revisions that were undone are disregarded."""
        return self.begun_on or self.opened_on  # rows that an earlier release stored have no value in this column

    @property
    def page(self) -> PageLink:
        """A link to the variant's permanent address, or to its provision if an earlier release stored the row."""
        if not self.key:
            return PageLink("provision", (self.provision.slug,))
        return PageLink("bracket", (self.provision.slug, self.key))

    @property
    def path(self) -> str:
        """The path of `page`."""
        return path_of(self.page)

    @property
    def begun_by_entry(self) -> Revision:
        """The revision that opened the variant. Interruptions by revisions that were undone are disregarded."""
        return self.begun_in or self.opened_in


class PositionQuerySet(models.QuerySet["Position"]):
    def held_on(self, day: datetime.date | None = None) -> "PositionQuerySet":
        """Return the positions held at the end of `day` (now by default)."""
        if day is None:
            return self.filter(until_revision=None)
        return self.taken_by(day).filter(_not_ended(day))

    def taken_by(self, day: datetime.date | None = None) -> "PositionQuerySet":
        """Return the positions taken on or before `day`, including those that have since ended.

        If `day` is None, return all positions.
        """
        if day is None:
            return self.all()
        return self.filter(on_record(day, "since_revision__recorded_at"), since__lte=day)

    def ended_by(self, day: datetime.date | None = None) -> "PositionQuerySet":
        """Return the positions ended on or before `day`. If `day` is None, return all ended positions."""
        if day is None:
            return self.filter(until_revision__isnull=False)
        return self.filter(on_record(day, "until_revision__recorded_at"), until__lte=day)

    def held_at_the_end(self, day: datetime.date | None = None) -> "PositionQuerySet":
        """Return the positions held at the end of `day` (now by default) or until their variants were closed."""
        to_the_last = Q(until_revision=F("variant__closed_in"))
        if day is None:
            return self.filter(Q(until_revision=None) | to_the_last)
        return self.taken_by(day).filter(_not_ended(day) | to_the_last)


def _not_ended(day: datetime.date) -> Q:
    return Q(until=None) | Q(until__gt=day) | not_on_record(day, "until_revision__recorded_at")


class Position(models.Model):
    """A member's or grouping's position on a variant, from the revision that created it to the revision that ended it.

    A row may resume an earlier row, or refer to an earlier row, in the same way as a row of `Variant`.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="positions")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="positions")
    grouping = models.ForeignKey(Grouping, models.PROTECT, null=True, blank=True, related_name="positions")
    stance = models.CharField(max_length=10, choices=Stance.choices)
    since_revision = models.ForeignKey(Revision, models.CASCADE, related_name="positions_taken")
    since = models.DateField()
    until_revision = models.ForeignKey(Revision, models.CASCADE, null=True, blank=True, related_name="positions_ended")
    until = models.DateField(null=True, blank=True)
    begun_in = models.ForeignKey(
        Revision, models.CASCADE, null=True, db_index=False, related_name="positions_begun", help_text=BEGUN
    )
    begun_on = models.DateField(null=True)
    earlier = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="later",
        help_text="The previous row of the same position.",
    )
    resumes = models.BooleanField(db_default=False, default=False, help_text=RESUMES)

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ["variant", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, grouping__isnull=False) | Q(member__isnull=False, grouping=None),
                name="position_of_one",
            ),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="position_stance_known"),
            models.CheckConstraint(
                condition=Q(until_revision=None, until=None) | Q(until_revision__isnull=False, until__isnull=False),
                name="position_held_or_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "stance", "until_revision"], name="position_by_member"),
            models.Index(fields=["grouping", "stance", "until_revision"], name="position_by_grouping"),
            models.Index(fields=["earlier"], condition=Q(earlier__isnull=False), name="position_by_earlier"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.get_stance_display()}: {self.variant.text[:60]}"

    @property
    def holder(self) -> Member | Grouping:
        """The member or grouping that takes the position."""
        holder = self.member or self.grouping
        assert holder is not None  # guaranteed by the constraint position_of_one
        return holder

    def is_taken(self, day: datetime.date | None) -> bool:
        """Return whether the position was taken by the end of `day`.

        If `day` is None, the present time is used instead.
        """
        return day is None or (self.since <= day and _was_on_record(self.since_revision, day))

    def is_ended(self, day: datetime.date | None) -> bool:
        """Return whether the position had ended by the end of `day`.

        If `day` is None, the present time is used instead.
        """
        if self.until_revision is None or self.until is None or day is None:
            return self.until_revision is not None
        return self.until <= day and _was_on_record(self.until_revision, day)

    @property
    def held_since(self) -> datetime.date:
        """The date on which the position was taken. Interruptions by revisions that were undone are disregarded."""
        return self.begun_on or self.since

    @property
    def begun_by_entry(self) -> Revision:
        """The revision in which the position was taken. Interruptions by revisions that were undone are disregarded."""
        return self.begun_in or self.since_revision
