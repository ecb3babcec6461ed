"""What of a text is not one member's own, token by token: the text as it would be without that member.

A token is a word, a mark, a head, a run of blanks or another sign. The member's own proposals are taken out with the
blanks that came with them, and with the "/" that makes them alternatives; its name is taken out of heads. A bracket at
which it alone stands otherwise is optional: it may be in one version and not in the other.

    "Each [CAN: soon] acts [BRA propose; CAN oppose: by post] [CAN oppose: there]."
    without CAN: "Each acts [BRA: by post] there.", where the last bracket is optional
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from bracketed_text.alternatives import ALTERNATIVE_GAP, INDEPENDENT_GAP, WIDEST_GAP, inner_alternatives
from bracketed_text.blanks import left_over
from bracketed_text.diagnostics import Code
from bracketed_text.heads import PROPOSE, Head
from bracketed_text.positions import Others, others_at
from bracketed_text.register import Register
from bracketed_text.tree import Bracket, Piece, Tree
from bracketed_text.words import WORD

_HIDDEN = "\0own"
CLOSING = "]"
OPENING = "["
# A word, blanks or another sign.
_TOKEN = re.compile(rf"{WORD.pattern}|\s+|[^\w\s]")


class Seen(NamedTuple):
    """A head as it is `written`, whether the member is `named` there, and what the others say."""

    written: str
    named: bool
    others: Others

    def stays(self, after: "Seen") -> bool:
        """Whether it may become `after`: what others say stays as it is.

        A verb that they left out may come with the member's position, and may go with it.
        """
        if self.written == after.written:
            return True
        if self.named and not after.named:
            return after.others.as_usual and after.others.in_full == self.others.in_full
        kept = after.others.written in (self.others.written, self.others.in_full)
        return kept and after.others.as_usual and after.named


_NOBODY = Seen("", named=False, others=Others("", "", as_usual=True))


class Foreign(NamedTuple):
    """A word, mark, head or run of blanks that is not the member's; `start` and `end` say where in the text.

    An optional one may be in one version and not in the other; `head` is what stands at the head of a bracket.
    """

    token: str
    start: int
    end: int
    optional: bool = False
    mark: bool = False
    head: "Seen | None" = None

    @property
    def blank(self) -> bool:
        """Whether it is a run of blanks."""
        return self.token.isspace()


def foreign(
    tree: Tree,
    code: str,
    own: Collection[int] | None = None,
    *,
    pieces: list[Piece] | None = None,
    divisible: bool = False,
) -> list[Foreign]:
    """Return what remains of the text without the positions and proposals of `code`, token by token.

    `own` are the brackets, by where they begin, that may go; None for a new version, in which they may have come.
    `pieces` are those that count, all by default. Where alternatives inside a bracket are `divisible`, the marks that
    put each in one of its own are there as well, optional, at the slashes (`cuts_of`).
    """
    found = _foreign(tree, code, own, list(tree.pieces()) if pieces is None else pieces, divisible)
    return _without_own(list(found), tree.text)


def cuts_of(tree: Tree, bracket: Bracket) -> list[int]:
    """Return where the slashes stand that part the alternatives inside a bracket."""
    return [end for _, end in inner_alternatives(tree.text, bracket)[:-1]]


def _tokens(text: str, start: int, end: int) -> Iterator[Foreign]:
    for match in _TOKEN.finditer(text, start, end):
        yield Foreign(match[0], match.start(), match.end())


def _foreign(
    tree: Tree, code: str, own: Collection[int] | None, pieces: list[Piece], divisible: bool
) -> Iterator[Foreign]:
    text, shared, others = tree.text, _spoken_to_by_others(tree, code), _Heads(code, tree.register)
    hidden_until = -1  # the end of a bracket that is the member's own
    joined = False  # whether a head stood here that goes with the member, and takes the blank behind it along
    for start, end, role, bracket in pieces:
        if start < hidden_until:
            continue
        behind_own_head, joined = joined, False
        if role in ("text", "label"):
            cuts = cuts_of(tree, bracket) if divisible and bracket is not None else []
            yield from _divisible(text, start + (behind_own_head and text[start] == " "), end, cuts)
        elif role == "aside" or bracket is None:
            yield Foreign(text[start:end], start, end)
        elif role == "head":
            joined = _goes_with(bracket.head, code)  # behind a paragraph number: its mark stood for it
        elif role == "close":
            yield Foreign(CLOSING, start, end, _may_come_and_go(bracket, code, own), True)
        elif bracket.head.names(PROPOSE) == {code} == _everybody(bracket.head) and id(bracket) not in shared:
            yield Foreign(_HIDDEN, start, end)
            hidden_until = bracket.end
        else:
            optional = _may_come_and_go(bracket, code, own)
            yield Foreign(others.token(bracket), start, end, optional, True, others.seen(text, bracket))
            joined = end == bracket.body and _goes_with(bracket.head, code)


def _divisible(text: str, start: int, end: int, cuts: list[int]) -> Iterator[Foreign]:
    """Yield the words of a stretch; at each cut, "a/b" may have become "a] / [b", with any blanks around the slash."""
    behind_a_slash = False
    for cut in cuts:
        yield from _edged(text, start, cut, at_start=behind_a_slash, at_end=True)
        yield Foreign(CLOSING, cut, cut, optional=True)
        yield Foreign(" ", cut, cut, optional=True)
        yield Foreign("/", cut, cut + 1)
        yield Foreign(" ", cut, cut, optional=True)
        yield Foreign(OPENING, cut, cut, optional=True, head=_NOBODY)
        start, behind_a_slash = cut + 1, True
    yield from _edged(text, start, end, at_start=behind_a_slash, at_end=False)


def _edged(text: str, start: int, end: int, *, at_start: bool, at_end: bool) -> Iterator[Foreign]:
    """Yield the tokens of a stretch; the blanks at an edge where a slash stands may be or not be."""
    for token in _tokens(text, start, end):
        at_edge = (at_start and token.start == start) or (at_end and token.end == end)
        yield token._replace(optional=True) if at_edge and token.blank else token


class _Heads:
    """What the others say at heads; the same heads stand in a text again and again, and each is read once."""

    def __init__(self, code: str, register: Register) -> None:
        self.code = code
        self.register = register
        self.known: dict[str, Seen] = {}

    def token(self, bracket: Bracket) -> str:
        """Return the mark, and what has to stay beside the positions: names that nobody knows, and a proposal.

        That somebody proposed the words is kept although it was the member: without it, "[BRA oppose: …]" would turn
        an addition into base text.
        """
        unknown = sorted(_everybody(bracket.head) - bracket.head.names())
        return " ".join([OPENING, *(["proposed"] if bracket.head.names(PROPOSE) else []), *unknown])

    def seen(self, text: str, bracket: Bracket) -> Seen:
        """Return the head of `bracket`."""
        written = text[bracket.lead : bracket.body] if bracket.head.length else ""
        if written not in self.known:
            others = others_at(written, bracket.head, self.code, self.register)
            self.known[written] = Seen(written, self.code in bracket.head.names(), others)
        return self.known[written]


def _goes_with(head: Head, code: str) -> bool:
    """Whether there is no head without the member."""
    return _everybody(head) == {code} and not head.names(PROPOSE)


def _may_come_and_go(bracket: Bracket, code: str, own: Collection[int] | None) -> bool:
    """Whether the member alone speaks at the bracket, to words that it did not propose, and may take it away."""
    return _goes_with(bracket.head, code) and (own is None or bracket.start in own)


def _everybody(head: Head) -> frozenset[str]:
    """Return who is named at the head, also those who are nobody in the register: they are not the member."""
    return head.names() | frozenset(name for problem, name in head.problems if problem is Code.UNKNOWN_NAME)


def _spoken_to_by_others(tree: Tree, code: str) -> set[int]:
    """Return the brackets (by identity) at which, or within which, somebody else than `code` is named. Linear."""
    walked = [bracket for bracket, _ in tree.walk()]
    found: set[int] = set()
    for bracket in reversed(walked):  # children come before their parents
        if _everybody(bracket.head) - {code} or any(id(child) in found for child in bracket.children):
            found.add(id(bracket))
    return found


def _without_own(tokens: list[Foreign], text: str) -> list[Foreign]:
    """Return `tokens` without the own brackets, and without the separators and blanks that are there for their sake.

    Behind another bracket an own one takes the separator before it along; where it is the first, the one behind it.
    """
    found: list[Foreign] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.token != _HIDDEN:
            found.append(token)
            continue
        gap, ahead = _trailing(found), _leading(tokens, at)
        if gap and len(gap) < len(found) and _closes(found[-len(gap) - 1]):
            del found[-len(gap) :]
        elif ahead and at + len(ahead) < len(tokens) and _opens(tokens[at + len(ahead)]):
            at += len(ahead)
        else:
            at = _joined(found, tokens, at, text)
    return found


def _trailing(found: list[Foreign]) -> list[Foreign]:
    """Return the tokens at the end of `found` that are a separator of alternatives with its blanks, or nothing."""
    return _separator(found[-3:], -1)


def _leading(tokens: list[Foreign], at: int) -> list[Foreign]:
    """Return the tokens from `at` on that are a separator of alternatives with its blanks, or nothing."""
    return _separator(tokens[at : at + 3], 1)


def _separator(near: list[Foreign], step: int) -> list[Foreign]:
    gap: list[Foreign] = []
    separators = 0
    for token in near[::step]:
        separators += not token.blank
        if token.mark or token.token == _HIDDEN or separators > 1:
            break
        gap.append(token)
    gap = gap[::step]
    written = "".join(token.token for token in gap)
    if not separators or len(written) > WIDEST_GAP:
        return []
    return gap if ALTERNATIVE_GAP.fullmatch(written) or INDEPENDENT_GAP.fullmatch(written) else []


def _joined(found: list[Foreign], tokens: list[Foreign], at: int, text: str) -> int:
    """Put into `found` the blanks that are left of those around an own bracket; return where to go on."""
    start = end = tokens[at - 1].start
    left = right = ""
    while found and found[-1].blank and not found[-1].optional:
        start = found[-1].start
        left = found.pop().token + left
    while at < len(tokens) and tokens[at].blank and not tokens[at].optional:
        right += tokens[at].token
        end = tokens[at].end
        at += 1
    before = _last_sign(found[-1], text) if found else ""
    after = _first_sign(tokens[at]) if at < len(tokens) else ""
    blanks = left_over(before, left, right, after)
    if blanks:
        found.append(Foreign(blanks, start, end))
    return at


def _last_sign(token: Foreign, text: str) -> str:
    if token.mark and token.token.startswith(OPENING):
        # A head that goes with the member has taken the blank behind it along.
        return OPENING if token.optional or token.token == OPENING else text[token.end - 1]
    return token.token[-1]


def _first_sign(token: Foreign) -> str:
    return OPENING if token.token == _HIDDEN else token.token[0]


def _opens(token: Foreign) -> bool:
    return token.token == _HIDDEN or (token.token.startswith(OPENING) and token.mark and not token.optional)


def _closes(token: Foreign) -> bool:
    return token.mark and not token.optional and token.token == CLOSING
