"""Widgets that convert cells of imported tables. Their error messages list the valid values."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from import_export import fields, widgets

SEPARATOR = "; "
# The maximum number of valid values that an error lists.
_MAX_LISTED = 12


def split_cell(cell: Any) -> list[str]:
    """Return the distinct values in a cell, which are separated by semicolons."""
    return list(dict.fromkeys(part.strip() for part in str(cell or "").split(";") if part.strip()))


class ChoiceWidget(widgets.CharWidget):  # type: ignore[misc]  # no types
    """A cell whose value is one of a fixed set."""

    def __init__(self, values: Iterable[str], *, blank: bool = False) -> None:
        super().__init__()
        self.values = [*values, *([""] if blank else [])]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the value. Raise ValueError if it is not in the set."""
        choice = str(value or "").strip()
        if choice not in self.values:
            raise ValueError(
                f"“{choice}” is not valid: use one of {', '.join(valid or '(empty)' for valid in self.values)}."
            )
        return choice


class BooleanWidget(widgets.Widget):  # type: ignore[misc]  # no types
    """A cell with "yes" or "no". An empty cell means "no"."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        """Return the value as a bool. Raise ValueError for any other value."""
        word = str(value if value is not None else "").strip().lower()
        if word not in ("yes", "true", "1", "no", "false", "0", ""):
            raise ValueError(f"“{value}” is not valid: use yes or no.")
        return word in ("yes", "true", "1")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return "yes" or "no"."""
        return "yes" if value else "no"


class DateWidget(widgets.Widget):  # type: ignore[misc]  # no types
    """A cell with a date such as 2021-03-05, or a spreadsheet date."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime.date | None:
        """Return the date, or None for an empty cell. Raise ValueError if the date is invalid."""
        if isinstance(value, datetime.datetime):
            return value.date()
        text = str(value or "").strip()
        try:
            return datetime.date.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"“{text}” is not a date: use the form 2021-03-05.") from None


class IntegerWidget(widgets.Widget):  # type: ignore[misc]  # no types
    """A cell with a whole number of up to nine digits. The cell may be empty."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """Return the number, or None for an empty cell. Raise ValueError if the number is invalid."""
        text = str(value if value is not None else "").strip().removesuffix(".0")
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(f"“{text}” is not a whole number of at most nine digits.")
        return int(text) if text else None


class RelatedRowWidget(widgets.ForeignKeyWidget):  # type: ignore[misc]  # no types
    """A cell with a related row, given by its code or slug."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row. Raise ValidationError if there is no such row."""
        rows = {str(getattr(row, self.field)): row for row in self.model._default_manager.all()}
        if (related := rows.get(str(value or "").strip())) is None:
            raise ValidationError({self.model._meta.model_name: f"“{value}” is not valid: use one of {_listed(rows)}."})
        return related


class RelatedRowsWidget(widgets.ManyToManyWidget):  # type: ignore[misc]  # no types
    """A cell with related rows, given by codes or slugs separated by semicolons.

    If the related rows belong to a negotiation, it must be the negotiation of the row.
    """

    def __init__(self, column: str, model: Any, field: str) -> None:
        super().__init__(model, SEPARATOR, field)
        self.column = column

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the rows. Raise ValidationError if any of them does not exist."""
        keys = split_cell(value)
        rows = self.model._default_manager.filter(**{f"{self.field}__in": keys})
        if any(field.name == "negotiation" for field in self.model._meta.fields):
            rows = rows.filter(negotiation__slug=row["negotiation"])
        if missing := sorted(set(keys) - set(rows.values_list(self.field, flat=True))):
            names = ", ".join(f"“{key}”" for key in missing)
            raise ValidationError({self.column: f"Unknown {self.model._meta.verbose_name}: {names}."})
        return rows

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the codes or slugs, sorted and separated by semicolons."""
        return (
            SEPARATOR.join(sorted(str(getattr(related, self.field)) for related in value.all()))
            if value is not None
            else ""
        )


class Column(fields.Field):  # type: ignore[misc]  # no types
    """A column whose name is that of its field."""

    def __init__(self, name: str, widget: Any = None) -> None:
        super().__init__(attribute=name, column_name=name, widget=widget or widgets.CharWidget())


def _listed(values: Iterable[str]) -> str:
    names = sorted(values)
    return ", ".join(names[:_MAX_LISTED]) + (" …" if len(names) > _MAX_LISTED else "")
