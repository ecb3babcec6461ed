"""What a text says of a member that an earlier version did not say: a name at new words, new words at a name.

A member stands at words: it proposes, supports or opposes them. Whoever restructures a text may move these words, or
take them away, and may take the name off; but the name stays with the words as they were. So each claim of the new
version must have a claim of the old one for itself: of the same member, the same stance, and the same own words.

The own words of a bracket are those that stand in it and in none of its brackets. They are the same where only spelling
differs, and where brackets that stood within were lifted, dropped or opened: what is contested within a member's words
is somebody else's affair. Signs count where they say something, as "≥", "%", "€", the minus of a number and the "/"
between words do; other punctuation is spelling.

    [CAN: slowly [BRA: and fully] act]   →   [CAN: slowly act]                 Brazil's bracket was dropped
                                         →   [CAN: slowly and fully act]       it was lifted
                                         →   [CAN: fully act]                  new words at Canada's name
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text.tree import Bracket, Tree
from bracketed_text.words import WORD

_SAID = re.compile(rf"(?:{WORD.pattern})|[^\w\s]")
# Signs that say something, beside those that Unicode calls mathematical, of currency, or other symbols.
_SIGNS = "%‰‱&"


class Attribution(NamedTuple):
    """That somebody stands at the words of a bracket: `own` are its own words, `whole` those within it as well."""

    name: str
    stance: str
    own: tuple[str, ...]
    whole: tuple[str, ...]
    bracket: Bracket

    def meets(self, other: "Attribution") -> bool:
        """Whether it is the same member's, at the same words or at a part of them."""
        if self.name != other.name:
            return False
        return _runs_through(self.own, other.own) or _runs_through(other.own, self.own)


def attributions(tree: Tree) -> Iterator[Attribution]:
    """Yield who stands at which words, in order of the text."""
    for bracket, _ in tree.walk():
        if not bracket.head.claims:
            continue
        own, whole = _own_words(tree.text, bracket), tuple(_said(tree.text, bracket.body, bracket.close))
        for claim in bracket.head.claims:
            for name in claim.names:
                yield Attribution(name, claim.stance, own, whole, bracket)


def new_attributions(old: Tree, new: Tree) -> list[Attribution]:
    """Return what `new` says of somebody that `old` did not say, in order of the text."""
    held: dict[tuple[str, str], list[Attribution]] = {}
    for found in attributions(old):
        held.setdefault((found.name, found.stance), []).append(found)
    waiting = []
    # The same to the word first, so that what was only touched within finds its own later.
    for found in attributions(new):
        same = [known for known in held.get((found.name, found.stance), ()) if known.own == found.own]
        if same:
            held[found.name, found.stance].remove(same[0])
        else:
            waiting.append(found)
    return [found for found in waiting if not _taken(held.get((found.name, found.stance), []), found)]


def _taken(held: list[Attribution], found: Attribution) -> bool:
    """Whether one of `held` has the same own words but for brackets within; it is then taken out."""
    for known in held:
        if _runs_through(known.own, found.own) and _runs_through(found.own, known.whole):
            held.remove(known)
            return True
    return False


def _runs_through(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    """Whether all of `few` stand in `many`, in this order."""
    waiting = iter(many)
    return all(word in waiting for word in few)


def _own_words(text: str, bracket: Bracket) -> tuple[str, ...]:
    found: list[str] = []
    position = bracket.body
    for child in bracket.children:
        if child.contested:
            found += _said(text, position, child.start, within=True)
            position = child.end
    return (*found, *_said(text, position, bracket.close, within=True))


def _said(text: str, start: int, end: int, *, within: bool = False) -> Iterator[str]:
    """Yield the words and telling signs of a stretch; each "/" is one, `within` a stretch only that between words."""
    for one in _SAID.finditer(text, start, end):
        said = one[0]
        if said[0].isalnum() or said[0] == "_":
            yield said.casefold()
        elif said == "/":
            if not within or (_is_word_before(text, start, one.start()) and _is_word_behind(text, one.end(), end)):
                yield said
        elif said in "-–" and text[one.end() : one.end() + 1].isdecimal():
            if not text[max(start, one.start() - 1) : one.start()].isalnum():
                yield "−"
        elif said in _SIGNS or unicodedata.category(said) in ("Sm", "Sc", "So"):
            yield said


def _is_word_before(text: str, start: int, at: int) -> bool:
    """Whether a word ends at `at`, but for one blank."""
    return text[max(start, at - 2) : at].rstrip()[-1:].isalnum()


def _is_word_behind(text: str, at: int, end: int) -> bool:
    """Whether a word begins at `at`, but for one blank."""
    return text[at : min(end, at + 2)].lstrip()[:1].isalnum()
