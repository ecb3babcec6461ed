"""Admin of the record beside the text."""

from django.contrib import admin
from django.db import models

from issues.admin.negotiation import InNegotiationMixin
from issues.models import Document, Meeting, Proposal, ReportedPosition
from members.admin import SearchedByNameAdmin


@admin.register(Document)
class DocumentAdmin(InNegotiationMixin, SearchedByNameAdmin):
    """Documents by symbol, date and genre."""

    list_display = ["__str__", "title", "genre", "dated", "dated_precision", "verification"]
    list_filter = ["negotiation", "genre", "dated_precision", "symbol_verified"]
    search_fields = ["symbol", "title", "submitted_by_text", "submitted_by__code", "submitted_by__name"]
    alias_paths = ["submitted_by__aliases"]
    autocomplete_fields = ["submitted_by"]
    prepopulated_fields = {"slug": ["symbol", "title"]}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    date_hierarchy = "dated"


@admin.register(Meeting)
class MeetingAdmin(InNegotiationMixin, admin.ModelAdmin):
    """Meetings and what came of them."""

    list_display = ["title", "kind", "starts", "starts_precision", "ends", "planned_only"]
    list_filter = ["negotiation", "kind", "mode", "planned_only"]
    search_fields = ["title", "outcome", "source"]
    autocomplete_fields = ["documents", "sub_issues", "issues", "small_groups"]
    prepopulated_fields = {"slug": ["title"]}
    date_hierarchy = "starts"


@admin.register(Proposal)
class ProposalAdmin(InNegotiationMixin, SearchedByNameAdmin):
    """Proposals, who tabled them and what became of them."""

    list_display = ["title", "state", "tabled", "tabled_precision", "document"]
    list_filter = ["negotiation", "state", "lenses"]
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


@admin.register(ReportedPosition)
class ReportedPositionAdmin(InNegotiationMixin, SearchedByNameAdmin):
    """What sources say that members want, outside the text."""

    list_display = ["holder", "stance", "topic", "issue"]
    list_filter = ["negotiation", "stance", "issue"]
    list_select_related = ["member", "grouping", "issue"]
    search_fields = ["topic", "statement", "described_as", "member__code", "member__name"]
    alias_paths = ["member__aliases", "grouping__aliases"]
    autocomplete_fields = ["member", "grouping", "issue", "sub_issues"]
