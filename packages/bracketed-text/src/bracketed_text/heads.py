"""Read the head of a bracket, which records the positions of members on the text inside.

    [CAN, JPN: text]                         a name without a verb is a proponent
    [CAN propose; BRA/CHN oppose: text]      clauses may be in any order; a colon ends the head

Real texts contain swapped colons and semicolons, footnote numbers attached to codes, and heads without a colon. A
clause is recognised as part of a head if it names a member in the register. If no clause is recognised, the bracket has
no head, and all of its content is text.
"""

import re
from typing import NamedTuple

from bracketed_text.diagnostics import Code
from bracketed_text.register import Register

PROPOSE, SUPPORT, OPPOSE, RESERVE, CONSIDER, FLEXIBLE = (
    "propose",
    "support",
    "oppose",
    "reserve",
    "consider",
    "flexible",
)
STANCES = frozenset({PROPOSE, SUPPORT, OPPOSE, RESERVE, CONSIDER, FLEXIBLE})
# The stances on each side. All other stances are neutral.
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
    r"(?:(?:is|are)\s+(?:still\s+)?)?(?:alternative(?:ly)?\s+)?(propos|support|oppos|reserv|consider|flexib)"
    r"(?:es|ed|ing|e|s|le|ility|al|als|ation|ations)?(?:\s+(?:by|its\s+position|their\s+positions?))?(?:\s?\d{1,4})?"
)
# The maximum length of a clause, which limits the look-ahead at each bracket.
LONGEST_CLAUSE = 400
# A paragraph number before the head belongs to the text: "[2. NZ/SG propose: Where …".
_LEAD = re.compile(
    r"\s*((?:(?:\d{1,3}|[a-z])\.|\([a-z0-9]{1,4}\))\s*)?(?=[A-Z\d]|(?:propos|support|oppos|reserv)ed by\s)"
)
_CLAUSE = re.compile(rf"\s*(?:\d{{1,4}}\s*)?([^\[\]{{}}:;]{{1,{LONGEST_CLAUSE}}}?)\s*([:;.])")
_VERB_LAST = re.compile(rf"^(.*?)(?:[\s\d]+|(?-i:(?<=[A-Z]))){_VERB}$", re.IGNORECASE | re.DOTALL)
_VERB_FIRST = re.compile(rf"^{_VERB}\s+(.*)$", re.IGNORECASE | re.DOTALL)
# One or more codes, as they occur in a head.
CODES = r"[A-Z]{2,5}\d{0,3}(?:\s*[/,]+\s*[A-Z]{2,5}\d{0,3})*"
# Without a colon, only these verbs are recognised: "[US support for farmers …]" is text.
_BARE = re.compile(
    rf"\s*({CODES})\s+(?i:(?:alternative(?:ly)?\s+)?(propos|oppos)(?:es|ed|ing|e)?\d{{0,4}}"
    r"|(?:is|are)\s+(?:still\s+)?(consider)ing)\b"
)
_SEPARATOR = re.compile(r"\s*(?:/+|,|&|\band\b)\s*")
_LIKE_A_CODE = re.compile(r"[A-Z]{2,5}\d{0,3}$")
# The continuation of a head after its first colon: "[AU/CL propose: US oppose; …".
_MORE = re.compile(rf"\s*[A-Z\d][^\[\]{{}}:;.\n]{{0,200}}?{_VERB}\s*[:;.]", re.IGNORECASE)
# The continuation of a head that a stray "]" divides: "[US/NZ] propose: generate]".
_BEHIND_A_STRAY_MARK = re.compile(rf"[\s\d]*{_VERB}\s*:", re.IGNORECASE)
# Names that take a position although no bracket opens before them: "285CL/SG propose: A Party may …]".
_WITHOUT_A_BRACKET = re.compile(rf"(?<![A-Z\[/,])({CODES})\s+(?i:{_VERB})\s*:")
_NOTE = re.compile(r"\s*(?:[A-Z][\w'’-]*[ \t]+){0,3}[Nn](?:ote|OTE)s?\b[^:\[\]\n]{0,40}:")
_PLAIN_VERBS = {
    base + ending: stance
    for base, stance in (
        ("propose", PROPOSE), ("support", SUPPORT), ("oppose", OPPOSE), ("reserve", RESERVE), ("consider", CONSIDER)
    )
    for ending in ("", "s")
}  # fmt: skip
# A comma instead of the semicolon between two clauses: "[US propose, BN oppose: …".
_VERB_AND_COMMA = re.compile(rf"(?<=[A-Z\d\s]){_VERB}(,)", re.IGNORECASE)
# The maximum number of pieces into which separators divide a name: "Trinidad and Tobago", "Bahrain, Kingdom of".
_MOST_PIECES = 3


