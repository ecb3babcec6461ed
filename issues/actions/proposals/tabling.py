"""Table a proposal."""

import datetime
import json
from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from issues.access.permissions import may_act_for, require_acting_for, require_may_enter
from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_proposals
from issues.actions.clock import advance_to
from issues.actions.errors import InvalidValue
from issues.actions.idempotency import Intent
from issues.actions.proposals.documents import document_named, free_slug, link_document, note_with_symbol
from issues.actions.proposals.entries import Draft, Entry, clean_text, cleaned, day_of, require_valid_entry
from issues.actions.proposals.record import ProposalRecord, find_recorded, intent_of, require_participant
from issues.actions.text_checks import require_length
from issues.models import Negotiation, Proposal, ProposalStep
from issues.models.choices import ProposalAct, Visibility
from issues.sync.publishing import publishing
from issues.wording import listed
from members.choices import Precision
from members.demonstration import is_demo_user
from members.models import Member


@publishing()
def table(negotiation: Negotiation, draft: Draft, entry: Entry, *, although_tabled: bool = False) -> Proposal:
    """Table `draft` in the name of `entry.on_behalf_of`, and return the proposal.

    Co-sponsors for which the actor also acts become proponents immediately. The other co-sponsors are invited. A second
    proposal by the same member with the same title within a day is refused unless `although_tabled` is true. Raise
    TextRefused, InvalidValue, permissions.Refused, or Proposal.DoesNotExist if the actor may not see the superseded
    proposal.
    """
    member = entry.on_behalf_of
    if member is None:
        raise InvalidValue(
            "on_behalf_of", _("Choose the member on whose behalf you act: every proposal belongs to a member.")
        )
    require_acting_for(reader_of(entry.actor), member, negotiation.pk)
    require_valid_entry(entry)
    require_length(draft.text)
    draft = cleaned(draft)
    mark, recorded = find_recorded(entry, _intent(negotiation, draft, entry, although_tabled))
    if recorded is not None:
        return recorded.proposal
    # The lock ensures that slugs are unique and that a second proposal with the same title is detected.
    negotiation = Negotiation.objects.select_for_update(no_key=True).get(pk=negotiation.pk)
    _require_valid_draft(negotiation, draft, entry, member)
    _require_new_title(negotiation, draft.title, member, although_tabled)
    day = day_of(entry, negotiation)
    if draft.visibility == Visibility.PUBLIC:
        advance_to(negotiation, day)
    proposal = _create(negotiation, draft, member, day, demonstration=is_demo_user(entry.actor))
    link_document(proposal, draft.symbol, entry, day)
    record = ProposalRecord(proposal, replace(entry, made_on=day))
    note = note_with_symbol(entry.note, draft.symbol)
    record.add(ProposalAct.TABLED, member, text=draft.text, note=note, idempotency_key=mark)
    _add_co_sponsors(record, draft, member)
    return proposal


def _create(
    negotiation: Negotiation, draft: Draft, member: Member, day: datetime.date, *, demonstration: bool
) -> Proposal:
    proposal = Proposal.objects.create(
        negotiation=negotiation,
        slug=free_slug(Proposal, negotiation, f"{draft.title} {member.code}"),
        title=draft.title,
        tabled=day,
        tabled_precision=Precision.DAY,
        text=draft.text,
        summary=draft.summary,
        supersedes=draft.supersedes,
        visibility=draft.visibility,
        demonstration=demonstration,
        source=draft.symbol or f"Tabled by {member.name} through the tracker",
    )
    proposal.sub_issues.set(draft.sub_issues)
    proposal.proponents.add(member)
    return proposal


def _add_co_sponsors(record: ProposalRecord, draft: Draft, member: Member) -> None:
    at_once, invited = _co_sponsors(record.reader, record.proposal.negotiation, draft, member)
    for co_sponsor in draft.co_sponsors:
        if co_sponsor in at_once:
            record.add(ProposalAct.CONFIRMED, co_sponsor, member=co_sponsor)
            record.proposal.proponents.add(co_sponsor)
        elif co_sponsor in invited:
            record.add(ProposalAct.INVITED, member, member=co_sponsor)


def _co_sponsors(
    reader: Reader, negotiation: Negotiation, draft: Draft, member: Member | None
) -> tuple[list[Member], list[Member]]:
    """Return the co-sponsors that become proponents immediately, and those that are invited."""
    others = [co_sponsor for co_sponsor in draft.co_sponsors if co_sponsor != member]
    at_once = [co_sponsor for co_sponsor in others if may_act_for(reader, co_sponsor, negotiation.pk)]
    return at_once, [co_sponsor for co_sponsor in others if co_sponsor not in at_once]


