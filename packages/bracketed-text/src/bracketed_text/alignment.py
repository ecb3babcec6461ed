"""Which characters of two texts are the same: word by word, in time that grows linearly with their length.

Lines are paired first, by how they begin or end where the new version has only one such line; then the words
between two spaces, then words, marks and punctuation, each only where what is around them differs. As many as
possible match (longest common subsequence, by the bit-parallel algorithm of H. Hyyrö, "Bit-parallel LCS-length
computation revisited", 2004, in rapidfuzz). What anchors a stretch keeps its order (longest increasing
subsequence, M. L. Fredman, Discrete Mathematics 11, 1975). White space behind a word does not keep it from matching.
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
# In a head these stand for "[", " " and ":", so that a head is one word: "propose" in one head is not the "propose"
# of another. Texts in which they occur, as none that a person writes, are aligned as they are.
_OPEN, _BLANK, _COLON = "\x1e", "\x1f", "\x1d"
# Two stretches are aligned at once when the product of their numbers of words is not beyond this.
_AT_ONCE = 250_000
# And closely, word by word, when that of their numbers of characters is not beyond this.
_CLOSELY_AT_ONCE = 100_000_000
# The length of an anchor in characters.
_ANCHOR = 28
# Where no anchor is found, stretches of this many words are aligned with each other, one after the other.
_STRETCH = 500


class Block(NamedTuple):
    """`old[old_start:old_start+length] == new[new_start:new_start+length]`."""

    old_start: int
    new_start: int
    length: int


Head = tuple[int, int]
_Span = tuple[int, int, int, int]  # old start and end, new start and end


def align(
    old: str, new: str, old_heads: Sequence[Head] = (), new_heads: Sequence[Head] = (), *, closely: bool = False
) -> list[Block]:
    """Return the blocks of characters that are the same, in order of both texts; no two of them touch in both.

    `old_heads` and `new_heads` say from where to where heads stand, with the "[": they match as a whole, or each with
    the one in its place. `closely` looks at words and marks at once, for texts that are all but the same.
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
    """Return `text` of the same length with the marks and blanks of its heads replaced, where they end with a colon."""
    parts: list[str] = []
    position = 0
    for start, end in heads:
        if text[end - 1] == ":":
            parts += (text[position:start], _OPEN, text[start + 1 : end - 1].replace(" ", _BLANK), _COLON)
            position = end
    return "".join((*parts, text[position:])) if parts else text


def joined(blocks: list[Block]) -> Iterator[Block]:
    """Yield `blocks`, those that touch in both texts as one."""
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
    """Return where lines begin, and where the ends of lines do, that are the same in both texts, in order of both.

    Such a line begins and ends alike, or so does the line before or behind: where texts are wrapped otherwise, two
    lines that end alike need not be the same.
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
    """Return the lines of some length, each with the offset at which it begins."""
    lines = text.split("\n")
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    return [(start, line) for start, line in zip(starts, lines, strict=False) if len(line) >= _ANCHOR]


def _only_once(lines: list[tuple[int, str]]) -> dict[str, int]:
    """Return by how a line begins, and by how it ends, which one does; -1 where several do."""
    found: dict[str, int] = {}
    for number, (_, line) in enumerate(lines):
        for key in (line[:_ANCHOR], "\n" + line[-_ANCHOR:]):
            found[key] = -1 if key in found else number
    return found


def _in_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of `pairs`, which rise in the first, that rises in the second as well."""
    ends: list[int] = []  # the smallest end of a rising part of each length
    last: list[int] = []  # which pair that is
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
    """Align what stands between spaces; where that differs, look closer.

    A stretch that is too long is first held at anchors, then at every so many words; `held` counts how often.
    """
    start, end, first, last = span
    one, other = old[start:end], new[first:last]
    if one == other:
        if one:
            blocks.append(Block(start, first, end - start))
        return
    tokens, twin_tokens = _SPACED.findall(one), _SPACED.findall(other)
    words, twins = [token.rstrip(_WHITE) for token in tokens], [token.rstrip(_WHITE) for token in twin_tokens]
    if held < _MOST_HOLDS and len(words) * len(twins) > _AT_ONCE:
        at, to = start, first
        for here, there in _ANCHORS[held](old, new, span):
            _coarse(old, new, (at, here, to, there), blocks, held + 1)
            at, to = here, there
        _coarse(old, new, (at, end, to, last), blocks, held + 1)
        return
    starts = list(accumulate(map(len, tokens), initial=start))
    places = list(accumulate(map(len, twin_tokens), initial=first))
    done = done_new = 0  # how many words of both are aligned
    for a, b, size in LCSseq.editops(words, twins).as_matching_blocks():
        if words[a : a + size] != twins[b : b + size]:
            continue  # rapidfuzz compares hashes, and those of "" and of NUL are the same
        if done < a or done_new < b:
            _closer(old, new, (starts[done], starts[a], places[done_new], places[b]), blocks)
        at, to, length = starts[a], places[b], starts[a + size] - starts[a]
        if size and old[at : at + length] == new[to : to + length] and length == places[b + size] - to:
            blocks.append(Block(at, to, length))
        else:
            blocks += _word_by_word(tokens[a : a + size], twin_tokens[b : b + size], at, to)
        done, done_new = a + size, b + size


