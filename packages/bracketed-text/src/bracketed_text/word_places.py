"""Find the words of one text in another text, where the alignment found nothing in common.

The words are searched for in sequences of `_RUN` consecutive words (runs). A run counts only at a place where the
alignment found nothing in common, because a phrase that occurs twice in both texts has not moved.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import islice

from bracketed_text.alternatives import Form, Variant
from bracketed_text.words import WORD, words

# The number of consecutive words in a run. A run may include unchanged words next to the words in question.
_RUN = 4
# The maximum number of places at which a run is searched for, and the maximum number of words of one text to search
# for.
_MOST_PLACES, _MOST_WORDS = 12, 400
# A text of at most this many words must be in a run that is one word longer, because phrases such as "on the basis of"
# are common. The words of a bracket that contains at most the second number of words are searched for only near their
# former place.
_FEW, FEW_IN_BRACKET = 2, 3
# The maximum distance, in characters, over which a few words may have moved, and the minimum length of the longest of
# these words.
_BESIDE, _LONG = 600, 4
# The number of words before and after a single word that must be the same for it to be at its former place.
_BETWEEN = 2
# The maximum distance, in characters, at which the same few words are in another place of the same sentence.
_NEAR = 40
# The minimum proportion of words that must be elsewhere for the whole text, or a part of it, to count as moved.
MOVED, _PARTLY = 0.7, 0.4
# The minimum number of these words, because fewer words are often in another sentence by chance; and the factor by
# which the words may be spread.
_ENOUGH, _SPREAD = 7, 2
# The maximum length, in characters, of the brackets that are considered when the new place of words is described. If a
# "]" is lost, a bracket may extend over most of a text.
_LONGEST_BRACKET = 2_000
# Numbers with at most this many digits are ignored, because they may be the numbers of paragraphs, pages or footnotes.
# A longer number is a year or an amount.
_LONGEST_NUMBER = 3
# The labels of the items of a list are also ignored.
_LABEL = re.compile(r"[a-z]|[ivx]{1,4}")
# "Re-emphasize" and "reemphasize" are the same word.
_WITHOUT_HYPHENS = str.maketrans("", "", "-‑")
# The number of a note at the beginning of a line. In contrast to that of a paragraph, it has no full stop.
_FOOTNOTE = re.compile(r"\n[ \t]*\d{1,3}[ \t]+[^\W\d_a-z]")
_IN_PARENTHESES = re.compile(r"\((?:[a-z]|[ivx]{1,4})\)")


class Fate(Enum):
    """The place, in the other text, of the words of a text."""

    NOWHERE = "nowhere"
    PARTLY = "some of them are elsewhere"
    HERE = "at their former place, in a sentence that changed"
    BASE_TEXT = "in base text elsewhere"
    BRACKET = "in a bracket elsewhere"
    OPTION = "in a labelled option elsewhere"
    MIXED = "partly in base text and partly in brackets elsewhere"


# The fates of words that are certain to be at another place.
CERTAIN = frozenset({Fate.BASE_TEXT, Fate.BRACKET, Fate.OPTION, Fate.MIXED})

Span = tuple[int, int]


class Side:
    """The words of one text.

    `unmatched` contains the words without a counterpart in the other text, and `runs` the runs that include such words.
    """

    def __init__(self, text: str, changed: Iterable[list[Span]], variants: Sequence[Variant]) -> None:
        matches = [match for match in WORD.finditer(text) if not (_is_number(match[0]) or _is_label(text, match))]
        self.keys = [match[0].casefold().translate(_WITHOUT_HYPHENS) for match in matches]
        self.starts = [match.start() for match in matches]
        self.ends = [match.end() for match in matches]
        self.text = text
        self.variants = variants
        self.begins = [variant.begin for variant in variants]
        self.unmatched = {at for spans in changed for span in spans for at in self.within(span)}

    def within(self, span: Span) -> range:
        """Return the numbers of the words that are at least partly in `span`."""
        start, end = span
        first = bisect_right(self.starts, start) - 1
        inside = first >= 0 and self.ends[first] > start
        return range(first if inside else first + 1, bisect_right(self.starts, end - 1))

    @cached_property
    def runs(self) -> dict[tuple[str, ...], list[int]]:
        """The runs that contain an unmatched word, each with the indices of the words at which it begins."""
        runs: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        last = len(self.keys) - _RUN
        for at in sorted({begin for word in self.unmatched for begin in range(word - _RUN + 1, word + 1)}):
            if 0 <= at <= last:
                runs[tuple(self.keys[at : at + _RUN])].append(at)
        return runs

    def fate(self, spans: Sequence[Span], counterpart: "Side", offset: int) -> Fate:
        """Return where the words in `spans` are in `counterpart`.

        `offset` is the offset in `counterpart` that corresponds to the start of `spans`.
        """
        own = self._words(spans)
        if not own:
            return Fate.NOWHERE
        places = self._places(own, counterpart)
        together = _together({at: twin for at, (twin, runs) in places.items() if runs > 1 or len(own) > _FEW}, len(own))
        if len(together) < MOVED * len(own) or not self._is_telling(together, counterpart):
            if self._cuts_a_word(own, spans):
                return Fate.PARTLY
            return self._fate_of_few(own, len(places), counterpart, offset)
        fates = Counter(counterpart.fate_at(twin) for twin in together.values())
        return next(iter(fates)) if len(fates) == 1 else Fate.MIXED

    def places_together(self, spans: Sequence[Span], counterpart: "Side") -> dict[int, int]:
        """Return the counterparts of the words in `spans` that are close together in `counterpart`."""
        own = self._words(spans)
        return _together({at: twin for at, (twin, _) in self._places(own, counterpart).items()}, len(own))

    def _words(self, spans: Sequence[Span]) -> list[int]:
        return list(islice((at for span in spans for at in self.within(span)), _MOST_WORDS))

    def _fate_of_few(self, own: list[int], count: int, counterpart: "Side", offset: int) -> Fate:
        """Return where the words `own` are, if too few of them are together elsewhere. `count` words are elsewhere."""
        near = range(*counterpart.around(offset, _BESIDE))
        if self._stands(own, counterpart, near):
            return Fate.HERE
        beside = self.beside(own, counterpart, offset)
        if beside is not None and abs(counterpart.starts[beside] - offset) <= _NEAR:
            end = beside + own[-1] + 1 - own[0]
            alone = counterpart.unmatched.isdisjoint((beside - 1, end))
            same = self._with_numbers(own[0], own[-1] + 1) == counterpart._with_numbers(beside, end)
            in_base_text = counterpart.fate_at(beside) is Fate.BASE_TEXT
            return Fate.BASE_TEXT if alone and same and in_base_text else Fate.PARTLY
        return Fate.PARTLY if beside is not None or count >= _PARTLY * len(own) else Fate.NOWHERE

    def _cuts_a_word(self, own: list[int], spans: Sequence[Span]) -> bool:
        """Return whether `spans` begin or end within a word such as "cross-border", of which the rest is unchanged."""
        return self.starts[own[0]] < spans[0][0] or self.ends[own[-1]] > spans[-1][1]

    def _stands(self, own: list[int], counterpart: "Side", near: range) -> bool:
        """Return whether the words `own` are between the same words as before, in `near`."""
        sides = _BETWEEN if len(own) == 1 else 1
        first, last = own[0] - sides, own[-1] + 1 + sides
        if last - first != len(own) + 2 * sides or first < 0 or last > len(self.keys):
            return False
        keys, all_words = self.keys[first:last], self._with_numbers(first, last)
        return any(
            counterpart.keys[at : at + len(keys)] == keys
            and counterpart._with_numbers(at, at + len(keys)) == all_words
            and not counterpart.unmatched.isdisjoint(range(at + sides, at + sides + len(own)))
            for at in near
        )

    def _is_telling(self, places: dict[int, int], counterpart: "Side") -> bool:
        """Return whether the words in `places` are so many and so rare that they are the same text at another place.

        At least one run must occur only once in each text, because phrases such as "in accordance with the decisions
        of" occur in many sentences.
        """
        if len(places) < _ENOUGH:
            return False
        return any(
            all(places.get(at + step) == twin + step for step in range(_RUN)) and self._is_unique(at, counterpart)
            for at, twin in places.items()
        )

    def _is_unique(self, at: int, counterpart: "Side") -> bool:
        run = f" {' '.join(self.keys[at : at + _RUN])} "
        return self._text_of_keys.count(run) == counterpart._text_of_keys.count(run) == 1

    @cached_property
    def _text_of_keys(self) -> str:
        return f" {' '.join(self.keys)} "

    def _with_numbers(self, first: int, last: int) -> list[str]:
        between = self.text[self.starts[first] : self.ends[last - 1]]
        return words(_IN_PARENTHESES.sub(" ", between))

    def around(self, offset: int, distance: int) -> Span:
        """Return the numbers of the first word, and after the last word, within `distance` of `offset`."""
        near = self.within((max(0, offset - distance), offset + distance))
        return near.start, near.stop

    def beside(self, own: Sequence[int], counterpart: "Side", offset: int) -> int | None:
        """Return the number of the first of the same few words in `counterpart`, if they are unmatched near `offset`.

        `own` contains the numbers of the words, and `offset` corresponds to their place.
        """
        keys = self.keys[own[0] : own[-1] + 1] if own else []
        if not 0 < len(keys) <= FEW_IN_BRACKET or max(map(len, keys)) < _LONG:
            return None
        candidates = (
            at
            for at in range(*counterpart.around(offset, _BESIDE))
            if counterpart.keys[at : at + len(keys)] == keys
            and counterpart.unmatched.issuperset(range(at, at + len(keys)))
        )
        return min(candidates, key=lambda at: abs(counterpart.starts[at] - offset), default=None)

    def _places(self, own: list[int], counterpart: "Side") -> dict[int, tuple[int, int]]:
        """Return the counterpart of each word in `own` that is part of a run in `counterpart`.

        The result gives, by the number of the word, the number of its counterpart and the number of runs that contain
        both.
        """
        own_words = set(own)
        runs: Counter[tuple[int, int]] = Counter()
        for begin in sorted({begin for at in own for begin in range(max(0, at - _RUN + 1), at + 1)}):
            for twin in counterpart.runs.get(tuple(self.keys[begin : begin + _RUN]), ())[:_MOST_PLACES]:
                runs.update(
                    (begin + step, twin + step)
                    for step in range(_RUN)
                    if begin + step in own_words and twin + step in counterpart.unmatched
                )
        places: dict[int, tuple[int, int]] = {}
        for (word, twin), count in runs.items():
            if count > places.get(word, (0, 0))[1]:
                places[word] = twin, count
        return places

    def fate_at(self, word: int) -> Fate:
        """Return whether the word with the number `word` is in base text, in a bracket or in a labelled option."""
        return self.fate_at_offset(self.starts[word])

    def fate_at_offset(self, offset: int) -> Fate:
        """Return whether the character at `offset` is in base text, in a bracket or in a labelled option."""
        at = bisect_right(self.begins, offset) - 1
        while at >= 0 and not offset < self.variants[at].end <= self.variants[at].start + _LONGEST_BRACKET:
            at = self._parents[at]
        if at < 0:
            return Fate.BASE_TEXT
        if self.variants[at].form is not Form.OPTION:
            return Fate.BRACKET
        # A note at the foot of a page is not part of an option that continues on the next page.
        return Fate.BASE_TEXT if _FOOTNOTE.search(self.text, self.variants[at].start, offset) else Fate.OPTION

    @cached_property
    def _parents(self) -> list[int]:
        return list(_parents(self.variants))


def _together(places: dict[int, int], size: int) -> dict[int, int]:
    """Return those of `places` that are close together in the other text, namely the most that a window contains.

    `size` is the number of the words, most of which have a place.
    """
    best: list[int] = []
    by_place = sorted(places, key=lambda at: places[at])
    first = 0
    for last, at in enumerate(by_place):
        while places[at] - places[by_place[first]] >= _SPREAD * size:
            first += 1
        if last - first >= len(best):
            best = by_place[first : last + 1]
    return {at: places[at] for at in best}


def _parents(variants: Sequence[Variant]) -> Iterator[int]:
    """Yield, for each variant, the index of the variant directly around it, or -1 if it has none."""
    around: list[int] = []
    for at, variant in enumerate(variants):
        while around and variants[around[-1]].end <= variant.begin:
            around.pop()
        yield around[-1] if around else -1
        around.append(at)


def _is_label(text: str, match: re.Match[str]) -> bool:
    """Return whether the word is the label of an item in a list, such as "(a)" or "(ii)"."""
    in_parentheses = text[match.start() - 1 : match.start()] == "(" and text[match.end() : match.end() + 1] == ")"
    return in_parentheses and _LABEL.fullmatch(match[0]) is not None


def _is_number(word: str) -> bool:
    return len(word) <= _LONGEST_NUMBER and word.isdecimal()
