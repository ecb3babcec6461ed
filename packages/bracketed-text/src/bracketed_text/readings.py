"""Derive a reading: the text that one member, or several members together, would prefer.

A reading keeps the text of a bracket that the members propose or support, without the marks, and omits the text of a
bracket that they oppose. If the members do neither, they are silent, and the caller chooses the effect of silence. The
rules are:

- A member's own position overrides the position of a grouping to which it belongs.
- If some of the members want the text and others oppose it, the bracket is shown as written.
- In a choice, the alternatives that the members want survive. If they want none, those that they do not oppose survive.
  If several wanted alternatives survive, they are shown as written. If several survive only because none of the members
  opposes them, the rule for silence is applied once to the whole choice.
- If a bracket is dropped, everything inside it is dropped. A reading never contains notes, but it contains
  placeholders, footnote marks and links.

    >>> from bracketed_text import Name, Register, Silence, parse, read
    >>> register = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])
    >>> tree = parse("Each [CAN: shall] / [BRA: may] act [BRA: in time].", register)
    >>> read(tree, ["CAN"], Silence.DROP).text
    'Each shall act.'
    >>> read(tree, ["CAN"], Silence.SHOW).text
    'Each shall act [BRA: in time].'
"""

import itertools
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from bracketed_text.alternatives import CHOICES, Group, Relation, groups, head_of
from bracketed_text.heads import AGAINST, FOR, Head
from bracketed_text.joins import Join, Joiner
from bracketed_text.labels import says_no_text
from bracketed_text.tree import Block, Bracket, Kind, Tree


class Silence(Enum):
    """The effect of silence on a bracket on which none of the members takes a side."""

    KEEP = "keep"
    DROP = "drop"
    SHOW = "show"  # show the text in its bracket
    BASE = "base"  # keep text that is only opposed, which is base text, and drop all other text


class _Verdict(Enum):
    IN = "in"
    OUT = "out"
    SILENT = "silent"
    DIVIDED = "divided"


class Reading(NamedTuple):
    """A derived text, and figures on how it was derived.

    kept, dropped   numbers of brackets and options decided by a position, or because only one alternative survives
    silent          number of decisions taken by silence
    divided         number of brackets shown because the members of the set disagree
    joins           places at which the text around an omission was repaired
    """

    text: str
    kept: int
    dropped: int
    silent: int
    divided: int
    joins: tuple[Join, ...]


def read(tree: Tree, members: Iterable[str] = (), silence: Silence = Silence.SHOW) -> Reading:
    """Return the text that `members`, given by their codes, would together prefer.

    If there are no members, the effect of silence applies to every bracket. In this case, `Silence.KEEP` keeps the text
    inside all brackets, and `Silence.DROP` keeps only the text outside brackets. `Silence.BASE` keeps only the base
    text, which includes text that is opposed but not proposed.
    """
    decisions = _Decisions(tree, frozenset(members), silence)
    decisions.decide()
    joiner = Joiner()
    hidden = _united(decisions.hidden)
    starts = [start for start, _ in hidden]
    for start, end, role, bracket in tree.pieces():
        shown = role in ("text", "label") or (role == "aside" and bracket is not None and bracket.kind is not Kind.NOTE)
        if role in ("open", "head", "close") and bracket is not None:
            shown = bracket.start in decisions.shown
        if not shown:
            joiner.seam()
            continue
        for first, last in _visible(start, end, hidden, starts):
            if last < 0:
                joiner.seam()
            else:
                joiner.add(tree.text[first:last])
    counted = [verdict for offset, verdict in decisions.taken if not _within(offset, hidden, starts)]
    return Reading(
        joiner.text(),
        counted.count(_Verdict.IN),
        counted.count(_Verdict.OUT),
        counted.count(_Verdict.SILENT),
        counted.count(_Verdict.DIVIDED),
        tuple(joiner.joins),
    )


