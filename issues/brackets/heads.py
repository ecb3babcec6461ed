"""The head of a bracket: who takes which position on the words inside.

    [CAN, JPN: text]                         a name without a verb proposes
    [CAN propose; BRA/CHN oppose: text]      clauses in any order, ended by a colon

Real texts swap colon and semicolon, glue footnote numbers to codes and lose colons. A clause counts as
such when it names somebody in the register; where none is named, the bracket has no head and all is text.
"""

import re
from typing import NamedTuple

from issues.brackets.diagnostics import Code
from issues.brackets.register import Register

PROPOSE, SUPPORT, OPPOSE, RESERVE, CONSIDER, FLEXIBLE = (
    "propose",
    "support",
    "oppose",
    "reserve",
    "consider",
    "flexible",
)
# On which side of a bracket a stance stands. The others are on neither.
FOR = frozenset({PROPOSE, SUPPORT})
AGAINST = frozenset({OPPOSE})

_VERBS = {
    "propos": PROPOSE,
    "support": SUPPORT,
    "oppos": OPPOSE,
    "reserv": RESERVE,
    "consider": CONSIDER,
    "flexib": FLEXIBLE,
}
_VERB = (
    r"(?:(?:is|are)\s+)?(propos|support|oppos|reserv|consider|flexib)"
    r"(?:es|ed|ing|e|s|le|ility|al|als|ation|ations)?(?:\s+(?:by|its\s+position|their\s+positions?))?"
)
# Longer than any list of participants that is worth reading; keeps the look-ahead at each bracket bounded.
LONGEST_CLAUSE = 400
_START = re.compile(r"\s*(?:(?:\d{1,3}\.|\([a-z0-9]{1,4}\))\s+)?(?=[A-Z\d])")
_CLAUSE = re.compile(rf"\s*(?:\d{{1,4}}\s*)?([^\[\]{{}}:;\n]{{1,{LONGEST_CLAUSE}}}?)\s*([:;.])")
_VERB_LAST = re.compile(rf"^(.*?)[\s\d]+{_VERB}$", re.IGNORECASE | re.DOTALL)
_VERB_FIRST = re.compile(rf"^{_VERB}\s+(.*)$", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(rf"\s*([A-Z]{{2,4}}(?:\s*[/,]+\s*[A-Z]{{2,4}})*)\s+{_VERB}\b", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:/+|,|&|\band\b)\s*")
_LIKE_A_CODE = re.compile(r"[A-Z]{2,5}\d{0,3}$")
# What may make a head go on behind its first colon: "[AU/CL propose: US oppose; …".
_MORE = re.compile(rf"\s*[A-Z\d][^\[\]{{}}:;.\n]{{0,200}}?{_VERB}\s*[:;.]", re.IGNORECASE)
# How many pieces a name may fall into: "Trinidad and Tobago", "Bahrain, Kingdom of".
_MOST_PIECES = 3


class Claim(NamedTuple):
    """One stance and who takes it, by code, in the order written."""

    stance: str
    names: tuple[str, ...]


class Head(NamedTuple):
    """What stands before the words of a bracket. `length` counts the characters from the "[" on, colon included."""

    length: int
    claims: tuple[Claim, ...]
    problems: tuple[tuple[Code, str], ...] = ()

    def names(self, *stances: str) -> frozenset[str]:
        """Return who takes one of `stances`; without any, everybody named."""
        return frozenset(
            name for claim in self.claims if not stances or claim.stance in stances for name in claim.names
        )


NO_HEAD = Head(0, ())


def read_head(text: str, start: int, end: int, register: Register) -> Head:
    """Return the head of the bracket whose inside is `text[start:end]`, or `NO_HEAD`.

    The same heads stand in a text again and again: each is read once and kept with the register.
    """
    begin = _START.match(text, start, end)
    if begin is None:
        return NO_HEAD
    colon = text.find(":", start, min(end, start + LONGEST_CLAUSE))
    known = register.heads.get(text[start : colon + 1]) if colon >= 0 else None
    if isinstance(known, Head) and not _MORE.match(text, colon + 1, end):
        return known
    head = _read(text[start : min(end, start + 2 * LONGEST_CLAUSE)], begin.end() - start, register)
    if colon >= 0 and head.length == colon + 2 - start:
        register.keep(text[start : colon + 1], head)
    return head


def _read(text: str, start: int, register: Register) -> Head:
    claims: list[Claim] = []
    problems: list[tuple[Code, str]] = []
    position, closed = start, False
    while (match := _CLAUSE.match(text, position)) is not None:
        read = _read_clause(match[1], register)
        # A full stop ends a clause only where a verb shows that it is one: "[NZ propose. The protection …".
        if read is None or (match[2] == "." and not read.has_verb) or (closed and not read.has_verb):
            break
        claims.append(Claim(read.stance, read.names))
        problems += [(Code.UNKNOWN_NAME, name) for name in read.unknown]
        position = match.end()
        closed = match[2] in ":."
    if not claims:
        return _read_without_colon(text, start, register)
    if not closed:
        problems.append((Code.HEAD_WITHOUT_COLON, ""))
    head = Head(1 + position, tuple(claim for claim in claims if claim.names), tuple(problems))
    return head._replace(problems=(*head.problems, *_both_sides(head))) if len(claims) > 1 else head


def _both_sides(head: Head) -> list[tuple[Code, str]]:
    return [(Code.BOTH_SIDES, name) for name in sorted(head.names(*FOR) & head.names(*AGAINST))]


def _read_without_colon(text: str, start: int, register: Register) -> Head:
    match = _BARE.match(text, start)
    if match is None or not match[1].isupper():
        return NO_HEAD
    names, unknown = _names(match[1], register)
    if not names or unknown:
        return NO_HEAD
    claim = Claim(_VERBS[match[2].lower()], names)
    return Head(1 + match.end(), (claim,), ((Code.HEAD_WITHOUT_COLON, ""),))


class _Clause(NamedTuple):
    stance: str
    names: tuple[str, ...]
    unknown: tuple[str, ...]
    has_verb: bool


def _read_clause(clause: str, register: Register) -> _Clause | None:
    """Return what `clause` says, or None where it is text and no clause."""
    stance, written, has_verb = PROPOSE, clause, False
    if (match := _VERB_LAST.match(clause)) is not None:
        stance, written, has_verb = _VERBS[match[2].lower()], match[1], True
    elif (match := _VERB_FIRST.match(clause)) is not None:
        stance, written, has_verb = _VERBS[match[1].lower()], match[2], True
    names, unknown = _names(written, register)
    if not all(_LIKE_A_CODE.match(name) for name in unknown) or not (names or unknown):
        return None
    return _Clause(stance, names, unknown, has_verb)


def _names(written: str, register: Register) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of the names in `written`, and the pieces that are nobody's."""
    known: list[str] = []
    unknown: list[str] = []
    pieces = _pieces(written)
    first = 0
    while first < len(pieces):
        for last in range(min(first + _MOST_PIECES, len(pieces)) - 1, first - 1, -1):
            found = register.find(written[pieces[first][0] : pieces[last][1]])
            if found is not None:
                known.append(found.code)
                first = last + 1
                break
        else:
            unknown.append(written[pieces[first][0] : pieces[first][1]])
            first += 1
    return tuple(dict.fromkeys(known)), tuple(unknown)


def _pieces(written: str) -> list[tuple[int, int]]:
    """Return where the names between separators begin and end."""
    pieces: list[tuple[int, int]] = []
    start = len(written) - len(written.lstrip())
    for match in _SEPARATOR.finditer(written):
        if match.start() > start:
            pieces.append((start, match.start()))
        start = match.end()
    if start < len(written.rstrip()):
        pieces.append((start, len(written.rstrip())))
    return pieces
