"""What of a text is not one member's own: the part that the member may not change.

A member may take, change and withdraw its positions, put words in brackets under its name and reword a
bracket that it alone proposes. So, seen without the member, the text stays the same:

- a bracket that it alone proposes disappears with its words, unless others have spoken to words in it;
- the "/" or "or" that makes such a bracket an alternative to its neighbour disappears with it, and so does the line
  on which it stands alone;
- brackets at which it alone takes another position may come anywhere; only those may go that it put there itself,
  for in another one the words were contested before, and still are when the last name is gone;
- beside others, only its name disappears from the head, which otherwise stays as it is written;
- what others' brackets are to each other (alternatives, a run, options) stays, and base text becomes no alternative.

Words, marks, the ends of lines, blank lines and indentation count; other white space does not.
"""

import re
from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import NamedTuple

from issues.brackets.alternatives import CHOICES, Group, Relation, groups
from issues.brackets.diagnostics import Code
from issues.brackets.heads import PROPOSE, Head
from issues.brackets.tree import Bracket, Piece, Tree
from issues.brackets.words import WORD

_HIDDEN = "\0own"
_SEPARATORS = frozenset({"/", "or", "{and/or}"})
# A word, an end of line with the blank lines and the indentation that follow it, or another sign.
# Runs of blanks whole, and what is no token among them left out later: to look for a line's end from each blank of a
# long run would take minutes.
_TOKEN = re.compile(rf"{WORD.pattern}|\s+|[^\w\s]")


class Foreign(NamedTuple):
    """A word, mark or head that is not the member's; `start` and `end` say where in the text.

    An optional one may be in one version and not in the other; `written` is a head in which the member is not named.
    """

    token: str
    start: int
    end: int
    optional: bool = False
    mark: bool = False
    written: str = ""


class Trespass(NamedTuple):
    """The first place where what is not the member's own differs; a side is None where nothing stands there.

    With `regroups`, the words are the same, but what brackets are to each other is not.
    """

    before: Foreign | None
    after: Foreign | None
    regroups: bool = False


def foreign(tree: Tree, code: str, own: Collection[int] | None = None) -> list[Foreign]:
    """Return what remains of the text without the positions and proposals of `code`, token by token.

    `own` are the brackets, by where they begin, that may go; None for a new version, in which they may have come.
    """
    return _without_own(list(_foreign(tree, code, own, list(tree.pieces()))))


def first_trespass(old: Tree, new: Tree, code: str, own: Collection[int] = ()) -> Trespass | None:
    """Return the first place where `new` changes what is not `code`'s own, or None.

    `own` are the brackets of `old`, by where they begin, that the member itself put around words.
    """
    was, now = list(old.pieces()), list(new.pieces())
    first, last = _untouched(old, was, new, now)
    before = _without_own(list(_foreign(old, code, own, was[first : len(was) - last])))
    after = _without_own(list(_foreign(new, code, None, now[first : len(now) - last])))
    pairs, one, other = _matched(before, after)
    if one < len(before) or other < len(after):
        removed = before[one] if one < len(before) else None
        return Trespass(removed, after[other] if other < len(after) else None)
    same = {before[at].start: after[to].start for at, to in pairs}
    alike = [*zip(was[:first], now, strict=False), *zip(was[len(was) - last :], now[len(now) - last :], strict=True)]
    same |= {piece.start: twin.start for piece, twin in alike if piece.role in ("open", "label")}
    at = _regrouped(old, new, same, {token.start for token in after if token.optional})
    return None if at is None else Trespass(None, Foreign("[", at, at + 1, mark=True), regroups=True)


# Base text with so many words keeps what is to its left and right apart.
_ENOUGH = re.compile(r"(?:\w+\W+){3}")


def _untouched(old: Tree, was: list[Piece], new: Tree, now: list[Piece]) -> tuple[int, int]:
    """Return with how many pieces both texts begin and end alike, outside all brackets at both cuts."""

    def alike(one: Piece, other: Piece) -> bool:
        if one.role != other.role or old.text[one.start : one.end] != new.text[other.start : other.end]:
            return False
        return one.bracket is other.bracket or (
            one.bracket is not None and other.bracket is not None and one.bracket.head == other.bracket.head
        )

    def cut(pairs: list[tuple[Piece, Piece]]) -> int:
        for at in range(len(pairs) - 1, 0, -1):
            piece = pairs[at][0]
            if piece.bracket is None and piece.role == "text" and _ENOUGH.search(old.text, piece.start, piece.end):
                return at
        return 0

    first = cut(list(takewhile(lambda pair: alike(*pair), zip(was, now, strict=False))))
    behind = zip(reversed(was[first:]), reversed(now[first:]), strict=False)
    return first, cut(list(takewhile(lambda pair: alike(*pair), behind)))


