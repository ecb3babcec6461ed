"""Align two texts: find their common characters, in time that is linear in their length.

The alignment proceeds from coarse to fine. Each step examines only the text that the previous step left unmatched:

1. Lines that begin or end alike are paired if they are unique in both texts.
2. Between the paired lines, the texts are divided at white space and aligned token by token. Here, "shall," is one
   token.
3. Where the tokens differ, the texts are aligned by words, marks and punctuation. Heads are aligned name by name.

For example, "shall," and "may," have no token in common in step 2. Step 3 finds the common comma:

    >>> align("A shall, b", "A may, b")
    [Block(old_start=0, new_start=0, length=2), Block(old_start=7, new_start=5, length=3)]

Steps 2 and 3 use RapidFuzz to find a longest common subsequence (H. Hyyrö, "Bit-parallel LCS-length computation
revisited", 2004). A stretch that is too long for this algorithm is first divided at anchors. An anchor is a sequence of
28 characters that occurs once in each text. The stretch is divided at anchors that form a longest increasing
subsequence (M. L. Fredman, Discrete Mathematics 11, 1975). Differences in white space after a word do not prevent a
match.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, groupby
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from bracketed_text.words import TOKEN

_FINE = re.compile(rf"\x1e[^\x1d]*\x1d\s*|{TOKEN}")
# These characters replace "[", " " and ":" in a head to make it one token, because "propose" in one head must not match
# "propose" in another. Texts that already contain these control characters are aligned without the replacement.
_OPEN, _BLANK, _COLON = "\x1e", "\x1f", "\x1d"
# Two stretches are aligned without division if the product of their token counts is at most this number.
_AT_ONCE = 250_000
# If `closely` is true, they are aligned word by word if the product of their lengths in characters is at most this
# number.
_CLOSELY_AT_ONCE = 100_000_000
# The length of an anchor in characters.
_ANCHOR = 28
# If anchors do not suffice, a stretch is divided after every 500 words.
_STRETCH = 500


class Block(NamedTuple):
    """A stretch that both texts contain: `old[old_start:old_start+length] == new[new_start:new_start+length]`."""

    old_start: int
    new_start: int
    length: int


Head = tuple[int, int]
_Span = tuple[int, int, int, int]  # start and end in the old text, start and end in the new


def align(
    old: str, new: str, old_heads: Sequence[Head] = (), new_heads: Sequence[Head] = (), *, closely: bool = False
) -> list[Block]:
    """Return the blocks that the texts have in common, in order. Blocks that are adjacent in both texts are joined.

    `old_heads` and `new_heads` are the spans of the heads, including "[". A head matches another head as a whole, or
    name by name if both are at the same place. If `closely` is true, step 2 is omitted, which suits texts that differ
    little.
    """
    if not any(mark in text for mark in (_OPEN, _BLANK, _COLON) for text in (old, new)):
        old, new = _with_whole_heads(old, old_heads), _with_whole_heads(new, new_heads)
    blocks: list[Block] = []
    at = to = 0
    for start, first in [*_line_anchors(old, new), (len(old), len(new))]:
        span = (at, start, to, first)
        if closely and (start - at) * (first - to) <= _CLOSELY_AT_ONCE:
            _closer(old, new, span, blocks)
        else:
            _coarse(old, new, span, blocks)
        at, to = start, first
    return list(joined(blocks))


def _with_whole_heads(text: str, heads: Sequence[Head]) -> str:
    """Return `text` with the mark, blanks and colon of each head replaced by control characters.

    The length of the text does not change. A head that does not end with a colon is left unchanged.
    """
    parts: list[str] = []
    position = 0
    for start, end in heads:
        if text[end - 1] == ":":
            parts += (text[position:start], _OPEN, text[start + 1 : end - 1].replace(" ", _BLANK), _COLON)
            position = end
    return "".join((*parts, text[position:])) if parts else text


def joined(blocks: list[Block]) -> Iterator[Block]:
    """Yield `blocks`, joining those that are adjacent in both texts."""
    start = first = length = 0
    for old_start, new_start, size in blocks:
        if old_start == start + length and new_start == first + length:
            length += size
        else:
            if length:
                yield Block(start, first, length)
            start, first, length = old_start, new_start, size
    if length:
        yield Block(start, first, length)


def _line_anchors(old: str, new: str) -> list[tuple[int, int]]:
    """Return pairs of offsets, in the old and the new text, at which lines begin or end alike.

    For lines that end alike, the offsets are those at which their common last characters begin. The pairs are in order
    in both texts. A line of which only the beginning or only the end is alike counts if the line before or after it
    also matches. Two lines that end alike need not be the same, because the texts may be wrapped differently.
    """
    ours, theirs = _lines(old), _lines(new)
    seen, places = _only_once(ours), _only_once(theirs)
    alike = [(seen[key], places[key], key[0] == "\n") for key in seen if seen[key] >= 0 and places.get(key, -1) >= 0]
    votes = Counter((at, to) for at, to, _ in alike)
    anchors: set[tuple[int, int]] = set()
    for at, to, at_end in alike:
        if votes[at, to] > 1 or (at - 1, to - 1) in votes or (at + 1, to + 1) in votes:
            (start, line), (first, twin) = ours[at], theirs[to]
            anchors.add((start + len(line) - _ANCHOR, first + len(twin) - _ANCHOR) if at_end else (start, first))
    return _in_order(sorted(anchors))


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that are long enough for an anchor, each with its offset."""
    lines = text.split("\n")
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    return [(start, line) for start, line in zip(starts, lines, strict=False) if len(line) >= _ANCHOR]


