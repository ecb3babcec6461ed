"""What members put on the table, from tabling to withdrawal or the text: the one way in, one transaction each.

Every act adds a step, and state, text and proponents of the proposal follow; so does who stands behind which text
(`issues.models.confirmations`). The proposal's row is locked, who may do what is in `access`, and a retry with the same
idempotency key returns what the first call recorded.
"""

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree, parse, propose, propose_alternative, take_position
from issues.access.permissions import Tabled, may_act_for, require_acting_for, require_merging, require_proponent
from issues.access.roles import ANYBODY, reader_of, takes_part
from issues.access.visibility import provisions_for, visible_documents, visible_proposals
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import (
    Conflict,
    InvalidValue,
    NothingChanged,
    OperationRefused,
    ProposalClosed,
    ProposalRevised,
    TextRefused,
)
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.text_checks import require_length, require_sound_text, require_value, require_words
from issues.models import Document, Negotiation, Proposal, ProposalStep, Provision, Revision, SubIssue
from issues.models.choices import Genre, ProposalAct, ProposalState, Stance, Visibility
from issues.models.confirmations import WITH_TEXT, Standing
from issues.sync.publishing import publish, publishing
from issues.text.member_names import load_register
from issues.wording import listed, refusal_reason
from members.choices import Precision
from members.models import Grouping, Member
from members.plain_text import LINE, PROSE, Kind, says_nothing, written_out

# Acts after which a member is, or is no longer, invited or a proponent.
SPONSORING = (ProposalAct.INVITED, ProposalAct.CONFIRMED, ProposalAct.DECLINED, ProposalAct.LEFT)
TITLE, SYMBOL = Kind(250, lines=False), Kind(60, lines=False)


@dataclass(frozen=True)
class Entry:
    """Who records something, in which member's name, on which day it was done, and why.

    `idempotency_key` is a client's own mark, so that a retry is not recorded twice.
    """

    actor: AbstractBaseUser
    on_behalf_of: Member | None = None
    made_on: datetime.date | None = None
    note: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class Draft:
    """What is put on the table. `symbol` is the document's, `supersedes` the older proposal that it replaces."""

    title: str
    text: str
    sub_issues: Sequence[SubIssue]
    co_sponsors: Sequence[Member] = ()
    symbol: str = ""
    summary: str = ""
    visibility: str = Visibility.PARTICIPANTS
    supersedes: Proposal | None = None


@publishing()
def table(negotiation: Negotiation, draft: Draft, entry: Entry, *, although_tabled: bool = False) -> Proposal:
    """Put `draft` on the table in the name of `entry.on_behalf_of`; return the proposal.

    Co-sponsors for whom the actor acts too are proponents at once, others are invited. The same title by the same
    member within a day is refused unless `although_tabled`. Raises TextRefused, InvalidValue, access.Refused,
    or Proposal.DoesNotExist where the older proposal is not to be seen.
    """
    member = entry.on_behalf_of
    if member is None:
        raise InvalidValue(
            "on_behalf_of", _("Choose the member on whose behalf you act: proposals belong to a member.")
        )
    reader = reader_of(entry.actor)
    require_acting_for(reader, member, negotiation.pk)
    _require_entry(entry)
    require_length(draft.text)
    draft = _tidied(draft)
    mark, before = _recorded_before(entry, _tabling(negotiation, draft, entry, although_tabled))
    if before is not None:
        return before.proposal
    # One after the other, so that addresses are given out once and the same title within a day is noticed.
    negotiation = Negotiation.objects.select_for_update(no_key=True).get(pk=negotiation.pk)
    _require_tabling(negotiation, draft, entry, member, although_tabled)
    day = _day(entry)
    proposal = Proposal.objects.create(
        negotiation=negotiation,
        slug=_slug(Proposal, negotiation, f"{draft.title} {member.code}"),
        title=draft.title,
        tabled=day,
        tabled_precision=Precision.DAY,
        text=draft.text,
        summary=draft.summary,
        supersedes=draft.supersedes,
        visibility=draft.visibility,
        source=draft.symbol or f"Tabled by {member.name} through the tracker",
    )
    _name_document(proposal, draft.symbol, entry, day)
    proposal.sub_issues.set(draft.sub_issues)
    proposal.proponents.add(member)
    record = _Record(proposal, replace(entry, made_on=day))
    note = _with_symbol(entry.note, draft.symbol)
    record.add(ProposalAct.TABLED, member, text=draft.text, note=note, idempotency_key=mark)
    for other in draft.co_sponsors:
        if other == member:
            continue
        if may_act_for(reader, other, negotiation.pk):
            record.add(ProposalAct.CONFIRMED, other, member=other)
            proposal.proponents.add(other)
        else:
            record.add(ProposalAct.INVITED, member, member=other)
    return proposal


