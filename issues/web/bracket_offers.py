"""The buttons of the bracket panel, for operations on a bracket or a passage of text.

Each operation is first previewed on the text. A button can therefore show what would be recorded, and no operation
offered by a button is refused.

- If the preview succeeds, the operation becomes a button.
- If the operation restructures the text and the reader may not do so, the reader may ask the facilitator.
- If the preview fails for any other reason, nothing is offered.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bracketed_text import Tree
from bracketed_text.advanced import Variant as TextVariant
from bracketed_text.advanced import groups
from issues.access.permissions import Refused
from issues.access.roles import Reader
from issues.actions.change_previews import OperationPreview, preview_operations
from issues.models import Revision
from issues.models.choices import Act, Stance
from issues.text.operations import RESTRUCTURING, Operation
from issues.web.alternatives import Alternatives, Row
from issues.web.buttons import Button
from members.models import Member

FIRST_STANCES = (Stance.SUPPORT, Stance.OPPOSE, Stance.RESERVE)
FURTHER_STANCES = (Stance.PROPOSE, Stance.CONSIDER, Stance.FLEXIBLE)
LABELS: dict[str, str | Promise] = {
    Stance.PROPOSE: gettext_lazy("Also propose"),
    Stance.SUPPORT: gettext_lazy("Support"),
    Stance.OPPOSE: gettext_lazy("Oppose"),
    Stance.RESERVE: gettext_lazy("Reserve"),
    Stance.CONSIDER: gettext_lazy("Consider"),
    Stance.FLEXIBLE: gettext_lazy("Mark as flexible"),
    Act.WITHDRAW: gettext_lazy("Withdraw the position"),
    Act.LIFT: gettext_lazy("Lift the bracket"),
    Act.DROP: gettext_lazy("Drop the bracketed words"),
    Act.ALTERNATIVES: gettext_lazy("Mark as alternatives"),
    Act.INDEPENDENT: gettext_lazy("Mark as independent options"),
}
# Labels of the buttons with which a member withdraws a proposal or bracket that no other member supports.
OWN_LABELS: dict[str, str | Promise] = {
    Act.DROP: gettext_lazy("Withdraw the proposal"),
    Act.LIFT: gettext_lazy("Withdraw the bracket"),
}


@dataclass(frozen=True)
class Acting:
    """The members for which the reader may act, the chosen member, and whether the reader may restructure the text."""

    members: Sequence[Member] = ()
    member: Member | None = None
    restructures: bool = False


@dataclass(frozen=True)
class Offers:
    """The buttons of the panel, and the initial wording in the form for merging the alternatives.

    The buttons in `first` are shown immediately, and those in `further` on demand. Those in `restructuring` change the
    text itself, and those in `requestable` ask the facilitator to do so.
    """

    first: Sequence[Button] = ()
    further: Sequence[Button] = ()
    restructuring: Sequence[Button] = ()
    requestable: Sequence[Button] = ()
    words_to_merge: str = ""


def offers_at_words(revision: Revision, start: int, end: int, acting: Acting, reader: Reader) -> tuple[Offers, str]:
    """Return the offers for a passage of text and, if there are none, the reason."""
    operations = [Operation(Act.ENCLOSE, start, end, stance=stance) for stance in (Stance.OPPOSE, Stance.RESERVE)]
    previews = _previews(revision, operations, acting, reader)
    offers = _sorted(previews, acting)
    return offers, "" if offers.first else str(previews[0].refusal)


def offers_at_bracket(
    revision: Revision,
    tree: Tree,
    variant: TextVariant,
    alternatives: Alternatives | None,
    acting: Acting,
    reader: Reader,
) -> tuple[Offers, Alternatives | None]:
    """Return the offers for a variant of `tree`, and its alternatives with their buttons."""
    rows = alternatives.rows if alternatives is not None else ()
    operations = _operations(variant, acting, has_alternatives=bool(rows))
    of_rows = [(row, operation) for row in rows for operation in _operations_of_row(row, acting)]
    previews = _previews(revision, [*operations, *(operation for _row, operation in of_rows)], acting, reader)
    offers = replace(
        _sorted(previews[: len(operations)], acting), words_to_merge=_words_to_merge(tree, variant, acting)
    )
    if alternatives is None:
        return offers, None
    by_row: defaultdict[int, list[OperationPreview]] = defaultdict(list)
    for (row, _operation), preview in zip(of_rows, previews[len(operations) :], strict=True):
        by_row[row.index].append(preview)
    requestable = [button for row in rows for button in _requestable_choices(row, by_row[row.index], acting)]
    return (
        replace(offers, requestable=[*offers.requestable, *requestable]),
        replace(alternatives, rows=[_with_buttons(row, by_row[row.index]) for row in rows]),
    )


def _operations(variant: TextVariant, acting: Acting, *, has_alternatives: bool) -> list[Operation]:
    """Return the operations to preview at a variant. Rows of alternatives have their own buttons for positions."""
    operations: list[Operation] = []
    if acting.member is not None:
        stances = FURTHER_STANCES if has_alternatives else (*FIRST_STANCES, *FURTHER_STANCES)
        operations += [Operation(Act.TAKE, variant.anchor, stance=stance) for stance in stances]
        if not has_alternatives:
            operations.append(Operation(Act.WITHDRAW, variant.begin))
    acts = (Act.LIFT, Act.DROP, Act.ALTERNATIVES, Act.INDEPENDENT)
    return [*operations, *(Operation(act, variant.begin) for act in acts)]


def _operations_of_row(row: Row, acting: Acting) -> Sequence[Operation]:
    """Return the operations to preview at an alternative.

    A member that put brackets around an option may also lift them.
    """
    if acting.member is None:
        return [operation for operation in row.operations if operation.act in RESTRUCTURING]
    holds = any(position.member_id == acting.member.pk for position in row.positions)
    if holds and not acting.restructures:
        return [*row.operations, Operation(Act.LIFT, row.bracket)]
    return row.operations


def _words_to_merge(tree: Tree, variant: TextVariant, acting: Acting) -> str:
    """Return the wording of each alternative on its own line, if the reader may merge them or request a merger."""
    bracket = variant.bracket
    group = next((group for group in groups(tree) if bracket is not None and bracket in group.brackets), None)
    if group is None or len(group.brackets) < 2 or not (acting.restructures or acting.member is not None):
        return ""
    return "\n".join(tree.text[part.body : part.close].strip() for part in group.brackets)


def _previews(
    revision: Revision, operations: Iterable[Operation], acting: Acting, reader: Reader
) -> list[OperationPreview]:
    return preview_operations(
        provision=revision.provision, base=revision, operations=operations, actor=reader, member=acting.member
    )


def _sorted(previews: Iterable[OperationPreview], acting: Acting) -> Offers:
    """Return the previewed operations as buttons, each in the appropriate part of the panel."""
    first: list[Button] = []
    further: list[Button] = []
    restructuring: list[Button] = []
    requestable: list[Button] = []
    for preview in previews:
        operation = preview.operation
        restructures = operation.act in RESTRUCTURING
        if preview.refusal is None:
            button = Button(operation, _label(operation, own=not acting.restructures), preview.sentences)
            if operation.act == Act.TAKE and operation.stance in FURTHER_STANCES:
                further.append(button)
            else:
                (restructuring if restructures and acting.restructures else first).append(button)
        elif isinstance(preview.refusal, Refused) and restructures and acting.member is not None:
            requestable.append(Button(operation, _label(operation, own=False), preview.sentences))
    if any(button.operation.act in RESTRUCTURING for button in first):
        # If a member may remove its bracket, the button for withdrawing its position is omitted: without a position,
        # the bracket would have no holder.
        first = [button for button in first if button.operation.act != Act.WITHDRAW]
    return Offers(first, further, restructuring, requestable)


def _with_buttons(row: Row, previews: Iterable[OperationPreview]) -> Row:
    """Return the row of an alternative with a button for each preview that succeeds."""
    possible = [preview for preview in previews if preview.refusal is None]
    buttons = [
        Button(preview.operation, _label(preview.operation, own=preview.operation.act == Act.LIFT), preview.sentences)
        for preview in possible
        if preview.operation.act != Act.CHOOSE
    ]
    chosen = [_choose(row, preview) for preview in possible if preview.operation.act == Act.CHOOSE]
    return replace(row, buttons=buttons, choose=chosen[-1] if chosen else None)


def _requestable_choices(row: Row, previews: Iterable[OperationPreview], acting: Acting) -> list[Button]:
    """Return a button that asks the facilitator to choose an alternative, or an empty list if none applies."""
    return [
        _choose(row, preview)
        for preview in previews
        if preview.operation.act == Act.CHOOSE and isinstance(preview.refusal, Refused) and acting.member is not None
    ]


def _choose(row: Row, preview: OperationPreview) -> Button:
    label = _("Choose %(words)s") % {"words": row.quote}
    return Button(preview.operation, label, preview.sentences, row.full_words)


def _label(operation: Operation, *, own: bool) -> str:
    if own and operation.act in OWN_LABELS:
        return str(OWN_LABELS[operation.act])
    return str(LABELS[operation.stance or operation.act])
