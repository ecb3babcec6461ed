"""The bulk download: all items that a reader may read, as lines of JSON or CSV, with checksums.

Lines are produced one at a time and are not kept in memory. Memory use therefore does not grow with the amount of data.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from issues.access.roles import Reader
from issues.models import Negotiation
from issues.sync.csv_lines import csv_line, escape_formula
from issues.sync.resources import RESOURCES, fetched
from issues.sync.resources.base import Data, Resource
from issues.sync.resources.text import VariantResource
from members.plain_text import to_json

# The version of the format, which every manifest states.
VERSION = 1
# The maximum number of items that are in memory at the same time. Their texts may be long.
CHUNK_SIZE = 200

# The resources of the change feed, and the variants, which are computed from the texts.
DOWNLOADED: dict[str, Resource[Any]] = {**RESOURCES, VariantResource.name: VariantResource()}


def items(resource: Resource[Any], reader: Reader, negotiation: Negotiation) -> Iterator[tuple[str, Data]]:
    """Yield the key and data of every item of a resource that `reader` may read, in a fixed order."""
    rows = fetched(resource, reader, negotiation).iterator(chunk_size=CHUNK_SIZE)
    while chunk := list(islice(rows, CHUNK_SIZE)):
        yield from resource.downloaded(chunk, reader, negotiation)


def json_lines(resource: Resource[Any], reader: Reader, negotiation: Negotiation) -> Iterator[bytes]:
    """Yield a line of JSON for each item: an object with `type`, `key` and `data`, as in the change feed."""
    for key, data in items(resource, reader, negotiation):
        yield json_line({"type": resource.name, "key": key, "data": data})


def json_line(content: Data) -> bytes:
    """Return an object as a line of JSON."""
    return to_json(content, separators=(",", ":")).encode() + b"\n"


def csv_lines(resource: Resource[Any], reader: Reader, negotiation: Negotiation) -> Iterator[bytes]:
    """Yield a line of column names, followed by a line for each item.

    If there are no items, the only column is `key`. Several codes in a cell are separated by semicolons. Other lists
    and objects are written as JSON.
    """
    columns: list[str] | None = None
    for key, data in items(resource, reader, negotiation):
        if columns is None:
            columns = list(data)
            yield csv_line(["key", *columns]).encode()
        yield csv_line([escape_formula(key), *(_cell(data[name]) for name in columns)]).encode()
    if columns is None:
        yield csv_line(["key"]).encode()


FORMATS: dict[str, Callable[[Resource[Any], Reader, Negotiation], Iterator[bytes]]] = {
    "jsonl": json_lines,
    "csv": csv_lines,
}


@dataclass
class Checksum:
    """The number of lines added so far, their size in bytes, and their SHA-256 hash."""

    lines: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, line: bytes) -> bytes:
        """Add a line, and return it unchanged."""
        self.lines += 1
        self.size += len(line)
        self._hash.update(line)
        return line

    def as_json(self) -> Data:
        """Return the size and the hash."""
        return {"bytes": self.size, "sha256": self._hash.hexdigest()}


def files(reader: Reader, negotiation: Negotiation) -> list[Data]:
    """Return a description of the files that contain the items of each resource.

    It states the number of items, and the size and hash of the file in each format.
    """
    described = []
    for name, resource in DOWNLOADED.items():
        description: Data = {"type": name, "rows": 0, "formats": {}}
        for extension, lines in FORMATS.items():
            checksum = Checksum()
            for line in lines(resource, reader, negotiation):
                checksum.add(line)
            description["formats"][extension] = checksum.as_json()
            description["rows"] = checksum.lines - (1 if extension == "csv" else 0)
        described.append(description)
    return described


def everything(reader: Reader, negotiation: Negotiation, about: Data) -> Iterator[bytes]:
    """Yield all items as lines of JSON, followed by a manifest.

    The manifest contains `about`, the number of items by type, and the size and hash of the preceding lines.
    """
    checksum, rows = Checksum(), {}
    for name, resource in DOWNLOADED.items():
        before = checksum.lines
        for line in json_lines(resource, reader, negotiation):
            yield checksum.add(line)
        rows[name] = checksum.lines - before
    yield json_line({"type": "manifest", "data": {**about, "rows": rows, **checksum.as_json()}})


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(code, str) for code in value):
        return escape_formula("; ".join(value))
    return to_json(value) if isinstance(value, list | dict) else escape_formula(value)
