"""Find removed or added words elsewhere in the other text, so that words that moved are not reported as removed.

The alignment keeps the order of the text. If two passages exchange places, it therefore reports the words of one of
them as removed and added. It does the same for words that were base text and are now in a bracket elsewhere. The words
are therefore searched for in the other text (`word_places`). If it is not certain where they are, this is said.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from bracketed_text.alternatives import Variant
from bracketed_text.events import ENDINGS, Act, Comparison
from bracketed_text.option_labels import in_a_label, labels_beside
from bracketed_text.tree import Tree
from bracketed_text.word_places import CERTAIN, FEW_IN_BRACKET, MOVED, Fate, Side, Span
from bracketed_text.words import WORD, words

# The maximum number of characters between the parts of one text that moved. None of these characters may be a mark.
_NEAR = 40
# A mark is the same if so many characters beside it are the same.
_BESIDE_A_MARK = 24
# Two single words replaced each other if so many characters on both sides are the same.
_AROUND = 8
# A bracket begins as before if so many words at its beginning are the same. They are in so many characters.
_BEGINNING, _LONGEST_BEGINNING = 8, 160
_MARKS = re.compile(r"[\[\]]")


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
        for near in self._pieces():
            for pieces in self._that_moved(near) if len(near) > 1 else ():
                span = self._from_first_to_last(pieces)
                fate = self.of_removed([span]) if len(pieces) > 1 else Fate.NOWHERE
                if fate in CERTAIN:
                    yield pieces, span, fate

    def _from_first_to_last(self, pieces: list[int]) -> Span:
        return self.removed[pieces[0]][0][0], self.removed[pieces[-1]][-1][1]

    def _that_moved(self, near: list[int]) -> Iterator[list[int]]:
        """Yield the consecutive events of `near` whose words are now at one place.

        The other events removed words of another sentence.
        """
        places = self._old_side.places_together([self._from_first_to_last(near)], self._new_side)
        for moved, pieces in groupby(near, key=lambda event: self._is_among(event, places)):
            if moved:
                yield list(pieces)

    def _is_among(self, event: int, places: dict[int, int]) -> bool:
        own = [at for span in self.removed[event] for at in self._old_side.within(span)]
        return bool(own) and sum(at in places for at in own) >= MOVED * len(own)

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
        if len(own) > FEW_IN_BRACKET:
            kept = [at for at in own if at not in self._old_side.unmatched]
            return self._of_kept(kept) if 2 * len(kept) > len(own) else self.of_removed([span])
        beside = self._old_side.beside(own, self._new_side, self.new_offset(span[0]))
        return Fate.NOWHERE if beside is None else Fate.PARTLY

    def _of_kept(self, kept: list[int]) -> Fate:
        """Return whether unchanged words of a bracket that ended are now in base text, and not in another bracket."""
        places = [self._new_side.fate_at_offset(self.new_offset(self._old_side.starts[at])) for at in kept]
        return Fate.BASE_TEXT if 2 * places.count(Fate.BASE_TEXT) > len(places) else Fate.PARTLY

    def of_added(self, spans: Sequence[Span]) -> Fate:
        """Return where the words in `spans` of the new text were in the old text.

        Words that also stand at the corresponding place of the old text were added as a copy or in another order.
        """
        fate = self._new_side.fate(spans, self._old_side, self.old_offset(spans[0][0]))
        return Fate.PARTLY if fate is Fate.HERE else fate

    def old_offset(self, offset: int) -> int:
        """Return the offset in the old text that corresponds to an offset in the new text."""
        was, now = self.edges[bisect_right(self.edges, offset, key=lambda edge: edge[1]) - 1]
        return was + offset - now

    def label_stands(self, variant: Variant) -> bool:
        """Return whether the label of an old option that ended is still in its place."""
        return self._is_unchanged(variant.begin, variant.start) or self.has_label_of(variant, is_new=False)

    def keeps_a_mark(self, variant: Variant) -> bool:
        """Return whether a mark of an old bracket that ended is still beside the same words.

        Its other mark was then lost or is in another place, so that the bracket was neither lifted nor dropped.
        """
        start, end = variant.begin, variant.end
        if variant.bracket is None or variant.inside or end - start <= _BESIDE_A_MARK:
            return False
        return self._is_unchanged(start, start + _BESIDE_A_MARK) or self._is_unchanged(end - _BESIDE_A_MARK, end + 1)

    def is_in_same_words(self, number: int) -> bool:
        """Return whether the text on both sides of the changes of this event is the same in both texts."""
        hunks, (first, last) = self.comparison.hunks, self._places[number]
        before = hunks[first].start - hunks[first - 1].end if first else _AROUND
        behind = hunks[last + 1].start - hunks[last].end if last + 1 < len(hunks) else _AROUND
        return min(before, behind) >= _AROUND

    @cached_property
    def _places(self) -> dict[int, tuple[int, int]]:
        """The indices of the first and the last hunk of each event."""
        places: dict[int, tuple[int, int]] = {}
        for at, hunk in enumerate(self.comparison.hunks):
            places[hunk.event] = places.get(hunk.event, (at, at))[0], at
        return places

    def begins_as_before(self, variant: Variant) -> bool:
        """Return whether a new bracket begins with the same words as an old bracket that ended."""
        return self._first_words(variant, self.new.text) in self._beginnings

    @cached_property
    def _beginnings(self) -> set[tuple[str, ...]]:
        """The first words of the old brackets that ended and whose words are still there."""
        beginnings: set[tuple[str, ...]] = set()
        for event in self.comparison.events:
            if event.act in ENDINGS and event.old is not None:
                variant = self.comparison.old_variants[event.old]
                if self.of_dropped(variant) is not Fate.NOWHERE:
                    beginnings.add(self._first_words(variant, self.old.text))
        return beginnings - {()}

    def _first_words(self, variant: Variant, text: str) -> tuple[str, ...]:
        first = tuple(words(text, variant.start, min(variant.end, variant.start + _LONGEST_BEGINNING))[:_BEGINNING])
        return first if variant.bracket is not None and len(first) == _BEGINNING else ()

    def ends_elsewhere(self, was: Variant, now: Variant) -> bool:
        """Return whether the closing mark of an old bracket is beside the same words, but closes another bracket."""
        if was.bracket is None or now.bracket is None or was.inside or was.end - was.start <= _BESIDE_A_MARK:
            return False
        return self._is_unchanged(was.end - _BESIDE_A_MARK, was.end + 1) and self.new_offset(was.end) != now.end

    def _is_unchanged(self, start: int, end: int) -> bool:
        """Return whether the old `text[start:end]` is in one piece in the new text."""
        first = bisect_right(self.edges, start, key=lambda edge: edge[0]) - 1
        hunks = self.comparison.hunks
        return first >= len(hunks) or hunks[first].start >= end

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
    def _old_side(self) -> Side:
        return Side(self.old.text, self.removed.values(), self.comparison.old_variants)

    @cached_property
    def _new_side(self) -> Side:
        return Side(self.new.text, self.added.values(), self.comparison.new_variants)
