"""Revise the text of a proposal."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from issues.access.permissions import require_acting_for, require_proponent
from issues.actions.errors import InvalidValue, NothingChanged, ProposalRevised
from issues.actions.proposals.documents import link_document, note_with_symbol
from issues.actions.proposals.entries import SYMBOL, Entry, clean_line, clean_text
from issues.actions.proposals.record import ProposalRecord, open_record
from issues.actions.proposals.state import base_of
from issues.actions.text_checks import require_length
from issues.models import Proposal, ProposalStep
from issues.models.choices import ProposalAct, ProposalState
from issues.sync.publishing import publishing
from members.models import Member


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
    """Replace the text of a proposal, and return the step that records the new text.

    `base` is the number of the step that recorded the current text, or 0 if that text predates the first step. Earlier
    texts remain in their steps. The other proponents are asked to confirm the new text and remain proponents in the
    meantime. Confirmation is recorded immediately for those proponents for which the actor is also a delegate, and for
    the members in `confirmed_by`. The actor must be entitled to act for these members. Raise TextRefused,
    NothingChanged, InvalidValue, ProposalRevised, ProposalClosed or permissions.Refused.
    """
    require_length(text)
    codes = sorted(member.code for member in confirmed_by)
    record = open_record(proposal, entry, ProposalAct.REVISED, text, further=(symbol, *codes), base=base)
    if record.recorded is not None:
        return record.recorded
    record.require_open()
    require_proponent(record.reader, record.proposal, entry.on_behalf_of)
    text = clean_text(text, record.proposal.text)
    symbol = clean_line("symbol", symbol, SYMBOL)
    current_base = base_of(record.proposal)
    if base != current_base:
        raise ProposalRevised(current_base)
    if text == record.proposal.text:
        raise NothingChanged
    confirming = _confirming(record, confirmed_by)
    day = record.day()
    record.keep_first_text(day)
    record.change(text=text, state=ProposalState.REVISED)
    link_document(record.proposal, symbol, entry, day)
    note = note_with_symbol(entry.note, symbol)
    step = record.add(ProposalAct.REVISED, entry.on_behalf_of, text=text, note=note, idempotency_key=record.mark)
    for member in confirming:
        record.add(ProposalAct.CONFIRMED, member, member=member)
    return step


def preview_revision(proposal: Proposal, entry: Entry, confirmed_by: Sequence[Member] = ()) -> list[str]:
    """Return sentences that state who would support a text recorded by `revise`.

    Raise InvalidValue if a member in `confirmed_by` is not a proponent, or Refused if the actor may not act for it.
    """
    confirming = _confirming(ProposalRecord(proposal, entry), confirmed_by)
    supporters = [*([entry.on_behalf_of] if entry.on_behalf_of else []), *confirming]
    standing = proposal.standing
    asked = [member for member in standing.members + standing.members_asked if member not in supporters]
    groupings = [grouping.name for grouping in standing.groupings if entry.on_behalf_of]
    return [
        *(
            _("%(name)s is recorded as having confirmed this text.") % {"name": member.local_name}
            for member in confirming
        ),
        *(_("%(name)s will be asked to confirm this text.") % {"name": member.local_name} for member in asked),
        *(
            _(
                "%(name)s will not be named as a proponent of this text: the source names it as a proponent of the "
                "original text."
            )
            % {"name": name}
            for name in groupings
        ),
    ]


def _confirming(record: ProposalRecord, also: Sequence[Member]) -> list[Member]:
    """Return the other proponents whose confirmation is recorded immediately, sorted by name."""
    author = record.entry.on_behalf_of
    others = [member for member in record.proposal.proponents.order_by("name") if member != author]
    for member in also:
        if member not in others and member != author:
            raise InvalidValue(
                "confirmed_by", _("%(member)s is not a proponent of this proposal.") % {"member": member.local_name}
            )
        require_acting_for(record.reader, member, record.proposal.negotiation_id)
    own = record.reader.members_in(record.proposal.negotiation_id)
    return [member for member in others if member in also or member.pk in own]