def foretell(negotiation: Negotiation, draft: Draft, entry: Entry) -> list[str]:
    """Return in sentences what `table` would record of `draft`; raises InvalidValue for a title or symbol that is none.

    The text is not looked at: `preview_wording` says what is in it.
    """
    draft, reader = _tidied(draft), reader_of(entry.actor)
    places = listed([one.code for one in draft.sub_issues]) if draft.sub_issues else _("no sub-issue yet")
    said = [
        _("%(on_behalf_of)s tables “%(draft)s” on %(places)s.")
        % {"on_behalf_of": entry.on_behalf_of, "draft": draft.title, "places": places}
    ]
    others = [one for one in draft.co_sponsors if one != entry.on_behalf_of]
    at_once = [one.local_name for one in others if may_act_for(reader, one, negotiation.pk)]
    invited = [one.local_name for one in others if one.local_name not in at_once]
    said += [_("%(name)s is a proponent from the outset.") % {"name": name} for name in at_once]
    said += [_("%(name)s is invited to co-sponsor and can confirm or decline.") % {"name": name} for name in invited]
    if draft.symbol and document_named(negotiation, draft.symbol) is not None:
        said.append(_("Document %(symbol)s is on record and will be linked.") % {"symbol": draft.symbol})
    elif draft.symbol:
        said.append(
            _(
                "No document %(symbol)s is visible to everyone: one will be added for this proposal, with "
                "its symbol marked as not verified."
            )
            % {"symbol": draft.symbol}
        )
    if draft.supersedes is not None:
        said.append(_("It replaces “%(supersedes)s”.") % {"supersedes": draft.supersedes.title})
    return said


@publishing()
def revise(
    proposal: Proposal,
    text: str,
    entry: Entry,
    *,
    base: int,
    symbol: str = "",
    confirmed_by: Sequence[Member] = (),
) -> ProposalStep:
    """Replace the text, written on that of step `base` (0: before the first step); earlier texts stay in their steps.

    The other proponents are asked again, and are proponents meanwhile. Those for which the actor is a delegate too have
    confirmed it at once, and so have those in `confirmed_by`, for which it must act. Raises TextRefused,
    NothingChanged, InvalidValue, ProposalRevised, ProposalClosed or access.Refused.
    """
    require_length(text)
    also = sorted(member.code for member in confirmed_by)
    record = _opened(proposal, entry, ProposalAct.REVISED, text, further=(symbol, *also), base=base)
    if record.before is not None:
        return record.before
    record.require_open()
    require_proponent(record.reader, record.proposal, entry.on_behalf_of)
    text = _sound(text, record.proposal.text)
    symbol = _line("symbol", symbol, SYMBOL)
    stands_since = base_of(record.proposal)
    if base != stands_since:
        raise ProposalRevised(stands_since)
    if text == record.proposal.text:
        raise NothingChanged
    others = _confirming(record, confirmed_by)
    day = record.day()
    record.keep_first_text(day)
    record.change(text=text, state=ProposalState.REVISED)
    _name_document(record.proposal, symbol, entry, day)
    note = _with_symbol(entry.note, symbol)
    step = record.add(ProposalAct.REVISED, entry.on_behalf_of, text=text, note=note, idempotency_key=record.mark)
    for member in others:
        record.add(ProposalAct.CONFIRMED, member, member=member)
    return step


def foretell_revision(proposal: Proposal, entry: Entry, confirmed_by: Sequence[Member] = ()) -> list[str]:
    """Return in sentences who would stand behind a text that `revise` records; raises InvalidValue or Refused."""
    record = _Record(proposal, entry)
    confirming = _confirming(record, confirmed_by)
    behind = [*([entry.on_behalf_of] if entry.on_behalf_of else []), *confirming]
    standing = proposal.standing
    asked = [member.local_name for member in standing.members + standing.members_asked if member not in behind]
    groupings = [grouping.name for grouping in standing.groupings if entry.on_behalf_of]
    said = [
        _("%(name)s is recorded as having confirmed this text.") % {"name": member.local_name} for member in confirming
    ]
    said += [
        _("%(name)s is asked to confirm this text; its confirmation is pending.") % {"name": name} for name in asked
    ]
    said += [
        _("%(name)s proposes the source text and is not named for this text.") % {"name": name} for name in groupings
    ]
    return said


