"""How the digest of a row on record is computed: what it takes in, and by which scheme.

A digest covers every column of its row, the names that codes and slugs had when the row was recorded, and the digest
of the row before. Names are kept in the row: a member, a text or a proposal that is renamed later alters nothing.
Each digest carries the number of its scheme and is verified by that:

- 1: the digests that revisions had first. It takes in names, and not every column. Such rows also carry, in `seals`,
  what scheme 2 makes of them, so that no column of theirs can be altered without a trace.
- 2: `content`. A column that is empty is left out, so that digests stay what they are when a column is added.

Example: revision 2 of a text holds `digest` = SHA-256 of {"scheme": 2, "previous": the link of revision 1, "names":
{"provision": ["jsi", "spam"], "on_behalf_of": ["CAN"]}, "columns": {"number": 2, "text": …}}.

Nothing here calls a method of a model: migrations call these functions with the models of their time.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models.expressions import DatabaseDefault

FIRST_SCHEME, SCHEME = 1, 2

# Columns that no digest covers, and why. Every other column of a chained table is covered; a test walks them.
NOT_COVERED = {
    "id": "A key says nothing of what was recorded; where another row holds it, it is covered there.",
    "digest": "It is the digest.",
    "digest_scheme": "It is taken in beside the columns.",
    "recorded_names": "They are taken in beside the columns.",
    "seals": "They are computed from the other columns, and compared with them.",
}
# So many hexadecimal characters of a column's digest are kept: they say which column was altered, and prove nothing.
HINT = 8


def _named_in_negotiation(row: Any) -> list[Any]:
    return [row.negotiation.slug, row.slug]


# What a row is called by others, by the name of its model. People are not named: user names are theirs to change.
NAMED: dict[str, Callable[[Any], list[Any]]] = {
    "member": lambda row: [row.code],
    "provision": _named_in_negotiation,
    "proposal": _named_in_negotiation,
    "document": _named_in_negotiation,
    "meeting": _named_in_negotiation,
    "smallgroup": _named_in_negotiation,
    "revision": lambda row: [*_named_in_negotiation(row.provision), row.number],
}


def names_of(row: Any) -> dict[str, list[Any]]:
    """Return what the rows that `row` names are called now, by the name of the relation."""
    return {
        field.name: NAMED[field.related_model._meta.model_name](getattr(row, field.name))
        for field in row._meta.concrete_fields
        if field.is_relation and field.related_model._meta.model_name in NAMED and _names_something(row, field)
    }


def _names_something(row: Any, field: Any) -> bool:
    # Fixtures are computed from rows that are not stored and have no keys.
    return getattr(row, field.attname) is not None or (field.is_cached(row) and getattr(row, field.name) is not None)


def covered_columns(model: Any) -> list[str]:
    """Return the columns that a digest of scheme 2 takes in."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in NOT_COVERED]


def filled_columns(row: Any) -> Iterator[tuple[str, Any]]:
    """Yield the covered columns of `row` that are not empty, as they are read from either database."""
    for name in covered_columns(type(row)):
        field = row._meta.get_field(name)
        value = field.to_python(_stored(row, field))
        if not (value is None or value is False or value in ("", [], {})):
            yield name, value


def _stored(row: Any, field: Any) -> Any:
    """Return what is stored in a column, or will be of a row that is about to be."""
    value = getattr(row, field.attname)
    if isinstance(value, DatabaseDefault):
        return getattr(field.db_default, "value", field.db_default)
    if value is None and field.is_relation and field.is_cached(row) and getattr(row, field.name) is not None:
        return getattr(row, field.name).pk
    return value


def content(row: Any, previous: str, names: Any) -> dict[str, Any]:
    """Return what a digest of scheme 2 takes in."""
    return {"scheme": SCHEME, "previous": previous, "names": names, "columns": dict(filled_columns(row))}


def first_content(row: Any, previous: str, names: Any) -> dict[str, Any]:
    """Return what a digest of scheme 1 takes in, of a revision: the scheme from before schemes had numbers."""
    taken: dict[str, Any] = {
        "previous": previous,
        "provision": names["provision"],
        "number": row.number,
        "text": row.text,
        "made_on": row.made_on.isoformat(),
        "recorded_at": row.recorded_at.astimezone(datetime.UTC).isoformat(timespec="milliseconds"),
        "recorded_by": row.recorded_by_id,
        "on_behalf_of": names["on_behalf_of"][0] if "on_behalf_of" in names else None,
        "reason": row.reason,
        "source": row.source,
    }
    if row.unparsed:
        taken["unparsed"] = True
    for relation in ("corrects", "undoes", "carries"):
        if relation in names:
            taken[relation] = names[relation][-1]
    for column in ("follows", "performed"):
        if getattr(row, column, None) is not None:
            taken[column] = getattr(row, column)
    return taken | {name: names[name] for name in ("proposal", "document", "meeting") if name in names}


def digest_of(row: Any, previous: str, names: Any) -> str:
    """Return the digest of `row` by its own scheme; `names` is what it names.

    `previous` is the digest of the row before for scheme 1, its link for scheme 2, and "" for the first row.
    """
    taken = first_content if row.digest_scheme == FIRST_SCHEME else content
    return hash_of(taken(row, previous, names))


def link_of(row: Any) -> str:
    """Return what the row after `row` takes in: the digest; of a row of scheme 1, what scheme 2 makes of it."""
    return str((row.seals or {}).get("row", row.digest)) if row is not None else ""


def seals_of(row: Any, previous_link: str) -> dict[str, Any]:
    """Return how the digest of each column of `row` begins; of a row of scheme 1 also what scheme 2 makes of it."""
    taken = {**dict(filled_columns(row)), "digest_scheme": row.digest_scheme, "recorded_names": row.recorded_names}
    seals: dict[str, Any] = {"columns": {name: hash_of(value)[:HINT] for name, value in taken.items()}}
    if row.digest_scheme == FIRST_SCHEME:
        seals["row"] = hash_of(content(row, previous_link, row.recorded_names))
    return seals


def altered_columns(row: Any) -> list[str]:
    """Return the columns of `row` that are other than when it was sealed, as far as the hints tell."""
    kept, now = row.seals.get("columns", {}), seals_of(row, "")["columns"]
    return sorted(name for name in {*kept, *now} if kept.get(name) != now.get(name))


def hash_of(value: Any) -> str:
    """Return the SHA-256 of `value` as JSON that is written in one way only."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_written)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _written(value: Any) -> str:
    """Return how a value is written for which JSON has no form."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | uuid.UUID):
        return str(value)
    raise TypeError(f"Say in issues.models.schemes how a digest takes in {type(value).__name__}.")
