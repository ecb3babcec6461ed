"""Convergence: the measured figures of provisions, as totals and over time, compared with the stated statuses.

No figure implies that a text is agreed. The figures of a small group are sums over its provisions. A share is the
number of words outside brackets divided by the number of all words. If the stated status contradicts the figures, the
pages show the contradiction.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Coalesce

from bracketed_text import Measures, together
from issues.access.roles import Reader
from issues.access.visibility import visible_provisions
from issues.models import Issue, Measure, Negotiation, Provision, Section, SmallGroup, StatusReport
from issues.models.known import on_record


@dataclass(frozen=True)
class Point:
    """The figures of a set of provisions at the end of a day on which at least one of them changed."""

    day: datetime.date
    figures: Measures


@dataclass(frozen=True)
class Step:
    """A revision with its figures."""

    provision: int
    number: int
    day: datetime.date
    figures: Measures
    demonstration: bool = False


@dataclass(frozen=True)
class Standing:
    """The figures of a set of provisions, with their trend and the last revision.

    `demonstration` is true if any of the figures was measured in demonstration text.
    """

    provisions: int = 0
    figures: Measures = field(default_factory=Measures)
    trend: tuple[Point, ...] = ()
    last_step: Step | None = None
    demonstration: bool = False


@dataclass(frozen=True)
class GroupStanding:
    """The stated status and the measured figures of a small group."""

    group: SmallGroup
    stated: StatusReport | None
    measured: Standing

    @property
    def contradiction(self) -> bool:
        """Whether the stated status excludes brackets although the text contains brackets."""
        return bool(self.stated and self.stated.excludes_brackets and self.measured.figures.open_brackets)

    @property
    def without_brackets(self) -> bool:
        """Whether the text has no open brackets although the stated status does not exclude them."""
        measured = bool(self.measured.provisions) and not self.measured.figures.open_brackets
        return measured and not (self.stated and self.stated.excludes_brackets)


@dataclass(frozen=True)
class IssueStanding:
    """The stated statuses of the small groups working on an issue, and the measured figures of its text."""

    issue: Issue
    groups: tuple[GroupStanding, ...]
    measured: Standing


@dataclass(frozen=True)
class SectionStanding:
    """The stated statuses of the small groups working in a section, and the measured figures of its text."""

    section: Section
    groups: tuple[GroupStanding, ...]
    measured: Standing


@dataclass(frozen=True)
class Overview:
    """All small groups, issues and sections of a negotiation."""

    groups: tuple[GroupStanding, ...]
    issues: tuple[IssueStanding, ...]
    sections: tuple[SectionStanding, ...]
    measured: Standing

    @property
    def sections_without_issues(self) -> list[SectionStanding]:
        """The sections that no issue represents, because their sub-issues belong to them directly."""
        divided = {standing.issue.section_id for standing in self.issues}
        return [standing for standing in self.sections if standing.section.pk not in divided]


def steps(reader: Reader, negotiation: Negotiation, day: datetime.date | None = None) -> list[Step]:
    """Return all revisions of the visible provisions up to `day`, in chronological order, using one query."""
    rows = Measure.objects.filter(
        revision__provision__in=visible_provisions(reader), revision__provision__negotiation=negotiation
    )
    if day is not None:
        rows = rows.filter(on_record(day, "revision__recorded_at"), revision__made_on__lte=day)
    rows = rows.annotate(demonstration=F("revision__provision__demonstration"))
    rows = rows.select_related("revision").order_by("revision__made_on", "revision__provision", "revision__number")
    return [
        Step(row.revision.provision_id, row.revision.number, row.revision.made_on, figures_of(row), row.demonstration)
        for row in rows.defer("revision__text", "revision__reason", "revision__source")
    ]


def figures_of(row: Measure) -> Measures:
    """Return the stored figures as the engine's `Measures`."""
    return Measures(
        row.words,
        row.contested_words,
        row.open_brackets,
        row.alternatives,
        row.depth,
        frozenset(row.named),
        frozenset(row.opposing),
    )


def standing(history: Iterable[Step], provisions: set[int]) -> Standing:
    """Return the latest figures of `provisions`, with their trend."""
    latest: dict[int, Measures] = {}
    points: dict[datetime.date, Point] = {}
    last: Step | None = None
    demonstration = False
    for step in history:
        if step.provision in provisions:
            demonstration = demonstration or step.demonstration
            latest[step.provision] = step.figures
            points[step.day] = Point(step.day, together(latest.values()))
            last = step
    return Standing(len(latest), together(latest.values()), tuple(points.values()), last, demonstration)