def _confirming(record: "_Record", also: Sequence[Member]) -> list[Member]:
    """Return the other proponents that confirm at once what the actor revises, by name."""
    others = [one for one in record.proposal.proponents.order_by("name") if one != record.entry.on_behalf_of]
    for member in also:
        if member not in others and member != record.entry.on_behalf_of:
            raise InvalidValue(
                "confirmed_by", _("%(member)s is not a proponent of this proposal.") % {"member": member.local_name}
            )
        require_acting_for(record.reader, member, record.proposal.negotiation_id)
    own = record.reader.members_in(record.proposal.negotiation_id)
    return [member for member in others if member in also or member.pk in own]


@publishing()
def invite(proposal: Proposal, invited: Member, entry: Entry) -> ProposalStep:
    """Invite a member to co-sponsor. Raises InvalidValue, ProposalClosed or access.Refused."""
    record = _opened(proposal, entry, ProposalAct.INVITED, invited.code)
    if record.before is not None:
        return record.before
    record.require_open()
    require_proponent(record.reader, record.proposal, entry.on_behalf_of)
    _require_participant("invited", record.proposal.negotiation, invited)
    if record.proposal.proponents.filter(pk=invited.pk).exists():
        raise InvalidValue("invited", _("%(invited)s is already a proponent.") % {"invited": invited.name})
    if invited in invitations(record.proposal):
        raise InvalidValue(
            "invited", _("%(invited)s has already been invited and has not answered yet.") % {"invited": invited.name}
        )
    return record.add(ProposalAct.INVITED, entry.on_behalf_of, member=invited, idempotency_key=record.mark)


@publishing()
def answer(proposal: Proposal, entry: Entry, *, confirm: bool, base: int | None = None) -> ProposalStep:
    """Confirm the text of step `base`, or decline it, for the member in whose name it is.

    A member that is invited becomes a proponent, or declines to. A proponent that a revision asks again stands behind
    the new text, or leaves the proposal. Without `base` the answer is to the text about which the member was asked
    first. Raises ProposalRevised where another text stands, InvalidValue, ProposalClosed or access.Refused.
    """
    act = ProposalAct.CONFIRMED if confirm else ProposalAct.DECLINED
    record = _opened(proposal, entry, act, further=() if base is None else (base,))
    if record.before is not None:
        return record.before
    record.require_open()
    member = _acting_member(record, entry)
    is_proponent = record.proposal.proponents.filter(pk=member.pk).exists()
    asked = _asked_about(record.proposal, member, is_proponent=is_proponent)
    stands = base_of(record.proposal)
    if (confirm or is_proponent) and stands != (asked if base is None else base):
        raise ProposalRevised(stands, _said_of_another_text(stands))
    if is_proponent and not confirm:
        return _left(record, member)
    if not is_proponent and confirm:
        record.proposal.proponents.add(member)
    return record.add(act, member, member=member, idempotency_key=record.mark)


def _asked_about(proposal: Proposal, member: Member, *, is_proponent: bool) -> int:
    """Return the first text that the member was asked about and has not answered; raises InvalidValue for none."""
    asked = proposal.confirmations.asked.get(member.pk)
    if asked is not None:
        return asked
    if is_proponent:
        message = _("%(member)s has confirmed the current text: no answer is pending. It can leave the proposal.")
    else:
        message = _("%(member)s has no open invitation to this proposal: only its proponents can invite a co-sponsor.")
    raise InvalidValue("on_behalf_of", message % {"member": member.local_name})


def _said_of_another_text(stands: int) -> str:
    if not stands:
        return _("This is not the current text: review the current text, then answer.")
    return _("Step %(base)s changed the text of this proposal: review the new text, then answer.") % {"base": stands}


@publishing()
def leave(proposal: Proposal, entry: Entry) -> ProposalStep:
    """Co-sponsor no longer. Raises InvalidValue for the last proponent, ProposalClosed or access.Refused."""
    record = _opened(proposal, entry, ProposalAct.LEFT)
    if record.before is not None:
        return record.before
    record.require_open()
    member = _acting_member(record, entry)
    require_proponent(record.reader, record.proposal, member)
    return _left(record, member)


