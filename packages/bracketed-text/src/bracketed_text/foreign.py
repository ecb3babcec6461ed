"""Reduce a text to the tokens that do not belong to one member, as if that member had taken no part.

A token is a word, a mark, a head, a run of blanks or another sign. The member's proposals are removed, together with
the blanks inserted with them and the "/" that makes them alternatives. The member's name is removed from heads. A
bracket on which only this member takes a position, other than as a proponent, is optional: it may occur in one version
only.

    text           "Each [CAN: soon] acts [BRA propose; CAN oppose: by post] [CAN oppose: there]."
    without CAN    "Each acts [BRA: by post] there.", where the bracket around "there" is optional
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from bracketed_text.alternatives import ALTERNATIVE_GAP, INDEPENDENT_GAP, WIDEST_GAP, inner_alternatives
from bracketed_text.blanks import left_over
from bracketed_text.diagnostics import Code
from bracketed_text.heads import PROPOSE, SUPPORT, Head
from bracketed_text.positions import Others, others_at
from bracketed_text.register import Register
from bracketed_text.tree import Bracket, Piece, Tree
from bracketed_text.words import WORD

_HIDDEN = "\0own"
CLOSING = "]"
OPENING = "["
# A word, blanks, or another sign.
_TOKEN = re.compile(rf"{WORD.pattern}|\s+|[^\w\s]")


class Seen(NamedTuple):
    """A head without the member: `written` contains the positions of the other members.

    `named` is true if the head names the member.
    """

    written: str
    named: bool
    others: Others

    def stays(self, after: "Seen") -> bool:
        """Return whether the head may become `after`. The positions of the other members must remain unchanged.

        If the other members' clauses have no verb, a verb may appear and disappear together with the member's position.
        """
        if self.written == after.written:
            return True
        if self.named and not after.named:
            return after.others.as_usual and after.others.in_full == self.others.in_full
        kept = after.others.written in (self.others.written, self.others.in_full)
        return kept and after.others.as_usual and after.named


_NOBODY = Seen("", named=False, others=Others("", "", as_usual=True))


class Foreign(NamedTuple):
    """A word, mark, head or run of blanks, `text[start:end]`, that does not belong to the member.

    An optional token may occur in one version only. `head` is set for the opening mark of a bracket.
    """

    token: str
    start: int
    end: int
    optional: bool = False
    mark: bool = False
    head: "Seen | None" = None

    @property
    def blank(self) -> bool:
        """Whether the token is a run of blanks."""
        return self.token.isspace()


def foreign(
    tree: Tree,
    code: str,
    own: Collection[int] | None = None,
    *,
    pieces: list[Piece] | None = None,
    divisible: bool = False,
    withdrawn: Collection[int] = (),
) -> list[Foreign]:
    """Return the tokens of the text without the positions and proposals of `code`.

    `own` contains the starts of the brackets that may disappear. It is None for a new version, in which brackets may
    have appeared. `pieces` contains the pieces to read, which are all pieces by default. If `divisible` is true, the
    result includes the marks that would put each alternative inside a bracket into a separate bracket, as optional
    tokens at the slashes (`cuts_of`). `withdrawn` contains the starts of brackets that are left out like the member's
    own proposals (`withdrawable`).
    """
    pieces = list(tree.pieces()) if pieces is None else pieces
    result = _foreign(tree, code, own, pieces, divisible, withdrawn)
    return _without_own(list(result), tree.text)


def withdrawable(tree: Tree, code: str) -> list[Bracket]:
    """Return the brackets that `code` alone proposes and that the other members named at the head do not want.

    If `code` were removed, nobody would propose or support the words. No other member may take a position inside such a
    bracket.
    """
    shared = _brackets_naming_others(tree, code, within=True)
    return [
        bracket
        for bracket, _depth in tree.walk()
        if id(bracket) not in shared
        and bracket.head.names(PROPOSE) == {code} != bracket.head.names()
        and not bracket.head.names(SUPPORT)
        and _everybody(bracket.head) == bracket.head.names()
    ]


def own_proposals(tree: Tree, code: str) -> list[str]:
    """Return the brackets, as written, that only `code` proposes and in which no other member takes a position."""
    shared = _brackets_naming_others(tree, code)
    pieces = [piece for piece in tree.pieces() if _is_own_proposal(piece, code, shared)]
    return [tree.text[piece.start : piece.bracket.end] for piece in pieces if piece.bracket is not None]


def cuts_of(text: str, bracket: Bracket) -> list[int]:
    """Return the offsets of the slashes between the alternatives inside a bracket."""
    return [end for _, end in inner_alternatives(text, bracket)[:-1]]


def _tokens(text: str, start: int, end: int) -> Iterator[Foreign]:
    for match in _TOKEN.finditer(text, start, end):
        yield Foreign(match[0], match.start(), match.end())


def _foreign(
    tree: Tree,
    code: str,
    own: Collection[int] | None,
    pieces: list[Piece],
    divisible: bool,
    withdrawn: Collection[int],
) -> Iterator[Foreign]:
    """Yield the tokens of the text. A single token, `_HIDDEN`, stands for each bracket that belongs to the member."""
    reader = _PieceReader(tree.text, code, own, _Heads(code, tree.register), divisible)
    shared = _brackets_naming_others(tree, code)
    hidden_until = -1
    previous: Piece | None = None
    for piece in pieces:
        if piece.start < hidden_until:
            continue
        is_withdrawn = piece.role == "open" and piece.bracket is not None and piece.bracket.start in withdrawn
        if is_withdrawn or _is_own_proposal(piece, code, shared):
            yield Foreign(_HIDDEN, piece.start, piece.end)
            hidden_until, previous = piece.bracket.end if piece.bracket else piece.end, None
        else:
            yield from _READERS[piece.role](reader, piece, previous)
            previous = piece


def _is_own_proposal(piece: Piece, code: str, shared: set[int]) -> bool:
    """Return whether the piece opens a bracket that belongs to the member.

    Only the member proposes such a bracket, and no other member takes a position inside it.
    """
    bracket = piece.bracket
    if piece.role != "open" or bracket is None or id(bracket) in shared:
        return False
    return bracket.head.names(PROPOSE) == {code} == _everybody(bracket.head)


class _PieceReader(NamedTuple):
    """A reader that turns one piece of a text at a time into tokens, without the positions of `code`."""

    text: str
    code: str
    own: Collection[int] | None
    heads: "_Heads"
    divisible: bool

    def words(self, piece: Piece, previous: Piece | None) -> Iterator[Foreign]:
        """Yield the words of a piece. The blank after a head that disappears with the member is left out."""
        start, end, _, bracket = piece
        start += self._ends_own_head(previous) and self.text[start] == " "
        cuts = cuts_of(self.text, bracket) if self.divisible and bracket is not None else []
        yield from _divisible(self.text, start, end, cuts)

    def aside(self, piece: Piece, previous: Piece | None) -> Iterator[Foreign]:
        """Yield a whole bracket that is not a negotiation bracket."""
        yield Foreign(self.text[piece.start : piece.end], piece.start, piece.end)

    def opening(self, piece: Piece, previous: Piece | None) -> Iterator[Foreign]:
        """Yield the opening mark together with the head, without the member."""
        bracket = piece.bracket
        assert bracket is not None
        optional = _may_come_and_go(bracket, self.code, self.own)
        head = self.heads.seen(self.text, bracket)
        yield Foreign(self.heads.token(bracket), piece.start, piece.end, optional, True, head)

    def head(self, piece: Piece, previous: Piece | None) -> Iterator[Foreign]:
        """Yield nothing, because the head was read together with the mark before the paragraph number."""
        return iter(())

    def closing(self, piece: Piece, previous: Piece | None) -> Iterator[Foreign]:
        """Yield the closing mark."""
        assert piece.bracket is not None
        yield Foreign(CLOSING, piece.start, piece.end, _may_come_and_go(piece.bracket, self.code, self.own), True)

    def _ends_own_head(self, piece: Piece | None) -> bool:
        """Return whether the piece ends with a head that disappears with the member."""
        if piece is None or piece.bracket is None or piece.role not in ("open", "head"):
            return False
        return piece.end == piece.bracket.body and _goes_with(piece.bracket.head, self.code)


# The method that reads the pieces of each role.
_READERS = {
    "text": _PieceReader.words,
    "label": _PieceReader.words,
    "aside": _PieceReader.aside,
    "open": _PieceReader.opening,
    "head": _PieceReader.head,
    "close": _PieceReader.closing,
}


def _divisible(text: str, start: int, end: int, cuts: list[int]) -> Iterator[Foreign]:
    """Yield the tokens of a stretch. At each cut, optional tokens allow "a/b" to become "a] / [b"."""
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
    """Yield the tokens of a stretch. The blanks next to a slash are optional."""
    for token in _tokens(text, start, end):
        at_edge = (at_start and token.start == start) or (at_end and token.end == end)
        yield token._replace(optional=True) if at_edge and token.blank else token


class _Heads:
    """The other members' positions in heads. Each distinct head is read only once."""

    def __init__(self, code: str, register: Register) -> None:
        self.code = code
        self.register = register
        self.known: dict[str, Seen] = {}

    def token(self, bracket: Bracket) -> str:
        """Return the opening mark with the unknown names in the head and, for proposed text, the word "proposed".

        All of these parts must remain. A proposal counts even if the member made it: without a proposal, "[BRA oppose:
        …]" would turn an addition into base text. The support of another member has the same effect as a proposal.
        """
        unknown = sorted(_everybody(bracket.head) - bracket.head.names())
        wanted_by = bracket.head.names(PROPOSE) | (bracket.head.names(SUPPORT) - {self.code})
        return " ".join([OPENING, *(["proposed"] if wanted_by else []), *unknown])

    def seen(self, text: str, bracket: Bracket) -> Seen:
        """Return the head of `bracket` without the member."""
        written = text[bracket.lead : bracket.body] if bracket.head.length else ""
        if written not in self.known:
            others = others_at(written, bracket.head, self.code, self.register)
            self.known[written] = Seen(written, self.code in bracket.head.names(), others)
        return self.known[written]


