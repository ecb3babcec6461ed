"""Admin of small groups: who leads them, what is stated of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues.actions import status_reports
from issues.admin.negotiation import InNegotiationMixin
from issues.admin.publishing import PublishingMixin
from issues.models import Facilitator, SmallGroup, StatusReport
from members.admin import CompactInline, SearchedByNameAdmin
from members.admin_access import DeskMixin


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
        try:
            if {"status", "stated_on"} <= stated.keys():
                status_reports.check(
                    status=stated["status"], stated_on=stated["stated_on"], until=stated.get("until", "")
                )
            if stated.get("corrects") and {"small_group", *status_reports.STATED} <= stated.keys():
                status_reports.check_correction(stated["small_group"], stated["corrects"], stated)
        except ValidationError as wrong:
            for name, messages in wrong.message_dict.items():
                self.add_error(name, messages)
        return stated


class StatusReportInline(OnRecordMixin, CompactInline):
    """What was stated of the group; a new line adds to it."""

    model = StatusReport
    form = StatusReportForm
    fields = ["status", "until", "stated_on", "stated_by", "source", "note", "correction"]
    readonly_fields = ["correction"]

    @admin.display(description="correction")
    def correction(self, report: StatusReport) -> SafeString | str:
        """Return what a statement has to do with a mistaken one, or the way to correct it."""
        return _correction(report)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusReport]:
        """Return the statements with what corrects them."""
        return super().get_queryset(request).select_related("corrects").prefetch_related("corrected_by")


@admin.register(SmallGroup)
class SmallGroupAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
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
class FacilitatorAdmin(PublishingMixin, SearchedByNameAdmin):
    """Facilitators of all groups."""

    list_display = ["name", "small_group", "member", "user", "since", "until"]
    list_filter = ["small_group"]
    list_select_related = ["small_group", "member", "user"]
    search_fields = ["name", "small_group__name", "user__username"]
    autocomplete_fields = ["small_group", "member", "user"]


@admin.register(StatusReport)
class StatusReportAdmin(OnRecordMixin, admin.ModelAdmin):
    """What was stated of which group, when, by whom."""

    list_display = ["small_group", "status", "stated_on", "stated_by", "source", "correction"]
    list_filter = ["status", "small_group", ("corrected_by", admin.EmptyFieldListFilter)]
    list_select_related = ["small_group", "corrects"]
    search_fields = ["small_group__name", "stated_by", "source", "note"]
    form = StatusReportForm
    autocomplete_fields = ["small_group", "corrects"]
    date_hierarchy = "stated_on"

    def get_exclude(self, request: HttpRequest, obj: StatusReport | None = None) -> list[str]:
        """Return what a new report does not ask for; one on record shows who recorded it, and when."""
        return ["recorded_by", "recorded_at", "idempotency_key"] if obj is None else []

    def get_readonly_fields(self, request: HttpRequest, obj: StatusReport | None = None) -> list[str]:
        """Return what is shown of a report on record alone."""
        return ["correction"] if obj is not None else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusReport]:
        """Return the statements with what corrects them."""
        return super().get_queryset(request).prefetch_related("corrected_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the entry says that is to be corrected, so that only what was wrong has to be changed."""
        initial = super().get_changeform_initial_data(request)
        mistake = StatusReport.objects.filter(pk=initial.get("corrects", 0)).first() if "corrects" in initial else None
        if mistake is None:
            return initial
        stated = {name: getattr(mistake, name) for name in status_reports.STATED}
        return {"small_group": mistake.small_group_id, **stated, **initial}

    @admin.display(description="correction")
    def correction(self, report: StatusReport) -> SafeString | str:
        """Return what a statement has to do with a mistaken one, or the way to correct it."""
        return _correction(report)

    def save_model(self, request: HttpRequest, obj: StatusReport, form: Any, change: bool) -> None:
        """State it, through the one way in."""
        obj.pk = _state(obj, request).pk


def _correction(report: StatusReport) -> SafeString | str:
    if report._state.adding:
        return ""
    said = f"corrects “{report.corrects.label}” of {report.corrects.stated_on}; " if report.corrects else ""
    if any(report.corrected_by.all()):
        return f"{said}a mistake: corrected, and in effect on no day"
    address = f"{reverse('admin:issues_statusreport_add')}?corrects={report.pk}"
    return format_html('{}<a href="{}">Correct this entry</a>', said, address)


def _state(report: StatusReport, request: HttpRequest) -> StatusReport:
    assert request.user.is_authenticated  # the admin asks
    return status_reports.state(
        small_group=report.small_group,
        status=report.status,
        stated_on=report.stated_on,
        stated_by=report.stated_by,
        source=report.source,
        until=report.until,
        note=report.note,
        corrects=report.corrects,
        actor=request.user,
    )