def _left(record: "_Record", member: Member) -> ProposalStep:
    """Take a member off the proponents; raises InvalidValue for the last one."""
    if _alone(record.proposal):
        raise InvalidValue(
            "on_behalf_of",
            _("%(member)s is the last proponent: withdraw the proposal instead.") % {"member": member.local_name},
        )
    record.proposal.proponents.remove(member)
    return record.add(ProposalAct.LEFT, member, member=member, idempotency_key=record.mark)


@publishing()
def withdraw(proposal: Proposal, entry: Entry) -> ProposalStep:
    """Take the proposal off the table. Raises InvalidValue while it has other proponents, ProposalClosed or Refused."""
    record = _opened(proposal, entry, ProposalAct.WITHDRAWN)
    if record.before is not None:
        return record.before
    record.require_open()
    require_proponent(record.reader, record.proposal, entry.on_behalf_of)
    if entry.on_behalf_of is not None and not _alone(record.proposal):
        others = [one.local_name for one in record.proposal.proponents.exclude(pk=entry.on_behalf_of.pk)]
        others += [one.name for one in record.proposal.grouping_proponents.all()]
        raise InvalidValue(
            "on_behalf_of",
            _(
                "This is also a proposal of %(others)s: %(on_behalf_of)s can leave it, and the last "
                "remaining proponent can withdraw it."
            )
            % {"others": listed(others), "on_behalf_of": entry.on_behalf_of.local_name},
        )
    record.change(state=ProposalState.WITHDRAWN)
    return record.add(ProposalAct.WITHDRAWN, entry.on_behalf_of, idempotency_key=record.mark)


@dataclass(frozen=True)
class Placing:
    """What goes into a text and where: `words` at its end or beside the bracket that begins at `beside`, in the
    proponents' name; or, typed by hand, the whole text that is to stand.
    """

    words: str = ""
    beside: int | None = None
    whole: str = ""


@publishing()
def merge_into(
    proposal: Proposal,
    provision: Provision,
    placing: Placing,
    entry: Entry,
    *,
    base: int,
    text_base: int | None = None,
) -> ProposalStep:
    """Put words of the proposal into the text of `provision`, which stood at revision `base`; return the step.

    In everybody's name only those are named who have confirmed the text that stands, and the words are of that text.
    `text_base` is the step that made the text which the actor has read. The revision says which proposal it came from,
    and so does every variant that it opens. Raises what `changes.log` raises, ProposalClosed, ProposalRevised or
    access.Refused.
    """
    read = () if text_base is None else (text_base,)
    record = _opened(proposal, entry, ProposalAct.MERGED, provision.slug, base, repr(placing), further=read, base=base)
    if record.before is not None:
        return record.before
    record.require_open(ProposalState.MERGED)
    provision = provisions_for(record.reader, record.proposal).get(pk=provision.pk)
    require_merging(record.reader, record.proposal, provision, entry.on_behalf_of)
    require_read(record.proposal, text_base)
    day = record.day()
    revision = changes.log(
        TextChange(
            provision,
            base_revision=base,
            edit=placed(record.proposal, provision, placing, entry.on_behalf_of, base=base),
            on_behalf_of=entry.on_behalf_of,
            made_on=day,
            reason=entry.note,
            proposal=record.proposal,
        ),
        actor=entry.actor,
        tabled=tabled(record.proposal),
    )
    note = _with_names(entry, [] if placing.whole else record.proposal.standing.names)
    record.keep_first_text(day)
    record.change(state=ProposalState.MERGED)
    return record.add(ProposalAct.MERGED, entry.on_behalf_of, revision=revision, note=note, idempotency_key=record.mark)


def require_read(proposal: Proposal, text_base: int | None) -> None:
    """Raise ProposalRevised where another text of the proposal stands than that of step `text_base`."""
    stands = base_of(proposal)
    if text_base is not None and text_base != stands:
        message = _(
            "Step %(base)s has revised the proposal since this page was opened: its text has changed, "
            "and its supporters may have changed too. Review it again."
        )
        raise ProposalRevised(stands, message % {"base": stands})


