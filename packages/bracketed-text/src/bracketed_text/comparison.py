"""Compare two versions of a text, and describe the changes in terms of brackets and positions.

The comparison has five steps. Each step answers one question and passes its result to the next step:

1. Align (`alignment`, `realignment`, `strays`): which characters do both versions have in common? The result is a list
   of blocks. The text between two blocks differs.
2. Territory (`territory`): to which variant does each character belong? The text is divided into stretches. The owner
   of a stretch is the innermost variant around it, or the base text.
3. Match (`matching`, `moving`): which new variant corresponds to each old variant? Two variants match if they share at
   least half of their characters. Variants that moved are then matched by their words.
4. Endings (`endings`): how did each unmatched old variant end? It was lifted, dropped, chosen or merged.
5. Ledger (`_Ledger`): which event accounts for each change? Every removed or added character is entered under a key,
   which is its variant or the base text. The events are derived from the keys, and each character belongs to exactly
   one event.

Therefore, replaying the changes on the old text yields the new text, and every difference is reported.

For example, the steps compare "A [CAN: b] [c] d." with "A b [BRA: c] e." as follows:

1. The blocks are "A ", "b", "[", "c] " and ".". The differences are "[CAN: ", "]", "BRA: " and "d" → "e".
2. "[CAN: " and "]" belong to the first bracket, "BRA: " to the second bracket, and "d" and "e" to the base text.
3. The second bracket has a match, because "c" is common. The first bracket has no match.
4. Every word of the first bracket remains as base text, so this bracket was lifted.
5. The events are: bracket lifted ("[CAN: " and "]"), position taken by BRA ("BRA: "), base text changed ("d" → "e").

Three rules assign the remaining characters:

- The separator between two alternatives belongs to the second alternative.
- Blanks and punctuation next to a bracket that appears or disappears belong to that bracket.
- If no word changes, the text was respelled.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from bracketed_text.alignment import Block, align
from bracketed_text.alternatives import Relation, Variant
from bracketed_text.endings import Endings, by_span
from bracketed_text.events import Act, Comparison, Event, Hunk
from bracketed_text.footnotes import Footnotes, plain_words
from bracketed_text.matching import Matching, match
from bracketed_text.realignment import realigned
from bracketed_text.strays import without_strays
from bracketed_text.territory import BASE, Stretch, Survey, Territory, clipped, survey, without
from bracketed_text.tree import Tree
from bracketed_text.words import WORD, outermost_words, words


def compare(old: Tree, new: Tree, outcomes: Mapping[int, Act] | None = None) -> Comparison:
    """Return the changes from `old` to `new`, two trees parsed with the same register.

    `outcomes` maps the offset at which an old variant begins to the variant's known ending, as in `Edit.outcomes`. A
    known ending overrides the ending that the texts suggest. Offsets at which no variant begins are ignored.
    """
    old_survey, new_survey = survey(old), survey(new)
    known = (
        {at: outcomes[variant.begin] for at, variant in enumerate(old_survey.variants) if variant.begin in outcomes}
        if outcomes
        else {}
    )
    blocks = _blocks(old_survey, new_survey, known)
    matching, old_territory, new_territory = match(old_survey, new_survey, blocks, known)
    ledger = _Ledger(old_survey, new_survey, matching, old_territory, known)
    for cluster in _clusters(old_territory, new_territory, blocks):
        ledger.take(cluster)
    return ledger.closed()


def _blocks(old: Survey, new: Survey, known: Mapping[int, Act]) -> list[Block]:
    """Return the common blocks, excluding the text that was lost with the old variants in `known`."""
    text = old.tree.text
    if not known:
        blocks = realigned(old, new, align(text, new.tree.text, _heads(old), _heads(new)))
        return list(without_strays(old, new, blocks))
    left = without(old, {at: act not in (Act.LIFTED, Act.CHOSEN) for at, act in known.items()})
    heads = iter(_heads(old, known))
    head = next(heads, None)
    shorter_heads: list[tuple[int, int]] = []
    length = 0
    for start, end in left:
        while head is not None and head[0] < end:
            shorter_heads.append((head[0] - start + length, head[1] - start + length))
            head = next(heads, None)
        length += end - start
    shorter = "".join(text[start:end] for start, end in left)
    return list(_put_back(align(shorter, new.tree.text, shorter_heads, _heads(new), closely=True), left))


def _put_back(blocks: list[Block], left: list[tuple[int, int]]) -> Iterator[Block]:
    """Yield `blocks` with offsets in the whole old text. Blocks are divided where text was removed.

    The offsets of `blocks` refer to the reduced text, which consists of the spans in `left`.
    """
    waiting = iter(left)
    start = end = shorter = 0  # the current span, and its start in the reduced text
    for old_start, new_start, length in blocks:
        at = old_start
        while at < old_start + length:
            while at >= shorter + end - start:
                shorter += end - start
                start, end = next(waiting)
            until = min(old_start + length, shorter + end - start)
            yield Block(start + at - shorter, new_start + at - old_start, until - at)
            at = until


def _heads(side: Survey, ended: Collection[int] = ()) -> list[tuple[int, int]]:
    """Return the spans of the heads. Heads after a number and heads of variants in `ended` are left out."""
    return [
        (variant.begin, variant.begin + variant.head.length)
        for at, variant in enumerate(side.variants)
        if variant.head.length and not variant.head.lead and at not in ended
    ]


class _Change(NamedTuple):
    """Characters removed or added at offset `at` of the old text. Their owner is a variant, `BASE` or `_NOTES`."""

    at: int
    text: str
    owner: int
    marks: bool
    added: bool


# The owner of footnote numbers, which belong to no variant.
_NOTES = -2


def _clusters(old: Territory, new: Territory, blocks: list[Block]) -> Iterator[list[_Change]]:
    """Yield the changes in each gap between two blocks, divided by owner. Removals come before additions."""
    old_text, new_text = old.survey.tree.text, new.survey.tree.text
    notes, new_notes = Footnotes(old.survey.tree), Footnotes(new.survey.tree)
    gaps = list(_gaps(old_text, new_text, blocks))
    removed = clipped(old.stretches, ((start, end) for start, end, _, _ in gaps))
    added = clipped(new.stretches, ((first, last) for _, _, first, last in gaps))
    for (_, end, _, _), old_parts, new_parts in zip(gaps, removed, added, strict=True):
        yield [
            *(_change(old_text, notes, part, part.start, added=False) for part in old_parts),
            *(_change(new_text, new_notes, part, end, added=True) for part in new_parts),
        ]


def _gaps(old: str, new: str, blocks: list[Block]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the bounds of each gap between consecutive blocks, where `old[start:end]` became `new[first:last]`."""
    start = first = 0
    for old_start, new_start, length in (*blocks, Block(len(old), len(new), 0)):
        end, last = old_start, new_start
        if start < end and first < last:
            start, end, first, last = _trimmed(old, start, end, new, first, last)
        if start < end or first < last:
            yield start, end, first, last
        start, first = old_start + length, new_start + length