class Claim(NamedTuple):
    """A stance and the codes that take it, in the order in which they are written."""

    stance: str
    names: tuple[str, ...]


class Head(NamedTuple):
    """The head of a bracket.

    `length` is its number of characters, including "[" and the colon. `lead` is the number of characters of a paragraph
    number between "[" and the names. The paragraph number is part of the text, not of the head.
    """

    length: int
    claims: tuple[Claim, ...]
    problems: tuple[tuple[Code, str], ...] = ()
    lead: int = 0

    def names(self, *stances: str) -> frozenset[str]:
        """Return the codes that take one of `stances` or, without arguments, all codes in the head."""
        return frozenset(
            name for claim in self.claims if not stances or claim.stance in stances for name in claim.names
        )


NO_HEAD = Head(0, ())
# The start of a note: "[Note: …]".
NOTE_HEAD = Head(0, (), lead=-1)


def read_head(inside: str, register: Register) -> Head:
    """Return the head of a bracket, `NO_HEAD` if it has none, or `NOTE_HEAD` for an editorial note.

    `inside` is the text after "[", up to the next mark. Because the same heads recur in a text, the register stores
    each head under the text before its colon.
    """
    colon = inside.find(":", 0, LONGEST_CLAUSE)
    if colon < 0:
        # Names without a colon begin with a code, or after a paragraph number.
        if inside[:2].isupper() or inside[:1] in _BEGINS_A_NUMBER:
            return _read(inside, register)
        return NO_HEAD
    written = inside[:colon]
    # A head may continue after its first colon if a code follows; a code begins with two capitals.
    goes_on = inside[colon + 1 : colon + 4].isupper() and _MORE.match(inside, colon + 1) is not None
    if not goes_on:
        known = register.heads.get(written)
        if isinstance(known, Head):
            return known
    head = NO_HEAD
    if not goes_on:
        head = _read_plain(written, register)
    if head is NO_HEAD:
        head = NOTE_HEAD if _NOTE.match(inside) else _read(inside[: 2 * LONGEST_CLAUSE], register)
    if not goes_on and (not head.length or head.length == colon + 2):
        register.keep(written, head)
    return head


def head_behind_a_stray_mark(text: str, start: int, close: int, register: Register) -> Head:
    """Return the head of the bracket at `start` if a stray "]" at `close` divides the head.

    If no stray "]" divides a head there, the result is `NO_HEAD`.
    """
    going_on = _BEHIND_A_STRAY_MARK.match(text, close + 1, close + 40)
    if going_on is None or close - start > LONGEST_CLAUSE:
        return NO_HEAD
    names, unknown = names_in(text[start + 1 : close], register)
    if not names or unknown:
        return NO_HEAD
    return Head(going_on.end() - start, (Claim(_VERBS[going_on[1].lower()], names),))


def names_without_a_bracket(text: str, start: int, end: int, register: Register) -> tuple[int, int] | None:
    """Return the span of the last known names in `text[start:end]` that take a position without a "[", or None."""
    span = None
    for match in _WITHOUT_A_BRACKET.finditer(text, start, end):
        names, unknown = names_in(match[1], register)
        if names and not unknown:
            span = match.span()
    return span


_BEGINS_A_NUMBER = frozenset("0123456789(")


def _read_plain(written: str, register: Register) -> Head:
    """Return the head `written` (without its colon) if it has the usual form. Otherwise, return `NO_HEAD`.

    Footnote numbers may precede a clause or be attached to a code or a verb.
    """
    claims: list[Claim] = []
    find = register.find
    for part in written.split(";"):
        clause = part.strip(_BESIDE_A_CLAUSE) if claims else part.strip()
        names, _, verb = clause.rpartition(" ")
        stance = _PLAIN_VERBS.get(verb) or _PLAIN_VERBS.get(verb.rstrip("0123456789"))
        if stance is None:
            names, stance = clause, PROPOSE
        elif names[-1:].isdigit() and " " in names:
            names = names.rstrip(_BESIDE_A_CLAUSE)
        separator = "/" if "/" in names else ","
        codes: list[str] = []
        for name in names.split(separator):
            name_found = find(name) or find(name.strip())
            if name_found is None:
                return NO_HEAD
            codes.append(name_found.code)
        claims.append(Claim(stance, tuple(dict.fromkeys(codes)) if len(codes) > 1 else (codes[0],)))
    return _head(len(written) + 2, claims, [], 0)


