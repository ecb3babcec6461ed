"""Base classes for the admin that provide permissions, fixed identifiers, search by name, and inlines."""

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Model, Q, QuerySet, SlugField
from django.http import HttpRequest

from members.admin.history import ValueHistoryMixin
from members.admin_access import administered_rows, can_use_admin
from members.models import fold

IDENTIFIER_HELP = (
    "URLs, programs and the record refer to this identifier, so it cannot be changed. While nothing refers to it, you "
    "can delete the row and add another."
)


def identifiers_of(model: type[Model]) -> list[str]:
    """Return the names of the fields by which URLs, programs, tables and the record refer to rows of `model`."""
    return [field.name for field in model._meta.fields if isinstance(field, SlugField) or field.name == "code"]


class FixedIdentifiersMixin:
    """A form mixin that makes the identifiers of a saved row read-only. Missing identifiers can still be entered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Model = self.instance  # type: ignore[attr-defined]
        for name in identifiers_of(type(row)):
            field = self.fields.get(name)  # type: ignore[attr-defined]
            if field is not None and row.pk is not None and getattr(row, name):
                field.disabled = True
                field.help_text = IDENTIFIER_HELP


def _with_fixed_identifiers(form: Any) -> Any:
    return type(form.__name__, (FixedIdentifiersMixin, form), {}) if identifiers_of(form._meta.model) else form


class AdminAccessMixin(ValueHistoryMixin):
    """A mixin that gives users of the admin all permissions for the rows that they administer.

    The site does not use Django's per-model permissions. The earlier values of edited rows are logged.
    """

    list_per_page = 50

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the form, in which the identifiers of a saved row are read-only."""
        return _with_fixed_identifiers(super().get_form(request, obj, *args, **kwargs))  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset of an inline, in which the identifiers of saved rows are read-only."""
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form = _with_fixed_identifiers(formset.form)
        return formset

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows of the negotiations that the user administers, and those that belong to no negotiation."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return administered_rows(request, rows)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field with its choices limited to rows that the user may see."""
        rows = kwargs.get("queryset", db_field.related_model._default_manager.all())
        kwargs["queryset"] = administered_rows(request, rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field with its choices limited to rows that the user may see."""
        rows = kwargs.get("queryset", db_field.related_model._default_manager.all())
        kwargs["queryset"] = administered_rows(request, rows)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values from the query string, without invalid primary keys, which would cause an error."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        related = {field.name for field in self.model._meta.fields if field.is_relation}  # type: ignore[attr-defined]
        return {
            name: value
            for name, value in initial.items()
            if name not in related or not isinstance(value, str) or (value.isascii() and value.isdigit())
        }

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may use the admin."""
        return can_use_admin(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may use the admin."""
        return can_use_admin(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may use the admin."""
        return can_use_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may use the admin."""
        return can_use_admin(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may use the admin."""
        return can_use_admin(request)


class ReadOnlyMixin(AdminAccessMixin):
    """A mixin for derived rows and rows of the record, which can be viewed but not edited in the admin."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False


class SearchedByNameAdmin(AdminAccessMixin, admin.ModelAdmin):
    """An admin whose search also covers all names of the members and groupings to which a row refers.

    Names are compared in folded form, because databases treat accents differently and SQLite ignores case only in
    ASCII.
    """

    alias_paths: list[str] = ["member__aliases"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that match in a field of `search_fields` or in a name."""
        by_field, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        folded = fold(search_term)
        if not folded:
            return by_field, may_have_duplicates
        condition = reduce(or_, (Q(**{f"{path}__folded__contains": folded}) for path in self.alias_paths))
        # Use subqueries instead of joins, which would repeat a row if two names of one member matched.
        by_name = self.model._default_manager.filter(condition)
        return queryset.filter(Q(pk__in=by_field.values("pk")) | Q(pk__in=by_name.values("pk"))), False


class CompactInline(AdminAccessMixin, admin.TabularInline):
    """An inline with small text areas, so that the table fits the page."""

    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 4, "cols": 12})}}
    extra = 0


class UniqueRowsFormSet(forms.BaseInlineFormSet):
    """A formset that rejects rows with the same values in `distinct_fields`.

    When Django validates inlines, it skips constraints that include the parent or have a condition. Without the check
    in this class, a duplicate would therefore cause a database error.
    """

    distinct_fields: tuple[str, ...] = ()
    duplicate_message = "This entry is already in the list."

    def clean(self) -> None:
        """Add an error to each row that duplicates another row in the formset or the database."""
        super().clean()
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            if form.errors or form.cleaned_data.get("DELETE") or not (form.instance.pk or form.has_changed()):
                continue
            values = tuple(getattr(form.instance, name) for name in self.distinct_fields)
            if values in seen or (form.has_changed() and self._is_stored(values)):
                form.add_error(None, self.duplicate_message)
            seen.add(values)

    def _is_stored(self, values: tuple[Any, ...]) -> bool:
        """Return whether the database contains a row with these values that is not in this formset."""
        on_form = [form.instance.pk for form in self.forms if form.instance.pk]
        same = dict(zip(self.distinct_fields, values, strict=True))
        return bool(self.get_queryset().model._default_manager.filter(**same).exclude(pk__in=on_form).exists())
