"""Addresses of brackets: places in the record that never change.

The key of an address names a revision and the offset at which a bracket begins in its text. For example, the key
“7-120” belongs to the bracket that begins at character 120 of revision 7. Because revisions are never changed or
deleted, a key identifies the same bracket for as long as the record exists. It depends neither on the rows of the
index, which receive new primary keys whenever the index is rebuilt, nor on the names in the register.

A bracket can be found under the key of every revision that contains it. The key of the bracket itself is the key in the
first of these revisions. An entry that carries a late entry forward replaces the text of that entry, so the key of a
bracket that a late entry opened names the last of the entries that carry it forward.
"""

import re
from typing import NamedTuple

_KEY = re.compile(r"([1-9]\d{0,8})-(0|[1-9]\d{0,8})", re.ASCII)


class TextPlace(NamedTuple):
    """A place in the record: the number of a revision, and an offset in its text."""

    number: int
    offset: int


def address_key(number: int, offset: int) -> str:
    """Return the key of the bracket that begins at `offset` in the text of revision `number`."""
    return f"{number}-{offset}"


def parse_key(key: str) -> TextPlace | None:
    """Return the place that `key` names, or None if `key` is not a valid key."""
    match = _KEY.fullmatch(key)
    return TextPlace(int(match[1]), int(match[2])) if match else None
