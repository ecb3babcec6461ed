"""Imported texts that await review. They do not enter the record until they are logged."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from issues.models.choices import Decision, Finding, StagedState
from issues.models.negotiation import Negotiation
from issues.models.outline import Issue, Section, SubIssue
from issues.models.small_groups import SmallGroup
from issues.models.text import Provision, Revision
from issues.models.text_columns import WholeTextField
from members.text_fields import LineField, ProseField


class StagedImport(models.Model):
    """An imported file or pasted text, with its parsed draft, the import options and the state of the review.

    The import is reviewed by the secretariat and, if it is assigned to a small group, by that group's facilitators.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Identifies the import in URLs.")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="staged_imports")
    small_group = models.ForeignKey(
        SmallGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="staged_imports",
        help_text="The group to which the text belongs.",
    )
    name = LineField(max_length=250, help_text="The name of the file or of the pasted text.")
    draft = models.JSONField(help_text="In the format of `issues.interchange.drafts.Draft`.")
    choices = models.JSONField(default=dict, help_text="How tracked changes, colours and names are treated.")
    warnings = models.JSONField(default=list)
    made_on = models.DateField(help_text="The date of the text.")
    source = ProseField(help_text="The document or meeting from which the text comes.")
    visibility = models.CharField(max_length=12, help_text="Who may read new provisions.")
    state = models.CharField(max_length=10, choices=StagedState.choices, default=StagedState.READ)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="imports_sent")
    sent_at = models.DateTimeField(default=timezone.now)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="imports_finished"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=StagedState.values), name="staged_import_state_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Return whether the review is still open."""
        return self.state not in (StagedState.LOGGED, StagedState.PUT_ASIDE)


class ImportedFile(models.Model):
    """The original bytes of an imported file or pasted text. They are never changed.

    The bytes are stored in a separate table so that queries for imports do not load them. If a negotiation was created
    from a file, that file has no staged import.
    """

    staged = models.OneToOneField(StagedImport, models.CASCADE, null=True, blank=True, related_name="file")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="imported_files")
    name = LineField(max_length=250, help_text="The name of the file or of the pasted text.")
    data = models.BinaryField(help_text="The file as received, at most settings.LONGEST_IMPORT bytes.")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the bytes, in hexadecimal.")
    mapped = models.JSONField(
        default=list, help_text="Characters that were read as other characters; see `issues.interchange.character_map`."
    )
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="imported_files")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class StagedProvision(models.Model):
    """A provision of an imported text, with its match on record and the reviewer's decision."""

    staged = models.ForeignKey(StagedImport, models.CASCADE, related_name="provisions")
    position = models.PositiveIntegerField(help_text="Order within the imported text, from 1.")
    heading = LineField(max_length=250)
    slug = models.CharField(
        max_length=80, blank=True, help_text="The provision's identifier in a file exported by this site."
    )
    # This field is empty if there were no page headers or page numbers to remove, because the draft then contains every
    # character.
    found = WholeTextField(help_text="The text as received, with page headers and numbers.")
    furniture = models.JSONField(
        default=list, help_text="The start and end offsets of page headers and numbers in that text."
    )
    text = WholeTextField(help_text="The text to be logged.")
    provision = models.ForeignKey(Provision, models.CASCADE, null=True, blank=True, related_name="staged")
    base = models.ForeignKey(
        Revision,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="staged_on_it",
        help_text="The revision with which the text was compared.",
    )
    by = models.CharField(max_length=20, blank=True, help_text="How the provision was matched.")
    section = models.ForeignKey(Section, models.SET_NULL, null=True, blank=True, related_name="staged")
    issue = models.ForeignKey(Issue, models.SET_NULL, null=True, blank=True, related_name="staged")
    sub_issue = models.ForeignKey(SubIssue, models.SET_NULL, null=True, blank=True, related_name="staged")
    finding = models.CharField(max_length=10, choices=Finding.choices, default=Finding.PENDING)
    sentences = models.JSONField(default=list, help_text="The changes, one sentence each.")
    problems = models.JSONField(
        default=list, help_text="Problems in the text: code, sentence, and whether the problem prevents logging."
    )
    unknown = models.JSONField(
        default=list, help_text="Names at heads of brackets that belong to no member or grouping."
    )
    comments = models.JSONField(default=list, help_text="Comments on the text, with the positions that they suggest.")
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    edited = models.BooleanField(default=False, help_text="Whether the text was edited by hand.")
    unparsed = models.BooleanField(default=False, help_text="Kept unparsed: its brackets are not read or counted.")
    clashes = models.JSONField(
        null=True,
        blank=True,
        help_text="Conflicts with revisions logged in the meantime, as stored in a form.",
    )
    note = ProseField(blank=True, help_text="Why the text was not logged.")
    revision = models.ForeignKey(
        Revision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="staged_as",
        help_text="The revision that was logged.",
    )

    class Meta:
        ordering = ["staged", "position"]
        constraints = [
            models.UniqueConstraint(fields=["staged", "position"], name="staged_provision_position_once"),
            models.CheckConstraint(condition=Q(finding__in=Finding.values), name="staged_provision_finding_known"),
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="staged_provision_decision_known"),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def parent(self) -> Section | Issue | SubIssue | None:
        """The entry in the table of issues to which a new provision would belong, if one has been chosen."""
        return self.sub_issue or self.issue or self.section

    @property
    def stops(self) -> bool:
        """Return whether a problem prevents the provision from being logged as parsed text."""
        return any(problem["stops"] for problem in self.problems)
