"""Rewrite the head of a bracket: add or remove a name, and leave the rest of the head as written."""

import re
from typing import NamedTuple

from bracketed_text.heads import PROPOSE, Claim, Head, name_spans, names_in, read_head
from bracketed_text.register import Register

_CLAUSE = re.compile(r"(\s*)(.*?)(\s*)$", re.DOTALL)
_SEPARATOR = ", "


class _Clause(NamedTuple):
    """A clause as written.

    A clause consists of the blanks before it, the names with their separators, and the rest, which includes the verb.
    """

    before: str
    names: tuple[tuple[str, str], ...]  # each after the separator before it
    codes: tuple[str, ...]
    rest: str
    stance: str

    def written(self) -> str:
        return self.before + "".join(separator + name for separator, name in self.names) + self.rest


def with_position(written: str, head: Head, code: str, stance: str, register: Register) -> str:
    """Return the head `written`, in which `code` takes `stance` instead of any other stance.

    `written` is the head's text after the mark or paragraph number, and `head` is its parsed form. The result includes
    the colon. An empty head becomes, for example, "CAN oppose:". A head in an unusual form is rewritten in the usual
    form.
    """
    clauses = _without(_clauses(written, head, register), code)
    at = next((number for number, clause in enumerate(clauses) if clause.stance == stance), None)
    if at is not None:
        clauses[at] = _joined(clauses[at], code)
    else:
        if clauses and not clauses[-1].rest.strip():
            clauses[-1] = clauses[-1]._replace(rest=" " + PROPOSE)
        rest = "" if stance == PROPOSE and not clauses else " " + stance
        clauses.append(_Clause(" " if clauses else "", (("", code),), (code,), rest, stance))
    return _joined_clauses(clauses) + ":"


def without_position(written: str, head: Head, code: str, register: Register) -> str:
    """Return the head `written` without `code`, or an empty string if no name remains."""
    clauses = _without(_clauses(written, head, register), code)
    return _joined_clauses(clauses) + ":" if clauses else ""


class Others(NamedTuple):
    """The other members' clauses in a head, as written but with omitted verbs added.

    `as_usual` is true if the head has the usual form. Otherwise, the clauses are rewritten in the usual form.
    """

    written: str
    in_full: str
    as_usual: bool


def others_at(written: str, head: Head, code: str, register: Register) -> Others:
    """Return the clauses of all names except `code` in the head `written`."""
    clauses = _without(_clauses(written, head, register), code)
    full = [clause if clause.rest.strip() else clause._replace(rest=" " + PROPOSE) for clause in clauses]
    as_usual = tuple(Claim(clause.stance, clause.codes) for clause in _read_clauses(written, register)) == head.claims
    return Others(_joined_clauses(clauses), _joined_clauses(full), as_usual)


def _joined_clauses(clauses: list[_Clause]) -> str:
    return ";".join(clause.written() for clause in clauses)


def written_head(claims: tuple[Claim, ...]) -> str:
    """Return `claims` as a head in the usual form, "CAN, JPN propose; BRA oppose:"."""
    if len(claims) == 1 and claims[0].stance == PROPOSE:
        return _SEPARATOR.join(claims[0].names) + ":"
    return "; ".join(f"{_SEPARATOR.join(claim.names)} {claim.stance}" for claim in claims) + ":" if claims else ""


def _joined(clause: _Clause, code: str) -> _Clause:
    separator = clause.names[-1][0] if len(clause.names) > 1 else _SEPARATOR
    return clause._replace(names=(*clause.names, (separator, code)), codes=(*clause.codes, code))


def _without(clauses: list[_Clause], code: str) -> list[_Clause]:
    left: list[_Clause] = []
    for clause in clauses:
        kept = [number for number, name in enumerate(clause.codes) if name != code]
        if not kept:
            continue
        names = [clause.names[number] for number in kept]
        names[0] = ("", names[0][1])
        left.append(clause._replace(names=tuple(names), codes=tuple(clause.codes[number] for number in kept)))
    if left and clauses[0] is not left[0]:
        left[0] = left[0]._replace(before=clauses[0].before)
    return left


def _clauses(written: str, head: Head, register: Register) -> list[_Clause]:
    """Return the clauses of `written` or, if they cannot be separated, the clauses of the rewritten head."""
    if not head.claims:
        return []
    clauses = _read_clauses(written, register)
    claims = tuple(Claim(clause.stance, clause.codes) for clause in clauses)
    if claims == head.claims:
        return clauses
    return _read_clauses(written_head(head.claims), register)


def _read_clauses(written: str, register: Register) -> list[_Clause]:
    clauses = []
    for part in written.rstrip().removesuffix(":").split(";"):
        match = _CLAUSE.match(part)
        if match is None:
            return []
        head = read_head(match[2] + ":", register)
        if len(head.claims) != 1:
            return []
        clause = _clause(match[1], match[2], match[3], head.claims[0], register)
        if clause is None:
            return []
        clauses.append(clause)
    return clauses


def _clause(before: str, written: str, behind: str, claim: Claim, register: Register) -> _Clause | None:
    """Return the clause `written`, divided into its names and the rest.

    The result is None if the names do not match `claim`.
    """
    names: list[tuple[str, str]] = []
    codes: list[str] = []
    end = 0
    for start, until in name_spans(written):
        name = written[start:until]
        known = register.find(name)
        if known is None:
            words = name.split(" ")
            while len(words) > 1 and known is None:
                words.pop()
                known = register.find(" ".join(words))
            name = " ".join(words)
        if known is None:
            return None
        names.append((written[end:start], name))
        codes.append(known.code)
        end = start + len(name)
    if tuple(dict.fromkeys(codes)) != claim.names or len(codes) != len(claim.names):
        return None
    if names_in("".join(separator + name for separator, name in names), register) != (claim.names, ()):
        return None
    return _Clause(before, tuple(names), tuple(codes), written[end:] + behind, claim.stance)
