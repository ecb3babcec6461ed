"""Members, meetings and documents as tables: out into a spreadsheet, and in again, looked at before it counts.

django-import-export does the work; here is what the columns are, and that what comes in is told like everything else.
"""

from collections.abc import Collection, Iterable
from typing import Any

from diff_match_patch import diff_match_patch
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm
from import_export.resources import Diff, ModelResource
from import_export.results import RowResult

from issues.admin.table_cells import SEPARATOR, Column, Count, Day, One, OneOf, Several, YesOrNo, parts
from issues.admin.table_files import CSV, LONGEST_TABLE, XLSX, InThePage, TableUnreadable
from issues.models import Document, Issue, Meeting, Negotiation, SmallGroup, SubIssue
from issues.models.choices import Genre, MeetingKind, MeetingMode
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publishing
from members.admin import AliasForm
from members.admin_access import administered_rows
from members.admin_history import Values, changed, log, values_of
from members.choices import DevelopmentStatus, Precision, Region
from members.models import Alias, Member


class _Difference(Diff):  # type: ignore[misc]  # no types
    """What a row changes, marked by elements alone: the site's policy allows no styles inside a page."""

    def as_html(self) -> list[SafeString]:
        """Return each cell."""
        compared = diff_match_patch()
        cells = []
        for old, new in zip(self.left, self.right, strict=True):
            pieces = compared.diff_main("" if self.new else str(old), str(new))
            compared.diff_cleanupSemantic(pieces)
            cells.append(format_html_join("", "{}", ((_piece(*one),) for one in pieces)))
        return cells


def _piece(change: int, text: str) -> SafeString:
    return format_html({-1: "<del>{}</del>", 0: "{}", 1: "<ins>{}</ins>"}[change], text)


class Table(ModelResource):  # type: ignore[misc]  # no types
    """What the tables have in common: rows are known by their key, and every cell that is not understood is named."""

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        """Return what marks the differences."""
        return _Difference

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse columns that nobody knows: what is misspelt would be passed over without a word."""
        self.seen: set[tuple[str, ...]] = set()
        known = [field.column_name for field in self.fields.values()]
        if unknown := [name or "(no name)" for name in dataset.headers if name not in known]:
            raise TableUnreadable(
                f"Row 1: there is no column {', '.join(unknown)}. The columns are: {', '.join(known)}."
            )

    def __init__(self, foreign: Collection[str] = (), **kwargs: Any) -> None:
        """Take the slugs of the negotiations whose rows may not come in."""
        super().__init__(**kwargs)
        self.foreign = foreign

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Refuse a row that is there twice, and one of a negotiation that is others' to administer."""
        slug = str(row.get("negotiation") or "").strip()
        if "negotiation" in self.fields and slug in self.foreign:
            raise ValidationError({"negotiation": f"“{slug}” is administered by others: ask its secretariat."})
        key = tuple(str(row.get(name) or "").strip() for name in self._meta.import_id_fields)
        if key in self.seen:
            raise ValidationError({self._meta.import_id_fields[-1]: f"{' '.join(key)} is in the table twice."})
        self.seen.add(key)

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Look up what the row says until now."""
        instance.values_before = self.values_of(instance) if instance.pk else {}

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        """Keep what is other than before, for the log of the desk."""
        instance: Any = getattr(row_result, "instance", None)
        if hasattr(instance, "values_before"):
            row_result.differs = changed(instance, instance.values_before, self.values_of(instance))

    def values_of(self, instance: Any) -> Values:
        """Return what is on record of a row."""
        return values_of(instance, lock=True)

    class Meta:
        abstract = True
        exclude = ["id"]
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True


class _Names(Column):
    """The names of a member in texts, with semicolons between; on record they have a table of their own."""

    def get_value(self, instance: Member) -> str:
        """Return those that the row brought, else those on record."""
        if hasattr(instance, "names_brought"):
            return SEPARATOR.join(instance.names_brought)
        return SEPARATOR.join(sorted(one.text for one in instance.aliases.all())) if instance.pk else ""

    def save(self, instance: Member, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Keep them until the member is saved."""
        instance.names_brought = sorted(parts(row[self.column_name]))  # type: ignore[attr-defined]


