"""Imported texts awaiting review. They do not enter the record until they are logged."""

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
    """An imported file or pasted text: its parsed draft, the import options, and the state of the review.

    The import is reviewed by the secretariat and, if it is assigned to a small group, by that group's facilitators.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Its address.")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="staged_imports")
    small_group = models.ForeignKey(
        SmallGroup, models.CASCADE, null=True, blank=True, related_name="staged_imports", help_text="Whose text it is."
    )
    name = LineField(max_length=250, help_text="Of the file, or what the pasted text is called.")
    draft = models.JSONField(help_text="As `issues.interchange.drafts.Draft` is written.")
    choices = models.JSONField(default=dict, help_text="What becomes of tracked changes, colours and names.")
    warnings = models.JSONField(default=list)
    made_on = models.DateField(help_text="The day on which the text stood so.")
    source = ProseField(help_text="Where the text is from.")
    visibility = models.CharField(max_length=12, help_text="Of provisions that are new.")
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
    """The original bytes of an imported file or pasted text, which are never changed.

    The bytes are stored in a separate table so that queries for imports do not load them. If a negotiation was created
    from a file, that file has no staged import.
    """

    staged = models.OneToOneField(StagedImport, models.CASCADE, null=True, blank=True, related_name="file")
    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="imported_files")
    name = LineField(max_length=250, help_text="Of the file, or what the pasted text is called.")
    data = models.BinaryField(help_text="As it came, of settings.LONGEST_IMPORT bytes at most.")
    sha256 = models.CharField(max_length=64, help_text="Of the bytes, hexadecimal.")
    mapped = models.JSONField(
        default=list, help_text="Which characters of it were read as others: `issues.interchange.character_map`."
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
    position = models.PositiveIntegerField(help_text="Within the text that came in, from 1.")
    heading = LineField(max_length=250)
    slug = models.CharField(max_length=80, blank=True, help_text="Its mark in a file that this site wrote.")
    # Empty if there were no page headers or numbers to remove, because the draft then contains every character.
    found = WholeTextField(help_text="As it came in, with page headers and numbers.")
    furniture = models.JSONField(default=list, help_text="Where those stand in it: first and last offset of each.")
    text = WholeTextField(help_text="As it would be logged.")
    provision = models.ForeignKey(Provision, models.CASCADE, null=True, blank=True, related_name="staged")
    base = models.ForeignKey(
        Revision, models.CASCADE, null=True, blank=True, related_name="staged_on_it", help_text="Compared with this."
    )
    by = models.CharField(max_length=20, blank=True, help_text="By what it was matched.")
    section = models.ForeignKey(Section, models.SET_NULL, null=True, blank=True, related_name="staged")
    issue = models.ForeignKey(Issue, models.SET_NULL, null=True, blank=True, related_name="staged")
    sub_issue = models.ForeignKey(SubIssue, models.SET_NULL, null=True, blank=True, related_name="staged")
    finding = models.CharField(max_length=10, choices=Finding.choices, default=Finding.PENDING)
    sentences = models.JSONField(default=list, help_text="What it changes, a sentence each.")
    problems = models.JSONField(default=list, help_text="What is wrong with it: code, sentence, whether it stops.")
    unknown = models.JSONField(default=list, help_text="Names at heads that nobody bears.")
    comments = models.JSONField(default=list, help_text="Comments on it, with the positions that they seem to take.")
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    edited = models.BooleanField(default=False, help_text="Whether a person changed the text.")
    unparsed = models.BooleanField(default=False, help_text="Kept as it is, brackets not read, out of the measures.")
    clashes = models.JSONField(
        null=True,
        blank=True,
        help_text="Where it clashes with what was logged meanwhile, as a form carries it along.",
    )
    note = ProseField(blank=True, help_text="Why it was not logged.")
    revision = models.ForeignKey(
        Revision, models.PROTECT, null=True, blank=True, related_name="staged_as", help_text="What it became."
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
