"""Lives of variants and positions. A life is a row that one step opens and later steps may change, close or resume.

A row of `Variant` or `Position` represents an interval from one entry to another. `apply_step` applies a `Step` to
lives, which `index` loads from the database and `compute_lives` holds in memory. The following rules apply in both
cases:

- An entry that undoes or corrects a mistaken entry resumes the lives that the mistaken entry ended. If the mistaken
  entry closed the counterpart of a newly opened variant, the variant continues the life of that counterpart, and its
  positions continue those of the counterpart. If the mistaken entry ended a position on a variant that remained open,
  that position also continues. `begun_on` retains the original date, and `key` the original address.
- If a later act opens a variant or takes a position again, a new life begins. The new life refers to the earlier life
  if the match is certain. For a position, the earlier life must be the same position on the same variant. For a
  variant, exactly one closed variant must have the same wording. In addition, this wording must have at least
  `SUFFICIENT_WORDS` words, or both lives must have a holder in common.
- The step of a late entry takes effect on the date of that entry.

Example: revision 1 opens the bracket “[CAN: in good faith]”, revision 2 lifts it, and revision 3 undoes revision 2. The
row that revision 1 opened is closed in revision 2. Revision 3 opens a second row, which resumes the first: its
`earlier` is the first row, and its `begun_on` is the date of revision 1. The same applies to Canada's position. If
revision 3 instead adds the same wording again, the second row has an `earlier` row but does not resume it, and its
`begun_on` is the date of revision 3.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bracketed_text import Register, Tree
from issues.models import Position, Revision, Variant
from issues.models.choices import Outcome
from issues.text.addresses import address_key
from issues.text.steps import Claim, Facts, Step, Texts, step_of
from members.models import Grouping, Member

# Texts with fewer words occur in too many brackets to identify one bracket.
SUFFICIENT_WORDS = 3


class Holders(NamedTuple):
    """The primary keys of members and groupings, which are looked up by code."""

    members: dict[str, int]
    groupings: dict[str, int]


def holders_of(codes: Iterable[str] | None = None) -> Holders:
    """Return the primary keys of the members and groupings with these codes.

    If `codes` is None, return those of all members and groupings.
    """
    members, groupings = Member.objects.order_by(), Grouping.objects.order_by()
    if codes is not None:
        members, groupings = members.filter(code__in=codes), groupings.filter(code__in=codes)
    return Holders(dict(members.values_list("code", "pk")), dict(groupings.values_list("code", "pk")))


@dataclass
class PastPosition:
    """A position that is no longer held. `continued` is true if another row refers to it as its earlier position."""

    claim: Claim
    position: Position
    continued: bool = False


@dataclass(eq=False)
class Life:
    """A row of a variant with its positions.

    `held` maps claims to the positions that are currently held. `ended` contains the positions that have ended, oldest
    first. `earlier` is the previous life, which this life resumes if `variant.resumes` is true.
    """

    variant: Variant
    held: dict[Claim, Position] = field(default_factory=dict)
    ended: list[PastPosition] = field(default_factory=list)
    earlier: "Life | None" = None

    @property
    def positions(self) -> list[Position]:
        """All positions, both ended and held."""
        return [*(past.position for past in self.ended), *self.held.values()]

    def line(self, *, resumed_only: bool) -> Iterator["Life"]:
        """Yield this life and the earlier lives, starting with the latest.

        If `resumed_only` is true, stop after the first life that does not resume an earlier life.
        """
        life: Life | None = self
        while life is not None:
            yield life
            life = life.earlier if life.variant.resumes or not resumed_only else None

    def ended_by(self, mistake: Revision, claim: Claim) -> PastPosition | None:
        """Return the position with this claim that `mistake` ended, unless the position has been continued since.

        The search covers this life and the lives that it resumes. Return None if there is no such position.
        """
        for life in self.line(resumed_only=True):
            for past in life.ended:
                if (past.claim, past.position.until_revision_id, past.continued) == (claim, mistake.pk, False):
                    return past
        return None

    def last(self, claim: Claim) -> PastPosition | None:
        """Return the position with this claim that ended last, in this life or an earlier life.

        Return None if there is no such position.
        """
        for life in self.line(resumed_only=False):
            for past in reversed(life.ended):
                if past.claim == claim:
                    return past
        return None

    def last_holders(self) -> set[str]:
        """Return the codes of the holders of positions at the time when the variant was closed."""
        closed_in = self.variant.closed_in_id
        return {past.claim[1] for past in self.ended if past.position.until_revision_id == closed_in}


class Past(Protocol):
    """The ended lives that no later life names as its earlier life."""

    def closed_by(self, mistake: Revision, ordinals: Collection[int]) -> dict[int, Life]:
        """Return the lives that the entry `mistake` closed, limited to `ordinals`.

        The keys are the ordinals that the variants had before that entry.
        """

    def closed_with(self, texts: Collection[str]) -> dict[str, list[Life]]:
        """Return the closed lives of variants with these texts. The keys are the texts."""


def apply_step(
    step: Step, lives: Mapping[int, Life], revision: Revision, holders: Holders, past: Past
) -> dict[int, Life]:
    """Apply the step of `revision` to `lives`, and return the new lives.

    The keys of `lives` are ordinals before the step, and those of the result are ordinals after the step. Lives that do
    not change may be absent from `lives`.
    """
    # Look up the earlier lives first, because a life that ends in this step cannot precede one that begins in it.
    resumed = resumed_lives(step, past)
    linked = _earlier_lives(step, resumed, past)
    for ordinal, outcome in step.closed.items():
        _close(lives[ordinal], revision, outcome)
    for ordinal, facts in step.altered.items():
        row = lives[ordinal].variant
        row.kind, row.text, row.depth = facts
    for ordinal, claims in step.ended.items():
        for claim in claims:
            _end(lives[ordinal], claim, revision)
    for ordinal, claims in step.taken.items():
        for claim in claims:
            _take(lives[ordinal], claim, revision, holders, step.mistake)
    new: dict[int, Life] = {}
    for ordinal, (facts, claims) in step.opened.items():
        earlier = resumed.get(ordinal) or linked.get(ordinal)
        opened_at = address_key(step.shown_in, step.begins[ordinal])
        new[ordinal] = _open(revision, ordinal, facts, opened_at, earlier, resumes=ordinal in resumed)
        for claim in claims:
            _take(new[ordinal], claim, revision, holders, step.mistake)
    return new


def resumed_lives(step: Step, past: Past) -> dict[int, Life]:
    """Return the lives that newly opened variants resume. The keys are ordinals after the step.

    The mistaken entry closed these lives.
    """
    counterparts = {ordinal: step.counterparts[ordinal] for ordinal in step.opened if ordinal in step.counterparts}
    if step.mistake is None or not counterparts:
        return {}
    closed = past.closed_by(step.mistake, counterparts.values())
    return {ordinal: closed[before] for ordinal, before in counterparts.items() if before in closed}


def _earlier_lives(step: Step, resumed: Mapping[int, Life], past: Past) -> dict[int, Life]:
    """Return the earlier lives of the other newly opened variants. The keys are ordinals after the step.

    A variant is left out if its earlier life is not certain.
    """
    opened = {ordinal: content for ordinal, content in step.opened.items() if ordinal not in resumed}
    texts = {facts.text for facts, _ in opened.values() if facts.text}
    closed = past.closed_with(texts) if texts else {}
    unavailable = {_identity(life) for life in resumed.values()}
    certain: dict[int, Life] = {}
    for ordinal, (facts, claims) in opened.items():
        holders = {code for _, code in claims}
        sufficient = len(facts.text.split()) >= SUFFICIENT_WORDS
        candidates = [life for life in closed.get(facts.text, []) if _identity(life) not in unavailable]
        candidates = [life for life in candidates if sufficient or holders & life.last_holders()]
        if len(candidates) == 1:
            certain[ordinal] = candidates[0]
    # If two new lives could continue the same life, it is not recorded as the earlier life of either.
    uses = Counter(id(life) for life in certain.values())
    return {ordinal: life for ordinal, life in certain.items() if uses[id(life)] == 1}


def _identity(life: Life) -> int:
    return life.variant.pk or id(life.variant)


def _open(
    revision: Revision, ordinal: int, facts: Facts, opened_at: str, earlier: Life | None, *, resumes: bool
) -> Life:
    row = Variant(
        provision_id=revision.provision_id,
        kind=facts.kind,
        text=facts.text,
        depth=facts.depth,
        ordinal=ordinal,
        opened_in=revision,
        opened_on=revision.made_on,
        opened_at=opened_at,
        key=opened_at,
        begun_in=revision,
        begun_on=revision.made_on,
        earlier=earlier.variant if earlier else None,
        resumes=resumes,
    )
    if earlier is not None and resumes:
        row.begun_in_id, row.begun_on = earlier.variant.begun_in_id, earlier.variant.begun_on
        row.key = earlier.variant.key or opened_at
    return Life(row, earlier=earlier)


def _close(life: Life, revision: Revision, outcome: Outcome) -> None:
    row = life.variant
    row.closed_in, row.outcome = revision, outcome
    # A late entry cannot end a variant before the date on which the variant was opened.
    row.closed_on = max(revision.made_on, row.opened_on)
    for claim in list(life.held):
        _end(life, claim, revision)


def _end(life: Life, claim: Claim, revision: Revision) -> None:
    position = life.held.pop(claim)
    position.until_revision, position.until = revision, max(revision.made_on, position.since)
    life.ended.append(PastPosition(claim, position))


def _take(life: Life, claim: Claim, revision: Revision, holders: Holders, mistake: Revision | None) -> None:
    """Add a position that is held from `revision` onwards.

    If `mistake` ended the same position, the new position resumes it.
    """
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


class _Memory:
    """The past lives of one text, held in memory."""

    def __init__(self) -> None:
        self.by_entry: dict[int, dict[int, Life]] = {}
        self.by_text: dict[str, list[Life]] = {}

    def closed_by(self, mistake: Revision, ordinals: Collection[int]) -> dict[int, Life]:
        closed = self.by_entry.get(mistake.pk, {})
        return {ordinal: closed[ordinal] for ordinal in ordinals if ordinal in closed}

    def closed_with(self, texts: Collection[str]) -> dict[str, list[Life]]:
        return {text: list(self.by_text[text]) for text in texts if text in self.by_text}

    def update(self, revision: Revision, closed: dict[int, Life], new: Iterable[Life]) -> None:
        """Add the lives that `revision` closed, and remove those to which its new lives refer."""
        for life in new:
            if life.earlier is not None:
                row = life.earlier.variant
                self.by_text[row.text].remove(life.earlier)
                del self.by_entry[row.closed_in_id or 0][row.ordinal]
        self.by_entry[revision.pk] = closed
        for life in closed.values():
            self.by_text.setdefault(life.variant.text, []).append(life)


def compute_lives(
    revisions: Sequence[Revision], register: Register, holders: Holders
) -> Iterator[tuple[Revision, Tree, list[Life]]]:
    """Yield every entry of a text in order, with its tree and the lives that it opens, without storing anything.

    `revisions` must contain all entries of the text. Later steps modify lives that have already been yielded.
    """
    by_key = {revision.pk: revision for revision in revisions}
    last: dict[int, int] = {}
    for revision in revisions:
        # Linking the loaded objects avoids a query for each revision and a second object for the same row.
        for name in ("undoes", "corrects", "carries"):
            setattr(revision, name, by_key.get(getattr(revision, f"{name}_id")))
        last[revision.carries_id or revision.pk] = revision.number
    texts = Texts(register, lambda number: _at(revisions, number), lambda first: last[first.pk])
    memory, lives = _Memory(), dict[int, Life]()
    for revision in revisions:
        new: dict[int, Life] = {}
        if revision.carries_id is None:
            step = step_of(revision, texts)
            new = apply_step(step, lives, revision, holders, memory)
            memory.update(revision, {ordinal: lives[ordinal] for ordinal in step.closed}, new.values())
            lives = _after(step, lives, new)
        yield revision, texts.tree(revision.number), list(new.values())


def _at(revisions: Sequence[Revision], number: int) -> Revision:
    """Return the entry with this number or, if that entry was removed from the record, the entry before it."""
    index = bisect_right(revisions, number, key=lambda revision: revision.number)
    return revisions[index - 1] if index else Revision(unparsed=True)


def _after(step: Step, lives: dict[int, Life], new: dict[int, Life]) -> dict[int, Life]:
    """Return all open lives. The keys are their ordinals after the step."""
    after = dict(new)
    for ordinal, life in lives.items():
        if ordinal not in step.closed:
            life.variant.ordinal = step.moved.get(ordinal, ordinal)
            after[life.variant.ordinal] = life
    return after
