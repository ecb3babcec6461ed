"""Which provision of a text that came in is which on record: by mark, number, heading, then likeness of the words.

Each provision is matched once. What is doubtful is left unmatched: a person matches it with one choice, and would
have to notice a wrong match.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

MARK, NUMBER, HEADING, WORDS = "mark", "number", "heading", "words"
# How many in a hundred words are the same, in order. Texts on different matters share some ten to twenty-five. A number
# alone may have moved on to another article: the words have to be a little alike as well.
_LIKE_ENOUGH_FOR_A_NUMBER = 30.0
_ALIKE = 45.0
# Short texts share their few words with many.
_SHORT, _SHORT_ALIKE = 40, 65.0
# So many words of a text tell which one it is.
_COMPARED = 200
# Words are compared as letters of an alphabet that is made for them, beyond those that texts are written in.
_FIRST_LETTER, _LETTERS = 0x10000, 0x100000
_LABEL = re.compile(r"^\W*((?:article|section|chapter|annex|part|appendix|paragraph)\s+[\w.\-]+|\d+(?:\.\d+)*)", re.I)
_WORD = re.compile(r"\w+")


class Candidate(NamedTuple):
    """What is matched, from either side; `mark` is the name of a bookmark, or "" where there is none."""

    heading: str
    text: str
    mark: str = ""


class Pair(NamedTuple):
    """That `incoming[new]` is `known[old]`, and by what that is known."""

    new: int
    old: int
    by: str


def match_provisions(incoming: Sequence[Candidate], known: Sequence[Candidate]) -> list[Pair]:
    """Return which is which, each once, in order of `incoming`; what is left out matches nothing."""
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
        """Match what has the same key; of several with one key, those that are most alike."""
        news = _grouped((key(self.incoming[at]), at) for at in sorted(self.new))
        olds = _grouped((key(self.known[at]), at) for at in sorted(self.old))
        for value, ours in news.items():
            theirs = olds.get(value, []) if value else []
            if len(ours) == len(theirs) == 1 and not least:
                self._take(ours[0], theirs[0], by)
            elif theirs:
                self._closest(ours, theirs, by, least)

    def by_words(self) -> None:
        """Match what is left by its words."""
        self._closest(sorted(self.new), sorted(self.old), WORDS, _ALIKE)

    def _closest(self, news: list[int], olds: list[int], by: str, least: float) -> None:
        if not news or not olds:
            return
        letters = _Letters()
        ours = [_spelled(self.incoming[at], letters) for at in news]
        theirs = [_spelled(self.known[at], letters) for at in olds]
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
    """Return the number of a heading, "" without one."""
    match = _LABEL.match(heading)
    return " ".join(match[1].casefold().split()).rstrip(".") if match else ""


def _title(heading: str) -> str:
    """Return the words of a heading without its number, folded."""
    rest = _LABEL.sub("", heading, count=1)
    return " ".join(_WORD.findall(rest.casefold()))


class _Letters(dict[str, str]):
    """A letter for each word, made where the word is met first."""

    def __missing__(self, word: str) -> str:
        self[word] = chr(_FIRST_LETTER + len(self) % _LETTERS)
        return self[word]


def _spelled(candidate: Candidate, letters: _Letters) -> str:
    """Return the first words of a text, each as one letter."""
    words = candidate.text[: _COMPARED * 12].casefold().split()[:_COMPARED]
    return "".join(map(letters.__getitem__, words))