def _only_once(lines: list[tuple[int, str]]) -> dict[str, int]:
    """Return the number of each line by its first characters and by its last characters.

    A line break precedes the last characters, to distinguish them from first characters. The number is -1 if several
    lines begin, or several lines end, with the same characters.
    """
    positions: dict[str, int] = {}
    for number, (_, line) in enumerate(lines):
        for key in (line[:_ANCHOR], "\n" + line[-_ANCHOR:]):
            positions[key] = -1 if key in positions else number
    return positions


def _in_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest subsequence of `pairs` whose second items increase.

    The pairs must be sorted by their first items.
    """
    ends: list[int] = []  # the smallest last value of an increasing subsequence of each length
    last: list[int] = []  # the index of the pair with this value
    before: list[int] = []
    for at, (_, value) in enumerate(pairs):
        length = bisect_left(ends, value)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            last.append(at)
        else:
            ends[length], last[length] = value, at
    rising = []
    at = last[-1] if last else -1
    while at >= 0:
        rising.append(pairs[at])
        at = before[at]
    return rising[::-1]


def _coarse(old: str, new: str, span: _Span, blocks: list[Block], held: int = 0) -> None:
    """Align a stretch token by token and, where the tokens differ, more finely; append its blocks to `blocks`.

    A stretch that is too long is first divided by each method of `_ANCHORS` in turn. `held` is the number of methods
    already used.
    """
    start, end, first, last = span
    old_part, new_part = old[start:end], new[first:last]
    if old_part == new_part:
        if old_part:
            blocks.append(Block(start, first, end - start))
        return
    tokens, twin_tokens = _SPACED.findall(old_part), _SPACED.findall(new_part)
    words, twins = [token.rstrip(_WHITE) for token in tokens], [token.rstrip(_WHITE) for token in twin_tokens]
    if held < _MOST_HOLDS and len(words) * len(twins) > _AT_ONCE:
        at, to = start, first
        for old_anchor, new_anchor in _ANCHORS[held](old, new, span):
            _coarse(old, new, (at, old_anchor, to, new_anchor), blocks, held + 1)
            at, to = old_anchor, new_anchor
        _coarse(old, new, (at, end, to, last), blocks, held + 1)
        return
    starts = list(accumulate(map(len, tokens), initial=start))
    places = list(accumulate(map(len, twin_tokens), initial=first))
    aligned = aligned_new = 0  # the number of tokens aligned so far in each text
    for a, b, size in LCSseq.editops(words, twins).as_matching_blocks():
        if words[a : a + size] != twins[b : b + size]:
            continue  # rapidfuzz compares hashes, and "" and NUL have the same hash
        if aligned < a or aligned_new < b:
            _closer(old, new, (starts[aligned], starts[a], places[aligned_new], places[b]), blocks)
        at, to, length = starts[a], places[b], starts[a + size] - starts[a]
        if size and old[at : at + length] == new[to : to + length] and length == places[b + size] - to:
            blocks.append(Block(at, to, length))
        else:
            blocks += _word_by_word(tokens[a : a + size], twin_tokens[b : b + size], at, to)
        aligned, aligned_new = a + size, b + size


def _word_by_word(tokens: list[str], twins: list[str], at: int, to: int) -> Iterator[Block]:
    """Yield a block for each pair of equal words. The white space after the words may differ."""
    for token, twin in zip(tokens, twins, strict=True):
        length = len(token) if token == twin else len(token.rstrip(_WHITE))
        while length < len(token) and token[length : length + 1] == twin[length : length + 1]:
            length += 1
        if length:
            yield Block(at, to, length)
        at, to = at + len(token), to + len(twin)


def _closer(old: str, new: str, span: _Span, blocks: list[Block]) -> None:
    """Align a stretch by words, marks and punctuation; append its blocks to `blocks`.

    If a single word replaced another word, none of their characters are aligned.
    """
    start, end, first, last = span
    old_part, new_part = old[start:end], new[first:last]
    if (
        not old_part
        or not new_part
        or (old_part[:-1].isalpha() and new_part[:-1].isalpha() and old_part[-1] == new_part[-1] == " ")
    ):
        return
    tokens, twins = _FINE.findall(old_part), _FINE.findall(new_part)
    keys, twin_keys = list(map(str.rstrip, tokens)), list(map(str.rstrip, twins))
    starts, places = list(accumulate(map(len, tokens), initial=start)), list(accumulate(map(len, twins), initial=first))
    aligned = aligned_new = 0
    for a, b, size in LCSseq.editops(keys, twin_keys).as_matching_blocks():
        _heads(tokens, twins, (starts, aligned, a), (places, aligned_new, b), blocks)
        aligned, aligned_new = a + size, b + size
        for number in range(size):
            token, twin = tokens[a + number], twins[b + number]
            if keys[a + number] != twin_keys[b + number]:
                continue  # only their hashes are equal, as in `_coarse`
            length = len(token)
            if token != twin:
                length = len(keys[a + number])
                while token[length : length + 1] == twin[length : length + 1] != "":
                    length += 1
            blocks.append(Block(starts[a + number], places[b + number], length))


_Gap = tuple[list[int], int, int]  # the offsets of all tokens, and the indices at which the gap begins and ends


def _heads(tokens: list[str], twins: list[str], gap: _Gap, twin_gap: _Gap, blocks: list[Block]) -> None:
    """Align the heads in a gap name by name, and append their blocks to `blocks`.

    Nothing is appended if the two texts have different numbers of heads in the gap.
    """
    (starts, first, last), (places, other_first, other_last) = gap, twin_gap
    heads = [at for at in range(first, last) if tokens[at][0] == _OPEN]
    others = [at for at in range(other_first, other_last) if twins[at][0] == _OPEN]
    if not heads or len(heads) != len(others):
        return
    for head, twin in zip(heads, others, strict=True):
        names, twin_names = _IN_HEAD.findall(tokens[head]), _IN_HEAD.findall(twins[twin])
        at = list(accumulate(map(len, names), initial=starts[head]))
        to = list(accumulate(map(len, twin_names), initial=places[twin]))
        for a, b, size in LCSseq.editops(names, twin_names).as_matching_blocks():
            if size and names[a : a + size] == twin_names[b : b + size]:
                blocks.append(Block(at[a], to[b], at[a + size] - at[a]))


_IN_HEAD = re.compile(r"[^\W\d]+|\d+|\W")


def _same_text(old: str, new: str, span: _Span, least: int) -> list[tuple[int, int]]:
    """Return pairs of offsets at which the same anchor begins. The anchor must occur once in each stretch.

    Consecutive anchors with the same difference between their offsets form a run. Only the first anchor of a run is
    returned, and runs of fewer than `least` anchors are ignored.
    """
    start, end, first, last = span
    ours, theirs = old[start:end].translate(_FLAT), new[first:last].translate(_FLAT)
    places, seen = _once(theirs), _once(ours)
    anchors = [(at, places[key]) for key, at in seen.items() if at >= 0 and places.get(key, -1) >= 0]
    runs = [list(run) for _, run in groupby(anchors, key=lambda anchor: anchor[1] - anchor[0])]
    in_order = _in_order([(start + at, first + offset) for run in runs if len(run) >= least for at, offset in run])
    return [next(run) for _, run in groupby(in_order, key=lambda anchor: anchor[1] - anchor[0])]


def _once(text: str) -> dict[str, int]:
    """Return the offset of each anchor in `text`, or -1 for an anchor that occurs more than once."""
    places: dict[str, int] = {}
    for offset in _word_starts(text, 0, len(text)):
        key = text[offset : offset + _ANCHOR]
        places[key] = -1 if key in places else offset
    return places


def _same_number(old: str, new: str, span: _Span) -> list[tuple[int, int]]:
    """Return pairs of offsets, which are those of every 500th word of both stretches."""
    start, end, first, last = span
    ours, theirs = _word_starts(old, start, end), _word_starts(new, first, last)
    return list(zip(ours[_STRETCH::_STRETCH], theirs[_STRETCH::_STRETCH], strict=False))


def _word_starts(text: str, start: int, end: int) -> list[int]:
    return [match.end() for match in _SPACE.finditer(text, start, end)]


_SPACE = re.compile(" ")
_WHITE = " \n\t\r"
_SPACED = re.compile(rf"[^{_WHITE}]+[{_WHITE}]*|[{_WHITE}]+")
# Line breaks and tabs count as spaces, so that differently wrapped texts can be aligned.
_FLAT = str.maketrans("\n\t\r", "   ")
# The methods of dividing a stretch that is too long, in order. More text is unique in a stretch than in the whole text.
_ANCHORS: tuple[Callable[[str, str, _Span], list[tuple[int, int]]], ...] = (
    partial(_same_text, least=4),
    partial(_same_text, least=2),
    partial(_same_text, least=1),
    _same_number,
)
_MOST_HOLDS = len(_ANCHORS)
