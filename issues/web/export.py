"""The page on which readers choose the contents of an exported text, and the exported file."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.access.importing import may_import
from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.filters.analysis import ExportFilter
from issues.interchange.export import ExportOptions, build_export
from issues.interchange.file_checks import Unreadable
from issues.interchange.html_writer import can_write_pdf
from issues.interchange.writers import FORMATS, export_file_name

# Filters described in the exported file, in the order in which they appear in the form.
DESCRIBED = ("section", "issue", "sub_issue", "small_group", "provision")


def _filter(request: HttpRequest) -> ExportFilter:
    provisions = visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    return ExportFilter(request.GET, queryset=provisions, request=request)


@require_safe
def export_page(request: HttpRequest) -> HttpResponse:
    """Show the form, filled in from the query parameters."""
    filterset = _filter(request)
    valid = filterset.is_valid()
    context = {
        "form": filterset.form,
        "day": filterset.form.cleaned_data.get("as_of") if valid else None,
        "pdf": can_write_pdf(),
        "demonstration": negotiation_of(request).has_demonstration,
        "may_import": may_import(reader_of(request.user), negotiation_of(request).pk),
    }
    return render(request, "issues/export.html", context, status=200 if valid or not request.GET else 400)


@require_safe
def export_file(request: HttpRequest) -> HttpResponse:
    """Send the file, or show the form again if the choices are invalid."""
    filterset = _filter(request)
    if not filterset.is_valid():
        return export_page(request)
    values = filterset.form.cleaned_data
    chosen = FORMATS[values.get("format") or "docx"]
    if values.get("since") and not chosen.shows_changes:
        raise BadRequest(
            _(
                "An Akoma Ntoso file contains the text of a single date. Remove the earlier date or choose "
                "another format."
            )
        )
    if values.get("since") and values["since"] > negotiation_of(request).day(values.get("as_of")):
        raise BadRequest(_("The end is before the start. Swap the two dates."))
    options = ExportOptions(
        values.get("as_of"), values.get("since"), _choices(filterset, values), values.get("proponents") == "notes"
    )
    negotiation = negotiation_of(request)
    chosen_ones = visible_provisions(reader_of(request.user)).filter(pk__in=filterset.qs.values("pk"))
    export = build_export(reader_of(request.user), negotiation, chosen_ones, options, timezone.localdate())
    try:
        data = chosen.write(export)
    except Unreadable as refused:
        raise BadRequest(str(refused)) from refused
    response = HttpResponse(data, content_type=chosen.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export_file_name(export, chosen)}"'
    return response


def _choices(filterset: ExportFilter, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    fields = filterset.form.fields
    return tuple((str(fields[name].label), str(values[name])) for name in DESCRIBED if values.get(name))