# The characters that may surround a clause: blanks and footnote numbers.
_BESIDE_A_CLAUSE = " \t\n0123456789"


def _read(text: str, register: Register) -> Head:
    begin = _LEAD.match(text)
    if begin is None:
        return NO_HEAD
    lead = begin.end() if begin[1] else 0
    claims: list[Claim] = []
    problems: list[tuple[Code, str]] = []
    position, closed, ended_by = begin.end(), False, ""
    while (match := _CLAUSE.match(text, position)) is not None:
        read = [_read_clause(clause, register) for clause in _split_at_commas(match[1])]
        clauses = [clause for clause in read if clause is not None]
        # A full stop ends a clause only if the clause has a verb: "[NZ propose. The protection …".
        if len(clauses) < len(read) or ((match[2] == "." or closed) and not clauses[-1].has_verb):
            break
        claims += [Claim(clause.stance, clause.names) for clause in clauses]
        problems += [(Code.UNKNOWN_NAME, name) for clause in clauses for name in clause.unknown]
        position, ended_by = match.end(), match[2]
        closed = ended_by in ":."
    if not claims:
        return _read_without_colon(text, begin.end(), lead, register)
    if ended_by != ":":
        problems.append((Code.HEAD_WITHOUT_COLON, ""))
    return _head(1 + position, [claim for claim in claims if claim.names], problems, lead)


def _split_at_commas(written: str) -> list[str]:
    """Return the clauses into which commas after verbs divide `written`."""
    clauses, start = [], 0
    for match in _VERB_AND_COMMA.finditer(written):
        clauses.append(written[start : match.start(2)])
        start = match.end()
    return [*clauses, written[start:]]


def _head(length: int, claims: list[Claim], problems: list[tuple[Code, str]], lead: int) -> Head:
    head = Head(length, tuple(claims), tuple(problems), lead)
    if len(claims) > 1 and len(head.names()) < sum(len(claim.names) for claim in claims):
        return head._replace(problems=(*head.problems, *_both_sides(head)))
    return head


def _both_sides(head: Head) -> list[tuple[Code, str]]:
    return [(Code.BOTH_SIDES, name) for name in sorted(head.names(*FOR) & head.names(*AGAINST))]


def _read_without_colon(text: str, start: int, lead: int, register: Register) -> Head:
    match = _BARE.match(text, start)
    if match is None:
        return NO_HEAD
    names, unknown = names_in(match[1], register)
    if not names or unknown:
        return NO_HEAD
    claim = Claim(_VERBS[(match[2] or match[3]).lower()], names)
    return Head(1 + match.end(), (claim,), ((Code.HEAD_WITHOUT_COLON, ""),), lead)


class _Clause(NamedTuple):
    stance: str
    names: tuple[str, ...]
    unknown: tuple[str, ...]
    has_verb: bool


def _read_clause(clause: str, register: Register) -> _Clause | None:
    """Return the stance and names in `clause`, or None if it is ordinary text."""
    stance, written, has_verb = PROPOSE, clause, False
    if (match := _VERB_LAST.match(clause)) is not None:
        stance, written, has_verb = _VERBS[match[2].lower()], match[1], True
    elif (match := _VERB_FIRST.match(clause)) is not None:
        stance, written, has_verb = _VERBS[match[1].lower()], match[2], True
    names, unknown = names_in(written, register)
    if not all(_LIKE_A_CODE.match(name) for name in unknown) or not (names or unknown):
        return None
    return _Clause(stance, names, unknown, has_verb)


def names_in(written: str, register: Register) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of the known names in `written`, and the unknown names."""
    known: list[str] = []
    unknown: list[str] = []
    pieces = name_spans(written)
    first = 0
    while first < len(pieces):
        for last in range(min(first + _MOST_PIECES, len(pieces)) - 1, first - 1, -1):
            name = register.find(written[pieces[first][0] : pieces[last][1]])
            if name is not None:
                known.append(name.code)
                first = last + 1
                break
        else:
            unknown.append(written[pieces[first][0] : pieces[first][1]])
            first += 1
    return tuple(dict.fromkeys(known)), tuple(unknown)


def name_spans(written: str) -> list[tuple[int, int]]:
    """Return the spans of the names between separators."""
    pieces: list[tuple[int, int]] = []
    start = len(written) - len(written.lstrip())
    for match in _SEPARATOR.finditer(written):
        if match.start() > start:
            pieces.append((start, match.start()))
        start = match.end()
    if start < len(written.rstrip()):
        pieces.append((start, len(written.rstrip())))
    return pieces