class MemberTable(Table):
    """Members of the WTO, by code. A new one without names is known by its code and its name."""

    code = Column("code")
    name = Column("name")
    name_fr = Column("name_fr")
    name_es = Column("name_es")
    iso_alpha2 = Column("iso_alpha2")
    iso_alpha3 = Column("iso_alpha3")
    region = Column("region", OneOf(Region.values))
    development_status = Column("development_status", OneOf(DevelopmentStatus.values))
    wto_member_since = Column("wto_member_since", Day())
    names = _Names("names")
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Member
        import_id_fields = ["code"]

    def values_of(self, instance: Member) -> Values:
        """Return what is on record of a member, with its names in texts."""
        return {**super().values_of(instance), "names": sorted(one.text for one in instance.aliases.all())}

    def after_save_instance(self, instance: Member, row: Any, **kwargs: Any) -> None:
        """Give it its names: the registers of names are read from them alone."""
        there = {one.text: one for one in instance.aliases.all()}
        brought = getattr(instance, "names_brought", None if there else [])
        if brought is None:
            return
        wanted = brought or [instance.code, instance.name]
        Alias.objects.filter(pk__in=[one.pk for text, one in there.items() if text not in wanted]).delete()
        for text in wanted:
            if text not in there:
                self._add(instance, text)
        instance.names_brought = sorted(wanted)  # type: ignore[attr-defined]

    def _add(self, member: Member, text: str) -> None:
        form = modelform_factory(Alias, form=AliasForm, fields=["text", "language", "member"])(
            {"text": text, "language": "", "member": member.pk}
        )
        if not form.is_valid():
            said = " ".join(str(one) for errors in form.errors.values() for one in errors)
            raise ValidationError({"names": f"“{text}”: {said}"})
        form.save()


class DocumentTable(Table):
    """Documents of a negotiation, by slug."""

    negotiation = Column("negotiation", One(Negotiation, "slug"))
    slug = Column("slug")
    symbol = Column("symbol")
    symbol_verified = Column("symbol_verified", YesOrNo())
    title = Column("title")
    genre = Column("genre", OneOf(Genre.values))
    dated = Column("dated", Day())
    dated_precision = Column("dated_precision", OneOf(Precision.values))
    submitted_by = Column("submitted_by", Several("submitted_by", Member, "code"))
    submitted_by_text = Column("submitted_by_text")
    access = Column("access")
    url = Column("url")
    verification = Column("verification")
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Document
        import_id_fields = ["negotiation", "slug"]


class MeetingTable(Table):
    """Meetings of a negotiation, by slug."""

    negotiation = Column("negotiation", One(Negotiation, "slug"))
    slug = Column("slug")
    kind = Column("kind", OneOf(MeetingKind.values))
    title = Column("title")
    starts = Column("starts", Day())
    starts_precision = Column("starts_precision", OneOf(Precision.values))
    ends = Column("ends", Day())
    mode = Column("mode", OneOf(MeetingMode.values, blank=True))
    planned_only = Column("planned_only", YesOrNo())
    outcome = Column("outcome")
    participants = Column("participants", Count())
    documents = Column("documents", Several("documents", Document, "slug"))
    sub_issues = Column("sub_issues", Several("sub_issues", SubIssue, "code"))
    issues = Column("issues", Several("issues", Issue, "code"))
    small_groups = Column("small_groups", Several("small_groups", SmallGroup, "slug"))
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Meeting
        import_id_fields = ["negotiation", "slug"]