# Where optional tokens leave a choice, as many tries for each token as there are; a text beyond that is refused.
_TRIES = 20


def _matched(before: list[Foreign], after: list[Foreign]) -> tuple[list[tuple[int, int]], int, int]:
    """Return which tokens match, and how far both lists do; optional tokens may be left out on either side."""
    first = _shared(before, after)
    last = _shared(before[first:][::-1], after[first:][::-1])
    end, until = len(before) - last, len(after) - last
    best = (first, first)
    parents: dict[tuple[int, int], tuple[int, int] | None] = {best: None}
    waiting = [best]
    tries = _TRIES * (end + until + 1)
    while waiting and tries:
        tries -= 1
        at = waiting.pop()
        best = max(best, at)
        if at == (end, until):
            break
        for step in _steps(before, after, *at, end, until):
            if step not in parents:
                parents[step] = at
                waiting.append(step)
    pairs = [(place, place) for place in range(first)]
    reached: tuple[int, int] | None = best
    while reached is not None and (parent := parents[reached]) is not None:
        if reached[0] > parent[0] and reached[1] > parent[1]:
            pairs.append(parent)
        reached = parent
    if best != (end, until):
        return pairs, *best
    return [*pairs, *((end + one, until + one) for one in range(last))], len(before), len(after)


def _shared(before: list[Foreign], after: list[Foreign]) -> int:
    """Return how many tokens both lists begin with that have to match, whatever follows."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: not (pair[0].optional or pair[1].optional) and _same(*pair), pairs))


def _steps(
    before: list[Foreign], after: list[Foreign], one: int, other: int, end: int, until: int
) -> Iterator[tuple[int, int]]:
    """Yield how one may go on; what matches last, for it is tried first."""
    if one < end and before[one].optional:
        yield one + 1, other
    if other < until and after[other].optional:
        yield one, other + 1
    if one < end and other < until and _same(before[one], after[other]):
        yield one + 1, other + 1


def _same(one: Foreign, other: Foreign) -> bool:
    if one.token != other.token:
        return False
    return one.written == other.written or not (one.written and other.written)


def _regrouped(old: Tree, new: Tree, same: dict[int, int], optional: set[int]) -> int | None:
    """Return where brackets begin that are something else to each other than before, or None.

    `same` says where each bracket and each labelled option that both versions have begins, before and after.
    """
    kept = set(same.values())
    before, after = _bonds(groups(old), same), _bonds(groups(new), {at: at for at in kept})
    changed = [members for members in (*after, *before) if before.get(members) is not after.get(members)]
    if changed:
        return min(changed[0])
    for group in groups(new):
        members = {bracket.start for bracket in group.brackets}
        if group.relation in CHOICES and members & kept and members & optional - kept:
            return min(members & optional - kept)
    return None


def _bonds(found: list[Group], same: dict[int, int]) -> dict[tuple[int, ...], Relation]:
    """Return what those brackets, or options, are to each other that both versions have, where somebody has said so."""
    bonds: dict[tuple[int, ...], Relation] = {}
    for group in found:
        if group.relation in (Relation.RUN, Relation.MIRROR):
            continue
        starts = [block.start for block in group.blocks] or [bracket.start for bracket in group.brackets]
        members = tuple(same[start] for start in starts if start in same)
        if len(members) > 1 or (members and group.relation is Relation.INSIDE):
            bonds[members] = group.relation
    return bonds


def _tokens(text: str, start: int, end: int) -> Iterator[Foreign]:
    """Yield the words, marks and line ends of a stretch of text; other blanks are nobody's."""
    for match in _TOKEN.finditer(text, start, end):
        token = match[0]
        if "\n" in token:
            yield Foreign(_line_end(token), match.start(), match.end())
        elif not token.isspace():
            yield Foreign(token, match.start(), match.end())


