"""Open requests on a text. Their brackets are located in later texts, and the requests lapse when these brackets end.

A request refers to the text of one revision, and later entries may change this text. The bracket of the request is
tracked from entry to entry in the same way as the index tracks variants (`issues.text.steps.Step`). A remaining variant
receives a new position, a closed variant receives an outcome, and a variant restored by an undo or a correction is
located again. The operation determines the variants that a request concerns:

- A request to choose an alternative concerns that alternative.
- A request to lift or drop a bracket concerns that bracket. If the bracket has several alternatives, the request
  concerns any that remain.
- A request to merge or mark the alternatives of a choice concerns any of its brackets that remain.

A request lapses when the last of these variants is closed or when the operation can no longer be performed on the
current text. The lapse and its reason are stored in the transaction of the entry that causes it. The fields `stands_in`
and `stands_as` contain the last revision to which a request has been tracked and the operation as it would be performed
on that revision.

Code that writes requests must first lock their text.
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

ACTS_ON_A_CHOICE = frozenset({Act.MERGE, Act.ALTERNATIVES, Act.INDEPENDENT})
LAPSE_REASONS: dict[Outcome, str | Promise] = {
    Outcome.LIFTED: gettext_lazy("The bracket around %(words)s was lifted in revision %(number)s: the words remain."),
    Outcome.DROPPED: gettext_lazy("%(words)s was dropped in revision %(number)s."),
    Outcome.CHOSEN: gettext_lazy("%(words)s was chosen among the alternatives in revision %(number)s."),
    Outcome.MERGED: gettext_lazy("%(words)s was merged into another bracket in revision %(number)s."),
    Outcome.REWORDED: gettext_lazy("%(words)s was reworded in revision %(number)s."),
}
LAPSE_FIELDS = ["state", "lapsed_because", "lapsed_in", "decided_at", "stands_in", "stands_as"]


@dataclass(frozen=True)
class Located:
    """The operation of a request as it would be performed on the text of revision `number`."""

    number: int
    operation: Operation


@dataclass(frozen=True)
class Lapsed:
    """The lapse of a request: the entry that ended the request, and a sentence that states the reason."""

    entry: Revision
    reason: str


@dataclass(frozen=True)
class Closing:
    """The outcome of a closed variant and its final wording. `outcome` is None if there was no variant."""

    outcome: Outcome | None
    words: str


class RequestTracker:
    """A tracker that follows requests through the entries of one text.

    The effect of each entry is computed only once for all requests.
    """

    def __init__(
        self, provision: Provision, texts: Texts, known: dict[int, Step] | None = None, newest: Revision | None = None
    ) -> None:
        """Create a tracker.

        `known` contains steps that have already been computed, by entry number. `newest` is the newest revision, if it
        has already been loaded.
        """
        self.provision = provision
        self.texts = texts
        self.newest = newest
        self._steps = dict(known or {})
        self._entries: dict[int, list[Revision]] = {}

    def locate(self, request: ChangeRequest) -> Located | Lapsed:
        """Return the operation of a request as it would be performed on the newest text.

        If the request has lapsed, return the lapse.
        """
        located = _last_known(request)
        lapsed: Lapsed | None = None
        for entry, before, result, last in self._changes_after(located.number):
            after = self.texts.tree(last)
            if lapsed is None:
                carried = _carry(located.operation, self.texts.tree(before), result, after)
                if isinstance(carried, Operation):
                    located = Located(last, carried)
                else:
                    lapsed = Lapsed(entry, _reason(entry, carried))
            elif result.mistake == lapsed.entry:
                restored = _restore(located.operation, self.texts.tree(located.number), result, after)
                if restored is not None:
                    located, lapsed = Located(last, restored), None
        return lapsed or self._require_performable(located, request.on_behalf_of.code)

    def _changes_after(self, number: int) -> Iterator[tuple[Revision, int, Step, int]]:
        """Yield each entry after revision `number`, with its step and the numbers of the texts before and after it."""
        if self.newest is not None and self.newest.number == number:
            return
        start = self.texts.entry(number)
        first = start.carries or start
        last = self.texts.last_of(first)
        if last != number:  # a backdated entry is complete only with the entries that carry it forward
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

    def _require_performable(self, located: Located, code: str) -> Located | Lapsed:
        try:
            require_operations([located.operation])
            perform(self.texts.tree(located.number), located.operation, code)
        except EditRefused as refused:
            entry = self.texts.entry(located.number)
            reason = _("This is no longer possible in revision %(number)s: %(reason)s")
            values = {"number": located.number, "reason": refusal_reason(refused)}
            return Lapsed(entry.carries or entry, reason % values)
        except WordsRefused:  # stored by an earlier release: the request stays open until a facilitator decides on it
            return located
        return located


def update_requests(entries: Sequence[Revision], texts: Texts, result: Step, *, accepted: Collection[int] = ()) -> None:
    """Track the open requests of a text through `entries`, whose combined step is `result`.

    A request lapses if the entries end its bracket. A request that lapsed because of an entry that is now undone or
    corrected becomes open again. `accepted` contains the primary keys of the requests that the entries fulfil. The
    caller updates these requests.
    """
    first = entries[0]
    affected = Q(state=RequestState.OPEN)
    mistake = mistake_of(first)
    if mistake is not None:
        affected |= Q(state=RequestState.LAPSED, lapsed_in=mistake)
    requests = ChangeRequest.objects.filter(affected, provision=first.provision_id).select_related("on_behalf_of")
    tracker = RequestTracker(first.provision, texts, {first.number: result})
    for request in requests.exclude(pk__in=accepted).order_by("pk"):
        update_request(request, tracker)


def update_request(request: ChangeRequest, tracker: RequestTracker) -> None:
    """Store the current position of a request's bracket, or record that the request has lapsed.

    A lapsed request is reopened if its bracket has been restored.
    """
    with translation.override("en"):  # the stored sentences are in English
        located = tracker.locate(request)
    if isinstance(located, Located):
        request.stands_in = tracker.texts.entry(located.number)
        request.stands_as = located.operation.as_json()
        if request.state == RequestState.OPEN:
            request.save(update_fields=["stands_in", "stands_as"])
        else:
            _reopen(request)
    elif request.state == RequestState.OPEN:
        lapse(request, located.reason, located.entry)


def lapse(request: ChangeRequest, reason: str, entry: Revision | None = None) -> None:
    """Record that a request has lapsed, with the reason and the entry that ended the request, if any."""
    request.state, request.lapsed_because, request.lapsed_in = RequestState.LAPSED, reason, entry
    request.decided_at = timezone.now()
    request.save(update_fields=LAPSE_FIELDS)
    publish(request)


def _reopen(request: ChangeRequest) -> None:
    request.state, request.lapsed_because, request.lapsed_in = RequestState.OPEN, "", None
    request.decided_at = None
    request.save(update_fields=LAPSE_FIELDS)
    publish(request)


def _last_known(request: ChangeRequest) -> Located:
    """Return the last stored location of a request. Initially, it is in the text on which the request was made."""
    if request.stands_in is not None and request.stands_as is not None:
        return Located(request.stands_in.number, Operation.from_json(request.stands_as))
    return Located(request.base.number, Operation.from_json(request.operation))


def _in_bracket(operation: Operation, of_text: list[Variant]) -> list[int]:
    """Return the ordinals of the variants of the bracket or block on which the operation acts."""
    return [ordinal for ordinal, variant in enumerate(of_text, start=1) if _start(variant) == operation.at]


def _start(variant: Variant) -> int:
    return variant.begin if variant.bracket is None else variant.bracket.start


def _concerned(operation: Operation, tree: Tree) -> list[int]:
    """Return the ordinals of the variants that an operation concerns.

    The operation remains possible while any of these variants is open.
    """
    of_text = list(variants(tree))
    if operation.act in ACTS_ON_A_CHOICE:
        for group in groups(tree):
            starts = {*(bracket.start for bracket in group.brackets), *(block.start for block in group.blocks)}
            if operation.at in starts:
                return [ordinal for ordinal, variant in enumerate(of_text, start=1) if _start(variant) in starts]
    ordinals = _in_bracket(operation, of_text)
    if operation.act == Act.CHOOSE and len(ordinals) > 1:
        return ordinals[operation.number : operation.number + 1]
    return ordinals


def _carry(operation: Operation, before: Tree, result: Step, after: Tree) -> Operation | Closing:
    """Return the operation as it would be performed on `after`, or the closing of the variant that it concerns."""
    ordinals = _concerned(operation, before)
    for ordinal in ordinals:
        if ordinal not in result.closed:
            return _at(operation, after, result.moved.get(ordinal, ordinal))
    of_text = list(variants(before))
    closed = next((ordinal for ordinal in _in_bracket(operation, of_text) if ordinal in ordinals), 0)
    words = of_text[closed - 1].words(before.text) if closed else ""
    return Closing(result.closed[closed] if closed else None, words)


def _restore(operation: Operation, before: Tree, result: Step, after: Tree) -> Operation | None:
    """Return the operation as it would be performed on `after`.

    Return None unless `after` restores a variant of `before` that the operation concerns.
    """
    restored = {ordinal_before: ordinal for ordinal, ordinal_before in result.counterparts.items()}
    return next(
        (_at(operation, after, restored[ordinal]) for ordinal in _concerned(operation, before) if ordinal in restored),
        None,
    )


def _at(operation: Operation, tree: Tree, ordinal: int) -> Operation:
    """Return the operation as it would be performed on the variant of `tree` with this ordinal."""
    of_text = list(variants(tree))
    moved = replace(operation, at=_start(of_text[ordinal - 1]))
    siblings = _in_bracket(moved, of_text)
    if operation.act == Act.CHOOSE and len(siblings) > 1:
        return replace(moved, number=siblings.index(ordinal))
    return moved


def _reason(entry: Revision, closing: Closing) -> str:
    """Return a sentence about the entry that closed the variant that a request concerned."""
    if closing.outcome is None:
        return _("There is no longer a bracket under negotiation at that place.")
    member = entry.on_behalf_of
    number = (
        _("%(number)s, logged on behalf of %(member)s") % {"number": entry.number, "member": member.local_name}
        if member
        else str(entry.number)
    )
    return str(LAPSE_REASONS[closing.outcome]) % {"words": quote(closing.words), "number": number}