class TableMixin(ImportExportMixin):  # type: ignore[misc]  # no types
    """Lets a table of the admin go out as a file and come in again: a preview, then one transaction, or nothing."""

    import_formats = [CSV, XLSX]
    export_formats = [CSV, XLSX]
    export_form_class = ExportForm
    import_template_name = "admin/import_table.html"
    tmp_storage_class = InThePage
    exported_with: tuple[str, ...] = ()

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether rows may be added and changed."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether rows may be read."""
        return bool(self.has_view_permission(request))

    def get_export_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows of the list with all that stands in their cells."""
        rows: QuerySet[Any] = super().get_export_queryset(request)
        return rows.prefetch_related(*self.exported_with)

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Return what a table is made with: the negotiations that the user does not administer."""
        everywhere = Negotiation.objects.all()
        foreign = _slugs(everywhere) - _slugs(administered_rows(request, everywhere))
        return {**super().get_import_resource_kwargs(request, **kwargs), "foreign": foreign}

    def create_import_form(self, request: HttpRequest) -> Any:
        """Return the form, which refuses a file that would not come back from the preview."""
        form = super().create_import_form(request)
        file = request.FILES.get("import_file")
        if file is not None and (file.size or 0) > LONGEST_TABLE:
            form.add_error("import_file", f"A table has at most {LONGEST_TABLE // 10**6} MB: divide it.")
        return form

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        """Say what is wrong with the file."""
        said = str(e) if isinstance(e, TableUnreadable) else "The file cannot be read. Choose the format that it has."
        form.add_error("import_file", said)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the table in, and tell what is other than before: all of it, or nothing."""
        try:
            with publishing():
                answer: HttpResponse = super().process_import(request, **kwargs)
                catch_up_everywhere(facts=True)
                return answer
        except TableUnreadable as refused:
            return self._refused(request, [str(refused)])

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take the rows in; if the record has changed since the preview so that one is wrong now, none."""
        return super().process_dataset(dataset, form, request, rollback_on_validation_errors=True, **kwargs)

    def generate_log_entries(self, result: Any, request: HttpRequest) -> None:
        """Log each row that came in, with what it said before."""
        for row in result:
            if row.import_type == RowResult.IMPORT_TYPE_NEW:
                log(request, row.instance, ADDITION, [{"added": {}}])
            elif row.import_type == RowResult.IMPORT_TYPE_UPDATE:
                log(request, row.instance, CHANGE, [{"changed": row.differs}])

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Say what was done, or why nothing was."""
        if result.has_errors() or result.has_validation_errors():
            return self._refused(request, said_of(result))
        answer: HttpResponse = super().process_result(result, request)
        return answer

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what a file would do, and what is wrong with it, row by row."""
        answer: Any = super().import_action(request, **kwargs)
        if result := answer.context_data.get("result"):
            answer.context_data["problems"] = list(said_of(result))
            answer.context_data["rows"] = list(_changes(result))
        return answer  # type: ignore[no-any-return]

    def _refused(self, request: HttpRequest, said: Iterable[str]) -> HttpResponse:
        for one in said:
            messages.error(request, f"Nothing was imported. {one}")
        return HttpResponseRedirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))


def _slugs(rows: "QuerySet[Negotiation]") -> frozenset[str]:
    return frozenset(rows.values_list("slug", flat=True))


def _changes(result: Any) -> Iterable[tuple[str, str, list[tuple[str, SafeString]]]]:
    """Yield the rows that are other than on record: whether each is new, what it is called, and the cells that differ.

    A table is wider than a page.
    """
    for row in result.valid_rows():
        cells = zip(result.diff_headers, row.diff, strict=True)
        differ = [(name, cell) for name, cell in cells if "<ins>" in cell or "<del>" in cell]
        yield row.import_type, row.object_repr, differ


def said_of(result: Any) -> Iterable[str]:
    """Yield what is wrong with a table, each with its row as a spreadsheet counts it, and its column."""
    for error in result.base_errors:
        yield str(error.error)
    for number, errors in result.row_errors():
        yield from (f"Row {number + 1}: {one.error}" for one in errors)
    for row in result.invalid_rows:
        for name, errors in row.error_dict.items():
            column = "" if name == "__all__" else f", column {name}"
            yield from (f"Row {row.number + 1}{column}: {one}" for one in errors)
