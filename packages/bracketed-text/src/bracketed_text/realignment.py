"""Realign stretches that contain brackets, so that whole brackets are matched in preference to single words.

`alignment` compares only words. From "[two years] / [five years]", it may keep "two" of one alternative and "years" of
the other. A stretch in which the two texts differ in their brackets is therefore aligned again, at the lowest cost:

- Removing or adding a word is expensive; removing or adding a mark or punctuation is cheap.
- Removing or adding a whole bracket, alternative or labelled option costs about half as much as its words separately.

For example, the cheapest way from "[EU: no later than two years] / [CHN: no later than five years]" to "no later than
five years" is to remove the whole first alternative and the marks of the second.

The cost is computed by dynamic programming over the tokens of the stretch (R. A. Wagner and M. J. Fischer, Journal of
the ACM 21, 1974), with an arc across each bracket. A stretch that is too long for this algorithm keeps its alignment,
so that the time remains linear.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import add, sub
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from bracketed_text.alignment import Block, joined
from bracketed_text.territory import Survey
from bracketed_text.tokens import WORD_COST, Side, Tokens
from bracketed_text.words import words

_IN_HEAD = re.compile(r"[^\W\d]+|\d+|\W")
_MAY_MARK = re.compile(r"[\[\]/:［］【】〔〕⟦⟧]")
# A stretch is realigned if the product of its two token counts is at most this number.
_AT_ONCE = 250_000
# The number of common characters that separates two stretches, and its lower limit. Half of them belong to each
# stretch.
_APART, _LEAST_APART = 96, 32


class _Stretch(NamedTuple):
    """A stretch from `start` to `end` in the old text, and from `first` to `last` in the new text."""

    start: int
    end: int
    first: int
    last: int


def realigned(old: Survey, new: Survey, blocks: list[Block]) -> list[Block]:
    """Return the common blocks, after realigning the stretches in which brackets differ."""
    if not (old.variants or new.variants) or not _marks_differ(old, new, blocks):
        return blocks
    whole = _Stretch(0, len(old.tree.text), 0, len(new.tree.text))
    return list(joined(_refined(Side(old), Side(new), whole, blocks, _APART)))


def _marks_differ(old: Survey, new: Survey, blocks: list[Block]) -> bool:
    """Return whether any difference may contain a mark.

    This check takes much less time than locating the differences.
    """
    if old.tree.labels or new.tree.labels:
        return True
    was, now = old.tree.text, new.tree.text
    start = first = 0
    before, between = ("", ""), ""
    for old_start, new_start, length in (*blocks, Block(len(was), len(now), 0)):
        if _MAY_MARK.search(was, start, old_start) or _MAY_MARK.search(now, first, new_start):
            return True
        gap = was[start:old_start], now[first:new_start]
        if _crossed(before, between, gap):
            return True
        start, first = old_start + length, new_start + length
        before, between = gap, was[old_start : min(start, old_start + _LEAST_APART)]
    return False


def _crossed(before: tuple[str, str], between: str, gap: tuple[str, str]) -> bool:
    """Return whether a word moved to the other side of a mark that both texts have in common.

    If "[may] act" becomes "may [not] act", the marks are the same only by chance. `before` and `gap` are the differing
    parts of the old and the new text, before and after the common text `between`.
    """
    if len(between) >= _LEAST_APART or not _MAY_MARK.search(between):
        return False
    return any(
        was and now and not set(words(was)).isdisjoint(words(now))
        for was, now in ((before[0], gap[1]), (before[1], gap[0]))
    )


def _refined(old: Side, new: Side, whole: _Stretch, blocks: list[Block], apart: int) -> list[Block]:
    """Return `blocks` after realigning stretches of `whole`.

    At least `apart` common characters separate each of these stretches from the next.
    """
    result: list[Block] = []
    left = iter(blocks)
    block = next(left, None)
    for stretch in _stretches(old, new, whole, blocks, apart):
        while block is not None and block.old_start < stretch.start:
            rest = block.old_start + block.length - stretch.start
            result.append(block if rest <= 0 else Block(*block[:2], block.length - rest))
            block = next(left, None) if rest <= 0 else _tail(block, block.length - rest)
        within: list[Block] = []
        while block is not None and block.old_start < stretch.end:
            passed = stretch.end - block.old_start
            within.append(Block(*block[:2], min(passed, block.length)))
            block = next(left, None) if block.length <= passed else _tail(block, passed)
        result += _aligned(old, new, stretch, within, apart)
    if block is not None:
        result += (block, *left)
    return result


def _tail(block: Block, passed: int) -> Block:
    return Block(block.old_start + passed, block.new_start + passed, block.length - passed)


def _stretches(old: Side, new: Side, whole: _Stretch, blocks: list[Block], apart: int) -> Iterator[_Stretch]:
    """Yield the stretches in which marks differ, including some common text on both sides."""
    start, first = whole.start, whole.first
    dirty = False
    end, last = start, first  # the offsets up to which the texts have been examined
    before, between = ("", ""), ""
    for old_start, new_start, length in (*blocks, Block(whole.end, whole.last, 0)):
        gap = old.text[end:old_start], new.text[last:new_start]
        if any(gap):
            dirty = dirty or old.has_marks(end, old_start) or new.has_marks(last, new_start)
            dirty = dirty or _crossed(before, between, gap)
        before, between = gap, old.text[old_start : old_start + min(length, _LEAST_APART)]
        shift = new_start - old_start
        end, last = old_start + length, new_start + length
        if not length:
            break
        near, far = _cuts(old, new, old_start, length, shift, apart)
        if near is None or far is None:
            continue
        stretch = _Stretch(start, near, first, near + shift)
        if dirty and (stretch.end > stretch.start or stretch.last > stretch.first):
            yield stretch
        start, first, dirty = far, far + shift, False
    if dirty:
        yield _Stretch(start, whole.end, first, whole.last)


def _cuts(old: Side, new: Side, start: int, length: int, shift: int, apart: int) -> tuple[int | None, int | None]:
    """Return the old offsets at which a block may be separated from the text before it and from the text after it.

    An offset is None if the block cannot be separated there.
    """
    if length < apart:
        return None, None
    near, far = (
        _agreed(old, new, start + length // 2 if length < 2 * apart else offset, shift, step)
        for offset, step in ((start + apart // 2, 1), (start + length - apart // 2, -1))
    )
    inside = near is not None and far is not None and start + apart // 4 <= near <= far <= start + length - apart // 4
    return (near, far) if inside else (None, None)


def _agreed(old: Side, new: Side, offset: int, shift: int, step: int) -> int | None:
    """Return the next offset in the old text at which both texts may be divided, or None.

    The search begins at `offset` and proceeds in the direction `step`.
    """
    for _ in range(3):
        parted = old.parted_at(offset, step)
        twin = None if parted is None else new.parted_at(parted + shift, step)
        if twin is None or twin - shift == parted:
            return parted if twin is not None else None
        offset = twin - shift
    return None


def _aligned(old: Side, new: Side, stretch: _Stretch, blocks: list[Block], apart: int) -> Iterator[Block]:
    """Yield the common blocks of `stretch` at the lowest cost.

    A stretch that is too long is divided at shorter blocks. If it cannot be divided further, it keeps its `blocks`.
    """
    ours, theirs = old.tokens(stretch.start, stretch.end), new.tokens(stretch.first, stretch.last)
    if len(ours.starts) * len(theirs.starts) > _AT_ONCE:
        yield from _refined(old, new, stretch, blocks, apart // 2) if apart > _LEAST_APART else blocks
        return
    for at, to in sorted(_with_closing_marks(dict(_path(ours, theirs)), ours, theirs).items()):
        begin, first = ours.starts[at], theirs.starts[to]
        end = ours.starts[at + 1] if at + 1 < len(ours.starts) else stretch.end
        last = theirs.starts[to + 1] if to + 1 < len(theirs.starts) else stretch.last
        key, twin = ours.keys[at], theirs.keys[to]
        if ours.opening[at] and key != twin:
            yield from _heads(old.text[begin:end], new.text[first:last], begin, first)
            continue
        yield from _same(old.text, new.text, (begin, end), (first, last), len(ours.keys[at]))


def _path(old: Tokens, new: Tokens) -> list[tuple[int, int]]:
    """Return the pairs of matching tokens that minimise the cost of removals and additions."""
    rows = _rows(old, new)
    pairs: list[tuple[int, int]] = []
    at, to = len(old.starts), len(new.starts)
    while at and to:
        cost = rows[at][to]
        if _match_cost(old, at - 1, new, to - 1) == cost - rows[at - 1][to - 1]:
            at, to = at - 1, to - 1
            pairs.append((at, to))
        elif (origin := _origin(old.arcs.get(at, ()), cost, [row[to] for row in rows[:at]])) is not None:
            at = origin
        elif (origin := _origin(new.arcs.get(to, ()), cost, rows[at])) is not None:
            to = origin
        elif rows[at - 1][to] + old.costs[at - 1] == cost:
            at -= 1
        else:
            to -= 1
    return pairs[::-1]


def _with_closing_marks(pairs: dict[int, int], old: Tokens, new: Tokens) -> dict[int, int]:
    """Return `pairs` with each closing mark paired in the same way as its opening mark.

    Closing marks must be paired in this way because they are all alike.
    """
    ours = {closing: at for at, closing in old.closing.items()}
    theirs = {closing: to for to, closing in new.closing.items()}
    result = {
        at: to for at, to in pairs.items() if at not in ours or to not in theirs or pairs.get(ours[at]) == theirs[to]
    }
    for at, to in pairs.items():
        if at in old.closing and to in new.closing and old.closing[at] not in result:
            closing, twin = old.closing[at], new.closing[to]
            before = max((at_old for at_old in result if at_old < closing), default=-1)
            behind = min((at_old for at_old in result if at_old > closing), default=len(old.starts))
            if result.get(before, -1) < twin < result.get(behind, len(new.starts)):
                result[closing] = twin
    return result


def _rows(old: Tokens, new: Tokens) -> list[list[int]]:
    """Return a table of costs.

    For all m and n, it contains the lowest cost of turning the first m tokens of `old` into the first n tokens of
    `new`.
    """
    having: defaultdict[str, list[int]] = defaultdict(list)
    for to, key in enumerate(new.keys):
        having[key.casefold()].append(to)
    openings = [to for to, opens in enumerate(new.opening) if opens]
    added = list(accumulate(new.costs, initial=0))
    ends = sorted(new.arcs)
    rows: list[list[int]] = []
    for at in range(len(old.starts) + 1):
        if at == 0:
            row = added.copy()
        else:
            before, cost = rows[-1], old.costs[at - 1]
            row = [value + cost for value in before]
            for to in openings if old.opening[at - 1] else having.get(old.keys[at - 1].casefold(), ()):
                if (value := before[to] + _match_cost(old, at - 1, new, to)) < row[to + 1]:
                    row[to + 1] = value
            for origin, cost in old.arcs.get(at, ()):
                row = list(map(min, row, [value + cost for value in rows[origin]]))
        _add_tokens(row, added, new.arcs, ends)
        rows.append(row)
    return rows


def _add_tokens(row: list[int], added: list[int], arcs: dict[int, list[tuple[int, int]]], ends: list[int]) -> None:
    """Lower the costs in `row` where adding single tokens or whole brackets is cheaper."""
    for start, end in pairwise((0, *ends, len(row))):
        if start:
            row[start] = min(
                row[start],
                row[start - 1] + added[start] - added[start - 1],
                *(row[origin] + cost for origin, cost in arcs[start]),
            )
        row[start:end] = map(add, accumulate(map(sub, row[start:end], added[start:end]), min), added[start:end])


def _match_cost(old: Tokens, at: int, new: Tokens, to: int) -> int:
    """Return the cost of matching two tokens.

    For different tokens, this cost exceeds the cost of a removal and an addition.
    """
    key, twin = old.keys[at], new.keys[to]
    if key == twin:
        return 0
    alike = (old.opening[at] and new.opening[to]) or key.casefold() == twin.casefold()
    return 1 if alike else 2 * WORD_COST + 1


def _origin(arcs: Sequence[tuple[int, int]], cost: int, costs: Sequence[int]) -> int | None:
    return next((origin for origin, whole in arcs if costs[origin] + whole == cost), None)


def _same(old: str, new: str, span: tuple[int, int], twin: tuple[int, int], length: int) -> Iterator[Block]:
    """Yield the common block of two tokens with the same word, including the common blanks after the word."""
    (start, end), (first, last) = span, twin
    size = 0
    while start + size < end and first + size < last and old[start + size] == new[first + size]:
        size += 1
    if size and size >= length:
        yield Block(start, first, size)


def _heads(head: str, twin: str, start: int, first: int) -> Iterator[Block]:
    """Yield the common blocks of two heads, name by name."""
    words, twins = _IN_HEAD.findall(head), _IN_HEAD.findall(twin)
    offsets, places = list(accumulate(map(len, words), initial=start)), list(accumulate(map(len, twins), initial=first))
    for at, to, size in LCSseq.editops(words, twins).as_matching_blocks():
        if size and words[at : at + size] == twins[to : to + size]:
            yield Block(offsets[at], places[to], offsets[at + size] - offsets[at])
