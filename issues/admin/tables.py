"""Tables of members, meetings and documents, with their columns, for export to and import from a spreadsheet.

django-import-export reads and writes the tables. `table_admin` adds the pages.
"""

from collections.abc import Collection
from typing import Any

from diff_match_patch import diff_match_patch
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.resources import Diff, ModelResource

from issues.actions.clock import advance_with
from issues.admin.table_cells import (
    SEPARATOR,
    BooleanWidget,
    ChoiceWidget,
    Column,
    DateWidget,
    IntegerWidget,
    RelatedRowsWidget,
    RelatedRowWidget,
    split_cell,
)
from issues.admin.table_files import TableUnreadable
from issues.models import Document, Issue, Lens, Meeting, Negotiation, SmallGroup, SubIssue, Timeline
from issues.models.choices import Genre, MeetingKind, MeetingMode
from members.admin.history import Values, change_item, stored_values
from members.admin.members import AliasForm
from members.choices import DevelopmentStatus, Precision, Region
from members.models import Alias, Member


class _Difference(Diff):  # type: ignore[misc]  # no types
    """The changes in a row, marked by HTML elements, because the Content-Security-Policy forbids inline styles."""

    def as_html(self) -> list[SafeString]:
        """Return the cells as HTML."""
        compared = diff_match_patch()
        cells = []
        for old, new in zip(self.left, self.right, strict=True):
            pieces = compared.diff_main("" if self.new else str(old), str(new))
            compared.diff_cleanupSemantic(pieces)
            cells.append(format_html_join("", "{}", ((_marked(*piece),) for piece in pieces)))
        return cells


def _marked(change: int, text: str) -> SafeString:
    return format_html({-1: "<del>{}</del>", 0: "{}", 1: "<ins>{}</ins>"}[change], text)


class Table(ModelResource):  # type: ignore[misc]  # no types
    """The base class of all tables.

    Rows are identified by a key, and each error names the row and column of its cell.
    """

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        """Return the class that marks differences."""
        return _Difference

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Reject unknown columns, so that a misspelt name is not silently ignored."""
        self.seen: set[tuple[str, ...]] = set()
        known = [field.column_name for field in self.fields.values()]
        if unknown := [name or "(no name)" for name in dataset.headers if name not in known]:
            raise TableUnreadable(f"Row 1: unknown column {', '.join(unknown)}. The columns are: {', '.join(known)}.")

    def __init__(self, foreign: Collection[str] = (), **kwargs: Any) -> None:
        """Create the table. Rows of the negotiations in `foreign` (slugs) are rejected."""
        super().__init__(**kwargs)
        self.foreign = foreign

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Reject a repeated row, or a row of a negotiation that the user does not administer."""
        slug = str(row.get("negotiation") or "").strip()
        if "negotiation" in self.fields and slug in self.foreign:
            raise ValidationError(
                {"negotiation": f"“{slug}” is administered by another secretariat: ask that secretariat."}
            )
        key = tuple(str(row.get(name) or "").strip() for name in self._meta.import_id_fields)
        if key in self.seen:
            raise ValidationError({self._meta.import_id_fields[-1]: f"{' '.join(key)} appears twice in the table."})
        self.seen.add(key)

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Set `values_before` of the instance to the stored values of the row."""
        instance.values_before = self.values_of(instance) if instance.pk else {}

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        """Store the differences for the admin log."""
        instance: Any = getattr(row_result, "instance", None)
        if hasattr(instance, "values_before"):
            row_result.differences = change_item(instance, instance.values_before, self.values_of(instance))

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Let the record of the negotiation reach the date of a saved document or meeting."""
        if isinstance(instance, Document | Meeting):
            advance_with(instance)

    def values_of(self, instance: Any) -> Values:
        """Return the stored values of a row, and lock it."""
        return stored_values(instance, lock=True)

    class Meta:
        abstract = True
        exclude = ["id"]
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True


