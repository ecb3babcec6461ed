"""Who may use the admin, for which negotiations, and what its tables have in common.

Somebody who administers a negotiation sees and changes its rows, and what all negotiations share: members, groupings,
names, lenses. A superuser sees everything. Which negotiations somebody administers is decided by the table of rules in
`issues.access`, which this app must not import: `decide_with` is given the rule at start.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import ForeignKey, Model, QuerySet, SlugField
from django.http import HttpRequest

from members.admin_history import KeepsValuesMixin
from members.models import Delegation

STAYS = (
    "Addresses, programs and the record name it so: it stays. Delete the row and add another while nothing names it."
)
Rule = Callable[[Any], frozenset[int]]
_rules: list[Rule] = []


def decide_with(rule: Rule) -> None:
    """Take `rule`, which returns the negotiations (primary keys) that a user administers today."""
    _rules[:] = [rule]


def administered_by(user: Any) -> frozenset[int]:
    """Return in which negotiations (primary keys) `user` invites people and, with the staff mark, uses the admin."""
    if not _rules:
        raise ImproperlyConfigured("members.admin_access.decide_with was not called: nobody says who administers what.")
    return _rules[0](user)


def may_sit_at_the_desk(request: HttpRequest) -> bool:
    """Whether the request comes from a superuser, or from staff who administer a negotiation."""
    user = request.user
    return bool(user.is_active and user.is_staff and (user.is_superuser or administered_in(request)))


def administered_in(request: HttpRequest) -> frozenset[int]:
    """Return which negotiations the user of `request` administers. One query, however often a page asks."""
    if not hasattr(request, "_administered"):
        request._administered = administered_by(request.user)  # type: ignore[attr-defined]
    found: frozenset[int] = request._administered  # type: ignore[attr-defined]
    return found


def administers_everything(request: HttpRequest) -> bool:
    """Whether the user of `request` administers all negotiations that there are, or is a superuser."""
    negotiation = Delegation._meta.get_field("negotiation").related_model
    assert isinstance(negotiation, type)
    others = negotiation._default_manager.exclude(pk__in=administered_in(request))
    return bool(request.user.is_superuser or not others.exists())


def path_to_negotiation(model: type[Model]) -> str:
    """Return the lookup from a row of `model` to its negotiation, "" where rows belong to none.

    The shortest chain of foreign keys: "negotiation" for a provision, "provision__negotiation" for a revision, "pk" for
    a negotiation itself.
    """
    waiting: list[tuple[type[Model], str]] = [(model, "")]
    seen = {model}
    while waiting:
        current, path = waiting.pop(0)
        if current._meta.label == "issues.Negotiation":
            return path.removesuffix("__") or "pk"
        for field in current._meta.fields:
            target = field.related_model if isinstance(field, ForeignKey) else None
            if isinstance(target, type) and target not in seen and target._meta.app_label in ("issues", "members"):
                seen.add(target)
                waiting.append((target, f"{path}{field.name}__"))
    return ""


def administered_rows(request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return what of `rows` the user of `request` may see in the admin: those of negotiations that it administers."""
    path = path_to_negotiation(rows.model)
    if not path or request.user.is_superuser:
        return rows
    return rows.filter(**{f"{path}__in": administered_in(request)})


def identifiers_of(model: type[Model]) -> list[str]:
    """Return the fields of `model` by which addresses, programs, tables and the record name its rows."""
    return [field.name for field in model._meta.fields if isinstance(field, SlugField) or field.name == "code"]


class IdentifiersKept:
    """For a form: what names a row on record is shown, and cannot be changed; a name that is missing can be given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Model = self.instance  # type: ignore[attr-defined]
        for name in identifiers_of(type(row)):
            field = self.fields.get(name)  # type: ignore[attr-defined]
            if field is not None and row.pk is not None and getattr(row, name):
                field.disabled = True
                field.help_text = STAYS


def _with_identifiers_kept(form: Any) -> Any:
    return type(form.__name__, (IdentifiersKept, form), {}) if identifiers_of(form._meta.model) else form


class DeskMixin(KeepsValuesMixin):
    """Whoever may use the admin may do what this model allows; no permissions are handed out one by one.

    What is edited there keeps its earlier values.
    """

    list_per_page = 50

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the form, in which what names a row on record stays."""
        return _with_identifiers_kept(super().get_form(request, obj, *args, **kwargs))  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the forms of rows beside another, in which the same stays."""
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form = _with_identifiers_kept(formset.form)
        return formset

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows of the negotiations that the user administers, and those that belong to none."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return administered_rows(request, rows)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, which offers and takes only rows that the user may see."""
        rows = kwargs.get("queryset", db_field.related_model._default_manager.all())
        kwargs["queryset"] = administered_rows(request, rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, which offers and takes only rows that the user may see."""
        rows = kwargs.get("queryset", db_field.related_model._default_manager.all())
        kwargs["queryset"] = administered_rows(request, rows)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address fills in; a related row that is no number is left out, or Django would crash."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        related = {field.name for field in self.model._meta.fields if field.is_relation}  # type: ignore[attr-defined]
        return {
            name: value
            for name, value in initial.items()
            if name not in related or not isinstance(value, str) or (value.isascii() and value.isdigit())
        }

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app shows."""
        return may_sit_at_the_desk(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be read."""
        return may_sit_at_the_desk(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be added."""
        return may_sit_at_the_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be changed."""
        return may_sit_at_the_desk(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be deleted."""
        return may_sit_at_the_desk(request)


class ReadOnlyMixin(DeskMixin):
    """For rows that are derived or on record: to be read, never edited here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
