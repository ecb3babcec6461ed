"""Replacements of characters, as edits and comparisons record them: applied, turned back, put after each other."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Replacement(NamedTuple):
    """`text[start:end]` gives way to `added`."""

    start: int
    end: int
    added: str


# In order of the text; no two overlap.
Patch = tuple[Replacement, ...]


def patch(replacements: Iterable[Replacement]) -> Patch:
    """Return `replacements` in order, without those that change nothing, and as one where they touch.

    Raises ValueError where two overlap.
    """
    found: list[Replacement] = []
    for one in sorted(replacements, key=lambda one: (one.start, one.end)):
        if one.start == one.end and not one.added:
            continue
        if found and one.start < found[-1].end:
            raise ValueError(f"Two replacements overlap at {one.start}: only one can change these characters.")
        if found and one.start == found[-1].end:
            found[-1] = Replacement(found[-1].start, one.end, found[-1].added + one.added)
        else:
            found.append(one)
    return tuple(found)


def apply_patch(text: str, changes: Patch) -> str:
    """Return `text` with `changes` made."""
    parts: list[str] = []
    position = 0
    for start, end, added in changes:
        parts += (text[position:start], added)
        position = end
    return "".join((*parts, text[position:]))


def inverse(text: str, changes: Patch) -> Patch:
    """Return the patch that gives `text` back when applied to what `changes` make of it."""
    found: list[Replacement] = []
    shift = 0
    for start, end, added in changes:
        found.append(Replacement(start + shift, start + shift + len(added), text[start:end]))
        shift += len(added) - (end - start)
    return tuple(found)


def compose(first: Patch, second: Patch) -> Patch:
    """Return the one patch that does what `first` does and then, to its result, `second`."""
    found: list[Replacement] = []
    position = 0  # how far the original is accounted for
    added: list[str] = []
    for piece in _changed(_pieces(first), second):
        if isinstance(piece, str):
            added.append(piece)
            continue
        start, end = piece
        if start > position or added:
            found.append(Replacement(position, start, "".join(added)))
        position, added = end, []
    return patch(found)


# Characters kept from the original, from where to where, or characters added.
_Piece = tuple[int, int] | str
_ENDLESS = 1 << 62


def _pieces(changes: Patch) -> Iterator[_Piece]:
    """Yield what `changes` make of a text whose end is not known."""
    position = 0
    for start, end, added in changes:
        yield position, start
        yield added
        position = end
    yield position, _ENDLESS


def _changed(pieces: Iterable[_Piece], changes: Patch) -> Iterator[_Piece]:
    """Yield what `changes` make of `pieces`, whose offsets they count."""
    waiting = iter(changes)
    change = next(waiting, None)
    position = 0
    for piece in pieces:
        end = position + _length(piece)
        at = position
        while change is not None and change.start < end:
            if at < change.start:
                yield _part(piece, at - position, change.start - position)
            if at <= change.start:
                yield change.added
            at = max(at, min(change.end, end))
            if change.end > end:
                break
            change = next(waiting, None)
        if at < end:
            yield _part(piece, at - position, end - position)
        position = end


def _length(piece: _Piece) -> int:
    return len(piece) if isinstance(piece, str) else piece[1] - piece[0]


def _part(piece: _Piece, start: int, end: int) -> _Piece:
    return piece[start:end] if isinstance(piece, str) else (piece[0] + start, piece[0] + end)
