"""Suggest positions from comments such as "US: delete" or "Canada supports".

A comment suggests a position if it contains a verb that expresses a stance, the verb is not negated, and few words
other than the names of members precede the verb. The holder of the position is the member named in the comment or,
failing that, the comment's author. No position is suggested for other comments.
"""

import re
from typing import NamedTuple

from bracketed_text import Register
from issues.models.choices import Stance

_LONGEST = 400
_VERBS = {
    Stance.OPPOSE: r"delet(?:e|es|ion)|oppos(?:e|es|ed)|remov(?:e|es)|object(?:s)?|against|reject(?:s)?|strike",
    Stance.SUPPORT: r"support(?:s|ed)?|agree(?:s|d)?|keep(?:s)?|retain(?:s)?|accept(?:s)?|ok|fine",
    Stance.RESERVE: r"reserv(?:e|es|ed|ing)|reservation|scrutiny",
    Stance.CONSIDER: r"consider(?:s|ing)?|reflect(?:s|ing)?|consult(?:s|ing)?",
    Stance.FLEXIBLE: r"flexib(?:le|ility)|can live with",
    Stance.PROPOSE: r"propos(?:e|es|ed|al)",
}
_VERB = re.compile("|".join(rf"(?P<{stance.name}>\b(?:{verbs})\b)" for stance, verbs in _VERBS.items()), re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|cannot|can't|doesn't|don't|no)\b", re.IGNORECASE)
_NAMES = re.compile(r"\s*(?P<names>[^:.;\n]{1,160}?)\s*(?::|\s[-–]\s)\s*(?P<rest>.*)", re.DOTALL)
_SEPARATOR = re.compile(r"\s*(?:/|,|&|\band\b)\s*")
# If more words precede the verb, the verb may refer to something else.
_MOST_WORDS_BEFORE = 3


class Suggestion(NamedTuple):
    """The position that a comment suggests, with the codes of its holders."""

    stance: str
    codes: tuple[str, ...]


def suggest_position(comment: str, author: str, register: Register) -> Suggestion | None:
    """Return the position that `comment` suggests, or None. `author` is the holder if the comment names no member."""
    words = " ".join(comment.split())[:_LONGEST]
    named = _NAMES.match(words)
    codes = _codes(named["names"], register) if named else ()
    rest = named["rest"] if named and codes else words
    verb = _VERB.search(rest)
    if verb is None or _NEGATED.search(rest[: verb.start()]):
        return None
    before = rest[: verb.start()].strip()
    if not codes and before:
        codes = _codes(re.sub(r"\s+(?:would|could|can|also|strongly|is|are)$", "", before), register)
        if not codes:
            return None
    elif len(before.split()) > _MOST_WORDS_BEFORE:
        return None
    codes = codes or _codes(author, register)
    return Suggestion(Stance[verb.lastgroup or ""].value, codes) if codes else None


def _codes(written: str, register: Register) -> tuple[str, ...]:
    """Return the codes for the names in `written`, or an empty tuple if any part of `written` is not a name."""
    whole = register.find(written.strip())
    if whole:
        return (whole.code,)
    names = [register.find(name) for name in _SEPARATOR.split(written.strip()) if name]
    return tuple(name.code for name in names if name) if names and all(names) else ()