def preview_tabling(negotiation: Negotiation, draft: Draft, entry: Entry) -> list[str]:
    """Return sentences that describe the effect of `table`.

    Raise InvalidValue for an invalid title, summary or symbol. The function does not check the text, for which
    `change_previews.preview_wording` is used.
    """
    draft = cleaned(draft)
    at_once, invited = _co_sponsors(reader_of(entry.actor), negotiation, draft, entry.on_behalf_of)
    places = listed([sub_issue.code for sub_issue in draft.sub_issues]) if draft.sub_issues else _("no sub-issue yet")
    sentences = [
        _("%(on_behalf_of)s tables “%(draft)s” on %(places)s.")
        % {"on_behalf_of": entry.on_behalf_of, "draft": draft.title, "places": places}
    ]
    sentences += [_("%(name)s is a proponent from the outset.") % {"name": member.local_name} for member in at_once]
    sentences += [
        _("%(name)s is invited to co-sponsor and can confirm or decline.") % {"name": member.local_name}
        for member in invited
    ]
    if draft.symbol:
        sentences.append(_preview_document(negotiation, draft.symbol))
    if draft.supersedes is not None:
        sentences.append(_("It replaces “%(supersedes)s”.") % {"supersedes": draft.supersedes.title})
    return sentences


def _preview_document(negotiation: Negotiation, symbol: str) -> str:
    if document_named(negotiation, symbol) is not None:
        return _("Document %(symbol)s is on record and will be linked.") % {"symbol": symbol}
    return _(
        "No public document has the symbol %(symbol)s. A document with this symbol will be added for this "
        "proposal and marked as not verified."
    ) % {"symbol": symbol}


def _intent(negotiation: Negotiation, draft: Draft, entry: Entry, although_tabled: bool) -> Intent:
    """Return the content that a retry must repeat to be recognised as the same entry."""
    member = entry.on_behalf_of.code if entry.on_behalf_of else ""
    places = sorted(sub_issue.pk for sub_issue in draft.sub_issues)
    co_sponsors = sorted(co_sponsor.pk for co_sponsor in draft.co_sponsors)
    older = draft.supersedes.pk if draft.supersedes else None
    content = [draft.title, draft.text, draft.symbol, draft.summary, draft.visibility, places, co_sponsors, older]
    earlier = (0, json.dumps([ProposalAct.TABLED, member, draft.title, draft.text]))
    return intent_of(entry, ProposalAct.TABLED, negotiation, [*content, although_tabled], 0, earlier)


def _require_valid_draft(negotiation: Negotiation, draft: Draft, entry: Entry, member: Member) -> None:
    clean_text(draft.text)
    if not draft.sub_issues:
        raise InvalidValue("sub_issues", _("Choose at least one sub-issue under which to list the proposal."))
    if any(sub_issue.negotiation_id != negotiation.pk for sub_issue in draft.sub_issues):
        raise InvalidValue("sub_issues", _("One of the selected sub-issues belongs to another negotiation."))
    require_participant("on_behalf_of", negotiation, member)
    for co_sponsor in draft.co_sponsors:
        require_participant("co_sponsors", negotiation, co_sponsor)
    if draft.visibility not in Visibility.values:
        raise InvalidValue("visibility", _("Choose who may read the proposal."))
    _require_replaceable(negotiation, draft.supersedes, entry, member)


def _require_replaceable(negotiation: Negotiation, older: Proposal | None, entry: Entry, member: Member) -> None:
    """Raise InvalidValue unless `older` is a proposal of `member` in this negotiation.

    Raise Proposal.DoesNotExist if the actor may not see the proposal.
    """
    if older is None:
        return
    reader = reader_of(entry.actor)
    older = visible_proposals(reader).get(pk=older.pk)
    require_may_enter(reader, older)
    if older.negotiation_id != negotiation.pk or not older.proponents.filter(pk=member.pk).exists():
        raise InvalidValue(
            "supersedes",
            _("%(member)s is not a proponent of the proposal to be replaced.") % {"member": member.local_name},
        )


def _require_new_title(negotiation: Negotiation, title: str, member: Member, although_tabled: bool) -> None:
    """Raise InvalidValue for a title that the member has used within the past day, unless `although_tabled` is true."""
    if although_tabled:
        return
    same = ProposalStep.objects.filter(
        proposal__negotiation=negotiation,
        proposal__title__iexact=title,
        act=ProposalAct.TABLED,
        on_behalf_of=member,
        recorded_at__gt=timezone.now() - datetime.timedelta(days=1),
    )
    if same.exists():
        raise InvalidValue(
            "although_tabled",
            _(
                "%(member)s has tabled a proposal with this title in the last 24 hours. If this is a "
                "different proposal, confirm that; if it is the same, revise the existing proposal."
            )
            % {"member": member.local_name},
        )
