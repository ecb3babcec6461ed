"""The proposal pages: the list, and the page of a proposal with its history and the actions available to the reader."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bracketed_text import parse
from issues.access.conditions import may_enter
from issues.access.merging import provisions_to_merge_into
from issues.access.permissions import acts_for_all, may_table, speaks_for
from issues.access.readership import readers_of_answers, readers_of_proposal
from issues.access.roles import ANYBODY, Reader, reader_of, taking_part
from issues.access.visibility import (
    knows_people,
    negotiation_of,
    visible_proposals,
    visible_provisions,
    visible_steps,
)
from issues.actions import proposals
from issues.actions.clock import default_day
from issues.filters.record import ProposalFilter
from issues.forms import AnswerForm, EntryForm, InviteForm
from issues.models import Proposal, ProposalStep, Provision
from issues.models.choices import ProposalAct, ProposalState
from issues.models.confirmations import WITH_TEXT, Proponent
from issues.models.known import on_record
from issues.web import rendering
from issues.web.paging import page_of
from issues.web.proposal_history import history_of
from issues.web.provision_cards import Names, load_names
from issues.web.query_params import requested_day
from issues.web.record_lists import filter_fields
from members.models import Member

PROPOSALS_A_PAGE = 30


STEPS_A_PAGE = 20


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show the proposals that match the filters, newest first."""
    reader = reader_of(request.user)
    visible = visible_proposals(reader).filter(negotiation=negotiation_of(request))
    visible_with = visible.with_standing().select_related("document").prefetch_related("sub_issues")
    proposal_filter = ProposalFilter(
        request.GET, queryset=visible_with.order_by(F("tabled").desc(nulls_last=True), "slug"), request=request
    )
    valid = proposal_filter.form.is_valid()
    shown = proposal_filter.qs if valid else visible.none()
    page = page_of(request, shown, PROPOSALS_A_PAGE)
    return render(
        request,
        "issues/proposals.html",
        {
            "page": page,
            "demonstration": any(proposal.demonstration for proposal in page),
            **filter_fields(proposal_filter.form),
            "may_table": may_table(reader, negotiation_of(request).pk),
            "day": proposal_filter.form.cleaned_data.get("as_of") if valid else None,
        },
        status=200 if valid else 400,
    )


