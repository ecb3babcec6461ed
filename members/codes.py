"""Codes, such as “CAN” or “B.2.a”, which readers may write in any case."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def get_by_code(rows: "QuerySet[Row]", code: str, field: str = "code") -> Row:
    """Return the row with this code or, if none has exactly this code, the only row whose code differs in case.

    Raise the model's DoesNotExist if there is no such row, or if several codes differ from `code` only in case.
    """
    matching = list(rows.filter(**{f"{field}__iexact": code})[:3])
    exact = [row for row in matching if getattr(row, field) == code]
    if len(exact or matching) != 1:
        raise rows.model.DoesNotExist  # type: ignore[attr-defined]  # every model has this exception
    return (exact or matching)[0]