def _goes_with(head: Head, code: str) -> bool:
    """Return whether the head names only the member, and the member is not a proponent."""
    return _everybody(head) == {code} and not head.names(PROPOSE)


def _may_come_and_go(bracket: Bracket, code: str, own: Collection[int] | None) -> bool:
    """Return whether the bracket may appear or disappear with the member's position.

    On such a bracket, only the member takes a position, and the member is not a proponent. In an old version, the
    member must also have opened the bracket.
    """
    return _goes_with(bracket.head, code) and (own is None or bracket.start in own)


def _everybody(head: Head) -> frozenset[str]:
    """Return all names in the head, including unknown names."""
    return head.names() | frozenset(name for problem, name in head.problems if problem is Code.UNKNOWN_NAME)


def _brackets_naming_others(tree: Tree, code: str, *, within: bool = False) -> set[int]:
    """Return the identities of the brackets that name a member other than `code`, either at their head or inside.

    If `within` is true, a bracket's own head does not count. The function takes linear time.
    """
    walked = [bracket for bracket, _ in tree.walk()]
    naming: set[int] = set()
    inside: set[int] = set()
    for bracket in reversed(walked):  # children come before their parents
        if any(id(child) in naming for child in bracket.children):
            inside.add(id(bracket))
        if _everybody(bracket.head) - {code} or id(bracket) in inside:
            naming.add(id(bracket))
    return inside if within else naming