def _change(text: str, notes: Footnotes, part: Stretch, at: int, *, added: bool) -> _Change:
    owner = _NOTES if notes.holds(part.start, part.end, part.marks) else part.owner
    return _Change(at, text[part.start : part.end], owner, part.marks, added)


def _trimmed(old: str, start: int, end: int, new: str, first: int, last: int) -> tuple[int, int, int, int]:
    """Return the gap without the blanks, marks and punctuation that both texts have at its start or end.

    If one side is only "[" and the other side ends with "[", the final "[" is the common character, because it belongs
    to the text that follows.
    """
    if min(end - start, last - first) == 1 and old[end - 1] == new[last - 1] == "[":
        return start, end - 1, first, last - 1
    while start < end and first < last and old[start] == new[first] and not old[start].isalnum():
        start, first = start + 1, first + 1
    while start < end and first < last and old[end - 1] == new[last - 1] and not old[end - 1].isalnum():
        end, last = end - 1, last - 1
    return start, end, first, last


# A separator belongs to whichever of its two brackets appears or disappears.
_SEPARATOR = re.compile(r"\s*(?:/|or\b|\{\s*and/or\s*\})?\s*")


# Kinds of keys: an old variant (matched or not), an unmatched new variant, base text, footnote numbers, respelling.
_OLD, _NEW, _BASE_TEXT, _FOOTNOTES, _RESPELLED = 0, 1, 2, 3, 4
_Key = tuple[int, int]  # the kind, and the variant or offset


