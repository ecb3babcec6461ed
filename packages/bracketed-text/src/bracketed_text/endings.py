"""Determine how each unmatched old variant ended.

- A variant was dropped if less than half of its text remains, unless every word outside its inner brackets remains.
  Otherwise, it was lifted.
- If no bracket of a choice remains, the alternative whose text remains was chosen, and the others were dropped. If the
  text of several alternatives remains, an alternative was chosen only if its text alone is complete. At most one
  alternative is therefore chosen. No bracket of a run is chosen, because its members have not declared it a choice.
- A variant was merged if most of its remaining text is now in a neighbour. An apparently dropped variant was also
  merged if a remaining neighbour has taken up at least half of its words.

For example, if "[one week] / [two weeks]" becomes "two weeks", the second alternative was chosen and the first was
dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from bracketed_text.alternatives import CHOICES, Form, Relation
from bracketed_text.events import Act, Event
from bracketed_text.labels import says_no_text
from bracketed_text.matching import Matching
from bracketed_text.moving import SAME, within
from bracketed_text.option_labels import in_a_label, labels_beside
from bracketed_text.territory import BASE, Survey, Territory
from bracketed_text.words import WORD, words

# If at least this share of a variant's characters remains, the match is not a coincidence.
_SURELY = 0.8


class Endings:
    """The endings of old variants. `lost` returns the text, outside inner brackets, that a variant lost."""

    def __init__(
        self,
        old: Survey,
        new: Survey,
        matching: Matching,
        territory: Territory,
        known: Mapping[int, Act],
        lost: Callable[[int], str],
    ) -> None:
        self.old = old
        self.new = new
        self.pairs = matching.pairs
        self.back = {twin: at for at, twin in matching.pairs.items()}
        self.kept = matching.kept
        self.territory = territory
        self.known = known
        self.places = matching.places
        self.displaced = matching.displaced
        self.lost = lost
        self.beside = _beside(old)

    def by_variant(self) -> dict[int, Event]:
        """Return the ending of each unmatched old variant. The keys are the indices of the variants."""
        if len(self.pairs) == len(self.old.variants):
            return {}
        went: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for (owner, twin), size in self.kept.items():
            for outer in self.territory.ancestry(owner) if owner != BASE else ():
                if outer not in self.pairs:  # most old variants are matched
                    went[outer][twin] += size
        having_words = self._having_words()
        endings = {}
        for at in range(len(self.old.variants)):
            if at in self.known:
                endings[at] = Event(self.known[at], at)
            elif at in self.displaced:
                endings[at] = Event(Act.DROPPED, at)
            elif at not in self.pairs:
                endings[at] = self._alone(at, went[at], at in having_words)
        endings |= dict(self._of_choices(endings))
        endings |= dict(self._written_into_others(endings))
        return {at: self._with_what_is_gone(at, event) for at, event in endings.items()}

    def _having_words(self) -> set[int]:
        """Return the old variants that have words outside their inner brackets."""
        text = self.old.tree.text
        return {
            owner
            for start, end, owner, marks in self.territory.stretches
            if owner != BASE and not marks and WORD.search(text, start, end)
        }

    def _alone(self, old: int, went: Counter[int], has_words: bool) -> Event:
        """Return the ending of `old`, regardless of any choice to which it belongs.

        `went` counts the remaining characters of `old` by the new variant that contains them.
        """
        letters = self.old.words(old).strip()
        whole = has_words and went and not WORD.search(self.lost(old))
        variant = self.old.variants[old]
        begin, until = self.old.begins[old], self.old.untils[old]
        by_chance = went.total() < _SURELY * len(letters) and not self.places.beside(begin, until)
        if by_chance or self.places.scattered(variant.start, variant.end):
            return Event(Act.DROPPED, old)
        if not whole and (not letters or went.total() < SAME * len(letters)):
            return Event(Act.DROPPED, old)
        around = {self.pairs[outer] for outer in self.territory.ancestry(old) if outer in self.pairs} | {BASE}
        target = max(went, key=lambda at: (went[at], -at))
        group = self.beside.get(old)
        if target not in around and group is not None and self.beside.get(self.back.get(target, BASE)) == group:
            return Event(Act.MERGED, old, target)
        if target not in around and (not whole or went[target] < _SURELY * went.total()):
            return Event(Act.DROPPED, old)  # its remaining words are in an unrelated bracket
        return Event(Act.LIFTED, old)

    def _of_choices(self, endings: dict[int, Event]) -> Iterator[tuple[int, Event]]:
        """Yield the endings of the variants in each choice from which one alternative was chosen."""
        for members in _choices(self.old):
            if any(at in self.pairs or at in self.known or endings[at].act is Act.MERGED for at in members):
                continue
            stay = [at for at in members if endings[at].act is Act.LIFTED]
            standing = [at for at in members if self._label_stands(at)]
            if len(standing) > 1:
                continue  # still options, although the parser no longer recognises them
            if len(stay) > 1:
                stay = [at for at in stay if not WORD.search(self.lost(at))]
            elif not stay:
                stay = [at for at in members if self._says_no_text(at)]
            if len(stay) == 1 and set(standing) <= set(stay):
                yield stay[0], Event(Act.CHOSEN, stay[0])
                yield from ((at, Event(Act.DROPPED, at)) for at in self._gone_with(members, stay[0]))

    def _label_stands(self, old: int) -> bool:
        """Return whether `old` is a labelled option whose label remains near its former place."""
        variant = self.old.variants[old]
        if variant.form is not Form.OPTION or variant.bracket is not None:
            return False
        expected = self.places.between(variant.begin, variant.start)[0]
        label = self.old.tree.text[variant.begin : variant.start]
        offsets = labels_beside(label, self.new.tree.text, expected, expected)
        return any(in_a_label(self.new.variants, offset) not in self.back for offset in offsets)

    def _gone_with(self, members: list[int], chosen: int) -> Iterator[int]:
        """Yield each alternative other than `chosen`.

        Each is followed by those of its inner variants that also ended.
        """
        for member in members:
            if member != chosen:
                yield member
                for at in within(self.old, member):
                    if at not in self.pairs and at not in self.known:
                        yield at

    def _written_into_others(self, endings: dict[int, Event]) -> Iterator[tuple[int, Event]]:
        """Yield a merger for each variant that seems to have been dropped but whose words a neighbour has taken up.

        The neighbour must now contain at least half of these words.
        """
        survivors = {self.beside[at]: at for at in self.pairs if at in self.beside}
        for at, event in endings.items():
            if event.act is not Act.DROPPED or at in self.known or self.beside.get(at) not in survivors:
                continue
            if self.old.variants[at].bracket is None:
                continue  # the extent of the last labelled option depends on the text that follows
            survivor = survivors[self.beside[at]]
            before, after = self.old.words(survivor), self.new.words(self.pairs[survivor])
            if before == after:
                continue
            lost, had, has = (Counter(words(text)) for text in (self.old.words(at), before, after))
            if (lost - had) & (has - had) and (lost & has).total() >= SAME * lost.total():
                yield at, Event(Act.MERGED, at, self.pairs[survivor])

    def _with_what_is_gone(self, at: int, event: Event) -> Event:
        if event.act not in (Act.LIFTED, Act.CHOSEN) or self._says_no_text(at):
            return event
        lost = self.lost(at)
        return event._replace(removed=lost.strip()) if WORD.search(lost) else event

    def _says_no_text(self, old: int) -> bool:
        variant = self.old.variants[old]
        return says_no_text(self.old.tree.text, variant.start, variant.end)


def by_span(side: Survey) -> dict[int, int]:
    """Return a mapping from the offsets at which the texts of variants begin to the indices of the variants.

    As in `Group.spans`, the label of an option in a bracket is part of its text.
    """
    at = {variant.start: number for number, variant in enumerate(side.variants)}
    for number, variant in enumerate(side.variants):
        if variant.form is Form.OPTION and variant.bracket is not None:
            at[variant.bracket.body] = number
    return at


def _beside(side: Survey) -> dict[int, int]:
    """Return a mapping from the index of each variant in a choice or run to the number of that choice or run."""
    at = by_span(side)
    return {
        at[start]: number
        for number, group in enumerate(side.groups)
        if group.relation in CHOICES or group.relation is Relation.RUN
        for start, _ in group.spans
        if start in at
    }


def _choices(side: Survey) -> Iterator[list[int]]:
    """Yield the indices of the variants in each choice."""
    at = by_span(side)
    for group in side.groups:
        if group.relation in CHOICES:
            yield [at[start] for start, _ in group.spans if start in at]
