"""Discard words that two texts have in common by chance.

Such words are far from any other common text. For example, almost every "of the" in a rewritten text matches another
"of the", although the surrounding text is different. Distances are measured only in base text, because dropped
alternatives of any length may separate a remaining word from the rest of the common text.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

from bracketed_text.alignment import Block
from bracketed_text.territory import Survey

# Blocks no more than `_NEAR` characters apart form a group. A group is due to chance if it has fewer than `_LONG`
# characters, or fewer than twice as many that make up less than half of its span, and if its distance to the groups on
# both sides exceeds both `_NEAR` and `_TIMES` its length.
_LONG, _NEAR, _TIMES = 30, 30, 4


class _BaseText:
    """A measure of the distance between two offsets of one version. Only base text is counted."""

    def __init__(self, side: Survey) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        reached = 0
        for at, begin in enumerate(side.begins):
            if begin >= reached:
                self.starts.append(begin)
                self.ends.append(side.untils[at])
            reached = max(reached, side.untils[at])
            if self.ends:
                self.ends[-1] = reached
        self.sums = list(
            accumulate((end - start for start, end in zip(self.starts, self.ends, strict=True)), initial=0)
        )

    def between(self, start: int, end: int) -> int:
        """Return the number of characters of `text[start:end]` outside all variants."""
        return self._before(end) - self._before(start)

    def _before(self, offset: int) -> int:
        at = bisect_right(self.starts, offset)
        within = max(0, self.ends[at - 1] - offset) if at else 0
        return offset - self.sums[at] + within


def without_strays(old: Survey, new: Survey, blocks: list[Block]) -> Iterator[Block]:
    """Yield the blocks that are not due to chance."""
    base, new_base = _BaseText(old), _BaseText(new)

    def gap(block: Block, behind: Block) -> int:
        return max(
            base.between(block.old_start + block.length, behind.old_start),
            new_base.between(block.new_start + block.length, behind.new_start),
        )

    edges = [Block(0, 0, 0), *blocks, Block(len(old.tree.text), len(new.tree.text), 0)]
    gaps = [gap(block, behind) for block, behind in pairwise(edges)]
    start = 0
    for end in range(1, len(blocks) + 1):
        if end < len(blocks) and gaps[end] <= _NEAR:
            continue
        together = blocks[start:end]
        length = sum(block.length for block in together)
        span = together[-1].old_start + together[-1].length - together[0].old_start
        far = max(_NEAR, _TIMES * length)
        few = length < _LONG or (length < 2 * _LONG and 2 * length < span)
        if not (few and gaps[start] > far and gaps[end] > far):
            yield from together
        start = end