@require_safe
def proposal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a proposal: its text, proponents and history, and the actions available to the reader."""
    return proposal_page(request, get_proposal(request, slug))


@dataclass(frozen=True)
class Offer:
    """The actions on a proposal that are available to the reader.

    `own` are the proponents for which the reader may act. `asked` are the members for which the reader may confirm or
    decline: those `invited` may join, and those `asked_again` are proponents asked to confirm a revision.
    """

    own: "QuerySet[Member]"
    confirming: "QuerySet[Member]"
    asked: "QuerySet[Member]"
    invited: list[Member]
    asked_again: list[Member]
    base: int
    participants: "QuerySet[Member]"
    nobody: str
    may_revise: bool
    may_leave: bool
    may_withdraw: bool
    may_merge: bool


def offer_of(reader: Reader, proposal: Proposal) -> Offer:
    """Return the actions available to the reader on a proposal."""
    proponents = proposal.proponents.order_by("name")
    negotiation = proposal.negotiation_id
    reader = reader if may_enter(reader, proposal) else ANYBODY  # offer nothing that would be refused
    own = speaks_for(reader, proponents, negotiation)
    standing = proposal.standing
    waiting = [member.pk for member in (*proposals.invitations(proposal), *standing.members_asked)]
    asked = speaks_for(reader, Member.objects.filter(pk__in=waiting), negotiation).order_by("name")
    nobody = acts_for_all(reader, negotiation) and not proponents
    is_open = proposals.is_open(proposal)
    is_own = is_open and (bool(own) or nobody)
    others = len(proponents) + proposal.grouping_proponents.count() > 1
    participants = Member.objects.filter(pk__in=taking_part(negotiation).values("member"))
    asked = asked if is_open else asked.none()
    return Offer(
        own=own,
        confirming=own if acts_for_all(reader, negotiation) and len(proponents) > 1 else own.none(),
        asked=asked,
        invited=[member for member in asked if member not in standing.members_asked],
        asked_again=[member for member in asked if member in standing.members_asked],
        base=standing.base,
        participants=participants.exclude(pk__in=proponents).order_by("name"),
        nobody=_("No member: no proponent is on record") if nobody else "",
        may_revise=is_own,
        may_leave=is_own and others,
        may_withdraw=is_own and not (others and bool(own)),
        may_merge=proposal.state != ProposalState.WITHDRAWN and provisions_to_merge_into(reader, proposal).exists(),
    )


def action_forms(request: HttpRequest, proposal: Proposal, offer: Offer) -> dict[str, EntryForm]:
    """Return the forms of the actions, by verb. The submitted form keeps its data."""

    day = default_day(proposal.negotiation, request.user)

    def form(verb: str, kind: type[EntryForm] = EntryForm, **given: Any) -> EntryForm:
        sent = request.POST if request.method == "POST" and request.path.endswith(f"/{verb}/") else None
        return kind(sent, auto_id=f"{verb}_%s", day=day, **given)

    read_by, fewer = readers_of_proposal(proposal), readers_of_answers(proposal)
    own: dict[str, Any] = {"members": offer.own, "nobody": offer.nobody}
    # A proponent that declines a revision leaves the proposal, and readers of the proposal can see this.
    declining = read_by if offer.asked_again else fewer
    asked: dict[str, Any] = {"members": offer.asked, "initial": {"base": offer.base}}
    return {
        "invite": form("invite", InviteForm, participants=offer.participants, read_by=fewer, **own),
        "confirm": form("confirm", AnswerForm, read_by=read_by, **asked),
        "decline": form("decline", AnswerForm, read_by=declining, **asked),
        "leave": form("leave", members=offer.own, read_by=read_by),
        "withdraw": form("withdraw", read_by=read_by, **own),
    }


def get_proposal(request: HttpRequest, slug: str) -> Proposal:
    """Return a proposal. Raise Http404 if the reader may not see it."""
    visible = (
        visible_proposals(reader_of(request.user))
        .tabled_by(requested_day(request))
        .with_standing()
        .select_related("document", "negotiation")
    )
    return get_object_or_404(visible, slug=slug, negotiation=negotiation_of(request))


def proposal_page(
    request: HttpRequest, proposal: Proposal, failed: str = "", form: EntryForm | None = None, status: int = 200
) -> HttpResponse:
    """Return the page for a proposal. The form of the action `failed` is shown as submitted, with its errors."""
    day, reader, names = requested_day(request), reader_of(request.user), load_names()
    # With a past day selected, the page is read-only.
    offer = offer_of(ANYBODY if day else reader, proposal)
    forms = action_forms(request, proposal, offer) | ({failed: form} if form else {})
    steps = (
        visible_steps(reader)
        .filter(Q(made_on__lte=day) & on_record(day) if day else Q(), proposal=proposal)
        .select_related(
            "member", "on_behalf_of", "recorded_by", "revision__provision__sub_issue", "revision__provision__issue"
        )
    )
    page = page_of(request, steps.order_by("-number"), STEPS_A_PAGE)
    seen = set(visible_provisions(reader).filter(revisions__proposal=proposal).values_list("pk", flat=True))
    related = visible_proposals(reader).filter(negotiation=proposal.negotiation)
    return render(
        request,
        "issues/proposal.html",
        {
            "proposal": proposal,
            "later": proposal.negotiation.is_later(proposal.dated_as),
            "demonstration": proposal.demonstration,
            "text_html": html_of(proposal.text, names),
            "proponents": _proponents(proposal),
            "is_open": proposals.is_open(proposal),
            "invitations": proposals.invitations(proposal) if _sees_invitations(steps) else [],
            "page": page,
            "history": history_of(proposal, list(page.object_list), seen, names),
            "merged_into": _merged_into(proposal, seen),
            "supersedes": related.filter(superseded_by=proposal).first(),
            "superseded_by": related.filter(supersedes=proposal),
            "offer": offer,
            "forms": forms,
            "failed": failed,
            "forms_failed": form,
            "knows_people": knows_people(reader, proposal.negotiation_id),
            "day": day,
            "may_table": may_table(reader, negotiation_of(request).pk),
        },
        status=status,
    )


def _sees_invitations(steps: "QuerySet[ProposalStep]") -> bool:
    return steps.filter(act=ProposalAct.INVITED).exists()


def _proponents(proposal: Proposal) -> list[tuple[Proponent, ProposalStep | None]]:
    """Return each proponent with the last step in which it confirmed a text, or None if only a source names it."""
    came = Q(act=ProposalAct.CONFIRMED) | Q(act__in=WITH_TEXT, on_behalf_of__isnull=False)
    steps = proposal.steps.filter(came).defer("text").order_by("number")
    last = {step.member_id or step.on_behalf_of_id: step for step in steps}
    return [
        (proponent, last.get(proponent.holder.pk) if proponent.is_member else None)
        for proponent in proposal.standing.proponents
    ]


def _merged_into(proposal: Proposal, seen: set[int]) -> "QuerySet[Provision]":
    return Provision.objects.with_place().filter(pk__in=seen)


def html_of(text: str, names: Names) -> str:
    """Return bracketed text as HTML."""
    return rendering.render(parse(text, names.register), names.of)