def _with_names(entry: Entry, names: Sequence[Member | Grouping]) -> str:
    """Return the note of a merge in nobody's own name, with those in whose names the words stand."""
    said = f"In the name of {listed([one.name for one in names])}." if names and not entry.on_behalf_of else ""
    return " ".join(part for part in (said, entry.note.strip()) if part)


def placed(proposal: Proposal, provision: Provision, placing: Placing, member: Member | None, *, base: int) -> str:
    """Return the text of revision `base` with what `placing` puts there.

    The words stand in the name of `member`, who puts them there; or of all proponents that have confirmed the text of
    the proposal, and then they are words of that text. Raises OperationRefused with the place, Conflict
    where there is no such revision, or InvalidValue.
    """
    known = provision.revisions.filter(number=base).first()
    if known is None:
        raise Conflict(provision.revisions.latest("number"))
    standing = proposal.standing
    if placing.whole:
        require_length(placing.whole)
        return placing.whole
    require_words(placing.words)
    if not member:
        _require_somebody_behind(standing)
    try:
        codes = [member.code] if member else standing.codes
        text = _in_brackets(parse(known.text, load_register()), placing, codes)
    except EditRefused as refused:
        raise OperationRefused(refusal_reason(refused), refused.place) from refused
    if not member:
        _require_words_of_text(proposal, standing, placing.words)
    return text


def _in_brackets(tree: Tree, placing: Placing, codes: list[str]) -> str:
    """Return the text with the words in one bracket that all of `codes` propose."""
    words, text = placing.words.strip(), tree.text.rstrip("\r\n")
    if placing.beside is not None:
        edit = propose_alternative(tree, placing.beside, words, codes[0])
    else:
        # A blank line between, where the text has such between its paragraphs.
        ended = text + ("\n\n" if "\n\n" in tree.text else "\n")
        edit = propose(parse(ended, tree.register), len(ended), words, codes[0])
    at = edit.changes[0].start + edit.changes[0].added.index("[")
    for code in codes[1:]:
        edit = take_position(edit.tree, at, code, Stance.PROPOSE)
    return edit.text.rstrip("\r\n") + tree.text[len(text) :]


def _require_somebody_behind(standing: Standing) -> None:
    """Raise InvalidValue unless somebody stands behind the text that can stand at the head of a bracket."""
    if standing.codes:
        return
    if not standing.others:
        message = _("No proponent of this proposal is on record: type the complete new text instead.")
        raise InvalidValue("words", message)
    raise InvalidValue(
        "words",
        _(
            "Nobody has confirmed the current text of this proposal, so it cannot be attributed to "
            "anyone: ask %(others)s to confirm it, or type the complete new text instead."
        )
        % {"others": listed([one.local_name for one in standing.others])},
    )


def _require_words_of_text(proposal: Proposal, standing: Standing, words: str) -> None:
    """Raise InvalidValue unless `words` stand in the text of the proposal, however the lines are broken."""
    if not proposal.text:
        raise InvalidValue(
            "words",
            _(
                "The text of this proposal is not on record, so these words cannot be attributed to "
                "anyone: revise the proposal to put its text on record, or type the complete new text "
                "instead."
            ),
        )
    if " ".join(words.split()) in " ".join(written_out(proposal.text).split()):
        return
    raise InvalidValue(
        "words",
        _(
            "These words differ from the text that %(names)s confirmed and cannot be attributed "
            "accordingly: use words exactly as they appear in that text. A proponent can enter other "
            "words in its own name."
        )
        % {"names": listed([one.local_name for one in standing.names])},
    )


def left_out(proposal: Proposal) -> list[str]:
    """Return in sentences which proponents a merge in everybody's name does not name, and why."""
    standing = proposal.standing
    said = [
        _("%(name)s has not confirmed the current text and is not named.") % {"name": member.local_name}
        for member in standing.members_asked
    ]
    said += [
        _("%(name)s proposes the source text, which has since been revised, and is not named.")
        % {"name": grouping.local_name}
        for grouping in standing.groupings_without
    ]
    silent = [grouping.local_name for grouping in standing.groupings if not grouping.speaks]
    return said + [_("%(name)s cannot be named at the head of a bracket.") % {"name": name} for name in silent]


def tabled(proposal: Proposal) -> Tabled:
    """Return what a proposal says, and who stands behind it, for the rules about other members' positions."""
    return Tabled(written_out(proposal.text), frozenset(proposal.standing.codes))


