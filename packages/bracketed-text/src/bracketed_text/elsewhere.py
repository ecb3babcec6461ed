"""Find removed or added words elsewhere in the other text, so that words that moved are not reported as removed.

The alignment keeps the order of the text. If two passages exchange places, it therefore reports the words of one of
them as removed and added. It does the same for words that were base text and are now in a bracket elsewhere. This
module searches the other text for sequences of `_RUN` consecutive words (runs). A run counts only at a place where the
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
from bracketed_text.events import Act, Comparison
from bracketed_text.option_labels import in_a_label, labels_beside
from bracketed_text.tree import Tree
from bracketed_text.words import WORD

# The number of consecutive words in a run. A run may include unchanged words next to the words in question.
_RUN = 4
# The maximum number of places at which a run is searched for, and the maximum number of words of one text to search
# for.
_MOST_PLACES, _MOST_WORDS = 12, 400
# A text of at most this many words must be in a run that is one word longer, because phrases such as "on the basis of"
# are common. The words of a bracket that contains at most the second number of words are searched for only near their
# former place.
_FEW, _FEW_IN_BRACKET = 2, 3
# The maximum distance, in characters, over which a few words may have moved, and the minimum length of the longest of
# these words.
_BESIDE, _LONG = 600, 4
# The maximum number of characters between the parts of one text that moved. None of these characters may be a mark.
_NEAR = 40
_MARKS = re.compile(r"[\[\]]")
# The minimum proportion of words that must be elsewhere for the whole text, or a part of it, to count as moved.
_MOVED, _PARTLY = 0.7, 0.4
# The maximum length, in characters, of the brackets that are considered when the new place of words is described. If a
# "]" is lost, a bracket may extend over most of a text.
_LONGEST_BRACKET = 2_000
# Numbers with at most this many digits are ignored, because they may be the numbers of paragraphs, pages or footnotes.
# A longer number is a year or an amount.
_LONGEST_NUMBER = 3


class Fate(Enum):
    """The place, in the other text, of the words of a text."""

    NOWHERE = "nowhere"
    PARTLY = "some of them are elsewhere"
    BASE_TEXT = "in base text elsewhere"
    BRACKET = "in a bracket elsewhere"
    OPTION = "in a labelled option elsewhere"
    MIXED = "partly in base text and partly in brackets elsewhere"


Span = tuple[int, int]


class Elsewhere:
    """A search for the words of each of two compared texts in the other text."""

    def __init__(self, old: Tree, new: Tree, comparison: Comparison) -> None:
        self.comparison = comparison
        self.old, self.new = old, new
        self.removed: defaultdict[int, list[Span]] = defaultdict(list)
        self.added: defaultdict[int, list[Span]] = defaultdict(list)
        # Offsets in both texts at which a change ends.
        self.edges: list[tuple[int, int]] = [(0, 0)]
        position = at = 0
        for hunk in comparison.hunks:
            at += hunk.start - position
            if hunk.start < hunk.end:
                self.removed[hunk.event].append((hunk.start, hunk.end))
            if hunk.text:
                self.added[hunk.event].append((at, at + len(hunk.text)))
            position = hunk.end
            at += len(hunk.text)
            self.edges.append((position, at))

    def moved_in_pieces(self) -> Iterator[tuple[list[int], Span, Fate]]:
        """Yield the events that removed pieces of one stretch of base text that is now elsewhere.

        Each group of events is followed by the span of the stretch and its fate. The stretch is in pieces because the
        alignment may, by chance, find a common word in the middle of a sentence that moved.
        """
        for pieces in self._pieces():
            span = self.removed[pieces[0]][0][0], self.removed[pieces[-1]][-1][1]
            fate = self.of_removed([span]) if len(pieces) > 1 else Fate.NOWHERE
            if fate not in (Fate.NOWHERE, Fate.PARTLY):
                yield pieces, span, fate

    def _pieces(self) -> Iterator[list[int]]:
        """Yield the events that removed base text, in groups of events whose texts are close together."""
        pieces: list[int] = []
        for number, event in enumerate(self.comparison.events):
            if event.act is not Act.BASE_TEXT or not WORD.search(event.removed) or WORD.search(event.added):
                continue
            if pieces and not self._are_near(pieces[-1], number):
                yield pieces
                pieces = []
            pieces.append(number)
        if pieces:
            yield pieces

    def _are_near(self, event: int, following: int) -> bool:
        end, start = self.removed[event][-1][1], self.removed[following][0][0]
        return end <= start <= end + _NEAR and not _MARKS.search(self.old.text, end, start)

    def of_removed(self, spans: Sequence[Span]) -> Fate:
        """Return where the words in `spans` of the old text are in the new text."""
        return self._old_side.fate(spans, self._new_side, self.new_offset(spans[0][0]))

    def new_offset(self, offset: int) -> int:
        """Return the offset in the new text that corresponds to `offset` in the old text."""
        was, now = self.edges[bisect_right(self.edges, offset, key=lambda edge: edge[0]) - 1]
        return now + offset - was

    def of_dropped(self, variant: Variant) -> Fate:
        """Return where the words of an old variant that ended are in the new text.

        A few words occur in many brackets. Finding them elsewhere therefore does not show that they moved there.
        """
        span = variant.start, variant.end
        own = self._old_side.within(span)
        if len(own) > _FEW_IN_BRACKET:
            removed = sum(at in self._old_side.unmatched for at in own)
            return self.of_removed([span]) if 2 * removed >= len(own) else Fate.MIXED
        beside = self._old_side.is_beside(list(own), self._new_side, self.new_offset(span[0]))
        return Fate.PARTLY if beside else Fate.NOWHERE

    def of_added(self, spans: Sequence[Span]) -> Fate:
        """Return where the words in `spans` of the new text were in the old text."""
        return self._new_side.fate(spans, self._old_side, self.old_offset(spans[0][0]))

    def old_offset(self, offset: int) -> int:
        """Return the offset in the old text that corresponds to an offset in the new text."""
        was, now = self.edges[bisect_right(self.edges, offset, key=lambda edge: edge[1]) - 1]
        return was + offset - now

    def has_label_of(self, variant: Variant, *, is_new: bool) -> bool:
        """Return whether the label of this old or new option is also in its place in the other text.

        Labels of options that have their own counterpart are not considered.
        """
        text, opposite = (self.new.text, self.old.text) if is_new else (self.old.text, self.new.text)
        variants = self.comparison.old_variants if is_new else self.comparison.new_variants
        paired = self.comparison.pairs.keys() if is_new else self._new_paired
        start, end = map(self.old_offset if is_new else self.new_offset, (variant.begin, variant.start))
        labels = labels_beside(text[variant.begin : variant.start], opposite, start, end)
        return any(in_a_label(variants, offset) not in paired for offset in labels)

    @cached_property
    def _new_paired(self) -> set[int]:
        return set(self.comparison.pairs.values())

    @cached_property
    def _old_side(self) -> "_Side":
        return _Side(self.old.text, self.removed.values(), self.comparison.old_variants)

    @cached_property
    def _new_side(self) -> "_Side":
        return _Side(self.new.text, self.added.values(), self.comparison.new_variants)


class _Side:
    """The words of one text.

    `unmatched` contains the words without a counterpart in the other text, and `runs` the runs that include such words.
    """

    def __init__(self, text: str, changed: Iterable[list[Span]], variants: Sequence[Variant]) -> None:
        matches = [match for match in WORD.finditer(text) if not _is_number(match[0])]
        self.keys = [match[0].casefold() for match in matches]
        self.starts = [match.start() for match in matches]
        self.variants = variants
        self.begins = [variant.begin for variant in variants]
        self.unmatched = {at for spans in changed for span in spans for at in self.within(span)}

    def within(self, span: Span) -> range:
        """Return the numbers of the words that are at least partly in `span`."""
        start, end = span
        first = bisect_right(self.starts, start) - 1
        inside = first >= 0 and self.starts[first] + len(self.keys[first]) > start
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

    def fate(self, spans: Sequence[Span], counterpart: "_Side", offset: int) -> Fate:
        """Return where the words in `spans` are in `counterpart`.

        `offset` is the offset in `counterpart` that corresponds to the start of `spans`.
        """
        own = list(islice((at for span in spans for at in self.within(span)), _MOST_WORDS))
        places = self._places(own, counterpart) if own else {}
        if not places:
            return Fate.PARTLY if self.is_beside(own, counterpart, offset) else Fate.NOWHERE
        certain = [twin for twin, runs in places.values() if runs > 1 or len(own) > _FEW]
        if len(certain) < _MOVED * len(own):
            beside = len(places) >= _PARTLY * len(own) or self.is_beside(own, counterpart, offset)
            return Fate.PARTLY if beside else Fate.NOWHERE
        fates = Counter(counterpart.fate_at(twin) for twin in certain)
        return next(iter(fates)) if len(fates) == 1 else Fate.MIXED

    def is_beside(self, own: list[int], counterpart: "_Side", offset: int) -> bool:
        """Return whether the same few words are unmatched in `counterpart`, near `offset`.

        `own` contains the numbers of the words, and `offset` corresponds to their place.
        """
        keys = self.keys[own[0] : own[-1] + 1] if own else []
        if not 0 < len(keys) <= _FEW_IN_BRACKET or max(map(len, keys)) < _LONG:
            return False
        return any(
            counterpart.keys[at : at + len(keys)] == keys
            and counterpart.unmatched.issuperset(range(at, at + len(keys)))
            for at in counterpart.within((max(0, offset - _BESIDE), offset + _BESIDE))
        )

    def _places(self, own: list[int], counterpart: "_Side") -> dict[int, tuple[int, int]]:
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
        offset = self.starts[word]
        at = bisect_right(self.begins, offset) - 1
        while at >= 0 and not offset < self.variants[at].end <= self.variants[at].start + _LONGEST_BRACKET:
            at = self._parents[at]
        if at < 0:
            return Fate.BASE_TEXT
        return Fate.OPTION if self.variants[at].form is Form.OPTION else Fate.BRACKET

    @cached_property
    def _parents(self) -> list[int]:
        return list(_parents(self.variants))


def _parents(variants: Sequence[Variant]) -> Iterator[int]:
    """Yield, for each variant, the index of the variant directly around it, or -1 if it has none."""
    around: list[int] = []
    for at, variant in enumerate(variants):
        while around and variants[around[-1]].end <= variant.begin:
            around.pop()
        yield around[-1] if around else -1
        around.append(at)


def _is_number(word: str) -> bool:
    return len(word) <= _LONGEST_NUMBER and word.isdecimal()
