"""Apply, invert and compose patches. A patch is an ordered sequence of replacements in a text."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Replacement(NamedTuple):
    """A replacement of `text[start:end]` by `added`."""

    start: int
    end: int
    added: str


# The replacements are in text order and do not overlap.
Patch = tuple[Replacement, ...]


def patch(replacements: Iterable[Replacement]) -> Patch:
    """Return `replacements` in order, joining adjacent replacements and leaving out empty ones.

    Raises ValueError if two replacements overlap.
    """
    result: list[Replacement] = []
    for replacement in sorted(replacements, key=lambda replacement: (replacement.start, replacement.end)):
        if replacement.start == replacement.end and not replacement.added:
            continue
        if result and replacement.start < result[-1].end:
            raise ValueError(f"Two replacements overlap at offset {replacement.start}.")
        if result and replacement.start == result[-1].end:
            result[-1] = Replacement(result[-1].start, replacement.end, result[-1].added + replacement.added)
        else:
            result.append(replacement)
    return tuple(result)


def apply_patch(text: str, changes: Patch) -> str:
    """Return `text` with `changes` applied."""
    parts: list[str] = []
    position = 0
    for start, end, added in changes:
        parts += (text[position:start], added)
        position = end
    return "".join((*parts, text[position:]))


def inverse(text: str, changes: Patch) -> Patch:
    """Return the patch that restores `text` from the result of `changes`."""
    result: list[Replacement] = []
    shift = 0
    for start, end, added in changes:
        result.append(Replacement(start + shift, start + shift + len(added), text[start:end]))
        shift += len(added) - (end - start)
    return tuple(result)


def compose(first: Patch, second: Patch) -> Patch:
    """Return a single patch that has the same effect as `first` followed by `second`."""
    result: list[Replacement] = []
    position = 0  # the end of the part of the original text that has been processed
    added: list[str] = []
    for piece in _changed(_pieces(first), second):
        if isinstance(piece, str):
            added.append(piece)
            continue
        start, end = piece
        if start > position or added:
            result.append(Replacement(position, start, "".join(added)))
        position, added = end, []
    return patch(result)


# A span of the original text that remains, or added text.
_Piece = tuple[int, int] | str
_ENDLESS = 1 << 62


def _pieces(changes: Patch) -> Iterator[_Piece]:
    """Yield the pieces that result from applying `changes` to a text of unknown length."""
    position = 0
    for start, end, added in changes:
        yield position, start
        yield added
        position = end
    yield position, _ENDLESS


def _changed(pieces: Iterable[_Piece], changes: Patch) -> Iterator[_Piece]:
    """Yield the pieces that result from applying `changes` to `pieces`.

    The offsets in `changes` refer to the joined pieces.
    """
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
