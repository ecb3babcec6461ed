"""Divide a text into tokens for `realignment`, with the cost of removing each token or a whole bracket."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple

from bracketed_text.alternatives import Relation
from bracketed_text.territory import Survey
from bracketed_text.words import TOKEN

_TOKEN = re.compile(TOKEN)
# The cost of removing or adding a word; a mark or punctuation; a whole bracket, in addition to half of the cost of its
# words; and a whole alternative. The last cost is low so that even an alternative of one word is removed in preference
# to a word of its neighbour.
WORD_COST, MARK_COST, _WHOLE, _WHOLE_IN_CHOICE = 6, 1, 4, 1
# The number of attempts to find an offset at which the text can be divided.
_FAR = 96
# A bracket longer than this is a note, which contains words, rather than a placeholder or a footnote mark.
_LONGEST_BLANK = 12
_ROLES_OF_MARKS = frozenset({"open", "head", "close", "label"})


class Tokens(NamedTuple):
    """The words, marks and punctuation of a stretch.

    Each token extends to the start of the next token, and so includes the blanks between them. `opening` marks the
    tokens that open a bracket. `closing` maps the index of an opening token to the index of its closing token. `arcs`
    maps an index after a bracket to the indices before it and the cost of removing the bracket.
    """

    starts: list[int]
    keys: list[str]
    costs: list[int]
    opening: list[bool]
    closing: dict[int, int]
    arcs: dict[int, list[tuple[int, int]]]


class Side:
    """One of the two texts, with the positions of its marks, brackets and choices."""

    def __init__(self, survey: Survey) -> None:
        self.text = survey.tree.text
        slashes = [
            (before[1], after[0], "label")
            for group in survey.groups
            if group.relation is Relation.INSIDE
            for before, after in pairwise(group.spans)
        ]
        pieces = [(start, end, role) for start, end, role, _ in survey.tree.pieces() if role != "text"]
        self.pieces = sorted(pieces + slashes)
        self.closes = {bracket.start: bracket.close for bracket, _ in survey.tree.walk()}
        self.piece_ends = [end for _, end, _ in self.pieces]
        self.units = sorted((*span, cost) for span, cost in _units(survey).items())
        self.unit_starts = [unit[0] for unit in self.units]
        self.choices = _merged(
            (group.members[0].start, group.members[-1].end) for group in survey.groups if group.members
        )
        self.choice_ends = [end for _, end in self.choices]

    def has_marks(self, start: int, end: int) -> bool:
        """Return whether `text[start:end]` contains a mark, head, label or separator of alternatives."""
        at = bisect_right(self.piece_ends, start)
        while at < len(self.pieces) and self.pieces[at][0] < end:
            if self.pieces[at][2] in _ROLES_OF_MARKS:
                return True
            at += 1
        return False

    def choice_at(self, offset: int) -> tuple[int, int] | None:
        """Return the span of the outermost choice around `offset`, or None."""
        at = bisect_right(self.choice_ends, offset)
        return self.choices[at] if at < len(self.choices) and self.choices[at][0] < offset else None

    def parted_at(self, offset: int, step: int) -> int | None:
        """Return the next offset at which no word, mark or choice is cut, or None.

        The search begins at `offset` and proceeds in the direction `step`.
        """
        text, size = self.text, len(self.text)
        for _ in range(_FAR):
            if not 0 < offset < size:
                return offset if offset in (0, size) else None
            at = bisect_right(self.piece_ends, offset)
            mark = self.pieces[at] if at < len(self.pieces) and self.pieces[at][0] < offset else None
            inside = self.choice_at(offset) or (mark and mark[:2])
            if inside:
                offset = inside[step > 0]
            elif text[offset].isspace() or not text[offset - 1].isspace():
                offset += step
            else:
                return offset
        return None

    def tokens(self, start: int, end: int) -> Tokens:
        """Return the tokens of `text[start:end]`."""
        starts: list[int] = []
        keys: list[str] = []
        costs: list[int] = []
        opening: list[bool] = []

        def add_token(begin: int, token: str, cost: int, opens: bool = False) -> None:
            key = token.rstrip()
            if key or not starts:
                starts.append(begin)
                keys.append(key)
                costs.append(cost if key else 0)
                opening.append(opens)

        def add_words(begin: int, until: int, most: int = WORD_COST) -> None:
            for match in _TOKEN.finditer(self.text, begin, until):
                add_token(match.start(), match[0], min(most, _cost(self.text, match.start(), match[0])))

        position = start
        for piece_start, piece_end, role in self.pieces[bisect_right(self.piece_ends, start) :]:
            if piece_start >= end:
                break
            add_words(position, max(position, piece_start))
            position = max(position, piece_start)
            until = min(piece_end, end)
            if role == "label":  # word by word, since a label in one text may not be a label in the other
                add_words(position, until, MARK_COST)
            elif role == "aside" and until - position > _LONGEST_BLANK:
                add_words(position, until)
            elif position < until:
                cost = MARK_COST if role in _ROLES_OF_MARKS else _aside_cost(self.text[position:until])
                add_token(position, self.text[position:until], cost, role in ("open", "head"))
            position = max(position, until)
        add_words(position, end)
        closing = {
            at: bisect_left(starts, self.closes[begin])
            for at, begin in enumerate(starts)
            if opening[at] and start <= begin and self.closes.get(begin, end) < end
        }
        return Tokens(starts, keys, costs, opening, closing, self._arcs(starts, costs, start, end))

    def _arcs(self, starts: list[int], costs: list[int], start: int, end: int) -> dict[int, list[tuple[int, int]]]:
        """Return the arcs across brackets that are wholly in `text[start:end]`.

        The keys are the indices at which they end.
        """
        total = list(accumulate(costs, initial=0))
        words = list(accumulate((cost if cost == WORD_COST else 0 for cost in costs), initial=0))
        arcs: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for unit_start, unit_end, least in self.units[bisect_left(self.unit_starts, start) :]:
            if unit_start >= end:
                break
            if unit_end <= end:
                first, last = bisect_left(starts, unit_start), bisect_left(starts, unit_end)
                cost = least + (words[last] - words[first]) // 2
                if first < last and cost < total[last] - total[first]:
                    arcs[last].append((first, cost))
        return dict(arcs)


def _cost(text: str, start: int, token: str) -> int:
    """Return the cost of removing `token`.

    Digits directly after a letter have a low cost, because they may be a footnote number.
    """
    if not token[0].isalnum():
        return MARK_COST
    return MARK_COST if not token[0].isalpha() and text[start - 1 : start].isalpha() else WORD_COST


def _aside_cost(text: str) -> int:
    return WORD_COST if len(text) > len("[...]") else MARK_COST


def _units(side: Survey) -> dict[tuple[int, int], int]:
    """Return the spans that may appear or disappear as a whole, with a cost for each.

    This cost is added to half of the cost of the words. An alternative may disappear alone, or with the separator
    before or after it.
    """
    units = dict.fromkeys(((bracket.start, bracket.end) for bracket, _ in side.tree.walk()), _WHOLE)
    for group in side.groups:
        spans = [(member.start, member.end) for member in group.members] if len(group.members) > 1 else group.spans
        units |= dict.fromkeys(spans, _WHOLE_IN_CHOICE)
        for (start, end), (next_start, next_end) in pairwise(spans):
            units |= {(start, next_start): _WHOLE_IN_CHOICE, (end, next_end): _WHOLE_IN_CHOICE}
    return units


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return `spans` in order, joining those that overlap."""
    outermost: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if outermost and start < outermost[-1][1]:
            outermost[-1] = outermost[-1][0], max(end, outermost[-1][1])
        else:
            outermost.append((start, end))
    return outermost
