"""Steps: the effects of entries on the variants and positions of a text, computed only from texts.

A `Step` identifies variants by ordinal, which is their rank in the text, counted from 1. It lists the variants that
close, remain or open, and the positions that end or are taken. A variant that remains may have another ordinal or other
facts. The following rules apply:

- A step is derived by comparing the texts before and after the entry. If outcomes of variants were recorded with the
  operations, these outcomes are used, because the remaining wording does not always show them.
- A late entry and the entries that carry it forward form one step, from the text before them to the text after them.
- An undo is exactly the reverse of the step that it undoes, and an undo of an undo repeats the original step. No new
  comparison is made, because it could match equal brackets differently.
- For an entry that undoes or corrects a mistaken entry, the step also maps each new variant to its counterpart in the
  text before the mistaken entry. `lifetimes` uses this mapping to resume the lives that the mistaken entry ended.

Example: “[CAN: now] [JPN: later]” becomes “[JPN, US: later]”. The step closes ordinal 1 with the outcome “dropped”,
moves ordinal 2 to 1, and adds the position that the US takes at that variant: `closed={1: DROPPED}, moved={2: 1},
taken={2: [("propose", "US")]}`.

`lifetimes` applies steps to the rows of variants and positions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bracketed_text import Comparison, Register, Tree, compare
from bracketed_text.advanced import Act, variants
from bracketed_text.advanced import Variant as ParsedVariant
from issues.models import Revision
from issues.models.choices import Outcome
from issues.text.entries import Endings, endings_in, endings_of
from issues.text.stored import indexed_tree

OUTCOMES = {
    Act.LIFTED: Outcome.LIFTED,
    Act.DROPPED: Outcome.DROPPED,
    Act.CHOSEN: Outcome.CHOSEN,
    Act.MERGED: Outcome.MERGED,
    Act.REWORDED: Outcome.REWORDED,
}
Claim = tuple[str, str]  # a stance, and the code of the member or grouping that takes it


class Facts(NamedTuple):
    """The columns of a variant that the text determines, other than its ordinal and its dates."""

    kind: str
    text: str
    depth: int


@dataclass
class Step:
    """The effect of an entry on the variants and positions of a text.

    The keys of `opened`, `begins` and `counterparts` are ordinals in the text after the entry. All other keys are
    ordinals in the text before the entry. `moved` contains the new ordinals of those remaining variants whose ordinals
    differ, and `altered` contains the new facts of those whose facts differ. `ended` and `taken` contain the positions
    that change at remaining variants. `begins` contains the offsets at which the opened variants begin in the text
    after the entry, which is that of revision `shown_in`. `mistake` is the entry that is undone or corrected, if any.
    The values of `counterparts` are ordinals in the text before the mistaken entry.
    """

    closed: dict[int, Outcome] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    altered: dict[int, Facts] = field(default_factory=dict)
    ended: dict[int, list[Claim]] = field(default_factory=dict)
    taken: dict[int, list[Claim]] = field(default_factory=dict)
    opened: dict[int, tuple[Facts, list[Claim]]] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)
    shown_in: int = 0
    mistake: Revision | None = None
    counterparts: dict[int, int] = field(default_factory=dict)


class Texts:
    """The entries of one provision and their trees, which are accessed by number.

    Each entry is loaded and parsed at most once.
    """

    def __init__(
        self, register: Register, fetch: Callable[[int], Revision], last_of: Callable[[Revision], int]
    ) -> None:
        self.register = register
        self._fetch = fetch
        self._last_of = last_of
        self._entries: dict[int, Revision] = {}
        self._trees: dict[int, Tree] = {}

    def know(self, entry: Revision) -> None:
        """Keep `entry` in memory so that it need not be fetched."""
        self._entries[entry.number] = entry

    def entry(self, number: int) -> Revision:
        """Return the entry with this number."""
        if number not in self._entries:
            self._entries[number] = self._fetch(number)
        return self._entries[number]

    def tree(self, number: int) -> Tree:
        """Return the tree of the entry with this number, in the form used by the index."""
        if number not in self._trees:
            self._trees[number] = indexed_tree(self.entry(number), self.register)
        return self._trees[number]

    def last_of(self, first: Revision) -> int:
        """Return the number of the last entry that carries `first` forward.

        If no entry carries it forward, return the number of `first`.
        """
        return self._last_of(first)


def step_of(first: Revision, texts: Texts) -> Step:
    """Return the combined step of the entry `first` and the entries that carry it forward."""
    last = texts.last_of(first)
    return replace(_step_to(texts.tree(last), first, texts), shown_in=last)


def _step_to(after: Tree, first: Revision, texts: Texts) -> Step:
    """Return the step of the entry `first` to the text `after`."""
    if first.number == 1:
        return step_between(None, after)
    before = texts.tree(first.number - 1)
    mistake = mistake_of(first)
    if mistake is None or mistake.number == 1:
        return step_between(before, after, _known_endings(first, texts))
    step = _undo_step(first, before, after, texts) or step_between(before, after, _known_endings(first, texts))
    return correcting(mistake, step, after, texts)


def step_between(before: Tree | None, after: Tree, endings: Endings | None = None) -> Step:
    """Return the step from one text to the next.

    `before` is None for the first entry. `endings` contains the known outcomes of variants of `before`.
    """
    if before is None:
        first = Step()
        for ordinal, variant in enumerate(variants(after), start=1):
            _add_opened(first, ordinal, variant, after)
        return first
    comparison = compare(before, after, endings)
    return _step(comparison, before, after, comparison.same, _outcomes(comparison))


def mistake_of(revision: Revision) -> Revision | None:
    """Return the entry that `revision` undoes or corrects in the same provision, or None if there is no such entry.

    If that entry carries a late entry forward, the late entry is returned.
    """
    mistake = revision.undoes or revision.corrects
    if mistake is None or mistake.provision_id != revision.provision_id:
        return None
    return mistake.carries or mistake


def correcting(mistake: Revision, step: Step, after: Tree, texts: Texts) -> Step:
    """Return `step` as the step of an entry that undoes or corrects `mistake`.

    `after` is the text to which the step leads.
    """
    same = compare(texts.tree(mistake.number - 1), after).same
    return replace(step, mistake=mistake, counterparts={new + 1: old + 1 for old, new in same.items()})


def _known_endings(first: Revision, texts: Texts) -> Endings:
    """Return the outcomes of the variants that an entry's operations ended.

    The keys are positions in the text before the entry.
    """
    endings = endings_of(first)
    return endings_in(endings, texts.tree(first.follows_number), texts.tree(first.number - 1)) if endings else {}


def _undo_step(undo: Revision, old: Tree, new: Tree, texts: Texts) -> Step | None:
    """Return the step of an undo, which reverses the step that it undoes.

    An undo of an undo repeats the original step. Return None if `undo` is not an undo or if its texts are not those of
    the original step.
    """
    original, reverse = undo, False
    while original.undoes is not None:
        original, reverse = original.undoes, not reverse
    if original is undo:
        return None
    before, after = texts.tree(original.number - 1), texts.tree(texts.last_of(original))
    if (old.text, new.text) != ((after.text, before.text) if reverse else (before.text, after.text)):
        return None
    forth = compare(before, after, _known_endings(original, texts))
    if not reverse:
        return _step(forth, before, after, forth.same, _outcomes(forth))
    back = compare(after, before)
    return _step(back, after, before, *_reversed(forth, back))


def _outcomes(comparison: Comparison) -> dict[int, Outcome]:
    """Return the outcome of each old variant that ended."""
    return {
        event.old: OUTCOMES[event.act] for event in comparison.events if event.act in OUTCOMES and event.old is not None
    }


def _reversed(forth: Comparison, back: Comparison) -> tuple[dict[int, int], dict[int, Outcome]]:
    """Return the remaining variants in `back`, and the outcomes of the other variants.

    `back` is treated as the exact reverse of `forth`.
    """
    same = {new: old for old, new in forth.same.items()}
    reworded = set(forth.pairs.values())
    known = _outcomes(back)
    outcomes = {
        old: known.get(old, Outcome.REWORDED if old in reworded else Outcome.DROPPED)
        for old in range(len(back.old_variants))
        if old not in same
    }
    return same, outcomes


def _step(
    comparison: Comparison, before: Tree, after: Tree, same: Mapping[int, int], outcomes: Mapping[int, Outcome]
) -> Step:
    """Return the step that consists of the remaining variants (`same`) and the outcomes of the other variants.

    The variants are given by their indices in the comparison.
    """
    step = Step()
    for old, outcome in outcomes.items():
        step.closed[old + 1] = outcome
    for old, new in same.items():
        old_variant, new_variant = comparison.old_variants[old], comparison.new_variants[new]
        _add_staying(step, (old + 1, old_variant, before), (new + 1, new_variant, after))
    staying = set(same.values())
    for new, variant in enumerate(comparison.new_variants):
        if new not in staying:
            _add_opened(step, new + 1, variant, after)
    return step


def _add_opened(step: Step, ordinal: int, variant: ParsedVariant, after: Tree) -> None:
    """Add to `step` a variant that it opens in the text `after`."""
    step.opened[ordinal] = _facts(variant, after), _claims(variant)
    step.begins[ordinal] = variant.begin


def _add_staying(step: Step, was: tuple[int, ParsedVariant, Tree], now: tuple[int, ParsedVariant, Tree]) -> None:
    """Add to `step` the changes at a remaining variant.

    `was` and `now` contain the variant's ordinal, the variant itself and its text, before and after the step.
    """
    ordinal, old, before = was
    new_ordinal, new, after = now
    if new_ordinal != ordinal:
        step.moved[ordinal] = new_ordinal
    facts = _facts(new, after)
    if facts != _facts(old, before):
        step.altered[ordinal] = facts
    if new.head is old.head or new.head == old.head:
        return
    old_claims, new_claims = _claims(old), _claims(new)
    if ended := [claim for claim in old_claims if claim not in new_claims]:
        step.ended[ordinal] = ended
    if taken := [claim for claim in new_claims if claim not in old_claims]:
        step.taken[ordinal] = taken


def _facts(variant: ParsedVariant, tree: Tree) -> Facts:
    return Facts(variant.form.value, variant.words(tree.text).strip(), variant.depth)


def _claims(variant: ParsedVariant) -> list[Claim]:
    return list({(claim.stance, name): None for claim in variant.head.claims for name in claim.names})