def overview(reader: Reader, negotiation: Negotiation, day: datetime.date | None = None) -> Overview:
    """Return the statuses and figures of the whole negotiation.

    The number of queries does not depend on the size of the negotiation.
    """
    history = steps(reader, negotiation, day)
    placed = _places(reader, negotiation)
    stated = {report.small_group_id: report for report in _reports(negotiation, day)}
    groups = tuple(
        GroupStanding(group, stated.get(group.pk), standing(history, placed.of_group(group)))
        for group in _groups(negotiation)
    )
    issues = tuple(_issue_standings(negotiation, history, placed, groups))
    sections = tuple(_section_standings(negotiation, history, placed, groups))
    return Overview(groups, issues, sections, standing(history, {step.provision for step in history}))


def _groups(negotiation: Negotiation) -> Iterable[SmallGroup]:
    return negotiation.small_groups.prefetch_related("sub_issues__issue", "issues", "facilitators")


def _reports(negotiation: Negotiation, day: datetime.date | None) -> Iterable[StatusReport]:
    return StatusReport.objects.current(day).filter(small_group__negotiation=negotiation)


def _issue_standings(
    negotiation: Negotiation, history: list[Step], placed: "_Places", groups: tuple[GroupStanding, ...]
) -> Iterator[IssueStanding]:
    for issue in negotiation.issues.select_related("section"):
        concerned = tuple(
            standing_of_group for standing_of_group in groups if _works_on(standing_of_group.group, issue)
        )
        yield IssueStanding(issue, concerned, standing(history, placed.of_issue(issue)))


def _section_standings(
    negotiation: Negotiation, history: list[Step], placed: "_Places", groups: tuple[GroupStanding, ...]
) -> Iterator[SectionStanding]:
    for section in negotiation.sections.all():
        concerned = tuple(row for row in groups if section.pk in _sections_of(row.group))
        yield SectionStanding(section, concerned, standing(history, placed.of_section(section)))


def _sections_of(group: SmallGroup) -> set[int | None]:
    issues = {issue.section_id for issue in group.issues.all()}
    return issues | {
        sub_issue.section_id or (sub_issue.issue.section_id if sub_issue.issue else None)
        for sub_issue in group.sub_issues.all()
    }


def _works_on(group: SmallGroup, issue: Issue) -> bool:
    return issue in group.issues.all() or any(sub_issue.issue_id == issue.pk for sub_issue in group.sub_issues.all())


@dataclass(frozen=True)
class _Places:
    """The places of the visible provisions.

    Each entry gives a provision, its issue or None, its sub-issue or None, and the issue of its sub-issue.
    """

    rows: list[tuple[int, int | None, int | None, int | None]]
    sections: dict[int, int]

    def of_group(self, group: SmallGroup) -> set[int]:
        """Return the provisions on which `group` works.

        The rule of `worked_on_by` is applied to rows that have already been loaded.
        """
        sub_issues = {entry.pk for entry in group.sub_issues.all()}
        issues = {entry.pk for entry in group.issues.all()}
        return {pk for pk, issue, sub_issue, parent in self.rows if sub_issue in sub_issues or {issue, parent} & issues}

    def of_issue(self, issue: Issue) -> set[int]:
        return {pk for pk, own, _, parent in self.rows if issue.pk in (own, parent)}

    def of_section(self, section: Section) -> set[int]:
        return {pk for pk, own in self.sections.items() if own == section.pk}


def _places(reader: Reader, negotiation: Negotiation) -> _Places:
    provisions = visible_provisions(reader).filter(negotiation=negotiation)
    sections = ("section", "issue__section", "sub_issue__section", "sub_issue__issue__section")
    rows = list(provisions.values_list("pk", "issue", "sub_issue", "sub_issue__issue", Coalesce(*sections)))
    return _Places([(pk, *places) for pk, *places, _ in rows], {pk: section for pk, *_, section in rows})


def group_standing(reader: Reader, group: SmallGroup, day: datetime.date | None = None) -> GroupStanding:
    """Return the stated status and measured figures of a small group."""
    stated = StatusReport.objects.current(day).filter(small_group=group).first()
    return GroupStanding(group, stated, provisions_standing(reader, Provision.objects.of_group(group), day))


def issue_standing(reader: Reader, issue: Issue, day: datetime.date | None = None) -> IssueStanding:
    """Return the figures of an issue, and the stated statuses of the small groups working on it."""
    stated = {report.small_group_id: report for report in _reports(issue.negotiation, day)}
    groups = (group for group in _groups(issue.negotiation) if _works_on(group, issue))
    # An issue's page does not show the figures of its groups.
    standings = tuple(GroupStanding(group, stated.get(group.pk), Standing()) for group in groups)
    return IssueStanding(issue, standings, provisions_standing(reader, Provision.objects.in_issue(issue), day))


def provisions_standing(
    reader: Reader, provisions: "Iterable[Provision]", day: datetime.date | None = None
) -> Standing:
    """Return the figures of those `provisions` that the reader may see."""
    keys = {provision.pk for provision in provisions}
    if not keys:
        return Standing()
    negotiation = next(iter(provisions)).negotiation
    return standing(steps(reader, negotiation, day), keys)
