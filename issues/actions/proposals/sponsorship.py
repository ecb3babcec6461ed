"""The sponsorship of proposals: inviting co-sponsors, responding to invitations, leaving and withdrawing proposals."""

from django.utils.translation import gettext as _

from issues.access.permissions import require_proponent
from issues.actions.errors import InvalidValue, ProposalRevised
from issues.actions.proposals.entries import Entry
from issues.actions.proposals.record import ProposalRecord, open_record, require_participant
from issues.actions.proposals.state import base_of, has_single_proponent, invitations
from issues.models import Proposal, ProposalStep
from issues.models.choices import ProposalAct, ProposalState
from issues.sync.publishing import publishing
from issues.wording import listed
from members.models import Member


@publishing()
def invite(proposal: Proposal, invited: Member, entry: Entry) -> ProposalStep:
    """Invite a member to co-sponsor the proposal, and return the step.

    Raise InvalidValue, ProposalClosed or permissions.Refused.
    """
    record = open_record(proposal, entry, ProposalAct.INVITED, invited.code)
    if record.recorded is not None:
        return record.recorded
    record.require_open()
    require_proponent(record.reader, record.proposal, entry.on_behalf_of)
    require_participant("invited", record.proposal.negotiation, invited)
    if record.proposal.proponents.filter(pk=invited.pk).exists():
        raise InvalidValue("invited", _("%(invited)s is already a proponent.") % {"invited": invited.name})
    if invited in invitations(record.proposal):
        raise InvalidValue(
            "invited", _("%(invited)s has already been invited and has not responded yet.") % {"invited": invited.name}
        )
    return record.add(ProposalAct.INVITED, entry.on_behalf_of, member=invited, idempotency_key=record.mark)


@publishing()
def respond(proposal: Proposal, entry: Entry, *, confirm: bool, base: int | None = None) -> ProposalStep:
    """Confirm or decline the text of step `base` in the name of the entry's member, and return the step.

    An invited member either becomes a proponent or declines. A proponent that is asked again after a revision either
    supports the new text or leaves the proposal. If `base` is None, the response concerns the first text that the
    member was asked to confirm. Raise InvalidValue, ProposalClosed, permissions.Refused, or ProposalRevised if the text
    concerned is not the current text.
    """
    act = ProposalAct.CONFIRMED if confirm else ProposalAct.DECLINED
    record = open_record(proposal, entry, act, further=() if base is None else (base,))
    if record.recorded is not None:
        return record.recorded
    record.require_open()
    member = record.acting_member()
    is_proponent = record.proposal.proponents.filter(pk=member.pk).exists()
    asked_about = _text_asked_about(record.proposal, member, is_proponent=is_proponent)
    current = base_of(record.proposal)
    if (confirm or is_proponent) and current != (asked_about if base is None else base):
        raise ProposalRevised(current, _text_changed(current))
    if is_proponent and not confirm:
        return _remove_proponent(record, member)
    if not is_proponent and confirm:
        record.proposal.proponents.add(member)
    return record.add(act, member, member=member, idempotency_key=record.mark)


def _text_asked_about(proposal: Proposal, member: Member, *, is_proponent: bool) -> int:
    """Return the number of the step that created the first text to which the member has not yet responded.

    Raise InvalidValue if no response is pending.
    """
    asked = proposal.confirmations.asked.get(member.pk)
    if asked is not None:
        return asked
    if is_proponent:
        message = _("%(member)s has already confirmed the current text, but it can still leave the proposal.")
    else:
        message = _("%(member)s has no open invitation to this proposal: only its proponents can invite a co-sponsor.")
    raise InvalidValue("on_behalf_of", message % {"member": member.local_name})


def _text_changed(current: int) -> str:
    if not current:
        return _("This text is no longer current. Review the current text, then respond.")
    return _("The text of this proposal was changed in step %(base)s. Review the new text, then respond.") % {
        "base": current
    }


@publishing()
def leave(proposal: Proposal, entry: Entry) -> ProposalStep:
    """End a member's sponsorship of the proposal, and return the step.

    Raise ProposalClosed, permissions.Refused, or InvalidValue if the member is the last proponent.
    """
    record = open_record(proposal, entry, ProposalAct.LEFT)
    if record.recorded is not None:
        return record.recorded
    record.require_open()
    member = record.acting_member()
    require_proponent(record.reader, record.proposal, member)
    return _remove_proponent(record, member)


def _remove_proponent(record: ProposalRecord, member: Member) -> ProposalStep:
    """Remove a member from the proponents, and return the step. Raise InvalidValue if it is the last proponent."""
    if has_single_proponent(record.proposal):
        raise InvalidValue(
            "on_behalf_of",
            _("%(member)s is the last proponent. Withdraw the proposal instead.") % {"member": member.local_name},
        )
    record.proposal.proponents.remove(member)
    return record.add(ProposalAct.LEFT, member, member=member, idempotency_key=record.mark)


@publishing()
def withdraw(proposal: Proposal, entry: Entry) -> ProposalStep:
    """Withdraw the proposal, and return the step.

    Raise ProposalClosed, permissions.Refused, or InvalidValue if the acting member is not the only proponent.
    """
    record = open_record(proposal, entry, ProposalAct.WITHDRAWN)
    if record.recorded is not None:
        return record.recorded
    record.require_open()
    member = entry.on_behalf_of
    require_proponent(record.reader, record.proposal, member)
    if member is not None and not has_single_proponent(record.proposal):
        others = [proponent.local_name for proponent in record.proposal.proponents.exclude(pk=member.pk)]
        others += [grouping.name for grouping in record.proposal.grouping_proponents.all()]
        raise InvalidValue(
            "on_behalf_of",
            _(
                "This proposal has other proponents (%(others)s), so %(on_behalf_of)s can leave it but cannot "
                "withdraw it. Only the last remaining proponent can withdraw a proposal."
            )
            % {"others": listed(others), "on_behalf_of": member.local_name},
        )
    record.change(state=ProposalState.WITHDRAWN)
    return record.add(ProposalAct.WITHDRAWN, member, idempotency_key=record.mark)
