"""Serializers for stated and measured figures in status documents, in provisions and in measures over time."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from bracketed_text import Measures
from issues.api.serializers.fields import ENTRY_DEMONSTRATION, ResponsePart, SlugOfField, demonstration_field
from issues.models import Negotiation, StatusReport
from issues.models.choices import Status, slug_of
from issues.reports.convergence import GroupStanding, IssueStanding, Overview, Point, SectionStanding, Standing
from members.dates import partial_iso_date


class FiguresSerializer(ResponsePart):
    """The measured figures of a text."""

    words = serializers.IntegerField()
    contested_words = serializers.IntegerField(help_text="Words inside brackets.")
    clean_share = serializers.FloatField(
        allow_null=True, help_text="Share of words outside brackets, from 0 to 1; null for a text without words."
    )
    open_brackets = serializers.IntegerField()
    alternatives = serializers.IntegerField()
    depth = serializers.IntegerField(help_text="Maximum nesting depth of brackets.")
    members_named = serializers.ListField(child=serializers.CharField(), help_text="Codes of members and groupings.")
    members_opposing = serializers.ListField(child=serializers.CharField())


class MeasuredSerializer(FiguresSerializer):
    """The measured figures of a set of provisions, taken together."""

    provisions = serializers.IntegerField()
    demonstration = demonstration_field()


class PointSerializer(ResponsePart):
    """The main figures at the end of a day on which a figure changed."""

    date = serializers.DateField()
    clean_share = serializers.FloatField(allow_null=True)
    open_brackets = serializers.IntegerField()


class LastChangeSerializer(ResponsePart):
    """The latest revision in a set of provisions."""

    date = serializers.DateField()
    provision = serializers.CharField()
    revision = serializers.IntegerField()


FORMER_STATUS = "Deprecated: use `status_slug`."
PARTIAL = "The date, shortened if only the month or year is known: 2021-02-05, 2021-02 or 2021."


@extend_schema_serializer(deprecate_fields=["status"])
class StatedSerializer(ResponsePart):
    """The stated status of a small group. It is never computed."""

    status_slug = SlugOfField("status", choices=Status.choices)
    status = serializers.ChoiceField(Status.choices, help_text=FORMER_STATUS)
    label = serializers.CharField()  # type: ignore[assignment]  # REST framework fields have an attribute `label`
    definition = serializers.CharField()
    stated_on = serializers.CharField(help_text=PARTIAL)
    stated_by = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # and an attribute `source`
    note = serializers.CharField()
    demonstration = serializers.BooleanField(help_text=ENTRY_DEMONSTRATION)


class GroupLinksSerializer(ResponsePart):
    """Links to resources about a small group."""

    status = serializers.URLField()
    small_group = serializers.URLField()
    provisions = serializers.URLField()
    variants = serializers.URLField()
    measures = serializers.URLField()


class GroupStatusSerializer(ResponsePart):
    """A small group, with its stated status and its measured figures."""

    slug = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField()
    stated = StatedSerializer(allow_null=True)
    measured = MeasuredSerializer()
    trend = PointSerializer(many=True)
    last_change = LastChangeSerializer(allow_null=True)
    contradiction = serializers.BooleanField(
        help_text="Whether the stated status rules out brackets but the text contains some."
    )
    links = GroupLinksSerializer()


@extend_schema_serializer(deprecate_fields=["status"])
class StatedOfGroupSerializer(ResponsePart):
    """The stated status of a small group that works on an issue."""

    small_group = serializers.CharField()
    status_slug = SlugOfField("status", choices=Status.choices, allow_null=True)
    status = serializers.ChoiceField(Status.choices, allow_null=True, help_text=FORMER_STATUS)
    stated_on = serializers.CharField(allow_null=True, help_text=PARTIAL)


class IssueLinksSerializer(ResponsePart):
    """Links to resources about an issue."""

    status = serializers.URLField()
    issue = serializers.URLField()
    provisions = serializers.URLField()
    variants = serializers.URLField()
    measures = serializers.URLField()


class IssueStatusSerializer(ResponsePart):
    """An issue with its measured figures.

    Issues have no stated status. Instead, `stated` lists the status of each small group that works on the issue.
    """

    code = serializers.CharField()
    title = serializers.CharField()
    section = serializers.CharField()
    url = serializers.URLField()
    stated = StatedOfGroupSerializer(many=True)
    measured = MeasuredSerializer()
    trend = PointSerializer(many=True)
    last_change = LastChangeSerializer(allow_null=True)
    links = IssueLinksSerializer()


class SectionLinksSerializer(ResponsePart):
    """Links to resources about a section."""

    section = serializers.URLField()
    provisions = serializers.URLField()
    variants = serializers.URLField()
    measures = serializers.URLField()


class SectionStatusSerializer(ResponsePart):
    """A section or annex with its measured figures, including those without issues (section F and Annex 1).

    `stated` lists the status of each small group that works in the section.
    """

    code = serializers.CharField()
    title = serializers.CharField()
    url = serializers.URLField()
    stated = StatedOfGroupSerializer(many=True)
    measured = MeasuredSerializer()
    trend = PointSerializer(many=True)
    last_change = LastChangeSerializer(allow_null=True)
    links = SectionLinksSerializer()


class StatusSerializer(ResponsePart):
    """The status of the whole negotiation in one document."""

    negotiation = serializers.CharField()
    name = serializers.CharField()
    as_of = serializers.DateField(help_text="The date shown: the requested date, or the last date of the facts.")
    facts_collected_up_to = serializers.DateField(allow_null=True)
    last_change = LastChangeSerializer(allow_null=True)
    measured = MeasuredSerializer()
    small_groups = GroupStatusSerializer(many=True)
    issues = IssueStatusSerializer(many=True)
    sections = SectionStatusSerializer(many=True)


class MeasurePointSerializer(FiguresSerializer):
    """All figures at the end of a day on which a figure changed."""

    date = serializers.DateField()
    demonstration = demonstration_field()


def figures_row(measures: Measures) -> dict[str, Any]:
    """Return the measured figures of a text."""
    return {
        "words": measures.words,
        "contested_words": measures.contested_words,
        "clean_share": _clean_share(measures),
        "open_brackets": measures.open_brackets,
        "alternatives": measures.alternatives,
        "depth": measures.depth,
        "members_named": sorted(measures.named),
        "members_opposing": sorted(measures.opposing),
    }


def _clean_share(measures: Measures) -> float | None:
    share = measures.clean_share
    return None if share is None else round(share, 4)


def measured_row(standing: Standing) -> dict[str, Any]:
    """Return the measured figures of a set of provisions."""
    return {
        "provisions": standing.provisions,
        "demonstration": standing.demonstration,
        **figures_row(standing.figures),
    }


def trend_rows(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    """Return the points of a trend, one for each day on which a figure changed."""
    return [
        {"date": point.day, "clean_share": _clean_share(point.figures), "open_brackets": point.figures.open_brackets}
        for point in points
    ]


def measure_rows(standing: Standing) -> list[dict[str, Any]]:
    """Return all figures, one row for each day on which a figure changed."""
    return [
        {"date": point.day, "demonstration": standing.demonstration, **figures_row(point.figures)}
        for point in standing.trend
    ]


def last_change_row(standing: Standing, slugs: dict[int, str]) -> dict[str, Any] | None:
    """Return the latest revision in a set of provisions, or None if they have no revisions.

    `slugs` maps the keys of provisions to their slugs.
    """
    step = standing.last_step
    if step is None:
        return None
    return {"date": step.day, "provision": slugs[step.provision], "revision": step.number}


def _stated_on(report: StatusReport) -> str:
    return partial_iso_date(report.stated_on, report.stated_on_precision)


def stated_row(report: StatusReport | None) -> dict[str, Any] | None:
    """Return the status stated in `report`, or None if `report` is None."""
    if report is None:
        return None
    return {
        "status_slug": slug_of(report.status),
        "status": report.status,
        "label": report.label,
        "definition": str(report.definition),
        "stated_on": _stated_on(report),
        "stated_by": report.stated_by,
        "source": report.source,
        "note": report.note,
        "demonstration": report.demonstration,
    }


def group_row(standing: GroupStanding, slugs: dict[int, str], request: Any) -> dict[str, Any]:
    """Return a small group as shown in status documents."""
    url = reverse("api:small-group-detail", args=[standing.group.slug], request=request)
    return {
        "slug": standing.group.slug,
        "name": standing.group.name,
        "url": url,
        "stated": stated_row(standing.stated),
        "measured": measured_row(standing.measured),
        "trend": trend_rows(standing.measured.trend),
        "last_change": last_change_row(standing.measured, slugs),
        "contradiction": standing.contradiction,
        "links": {
            "status": reverse("api:status-small-group", args=[standing.group.slug], request=request),
            "small_group": url,
            **_list_urls(f"small_group={standing.group.slug}", request),
        },
    }


def issue_row(standing: IssueStanding, slugs: dict[int, str], request: Any) -> dict[str, Any]:
    """Return an issue as shown in status documents."""
    url = reverse("api:issue-detail", args=[standing.issue.code], request=request)
    return {
        "code": standing.issue.code,
        "title": standing.issue.title,
        "section": standing.issue.section.code,
        "url": url,
        "stated": _stated_rows(standing.groups),
        "measured": measured_row(standing.measured),
        "trend": trend_rows(standing.measured.trend),
        "last_change": last_change_row(standing.measured, slugs),
        "links": {
            "status": reverse("api:status-issue", args=[standing.issue.code], request=request),
            "issue": url,
            **_list_urls(f"issue={standing.issue.code}", request),
        },
    }


def section_row(standing: SectionStanding, slugs: dict[int, str], request: Any) -> dict[str, Any]:
    """Return a section as shown in status documents."""
    url = reverse("api:section-detail", args=[standing.section.code], request=request)
    return {
        "code": standing.section.code,
        "title": standing.section.title,
        "url": url,
        "stated": _stated_rows(standing.groups),
        "measured": measured_row(standing.measured),
        "trend": trend_rows(standing.measured.trend),
        "last_change": last_change_row(standing.measured, slugs),
        "links": {"section": url, **_list_urls(f"section={standing.section.code}", request)},
    }


def _stated_rows(groups: tuple[GroupStanding, ...]) -> list[dict[str, Any]]:
    return [
        {
            "small_group": group.group.slug,
            "status_slug": slug_of(group.stated.status) if group.stated else None,
            "status": group.stated.status if group.stated else None,
            "stated_on": _stated_on(group.stated) if group.stated else None,
        }
        for group in groups
    ]


def _list_urls(query: str, request: Any) -> dict[str, str]:
    views = {"provisions": "provision-list", "variants": "variant-list", "measures": "measures"}
    return {name: f"{reverse(f'api:{view}', request=request)}?{query}" for name, view in views.items()}


def status_document(
    negotiation: Negotiation, day: Any, overview: Overview, slugs: dict[int, str], request: Any
) -> dict[str, Any]:
    """Return the status document of the whole negotiation."""
    return {
        "negotiation": negotiation.slug,
        "name": negotiation.name,
        "as_of": negotiation.day(day),
        "facts_collected_up_to": negotiation.stands_on,
        "last_change": last_change_row(overview.measured, slugs),
        "measured": measured_row(overview.measured),
        "small_groups": [group_row(standing, slugs, request) for standing in overview.groups],
        "issues": [issue_row(standing, slugs, request) for standing in overview.issues],
        "sections": [section_row(standing, slugs, request) for standing in overview.sections],
    }
