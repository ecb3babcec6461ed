"""Everything that somebody may read, in one piece: lines of JSON or comma-separated values, and what they add up to.

Lines and digests are made one after the other and never held, so that memory does not grow with what there is.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from issues.access.roles import Reader
from issues.access.visibility import visible_variants
from issues.models import Negotiation, Position, Variant
from issues.sync.csv_lines import line, safe
from issues.sync.resources import RESOURCES, Data, Resource, fetched, plain
from members.plain_text import written_as_json

# What is put into one line of the whole, so that a reader knows how to read it.
VERSION = 1
# As many things are held at once: texts may be long.
AT_ONCE = 200


def _variant(thing: Variant) -> Data:
    own = ("kind", "text", "ordinal", "depth", "closed_on", "outcome")
    return {
        "provision": thing.provision.slug,
        **{name: plain(getattr(thing, name)) for name in own},
        "opened_on": plain(thing.open_since),
        "opened_in": thing.begun_by_entry.number,
        "closed_in": thing.closed_in and thing.closed_in.number,
        "positions": [_position(one) for one in thing.positions.all()],
    }


def _position(one: Position) -> Data:
    until = {"until": plain(one.until), "until_revision": one.until_revision and one.until_revision.number}
    since = {"since": plain(one.held_since), "since_revision": one.begun_by_entry.number}
    return {"holder": one.holder.code, "stance": one.stance, **since, **until}


def _with_positions(rows: "QuerySet[Any]", reader: Reader) -> "QuerySet[Any]":
    texts = [f"{name}__text" for name in ("begun_in", "closed_in")]
    rows = rows.select_related("provision", "begun_in", "closed_in").defer(*texts)
    held = Position.objects.select_related("member", "grouping", "begun_in", "until_revision")
    held = held.defer("begun_in__text", "until_revision__text").order_by("pk")
    return rows.prefetch_related(Prefetch("positions", held))


# Computed from the texts: it is downloaded with them, and no feed tells of it.
VARIANTS = Resource(
    "variant",
    Variant,
    lambda reader, negotiation: (
        visible_variants(reader)
        .filter(provision__negotiation=negotiation)
        .order_by("provision__position", "opened_in__number", "ordinal", "pk")
    ),
    _with_positions,
    lambda thing: str(thing.pk),
    _variant,
    lambda thing: "",
)
KINDS = {**RESOURCES, VARIANTS.name: VARIANTS}


def things(resource: Resource, reader: Reader, negotiation: Negotiation) -> Iterator[tuple[str, Data]]:
    """Yield name and content of all things of a sort that `reader` may read, in a settled order."""
    for one in fetched(resource, reader, negotiation).iterator(chunk_size=AT_ONCE):
        yield resource.key(one), resource.data(one)


def as_json_lines(resource: Resource, reader: Reader, negotiation: Negotiation) -> Iterator[bytes]:
    """Yield a line for each thing: an object with `type`, `key` and `data`, as the feed of changes has them."""
    for key, data in things(resource, reader, negotiation):
        yield as_line({"type": resource.name, "key": key, "data": data})


def as_line(said: Data) -> bytes:
    """Return an object as a line of JSON."""
    return written_as_json(said, separators=(",", ":")).encode() + b"\n"


def as_comma_separated(resource: Resource, reader: Reader, negotiation: Negotiation) -> Iterator[bytes]:
    """Yield a line with the names of the columns, then one for each thing; without things, only `key`.

    Several codes are separated by semicolons; what has parts of its own stands as JSON.
    """
    columns: list[str] | None = None
    for key, data in things(resource, reader, negotiation):
        if columns is None:
            columns = list(data)
            yield line(["key", *columns]).encode()
        yield line([safe(key), *(_cell(data[name]) for name in columns)]).encode()
    if columns is None:
        yield line(["key"]).encode()


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return safe("; ".join(value))
    return written_as_json(value) if isinstance(value, list | dict) else safe(value)


FORMATS: dict[str, Callable[[Resource, Reader, Negotiation], Iterator[bytes]]] = {
    "jsonl": as_json_lines,
    "csv": as_comma_separated,
}


@dataclass
class Sum:
    """What lines add up to."""

    lines: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, lines: bytes) -> bytes:
        """Take in one line; return it."""
        self.lines += 1
        self.size += len(lines)
        self._digest.update(lines)
        return lines

    def said(self) -> Data:
        """Return size in bytes and digest."""
        return {"bytes": self.size, "sha256": self._digest.hexdigest()}


def summed(reader: Reader, negotiation: Negotiation) -> list[Data]:
    """Return for each file what is in it: how many things, and of each format size and digest."""
    files = []
    for name, resource in KINDS.items():
        said: Data = {"type": name, "rows": 0, "formats": {}}
        for extension, lines in FORMATS.items():
            total = Sum()
            for one in lines(resource, reader, negotiation):
                total.add(one)
            said["formats"][extension] = total.said()
            said["rows"] = total.lines - (1 if extension == "csv" else 0)
        files.append(said)
    return files


def whole(reader: Reader, negotiation: Negotiation, about: Data) -> Iterator[bytes]:
    """Yield everything as lines of JSON; last a line `manifest`: `about`, rows by type, size and digest of the rest."""
    total, rows = Sum(), {}
    for name, resource in KINDS.items():
        before = total.lines
        for one in as_json_lines(resource, reader, negotiation):
            yield total.add(one)
        rows[name] = total.lines - before
    yield as_line({"type": "manifest", "data": {**about, "rows": rows, **total.said()}})
