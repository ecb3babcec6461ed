"""Earlier values of rows edited in the admin, stored field by field in the admin log.

A log entry records the user, the action, the row and the time. The database prevents changes to log entries
(`issues.models.append_only`). The message of an entry is the JSON list that Django writes, with one item for the row
itself and one item for each changed inline row. To each item, this module adds `values`, which contains the stored
values of each changed field before and after the edit.

    [{"changed": {"fields": ["Title"], "values": {"title": ["Plenary", "Fifth plenary"]}}}]

The entry for a deletion contains all logged values of the row. A user who may see a row in the admin may see its
history. Only users who administer every negotiation may see the list of all entries. Other users see only their own
entries.
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

# Personal account data, which the log omits so that the data do not outlive the account.
PERSONAL_FIELDS = frozenset({"username", "first_name", "last_name", "email", "password", "last_login"})
# Credentials and their digests.
SECRET_FIELDS = frozenset({"secret", "rights", "digest", "key"})
JSON_TYPES = (str, int, float, bool, list, dict, type(None))
Values = dict[str, Any]
MessageItem = dict[str, dict[str, Any]]


class ChangedValue(NamedTuple):
    """One changed field in a log entry.

    `row` is the inline row to which the field belongs, or "" for the row of the entry itself. The other attributes are
    the label of the field and its two values as text.
    """

    row: str
    field: str
    earlier: str
    later: str


def stored_values(row: models.Model, *, lock: bool = False) -> Values:
    """Return the values of `row` in the database by field name, in JSON types.

    The result is empty if the row is not stored. A related row is represented by its primary key and name, because
    names may change. `lock` locks the row until the transaction ends.
    """
    rows = type(row)._base_manager.filter(pk=row.pk)
    if lock and connection.in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    stored = rows.first()
    if stored is None:
        return {}
    values = {
        field.name: _value_of(stored, field) for field in stored._meta.concrete_fields if _is_logged(stored, field)
    }
    for field in stored._meta.many_to_many:
        values[field.name] = [_reference(related) for related in getattr(stored, field.name).order_by("pk")]
    return values


def differences(earlier: Values, later: Values) -> Values:
    """Return a list of the earlier and the later value for each field that differs. A missing value is None."""
    names = {**earlier, **later}
    return {name: [earlier.get(name), later.get(name)] for name in names if earlier.get(name) != later.get(name)}


def change_item(row: Any, earlier: Values, later: Values, more_fields: Iterable[str] = ()) -> Values:
    """Return the content of a "changed" item.

    The item contains the changed values and the labels of their fields and of `more_fields`. As in Django, labels are
    stored untranslated and are translated for display.
    """
    values = differences(earlier, later)
    with translation.override(None):
        labels = [_label(type(row), name) for name in (*values, *(name for name in more_fields if name not in values))]
    return {"fields": labels, "values": values}


def deletion_item(row: models.Model, earlier: Values) -> MessageItem:
    """Return the "deleted" item for `row`, which contains the values `earlier`."""
    return {"deleted": {**_row_name(row), "values": differences(earlier, {})}}


def changed_values(entry: LogEntry) -> list[ChangedValue]:
    """Return the values stored in a log entry as text for display."""
    try:
        items = json.loads(entry.change_message)
    except ValueError:
        return []
    model = entry.content_type.model_class() if entry.content_type else None
    return list(chain.from_iterable(_item_values(item, model) for item in items)) if isinstance(items, list) else []


def log_entry(request: HttpRequest, row: models.Model, flag: int, message: list[MessageItem]) -> LogEntry:
    """Log that the user of `request` added, changed or deleted `row`, and return the entry."""
    assert request.user.pk is not None  # the admin requires a login
    entry: LogEntry = LogEntry.objects.log_actions(request.user.pk, [row], flag, message, single_object=True)
    return entry


class ValueHistoryMixin:
    """A mixin for ModelAdmin that logs the earlier values of edited and deleted rows."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row. If the row already exists, its stored values are read first, and the row is locked."""
        if change:
            obj.values_before = stored_values(obj, lock=True)
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the related rows after reading the stored values of each changed inline row."""
        for row_form in chain.from_iterable(formset.initial_forms for formset in formsets):
            if row_form.has_changed():
                row_form.instance.values_before = stored_values(row_form.instance, lock=True)
        super().save_related(request, form, formsets, change)  # type: ignore[misc]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Return the items of the log message, with the earlier and later values."""
        if not hasattr(form, "instance"):  # the password form
            return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]
        items: list[MessageItem] = [{"added": {}}] if add else []
        row = form.instance
        before = getattr(row, "values_before", {})
        if not add:
            item = change_item(row, before, stored_values(row) if before else {}, form.changed_data)
            if item["fields"]:
                items.append({"changed": item})
        request.changed_inline_rows = []  # type: ignore[attr-defined]
        for formset in formsets or ():
            items += self._formset_items(request, formset)
        return items

    def _formset_items(self, request: HttpRequest, formset: Any) -> Iterator[MessageItem]:
        """Yield the items for the rows of an inline, and store the changed rows on the request for `log_change`."""
        for row in formset.new_objects:
            yield {"added": _row_name(row)}
        for row, _fields in formset.changed_objects:
            item = change_item(row, row.values_before, stored_values(row))
            request.changed_inline_rows.append((row, item))  # type: ignore[attr-defined]
            yield {"changed": {**_row_name(row), **item}}
        for row in formset.deleted_objects:
            yield deletion_item(row, row.values_before)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log the change of the row and, in separate entries, the change of each changed inline row."""
        entry = super().log_change(request, obj, message)  # type: ignore[misc]
        for row, item in getattr(request, "changed_inline_rows", ()):
            log_entry(request, row, CHANGE, [{"changed": item}])
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Log the values of rows that are about to be deleted, including related rows that will also be deleted."""
        return [
            log_entry(
                request,
                row,
                DELETION,
                [deletion_item(deleted, stored_values(deleted)) for deleted in self._deleted_rows(request, row)],
            )
            for row in queryset
        ]

    def _deleted_rows(self, request: HttpRequest, row: Any) -> Iterator[models.Model]:
        """Yield `row` and the rows that will be deleted with it, if the user may edit their tables in the admin."""
        collector = NestedObjects(using="default")
        collector.collect([row])
        for model, instances in collector.data.items():
            registered = self.admin_site._registry.get(model)  # type: ignore[attr-defined]
            if registered is not None and registered.has_change_permission(request):
                yield from instances

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Return the history page of a row, with the earlier values of each entry."""
        response: HttpResponse = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        for entry in (getattr(response, "context_data", None) or {}).get("action_list", ()):
            entry.changed_values = changed_values(entry)
        return response


def _is_logged(row: models.Model, field: Any) -> bool:
    """Return whether the values of a field are logged.

    Primary keys, binary data, secrets and personal account data are not logged.
    """
    is_personal = isinstance(row, get_user_model()) and field.name in PERSONAL_FIELDS
    is_excluded = field.primary_key or isinstance(field, models.BinaryField) or field.name in SECRET_FIELDS
    return not (is_excluded or is_personal)


def _value_of(row: models.Model, field: Any) -> Any:
    if field.is_relation:
        related = getattr(row, field.name)
        return None if related is None else _reference(related)
    value = getattr(row, field.attname)
    return value if isinstance(value, JSON_TYPES) else field.value_to_string(row)


def _reference(row: models.Model) -> list[Any]:
    return [row.pk, str(row)]


def _row_name(row: models.Model) -> dict[str, str]:
    """Return the keys by which Django's messages identify an inline row."""
    with translation.override(None):
        return {"name": str(row._meta.verbose_name), "object": str(row)}


def _label(model: type[models.Model] | None, name: str) -> str:
    try:
        field: Any = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        field = None
    return str(capfirst(getattr(field, "verbose_name", name.replace("_", " "))))


def _item_values(item: Any, model: type[models.Model] | None) -> Iterator[ChangedValue]:
    """Yield the values in one item of a message. `model` is the model of the logged row."""
    content = next(iter(item.values()), None) if isinstance(item, dict) else None
    if not isinstance(content, dict) or not isinstance(content.get("values"), dict):
        return
    row = f"{content['name']} “{content['object']}”" if "name" in content else ""
    for name, (earlier, later) in content["values"].items():
        label = name.replace("_", " ") if row else _label(model, name)
        yield ChangedValue(row, label, _as_text(earlier), _as_text(later))


def _as_text(value: Any) -> str:
    """Return a stored value as text. A related row, stored as its primary key and name, is represented by its name."""
    if isinstance(value, list):
        parts = value if all(isinstance(part, list) for part in value) else [value]
        return ", ".join(_as_text(part[-1]) if isinstance(part, list) and part else str(part) for part in parts)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
