"""Cells of a table that comes in: each says what it wants where it cannot be read."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from import_export import fields, widgets

SEPARATOR = "; "
# Behind more than these, a choice is not listed.
_MOST_LISTED = 12


def parts(cell: Any) -> list[str]:
    """Return what stands in a cell between semicolons."""
    return list(dict.fromkeys(one.strip() for one in str(cell or "").split(";") if one.strip()))


class OneOf(widgets.CharWidget):  # type: ignore[misc]  # no types
    """One of few values, as they are stored."""

    def __init__(self, values: Iterable[str], *, blank: bool = False) -> None:
        super().__init__()
        self.values = [*values, *([""] if blank else [])]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the value."""
        said = str(value or "").strip()
        if said not in self.values:
            raise ValueError(f"“{said}” is none of {', '.join(one or '(empty)' for one in self.values)}.")
        return said


class YesOrNo(widgets.Widget):  # type: ignore[misc]  # no types
    """yes or no; empty: no."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        """Return whether."""
        said = str(value if value is not None else "").strip().lower()
        if said not in ("yes", "true", "1", "no", "false", "0", ""):
            raise ValueError(f"“{value}” is neither yes nor no.")
        return said in ("yes", "true", "1")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return how it is written."""
        return "yes" if value else "no"


class Day(widgets.Widget):  # type: ignore[misc]  # no types
    """A day as 2021-03-05, or as a spreadsheet keeps one."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime.date | None:
        """Return the day."""
        if isinstance(value, datetime.datetime):
            return value.date()
        said = str(value or "").strip()
        try:
            return datetime.date.fromisoformat(said) if said else None
        except ValueError:
            raise ValueError(f"“{said}” is no day: write it as 2021-03-05.") from None


class Count(widgets.Widget):  # type: ignore[misc]  # no types
    """A whole number, or nothing."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """Return the number."""
        said = str(value if value is not None else "").strip().removesuffix(".0")
        if said and not (said.isascii() and said.isdigit() and len(said) < 10):
            raise ValueError(f"“{said}” is no whole number.")
        return int(said) if said else None


class One(widgets.ForeignKeyWidget):  # type: ignore[misc]  # no types
    """A row of another table, by its code or slug."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row."""
        known = {str(getattr(one, self.field)): one for one in self.model._default_manager.all()}
        if (found := known.get(str(value or "").strip())) is None:
            raise ValidationError({self.model._meta.model_name: f"“{value}” is none of {_listed(known)}."})
        return found


class Several(widgets.ManyToManyWidget):  # type: ignore[misc]  # no types
    """Rows of another table by code or slug, with semicolons between; where that has negotiations, of the row's."""

    def __init__(self, column: str, model: Any, field: str) -> None:
        super().__init__(model, SEPARATOR, field)
        self.column = column

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the rows."""
        wanted = parts(value)
        there = self.model._default_manager.filter(**{f"{self.field}__in": wanted})
        if any(field.name == "negotiation" for field in self.model._meta.fields):
            there = there.filter(negotiation__slug=row["negotiation"])
        if missing := sorted(set(wanted) - set(there.values_list(self.field, flat=True))):
            said = ", ".join(f"“{one}”" for one in missing)
            raise ValidationError({self.column: f"There is no {self.model._meta.verbose_name} {said}."})
        return there

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return codes or slugs in their order."""
        return SEPARATOR.join(sorted(str(getattr(one, self.field)) for one in value.all())) if value is not None else ""


class Column(fields.Field):  # type: ignore[misc]  # no types
    """A column that is called like what it holds."""

    def __init__(self, name: str, widget: Any = None) -> None:
        super().__init__(attribute=name, column_name=name, widget=widget or widgets.CharWidget())


def _listed(known: Iterable[str]) -> str:
    names = sorted(known)
    return ", ".join(names[:_MOST_LISTED]) + (" …" if len(names) > _MOST_LISTED else "")
