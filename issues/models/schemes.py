"""The schemes by which the digests of chained rows are computed.

A digest covers every column of its row, the names (codes and slugs) of related rows at the time of recording, and the
digest of the previous row. The row stores these names, so that its digest remains valid if a member, text or proposal
is later renamed. Each row also stores the number of its scheme and is verified by that scheme:

- Scheme 1 is the original scheme of revisions (`first_content`). It covers the names but not all columns. Rows of this
  scheme also store their scheme 2 digest in `seals`, so that an alteration of any column is detected.
- Scheme 2 is defined by `content`. Empty columns are omitted, so that adding a column does not change existing digests.

Example: the `digest` of revision 2 of a text is the SHA-256 hash of {"scheme": 2, "previous": the link of revision 1,
"names": {"provision": ["jsi", "spam"], "on_behalf_of": ["CAN"]}, "columns": {"number": 2, "text": …}}.

The functions in this module call no model methods, because migrations call them with historical models.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models.expressions import DatabaseDefault

FIRST_SCHEME, SCHEME = 1, 2

# The columns that no digest covers, with the reasons. A test checks that all other columns of chained tables are
# covered.
NOT_COVERED = {
    "id": "The key is not part of the recorded content. Rows that refer to it have digests that cover the reference.",
    "digest": "This column contains the digest itself.",
    "digest_scheme": "The digest covers this column as `scheme`.",
    "recorded_names": "The digest covers this column as `names`.",
    "seals": "The seals are computed from the other columns and verified against them.",
}
# The number of hexadecimal characters that are kept from each column's digest. They show which column was altered but
# do not prove the alteration.
HINT = 8


def _named_in_negotiation(row: Any) -> list[Any]:
    return [row.negotiation.slug, row.slug]


# Functions that return the name of a referenced row, by model name. Users are omitted, because their user names may
# change.
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
    """Return the current names of the rows to which `row` refers. The keys are the names of the relations."""
    return {
        field.name: NAMED[field.related_model._meta.model_name](getattr(row, field.name))
        for field in row._meta.concrete_fields
        if field.is_relation and field.related_model._meta.model_name in NAMED and _names_something(row, field)
    }


def _names_something(row: Any, field: Any) -> bool:
    # Fixtures are computed from rows that have not been stored and therefore have no primary keys.
    return getattr(row, field.attname) is not None or (field.is_cached(row) and getattr(row, field.name) is not None)


def covered_columns(model: Any) -> list[str]:
    """Return the columns covered by a digest of scheme 2."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in NOT_COVERED]


def filled_columns(row: Any) -> Iterator[tuple[str, Any]]:
    """Yield the non-empty covered columns of `row`, with values that do not depend on the database."""
    for name in covered_columns(type(row)):
        field = row._meta.get_field(name)
        value = field.to_python(_stored(row, field))
        if not (value is None or value is False or value in ("", [], {})):
            yield name, value


def _stored(row: Any, field: Any) -> Any:
    """Return the stored value of a column, or the value that saving the row will store."""
    value = getattr(row, field.attname)
    if isinstance(value, DatabaseDefault):
        return getattr(field.db_default, "value", field.db_default)
    if value is None and field.is_relation and field.is_cached(row) and getattr(row, field.name) is not None:
        return getattr(row, field.name).pk
    return value


def content(row: Any, previous: str, names: Any) -> dict[str, Any]:
    """Return the content covered by a digest of scheme 2."""
    return {"scheme": SCHEME, "previous": previous, "names": names, "columns": dict(filled_columns(row))}


def first_content(row: Any, previous: str, names: Any) -> dict[str, Any]:
    """Return the content of a revision covered by a digest of scheme 1."""
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
    """Return the digest of `row` under its own scheme.

    `names` contains the recorded names of related rows. `previous` is the digest of the previous row for scheme 1, its
    link for scheme 2, or an empty string for the first row.
    """
    taken = first_content if row.digest_scheme == FIRST_SCHEME else content
    return hash_of(taken(row, previous, names))


def link_of(row: Any) -> str:
    """Return the value of `row` that the digest of the next row covers.

    The value is the digest of `row` or, for scheme 1, the scheme 2 digest in `seals`. It is an empty string if `row` is
    None.
    """
    return str((row.seals or {}).get("row", row.digest)) if row is not None else ""


def seals_of(row: Any, previous_link: str) -> dict[str, Any]:
    """Return a digest prefix for each filled column of `row` and, for scheme 1, the scheme 2 digest of the row."""
    taken = {**dict(filled_columns(row)), "digest_scheme": row.digest_scheme, "recorded_names": row.recorded_names}
    seals: dict[str, Any] = {"columns": {name: hash_of(value)[:HINT] for name, value in taken.items()}}
    if row.digest_scheme == FIRST_SCHEME:
        seals["row"] = hash_of(content(row, previous_link, row.recorded_names))
    return seals


def altered_columns(row: Any) -> list[str]:
    """Return the columns of `row` whose digest prefixes differ from those in its seals."""
    kept, now = row.seals.get("columns", {}), seals_of(row, "")["columns"]
    return sorted(name for name in {*kept, *now} if kept.get(name) != now.get(name))


def hash_of(value: Any) -> str:
    """Return the hexadecimal SHA-256 hash of `value` in canonical JSON."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_written)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _written(value: Any) -> str:
    """Return a date, time or UUID as a string. Raise TypeError for any other type."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | uuid.UUID):
        return str(value)
    raise TypeError(f"issues.models.schemes does not define how a digest covers a {type(value).__name__}. Add a rule.")
