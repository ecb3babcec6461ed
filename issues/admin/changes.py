"""Admin of the change feed, read-only: the published changes and their audiences."""

from django.contrib import admin

from issues.models import Change, ChangeCounter
from members.admin.mixins import ReadOnlyMixin


@admin.register(Change)
class ChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Published changes, newest first."""

    list_display = ["number", "at", "kind", "resource", "key", "scopes", "only", "negotiation"]
    list_filter = ["negotiation", "resource", "kind"]
    list_select_related = ["negotiation"]
    search_fields = ["key", "scopes"]
    ordering = ["-number"]
    date_hierarchy = "at"


@admin.register(ChangeCounter)
class ChangeCounterAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The number of the last change in each scope."""

    list_display = ["scope", "number", "at", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = ["scope"]
    ordering = ["-number"]