def _foreign(tree: Tree, code: str, own: Collection[int] | None, pieces: list[Piece]) -> Iterator[Foreign]:
    text, shared = tree.text, _spoken_to_by_others(tree, code)
    hidden_until = -1  # the end of a bracket that is the member's own
    for start, end, role, bracket in pieces:
        if start < hidden_until:
            continue
        if role in ("text", "label"):
            yield from _tokens(text, start, end)
        elif role == "aside" or bracket is None:
            yield Foreign(text[start:end], start, end)
        elif role == "head":
            continue  # behind a paragraph number: its mark stood for it
        elif role == "close":
            yield Foreign("]", start, end, _may_come_and_go(bracket, code, own), True)
        elif bracket.head.names(PROPOSE) == {code} == _everybody(bracket.head) and id(bracket) not in shared:
            yield Foreign(_HIDDEN, start, end)
            hidden_until = bracket.end
        else:
            written = "" if code in bracket.head.names() else text[bracket.lead : bracket.body]
            optional = _may_come_and_go(bracket, code, own)
            yield Foreign(_head_without(bracket.head, code), start, end, optional, True, written)


def _line_end(blanks: str) -> str:
    """Return an end of line, or of a paragraph, with the indentation behind it."""
    return ("\n\n" if blanks.count("\n") > 1 else "\n") + blanks[blanks.rindex("\n") + 1 :]


def _spoken_to_by_others(tree: Tree, code: str) -> set[int]:
    """Return the brackets (by identity) at which, or within which, somebody else than `code` is named. Linear."""
    walked = [bracket for bracket, _ in tree.walk()]
    found: set[int] = set()
    for bracket in reversed(walked):  # children come before their parents
        if _everybody(bracket.head) - {code} or any(id(child) in found for child in bracket.children):
            found.add(id(bracket))
    return found


def _without_own(tokens: list[Foreign]) -> list[Foreign]:
    """Return `tokens` without the own brackets, and without the separators and lines that are there for their sake.

    Between two separators an own bracket takes one of them along; beside another bracket, the one that joins both.
    """
    found: list[Foreign] = []
    hidden = False  # whether an own bracket stood behind the last of `found`
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        if token.token != _HIDDEN:
            if token.token[0] == "\n" and (not found or (hidden and found[-1].token[0] == "\n")):
                # The own bracket had the line to itself: both its ends are one.
                if found:
                    found[-1] = _longer(found[-1], token)
            else:
                found.append(token)
            hidden = False
            continue
        separated_before = bool(found) and found[-1].token in _SEPARATORS
        separated_after = at + 1 < len(tokens) and tokens[at + 1].token in _SEPARATORS
        if separated_after and (separated_before or (at + 2 < len(tokens) and _opens(tokens[at + 2]))):
            skip = True
        elif separated_before and len(found) > 1 and _closes(found[-2]):
            found.pop()
        hidden = True
    while found and found[-1].token[0] == "\n":
        found.pop()
    return found


def _longer(one: Foreign, other: Foreign) -> Foreign:
    """Return one end of line for two: a paragraph's where either was, with the indentation of what follows."""
    ends = "\n\n" if "\n\n" in (one.token[:2], other.token[:2]) else "\n"
    return one._replace(token=ends + other.token.lstrip("\n"))


def _opens(token: Foreign) -> bool:
    return token.token == _HIDDEN or (token.token.startswith("[") and token.mark and not token.optional)


def _closes(token: Foreign) -> bool:
    return token.mark and not token.optional and token.token.endswith("]")


def _may_come_and_go(bracket: Bracket, code: str, own: Collection[int] | None) -> bool:
    """Whether the member alone speaks at the bracket, to words that it did not propose, and may take it away."""
    alone = _everybody(bracket.head) == {code} and not bracket.head.names(PROPOSE)
    return alone and (own is None or bracket.start in own)


def _everybody(head: Head) -> frozenset[str]:
    """Return who is named at the head, also those who are nobody in the register: they are not the member."""
    return head.names() | frozenset(name for problem, name in head.problems if problem is Code.UNKNOWN_NAME)


def _head_without(head: Head, code: str) -> str:
    """Return the head as the others left it.

    That somebody proposed the words is kept although it was `code`: without it, "[BRA oppose: …]" would turn
    an addition into base text.
    """
    others = [f"{claim.stance} {name}" for claim in head.claims for name in claim.names if name != code]
    others += sorted(_everybody(head) - head.names())
    return "[" + ("proposed; " if head.names(PROPOSE) else "") + ", ".join(sorted(others))


def innermost(tree: Tree, offset: int) -> Bracket | None:
    """Return the innermost negotiation bracket around `offset`, if any."""
    found = None
    for bracket, _ in tree.walk():
        if bracket.start <= offset < bracket.end:
            found = bracket
        elif bracket.start > offset:
            break
    return found
