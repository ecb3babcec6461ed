"""Open requests on a text: the current positions of their brackets, and the requests that an entry ends.

A request refers to the text of one revision, which later entries change. The bracket of the request is tracked from
entry to entry, in the same way as the index tracks variants (`issues.text.steps.Step`): a variant that remains gets a
new position, a closed variant gets an outcome, and a variant restored by an undo or a correction is located again. A
request concerns

- one alternative, if that alternative is to be chosen;
- a bracket, if it is to be lifted or dropped; if the bracket has several alternatives, any one that remains;
- a choice, if its alternatives are to be merged or marked: any one of its brackets that remains.

When the last of these is closed, or the operation can no longer be performed on the current text, the request lapses.
This happens in the transaction of the entry that causes it, and the reason is stored. `stands_in` and `stands_as` store
how far a request has been tracked.

Any code that writes requests must first lock their text.
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
    """The entry that ended a request, and the reason in a sentence."""

    entry: Revision
    reason: str


@dataclass(frozen=True)
class Closing:
    """How a variant was closed, and its final wording; `outcome` is None if there was no variant."""

    outcome: Outcome | None
    words: str


class RequestTracker:
    """Tracks requests through the entries of one text. The effect of each entry is computed once for all requests."""

    def __init__(
        self, provision: Provision, texts: Texts, known: dict[int, Step] | None = None, newest: Revision | None = None
    ) -> None:
        """Use the steps already computed, given by entry number, and the newest revision if it is loaded."""
        self.provision = provision
        self.texts = texts
        self.newest = newest
        self._steps = dict(known or {})
        self._entries: dict[int, list[Revision]] = {}

    def locate(self, request: ChangeRequest) -> Located | Lapsed:
        """Return where the bracket of a request is in the newest text, or why the request has lapsed."""
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
        """Yield each entry after revision `number`, with its step and the numbers of the texts before and after."""
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
            reason = _("This is no longer possible on the text of revision %(number)s: %(reason)s")
            values = {"number": located.number, "reason": refusal_reason(refused)}
            return Lapsed(entry.carries or entry, reason % values)
        except WordsRefused:  # stored by an earlier release: it stays open until answered, and its words are not parsed
            return located
        return located


def update_requests(entries: Sequence[Revision], texts: Texts, result: Step, *, accepted: Collection[int] = ()) -> None:
    """Track the open requests of a text through `entries`, whose step is `result`; requests that they end lapse.

    A request that lapsed because of an entry that `entries` take back becomes open again. The caller handles the
    requests that the entries fulfil: `accepted`, given as primary keys.
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
    """Store a request's current bracket. The request lapses if the bracket is gone and reopens if it is back."""
    with translation.override("en"):  # stored for readers of any language
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
    """Record that a request has lapsed, the reason, and the entry of the text that ended it, if any."""
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
    """Return how far a request has been tracked; initially, this is the text on which it was made."""
    if request.stands_in is not None and request.stands_as is not None:
        return Located(request.stands_in.number, Operation.from_json(request.stands_as))
    return Located(request.base.number, Operation.from_json(request.operation))


def _in_bracket(operation: Operation, of_text: list[Variant]) -> list[int]:
    """Return the ordinals of the variants of the bracket or block on which the operation acts."""
    return [ordinal for ordinal, variant in enumerate(of_text, start=1) if _start(variant) == operation.at]


def _start(variant: Variant) -> int:
    return variant.begin if variant.bracket is None else variant.bracket.start


def _concerned(operation: Operation, tree: Tree) -> list[int]:
    """Return the ordinals of the variants that an operation concerns; it remains possible while one of them is open."""
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
    """Return the operation as it would be performed on `after`, or how the variant it concerns was closed."""
    ordinals = _concerned(operation, before)
    for ordinal in ordinals:
        if ordinal not in result.closed:
            return _at(operation, after, result.moved.get(ordinal, ordinal))
    of_text = list(variants(before))
    closed = next((ordinal for ordinal in _in_bracket(operation, of_text) if ordinal in ordinals), 0)
    words = of_text[closed - 1].words(before.text) if closed else ""
    return Closing(result.closed[closed] if closed else None, words)


def _restore(operation: Operation, before: Tree, result: Step, after: Tree) -> Operation | None:
    """Return the operation on `after` if that restores a variant of `before` that the operation concerns, or None."""
    restored = {ordinal_before: ordinal for ordinal, ordinal_before in result.counterparts.items()}
    return next(
        (_at(operation, after, restored[ordinal]) for ordinal in _concerned(operation, before) if ordinal in restored),
        None,
    )


def _at(operation: Operation, tree: Tree, ordinal: int) -> Operation:
    """Return the operation as it would be performed at a variant of `tree`."""
    of_text = list(variants(tree))
    moved = replace(operation, at=_start(of_text[ordinal - 1]))
    siblings = _in_bracket(moved, of_text)
    if operation.act == Act.CHOOSE and len(siblings) > 1:
        return replace(moved, number=siblings.index(ordinal))
    return moved


def _reason(entry: Revision, closing: Closing) -> str:
    """Return a sentence that says how, and for which member, an entry closed the variant that a request concerned."""
    if closing.outcome is None:
        return _("There is no bracket under negotiation at the place concerned.")
    member = entry.on_behalf_of
    number = (
        _("%(number)s, logged on behalf of %(member)s") % {"number": entry.number, "member": member.local_name}
        if member
        else str(entry.number)
    )
    return str(LAPSE_REASONS[closing.outcome]) % {"words": quote(closing.words), "number": number}
