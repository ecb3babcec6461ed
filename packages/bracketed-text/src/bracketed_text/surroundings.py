"""Compare the words around variants, which identify a bracket that contains only a few words."""

from bisect import bisect_left

from bracketed_text.alternatives import Relation
from bracketed_text.territory import Survey
from bracketed_text.words import WORD

# At most this many words are compared on each side.
MOST_AROUND = 8


class Around:
    """The words before and after each variant. The words of its group are excluded."""

    def __init__(self, side: Survey) -> None:
        text = side.tree.text
        matches = list(WORD.finditer(text))
        self.words = [match[0].casefold() for match in matches]
        starts = [match.start() for match in matches]
        spans = {
            member.start: (group.members[0].start, group.members[-1].end)
            for group in side.groups
            if group.relation is not Relation.OPTIONS
            for member in group.members
        }
        self.edges: list[tuple[int, int]] = []  # by variant: the number of words before it and up to its end
        for variant in side.variants:
            begin = variant.begin if variant.bracket is None else variant.bracket.start
            first, last = spans.get(begin, (begin, variant.end))
            self.edges.append((bisect_left(starts, first), bisect_left(starts, last)))

    def nearest(self, variant: int) -> list[str]:
        """Return the words that directly precede and follow the variant."""
        before, behind = self.edges[variant]
        return [*self.words[max(0, before - 1) : before], *self.words[behind : behind + 1]]

    def common(self, variant: int, counterpart: "Around", twin: int) -> int:
        """Return the number of consecutive words next to the two variants that are the same.

        The numbers for the two sides are added together.
        """
        (before, behind), (twin_before, twin_behind) = self.edges[variant], counterpart.edges[twin]
        size = 0
        for at, to, step in ((before - 1, twin_before - 1, -1), (behind, twin_behind, 1)):
            for number in range(MOST_AROUND):
                own_at, twin_at = at + step * number, to + step * number
                if not (0 <= own_at < len(self.words) and 0 <= twin_at < len(counterpart.words)):
                    break
                if self.words[own_at] != counterpart.words[twin_at]:
                    break
                size += 1
        return size
