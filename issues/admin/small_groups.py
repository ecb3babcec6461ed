"""Admin of small groups: who leads them, what is stated of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from issues import statements
from issues.admin.negotiation import InNegotiationMixin
from issues.admin.told import ToldMixin
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

    def clean(self) -> dict[str, Any]:
        """Say at its field what `statements` would refuse."""
        stated = super().clean() or {}
        if {"status", "stated_on"} <= stated.keys():
            try:
                statements.check(status=stated["status"], stated_on=stated["stated_on"], until=stated.get("until", ""))
            except ValidationError as wrong:
                for name, messages in wrong.message_dict.items():
                    self.add_error(name, messages)
        return stated


class StatusReportInline(OnRecordMixin, CompactInline):
    """What was stated of the group; a new line adds to it."""

    model = StatusReport
    form = StatusReportForm
    fields = ["status", "until", "stated_on", "stated_by", "source", "note"]


@admin.register(SmallGroup)
class SmallGroupAdmin(ToldMixin, InNegotiationMixin, admin.ModelAdmin):
    """Small groups with their facilitators and status reports."""

    list_display = ["name", "slug", "position", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["sub_issues", "issues", "members"]
    inlines = [FacilitatorInline, StatusReportInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """State what was stated, through the one way in; save the rest."""
        for row in formset.save(commit=False):
            if isinstance(row, StatusReport):
                _state(row, request)
            else:
                row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


@admin.register(Facilitator)
class FacilitatorAdmin(ToldMixin, SearchedByNameAdmin):
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
        """State it, through the one way in."""
        obj.pk = _state(obj, request).pk


def _state(report: StatusReport, request: HttpRequest) -> StatusReport:
    assert request.user.is_authenticated  # the admin asks
    return statements.state(
        small_group=report.small_group,
        status=report.status,
        stated_on=report.stated_on,
        stated_by=report.stated_by,
        source=report.source,
        until=report.until,
        note=report.note,
        actor=request.user,
    )
