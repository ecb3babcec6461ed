"""Admin of the outline: sections, issues, sub-issues and lenses."""

from django import forms
from django.contrib import admin
from django.db import models

from issues.admin.negotiation import InNegotiationMixin
from issues.admin.publishing import PublishingMixin
from issues.models import Issue, Lens, Section, SubIssue
from members.admin.mixins import AdminAccessMixin, CompactInline
from members.models import in_all_languages


class EntryInline(InNegotiationMixin, CompactInline):
    """Issues or sub-issues on the page of their parent. The fields for codes are short."""

    fields = ["code", "title", "position", "negotiation", "source"]
    formfield_overrides = {
        **CompactInline.formfield_overrides,
        models.CharField: {"widget": forms.TextInput(attrs={"size": 8})},
    }
    show_change_link = True


class IssueInline(EntryInline):
    """The issues of a section."""

    model = Issue


class SubIssueInline(EntryInline):
    """The sub-issues of an issue, or of a section that has no issues."""

    model = SubIssue


@admin.register(Section)
class SectionAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Sections and annexes with their issues."""

    list_display = ["code", "title", "kind", "position", "negotiation"]
    list_filter = ["negotiation", "kind"]
    list_select_related = ["negotiation"]
    search_fields = ["code", *in_all_languages("title")]
    inlines = [IssueInline, SubIssueInline]


@admin.register(Issue)
class IssueAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Issues with their sub-issues."""

    list_display = ["code", "title", "section", "position"]
    list_filter = ["negotiation", "section"]
    list_select_related = ["section"]
    search_fields = ["code", *in_all_languages("title")]
    autocomplete_fields = ["section"]
    inlines = [SubIssueInline]


@admin.register(SubIssue)
class SubIssueAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Sub-issues, under an issue or directly under a section."""

    list_display = ["code", "title", "issue", "section", "position"]
    list_filter = ["negotiation", "issue"]
    list_select_related = ["issue", "section"]
    search_fields = ["code", *in_all_languages("title")]
    autocomplete_fields = ["issue", "section"]
    exclude = ["lenses"]


@admin.register(Lens)
class LensAdmin(PublishingMixin, AdminAccessMixin, admin.ModelAdmin):
    """Lenses, which select provisions across issues."""

    list_display = ["name", "slug"]
    search_fields = [*in_all_languages("name"), "slug"]