class _Ledger:
    """An account of every change. Each change is entered under a key, and the events are then derived from the keys."""

    def __init__(
        self, old: Survey, new: Survey, matching: Matching, territory: Territory, known: Mapping[int, Act]
    ) -> None:
        self.old = old
        self.new = new
        self.territory = territory
        self.known = known
        self.pairs = matching.pairs
        self.moved = matching.moved
        self.matching = matching
        self.back = {twin: at for at, twin in matching.pairs.items()}
        self.changes: dict[_Key, list[_Change]] = {}
        self.in_order: list[tuple[_Key, _Change]] = []
        self.events: list[Event] = []
        # The index of the event that accounts for the words of each key, and of the event that accounts for its marks.
        self.words: dict[_Key, int] = {}
        self.marks: dict[_Key, int] = {}

    def take(self, cluster: list[_Change]) -> None:
        """Enter the changes of one gap. Blanks and punctuation are entered under the bracket next to them."""
        same_words = _same_words(cluster)
        keys = [(_RESPELLED, 0) if same_words and not change[3] else self._key(change) for change in cluster]
        if len(keys) > 1:
            for number, key in enumerate(keys):
                _, text, _, marks, _ = cluster[number]
                goes_along = _SEPARATOR.fullmatch(text) if marks else not WORD.search(text)
                if goes_along and key[0] not in (_FOOTNOTES, _RESPELLED):
                    beside = [keys[index] for index in (number - 1, number + 1) if 0 <= index < len(keys)]
                    keys[number] = next(
                        (neighbour for neighbour in beside if neighbour != key and neighbour[0] in (_OLD, _NEW)), key
                    )
        for key, change in zip(keys, cluster, strict=True):
            self.in_order.append((key, change))
            if key in self.changes:
                self.changes[key].append(change)
            else:
                self.changes[key] = [change]

    def _key(self, change: _Change) -> _Key:
        at, text, owner, _, new = change
        if owner == _NOTES:
            return _FOOTNOTES, 0
        if owner == BASE:
            return _BASE_TEXT, at if new else at + len(text)
        if not new:
            return _OLD, owner
        old = self.back.get(owner)
        return (_NEW, owner) if old is None else (_OLD, old)

    def closed(self) -> Comparison:
        """Return the comparison, in which each change is assigned to an event."""
        endings = Endings(self.old, self.new, self.matching, self.territory, self.known, self._lost)
        for old, event in endings.by_variant().items():
            self._account((_OLD, old), event)
        for new in range(len(self.new.variants)):
            if new not in self.back:
                self._account((_NEW, new), Event(Act.OPENED, new=new))
        reworded = self._pairs()
        self._marked()
        self._base_text()
        if (_FOOTNOTES, 0) in self.changes:
            self._account((_FOOTNOTES, 0), Event(Act.FOOTNOTES))
        text = self.old.tree.text
        # If a bracket now ends where another bracket ended, both texts have "]" at that place.
        hunks = [hunk for hunk in self._hunks() if text[hunk.start : hunk.end] != hunk.text]
        same = {old: new for old, new in self.pairs.items() if old not in reworded}
        return Comparison(self.old.variants, self.new.variants, same, self.events, hunks, self.pairs)

    def _lost(self, old: int) -> str:
        """Return the characters that an old variant lost, excluding its marks and inner variants."""
        return _both_sides([change for change in self.changes.get((_OLD, old), []) if not change[3]])[0]

    def _account(self, key: _Key, event: Event) -> None:
        """Add `event`, which accounts for all changes under `key`."""
        self.words[key] = self.marks[key] = len(self.events)
        self.events.append(event)

    def _hunks(self) -> Iterator[Hunk]:
        """Yield the changes in order, joining adjacent changes of the same event."""
        respelled = -1
        pending: Hunk | None = None
        for key, (at, text, _, marks, new) in self.in_order:
            event = (self.marks if marks else self.words).get(key, -1)
            if event < 0:
                if respelled < 0:
                    respelled = len(self.events)
                    self.events.append(Event(Act.RESPELLED))
                event = respelled
            end, added = (at, text) if new else (at + len(text), "")
            if pending is not None and pending.event == event and pending.end == at:
                pending = Hunk(pending.start, end, pending.text + added, event)
            else:
                if pending is not None:
                    yield pending
                pending = Hunk(at, end, added, event)
        if pending is not None:
            yield pending

    def _pairs(self) -> set[int]:
        """Account for the changes in matched variants, and return the old variants that were reworded."""
        moves: dict[int, int] = {}
        for old in sorted(self.moved, key=lambda variant: self.pairs[variant]):
            if self.moved[old] == old:
                moves[old] = len(self.events)
                self.events.append(Event(Act.MOVED, old, self.pairs[old]))
        reworded: set[int] = set()
        takings: list[tuple[_Key, list[Event]]] = []
        for old, new in self.pairs.items():
            key = (_OLD, old)
            changes = self.changes.get(key, [])
            if not changes and old not in self.moved:
                continue
            if old in self.moved:
                self.words[key] = self.marks[key] = moves[self.moved[old]]
            before, after = self.old.words(old), self.new.words(new)
            positions = _position_changes(self.old.variants[old], self.new.variants[new], old, new)
            if positions:
                takings.append((key, positions))
            if self._is_reworded(changes, old in self.moved, before, after, bool(positions)):
                reworded.add(old)
                self.words.setdefault(key, len(self.events))
                if not positions:
                    self.marks.setdefault(key, len(self.events))
                self.events.append(Event(Act.REWORDED, old, new, removed=before, added=after))
        for key, positions in takings:
            self.marks.setdefault(key, len(self.events))
            self.events += positions
        return reworded

    def _marked(self) -> None:
        """Account for separators that changed the relation between matched neighbours."""
        before = _relations(self.old)
        marked: dict[int, int] = {}  # event by group
        for at, (group, relation) in _relations(self.new).items():
            old = self.back.get(at)
            if old is None or old not in before or before[old][1] is relation:
                continue
            if group not in marked:
                marked[group] = len(self.events)
                self.events.append(Event(Act.MARKED, old, at, name=relation.value))
            self.marks.setdefault((_OLD, old), marked[group])

    def _is_reworded(self, changes: list[_Change], has_moved: bool, before: str, after: str, positions: bool) -> bool:
        if has_moved:
            return plain_words(before) != plain_words(after)
        removed, added = _both_sides([change for change in changes if not change[3]])
        if _words_differ(removed, added):
            return plain_words(before) != plain_words(after)
        lost, gained = _both_sides([change for change in changes if change[3]])
        mark_moved = outermost_words(before) != outermost_words(after)
        return (lost != gained or mark_moved) and not positions and plain_words(before) != plain_words(after)

    def _base_text(self) -> None:
        for key, changes in self.changes.items():
            if key[0] != _BASE_TEXT:
                continue
            removed, added = _both_sides(changes, "")
            if _words_differ(removed, added):
                self._account(key, Event(Act.BASE_TEXT, removed=removed.strip(), added=added.strip()))


