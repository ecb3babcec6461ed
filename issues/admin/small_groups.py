"""Admin of small groups, with their facilitators and status reports."""

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
from members.admin.mixins import AdminAccessMixin, CompactInline, SearchedByNameAdmin
from members.models import in_all_languages


class OnRecordMixin(AdminAccessMixin):
    """A mixin for status reports, which can be added but not changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because a later report supersedes an earlier one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because reports stay on record."""
        return False


class FacilitatorInline(CompactInline):
    """The facilitators of a group, with their dates."""

    model = Facilitator
    autocomplete_fields = ["member", "user"]


class StatusReportForm(forms.ModelForm):
    """A status report. A report cannot be changed later, so each error is shown next to the field at fault."""

    def clean(self) -> dict[str, Any]:
        """Report, next to the field at fault, each error that `status_reports` would raise."""
        data = super().clean() or {}
        try:
            if {"status", "stated_on"} <= data.keys():
                status_reports.validate(status=data["status"], stated_on=data["stated_on"], until=data.get("until", ""))
            if data.get("corrects") and {"small_group", *status_reports.STATED} <= data.keys():
                status_reports.validate_correction(data["small_group"], data["corrects"], data)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(name, messages)
        return data


class StatusReportInline(OnRecordMixin, CompactInline):
    """The status reports of a group. A new row adds a report."""

    model = StatusReport
    form = StatusReportForm
    fields = ["status", "until", "stated_on", "stated_on_precision", "stated_by", "source", "note", "correction"]
    readonly_fields = ["correction"]

    @admin.display(description="correction")
    def correction(self, report: StatusReport) -> SafeString | str:
        """Return notes on what the report corrects and what corrected it, or a link to correct it."""
        return _correction(report)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusReport]:
        """Return the reports with their corrections."""
        return super().get_queryset(request).select_related("corrects").prefetch_related("corrected_by")


@admin.register(SmallGroup)
class SmallGroupAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Small groups with their facilitators and status reports."""

    list_display = ["name", "slug", "position", "negotiation"]
    list_filter = ["negotiation"]
    list_select_related = ["negotiation"]
    search_fields = [*in_all_languages("name"), "slug"]
    autocomplete_fields = ["sub_issues", "issues", "members"]
    inlines = [FacilitatorInline, StatusReportInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Record new status reports with `status_reports.state`, and save other rows."""
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
    """The facilitators of all groups."""

    list_display = ["name", "small_group", "member", "user", "since", "until"]
    list_filter = ["small_group"]
    list_select_related = ["small_group", "member", "user"]
    search_fields = ["name", "small_group__name", "user__username"]
    autocomplete_fields = ["small_group", "member", "user"]


@admin.register(StatusReport)
class StatusReportAdmin(OnRecordMixin, admin.ModelAdmin):
    """The status reports of all groups."""

    list_display = ["small_group", "status", "stated_on", "stated_by", "source", "correction"]
    list_filter = ["status", "small_group", ("corrected_by", admin.EmptyFieldListFilter)]
    list_select_related = ["small_group", "corrects"]
    search_fields = ["small_group__name", "stated_by", "source", "note"]
    form = StatusReportForm
    autocomplete_fields = ["small_group", "corrects"]
    date_hierarchy = "stated_on"

    def get_exclude(self, request: HttpRequest, obj: StatusReport | None = None) -> list[str]:
        """Return the fields that the form for a new report omits. An existing report shows all fields."""
        return ["recorded_by", "recorded_at", "idempotency_key"] if obj is None else []

    def get_readonly_fields(self, request: HttpRequest, obj: StatusReport | None = None) -> list[str]:
        """Return the fields that are shown only for existing reports."""
        return ["correction"] if obj is not None else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusReport]:
        """Return the reports with their corrections."""
        return super().get_queryset(request).prefetch_related("corrected_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the values of the report to be corrected, so that the user changes only the wrong ones."""
        initial = super().get_changeform_initial_data(request)
        mistake = StatusReport.objects.filter(pk=initial.get("corrects", 0)).first() if "corrects" in initial else None
        if mistake is None:
            return initial
        values = {name: getattr(mistake, name) for name in status_reports.STATED}
        return {"small_group": mistake.small_group_id, **values, **initial}

    @admin.display(description="correction")
    def correction(self, report: StatusReport) -> SafeString | str:
        """Return notes on what the report corrects and what corrected it, or a link to correct it."""
        return _correction(report)

    def save_model(self, request: HttpRequest, obj: StatusReport, form: Any, change: bool) -> None:
        """Record the report with `status_reports.state`."""
        obj.pk = _state(obj, request).pk


def _correction(report: StatusReport) -> SafeString | str:
    if report._state.adding:
        return ""
    prefix = f"corrects “{report.corrects.label}” of {report.corrects.stated_on_text}; " if report.corrects else ""
    if any(report.corrected_by.all()):
        return f"{prefix}a mistake: corrected and no longer in effect"
    url = f"{reverse('admin:issues_statusreport_add')}?corrects={report.pk}"
    return format_html('{}<a href="{}">Correct this entry</a>', prefix, url)


def _state(report: StatusReport, request: HttpRequest) -> StatusReport:
    assert request.user.is_authenticated  # the admin requires a login
    return status_reports.state(
        small_group=report.small_group,
        status=report.status,
        stated_on=report.stated_on,
        stated_on_precision=report.stated_on_precision,
        stated_by=report.stated_by,
        source=report.source,
        until=report.until,
        note=report.note,
        corrects=report.corrects,
        actor=request.user,
    )
