"""The outline of a negotiation: sections, issues and sub-issues, and the lenses that cut across them."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from issues.models.choices import SectionKind
from issues.models.negotiation import Negotiation
from members.models import local_value
from members.text_fields import LineField, ProseField, SlugField

# Sub-issues, issues or their primary keys. None values are ignored.
Places = Sequence[Any] | models.QuerySet[Any]


def hanging_at(sub_issues: Places, issues: Places, sub_issue: str = "sub_issue", issue: str = "issue") -> Q:
    """Return the condition that selects rows belonging to `sub_issues`, `issues` or sub-issues of `issues`.

    `sub_issue` and `issue` are the lookups from the row to its place.
    """
    return (
        Q(**{f"{sub_issue}__in": sub_issues}) | Q(**{f"{issue}__in": issues}) | Q(**{f"{sub_issue}__issue__in": issues})
    )


class LensQuerySet(models.QuerySet["Lens"]):
    def get_by_natural_key(self, slug: str) -> "Lens":
        return self.get(slug=slug)


class SectionQuerySet(models.QuerySet["Section"]):
    def get_by_natural_key(self, negotiation: str, code: str) -> "Section":
        return self.get(negotiation__slug=negotiation, code=code)


class IssueQuerySet(models.QuerySet["Issue"]):
    def get_by_natural_key(self, negotiation: str, code: str) -> "Issue":
        return self.get(negotiation__slug=negotiation, code=code)


class SubIssueQuerySet(models.QuerySet["SubIssue"]):
    def get_by_natural_key(self, negotiation: str, code: str) -> "SubIssue":
        return self.get(negotiation__slug=negotiation, code=code)

    def in_section(self, section: "Section") -> "SubIssueQuerySet":
        """Return the sub-issues that belong to `section`, directly or through an issue."""
        return self.filter(Q(section=section) | Q(issue__section=section))


class Lens(models.Model):
    """A concern that cuts across issues, such as MSMEs or gender."""

    slug = SlugField(unique=True)
    name = LineField(max_length=100, unique=True)
    name_fr = LineField("name in French", max_length=100, blank=True, default="", db_default="")
    name_es = LineField("name in Spanish", max_length=100, blank=True, default="", db_default="")
    definition = ProseField(blank=True)
    source = ProseField()

    objects = LensQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "lenses"

    def __str__(self) -> str:
        return self.local_name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def local_name(self) -> str:
        """The name in the active language."""
        return local_value(self)


class Entry(models.Model):
    """The base class of sections, issues and sub-issues. A code identifies each of them within the negotiation."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="%(class)ss")
    code = LineField(max_length=20)
    position = models.PositiveIntegerField(help_text="Order within the negotiation, from 1.")
    title = ProseField(help_text="May contain brackets.")
    title_fr = ProseField("title in French", blank=True, default="", db_default="")
    title_es = ProseField("title in Spanish", blank=True, default="", db_default="")
    note = ProseField(blank=True)
    source = ProseField()

    class Meta:
        abstract = True
        ordering = ["negotiation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "code"], name="%(class)s_code_once"),
            models.UniqueConstraint(fields=["negotiation", "position"], name="%(class)s_position_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(title=""), name="%(class)s_has_code_and_title"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.local_title}"

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.code)

    @property
    def local_title(self) -> str:
        """The title in the active language."""
        return local_value(self, "title")


class Section(Entry):
    """A section of the consolidated text, or an annex."""

    label = LineField(max_length=20, help_text="As printed, for example A or Annex 1.")
    kind = models.CharField(max_length=10, choices=SectionKind.choices, default=SectionKind.SECTION)

    objects = SectionQuerySet.as_manager()

    class Meta(Entry.Meta):
        pass

    @property
    def local_label(self) -> str:
        """The label in the active language, such as “Annexe 1” in French."""
        number = self.label.removeprefix("Annex ")
        return self.label if number == self.label else gettext("Annex %(number)s") % {"number": number}


class Issue(Entry):
    """An issue, which belongs to a section and may have sub-issues."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="issues")
    assessment = ProseField(blank=True, help_text="The source's assessment of convergence on this issue.")

    objects = IssueQuerySet.as_manager()

    class Meta(Entry.Meta):
        pass


class SubIssue(Entry):
    """A sub-issue, which belongs to an issue or directly to a section."""

    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="sub_issues")
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="sub_issues")
    lenses = models.ManyToManyField(
        Lens,
        blank=True,
        related_name="sub_issues",
        help_text="No longer used: lenses mark provisions, variants and proposals.",
    )

    objects = SubIssueQuerySet.as_manager()

    class Meta(Entry.Meta):
        verbose_name = "sub-issue"
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(
                condition=Q(section=None, issue__isnull=False) | Q(section__isnull=False, issue=None),
                name="subissue_has_one_parent",
                violation_error_message="Choose exactly one parent: an issue, or a section without issues.",
            ),
        ]

    @property
    def parent_section(self) -> Section:
        """The section to which the sub-issue belongs, directly or through an issue."""
        if self.issue is not None:
            return self.issue.section
        assert self.section is not None  # guaranteed by the constraint subissue_has_one_parent
        return self.section
