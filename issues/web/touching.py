"""What one touches in a text, a bracket or a stretch of words: who stands there since when, and what one may do.

What is offered was tried on the text first, so that a button says what would be recorded, and none is refused.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues import changes
from issues.access import Refused, may_restructure
from issues.brackets import Relation, Tree, groups, parse, quote, variants
from issues.brackets import Variant as Found
from issues.choices import Act, Stance
from issues.models import ChangeRequest, Position, Revision, Variant
from issues.operations import RESTRUCTURING, Operation
from issues.queries import Reader, visible_proposals, visible_requests
from issues.web.cards import Names
from issues.web.rendering import spoken
from members.models import Member

FIRST_STANCES = (Stance.SUPPORT, Stance.OPPOSE, Stance.RESERVE)
FURTHER_STANCES = (Stance.PROPOSE, Stance.CONSIDER, Stance.FLEXIBLE)
LABELS: dict[str, str | Promise] = {
    Stance.PROPOSE: gettext_lazy("Propose it too"),
    Stance.SUPPORT: gettext_lazy("Support"),
    Stance.OPPOSE: gettext_lazy("Oppose"),
    Stance.RESERVE: gettext_lazy("Reserve"),
    Stance.CONSIDER: gettext_lazy("Consider"),
    Stance.FLEXIBLE: gettext_lazy("Be flexible"),
    Act.WITHDRAW: gettext_lazy("Withdraw the position"),
    Act.LIFT: gettext_lazy("Lift the bracket"),
    Act.DROP: gettext_lazy("Drop it"),
    Act.CHOOSE: gettext_lazy("Choose this one"),
    Act.ALTERNATIVES: gettext_lazy("Mark as alternatives"),
    Act.INDEPENDENT: gettext_lazy("Mark as independent options"),
}
# How a member takes back what it alone put there.
OWN_LABELS: dict[str, str | Promise] = {
    Act.DROP: gettext_lazy("Withdraw the proposal"),
    Act.LIFT: gettext_lazy("Take the bracket back"),
}


@dataclass(frozen=True)
class Button:
    """One press: what is done, what stands on the button, and in sentences what would be recorded."""

    operation: Operation
    label: str
    says: list[str]


@dataclass
class Panel:
    """A place in the text of `revision`; lists are empty where there is nothing, or nothing that the reader may do."""

    revision: Revision
    typed: str = ""
    problem: str = ""
    quote: str = ""
    at: int = 0
    end: int = 0
    is_bracket: bool = False
    said: str = ""
    row: Variant | None = None
    held: list[Position] = field(default_factory=list)
    ended: list[Position] = field(default_factory=list)
    member: Member | None = None
    choosable: list[Member] = field(default_factory=list)
    first: list[Button] = field(default_factory=list)
    further: list[Button] = field(default_factory=list)
    restructuring: list[Button] = field(default_factory=list)
    requestable: list[Button] = field(default_factory=list)
    requests: list[ChangeRequest] = field(default_factory=list)
    words_to_merge: str = ""
    restructures: bool = False
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


def panel(asked: Mapping[str, str], reader: Reader, revision: Revision, names: Names) -> Panel | None:
    """Return what `asked` touches: `at` a bracket, `start` and `end` a stretch, `words` as typed; None for nothing."""
    if not {"at", "start", "words"} & asked.keys():
        return None
    found = Panel(
        revision, typed=asked.get("words", ""), choosable=members_of(reader, revision.provision.negotiation_id)
    )
    found.member = _chosen(found.choosable, asked.get("for", ""), reader)
    found.restructures = may_restructure(reader, revision.provision)
    if asked.get("revision", "") not in ("", str(revision.number)):
        found.problem = _("The text has changed since this page was opened: choose the place again.")
        return found
    tree = parse(revision.text, names.register)
    if "at" in asked and "start" not in asked:
        _touch_bracket(found, tree, number(asked, "at"), reader, names)
    else:
        _touch_words(found, tree, asked, reader)
    return found


def members_of(reader: Reader, negotiation: int) -> list[Member]:
    """Return for whom the reader may speak in a negotiation (a primary key), by name; the secretariat for everybody."""
    if not reader.may_write:
        return []
    members = Member.objects.filter(participations__negotiation=negotiation, participations__left=None)
    members = members.order_by("name")
    return list(members if reader.secretariat else members.filter(pk__in=reader.members))


def number(asked: Mapping[str, str], name: str) -> int:
    """Return a number that was sent, -1 for what is none."""
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1


def _chosen(members: list[Member], code: str, reader: Reader) -> Member | None:
    asked = next((member for member in members if member.code == code), None)
    return asked or (members[0] if members and not reader.secretariat else None)


def _touch_bracket(panel: Panel, tree: Tree, at: int, reader: Reader, names: Names) -> None:
    here = [(ordinal, one) for ordinal, one in enumerate(variants(tree), start=1) if one.begin == at]
    if not here:
        panel.problem = _("No bracket under negotiation begins here: choose one in the text.")
        return
    ordinal, one = here[0]
    panel.at, panel.is_bracket = at, True
    panel.quote = quote(tree.text[one.bracket.body : one.bracket.close] if one.bracket else one.words(tree.text))
    panel.said = spoken(one.head, names.of)
    _tell(panel, ordinal, reader)
    if reader.may_write:
        _offer(panel, tree, one, reader)


def _tell(panel: Panel, ordinal: int, reader: Reader) -> None:
    """Put onto the panel what the index knows: since when, who, and what is asked of the facilitator."""
    provision = panel.revision.provision
    rows = Variant.objects.filter(provision=provision, closed_in=None, ordinal=ordinal)
    panel.row = rows.select_related("opened_in__on_behalf_of", "opened_in__proposal").first()
    if panel.row is None:
        return
    if panel.row.opened_in.proposal_id:
        panel.row.opened_in.proposal = visible_proposals(reader).filter(pk=panel.row.opened_in.proposal_id).first()
    positions = panel.row.positions.select_related("member", "grouping", "since_revision", "until_revision")
    panel.held = [position for position in positions if position.until_revision_id is None]
    panel.ended = [position for position in positions if position.until_revision_id is not None]
    asked = visible_requests(reader).filter(provision=provision, state="open", base=panel.revision)
    panel.requests = [
        one for one in asked.select_related("on_behalf_of", "asked_by") if one.operation.get("at") == panel.at
    ]


def _offer(panel: Panel, tree: Tree, one: Found, reader: Reader) -> None:
    """Put onto the panel what the reader may do here."""
    wanted: list[Operation] = []
    if panel.member is not None and one.bracket is not None:
        wanted += [Operation(Act.TAKE, panel.at, stance=stance) for stance in (*FIRST_STANCES, *FURTHER_STANCES)]
        wanted.append(Operation(Act.WITHDRAW, panel.at))
    group = next((found for found in groups(tree) if one.bracket is not None and one.bracket in found.brackets), None)
    choices = len(group.spans) if group is not None and group.relation is Relation.INSIDE else 1
    wanted += [Operation(Act.CHOOSE, panel.at, number=choice) for choice in range(choices)]
    wanted += [Operation(act, panel.at) for act in (Act.LIFT, Act.DROP, Act.ALTERNATIVES, Act.INDEPENDENT)]
    _sort_in(panel, wanted, reader)
    if group is not None and len(group.brackets) > 1 and (panel.restructures or panel.member is not None):
        panel.words_to_merge = "\n".join(tree.text[part.body : part.close].strip() for part in group.brackets)


def _sort_in(panel: Panel, wanted: list[Operation], reader: Reader) -> None:
    """Try what is wanted, and put it where it belongs: with what one may do, or with what one may ask for."""
    foreseen = changes.foresee(
        provision=panel.revision.provision,
        base=panel.revision,
        operations=wanted,
        actor=reader,
        member=panel.member,
    )
    for one in foreseen:
        changes_text = one.operation.act in RESTRUCTURING
        label = _label(one.operation, own=not panel.restructures)
        if one.refusal is None:
            among = panel.restructuring if changes_text and panel.restructures else panel.first
            further = one.operation.act == Act.TAKE and one.operation.stance in FURTHER_STANCES
            (panel.further if further else among).append(Button(one.operation, label, one.sentences))
        elif isinstance(one.refusal, Refused) and changes_text and panel.member is not None:
            label = _label(one.operation, own=False)
            panel.requestable.append(Button(one.operation, label, one.sentences))
    if any(button.operation.act in RESTRUCTURING for button in panel.first):
        # Taking back what one alone put there is meant, not leaving a bracket in which nobody is named.
        panel.first = [button for button in panel.first if button.operation.act != Act.WITHDRAW]


def _label(operation: Operation, *, own: bool) -> str:
    if own and operation.act in OWN_LABELS:
        return str(OWN_LABELS[operation.act])
    if operation.act == Act.CHOOSE and operation.number:
        return _("Choose number %(value)s") % {"value": operation.number + 1}
    return str(LABELS[operation.stance or operation.act])


def _touch_words(panel: Panel, tree: Tree, asked: Mapping[str, str], reader: Reader) -> None:
    """Find the stretch that is meant, and offer to put it in brackets, or other words in its place."""
    if "start" in asked:
        panel.at, panel.end = number(asked, "start"), number(asked, "end")
    elif not _find(panel, tree.text):
        return
    if not 0 <= panel.at < panel.end <= len(tree.text):
        panel.problem = _("This place is not in the text: select some words of it.")
        return
    panel.typed = tree.text[panel.at : panel.end]
    panel.quote = quote(panel.typed)
    if panel.member is None:
        return
    stances = (Stance.OPPOSE, Stance.RESERVE)
    wanted = [Operation(Act.ENCLOSE, panel.at, panel.end, stance=stance) for stance in stances]
    _sort_in(panel, wanted, reader)
    if not panel.first:
        foreseen = changes.foresee(
            provision=panel.revision.provision,
            base=panel.revision,
            operations=wanted[:1],
            actor=reader,
            member=panel.member,
        )
        panel.problem = str(foreseen[0].refusal)


def _find(panel: Panel, text: str) -> bool:
    """Find the words that were typed; say where they stand more than once, or that they do not stand there."""
    words = panel.typed.strip()
    times = text.count(words) if words else 0
    if times == 1:
        panel.at = text.index(words)
        panel.end = panel.at + len(words)
    elif not words:
        panel.problem = _("Type some words of the text, as they stand.")
    elif times:
        panel.problem = _("%(words)s stands %(times)s times in the text: type more of the words around it.") % {
            "words": quote(words),
            "times": times,
        }
    else:
        panel.problem = _("%(words)s does not stand in the text: type the words as they stand.") % {
            "words": quote(words)
        }
    return times == 1
