"""What one touches in a text, a bracket or a stretch of words: who stands there since when, and what one may do.

What is offered was tried on the text first, so that a button says what would be recorded, and none is refused.
"""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bracketed_text import Tree, parse
from bracketed_text.advanced import Form, groups, stands_at, variants
from bracketed_text.advanced import Variant as Found
from issues.access.permissions import Refused, acts_for_all, may_restructure, speaks_for
from issues.access.readership import readers_of_request, readers_of_text
from issues.access.roles import Reader, taking_part
from issues.access.visibility import visible_proposals, visible_requests
from issues.actions.change_previews import OperationPreview, preview_operations
from issues.actions.request_rights import in_state
from issues.models import ChangeRequest, Position, Revision, Variant
from issues.models.choices import Act, RequestState, Stance
from issues.models.index import VariantQuerySet
from issues.text.operations import RESTRUCTURING, Operation
from issues.text.sentences import describe_revisions
from issues.web.alternatives import Alternatives, Inside, Row, alternatives, inside, standing
from issues.web.authors import doer, since_revision
from issues.web.bracket_links import Ending, follow, place_at
from issues.web.buttons import Button
from issues.web.history import address_of
from issues.web.provision_cards import Names
from issues.web.query_numbers import number
from issues.web.rendering import Touch, spoken
from issues.wording import quote
from members.models import Member
from members.plain_text import sanitize