def _without_own(tokens: list[Foreign], text: str) -> list[Foreign]:
    """Return `tokens` without the hidden brackets and without the separators and blanks inserted with them.

    The separator before a hidden bracket is left out. If the bracket is the first of its group, the separator after it
    is left out instead.
    """
    result: list[Foreign] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.token != _HIDDEN:
            result.append(token)
            continue
        gap, ahead = _trailing(result), _leading(tokens, at)
        if gap and len(gap) < len(result) and _closes(result[-len(gap) - 1]):
            del result[-len(gap) :]
        elif ahead and at + len(ahead) < len(tokens) and _opens(tokens[at + len(ahead)]):
            at += len(ahead)
        else:
            at = _joined(result, tokens, at, text)
    return result


def _trailing(tokens: list[Foreign]) -> list[Foreign]:
    """Return the separator of alternatives at the end of `tokens`, with the surrounding blanks, or an empty list."""
    return _separator(tokens[-3:], -1)


def _leading(tokens: list[Foreign], at: int) -> list[Foreign]:
    """Return the separator of alternatives at index `at`, with the surrounding blanks, or an empty list."""
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


def _joined(result: list[Foreign], tokens: list[Foreign], at: int, text: str) -> int:
    """Append to `result` the blanks that remain around a hidden bracket, and return the index of the next token."""
    start = end = tokens[at - 1].start
    left = right = ""
    while result and result[-1].blank and not result[-1].optional:
        start = result[-1].start
        left = result.pop().token + left
    while at < len(tokens) and tokens[at].blank and not tokens[at].optional:
        right += tokens[at].token
        end = tokens[at].end
        at += 1
    before = _last_sign(result[-1], text) if result else ""
    after = _first_sign(tokens[at]) if at < len(tokens) else ""
    blanks = left_over(before, left, right, after)
    if blanks:
        result.append(Foreign(blanks, start, end))
    return at


def _last_sign(token: Foreign, text: str) -> str:
    if token.mark and token.token.startswith(OPENING):
        # If a head disappears with the member, the blank after the head also disappears.
        return OPENING if token.optional or token.token == OPENING else text[token.end - 1]
    return token.token[-1]


def _first_sign(token: Foreign) -> str:
    return OPENING if token.token == _HIDDEN else token.token[0]


def _opens(token: Foreign) -> bool:
    return token.token == _HIDDEN or (token.token.startswith(OPENING) and token.mark and not token.optional)


def _closes(token: Foreign) -> bool:
    return token.mark and not token.optional and token.token == CLOSING