def invitations(proposal: Proposal) -> list[Member]:
    """Return who is invited and has not answered, by name."""
    said: dict[Member, str] = {}
    steps = proposal.steps.filter(act__in=SPONSORING).exclude(member=None).select_related("member").order_by("number")
    for step in steps:
        assert step.member is not None  # the query leaves out the others
        said[step.member] = step.act
    return sorted((one for one, act in said.items() if act == ProposalAct.INVITED), key=lambda one: one.name)


def base_of(proposal: Proposal) -> int:
    """Return the number of the step that made the text what it is, 0 for a text from before the first step."""
    steps = proposal.steps.filter(act__in=WITH_TEXT).order_by("-number")
    return steps.values_list("number", flat=True).first() or 0


def is_open(proposal: Proposal) -> bool:
    """Whether it can be revised, joined, left and withdrawn."""
    return proposal.state in (ProposalState.TABLED, ProposalState.REVISED)


class _Record:
    """The record of one proposal, about to be continued by an entry."""

    def __init__(self, proposal: Proposal, entry: Entry, mark: str = "", before: ProposalStep | None = None) -> None:
        """Take `mark`, under which the entry is stored, and the step that the same entry has made `before`."""
        self.proposal = proposal
        self.entry = entry
        self.mark = mark
        self.before = before
        self.reader = reader_of(entry.actor)

    def require_open(self, *also: str) -> None:
        """Raise ProposalClosed where the proposal is withdrawn or merged; states in `also` are open enough."""
        if is_open(self.proposal) or self.proposal.state in also:
            return
        if self.proposal.state == ProposalState.WITHDRAWN:
            raise ProposalClosed(_("This proposal has been withdrawn: table a new proposal to replace it."))
        raise ProposalClosed(
            _(
                "This proposal has been merged into the text, and any further changes to its words are "
                "made there. It can be merged into further provisions, and a new proposal can replace it."
            )
        )

    def day(self) -> datetime.date:
        """Return the day of the entry; raises InvalidValue for one that cannot be."""
        last = self.proposal.steps.order_by("-number").first()
        tabled = self.proposal.tabled if self.proposal.tabled_precision == Precision.DAY else None
        return _day(self.entry, last.made_on if last else tabled)

    def keep_first_text(self, day: datetime.date) -> None:
        """Make a step of a text that is on record without one, before it could be written over."""
        if not self.proposal.text or self.proposal.steps.exists():
            return
        known = self.proposal.tabled if self.proposal.tabled_precision == Precision.DAY else None
        note = f"As it stood on record: {self.proposal.source}"
        self.add(ProposalAct.TABLED, None, text=self.proposal.text, note=note, made_on=min(known or day, day))

    def change(self, **values: object) -> None:
        """Store what the entry makes of the proposal."""
        for name, value in values.items():
            setattr(self.proposal, name, value)
        self.proposal.save(update_fields=list(values))

    def add(
        self,
        act: ProposalAct,
        on_behalf_of: Member | None,
        *,
        member: Member | None = None,
        text: str = "",
        revision: Revision | None = None,
        note: str | None = None,
        made_on: datetime.date | None = None,
        idempotency_key: str = "",
    ) -> ProposalStep:
        """Add a step, the next in number."""
        last = self.proposal.steps.order_by("-number").defer("text").first()
        step = ProposalStep(
            proposal=self.proposal,
            number=last.number + 1 if last else 1,
            act=act,
            member=member,
            text=text,
            revision=revision,
            note=self.entry.note.strip() if note is None else note,
            made_on=made_on or self.day(),
            recorded_by_id=self.entry.actor.pk,
            on_behalf_of=on_behalf_of,
            idempotency_key=idempotency_key,
        )
        step.seal(last)
        step.save(force_insert=True)
        publish(self.proposal, step)
        return step


def _opened(
    proposal: Proposal,
    entry: Entry,
    act: ProposalAct,
    *content: str | int,
    further: Sequence[str | int] = (),
    base: int = 0,
) -> _Record:
    """Return the record with the proposal's row locked, for an entry that says `content`, and `further` beside.

    Raises Proposal.DoesNotExist where it is not to be seen, or InvalidValue for a note that is none.
    """
    _require_entry(entry)
    member = entry.on_behalf_of.code if entry.on_behalf_of else ""
    earlier = (proposal.pk, json.dumps([act, member, *content]))
    intent = _intent(entry, act, proposal, [*content, *further], base, earlier)
    mark, before = _recorded_before(entry, intent)
    visible = visible_proposals(reader_of(entry.actor))
    return _Record(visible.select_for_update(of=("self",)).get(pk=proposal.pk), entry, mark, before)


