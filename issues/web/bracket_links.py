"""Permanent links to brackets. A bracket is followed through later revisions to its current place or to its end.

A link names a revision and the offset at which the bracket begins in its text. Each later text is compared with the
preceding text, and the comparison shows which variant continues the bracket. A link therefore remains valid for as long
as the record exists.

For example, a bracket begins at character 120 of revision 7, as the third variant of that text. In revision 8, another
bracket is inserted before it, and the bracket becomes the fourth variant. It is lifted in revision 9. `follow` returns
the indexes {7: 2, 8: 3} and an ending in revision 9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bracketed_text import Comparison, Register, Tree, compare
from bracketed_text.advanced import Variant as TextVariant
from bracketed_text.advanced import variants
from issues.models import Provision, Revision, Variant
from issues.models.choices import Outcome
from issues.models.index import VariantQuerySet
from issues.text.entries import endings_of, in_effect
from issues.text.steps import OUTCOMES
from issues.text.stored import indexed_tree
from issues.wording import quote

# Limits on following a bracket, equal to about two seconds of work: the number of revisions, and the number of
# characters in all their texts. Beyond these limits, the reader is asked to select the bracket again.
REVISIONS_FOLLOWED = 200
CHARACTERS_FOLLOWED = 2_000_000
READ_AT_ONCE = 20

SENTENCES: dict[Outcome, str | Promise] = {
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
    """The ending of a bracket in `revision`, with its final wording.

    `became` is the offset, in that revision, of the bracket that replaced the ended bracket, or None if none did.
    """

    revision: Revision
    outcome: Outcome
    words: str
    became: int | None

    @property
    def quote(self) -> str:
        """The final wording of the bracket, shortened."""
        return quote(self.words)

    @property
    def sentence(self) -> str:
        """A sentence that describes how the bracket ended, in which revision and on what date."""
        return SENTENCES[self.outcome] % {"number": self.revision.number, "day": date_format(self.revision.made_on)}


@dataclass
class Trace:
    """The path of a bracket: its index among the variants in each revision, by revision number, and its ending.

    `complete` is true if all later revisions were read, and false if a limit was reached first.
    """

    indexes: dict[int, int] = field(default_factory=dict)
    end: Ending | None = None
    complete: bool = True

    @property
    def exists(self) -> bool:
        """Whether a negotiation bracket begins at the offset of the link."""
        return bool(self.indexes)

    def rows(self, provision: Provision) -> VariantQuerySet:
        """Return the bracket's index entry as a queryset, found by its last index and the revision that closed it."""
        if not self.exists or not (self.end or self.complete):
            return Variant.objects.none()
        last = self.indexes[max(self.indexes)]
        return Variant.objects.filter(
            provision=provision, closed_in=self.end.revision if self.end else None, ordinal=last + 1
        )


def follow(provision: Provision, number: int, at: int, register: Register) -> Trace | None:
    """Return the trace of the bracket at `at` in revision `number`, or None if the revision does not exist."""
    revisions = provision.revisions.filter(number__gte=number).order_by("number")
    rows = revisions.only("provision", "number", "text", "made_on", "unparsed", "performed", "follows", "carries")
    return followed(rows.iterator(READ_AT_ONCE), number, at, register)


def followed(revisions: Iterable[Revision], number: int, at: int, register: Register) -> Trace | None:
    """Return the trace of the bracket at `at` in the first of `revisions`.

    Return None unless that revision has the number `number`.
    """
    trace, before, characters = Trace(), None, 0
    for revision in in_effect(revisions):
        characters += len(revision.text)
        if before is not None and (len(trace.indexes) > REVISIONS_FOLLOWED or characters > CHARACTERS_FOLLOWED):
            trace.complete = False
            return trace
        after = indexed_tree(revision, register)
        if before is None:
            if revision.number != number:
                return None
            _begin(trace, revision, after, at)
        else:
            _continue(trace, revision, before, after)
        if trace.end or not trace.exists:
            return trace
        before = after
    return trace if before is not None else None


def index_at(text_variants: Sequence[TextVariant], at: int) -> int | None:
    """Return the index of the variant that begins at the offset `at` or, failing that, is anchored there, or None."""
    begins = (index for index, variant in enumerate(text_variants) if variant.begin == at)
    named = (index for index, variant in enumerate(text_variants) if variant.anchor == at)
    return next(begins, next(named, None))


def _begin(trace: Trace, revision: Revision, tree: Tree, at: int) -> None:
    index = index_at(variants(tree), at)
    if index is not None:
        trace.indexes[revision.number] = index


def _continue(trace: Trace, revision: Revision, before: Tree, after: Tree) -> None:
    index = next(reversed(trace.indexes.values()))
    comparison = compare(before, after, endings_of(revision) if revision.follows is None else None)
    if index in comparison.same:
        trace.indexes[revision.number] = comparison.same[index]
    else:
        trace.end = _ending(comparison, index, revision, before)


def _ending(comparison: Comparison, index: int, revision: Revision, before: Tree) -> Ending:
    event = next(event for event in comparison.events if event.old == index and event.act in OUTCOMES)
    became = comparison.new_variants[event.new].begin if event.new is not None else None
    words = comparison.old_variants[index].words(before.text)
    return Ending(revision.carries or revision, OUTCOMES[event.act], words, became)
