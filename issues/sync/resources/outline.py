"""Resources for the table of issues, the small groups, and the record of meetings and documents."""

from django.db.models import QuerySet

from issues.access.roles import Reader
from issues.access.visibility import visible_documents
from issues.models import (
    Document,
    Expectation,
    Issue,
    Lens,
    Meeting,
    Negotiation,
    Section,
    SmallGroup,
    StatusReport,
    SubIssue,
    Timeline,
)
from issues.models.choices import slug_of
from issues.models.page_links import PageLink
from issues.sync.resources.base import Data, Resource, code_of, codes_of, field_values
from members.models import in_all_languages

# The relations of a document or meeting to what it concerns.
SUBJECTS = ("sub_issues", "issues", "small_groups", "members", "lenses", "timelines")


class NegotiationResource(Resource[Negotiation]):
    """The resource for the negotiation itself."""

    name = "negotiation"
    model = Negotiation
    fields = (
        *("slug", *in_all_languages("name"), *in_all_languages("short_name"), "stands_on", "description", "source"),
    )

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Negotiation]":
        """Return only this negotiation."""
        return Negotiation.objects.filter(pk=negotiation.pk)

    def page(self, item: Negotiation) -> PageLink:
        """Return a link to the status endpoint of the API, which describes the negotiation."""
        return PageLink("api:status")


class LensResource(Resource[Lens]):
    """The resource for lenses, which all negotiations share."""

    name = "lens"
    model = Lens
    fields = ("slug", *in_all_languages("name"), "definition", "source")
    route = "lens"

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Lens]":
        """Return all lenses."""
        return Lens.objects.order_by("slug")


class SectionResource(Resource[Section]):
    """The resource for sections in the table of issues."""

    name = "section"
    model = Section
    key_field = "code"
    fields = ("code", "label", "kind", *in_all_languages("title"), "position", "note", "source")
    ordering = ("position",)
    route = "api:section-detail"


class IssueResource(Resource[Issue]):
    """The resource for issues."""

    name = "issue"
    model = Issue
    key_field = "code"
    fields = ("code", *in_all_languages("title"), "position", "assessment", "note", "source")
    ordering = ("position",)
    select_related = ("section",)
    route = "api:issue-detail"

    def data(self, item: Issue) -> Data:
        """Return the fields of an issue and its section."""
        return {**super().data(item), "section": item.section.code}


class SubIssueResource(Resource[SubIssue]):
    """The resource for sub-issues."""

    name = "sub-issue"
    model = SubIssue
    key_field = "code"
    fields = ("code", *in_all_languages("title"), "position", "note", "source")
    ordering = ("position",)
    select_related = ("section", "issue__section")
    prefetch_related = ("lenses",)
    route = "api:sub-issue-detail"

    def data(self, item: SubIssue) -> Data:
        """Return the fields of a sub-issue, its issue and section, and its lenses."""
        parents = {"issue": code_of(item.issue), "section": item.parent_section.code}
        return {**super().data(item), **parents, "lenses": codes_of(item.lenses)}


class SmallGroupResource(Resource[SmallGroup]):
    """The resource for small groups with their facilitators."""

    name = "small-group"
    model = SmallGroup
    fields = ("slug", *in_all_languages("name"), "position", "highlights", "state_of_play", "source")
    ordering = ("position",)
    prefetch_related = ("sub_issues", "issues", "facilitators__member")
    route = "api:small-group-detail"

    def data(self, item: SmallGroup) -> Data:
        """Return the fields of a small group, its topics, and its facilitators sorted by name."""
        facilitators = [
            {**field_values(facilitator, "name", "since", "until", "source"), "member": code_of(facilitator.member)}
            for facilitator in item.facilitators.all()
        ]
        facilitators.sort(key=lambda facilitator: facilitator["name"])
        topics = {"sub_issues": codes_of(item.sub_issues), "issues": codes_of(item.issues)}
        return {**super().data(item), **topics, "facilitators": facilitators}


class StatusReportResource(Resource[StatusReport]):
    """The resource for status reports on small groups."""

    name = "status-report"
    model = StatusReport
    fields = (
        *("status", "stated_on", "stated_on_precision", "stated_by", "until", "note", "source", "demonstration"),
        "recorded_at",
    )
    select_related = ("small_group", "recorded_by", "corrects__small_group")
    append_only = True

    def key(self, item: StatusReport) -> str:
        """Return the slug of the small group and the primary key of the report."""
        return f"{item.small_group.slug}/{item.pk}"

    def data(self, item: StatusReport) -> Data:
        """Return the small group, the fields of the report, and the report that it corrects."""
        corrects = self.key(item.corrects) if item.corrects else None
        status = {"small_group": item.small_group.slug, "status_slug": slug_of(item.status)}
        return {**status, **super().data(item), "corrects": corrects}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[StatusReport]":
        """Return the reports of all small groups of the negotiation."""
        return StatusReport.objects.filter(small_group__negotiation=negotiation).order_by("pk")

    def page(self, item: StatusReport) -> PageLink:
        """Return a link to the report on the page of its small group."""
        return PageLink("small-group", (item.small_group.slug,), fragment=f"status-{item.pk}")


class DocumentResource(Resource[Document]):
    """The resource for documents."""

    name = "document"
    model = Document
    fields = (
        *("slug", "symbol", "symbol_verified", "title", "genre", "dated", "dated_precision", "submitted_by_text"),
        *("access", "url", "verification", "note", "source", "demonstration"),
    )
    prefetch_related = ("submitted_by", *SUBJECTS)
    route = "document"

    def data(self, item: Document) -> Data:
        """Return the fields, the members that submitted the document, and what it concerns."""
        return {**super().data(item), **{name: codes_of(getattr(item, name)) for name in self.prefetch_related}}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Document]":
        """Return the documents that `reader` may read."""
        return visible_documents(reader).filter(negotiation=negotiation).order_by("slug")


class MeetingResource(Resource[Meeting]):
    """The resource for meetings."""

    name = "meeting"
    model = Meeting
    fields = (
        *("slug", "kind", "title", "starts", "starts_precision", "ends", "mode", "planned_only", "cancelled"),
        *("participants", "outcome", "url", "note", "source"),
    )
    ordering = ("slug",)
    prefetch_related = ("documents", *SUBJECTS)
    route = "meeting"

    def data(self, item: Meeting) -> Data:
        """Return the fields of a meeting and its subjects."""
        return {**super().data(item), **{name: codes_of(getattr(item, name)) for name in self.prefetch_related}}


class TimelineResource(Resource[Timeline]):
    """Timelines of the negotiation."""

    name = "timeline"
    model = Timeline
    fields = ("slug", "name", "description", "source")
    ordering = ("slug",)
    prefetch_related = ("issues",)
    route = "timeline"

    def data(self, item: Timeline) -> Data:
        """Return the fields and the issues."""
        return {**super().data(item), "issues": codes_of(item.issues)}


class ExpectationResource(Resource[Expectation]):
    """Expectations about the further course of the negotiation."""

    name = "expectation"
    model = Expectation
    fields = ("slug", "position", "statement", "stated_by", "stated_on", "stated_on_precision", "source")
    ordering = ("position",)
    prefetch_related = ("small_groups",)

    def data(self, item: Expectation) -> Data:
        """Return the fields and the small groups."""
        return {**super().data(item), "small_groups": codes_of(item.small_groups)}

    def page(self, item: Expectation) -> PageLink:
        """Return a link to the outlook on the overview."""
        return PageLink("overview", fragment="outlook")
