"""Words that two texts have in common by chance: a few, far from all else that they have in common.

In a text that was written anew nearly any "of the" has a twin. That says nothing about what became of the text around.
Only base text counts as far: a choice may leave one word between two long alternatives that are gone.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from issues.brackets.alignment import Block
from issues.brackets.territory import Survey

# So long a block is no chance, nor one from which no more than so many characters, or times its length, part the next.
_LONG, _NEAR, _TIMES = 25, 30, 5


class _BaseText:
    """How much base text stands between two offsets."""

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
        """Return how many characters of `text[start:end]` stand in no bracket."""
        return self._before(end) - self._before(start)

    def _before(self, offset: int) -> int:
        at = bisect_right(self.starts, offset)
        within = max(0, self.ends[at - 1] - offset) if at else 0
        return offset - self.sums[at] + within


def without_strays(old: Survey, new: Survey, blocks: list[Block]) -> Iterator[Block]:
    """Yield `blocks`, what both texts have in common, but for what they have in common by chance."""
    base, new_base = _BaseText(old), _BaseText(new)
    end, last = 0, 0  # of the block before
    following = [*blocks[1:], Block(len(old.tree.text), len(new.tree.text), 0)]
    for block, behind in zip(blocks, following, strict=False):
        start, first, length = block
        far = max(_NEAR, _TIMES * length)
        if length < _LONG and start:
            before = max(base.between(end, start), new_base.between(last, first))
            after = max(
                base.between(start + length, behind.old_start), new_base.between(first + length, behind.new_start)
            )
            if before > far and after > far:
                continue
        yield block
        end, last = start + length, first + length
