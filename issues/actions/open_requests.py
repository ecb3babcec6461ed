"""Open requests of a text: where the bracket is that each is about, and which of them an entry ends.

A request is made on the text of one revision, while others go on changing it. Where its bracket stands now is followed
entry by entry, as the index follows variants (`issues.text.steps.Step`): what stays has a new place, what is closed
has an outcome, and what an undo or a correction brings back is found again. A request is about

- one alternative, where it is to be chosen;
- a bracket, where it is to be lifted or dropped: of alternatives inside one bracket, about any that is left;
- a choice, where its alternatives are to be merged or marked: about any bracket of it that is left.

When the last of that is closed, or the operation can no longer be done on the text that stands, the request lapses, in
the transaction of the entry that did it, and says why. `stands_in` and `stands_as` are how far it was followed.

Whoever writes a request has locked its text first.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bracketed_text import EditRefused, Tree
from bracketed_text.advanced import Variant, groups, variants
from issues.actions.errors import WordsRefused
from issues.actions.text_checks import require_operations
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import Act, Outcome, RequestState
from issues.sync.publishing import publish
from issues.text.operations import Operation, perform
from issues.text.steps import Step, Texts, mistake_of, step_between, step_of
from issues.wording import quote, refusal_reason

OF_A_CHOICE = frozenset({Act.MERGE, Act.ALTERNATIVES, Act.INDEPENDENT})
SAID: dict[Outcome, str | Promise] = {
    Outcome.LIFTED: gettext_lazy("The bracket around %(words)s was lifted in revision %(number)s: the words remain."),
    Outcome.DROPPED: gettext_lazy("%(words)s was dropped in revision %(number)s."),
    Outcome.CHOSEN: gettext_lazy("%(words)s was chosen among the alternatives in revision %(number)s."),
    Outcome.MERGED: gettext_lazy("%(words)s was merged into another bracket in revision %(number)s."),
    Outcome.REWORDED: gettext_lazy("%(words)s was reworded in revision %(number)s."),
}
LAPSE_FIELDS = ["state", "lapsed_because", "lapsed_in", "decided_at", "stands_in", "stands_as"]


@dataclass(frozen=True)
class Found:
    """Where the bracket stands: the operation as it is done on the text of revision `number`."""

    number: int
    operation: Operation


@dataclass(frozen=True)
class Gone:
    """That what a request is about is closed, or can no longer be done: by which entry, and why in a sentence."""

    entry: Revision
    because: str


@dataclass(frozen=True)
class Closed:
    """How a variant was closed, None where there was none, and its last words."""

    outcome: Outcome | None
    words: str


class Follower:
    """Follows requests through the entries of one text; what an entry does is worked out once for all of them."""

    def __init__(
        self, provision: Provision, texts: Texts, known: dict[int, Step] | None = None, newest: Revision | None = None
    ) -> None:
        """Take what the entries do that are `known` already, by number, and the newest text, if it is at hand."""
        self.provision = provision
        self.texts = texts
        self.newest = newest
        self._steps = dict(known or {})
        self._entries: dict[int, list[Revision]] = {}

    def follow(self, request: ChangeRequest) -> Found | Gone:
        """Return where the bracket of a request stands in the newest text, or what became of it."""
        found = _last_known(request)
        gone: Gone | None = None
        for entry, before, result, last in self._changes_after(found.number):
            after = self.texts.tree(last)
            if gone is None:
                carried = _carried(found.operation, self.texts.tree(before), result, after)
                if isinstance(carried, Operation):
                    found = Found(last, carried)
                else:
                    gone = Gone(entry, _said(entry, carried))
            elif result.mistake == gone.entry:
                returned = _returned(found.operation, self.texts.tree(found.number), result, after)
                if returned is not None:
                    found, gone = Found(last, returned), None
        return gone or self._performable(found, request.on_behalf_of.code)

    def _changes_after(self, number: int) -> Iterator[tuple[Revision, int, Step, int]]:
        """Yield each entry after revision `number` with the texts before and after it, and what it does to them."""
        if self.newest is not None and self.newest.number == number:
            return
        start = self.texts.entry(number)
        first = start.carries or start
        last = self.texts.last_of(first)
        if last != number:  # made on a late entry, whose text stood only together with what carried it forward
            yield first, number, step_between(self.texts.tree(number), self.texts.tree(last)), last
        for entry in self._entries_after(last):
            if entry.number not in self._steps:
                self._steps[entry.number] = step_of(entry, self.texts)
            yield entry, entry.number - 1, self._steps[entry.number], self.texts.last_of(entry)

    def _entries_after(self, number: int) -> list[Revision]:
        if number not in self._entries:
            rows = self.provision.revisions.filter(number__gt=number, carries=None).order_by("number")
            self._entries[number] = list(rows.select_related("on_behalf_of"))
            for entry in self._entries[number]:
                self.texts.know(entry)
        return self._entries[number]

    def _performable(self, found: Found, code: str) -> Found | Gone:
        try:
            require_operations([found.operation])
            perform(self.texts.tree(found.number), found.operation, code)
        except EditRefused as refused:
            entry = self.texts.entry(found.number)
            because = _("This is no longer possible on the text of revision %(number)s: %(reason)s")
            return Gone(entry.carries or entry, because % {"number": found.number, "reason": refusal_reason(refused)})
        except WordsRefused:  # from an earlier release: it stays open until it is answered, and its words unparsed
            return found
        return found


def settle(entries: Sequence[Revision], texts: Texts, result: Step, *, accepted: Collection[int] = ()) -> None:
    """Let the open requests of a text follow what `entries` do to it, which is `result`; those that it ends lapse.

    A request that lapsed by an entry which this one takes back is open again. `accepted` are requests (primary keys)
    that the entry does, and not touched.
    """
    first = entries[0]
    concerned = Q(state=RequestState.OPEN)
    mistake = mistake_of(first)
    if mistake is not None:
        concerned |= Q(state=RequestState.LAPSED, lapsed_in=mistake)
    waiting = ChangeRequest.objects.filter(concerned, provision=first.provision_id).select_related("on_behalf_of")
    follower = Follower(first.provision, texts, {first.number: result})
    for request in waiting.exclude(pk__in=accepted).order_by("pk"):
        settle_one(request, follower)


def settle_one(request: ChangeRequest, follower: Follower) -> None:
    """Let a request follow the text: an open one lapses where it ends, one that lapsed is open where it goes on."""
    with translation.override("en"):  # it stays on record, for readers of any language
        where = follower.follow(request)
    if isinstance(where, Found):
        request.stands_in, request.stands_as = follower.texts.entry(where.number), where.operation.as_json()
        if request.state == RequestState.OPEN:
            request.save(update_fields=["stands_in", "stands_as"])
        else:
            _reopen(request)
    elif request.state == RequestState.OPEN:
        lapse(request, where.because, where.entry)


def lapse(request: ChangeRequest, because: str, entry: Revision | None = None) -> None:
    """Record that a request ended by itself: why, and by which entry of the text, where it was one."""
    request.state, request.lapsed_because, request.lapsed_in = RequestState.LAPSED, because, entry
    request.decided_at = timezone.now()
    request.save(update_fields=LAPSE_FIELDS)
    publish(request)


def _reopen(request: ChangeRequest) -> None:
    request.state, request.lapsed_because, request.lapsed_in = RequestState.OPEN, "", None
    request.decided_at = None
    request.save(update_fields=LAPSE_FIELDS)
    publish(request)


def _last_known(request: ChangeRequest) -> Found:
    """Return how far a request was followed: at first, to the text that it was made on."""
    if request.stands_in is not None and request.stands_as is not None:
        return Found(request.stands_in.number, Operation.from_json(request.stands_as))
    return Found(request.base.number, Operation.from_json(request.operation))


def _of_bracket(operation: Operation, of_text: list[Variant]) -> list[int]:
    """Return the ordinals of the variants of the bracket or block that begins where the operation is done."""
    return [ordinal for ordinal, variant in enumerate(of_text, start=1) if _start(variant) == operation.at]


def _start(variant: Variant) -> int:
    return variant.begin if variant.bracket is None else variant.bracket.start


def _about(operation: Operation, tree: Tree) -> list[int]:
    """Return the ordinals of the variants that an operation is about; any that is left will do."""
    of_text = list(variants(tree))
    if operation.act in OF_A_CHOICE:
        for group in groups(tree):
            starts = {*(bracket.start for bracket in group.brackets), *(block.start for block in group.blocks)}
            if operation.at in starts:
                return [ordinal for ordinal, variant in enumerate(of_text, start=1) if _start(variant) in starts]
    ordinals = _of_bracket(operation, of_text)
    if operation.act == Act.CHOOSE and len(ordinals) > 1:
        return ordinals[operation.number : operation.number + 1]
    return ordinals


def _carried(operation: Operation, before: Tree, result: Step, after: Tree) -> Operation | Closed:
    """Return the operation as it is done on the text `after`, or how what it is about was closed."""
    ordinals = _about(operation, before)
    for ordinal in ordinals:
        if ordinal not in result.closed:
            return _at(operation, after, result.moved.get(ordinal, ordinal))
    of_text = list(variants(before))
    named = next((ordinal for ordinal in _of_bracket(operation, of_text) if ordinal in ordinals), 0)
    words = of_text[named - 1].words(before.text) if named else ""
    return Closed(result.closed[named] if named else None, words)


def _returned(operation: Operation, before: Tree, result: Step, after: Tree) -> Operation | None:
    """Return the operation on the text `after`, which brings back what stood in `before`; None where it does not."""
    places = {place: ordinal for ordinal, place in result.counterparts.items()}
    return next(
        (_at(operation, after, places[ordinal]) for ordinal in _about(operation, before) if ordinal in places), None
    )


def _at(operation: Operation, tree: Tree, ordinal: int) -> Operation:
    """Return the operation as it is done at a variant of `tree`."""
    of_text = list(variants(tree))
    moved = replace(operation, at=_start(of_text[ordinal - 1]))
    beside = _of_bracket(moved, of_text)
    return replace(moved, number=beside.index(ordinal)) if operation.act == Act.CHOOSE and len(beside) > 1 else moved


def _said(entry: Revision, closed: Closed) -> str:
    """Return in a sentence how an entry closed what a request was about, with the member on whose behalf it was."""
    if closed.outcome is None:
        return _("There is no bracket under negotiation at the place concerned.")
    behalf = entry.on_behalf_of
    number = (
        _("%(number)s, logged on behalf of %(member)s") % {"number": entry.number, "member": behalf.local_name}
        if behalf
        else str(entry.number)
    )
    return str(SAID[closed.outcome]) % {"words": quote(closed.words), "number": number}