def _same_words(cluster: list[_Change]) -> bool:
    """Return whether the same words were removed and added, perhaps in another bracket or spelling."""
    if len(cluster) < 2:
        return False
    removed, added = _both_sides([change for change in cluster if not change[3]])
    return bool(WORD.search(removed)) and not _words_differ(removed, added)


def _words_differ(removed: str, added: str) -> bool:
    removed, added = removed.strip(), added.strip()
    if removed.isalnum() and added.isalnum():  # one word each
        return removed.casefold() != added.casefold()
    return words(removed) != words(added)


def _both_sides(changes: list[_Change], between: str = " ") -> tuple[str, str]:
    """Return the removed text and the added text. The parts of each text are joined by `between`."""
    if len(changes) == 2 and not changes[0][4] and changes[1][4]:  # the usual case
        return changes[0][1], changes[1][1]
    removed = [text for _, text, _, _, new in changes if not new]
    return between.join(removed), between.join([text for _, text, _, _, new in changes if new])


def _relations(side: Survey) -> dict[int, tuple[int, Relation]]:
    """Return the group and relation of each variant that has neighbours. A mirror pair is treated as a run."""
    at = by_span(side)
    return {
        at[start]: (number, Relation.RUN if group.relation is Relation.MIRROR else group.relation)
        for number, group in enumerate(side.groups)
        if group.relation is not Relation.INSIDE
        for start, _ in group.spans
        if start in at
    }


def _position_changes(before: Variant, after: Variant, old: int, new: int) -> list[Event]:
    if before.head is after.head or before.head == after.head:
        return []
    held, holds = _claims(before), _claims(after)
    return [
        *(Event(Act.POSITION_WITHDRAWN, old, new, stance, name) for stance, name in sorted(held - holds)),
        *(Event(Act.POSITION_TAKEN, old, new, stance, name) for stance, name in sorted(holds - held)),
    ]


def _claims(variant: Variant) -> set[tuple[str, str]]:
    return {(claim.stance, name) for claim in variant.head.claims for name in claim.names}
