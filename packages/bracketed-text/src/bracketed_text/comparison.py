"""What changed between two versions of a text, in terms of brackets and positions.

Every character that differs is accounted for by exactly one event, so that the old text, replayed, gives the new
one byte for byte. Which variant is which: `bracketed_text.matching`.

- How a variant ended that no new one matches: `bracketed_text.endings`.
- A separator belongs to the alternative behind it; blanks and punctuation beside a bracket that comes or goes, to it.
- Where no word changes, the text was respelled.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from bracketed_text.alignment import Block, align
from bracketed_text.alternatives import Relation, Variant
from bracketed_text.endings import Endings, by_span
from bracketed_text.events import Act, Comparison, Event, Hunk
from bracketed_text.footnotes import Footnotes, plain_words
from bracketed_text.matching import Matching, match
from bracketed_text.realignment import realigned
from bracketed_text.strays import without_strays
from bracketed_text.territory import BASE, Survey, Territory, survey, without
from bracketed_text.tree import Tree
from bracketed_text.words import WORD, words


def compare(old: Tree, new: Tree, outcomes: Mapping[int, Act] | None = None) -> Comparison:
    """Return what changed from `old` to `new`; both were parsed with the same register.

    `outcomes` says how those old variants ended of which that is known (`Edit.outcomes`), by the offset at which each
    begins: they end so, whatever the words suggest, and are no new variant. Offsets at which none begins say nothing.
    """
    one, other = survey(old), survey(new)
    known = (
        {at: outcomes[variant.begin] for at, variant in enumerate(one.variants) if variant.begin in outcomes}
        if outcomes
        else {}
    )
    blocks = _blocks(one, other, known)
    matching, old_territory, new_territory = match(one, other, blocks, known)
    ledger = _Ledger(one, other, matching, old_territory, known)
    for cluster in _clusters(old_territory, new_territory, blocks):
        ledger.take(cluster)
    return ledger.closed()


def _blocks(old: Survey, new: Survey, known: Mapping[int, Act]) -> list[Block]:
    """Return what both texts have in common, none of it what those old variants lost whose endings are `known`."""
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
    """Yield `blocks`, found where only what was `left` stood, with the places that they have in the whole text."""
    waiting = iter(left)
    start = end = shorter = 0  # from where to where a stretch reaches, and where it begins in what was left
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
    """Return from where to where heads stand, with their mark; not those behind a paragraph number, or `ended`."""
    return [
        (variant.begin, variant.begin + variant.head.length)
        for at, variant in enumerate(side.variants)
        if variant.head.length and not variant.head.lead and at not in ended
    ]


# Characters of one owner that were removed or added: a place in the old text, the characters, the owner (or `_NOTES`),
# whether they are its marks, and whether they were added. Plain, for there are many.
_Change = tuple[int, str, int, bool, bool]
# In place of the owner: the number of a footnote, which nobody owns.
_NOTES = -2


def _clusters(old: Territory, new: Territory, blocks: list[Block]) -> Iterator[list[_Change]]:
    """Yield what differs between one block and the next, owner by owner, what was removed first."""
    was, now = old.survey.tree.text, new.survey.tree.text
    notes, new_notes = Footnotes(old.survey.tree), Footnotes(new.survey.tree)
    start = first = one = other = 0
    for old_start, new_start, length in (*blocks, Block(len(was), len(now), 0)):
        at, end, to, last = start, old_start, first, new_start
        if at < end and to < last:
            at, end, to, last = _trimmed(was, at, end, now, to, last)
        cluster: list[_Change] = []
        place = end
        while at < end:
            while old.stretches[one][1] <= at:
                one += 1
            _, until, owner, marks = old.stretches[one]
            until = min(end, until)
            cluster.append((at, was[at:until], _NOTES if notes.holds(at, until, marks) else owner, marks, False))
            at = until
        while to < last:
            while new.stretches[other][1] <= to:
                other += 1
            _, until, owner, marks = new.stretches[other]
            until = min(last, until)
            cluster.append((place, now[to:until], _NOTES if new_notes.holds(to, until, marks) else owner, marks, True))
            to = until
        if cluster:
            yield cluster
        start, first = old_start + length, new_start + length


def _trimmed(old: str, start: int, end: int, new: str, first: int, last: int) -> tuple[int, int, int, int]:
    """Return what differs without the blanks and marks that it begins or ends with in both texts.

    Where all that one of them has is a "[" with which the other begins and ends, it belongs to what follows it.
    """
    if min(end - start, last - first) == 1 and old[end - 1] == new[last - 1] == "[":
        return start, end - 1, first, last - 1
    while start < end and first < last and old[start] == new[first] and not old[start].isalnum():
        start, first = start + 1, first + 1
    while start < end and first < last and old[end - 1] == new[last - 1] and not old[end - 1].isalnum():
        end, last = end - 1, last - 1
    return start, end, first, last


# What joins a bracket to the one before it goes with the one of them that comes or goes.
_SEPARATOR = re.compile(r"\s*(?:/|or\b|\{\s*and/or\s*\})?\s*")


# What a change belongs to: what the old version has (alone, or both), what only the new one has, base text, numbers of
# footnotes, or words that are the same.
_OLD, _NEW, _BASE_TEXT, _FOOTNOTES, _RESPELLED = 0, 1, 2, 3, 4
_Key = tuple[int, int]  # one of these, and the variant or the place


class _Ledger:
    """Who accounts for what. First every change is taken in under its key, then each key gives its events."""

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
        # Which event accounts for the changes of a key, in its words and in its marks.
        self.words: dict[_Key, int] = {}
        self.marks: dict[_Key, int] = {}

    def take(self, cluster: list[_Change]) -> None:
        """Take in what differs at one place. Blanks and punctuation go with the bracket that they stand beside."""
        same_words = _same_words(cluster)
        keys = [(_RESPELLED, 0) if same_words and not change[3] else self._key(change) for change in cluster]
        if len(keys) > 1:
            for number, key in enumerate(keys):
                _, text, _, marks, _ = cluster[number]
                goes_along = _SEPARATOR.fullmatch(text) if marks else not WORD.search(text)
                if goes_along and key[0] not in (_FOOTNOTES, _RESPELLED):
                    beside = [keys[near] for near in (number - 1, number + 1) if 0 <= near < len(keys)]
                    keys[number] = next((one for one in beside if one != key and one[0] in (_OLD, _NEW)), key)
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
        """Return the events, and each change with the one that accounts for it."""
        endings = Endings(self.old, self.new, self.matching, self.territory, self.known, self._lost)
        for old, event in endings.found().items():
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
        # A bracket that ends where another one did before has its "]" in both texts.
        hunks = [hunk for hunk in self._hunks() if text[hunk.start : hunk.end] != hunk.text]
        same = {old: new for old, new in self.pairs.items() if old not in reworded}
        return Comparison(self.old.variants, self.new.variants, same, self.events, hunks, self.pairs)

    def _lost(self, old: int) -> str:
        """Return which characters of its own this old variant has lost, marks left out."""
        return _both_sides([change for change in self.changes.get((_OLD, old), []) if not change[3]])[0]

    def _account(self, key: _Key, event: Event) -> None:
        """Add `event`, on whose account everything under `key` changed."""
        self.words[key] = self.marks[key] = len(self.events)
        self.events.append(event)

    def _hunks(self) -> Iterator[Hunk]:
        """Yield what differs, in order, as one where it touches and belongs to the same event."""
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
        """Account for what changed in variants that both versions have; return the old ones that were reworded."""
        moves: dict[int, int] = {}
        for old in sorted(self.moved, key=lambda one: self.pairs[one]):
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
        """Account for separators by which neighbours that both versions have became another kind of choice."""
        before = _relations(self.old)
        marked: dict[int, int] = {}  # by group, the event
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
        return lost != gained and not positions and plain_words(before) != plain_words(after)

    def _base_text(self) -> None:
        for key, changes in self.changes.items():
            if key[0] != _BASE_TEXT:
                continue
            removed, added = _both_sides(changes, "")
            if _words_differ(removed, added):
                self._account(key, Event(Act.BASE_TEXT, removed=removed.strip(), added=added.strip()))


def _same_words(cluster: list[_Change]) -> bool:
    """Return whether the same words came at one place that went from it, in another bracket or spelling maybe."""
    if len(cluster) < 2:
        return False
    removed, added = _both_sides([change for change in cluster if not change[3]])
    return bool(WORD.search(removed)) and not _words_differ(removed, added)


def _words_differ(one: str, other: str) -> bool:
    one, other = one.strip(), other.strip()
    if one.isalnum() and other.isalnum():  # a word each
        return one.casefold() != other.casefold()
    return words(one) != words(other)


def _both_sides(changes: list[_Change], between: str = " ") -> tuple[str, str]:
    """Return what was removed and what was added, each joined by `between`."""
    if len(changes) == 2 and not changes[0][4] and changes[1][4]:  # mostly
        return changes[0][1], changes[1][1]
    removed = [text for _, text, _, _, new in changes if not new]
    return between.join(removed), between.join([text for _, text, _, _, new in changes if new])


def _relations(side: Survey) -> dict[int, tuple[int, Relation]]:
    """Return for each variant that stands beside others its group and what the group is; a mirror pair is a run."""
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
