"""What one entry does to the variants and positions of a text: which open, stay, change, end and come back.

A `Step` speaks of variants by their ordinals, before and after. It is made from texts alone and costs what changed.
`applied` does it to lives, which `index` takes from what is stored and `lives_of` keeps in memory: one set of rules.

A row of a variant or position is an interval, from one entry to another. Lives go by what stands:

- An entry that undoes or corrects another resumes what that one had ended. The text before the mistake is compared
  with the new one: a variant that opens now, whose counterpart there the mistake had closed, goes on with its life,
  and so do the positions that were held at it; likewise a position that the mistake alone had ended. It stands since
  the day on which it stood before (`begun_on`).
- What a later act opens or takes again begins a new life. It names the earlier one where that is certain: the same
  position at the same variant; or the same words, three at least or under a name that both have, where exactly one
  closed variant has them.
- A late entry and those that carry it forward are one step, from the text that stood before them to the text that
  stands after them. It is the late entry's, and of its day.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from bracketed_text import Comparison, Register, Tree, compare, parse
from bracketed_text.advanced import Act, variants
from bracketed_text.advanced import Variant as Found
from issues.models import Position, Revision, Variant
from issues.models.choices import Outcome
from issues.text.entries import Endings, endings_in, endings_of
from members.models import Grouping, Member

OUTCOMES = {
    Act.LIFTED: Outcome.LIFTED,
    Act.DROPPED: Outcome.DROPPED,
    Act.CHOSEN: Outcome.CHOSEN,
    Act.MERGED: Outcome.MERGED,
    Act.REWORDED: Outcome.REWORDED,
}
# Fewer words stand in too many brackets to say that it is the same one again.
TELLING_WORDS = 3
Claim = tuple[str, str]  # a stance, and the code of who takes it


class Facts(NamedTuple):
    """What a row of a variant says beside its place and its life."""

    kind: str
    text: str
    depth: int


@dataclass
class Step:
    """What one entry does. Keys are ordinals, from 1: of the text before, or of the text after where it says so.

    `moved` says the new ordinal of each that stays and has another one, `altered` its new facts where they differ,
    `ended` and `taken` which positions; `opened` are ordinals after, with facts and positions. Where the entry takes
    back `mistake`, `counterparts` says of ordinals after which variant of the text before the mistake each is.
    """

    closed: dict[int, Outcome] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    altered: dict[int, Facts] = field(default_factory=dict)
    ended: dict[int, list[Claim]] = field(default_factory=dict)
    taken: dict[int, list[Claim]] = field(default_factory=dict)
    opened: dict[int, tuple[Facts, list[Claim]]] = field(default_factory=dict)
    mistake: Revision | None = None
    counterparts: dict[int, int] = field(default_factory=dict)


class Texts:
    """The entries of one provision by number, each with what the index reads of it; both are looked up once."""

    def __init__(
        self, register: Register, fetch: Callable[[int], Revision], last_of: Callable[[Revision], int]
    ) -> None:
        self.register = register
        self._fetch = fetch
        self._last_of = last_of
        self._entries: dict[int, Revision] = {}
        self._trees: dict[int, Tree] = {}

    def know(self, entry: Revision) -> None:
        """Keep `entry`, so that it is not fetched."""
        self._entries[entry.number] = entry

    def entry(self, number: int) -> Revision:
        """Return the entry with this number."""
        if number not in self._entries:
            self._entries[number] = self._fetch(number)
        return self._entries[number]

    def tree(self, number: int) -> Tree:
        """Return what the index reads of it."""
        if number not in self._trees:
            self._trees[number] = read_by_index(self.entry(number), self.register)
        return self._trees[number]

    def last_of(self, first: Revision) -> int:
        """Return the number of the last of the entries that were recorded as one with `first`: its own, or a later."""
        return self._last_of(first)


def step_of(first: Revision, texts: Texts) -> Step:
    """Return what the entry `first` does, together with those that carry it forward."""
    after = texts.tree(texts.last_of(first))
    if first.number == 1:
        return step(None, after)
    before = texts.tree(first.number - 1)
    mistake = taken_back_by(first)
    if mistake is None or mistake.number == 1:
        return step(before, after, _known_endings(first, texts))
    result = _put_back(first, before, after, texts) or step(before, after, _known_endings(first, texts))
    return taking_back(mistake, result, after, texts)


def _known_endings(first: Revision, texts: Texts) -> Endings:
    """Return how variants ended by the operations of an entry, by place in the text that stood before it."""
    endings = endings_of(first)
    return endings_in(endings, texts.tree(first.follows_number), texts.tree(first.number - 1)) if endings else {}


def _put_back(undo: Revision, old: Tree, new: Tree, texts: Texts) -> Step | None:
    """Return what an undo does: what it undoes, turned round exactly; what undoes an undo does the first thing again.

    Compared anew, `old` and `new` may be matched otherwise, for which of two equal brackets is which nobody can see.
    None for what is no undo, or whose texts somebody has altered.
    """
    original, turned = undo, False
    while original.undoes is not None:
        original, turned = original.undoes, not turned
    if original is undo:
        return None
    before, after = texts.tree(original.number - 1), texts.tree(texts.last_of(original))
    if (old.text, new.text) != ((after.text, before.text) if turned else (before.text, after.text)):
        return None
    forth = compare(before, after, _known_endings(original, texts))
    if not turned:
        return _step(forth, before, after, forth.same, _endings(forth))
    back = compare(after, before)
    return _step(back, after, before, *_reversed(forth, back))


def taking_back(mistake: Revision, result: Step, after: Tree, texts: Texts) -> Step:
    """Return `result`, the step to the text `after`, as one that takes back what `mistake` did."""
    same = compare(texts.tree(mistake.number - 1), after).same
    return replace(result, mistake=mistake, counterparts={new + 1: old + 1 for old, new in same.items()})


def taken_back_by(revision: Revision) -> Revision | None:
    """Return the entry that `revision` undoes or corrects; of entries that were recorded as one, the first."""
    mistake = revision.undoes or revision.corrects
    if mistake is None or mistake.provision_id != revision.provision_id:
        return None
    return mistake.carries or mistake


def step(before: Tree | None, after: Tree, endings: Endings | None = None) -> Step:
    """Return what an entry does whose text is `after`; the one before it says `before`, None for the first.

    `endings` says how those variants of the text before end of which that is known.
    """
    if before is None:
        first = Step()
        for ordinal, variant in enumerate(variants(after), start=1):
            first.opened[ordinal] = _facts(variant, after), _claims(variant)
        return first
    comparison = compare(before, after, endings)
    return _step(comparison, before, after, comparison.same, _endings(comparison))


def _endings(comparison: Comparison) -> dict[int, Outcome]:
    """Return how each old variant ended that did."""
    return {
        event.old: OUTCOMES[event.act] for event in comparison.events if event.act in OUTCOMES and event.old is not None
    }


def _reversed(forth: Comparison, back: Comparison) -> tuple[dict[int, int], dict[int, Outcome]]:
    """Return which variants stay, and how others end, where `back` undoes exactly what was done `forth`."""
    same = {new: old for old, new in forth.same.items()}
    reworded = set(forth.pairs.values())
    known = _endings(back)
    ended = {
        old: known.get(old, Outcome.REWORDED if old in reworded else Outcome.DROPPED)
        for old in range(len(back.old_variants))
        if old not in same
    }
    return same, ended


def _step(
    comparison: Comparison, before: Tree, after: Tree, same: Mapping[int, int], endings: Mapping[int, Outcome]
) -> Step:
    result = Step()
    for old, outcome in endings.items():
        result.closed[old + 1] = outcome
    for old, new in same.items():
        old_variant, new_variant = comparison.old_variants[old], comparison.new_variants[new]
        _stays(result, (old + 1, old_variant, before), (new + 1, new_variant, after))
    kept = set(same.values())
    for new, variant in enumerate(comparison.new_variants):
        if new not in kept:
            result.opened[new + 1] = _facts(variant, after), _claims(variant)
    return result


def _stays(result: Step, was: tuple[int, Found, Tree], now: tuple[int, Found, Tree]) -> None:
    """Put into `result` what became of a variant that stays; given its ordinal, itself and its text, twice."""
    ordinal, old, before = was
    place, new, after = now
    if place != ordinal:
        result.moved[ordinal] = place
    facts = _facts(new, after)
    if facts != _facts(old, before):
        result.altered[ordinal] = facts
    if new.head is old.head or new.head == old.head:
        return
    held, holds = _claims(old), _claims(new)
    if gone := [claim for claim in held if claim not in holds]:
        result.ended[ordinal] = gone
    if come := [claim for claim in holds if claim not in held]:
        result.taken[ordinal] = come


def _facts(variant: Found, tree: Tree) -> Facts:
    return Facts(variant.form.value, variant.words(tree.text).strip(), variant.depth)


def _claims(variant: Found) -> list[Claim]:
    return list({(claim.stance, name): None for claim in variant.head.claims for name in claim.names})


class Holders(NamedTuple):
    """Primary keys by code, of members and of groupings."""

    members: dict[str, int]
    groupings: dict[str, int]


def holders_of(codes: Iterable[str] | None = None) -> Holders:
    """Return the keys behind `codes`, or of everybody who may hold a position. Two queries."""
    members, groupings = Member.objects.order_by(), Grouping.objects.order_by()
    if codes is not None:
        members, groupings = members.filter(code__in=codes), groupings.filter(code__in=codes)
    return Holders(dict(members.values_list("code", "pk")), dict(groupings.values_list("code", "pk")))


@dataclass
class Ended:
    """A position that is no longer held. `continued` is whether another row names it as its earlier one."""

    claim: Claim
    position: Position
    continued: bool = False


@dataclass(eq=False)
class Life:
    """A row of a variant with its positions: those that are held, by claim, and those that ended, oldest first.

    `earlier` is the life before it, which it continues where its row says so.
    """

    variant: Variant
    held: dict[Claim, Position] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    earlier: "Life | None" = None

    @property
    def positions(self) -> list[Position]:
        """All of them."""
        return [*(ended.position for ended in self.ended), *self.held.values()]

    def line(self, *, resumed_only: bool) -> Iterator["Life"]:
        """Yield this life and those before it, latest first; where it is wanted, only as far as each was resumed."""
        life: Life | None = self
        while life is not None:
            yield life
            life = life.earlier if life.variant.resumes or not resumed_only else None

    def ended_by(self, mistake: Revision, claim: Claim) -> Ended | None:
        """Return the position that `mistake` ended in this life, or in one that it continues, and nobody took since."""
        for life in self.line(resumed_only=True):
            for ended in life.ended:
                if (ended.claim, ended.position.until_revision_id, ended.continued) == (claim, mistake.pk, False):
                    return ended
        return None

    def last(self, claim: Claim) -> Ended | None:
        """Return the position as it was held last, in this life or before."""
        for life in self.line(resumed_only=False):
            for ended in reversed(life.ended):
                if ended.claim == claim:
                    return ended
        return None

    def names(self) -> set[str]:
        """Return the codes of those who stood at it when it was closed."""
        closed_in = self.variant.closed_in_id
        return {ended.claim[1] for ended in self.ended if ended.position.until_revision_id == closed_in}


class Past(Protocol):
    """What is known of the lives that ended, and that no other life names as its earlier one."""

    def closed_by(self, mistake: Revision, ordinals: Collection[int]) -> dict[int, Life]:
        """Return the lives that an entry closed, by the ordinals that they had before it, of those in `ordinals`."""

    def closed_with(self, words: Collection[str]) -> dict[str, list[Life]]:
        """Return the closed lives with these words."""


def applied(
    result: Step, lives: Mapping[int, Life], revision: Revision, holders: Holders, past: Past
) -> dict[int, Life]:
    """Do to `lives`, by their ordinals before, what `revision` does; return the new ones by their ordinals after.

    Of those that stay, only the ones that change need be there.
    """
    # Looked up first: what ends now is no earlier life of what begins now.
    resumed = lives_resumed(result, past)
    linked = _alike(result, resumed, past)
    for ordinal, outcome in result.closed.items():
        _close(lives[ordinal], revision, outcome)
    for ordinal, facts in result.altered.items():
        row = lives[ordinal].variant
        row.kind, row.text, row.depth = facts
    for ordinal, claims in result.ended.items():
        for claim in claims:
            _end(lives[ordinal], claim, revision)
    for ordinal, claims in result.taken.items():
        for claim in claims:
            _take(lives[ordinal], claim, revision, holders, result.mistake)
    new: dict[int, Life] = {}
    for ordinal, (facts, claims) in result.opened.items():
        earlier = resumed.get(ordinal) or linked.get(ordinal)
        new[ordinal] = _opened(revision, ordinal, facts, earlier, resumes=ordinal in resumed)
        for claim in claims:
            _take(new[ordinal], claim, revision, holders, result.mistake)
    return new


def lives_resumed(result: Step, past: Past) -> dict[int, Life]:
    """Return the life that each variant resumes that opens where a slip had closed one."""
    places = {at: result.counterparts[at] for at in result.opened if at in result.counterparts}
    if result.mistake is None or not places:
        return {}
    closed = past.closed_by(result.mistake, places.values())
    return {ordinal: closed[place] for ordinal, place in places.items() if place in closed}


def _alike(result: Step, resumed: Mapping[int, Life], past: Past) -> dict[int, Life]:
    """Return the earlier life of each other variant that opens, where it is certain."""
    opened = {ordinal: what for ordinal, what in result.opened.items() if ordinal not in resumed}
    words = {facts.text for facts, _ in opened.values() if facts.text}
    closed = past.closed_with(words) if words else {}
    going_on = {life.variant.pk or id(life.variant) for life in resumed.values()}
    certain: dict[int, Life] = {}
    for ordinal, (facts, claims) in opened.items():
        names = {code for _, code in claims}
        enough = len(facts.text.split()) >= TELLING_WORDS
        lives = [life for life in closed.get(facts.text, []) if (life.variant.pk or id(life.variant)) not in going_on]
        alike = [life for life in lives if enough or names & life.names()]
        if len(alike) == 1:
            certain[ordinal] = alike[0]
    # One that two new ones could continue is the earlier life of neither.
    times = Counter(id(life) for life in certain.values())
    return {ordinal: life for ordinal, life in certain.items() if times[id(life)] == 1}


def _opened(revision: Revision, ordinal: int, facts: Facts, earlier: Life | None, *, resumes: bool) -> Life:
    row = Variant(
        provision_id=revision.provision_id,
        kind=facts.kind,
        text=facts.text,
        depth=facts.depth,
        ordinal=ordinal,
        opened_in=revision,
        opened_on=revision.made_on,
        begun_in=revision,
        begun_on=revision.made_on,
        earlier=earlier.variant if earlier else None,
        resumes=resumes,
    )
    if earlier is not None and resumes:
        row.begun_in_id, row.begun_on = earlier.variant.begun_in_id, earlier.variant.begun_on
    return Life(row, earlier=earlier)


def _close(life: Life, revision: Revision, outcome: Outcome) -> None:
    row = life.variant
    row.closed_in, row.outcome = revision, outcome
    # A late entry ends nothing before it began.
    row.closed_on = max(revision.made_on, row.opened_on)
    for claim in list(life.held):
        _end(life, claim, revision)


def _end(life: Life, claim: Claim, revision: Revision) -> None:
    position = life.held.pop(claim)
    position.until_revision, position.until = revision, max(revision.made_on, position.since)
    life.ended.append(Ended(claim, position))


def _take(life: Life, claim: Claim, revision: Revision, holders: Holders, mistake: Revision | None) -> None:
    """Let somebody take a position from `revision` on, or go on with one that `mistake` had ended."""
    stance, code = claim
    resumed = life.ended_by(mistake, claim) if mistake is not None else None
    earlier = resumed or life.last(claim)
    position = Position(
        variant=life.variant,
        member_id=holders.members.get(code),
        grouping_id=None if code in holders.members else holders.groupings[code],
        stance=stance,
        since_revision=revision,
        since=max(revision.made_on, life.variant.opened_on),
        begun_in=revision,
        resumes=resumed is not None,
    )
    position.begun_on = position.since
    if earlier is not None:
        position.earlier, earlier.continued = earlier.position, True
    if resumed is not None:
        position.begun_in_id, position.begun_on = resumed.position.begun_in_id, resumed.position.begun_on
    life.held[claim] = position


def read_by_index(revision: Revision, register: Register) -> Tree:
    """Return what the index reads of `revision`: its text, and nothing where it was kept unparsed."""
    return parse("" if revision.unparsed else revision.text, register)


class _Memory:
    """The lives of one text that ended so far, and that no other names as its earlier one."""

    def __init__(self) -> None:
        self.by_entry: dict[int, dict[int, Life]] = {}
        self.by_words: dict[str, list[Life]] = {}

    def closed_by(self, mistake: Revision, ordinals: Collection[int]) -> dict[int, Life]:
        closed = self.by_entry.get(mistake.pk, {})
        return {ordinal: closed[ordinal] for ordinal in ordinals if ordinal in closed}

    def closed_with(self, words: Collection[str]) -> dict[str, list[Life]]:
        return {text: list(self.by_words[text]) for text in words if text in self.by_words}

    def take_in(self, revision: Revision, closed: dict[int, Life], new: Iterable[Life]) -> None:
        """Take in what `revision` closed, and which lives are no longer the last of their kind."""
        for life in new:
            if life.earlier is not None:
                row = life.earlier.variant
                self.by_words[row.text].remove(life.earlier)
                del self.by_entry[row.closed_in_id or 0][row.ordinal]
        self.by_entry[revision.pk] = closed
        for life in closed.values():
            self.by_words.setdefault(life.variant.text, []).append(life)


def lives_of(
    revisions: Sequence[Revision], register: Register, holders: Holders
) -> Iterator[tuple[Revision, Tree, list[Life]]]:
    """Yield each of all entries of one text, in order, with its tree and the lives that it opens.

    Nothing is stored; what a later entry does to a life, it does to the one that was yielded.
    """
    by_key = {revision.pk: revision for revision in revisions}
    last: dict[int, int] = {}
    for revision in revisions:
        # So that nothing is fetched one by one, and the same row is the same object.
        for name in ("undoes", "corrects", "carries"):
            setattr(revision, name, by_key.get(getattr(revision, f"{name}_id")))
        last[revision.carries_id or revision.pk] = revision.number
    texts = Texts(register, lambda number: _at(revisions, number), lambda first: last[first.pk])
    memory, lives = _Memory(), dict[int, Life]()
    for revision in revisions:
        new: dict[int, Life] = {}
        if revision.carries_id is None:
            result = step_of(revision, texts)
            new = applied(result, lives, revision, holders, memory)
            memory.take_in(revision, {ordinal: lives[ordinal] for ordinal in result.closed}, new.values())
            lives = _after(result, lives, new)
        yield revision, texts.tree(revision.number), list(new.values())


def _at(revisions: Sequence[Revision], number: int) -> Revision:
    """Return the entry with this number; where somebody took it off the record, the one before it."""
    place = bisect_right(revisions, number, key=lambda revision: revision.number)
    return revisions[place - 1] if place else Revision(unparsed=True)


def _after(result: Step, lives: dict[int, Life], new: dict[int, Life]) -> dict[int, Life]:
    """Return all lives by their ordinals after."""
    after = dict(new)
    for ordinal, life in lives.items():
        if ordinal not in result.closed:
            life.variant.ordinal = result.moved.get(ordinal, ordinal)
            after[life.variant.ordinal] = life
    return after
