"""Admin of documents, meetings, proposals, requests and reported positions."""

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.admin.negotiation import InNegotiationMixin
from issues.admin.publishing import PublishingMixin
from issues.admin.table_admin import TableMixin
from issues.admin.tables import DocumentTable, MeetingTable
from issues.models import (
    ChangeRequest,
    Document,
    Expectation,
    Meeting,
    Proposal,
    ProposalStep,
    ReportedPosition,
    Timeline,
)
from members.admin.mixins import ReadOnlyMixin, SearchedByNameAdmin

# The relations of a document or meeting to what it concerns.
SUBJECTS = ("sub_issues", "issues", "small_groups", "members", "lenses", "timelines")


@admin.register(Document)
class DocumentAdmin(TableMixin, PublishingMixin, InNegotiationMixin, SearchedByNameAdmin):
    """Documents."""

    resource_classes = [DocumentTable]
    export_prefetch = ("negotiation", "submitted_by", *SUBJECTS)

    list_display = ["__str__", "title", "genre", "dated", "dated_precision", "verification"]
    list_filter = ["negotiation", "genre", "dated_precision", "symbol_verified"]
    search_fields = ["symbol", "title", "submitted_by_text", "submitted_by__code", "submitted_by__name"]
    alias_paths = ["submitted_by__aliases"]
    autocomplete_fields = ["submitted_by", "recorded_with", *SUBJECTS]
    prepopulated_fields = {"slug": ["symbol", "title"]}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    date_hierarchy = "dated"


@admin.register(Meeting)
class MeetingAdmin(TableMixin, PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Meetings and their outcomes."""

    resource_classes = [MeetingTable]
    export_prefetch = ("negotiation", "documents", *SUBJECTS)

    list_display = ["title", "kind", "starts", "starts_precision", "ends", "planned_only"]
    list_filter = ["negotiation", "kind", "mode", "planned_only", "cancelled"]
    search_fields = ["title", "outcome", "source"]
    autocomplete_fields = ["documents", *SUBJECTS]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    prepopulated_fields = {"slug": ["title"]}
    date_hierarchy = "starts"


@admin.register(Timeline)
class TimelineAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Timelines, which follow a subject through documents and meetings."""

    list_display = ["name", "slug", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["issues"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Expectation)
class ExpectationAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Expectations about the further course of the negotiation, which the overview shows."""

    list_display = ["statement", "stated_by", "stated_on", "stated_on_precision", "position"]
    list_filter = ["negotiation"]
    search_fields = ["statement", "stated_by"]
    autocomplete_fields = ["small_groups", "documents"]


class ProposalStepInline(ReadOnlyMixin, admin.TabularInline):
    """The steps of a proposal, read-only. Steps are added on pages of the site."""

    model = ProposalStep
    fields = ["number", "act", "member", "made_on", "recorded_by", "on_behalf_of", "note"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProposalStep]:
        """Return the steps with the names that each row shows, but without the texts of the steps."""
        return super().get_queryset(request).select_related("member", "recorded_by", "on_behalf_of").defer("text")


@admin.register(Proposal)
class ProposalAdmin(PublishingMixin, InNegotiationMixin, SearchedByNameAdmin):
    """Proposals, with their proponents and states."""

    list_display = ["title", "state", "tabled", "tabled_precision", "visibility", "document"]
    list_filter = ["negotiation", "state", "visibility", "lenses"]
    inlines = [ProposalStepInline]
    list_select_related = ["document"]
    search_fields = ["title", "summary", "proponents__code", "proponents__name", "document__symbol"]
    alias_paths = ["proponents__aliases", "grouping_proponents__aliases"]
    autocomplete_fields = [
        "proponents",
        "grouping_proponents",
        "document",
        "supersedes",
        "sub_issues",
        "issues",
        "lenses",
    ]
    prepopulated_fields = {"slug": ["title"]}
    date_hierarchy = "tabled"

    def get_readonly_fields(self, request: HttpRequest, obj: Proposal | None = None) -> list[str]:
        """Return the fields that the steps of a proposal determine, if it has steps."""
        return ["text", "state", "proponents"] if obj is not None and obj.steps.exists() else []


@admin.register(ProposalStep)
class ProposalStepAdmin(ReadOnlyMixin, SearchedByNameAdmin):
    """The steps of all proposals, read-only."""

    list_display = ["proposal", "number", "act", "member", "made_on", "recorded_by", "on_behalf_of"]
    list_filter = ["act"]
    list_select_related = ["proposal", "member", "recorded_by", "on_behalf_of"]
    search_fields = ["proposal__title", "note", "member__code", "member__name"]
    date_hierarchy = "made_on"


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyMixin, SearchedByNameAdmin):
    """Delegates' requests to facilitators, and the responses."""

    list_display = ["provision", "on_behalf_of", "says", "state", "asked_at", "asked_by", "decided_by"]
    list_filter = ["state"]
    list_select_related = [
        *("provision__section", "provision__issue", "provision__sub_issue"),
        *("on_behalf_of", "asked_by", "decided_by"),
    ]
    alias_paths = ["on_behalf_of__aliases"]
    search_fields = ["provision__heading", "says", "reason", "answer", "on_behalf_of__code", "on_behalf_of__name"]
    date_hierarchy = "asked_at"


@admin.register(ReportedPosition)
class ReportedPositionAdmin(PublishingMixin, InNegotiationMixin, SearchedByNameAdmin):
    """Members' positions as reported by sources other than the text."""

    list_display = ["holder", "stance", "topic", "issue", "stated_on_text", "reported_on_text"]
    list_filter = ["negotiation", "stance", "issue"]
    list_select_related = ["member", "grouping", "issue"]
    search_fields = ["topic", "statement", "described_as", "member__code", "member__name"]
    alias_paths = ["member__aliases", "grouping__aliases"]
    autocomplete_fields = ["member", "grouping", "issue", "sub_issues", "documents"]
