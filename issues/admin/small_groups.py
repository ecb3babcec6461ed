"""Admin of small groups: who leads them, what is stated of them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from issues.models import Facilitator, SmallGroup, StatusReport
from members.desk import DeskMixin


class OnRecordMixin(DeskMixin):
    """For what was stated on a day: it is added, and never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a later report says what is true now."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class FacilitatorInline(DeskMixin, admin.TabularInline):
    """Who leads the group, when."""

    model = Facilitator
    autocomplete_fields = ["member", "user"]
    extra = 0


class StatusReportInline(OnRecordMixin, admin.TabularInline):
    """What was stated of the group; a new line adds to it."""

    model = StatusReport
    fields = ["status", "until", "stated_on", "stated_by", "source", "note"]
    extra = 0


@admin.register(SmallGroup)
class SmallGroupAdmin(DeskMixin, admin.ModelAdmin):
    """Small groups with their facilitators and status reports."""

    list_display = ["name", "slug", "position", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["sub_issues", "issues", "members"]
    inlines = [FacilitatorInline, StatusReportInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Remember who recorded a status."""
        for row in formset.save(commit=False):
            if isinstance(row, StatusReport) and row.recorded_by_id is None:
                row.recorded_by_id = request.user.pk
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


@admin.register(Facilitator)
class FacilitatorAdmin(DeskMixin, admin.ModelAdmin):
    """Facilitators of all groups."""

    list_display = ["name", "small_group", "member", "user", "since", "until"]
    list_filter = ["small_group"]
    list_select_related = ["small_group", "member", "user"]
    search_fields = ["name", "small_group__name", "user__username"]
    autocomplete_fields = ["small_group", "member", "user"]


@admin.register(StatusReport)
class StatusReportAdmin(OnRecordMixin, admin.ModelAdmin):
    """What was stated of which group, when, by whom."""

    list_display = ["small_group", "status", "stated_on", "stated_by", "source"]
    list_filter = ["status", "small_group"]
    list_select_related = ["small_group"]
    search_fields = ["small_group__name", "stated_by", "source", "note"]
    autocomplete_fields = ["small_group"]
    date_hierarchy = "stated_on"
    exclude = ["recorded_by", "recorded_at"]

    def save_model(self, request: HttpRequest, obj: StatusReport, form: Any, change: bool) -> None:
        """Remember who recorded it."""
        obj.recorded_by_id = request.user.pk
        super().save_model(request, obj, form, change)
