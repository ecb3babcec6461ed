"""Export and import of tables in the admin. Imports are previewed, logged, and published to the change feed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm
from import_export.results import RowResult

from issues.admin.table_files import CSV, MAX_TABLE_SIZE, XLSX, SignedFormStorage, TableUnreadable
from issues.models import Negotiation
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publishing
from members.admin.history import log_entry
from members.admin_access import administered_rows


class TableMixin(ImportExportMixin):  # type: ignore[misc]  # no types
    """A mixin that adds export and import of tables to an admin.

    An import is previewed, and then carried out in one transaction.
    """

    import_formats = [CSV, XLSX]
    export_formats = [CSV, XLSX]
    export_form_class = ExportForm
    import_template_name = "admin/import_table.html"
    tmp_storage_class = SignedFormStorage
    # Relations to prefetch for an export.
    export_prefetch: tuple[str, ...] = ()

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may add and change rows."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may view rows."""
        return bool(self.has_view_permission(request))

    def get_export_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows of the list, with the related rows that cells show."""
        rows: QuerySet[Any] = super().get_export_queryset(request)
        return rows.prefetch_related(*self.export_prefetch)

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Return the arguments for the table, including the negotiations that the user does not administer."""
        negotiations = Negotiation.objects.all()
        foreign = _slugs(negotiations) - _slugs(administered_rows(request, negotiations))
        return {**super().get_import_resource_kwargs(request, **kwargs), "foreign": foreign}

    def create_import_form(self, request: HttpRequest) -> Any:
        """Return the form, with an error if the file is too large to be embedded in the preview."""
        form = super().create_import_form(request)
        file = request.FILES.get("import_file")
        if file is not None and (file.size or 0) > MAX_TABLE_SIZE:
            form.add_error(
                "import_file", f"The maximum size of a table is {MAX_TABLE_SIZE // 10**6} MB: divide the table."
            )
        return form

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        """Report the reason why the file cannot be read."""
        message = str(e) if isinstance(e, TableUnreadable) else "The file cannot be read. Check the selected format."
        form.add_error("import_file", message)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import the table and publish the changes, in one transaction."""
        try:
            with publishing():
                response: HttpResponse = super().process_import(request, **kwargs)
                catch_up_everywhere(facts=True)
                return response
        except TableUnreadable as error:
            return self._refused(request, [str(error)])

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Import all rows, or no rows if any has become invalid since the preview."""
        return super().process_dataset(dataset, form, request, rollback_on_validation_errors=True, **kwargs)

    def generate_log_entries(self, result: Any, request: HttpRequest) -> None:
        """Log each imported row, with its earlier values."""
        for row in result:
            if row.import_type == RowResult.IMPORT_TYPE_NEW:
                log_entry(request, row.instance, ADDITION, [{"added": {}}])
            elif row.import_type == RowResult.IMPORT_TYPE_UPDATE:
                log_entry(request, row.instance, CHANGE, [{"changed": row.differences}])

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Return the response after an import, or the errors if nothing was imported."""
        if result.has_errors() or result.has_validation_errors():
            return self._refused(request, table_errors(result))
        response: HttpResponse = super().process_result(result, request)
        return response

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the preview: the changes that the file would make, and its errors, row by row."""
        response: Any = super().import_action(request, **kwargs)
        if result := response.context_data.get("result"):
            response.context_data["problems"] = list(table_errors(result))
            response.context_data["rows"] = list(_changed_rows(result))
        return response  # type: ignore[no-any-return]

    def _refused(self, request: HttpRequest, errors: Iterable[str]) -> HttpResponse:
        for error in errors:
            messages.error(request, f"Nothing was imported. {error}")
        return HttpResponseRedirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))


def _slugs(rows: "QuerySet[Negotiation]") -> frozenset[str]:
    return frozenset(rows.values_list("slug", flat=True))


def _changed_rows(result: Any) -> Iterable[tuple[str, str, list[tuple[str, SafeString]]]]:
    """Yield the kind of change, the name and the changed cells of each row that differs from the record."""
    for row in result.valid_rows():
        cells = zip(result.diff_headers, row.diff, strict=True)
        changed = [(name, cell) for name, cell in cells if "<ins>" in cell or "<del>" in cell]
        yield row.import_type, row.object_repr, changed


def table_errors(result: Any) -> Iterable[str]:
    """Yield the errors in a table, each with its column and its row number as shown in a spreadsheet."""
    for error in result.base_errors:
        yield str(error.error)
    for number, errors in result.row_errors():
        yield from (f"Row {number + 1}: {error.error}" for error in errors)
    for row in result.invalid_rows:
        for name, errors in row.error_dict.items():
            column = "" if name == "__all__" else f", column {name}"
            yield from (f"Row {row.number + 1}{column}: {error}" for error in errors)