def _acting_member(record: _Record, entry: Entry) -> Member:
    """Return the member in whose name the entry is made; raises InvalidValue without one, Refused for another's."""
    if entry.on_behalf_of is None:
        raise InvalidValue("on_behalf_of", _("Choose the member on whose behalf you act."))
    require_acting_for(record.reader, entry.on_behalf_of, record.proposal.negotiation_id)
    return entry.on_behalf_of


def _alone(proposal: Proposal) -> bool:
    return proposal.proponents.count() < 2 and not proposal.grouping_proponents.exists()


def _tabling(negotiation: Negotiation, draft: Draft, entry: Entry, although_tabled: bool) -> Intent:
    """Return all that an entry says which tables `draft`."""
    member = entry.on_behalf_of.code if entry.on_behalf_of else ""
    places = sorted(sub_issue.pk for sub_issue in draft.sub_issues)
    co_sponsors = sorted(co_sponsor.pk for co_sponsor in draft.co_sponsors)
    older = draft.supersedes.pk if draft.supersedes else None
    content = [draft.title, draft.text, draft.symbol, draft.summary, draft.visibility, places, co_sponsors, older]
    earlier = (0, json.dumps([ProposalAct.TABLED, member, draft.title, draft.text]))
    return _intent(entry, ProposalAct.TABLED, negotiation, [*content, although_tabled], 0, earlier)


def _intent(
    entry: Entry, act: ProposalAct, subject: Model, content: Sequence[Any], base: int, earlier: tuple[Any, ...]
) -> Intent:
    made_on = entry.made_on.isoformat() if entry.made_on else None
    said = [*content, made_on, entry.note]
    return Intent(
        ProposalStep, entry.actor, f"proposal {act}", subject, entry.on_behalf_of, base, said, earlier=earlier
    )


def _recorded_before(entry: Entry, intent: Intent) -> tuple[str, ProposalStep | None]:
    """Return the mark of an entry, and the step that the same entry has made before."""
    mark, step = recorded_before(entry.idempotency_key, intent)
    return mark, ProposalStep.objects.select_related("proposal").get(pk=step) if step is not None else None


def _tidied(draft: Draft) -> Draft:
    """Return `draft` as it is recorded; raises InvalidValue for a title, summary or symbol that is none."""
    title = _line("title", draft.title, TITLE)
    if says_nothing(title):
        raise InvalidValue("title", _("Enter a title: a few words by which delegations will refer to the proposal."))
    require_value("summary", draft.summary, PROSE)
    return replace(draft, title=title, summary=draft.summary.strip(), symbol=_line("symbol", draft.symbol, SYMBOL))


def _line(field: str, typed: str, kind: Kind) -> str:
    """Return `typed` with one blank between words; raises InvalidValue where it is no line."""
    require_value(field, typed.strip(), kind)
    return " ".join(typed.split())


def _require_entry(entry: Entry) -> None:
    require_value("note", entry.note, PROSE)
    require_value("idempotency_key", entry.idempotency_key, LINE)


def _require_tabling(
    negotiation: Negotiation, draft: Draft, entry: Entry, member: Member, although_tabled: bool
) -> None:
    _sound(draft.text)
    if not draft.sub_issues:
        raise InvalidValue("sub_issues", _("Choose at least one sub-issue: the proposal will be listed there."))
    if any(one.negotiation_id != negotiation.pk for one in draft.sub_issues):
        raise InvalidValue("sub_issues", _("A selected sub-issue belongs to another negotiation."))
    _require_participant("on_behalf_of", negotiation, member)
    for other in draft.co_sponsors:
        _require_participant("co_sponsors", negotiation, other)
    if draft.visibility not in Visibility.values:
        raise InvalidValue("visibility", _("Choose who may read it."))
    _require_replaceable(negotiation, draft.supersedes, entry, member)
    if not although_tabled and _tabled_today(negotiation, draft.title, member):
        raise InvalidValue(
            "although_tabled",
            _(
                "%(member)s has tabled a proposal with this title in the last 24 hours. If this is a "
                "different proposal, confirm that; if it is the same, revise the existing proposal."
            )
            % {"member": member.local_name},
        )


