"""Admin of small groups: who leads them, what is stated of them."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from issues.admin.negotiation import InNegotiationMixin
from issues.choices import Status
from issues.models import Facilitator, SmallGroup, StatusReport
from members.admin import CompactInline, SearchedByNameAdmin
from members.desk import DeskMixin


class OnRecordMixin(DeskMixin):
    """For what was stated on a day: it is added, and never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a later report says what is true now."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class FacilitatorInline(CompactInline):
    """Who leads the group, when."""

    model = Facilitator
    autocomplete_fields = ["member", "user"]


class StatusReportForm(forms.ModelForm):
    """What is stated of a group. It stays on record, so what cannot be meant is refused at its field."""

    def clean_stated_on(self) -> datetime.date:
        """Refuse a day to come: it would be the newest report until then, and nobody could take it back."""
        day: datetime.date = self.cleaned_data["stated_on"]
        if day > timezone.localdate():
            raise ValidationError("This day has not come yet: give the day on which it was stated.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask until what a text is parked; the database does, but less politely."""
        stated = super().clean() or {}
        if stated.get("status") == Status.PARKED and not stated.get("until"):
            self.add_error("until", "Say until what it is parked.")
        return stated


class StatusReportInline(OnRecordMixin, CompactInline):
    """What was stated of the group; a new line adds to it."""

    model = StatusReport
    form = StatusReportForm
    fields = ["status", "until", "stated_on", "stated_by", "source", "note"]


@admin.register(SmallGroup)
class SmallGroupAdmin(InNegotiationMixin, admin.ModelAdmin):
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
class FacilitatorAdmin(SearchedByNameAdmin):
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
    form = StatusReportForm
    autocomplete_fields = ["small_group"]
    date_hierarchy = "stated_on"

    def get_exclude(self, request: HttpRequest, obj: StatusReport | None = None) -> list[str]:
        """Return what a new report does not ask for; one on record shows who recorded it, and when."""
        return ["recorded_by", "recorded_at"] if obj is None else []

    def save_model(self, request: HttpRequest, obj: StatusReport, form: Any, change: bool) -> None:
        """Remember who recorded it."""
        obj.recorded_by_id = request.user.pk
        super().save_model(request, obj, form, change)
