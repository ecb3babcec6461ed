"""Provisions and their append-only revisions, from which all other data about the text is derived."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from issues.models.chain import Chained
from issues.models.choices import Visibility
from issues.models.known import on_record
from issues.models.negotiation import Negotiation
from issues.models.outline import Issue, Lens, Section, SubIssue, hanging_at
from issues.models.small_groups import SmallGroup, worked_on_by
from issues.models.text_columns import WholeTextField
from members.models import Member
from members.text_fields import LineField, ProseField, SlugField

# The relations that determine the place of a provision in the outline.
PLACE = ("negotiation", "section", "issue__section", "sub_issue__section", "sub_issue__issue__section")


class ProvisionQuerySet(models.QuerySet["Provision"]):
    def get_by_natural_key(self, negotiation: str, slug: str) -> "Provision":
        return self.get(negotiation__slug=negotiation, slug=slug)

    def with_place(self) -> "ProvisionQuerySet":
        """Return the provisions. Their places in the outline are fetched in the same query."""
        return self.select_related(*PLACE)

    def in_section(self, section: Section) -> "ProvisionQuerySet":
        """Return the provisions that belong to `section`, directly or indirectly."""
        return self.filter(
            Q(section=section)
            | Q(issue__section=section)
            | Q(sub_issue__section=section)
            | Q(sub_issue__issue__section=section)
        )

    def in_issue(self, issue: Issue) -> "ProvisionQuerySet":
        """Return the provisions under `issue` or one of its sub-issues."""
        return self.filter(hanging_at([], [issue]))

    def under_lens(self, lens: Lens) -> "ProvisionQuerySet":
        """Return the provisions that `lens` marks, as a whole or in part."""
        marks = LensMark.objects.filter(lens=lens).values("provision")
        return self.filter(Q(pk__in=Provision.objects.filter(lenses=lens).values("pk")) | Q(pk__in=marks))

    def of_group(self, group: SmallGroup) -> "ProvisionQuerySet":
        """Return the provisions on which `group` works."""
        return self.filter(worked_on_by(SmallGroup.objects.filter(pk=group.pk)))


class Provision(models.Model):
    """An article or paragraph. It belongs to exactly one sub-issue, issue or section."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="provisions")
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="provisions")
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="provisions")
    sub_issue = models.ForeignKey(SubIssue, models.PROTECT, null=True, blank=True, related_name="provisions")
    slug = SlugField(max_length=100)
    heading = LineField(max_length=250)
    position = models.PositiveIntegerField(help_text="Order within the negotiation, from 1.")
    visibility = models.CharField(max_length=12, choices=Visibility.choices, default=Visibility.PARTICIPANTS)
    demonstration = models.BooleanField(default=False, help_text="The tracker's own wording, not the negotiators'.")
    lenses = models.ManyToManyField(Lens, blank=True, related_name="provisions")
    note = ProseField(blank=True)
    source = ProseField()

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="provision_slug_once"),
            models.UniqueConstraint(fields=["negotiation", "position"], name="provision_position_once"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="provision_visibility_known"),
            models.CheckConstraint(
                condition=Q(section__isnull=False, issue=None, sub_issue=None)
                | Q(section=None, issue__isnull=False, sub_issue=None)
                | Q(section=None, issue=None, sub_issue__isnull=False),
                name="provision_has_one_place",
                violation_error_message="Choose exactly one place: a sub-issue, an issue, or a section.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent.code} {self.heading}"

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def parent(self) -> Section | Issue | SubIssue:
        """The entry in the table of issues to which the provision belongs."""
        parent = self.sub_issue or self.issue or self.section
        assert parent is not None  # guaranteed by the constraint provision_has_one_place
        return parent

    @property
    def parent_section(self) -> Section:
        """The section to which the provision belongs, directly or indirectly."""
        parent = self.parent
        if isinstance(parent, SubIssue):
            return parent.parent_section
        return parent.section if isinstance(parent, Issue) else parent


class LensMarkQuerySet(models.QuerySet["LensMark"]):
    def get_by_natural_key(self, lens: str, negotiation: str, provision: str, words: str) -> "LensMark":
        return self.get(
            lens__slug=lens, provision__negotiation__slug=negotiation, provision__slug=provision, words=words
        )


class LensMark(models.Model):
    """A mark that places the variants of a provision that contain certain words under a lens.

    The mark names the words rather than a variant, because the variants are derived from the revisions. It therefore
    remains valid when the index is rebuilt.
    """

    lens = models.ForeignKey(Lens, models.PROTECT, related_name="marks")
    provision = models.ForeignKey(Provision, models.CASCADE, related_name="lens_marks")
    words = ProseField(help_text="Consecutive words of the variants that the lens covers, as they stand in the text.")
    source = ProseField()

    objects = LensMarkQuerySet.as_manager()

    class Meta:
        ordering = ["provision", "lens", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lens", "provision", "words"], name="lens_mark_once"),
            models.CheckConstraint(condition=~Q(words=""), name="lens_mark_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.lens}: {self.provision.slug}, {self.words}"

    def natural_key(self) -> tuple[str, str, str, str]:
        return (self.lens.slug, *self.provision.natural_key(), self.words)


class RevisionQuerySet(models.QuerySet["Revision"]):
    def current(self, day: datetime.date | None = None) -> "RevisionQuerySet":
        """Return the revision of each provision that is current at the end of `day` (now by default)."""
        earlier = Revision.objects.filter(provision=OuterRef("provision")).made_by(day)
        return self.filter(number=Subquery(earlier.order_by("-number").values("number")[:1]))

    def made_by(self, day: datetime.date | None = None) -> "RevisionQuerySet":
        """Return the revisions made on or before `day`. If `day` is None, return all revisions."""
        return self.all() if day is None else self.filter(on_record(day), made_on__lte=day)

    def acts(self) -> "RevisionQuerySet":
        """Return the revisions that record an act. Revisions that only carry a late entry forward are excluded."""
        return self.filter(carries=None)

    def with_place(self) -> "RevisionQuerySet":
        """Return the revisions. Their provisions and the places in the outline are fetched in the same query."""
        return self.select_related(*(f"provision__{part}" for part in PLACE))


class Revision(Chained):
    """The complete text of a provision from a given date, byte for byte. Revisions are never changed or deleted.

    The digest of each revision is chained to that of the previous revision, so that `manage.py verify_record` detects
    any later alteration.
    """

    CHAIN = "provision"

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the provision.")
    text = WholeTextField()
    made_on = models.DateField(help_text="The date on which the change was made in the negotiation.")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="revisions"
    )
    on_behalf_of = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="revisions")
    reason = ProseField(blank=True)
    source = ProseField(blank=True, help_text="The document or meeting that contains the text or the change.")
    proposal = models.ForeignKey("issues.Proposal", models.PROTECT, null=True, blank=True, related_name="revisions")
    document = models.ForeignKey("issues.Document", models.PROTECT, null=True, blank=True, related_name="revisions")
    meeting = models.ForeignKey("issues.Meeting", models.PROTECT, null=True, blank=True, related_name="revisions")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", help_text="The mistaken entry."
    )
    undoes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="undone_by",
        help_text="The entry that this entry undoes, which restores the text before it.",
    )
    follows = models.PositiveIntegerField(
        null=True, blank=True, help_text="Number of the entry whose text this entry changes. Empty: the previous entry."
    )
    carries = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="carried_by",
        help_text="The late entry whose change this entry carries forward to the text of a later date.",
    )
    performed = models.JSONField(
        null=True,
        blank=True,
        help_text="The operations performed, and the entry to which they were applied. Empty: the text was edited.",
    )
    unparsed = models.BooleanField(default=False, help_text="Kept unparsed: its brackets are not read or counted.")
    idempotency_key = models.CharField(
        max_length=64,
        blank=True,
        help_text="The client's idempotency key, which prevents a retry from being logged twice.",
    )
    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["provision", "number"]
        constraints = [
            models.UniqueConstraint(fields=["provision", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["provision", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="revision_logged_once",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_number_from_one"),
            models.CheckConstraint(condition=~Q(text=""), name="revision_has_text"),
        ]
        indexes = [
            models.Index(F("provision"), F("made_on").desc(), name="revision_by_day"),
            models.Index(fields=["undoes"], condition=Q(undoes__isnull=False), name="revision_by_undoing"),
            models.Index(fields=["carries"], condition=Q(carries__isnull=False), name="revision_by_carrying"),
        ]

    def __str__(self) -> str:
        return f"{self.provision} · revision {self.number}"

    @property
    def is_late(self) -> bool:
        """Return whether the revision was recorded after a revision with a later date."""
        return self.follows is not None

    @property
    def follows_number(self) -> int:
        """The number of the revision whose text this revision changes, or 0 for a first text."""
        return self.number - 1 if self.follows is None else self.follows
