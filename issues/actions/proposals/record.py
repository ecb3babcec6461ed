"""The record of one proposal, which is locked and extended with steps."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from issues.access.permissions import require_acting_for, require_may_enter
from issues.access.roles import reader_of, takes_part
from issues.access.visibility import visible_proposals
from issues.actions.errors import InvalidValue, ProposalClosed
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.proposals.entries import Entry, day_of, require_valid_entry
from issues.actions.proposals.state import is_open
from issues.models import Negotiation, Proposal, ProposalStep, Revision
from issues.models.choices import ProposalAct, ProposalState
from issues.sync.publishing import publish
from members.choices import Precision
from members.models import Member


class ProposalRecord:
    """A proposal to which an entry adds steps.

    `mark` identifies the entry. `recorded` is the existing step if the same entry has already been recorded.
    """

    def __init__(self, proposal: Proposal, entry: Entry, mark: str = "", recorded: ProposalStep | None = None) -> None:
        self.proposal = proposal
        self.entry = entry
        self.mark = mark
        self.recorded = recorded
        self.reader = reader_of(entry.actor)

    def require_open(self, *also: str) -> None:
        """Raise ProposalClosed if the proposal is withdrawn or merged, unless its state is one of `also`."""
        if is_open(self.proposal) or self.proposal.state in also:
            return
        if self.proposal.state == ProposalState.WITHDRAWN:
            raise ProposalClosed(_("This proposal has been withdrawn. Table a new proposal to replace it."))
        raise ProposalClosed(
            _(
                "This proposal has been merged into the text, where further changes to its wording are made. It "
                "can still be merged into other provisions, and a new proposal can replace it."
            )
        )

    def acting_member(self) -> Member:
        """Return the member in whose name the entry is made.

        Raise InvalidValue if the entry names no member, or Refused if the actor may not act for that member.
        """
        member = self.entry.on_behalf_of
        if member is None:
            raise InvalidValue("on_behalf_of", _("Choose the member on whose behalf you act."))
        require_acting_for(self.reader, member, self.proposal.negotiation_id)
        return member

    def day(self) -> datetime.date:
        """Return the date of the entry. Raise InvalidValue if it is in the future or precedes the last step."""
        last = self.proposal.steps.order_by("-number").first()
        return day_of(self.entry, self.proposal.negotiation, last.made_on if last else self._tabled_on())

    def _tabled_on(self) -> datetime.date | None:
        return self.proposal.tabled if self.proposal.tabled_precision == Precision.DAY else None

    def keep_first_text(self, day: datetime.date) -> None:
        """Record the text of the proposal as its first step, unless the proposal already has steps.

        The date of this step is not later than `day`, the date of the entry about to be recorded.
        """
        if not self.proposal.text or self.proposal.steps.exists():
            return
        note = f"As it stood on record: {self.proposal.source}"
        made_on = min(self._tabled_on() or day, day)
        self.add(ProposalAct.TABLED, None, text=self.proposal.text, note=note, made_on=made_on)

    def change(self, **values: object) -> None:
        """Assign new values to fields of the proposal and store them."""
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
        """Add the next step, publish it and return it. The note and the date default to those of the entry."""
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


def open_record(
    proposal: Proposal,
    entry: Entry,
    act: ProposalAct,
    *content: str | int,
    further: Sequence[str | int] = (),
    base: int = 0,
) -> ProposalRecord:
    """Lock a proposal's row, and return the record of the proposal.

    An entry with the same act, `content` and `further` counts as a retry. Marks stored by earlier releases do not
    include `further`. Raise Proposal.DoesNotExist if the actor may not see the proposal, permissions.Refused if it is
    real and the actor is a demonstration user, or InvalidValue for an invalid note or idempotency key.
    """
    require_valid_entry(entry)
    member = entry.on_behalf_of.code if entry.on_behalf_of else ""
    earlier = (proposal.pk, json.dumps([act, member, *content]))
    mark, recorded = find_recorded(entry, intent_of(entry, act, proposal, [*content, *further], base, earlier))
    reader = reader_of(entry.actor)
    locked = visible_proposals(reader).select_for_update(of=("self",)).get(pk=proposal.pk)
    require_may_enter(reader, locked)
    return ProposalRecord(locked, entry, mark, recorded)


def intent_of(
    entry: Entry, act: ProposalAct, subject: Model, content: Sequence[Any], base: int, earlier: tuple[Any, ...]
) -> Intent:
    """Return the content that a retry must repeat to be recognised as the same entry."""
    made_on = entry.made_on.isoformat() if entry.made_on else None
    everything = [*content, made_on, entry.note]
    return Intent(
        ProposalStep, entry.actor, f"proposal {act}", subject, entry.on_behalf_of, base, everything, earlier=earlier
    )


def find_recorded(entry: Entry, intent: Intent) -> tuple[str, ProposalStep | None]:
    """Return the mark of an entry and, if the same entry has already been recorded, its step."""
    mark, step = recorded_before(entry.idempotency_key, intent)
    return mark, ProposalStep.objects.select_related("proposal").get(pk=step) if step is not None else None


def require_participant(field: str, negotiation: Negotiation, member: Member) -> None:
    """Raise InvalidValue for `field` unless the member takes part in the negotiation."""
    if not takes_part(negotiation.pk, member.pk):
        raise InvalidValue(
            field,
            _("%(member)s does not participate in this negotiation: only participants can propose.")
            % {"member": member.local_name},
        )
