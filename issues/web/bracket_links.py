"""A bracket through the revisions after the one in which it was touched: where it stands, or how it ended.

So the address of a bracket, a revision and a place in its text, stays good for as long as the record does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bracketed_text import Comparison, Register, Tree, compare
from bracketed_text.advanced import Variant as Found
from bracketed_text.advanced import variants
from issues.models import Provision, Revision, Variant
from issues.models.choices import Outcome
from issues.models.index import VariantQuerySet
from issues.text.entries import endings_of
from issues.text.steps import OUTCOMES, indexed_tree
from issues.wording import quote

# So far a bracket is followed: revisions, and characters of all their texts (two seconds' work). Whoever asks for
# more is told to choose the place again.
FOLLOWED = 200
FOLLOWED_CHARACTERS = 2_000_000
READ_AT_ONCE = 20

SAID: dict[Outcome, str | Promise] = {
    Outcome.LIFTED: gettext_lazy("This bracket was lifted in revision %(number)s, on %(day)s. The words remain."),
    Outcome.DROPPED: gettext_lazy(
        "This bracket was dropped in revision %(number)s, on %(day)s. Its words were deleted."
    ),
    Outcome.CHOSEN: gettext_lazy("These words were chosen among the alternatives in revision %(number)s, on %(day)s."),
    Outcome.MERGED: gettext_lazy("This bracket was merged into another bracket in revision %(number)s, on %(day)s."),
    Outcome.REWORDED: gettext_lazy("This bracket was reworded in revision %(number)s, on %(day)s."),
}


@dataclass(frozen=True)
class Ending:
    """That a bracket ended in `revision`: how, its last words, and where what it became begins there, if anywhere."""

    revision: Revision
    outcome: Outcome
    words: str
    became: int | None

    @property
    def quote(self) -> str:
        """Its last words."""
        return quote(self.words)

    @property
    def says(self) -> str:
        """How it ended, in which revision and on which day, in a sentence."""
        return SAID[self.outcome] % {"number": self.revision.number, "day": date_format(self.revision.made_on)}


@dataclass
class Trace:
    """The place of a bracket among the variants of each revision, from 0, by number; `end` says how it ended.

    `complete` is whether no later revision is left that was not looked at.
    """

    places: dict[int, int] = field(default_factory=dict)
    end: Ending | None = None
    complete: bool = True

    @property
    def found(self) -> bool:
        """Whether a bracket under negotiation began where it was looked for."""
        return bool(self.places)

    def rows(self, provision: Provision) -> VariantQuerySet:
        """Return what the index knows of it: its place when it was last seen, and what closed it, say which row."""
        if not self.found or not (self.end or self.complete):
            return Variant.objects.none()
        last = self.places[max(self.places)]
        return Variant.objects.filter(
            provision=provision, closed_in=self.end.revision if self.end else None, ordinal=last + 1
        )


def follow(provision: Provision, number: int, at: int, register: Register) -> Trace | None:
    """Follow what begins at `at` in revision `number` as far as is allowed; None where there is no such revision."""
    revisions = provision.revisions.filter(number__gte=number).order_by("number")
    rows = revisions.only("provision", "number", "text", "made_on", "unparsed", "performed", "follows", "carries")
    return followed(rows.iterator(READ_AT_ONCE), number, at, register)


def followed(revisions: Iterable[Revision], number: int, at: int, register: Register) -> Trace | None:
    """Follow what begins at `at` in the first of `revisions`, which is `number`, through the others."""
    trace, before, characters = Trace(), None, 0
    for revision in _that_stood(revisions):
        characters += len(revision.text)
        if before is not None and (len(trace.places) > FOLLOWED or characters > FOLLOWED_CHARACTERS):
            trace.complete = False
            return trace
        after = indexed_tree(revision, register)
        if before is None:
            if revision.number != number:
                return None
            _begin(trace, revision, after, at)
        else:
            _go_on(trace, revision, before, after)
        if trace.end or not trace.found:
            return trace
        before = after
    return trace if before is not None else None


def _that_stood(revisions: Iterable[Revision]) -> Iterator[Revision]:
    """Yield the first of `revisions`, and of late entries only the last that carries each: it alone stood then."""
    waiting: Revision | None = None
    for place, revision in enumerate(revisions):
        if waiting is not None and (place == 1 or revision.carries_id is None):
            yield waiting
        waiting = revision
    if waiting is not None:
        yield waiting


def place_at(found: Sequence[Found], at: int) -> int | None:
    """Return which of the variants `found` is named by the offset `at`: where it begins, or where one stands at it."""
    begins = (place for place, one in enumerate(found) if one.begin == at)
    return next(begins, next((place for place, one in enumerate(found) if one.anchor == at), None))


def _begin(trace: Trace, revision: Revision, tree: Tree, at: int) -> None:
    here = place_at(variants(tree), at)
    if here is not None:
        trace.places[revision.number] = here


def _go_on(trace: Trace, revision: Revision, before: Tree, after: Tree) -> None:
    here = next(reversed(trace.places.values()))
    found = compare(before, after, endings_of(revision) if revision.follows is None else None)
    if here in found.same:
        trace.places[revision.number] = found.same[here]
    else:
        trace.end = _ending(found, here, revision, before)


def _ending(found: Comparison, here: int, revision: Revision, before: Tree) -> Ending:
    event = next(one for one in found.events if one.old == here and one.act in OUTCOMES)
    became = found.new_variants[event.new].begin if event.new is not None else None
    return Ending(
        revision.carries or revision, OUTCOMES[event.act], found.old_variants[here].words(before.text), became
    )
