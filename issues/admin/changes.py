"""Admin of the feed of changes: to be read, to see what was told to whom."""

from django.contrib import admin

from issues.models import Change, ChangeCounter
from members.admin_access import ReadOnlyMixin


@admin.register(Change)
class ChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """What was told, newest first."""

    list_display = ["number", "at", "kind", "resource", "key", "scopes", "only", "negotiation"]
    list_filter = ["negotiation", "resource", "kind"]
    list_select_related = ["negotiation"]
    search_fields = ["key", "scopes"]
    ordering = ["-number"]
    date_hierarchy = "at"


@admin.register(ChangeCounter)
class ChangeCounterAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """How far the changes have come in each scope."""

    list_display = ["scope", "number", "at", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = ["scope"]
    ordering = ["-number"]