def _word_by_word(tokens: list[str], twins: list[str], at: int, to: int) -> Iterator[Block]:
    """Yield a block for each of these words, between which there may be other white space in each text."""
    for token, twin in zip(tokens, twins, strict=True):
        length = len(token) if token == twin else len(token.rstrip(_WHITE))
        while length < len(token) and token[length : length + 1] == twin[length : length + 1]:
            length += 1
        if length:
            yield Block(at, to, length)
        at, to = at + len(token), to + len(twin)


def _closer(old: str, new: str, span: _Span, blocks: list[Block]) -> None:
    """Align words, marks and punctuation. A single word for another has nothing in common with it."""
    start, end, first, last = span
    one, other = old[start:end], new[first:last]
    if not one or not other or (one[:-1].isalpha() and other[:-1].isalpha() and one[-1] == other[-1] == " "):
        return
    tokens, twins = _FINE.findall(one), _FINE.findall(other)
    keys, twin_keys = list(map(str.rstrip, tokens)), list(map(str.rstrip, twins))
    starts, places = list(accumulate(map(len, tokens), initial=start)), list(accumulate(map(len, twins), initial=first))
    done = done_new = 0
    for a, b, size in LCSseq.editops(keys, twin_keys).as_matching_blocks():
        _heads(tokens, twins, (starts, done, a), (places, done_new, b), blocks)
        done, done_new = a + size, b + size
        for number in range(size):
            token, twin = tokens[a + number], twins[b + number]
            if keys[a + number] != twin_keys[b + number]:
                continue  # see above
            length = len(token)
            if token != twin:
                length = len(keys[a + number])
                while token[length : length + 1] == twin[length : length + 1] != "":
                    length += 1
            blocks.append(Block(starts[a + number], places[b + number], length))


_Gap = tuple[list[int], int, int]  # where the tokens begin, and from which to which of them it reaches


def _heads(tokens: list[str], twins: list[str], gap: _Gap, twin_gap: _Gap, blocks: list[Block]) -> None:
    """Align heads that stand in the same place, name by name."""
    (starts, first, last), (places, other_first, other_last) = gap, twin_gap
    heads = [at for at in range(first, last) if tokens[at][0] == _OPEN]
    others = [at for at in range(other_first, other_last) if twins[at][0] == _OPEN]
    if not heads or len(heads) != len(others):
        return
    for head, other in zip(heads, others, strict=True):
        one, two = _IN_HEAD.findall(tokens[head]), _IN_HEAD.findall(twins[other])
        at = list(accumulate(map(len, one), initial=starts[head]))
        to = list(accumulate(map(len, two), initial=places[other]))
        for a, b, size in LCSseq.editops(one, two).as_matching_blocks():
            if size and one[a : a + size] == two[b : b + size]:
                blocks.append(Block(at[a], to[b], at[a + size] - at[a]))


_IN_HEAD = re.compile(r"[^\W\d]+|\d+|\W")


def _same_text(old: str, new: str, span: _Span, least: int) -> list[tuple[int, int]]:
    """Return words at which the same text begins in both, where each has it once.

    So many of them at `least` follow each other; only the first of those is returned.
    """
    start, end, first, last = span
    ours, theirs = old[start:end].translate(_FLAT), new[first:last].translate(_FLAT)
    places, seen = _once(theirs), _once(ours)
    anchors = [(at, places[key]) for key, at in seen.items() if at >= 0 and places.get(key, -1) >= 0]
    runs = [list(run) for _, run in groupby(anchors, key=lambda anchor: anchor[1] - anchor[0])]
    in_order = _in_order([(start + at, first + place) for run in runs if len(run) >= least for at, place in run])
    return [next(run) for _, run in groupby(in_order, key=lambda anchor: anchor[1] - anchor[0])]


def _once(text: str) -> dict[str, int]:
    """Return by how the text goes on there at which words of `text` it goes on so nowhere else; -1 for the others."""
    places: dict[str, int] = {}
    for place in _word_starts(text, 0, len(text)):
        key = text[place : place + _ANCHOR]
        places[key] = -1 if key in places else place
    return places


def _same_number(old: str, new: str, span: _Span) -> list[tuple[int, int]]:
    """Return every so many-th word of both."""
    start, end, first, last = span
    ours, theirs = _word_starts(old, start, end), _word_starts(new, first, last)
    return list(zip(ours[_STRETCH::_STRETCH], theirs[_STRETCH::_STRETCH], strict=False))


def _word_starts(text: str, start: int, end: int) -> list[int]:
    return [match.end() for match in _SPACE.finditer(text, start, end)]


_SPACE = re.compile(" ")
_WHITE = " \n\t\r"
_SPACED = re.compile(rf"[^{_WHITE}]+[{_WHITE}]*|[{_WHITE}]+")
# The end of a line parts words as a space does, so that a text may be wrapped otherwise.
_FLAT = str.maketrans("\n\t\r", "   ")
# How a stretch is held that is too long to be aligned at once: the first way, then the next within. Within a stretch
# more text is unique than in the whole.
_ANCHORS: tuple[Callable[[str, str, _Span], list[tuple[int, int]]], ...] = (
    partial(_same_text, least=4),
    partial(_same_text, least=2),
    partial(_same_text, least=1),
    _same_number,
)
_MOST_HOLDS = len(_ANCHORS)
