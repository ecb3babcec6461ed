"""Match the provisions of an imported text to stored provisions.

Four criteria are applied in turn, each to the provisions that the previous criteria left unmatched:

    1. The bookmark that this site wrote into the file.
    2. The number in the heading, if the texts are at least 30 per cent similar, because articles are often renumbered.
    3. The heading without its number.
    4. The text, if it is at least 45 per cent similar (65 per cent for short texts).

Each provision is matched at most once. If several provisions have the same key, the most similar ones are matched
first. No doubtful matches are made, because a person can easily add a missing match but might not notice a wrong one.

Similarity is the normalized Indel ratio of the first 200 words, with each distinct word mapped to one character.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

MARK, NUMBER, HEADING, WORDS = "mark", "number", "heading", "words"
# Similarity in per cent. Texts on different subjects reach 10 to 25 per cent. A matching number alone is not
# sufficient, because articles are often renumbered.
_LIKE_ENOUGH_FOR_A_NUMBER = 30.0
_ALIKE = 45.0
# Short texts resemble many others by chance.
_SHORT, _SHORT_ALIKE = 40, 65.0
# The number of words compared.
_COMPARED = 200
# Words are mapped to characters from U+10000 onwards so that rapidfuzz compares words rather than letters.
_FIRST_LETTER, _LETTERS = 0x10000, 0x100000
_LABEL = re.compile(r"^\W*((?:article|section|chapter|annex|part|appendix|paragraph)\s+[\w.\-]+|\d+(?:\.\d+)*)", re.I)
_WORD = re.compile(r"\w+")


class Candidate(NamedTuple):
    """An imported or stored provision to be matched. `mark` is the name of its bookmark, or ""."""

    heading: str
    text: str
    mark: str = ""


class Pair(NamedTuple):
    """A match between `incoming[new]` and `known[old]`, with the criterion `by` that produced it."""

    new: int
    old: int
    by: str


def match_provisions(incoming: Sequence[Candidate], known: Sequence[Candidate]) -> list[Pair]:
    """Return the matches in the order of `incoming`."""
    matcher = _Matcher(incoming, known)
    matcher.by_key(MARK, lambda candidate: candidate.mark)
    matcher.by_key(NUMBER, lambda candidate: _label(candidate.heading), least=_LIKE_ENOUGH_FOR_A_NUMBER)
    matcher.by_key(HEADING, lambda candidate: _title(candidate.heading))
    matcher.by_words()
    return sorted(matcher.found)


class _Matcher:
    def __init__(self, incoming: Sequence[Candidate], known: Sequence[Candidate]) -> None:
        self.incoming, self.known = incoming, known
        self.new, self.old = set(range(len(incoming))), set(range(len(known)))
        self.found: list[Pair] = []

    def _take(self, new: int, old: int, by: str) -> None:
        self.new.discard(new)
        self.old.discard(old)
        self.found.append(Pair(new, old, by))

    def by_key(self, by: str, key: Callable[[Candidate], Hashable], least: float = 0.0) -> None:
        """Match provisions with the same key. If several have the same key, match the most similar ones first."""
        news = _grouped((key(self.incoming[at]), at) for at in sorted(self.new))
        olds = _grouped((key(self.known[at]), at) for at in sorted(self.old))
        for value, ours in news.items():
            theirs = olds.get(value, []) if value else []
            if len(ours) == len(theirs) == 1 and not least:
                self._take(ours[0], theirs[0], by)
            elif theirs:
                self._closest(ours, theirs, by, least)

    def by_words(self) -> None:
        """Match the remaining provisions by the similarity of their texts."""
        self._closest(sorted(self.new), sorted(self.old), WORDS, _ALIKE)

    def _closest(self, news: list[int], olds: list[int], by: str, least: float) -> None:
        if not news or not olds:
            return
        alphabet = _Alphabet()
        ours = [_as_characters(self.incoming[at], alphabet) for at in news]
        theirs = [_as_characters(self.known[at], alphabet) for at in olds]
        alike = process.cdist(ours, theirs, scorer=fuzz.ratio, score_cutoff=least)
        scored = (
            (float(alike[row, column]), -abs(row - column), row, column)
            for row, column in zip(*alike.nonzero(), strict=True)
        )
        for score, _distance, row, column in sorted(scored, reverse=True):
            too_short = by == WORDS and score < _SHORT_ALIKE and len(min(ours[row], theirs[column], key=len)) < _SHORT
            if news[row] in self.new and olds[column] in self.old and not too_short:
                self._take(news[row], olds[column], by)


def _grouped(keyed: Iterator[tuple[Hashable, int]]) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = {}
    for key, at in keyed:
        groups.setdefault(key, []).append(at)
    return groups


def _label(heading: str) -> str:
    """Return the number in a heading, or ""."""
    match = _LABEL.match(heading)
    return " ".join(match[1].casefold().split()).rstrip(".") if match else ""


def _title(heading: str) -> str:
    """Return the words of a heading without its number, case-folded."""
    rest = _LABEL.sub("", heading, count=1)
    return " ".join(_WORD.findall(rest.casefold()))


class _Alphabet(dict[str, str]):
    """A mapping of distinct words to characters, which are assigned on first use."""

    def __missing__(self, word: str) -> str:
        self[word] = chr(_FIRST_LETTER + len(self) % _LETTERS)
        return self[word]


def _as_characters(candidate: Candidate, alphabet: _Alphabet) -> str:
    """Return the first words of a text, each mapped to one character."""
    words = candidate.text[: _COMPARED * 12].casefold().split()[:_COMPARED]
    return "".join(map(alphabet.__getitem__, words))
