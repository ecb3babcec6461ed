"""What a row said before it was edited at the desk: kept in the desk's log, field by field.

A line of the log says who did what to which row, when; the database guards it (`issues.models.append_only`). Its
message is Django's own, a list in JSON with an item for the row and one for each row beside it on the page. Here an
item also has `values`: for each field that is other than before, the earlier and the later value, as both stood in the
database.

    [{"changed": {"fields": ["Title"], "values": {"title": ["Plenary", "Fifth plenary"]}}}]

A deleted row keeps all its values. Whoever may read a row at the desk reads its history, on its page there; the log of
the whole desk is for who administers every negotiation, and of others' lines nobody reads anything.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.text import capfirst

# What accounts hold of a person beside their rights: it is not kept beyond the account.
PERSONAL = frozenset({"username", "first_name", "last_name", "email", "password", "last_login"})
# What programs prove themselves with.
SECRET = frozenset({"secret", "rights", "digest", "key"})
PLAIN = (str, int, float, bool, list, dict, type(None))
Values = dict[str, Any]
Item = dict[str, dict[str, Any]]


class KeptValue(NamedTuple):
    """A field of a row, with what it said before and after a line of the log; in words."""

    row: str
    field: str
    earlier: str
    later: str


def values_of(row: models.Model, *, lock: bool = False) -> Values:
    """Return what the database holds of `row`, by field, as JSON has it; nothing where it holds no such row.

    Other rows are given as key and name, since a name may change. With `lock`, nobody changes the row meanwhile.
    """
    rows = type(row)._base_manager.filter(pk=row.pk)
    if lock and connection.in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    stored = rows.first()
    if stored is None:
        return {}
    said = {field.name: _value_of(stored, field) for field in stored._meta.concrete_fields if _is_kept(stored, field)}
    for field in stored._meta.many_to_many:
        said[field.name] = [_named(related) for related in getattr(stored, field.name).order_by("pk")]
    return said


def differences(earlier: Values, later: Values) -> Values:
    """Return the earlier and the later value of each field that differs; None stands for a row that is not there."""
    names = {**earlier, **later}
    return {name: [earlier.get(name), later.get(name)] for name in names if earlier.get(name) != later.get(name)}


def changed(row: Any, earlier: Values, later: Values, also: Iterable[str] = ()) -> Values:
    """Return what a message says of a row that was changed, in these values and in the fields `also`."""
    values = differences(earlier, later)
    with translation.override(None):  # as Django keeps it; labels are translated where they are read
        labels = [_label(type(row), name) for name in (*values, *(name for name in also if name not in values))]
    return {"fields": labels, "values": values}


def deleted(row: models.Model, earlier: Values) -> Item:
    """Return the item of a message that says that `row` was deleted, with all that it said."""
    return {"deleted": {**_called(row), "values": differences(earlier, {})}}


def kept_values(entry: LogEntry) -> list[KeptValue]:
    """Return what a line of the log keeps: each field with what it said before and after, in words."""
    try:
        items = json.loads(entry.change_message)
    except ValueError:
        return []
    model = entry.content_type.model_class() if entry.content_type else None
    return list(chain.from_iterable(_kept_in(item, model) for item in items)) if isinstance(items, list) else []


def log(request: HttpRequest, row: models.Model, flag: int, message: list[Item]) -> LogEntry:
    """Put on record who did what to `row`."""
    assert request.user.pk is not None  # nobody else enters the admin
    entry: LogEntry = LogEntry.objects.log_actions(request.user.pk, [row], flag, message, single_object=True)
    return entry


class KeepsValuesMixin:
    """For the admin of a table: what is edited or deleted there keeps its earlier values in the log."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row; what it says until then is looked up first, and nobody else changes it meanwhile."""
        if change:
            obj.values_before = values_of(obj, lock=True)
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows beside it, of which the same is looked up."""
        for one in chain.from_iterable(formset.initial_forms for formset in formsets):
            if one.has_changed():
                one.instance.values_before = values_of(one.instance, lock=True)
        super().save_related(request, form, formsets, change)  # type: ignore[misc]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Return what was added, changed and deleted, with the earlier and later values."""
        if not hasattr(form, "instance"):  # a new password
            return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]
        items: list[Item] = [{"added": {}}] if add else []
        row = form.instance
        before = getattr(row, "values_before", {})
        if not add and (differs := changed(row, before, values_of(row) if before else {}, form.changed_data))["fields"]:
            items.append({"changed": differs})
        request.changed_beside = []  # type: ignore[attr-defined]
        for formset in formsets or ():
            items += [{"added": _called(one)} for one in formset.new_objects]
            for one, _fields in formset.changed_objects:
                differs = changed(one, one.values_before, values_of(one))
                request.changed_beside.append((one, differs))  # type: ignore[attr-defined]
                items.append({"changed": {**_called(one), **differs}})
            items += [deleted(one, one.values_before) for one in formset.deleted_objects]
        return items

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was changed; rows beside it have a history of their own, and are on record there too."""
        entry = super().log_change(request, obj, message)  # type: ignore[misc]
        for row, differs in getattr(request, "changed_beside", ()):
            log(request, row, CHANGE, [{"changed": differs}])
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Log what is about to be deleted, with all that it said, and all that what goes with it said."""
        return [
            log(request, row, DELETION, [deleted(one, values_of(one)) for one in self._going(request, row)])
            for row in queryset
        ]

    def _going(self, request: HttpRequest, row: Any) -> Iterator[models.Model]:
        """Yield what is deleted with `row`, of the tables that are edited at the desk, and `row` itself."""
        collector = NestedObjects(using="default")
        collector.collect([row])
        for model, instances in collector.data.items():
            registered = self.admin_site._registry.get(model)  # type: ignore[attr-defined]
            if registered is not None and registered.has_change_permission(request):
                yield from instances

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show who did what to a row, and what it said before."""
        response: HttpResponse = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        for entry in (getattr(response, "context_data", None) or {}).get("action_list", ()):
            entry.kept = kept_values(entry)
        return response


def _is_kept(row: models.Model, field: Any) -> bool:
    """Whether earlier values of a field are kept: not of keys, files, secrets, and what an account says of a person."""
    of_account = isinstance(row, get_user_model()) and field.name in PERSONAL
    return not (field.primary_key or isinstance(field, models.BinaryField) or field.name in SECRET or of_account)


def _value_of(row: models.Model, field: Any) -> Any:
    if field.is_relation:
        related = getattr(row, field.name)
        return None if related is None else _named(related)
    value = getattr(row, field.attname)
    return value if isinstance(value, PLAIN) else field.value_to_string(row)


def _named(row: models.Model) -> list[Any]:
    return [row.pk, str(row)]


def _called(row: models.Model) -> dict[str, str]:
    with translation.override(None):
        return {"name": str(row._meta.verbose_name), "object": str(row)}


def _label(model: type[models.Model] | None, name: str) -> str:
    try:
        field: Any = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        field = None
    return str(capfirst(getattr(field, "verbose_name", name.replace("_", " "))))


def _kept_in(item: Any, model: type[models.Model] | None) -> Iterator[KeptValue]:
    """Yield the values in one item of a message; `model` is that of the row that the line is about."""
    said = next(iter(item.values()), None) if isinstance(item, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("values"), dict):
        return
    called = f"{said['name']} “{said['object']}”" if "name" in said else ""
    for name, (earlier, later) in said["values"].items():
        label = name.replace("_", " ") if called else _label(model, name)
        yield KeptValue(called, label, _in_words(earlier), _in_words(later))


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        several = value if all(isinstance(one, list) for one in value) else [value]
        return ", ".join(_in_words(one[-1]) if isinstance(one, list) and one else str(one) for one in several)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
