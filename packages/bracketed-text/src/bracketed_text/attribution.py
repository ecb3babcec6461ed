"""Detect text that attributes to a member a position that it did not take in an earlier version.

A member takes a position on particular words, for example by proposing, supporting or opposing them. Other members may
move or delete these words or remove the name. However, as long as the name remains, the words must remain too. Each
position in the new version must therefore correspond to a position in the old version: the same member must have taken
the same stance on the same words.

Only words outside inner brackets are compared, and these are called the bracket's own words. Differences in spelling
are ignored. Inner brackets that were lifted, dropped or opened are also ignored, because contesting part of a member's
text does not change that text. Signs with a meaning count as words: "≥", "%", "€", the minus sign of a number, and a
"/" between words. All other punctuation is ignored.

    [CAN: slowly [BRA: and fully] act]   →   [CAN: slowly act]                 Brazil's bracket was dropped
                                         →   [CAN: slowly and fully act]       Brazil's bracket was lifted
                                         →   [CAN: fully act]                  new words are attributed to Canada
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text.tree import Bracket, Tree
from bracketed_text.words import WORD

_SAID = re.compile(rf"(?:{WORD.pattern})|[^\w\s]")
# Signs with a meaning, in addition to Unicode's mathematical, currency and other symbols.
_SIGNS = "%‰‱&"


class Attribution(NamedTuple):
    """A position that a text attributes to a member: the words of a bracket.

    `own` contains the words outside inner brackets, and `whole` contains all words.
    """

    name: str
    stance: str
    own: tuple[str, ...]
    whole: tuple[str, ...]
    bracket: Bracket

    def meets(self, attribution: "Attribution") -> bool:
        """Return whether the same member takes both positions and the brackets have the same own words.

        One of the brackets may have additional own words.
        """
        if self.name != attribution.name:
            return False
        return _runs_through(self.own, attribution.own) or _runs_through(attribution.own, self.own)


def attributions(tree: Tree) -> Iterator[Attribution]:
    """Yield the positions that a text attributes to members, in text order."""
    for bracket, _ in tree.walk():
        if not bracket.head.claims:
            continue
        own, whole = _own_words(tree.text, bracket), tuple(_said(tree.text, bracket.body, bracket.close))
        for claim in bracket.head.claims:
            for name in claim.names:
                yield Attribution(name, claim.stance, own, whole, bracket)


def new_attributions(old: Tree, new: Tree) -> list[Attribution]:
    """Return the positions that `new` attributes to members but `old` does not, in text order."""
    held: dict[tuple[str, str], list[Attribution]] = {}
    for attribution in attributions(old):
        held.setdefault((attribution.name, attribution.stance), []).append(attribution)
    waiting = []
    # Positions on identical words are paired first. Otherwise, a bracket whose inner brackets changed could be paired
    # with their counterpart.
    for attribution in attributions(new):
        same = [known for known in held.get((attribution.name, attribution.stance), ()) if known.own == attribution.own]
        if same:
            held[attribution.name, attribution.stance].remove(same[0])
        else:
            waiting.append(attribution)
    return [
        attribution
        for attribution in waiting
        if not _taken(held.get((attribution.name, attribution.stance), []), attribution)
    ]


def _taken(held: list[Attribution], attribution: Attribution) -> bool:
    """Remove a position from `held` that was taken on the same words, apart from words in inner brackets.

    Return whether `held` contained such a position.
    """
    for known in held:
        if _runs_through(known.own, attribution.own) and _runs_through(attribution.own, known.whole):
            held.remove(known)
            return True
    return False


def _runs_through(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    """Return whether all of `few` occur in `many` in the same order."""
    waiting = iter(many)
    return all(word in waiting for word in few)


def _own_words(text: str, bracket: Bracket) -> tuple[str, ...]:
    parts: list[str] = []
    position = bracket.body
    for child in bracket.children:
        if child.contested:
            parts += _said(text, position, child.start, within=True)
            position = child.end
    return (*parts, *_said(text, position, bracket.close, within=True))


def _said(text: str, start: int, end: int, *, within: bool = False) -> Iterator[str]:
    """Yield the words and meaningful signs of a stretch. If `within` is true, a "/" is included only between words."""
    for match in _SAID.finditer(text, start, end):
        words = match[0]
        if words[0].isalnum() or words[0] == "_":
            yield words.casefold()
        elif words == "/":
            if not within or (_is_word_before(text, start, match.start()) and _is_word_behind(text, match.end(), end)):
                yield words
        elif words in "-–" and text[match.end() : match.end() + 1].isdecimal():
            if not text[max(start, match.start() - 1) : match.start()].isalnum():
                yield "−"
        elif words in _SIGNS or unicodedata.category(words) in ("Sm", "Sc", "So"):
            yield words


def _is_word_before(text: str, start: int, at: int) -> bool:
    """Return whether a word ends at `at` or one space before it."""
    return text[max(start, at - 2) : at].rstrip()[-1:].isalnum()


def _is_word_behind(text: str, at: int, end: int) -> bool:
    """Return whether a word begins at `at`, or one blank after it."""
    return text[at : min(end, at + 2)].lstrip()[:1].isalnum()