class _Decisions:
    """The decision on each bracket and option.

    The brackets and options in `shown` keep their marks. The spans in `hidden` are omitted.
    """

    def __init__(self, tree: Tree, members: frozenset[str], silence: Silence) -> None:
        self.tree = tree
        self.members = members
        self.silence = silence
        self.shown: set[int] = set()
        self.hidden: list[tuple[int, int]] = []
        self.taken: list[tuple[int, _Verdict]] = []
        self._verdicts: dict[Head, _Verdict] = {}

    def decide(self) -> None:
        in_a_choice: set[int] = set()
        for group in groups(self.tree):
            if group.relation is Relation.INSIDE:
                self._alone(group.brackets[0])
                in_a_choice.add(group.brackets[0].start)
            elif group.relation in CHOICES:
                self._choice(group)
                in_a_choice |= {bracket.start for bracket in group.brackets}
        for bracket, _ in self.tree.walk():
            if bracket.start not in in_a_choice:
                self._alone(bracket)
            self._hide_blanks(bracket)

    def _verdict(self, head: Head) -> _Verdict:
        verdict = self._verdicts.get(head)
        if verdict is None:
            sides = {side for member in self.members for side in self._sides(head, member)}
            verdict = _Verdict.DIVIDED if len(sides) == 2 else next(iter(sides), _Verdict.SILENT)
            self._verdicts[head] = verdict
        return verdict

    def _sides(self, head: Head, member: str) -> Collection[_Verdict]:
        """Return the sides that `member` takes or, if it takes no position of its own, the sides of its groupings."""
        own = [claim.stance for claim in head.claims if member in claim.names]
        stances = own or [
            claim.stance
            for claim in head.claims
            if any(member in self.tree.register.members_of(name) for name in claim.names)
        ]
        sides = {_Verdict.IN for stance in stances if stance in FOR}
        return sides | {_Verdict.OUT for stance in stances if stance in AGAINST}

    def _alone(self, bracket: Bracket) -> None:
        verdict = self._verdict(bracket.head)
        self.taken.append((bracket.start, verdict))
        silence_drops = self.silence is Silence.DROP or (self.silence is Silence.BASE and not _base_text(bracket.head))
        drops = verdict is _Verdict.OUT or (verdict is _Verdict.SILENT and silence_drops)
        if drops:
            self.hidden.append((bracket.start, bracket.end))
        elif verdict is _Verdict.DIVIDED or (verdict is _Verdict.SILENT and self.silence is Silence.SHOW):
            self.shown.add(bracket.start)

    def _choice(self, group: Group) -> None:
        """Decide which alternatives survive. Several alternatives survive only if the choice is undecided."""
        members: Sequence[Bracket | Block] = group.brackets or group.blocks
        verdicts = [self._verdict(head_of(self.tree, member)) for member in members]
        is_wanted = [verdict in (_Verdict.IN, _Verdict.DIVIDED) for verdict in verdicts]
        if any(is_wanted):
            survives = is_wanted
            undecided = _Verdict.DIVIDED if sum(is_wanted) > 1 or _Verdict.DIVIDED in verdicts else None
        else:
            survives = [verdict is not _Verdict.OUT for verdict in verdicts]
            undecided = _Verdict.SILENT if sum(survives) > 1 else None
        if undecided is _Verdict.SILENT and self.silence is Silence.DROP:
            survives = [False] * len(members)
        elif undecided is _Verdict.SILENT and self.silence is Silence.BASE:
            survives = [_base_text(head_of(self.tree, member)) for member in members]
        if undecided:
            self.taken.append((members[0].start, undecided))
        shown = undecided is _Verdict.DIVIDED or (undecided is _Verdict.SILENT and self.silence is Silence.SHOW)
        for member, verdict, stays in zip(members, verdicts, survives, strict=True):
            if not stays:
                self.hidden.append((member.start, member.end))
                if undecided is not _Verdict.SILENT or verdict is _Verdict.OUT:
                    self.taken.append((member.start, _Verdict.OUT))
            elif shown:
                self.shown.add(member.start)
            elif undecided is None:
                self.taken.append((member.start, _Verdict.IN))
                self._hide_label(member)
        self._hide_separators(group.brackets, survives)

    def _hide_label(self, member: Bracket | Block) -> None:
        if isinstance(member, Block):
            self.hidden.append((member.start, member.body))
        else:
            self.hidden += [label for label in self.tree.labels if label[0] == member.body]

    def _hide_separators(self, brackets: Sequence[Bracket], survives: list[bool]) -> None:
        """Hide the separator of two alternatives unless an alternative survives on each side."""
        before_survives = False
        for (before, after), stays, next_stays in zip(
            itertools.pairwise(brackets), survives, survives[1:], strict=False
        ):
            before_survives |= stays
            if not (before_survives and next_stays):
                self.hidden.append((before.end, after.start))

    def _hide_blanks(self, bracket: Bracket) -> None:
        """Hide the blank after a hidden head, and the words "no text" in an empty option."""
        if bracket.start in self.shown:
            return
        text = self.tree.text
        if bracket.head.claims and text[bracket.body : bracket.body + 1] == " " and bracket.body < bracket.close:
            self.hidden.append((bracket.body, bracket.body + 1))
        if says_no_text(text, bracket.body, bracket.close):
            self.hidden.append((bracket.body, bracket.close))


def _base_text(head: Head) -> bool:
    """Return whether the text is base text. This is the case if it is opposed and no member proposes or supports it."""
    return bool(head.names(*AGAINST)) and not head.names(*FOR)


def _united(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return `spans` in order, joining those that overlap."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif start < end:
            result.append((start, end))
    return result


def _visible(start: int, end: int, hidden: list[tuple[int, int]], starts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the visible spans between `start` and `end`, and the pair (offset, -1) for each hidden span."""
    at = max(0, bisect_right(starts, start) - 1)
    while at < len(hidden) and start < end:
        first, last = hidden[at]
        if last <= start:
            at += 1
            continue
        if first >= end:
            break
        if start < first:
            yield start, first
        yield first, -1
        start = last
        at += 1
    if start < end:
        yield start, end


def _within(offset: int, hidden: list[tuple[int, int]], starts: list[int]) -> bool:
    """Return whether `offset` is inside a hidden span but not at its start."""
    at = bisect_right(starts, offset) - 1
    return at >= 0 and hidden[at][0] < offset < hidden[at][1]