def _sound(text: str, on_record: str = "") -> str:
    """Return `text` as it is recorded in the place of `on_record`; raises TextRefused."""
    if says_nothing(text):
        raise TextRefused(_("The text is empty: enter the proposed text."))
    return require_sound_text(text, on_record)


def _require_participant(field: str, negotiation: Negotiation, member: Member) -> None:
    if not takes_part(negotiation.pk, member.pk):
        raise InvalidValue(
            field,
            _("%(member)s does not take part in this negotiation: only participants can propose.")
            % {"member": member.local_name},
        )


def _require_replaceable(negotiation: Negotiation, older: Proposal | None, entry: Entry, member: Member) -> None:
    """Raise unless `member` may replace `older`: its own, in this negotiation, and there for the actor."""
    if older is None:
        return
    older = visible_proposals(reader_of(entry.actor)).get(pk=older.pk)
    if older.negotiation_id != negotiation.pk or not older.proponents.filter(pk=member.pk).exists():
        raise InvalidValue(
            "supersedes",
            _("%(member)s is not a proponent of the proposal to be replaced.") % {"member": member.local_name},
        )


def _tabled_today(negotiation: Negotiation, title: str, member: Member) -> bool:
    return ProposalStep.objects.filter(
        proposal__negotiation=negotiation,
        proposal__title__iexact=title,
        act=ProposalAct.TABLED,
        on_behalf_of=member,
        recorded_at__gt=timezone.now() - datetime.timedelta(days=1),
    ).exists()


def _day(entry: Entry, not_before: datetime.date | None = None) -> datetime.date:
    day = entry.made_on or timezone.localdate()
    if day > timezone.localdate():
        raise InvalidValue(
            "made_on",
            _("%(day)s is in the future: enter the day on which it was done.") % {"day": date_format(day)},
        )
    if not_before is not None and day < not_before:
        raise InvalidValue(
            "made_on",
            _("The last step is dated %(not_before)s: this step cannot be earlier.")
            % {"not_before": date_format(not_before)},
        )
    return day


def _name_document(proposal: Proposal, symbol: str, entry: Entry, day: datetime.date) -> None:
    """Let `proposal` name the document with this symbol.

    A document that everybody may read is linked. Otherwise the proposal gets a row of its own, with no more than the
    symbol and the day, its symbol not verified, for those who read the proposal: what others' hidden proposals name is
    neither shown nor hinted at, and who reads it does not change.
    """
    if not symbol:
        return
    negotiation, before = proposal.negotiation, proposal.document
    document = document_named(negotiation, symbol)
    if document is None:
        code = entry.on_behalf_of.code if entry.on_behalf_of else "secretariat"
        document = Document.objects.get_or_create(
            recorded_with=proposal,
            symbol=symbol,
            defaults={
                "negotiation": negotiation,
                "slug": _slug(Document, negotiation, f"{symbol.replace('/', '-').replace('.', '-')} {code}"),
                "title": "Text proposal",
                "genre": Genre.PROPOSAL,
                "dated": day,
                "verification": "Symbol as it was typed when a proposal was recorded; not checked.",
                "source": "Recorded through the tracker",
            },
        )[0]
    proposal.document = document
    proposal.save(update_fields=["document"])
    publish(document, *([before] if before else []))


def document_named(negotiation: Negotiation, symbol: str) -> Document | None:
    """Return the document with this symbol that everybody may read, None where there is none."""
    documents = visible_documents(ANYBODY).filter(negotiation=negotiation, symbol__iexact=symbol)
    return documents.order_by("recorded_with", "pk").first()


def _slug(model: type[Proposal] | type[Document], negotiation: Negotiation, words: str) -> str:
    """Return an address that is free. A proposal's has its member's code, so that a number tells of no other's."""
    wanted = slugify(words)[:90].strip("-") or "proposal"
    taken = set(
        model._default_manager.filter(negotiation=negotiation, slug__startswith=wanted).values_list("slug", flat=True)
    )
    candidates: Iterable[str] = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 2)))
    return next(one for one in candidates if one not in taken)


def _with_symbol(note: str, symbol: str) -> str:
    """Return the note of a step with the document in which it was done."""
    return " ".join(part for part in (f"{symbol}." if symbol else "", note.strip()) if part)