class _Names(Column):
    """The names of a member in texts, separated by semicolons. They are stored as aliases."""

    def get_value(self, instance: Member) -> str:
        """Return the imported names, or the stored names if none were imported."""
        if hasattr(instance, "imported_names"):
            return SEPARATOR.join(instance.imported_names)
        return SEPARATOR.join(sorted(alias.text for alias in instance.aliases.all())) if instance.pk else ""

    def save(self, instance: Member, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Keep the names on the instance until the member is saved."""
        instance.imported_names = sorted(split_cell(row[self.column_name]))  # type: ignore[attr-defined]


class MemberTable(Table):
    """WTO members, identified by code. A new member without names gets its code and name as names in texts."""

    code = Column("code")
    name = Column("name")
    name_fr = Column("name_fr")
    name_es = Column("name_es")
    iso_alpha2 = Column("iso_alpha2")
    iso_alpha3 = Column("iso_alpha3")
    region = Column("region", ChoiceWidget(Region.values))
    development_status = Column("development_status", ChoiceWidget(DevelopmentStatus.values))
    wto_member_since = Column("wto_member_since", DateWidget())
    names = _Names("names")
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Member
        import_id_fields = ["code"]

    def values_of(self, instance: Member) -> Values:
        """Return the stored values of a member, with its names in texts."""
        return {**super().values_of(instance), "names": sorted(alias.text for alias in instance.aliases.all())}

    def after_save_instance(self, instance: Member, row: Any, **kwargs: Any) -> None:
        """Replace the aliases, which are used to parse texts, with the imported names."""
        aliases = {alias.text: alias for alias in instance.aliases.all()}
        imported = getattr(instance, "imported_names", None if aliases else [])
        if imported is None:
            return
        names = imported or [instance.code, instance.name]
        Alias.objects.filter(pk__in=[alias.pk for text, alias in aliases.items() if text not in names]).delete()
        for text in names:
            if text not in aliases:
                self._add_alias(instance, text)
        instance.imported_names = sorted(names)  # type: ignore[attr-defined]

    def _add_alias(self, member: Member, text: str) -> None:
        form = modelform_factory(Alias, form=AliasForm, fields=["text", "language", "member"])(
            {"text": text, "language": "", "member": member.pk}
        )
        if not form.is_valid():
            message = " ".join(str(error) for errors in form.errors.values() for error in errors)
            raise ValidationError({"names": f"“{text}”: {message}"})
        form.save()


class DocumentTable(Table):
    """Documents, identified by negotiation and slug."""

    negotiation = Column("negotiation", RelatedRowWidget(Negotiation, "slug"))
    slug = Column("slug")
    symbol = Column("symbol")
    symbol_verified = Column("symbol_verified", BooleanWidget())
    title = Column("title")
    genre = Column("genre", ChoiceWidget(Genre.values))
    dated = Column("dated", DateWidget())
    dated_precision = Column("dated_precision", ChoiceWidget(Precision.values))
    submitted_by = Column("submitted_by", RelatedRowsWidget("submitted_by", Member, "code"))
    submitted_by_text = Column("submitted_by_text")
    sub_issues = Column("sub_issues", RelatedRowsWidget("sub_issues", SubIssue, "code"))
    issues = Column("issues", RelatedRowsWidget("issues", Issue, "code"))
    small_groups = Column("small_groups", RelatedRowsWidget("small_groups", SmallGroup, "slug"))
    members = Column("members", RelatedRowsWidget("members", Member, "code"))
    lenses = Column("lenses", RelatedRowsWidget("lenses", Lens, "slug"))
    timelines = Column("timelines", RelatedRowsWidget("timelines", Timeline, "slug"))
    access = Column("access")
    url = Column("url")
    verification = Column("verification")
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Document
        import_id_fields = ["negotiation", "slug"]


class MeetingTable(Table):
    """Meetings, identified by negotiation and slug."""

    negotiation = Column("negotiation", RelatedRowWidget(Negotiation, "slug"))
    slug = Column("slug")
    kind = Column("kind", ChoiceWidget(MeetingKind.values))
    title = Column("title")
    starts = Column("starts", DateWidget())
    starts_precision = Column("starts_precision", ChoiceWidget(Precision.values))
    ends = Column("ends", DateWidget())
    mode = Column("mode", ChoiceWidget(MeetingMode.values, blank=True))
    planned_only = Column("planned_only", BooleanWidget())
    cancelled = Column("cancelled", BooleanWidget())
    outcome = Column("outcome")
    participants = Column("participants", IntegerWidget())
    documents = Column("documents", RelatedRowsWidget("documents", Document, "slug"))
    sub_issues = Column("sub_issues", RelatedRowsWidget("sub_issues", SubIssue, "code"))
    issues = Column("issues", RelatedRowsWidget("issues", Issue, "code"))
    small_groups = Column("small_groups", RelatedRowsWidget("small_groups", SmallGroup, "slug"))
    members = Column("members", RelatedRowsWidget("members", Member, "code"))
    lenses = Column("lenses", RelatedRowsWidget("lenses", Lens, "slug"))
    timelines = Column("timelines", RelatedRowsWidget("timelines", Timeline, "slug"))
    url = Column("url")
    note = Column("note")
    source = Column("source")

    class Meta(Table.Meta):
        model = Meeting
        import_id_fields = ["negotiation", "slug"]