# After a press that came too late, so many of the revisions logged since are said.
MEANWHILE_SHOWN = 3
FIRST_STANCES = (Stance.SUPPORT, Stance.OPPOSE, Stance.RESERVE)
FURTHER_STANCES = (Stance.PROPOSE, Stance.CONSIDER, Stance.FLEXIBLE)
LABELS: dict[str, str | Promise] = {
    Stance.PROPOSE: gettext_lazy("Propose as well"),
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
# How a member takes back what it alone put there.
OWN_LABELS: dict[str, str | Promise] = {
    Act.DROP: gettext_lazy("Withdraw the proposal"),
    Act.LIFT: gettext_lazy("Withdraw the bracket"),
}


@dataclass
class Panel:
    """A place in the text of `revision`; lists are empty where there is nothing, or nothing that the reader may do.

    `since` is the earlier revision in which the place was chosen, `gone` how what stood there ended, and `gone_by` for
    whom or by whom that was logged; after a press that came too late, `meanwhile` says what was logged since, by whom.
    As of a past `day` a panel is there to be read.
    """

    revision: Revision
    day: datetime.date | None = None
    typed: str = ""
    problem: str = ""
    quote: str = ""
    at: int = -1
    end: int = 0
    since: int = 0
    gone: Ending | None = None
    gone_by: str = ""
    meanwhile: list[tuple[Revision, str, list[str]]] = field(default_factory=list)
    gone_address: str = ""
    became_address: str = ""
    is_bracket: bool = False
    is_option: bool = False
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
    alternatives: Alternatives | None = None
    inside: list[Inside] = field(default_factory=list)
    words_to_merge: str = ""
    restructures: bool = False
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @cached_property
    def read_by(self) -> str:
        """Who reads the words that are typed here."""
        return readers_of_text(self.revision.provision)

    @cached_property
    def request_read_by(self) -> str:
        """Who reads what the facilitator is asked here."""
        return readers_of_request(self.revision.provision)


def panel(
    asked: Mapping[str, str],
    reader: Reader,
    revision: Revision,
    names: Names,
    day: datetime.date | None = None,
    *,
    too_late: bool = False,
) -> Panel | None:
    """Return what `asked` touches: `at` a bracket, `start` and `end` a stretch, `words` as typed; None for nothing.

    As of a past `day`, whose text `revision` is, only brackets are touched, and there is nothing to be done. `too_late`
    is whether somebody has changed the place since it was chosen: then it is said what was done there.
    """
    of_bracket = "at" in asked and "start" not in asked
    if not {"at", "start", "words"} & asked.keys() or (day and not of_bracket):
        return None
    found = Panel(revision, day, typed=asked.get("words", ""))
    if day is None:
        found.choosable = members_of(reader, revision.provision.negotiation_id)
        found.member = _chosen(found.choosable, asked.get("for", ""), reader, revision.provision.negotiation_id)
        found.restructures = may_restructure(reader, revision.provision)
    base = number(asked, "revision") if asked.get("revision") else revision.number
    tree = parse(revision.text, names.register)
    if of_bracket and (day or base != revision.number):
        _follow_bracket(found, tree, base, number(asked, "at"), reader, names)
    elif base != revision.number:
        found.problem = _("The text has changed since this page was opened: select the passage again.")
    elif of_bracket:
        _touch_bracket(found, tree, number(asked, "at"), reader, names)
    else:
        _touch_words(found, tree, asked, reader)
    if too_late and found.gone is None:
        found.meanwhile = _logged_since(base, revision, reader)
        found.problem = ""
    return found


def _logged_since(base: int, revision: Revision, reader: Reader) -> list[tuple[Revision, str, list[str]]]:
    """Return what was logged after revision `base`, the newest last: each with who logged it, and in sentences."""
    entries = since_revision(revision.provision, base, revision.number)[-MEANWHILE_SHOWN:]
    said = describe_revisions(entries)
    return [(entry, doer(entry, reader), said[entry.pk]) for entry in entries]


def members_of(reader: Reader, negotiation: int) -> list[Member]:
    """Return for whom the reader may speak in a negotiation (a primary key), by name; the secretariat for everybody."""
    participants = Member.objects.filter(pk__in=taking_part(negotiation).values("member"))
    return list(speaks_for(reader, participants, negotiation).order_by("name")) if reader.may_write else []


def _chosen(members: list[Member], code: str, reader: Reader, negotiation: int) -> Member | None:
    asked = next((member for member in members if member.code == code), None)
    return asked or (members[0] if members and not acts_for_all(reader, negotiation) else None)


def _touch_bracket(panel: Panel, tree: Tree, at: int, reader: Reader, names: Names) -> None:
    place = place_at(variants(tree), at)
    if place is None:
        panel.problem = _("No bracket under negotiation begins at this point: select a bracket in the text.")
        return
    rows = Variant.objects.filter(provision=panel.revision.provision, closed_in=None, ordinal=place + 1)
    _show(panel, tree, place, rows, reader, names)


def _follow_bracket(panel: Panel, tree: Tree, base: int, at: int, reader: Reader, names: Names) -> None:
    """Find in the text that is shown the bracket that began at `at` in revision `base`, or say how it ended."""
    provision, shown = panel.revision.provision, panel.revision.number
    trace = follow(provision, base, at, names.register) if 0 < base <= shown else None
    if trace is not None and not trace.found:
        panel.problem = _("No bracket under negotiation begins at this point: select a bracket in the text.")
    elif trace is not None and shown in trace.places:
        panel.since = base if base != shown else 0
        _show(panel, tree, trace.places[shown], trace.rows(provision), reader, names)
    elif trace is not None and trace.end is not None:
        _tell_the_end(panel, trace.end, reader)
    else:
        panel.problem = _("The text has changed since this page was opened: select the passage again.")


def _tell_the_end(panel: Panel, end: Ending, reader: Reader) -> None:
    panel.gone, provision = end, panel.revision.provision
    panel.gone_by = doer(end.revision, reader)
    panel.gone_address = address_of(provision.slug, end.revision.number, panel.revision.number, panel.day)
    if end.became is not None:
        panel.became_address = Touch(end.revision.number, day=panel.day).address(end.became)


def _show(panel: Panel, tree: Tree, place: int, rows: VariantQuerySet, reader: Reader, names: Names) -> None:
    """Put the variant at `place` onto the panel; `rows` are what the index knows of it."""
    found = variants(tree)
    one, stands = found[place], stands_at(tree, found, place)
    panel.at, panel.is_bracket, panel.is_option = one.begin, True, one.form is Form.OPTION
    panel.quote = quote(one.words(tree.text))
    panel.said = spoken(found[stands].head, names.of)
    if stands != place and panel.day is None:
        rows = Variant.objects.filter(provision=panel.revision.provision, closed_in=None, ordinal=stands + 1)
    _tell(panel, rows, reader)
    touch, writes = Touch(panel.revision.number, day=panel.day), reader.may_write and panel.day is None
    panel.alternatives = alternatives(tree, found, place, names, touch, writes=writes)
    panel.inside = inside(tree, one, names, touch) if stands == place else []
    if panel.alternatives is not None and panel.day is None:
        standing(panel.revision, tree, found, panel.alternatives.rows)
    if writes:
        _offer(panel, tree, one, reader)


def _tell(panel: Panel, rows: VariantQuerySet, reader: Reader) -> None:
    """Put onto the panel what the index knows: since when, who, and what is asked of the facilitator."""
    panel.row = rows.select_related("begun_in__on_behalf_of", "begun_in__proposal", "earlier__closed_in").first()
    if panel.row is None:
        return
    begun_by = panel.row.begun_by_entry
    if begun_by.proposal_id:
        begun_by.proposal = visible_proposals(reader).filter(pk=begun_by.proposal_id).first()
    positions = panel.row.positions.select_related("member", "grouping", "since_revision", "until_revision")
    taken = [one for one in positions if one.is_taken(panel.day)]
    panel.ended = [one for one in taken if one.is_ended(panel.day)]
    panel.held = [one for one in taken if one not in panel.ended]
    if panel.day is not None:
        return
    standing_here = Q(stands_in=panel.revision) | Q(stands_in=None, base=panel.revision)
    asked = in_state(visible_requests(reader), RequestState.OPEN)
    asked = asked.filter(standing_here, provision=panel.revision.provision)
    panel.requests = [one for one in asked.select_related("on_behalf_of", "asked_by") if one.at == panel.at]


def _offer(panel: Panel, tree: Tree, one: Found, reader: Reader) -> None:
    """Put onto the panel what the reader may do here."""
    rows = panel.alternatives.rows if panel.alternatives is not None else []
    wanted: list[Operation] = []
    if panel.member is not None:
        stances = FURTHER_STANCES if rows else (*FIRST_STANCES, *FURTHER_STANCES)
        wanted += [Operation(Act.TAKE, one.anchor, stance=stance) for stance in stances]
        if not rows:
            wanted.append(Operation(Act.WITHDRAW, panel.at))
    group = next((found for found in groups(tree) if one.bracket is not None and one.bracket in found.brackets), None)
    wanted += [Operation(act, panel.at) for act in (Act.LIFT, Act.DROP, Act.ALTERNATIVES, Act.INDEPENDENT)]
    everything = [(None, one) for one in wanted] + [(row, one) for row in rows for one in _wanted_at(panel, row)]
    foreseen = _foreseen(panel, [one for _row, one in everything], reader)
    _sort_in(panel, [one for (row, _one), one in zip(everything, foreseen, strict=True) if row is None])
    for (row, _one), one_foreseen in zip(everything, foreseen, strict=True):
        if row is not None:
            _offer_at(panel, row, one_foreseen)
    if group is not None and len(group.brackets) > 1 and (panel.restructures or panel.member is not None):
        panel.words_to_merge = "\n".join(tree.text[part.body : part.close].strip() for part in group.brackets)


def _wanted_at(panel: Panel, row: Row) -> list[Operation]:
    """Return what may be done at an alternative; whoever put a bracket around an option takes it back."""
    wanted = row.operations
    if panel.member is None:
        return [operation for operation in wanted if operation.act in RESTRUCTURING]
    stands = any(position.member_id == panel.member.pk for position in row.held)
    return [*wanted, Operation(Act.LIFT, row.bracket)] if stands and not panel.restructures else wanted


def _offer_at(panel: Panel, row: Row, one: OperationPreview) -> None:
    """Put into the row of an alternative what the reader may do there."""
    act = one.operation.act
    if act == Act.CHOOSE:
        button = Button(one.operation, _("Choose %(words)s") % {"words": row.quote}, one.sentences, row.shortened)
        if one.refusal is None:
            row.choose = button
        elif isinstance(one.refusal, Refused) and panel.member is not None:
            panel.requestable.append(button)
    elif one.refusal is None:
        row.buttons.append(Button(one.operation, _label(one.operation, own=act == Act.LIFT), one.sentences))


def _foreseen(panel: Panel, wanted: list[Operation], reader: Reader) -> list[OperationPreview]:
    return preview_operations(
        provision=panel.revision.provision,
        base=panel.revision,
        operations=wanted,
        actor=reader,
        member=panel.member,
    )


def _sort_in(panel: Panel, foreseen: list[OperationPreview]) -> None:
    """Put what was tried where it belongs: with what one may do, or with what one may ask for."""
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
    return str(LABELS[operation.stance or operation.act])


def _touch_words(panel: Panel, tree: Tree, asked: Mapping[str, str], reader: Reader) -> None:
    """Find the stretch that is meant, and offer to put it in brackets, or other words in its place."""
    if "start" in asked:
        panel.at, panel.end = number(asked, "start"), number(asked, "end")
    elif not _find(panel, sanitize(tree.text)):
        return
    if not 0 <= panel.at < panel.end <= len(tree.text):
        panel.problem = _("The selection is not in the text: select some words of the text.")
        return
    panel.typed = tree.text[panel.at : panel.end]
    panel.quote = quote(panel.typed)
    if panel.member is None:
        return
    stances = (Stance.OPPOSE, Stance.RESERVE)
    wanted = [Operation(Act.ENCLOSE, panel.at, panel.end, stance=stance) for stance in stances]
    _sort_in(panel, _foreseen(panel, wanted, reader))
    if not panel.first:
        foreseen = preview_operations(
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
        panel.problem = _("Type some words exactly as they appear in the text.")
    elif times:
        panel.problem = _("%(words)s appears %(times)s times in the text: type more of the surrounding words.") % {
            "words": quote(words),
            "times": times,
        }
    else:
        panel.problem = _("%(words)s does not appear in the text: type the words exactly as they appear there.") % {
            "words": quote(words)
        }
    return times == 1
