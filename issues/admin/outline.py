"""Admin of the table of issues."""

from django.contrib import admin

from issues.models import Issue, Lens, Section, SubIssue
from members.desk import DeskMixin


class IssueInline(DeskMixin, admin.TabularInline):
    """The issues of a section."""

    model = Issue
    fields = ["code", "title", "position", "negotiation", "source"]
    extra = 0
    show_change_link = True


class SubIssueInline(DeskMixin, admin.TabularInline):
    """The sub-issues of an issue, or of a section that has no issues."""

    model = SubIssue
    fields = ["code", "title", "position", "negotiation", "source"]
    extra = 0
    show_change_link = True


@admin.register(Section)
class SectionAdmin(DeskMixin, admin.ModelAdmin):
    """Sections and annexes with their issues."""

    list_display = ["code", "title", "kind", "position", "negotiation"]
    list_filter = ["negotiation", "kind"]
    list_select_related = ["negotiation"]
    search_fields = ["code", "title"]
    inlines = [IssueInline, SubIssueInline]


@admin.register(Issue)
class IssueAdmin(DeskMixin, admin.ModelAdmin):
    """Issues with their sub-issues."""

    list_display = ["code", "title", "section", "position"]
    list_filter = ["negotiation", "section"]
    list_select_related = ["section"]
    search_fields = ["code", "title"]
    inlines = [SubIssueInline]


@admin.register(SubIssue)
class SubIssueAdmin(DeskMixin, admin.ModelAdmin):
    """Sub-issues, under an issue or directly under a section."""

    list_display = ["code", "title", "issue", "section", "position"]
    list_filter = ["negotiation", "lenses", "issue"]
    list_select_related = ["issue", "section"]
    search_fields = ["code", "title"]
    autocomplete_fields = ["issue", "section", "lenses"]


@admin.register(Lens)
class LensAdmin(DeskMixin, admin.ModelAdmin):
    """What cuts across the issues."""

    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]
