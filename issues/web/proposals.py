"""The pages of proposals: the list, one proposal with what may be done, tabling and revising."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bracketed_text import parse
from issues.access.permissions import Refused, acts_for_all, may_table, provisions_to_merge_into, speaks_for
from issues.access.readership import readers_of_answers, readers_of_proposal
from issues.access.roles import ANYBODY, Reader, reader_of, taking_part
from issues.access.visibility import (
    negotiation_of,
    visible_proposals,
    visible_provisions,
    visible_steps,
)
from issues.actions import proposals
from issues.actions.change_previews import preview_wording
from issues.actions.errors import InvalidValue, NothingChanged, NotRecorded, ProposalRevised, TextRefused
from issues.filters.record import ProposalFilter
from issues.forms import AnswerForm, EntryForm, InviteForm, TableForm
from issues.models import Proposal, ProposalStep, Provision, SubIssue
from issues.models.choices import ProposalAct, ProposalState
from issues.models.confirmations import WITH_TEXT, Proponent
from issues.models.known import on_record
from issues.text.sentences import describe_change
from issues.web import rendering
from issues.web.paging import page_of
from issues.web.previews import context_of
from issues.web.provision_cards import Names, load_names
from issues.web.query_params import asked_day
from members.models import Member

PROPOSALS_A_PAGE = 30
STEPS_A_PAGE = 20


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show the proposals, newest first, by proponent, state and sub-issue."""
    day, reader = asked_day(request), reader_of(request.user)
    visible = visible_proposals(reader).filter(negotiation=negotiation_of(request)).tabled_by(day)
    visible_with = visible.with_standing().select_related("document").prefetch_related("sub_issues")
    found = ProposalFilter(
        request.GET, queryset=visible_with.order_by(F("tabled").desc(nulls_last=True), "slug"), request=request
    )
    shown = found.qs if found.form.is_valid() else visible.none()
    return render(
        request,
        "issues/proposals.html",
        {
            "page": page_of(request, shown, PROPOSALS_A_PAGE),
            "errors": [error for errors in found.form.errors.values() for error in errors],
            "members": Member.objects.filter(proposals__in=visible).distinct().order_by("name"),
            "sub_issues": SubIssue.objects.filter(proposals__in=visible).distinct().order_by("position"),
            "states": ProposalState.choices,
            "asked": {name: request.GET.get(name, "") for name in ("proponent", "state", "sub_issue")},
            "may_table": may_table(reader, negotiation_of(request).pk),
            "day": day,
        },
        status=200 if found.form.is_valid() else 400,
    )


@require_safe
def proposal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one proposal: text, proponents, history, and what the reader may do with it."""
    return _page(request, found_proposal(request, slug))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Show the form of a new proposal; table it, or say at its place why not."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    if not may_table(reader, negotiation.pk):
        raise PermissionDenied(
            _("Delegates table proposals for the member that they act for: you do not act for any member.")
        )
    participants = Member.objects.filter(pk__in=taking_part(negotiation.pk).values("member")).order_by("name")
    members = speaks_for(reader, participants, negotiation.pk)
    own = visible_proposals(reader).filter(negotiation=negotiation, proponents__in=members).distinct()
    given: dict[str, Any] = {
        "members": members,
        "negotiation": negotiation,
        "participants": participants,
        "own": own.order_by("title"),
    }
    if request.method != "POST":
        first = {"supersedes": request.GET.get("supersedes", ""), "sub_issues": request.GET.getlist("sub_issue")}
        return render(request, "issues/table_proposal.html", {"form": TableForm(initial=first, **given)})
    form = TableForm(request.POST, **given)
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "issues/table_proposal.html", context, status=422)
    text = form.cleaned_data["text"]
    assert request.user.is_authenticated  # login_required
    try:
        if "check" in request.POST:
            said = proposals.preview_tabling(negotiation, form.draft(), form.entry(request.user))
            context |= examined("", text, said)
            return render(request, "issues/table_proposal.html", context)
        found = proposals.table(
            negotiation,
            form.draft(),
            form.entry(request.user),
            although_tabled=form.cleaned_data["although_tabled"],
        )
    except (NotRecorded, Refused, Proposal.DoesNotExist) as refused:
        context["asked_again"] = add_error(form, refused) == "although_tabled"
        context |= examined("", text)
        return render(request, "issues/table_proposal.html", context, status=422)
    messages.success(request, _("Tabled: %(found)s.") % {"found": found.title})
    return redirect("proposal", slug=found.slug)


VERBS = {
    "invite": gettext_lazy("Invited: the delegation can confirm or decline."),
    "confirm": gettext_lazy("Confirmed on behalf of %(member)s."),
    "decline": gettext_lazy("Declined on behalf of %(member)s."),
    "leave": gettext_lazy("%(member)s is no longer a co-sponsor."),
    "withdraw": gettext_lazy("Withdrawn."),
}


@login_required
@require_POST
def act(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Invite, confirm, decline, leave or withdraw; what cannot be done comes back with the reason."""
    if verb not in VERBS:
        raise Http404(_("Unknown action on a proposal."))
    found = found_proposal(request, slug)
    form = _forms(request, found, offer_of(reader_of(request.user), found))[verb]
    if not form.is_valid():
        return _page(request, found, verb, form, status=422)
    try:
        _act(request, found, verb, form)
    except ProposalRevised as overtaken:
        # The page shows the text that stands now: answered again, it is the answer to that.
        form.data = {name: form.data[name] for name in form.data} | {"base": overtaken.base}
        form.add_error(None, str(overtaken))
        return _page(request, found_proposal(request, slug), verb, form, status=409)
    except (NotRecorded, Refused) as refused:
        add_error(form, refused)
        return _page(request, found, verb, form, status=422)
    member = form.cleaned_data["on_behalf_of"]
    messages.success(request, str(VERBS[verb]) % {"member": member.local_name if member else ""})
    return redirect("proposal", slug=slug)


def _act(request: HttpRequest, found: Proposal, verb: str, form: EntryForm) -> None:
    assert request.user.is_authenticated  # login_required
    entry = form.entry(request.user)
    if verb == "invite":
        proposals.invite(found, form.cleaned_data["invited"], entry)
    elif verb == "leave":
        proposals.leave(found, entry)
    elif verb == "withdraw":
        proposals.withdraw(found, entry)
    else:
        proposals.respond(found, entry, confirm=verb == "confirm", base=form.cleaned_data["base"])


@dataclass(frozen=True)
class Offer:
    """What the reader may do with a proposal: as `own` proponents, and as members that are `asked`.

    Of `asked`, `invited` may join, and `asked_again` are proponents that a revision asks to confirm its text.
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


def offer_of(reader: Reader, found: Proposal) -> Offer:
    proponents = found.proponents.order_by("name")
    negotiation = found.negotiation_id
    own = speaks_for(reader, proponents, negotiation)
    standing = found.standing
    waiting = [member.pk for member in (*proposals.invitations(found), *standing.members_asked)]
    asked = speaks_for(reader, Member.objects.filter(pk__in=waiting), negotiation).order_by("name")
    nobody = acts_for_all(reader, negotiation) and not proponents
    is_open = proposals.is_open(found)
    is_own = is_open and (bool(own) or nobody)
    others = len(proponents) + found.grouping_proponents.count() > 1
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
        may_merge=found.state != ProposalState.WITHDRAWN and provisions_to_merge_into(reader, found).exists(),
    )


def _forms(request: HttpRequest, found: Proposal, offer: Offer) -> dict[str, EntryForm]:
    """Return the small forms of the page, the one that was sent with what was typed."""

    def form(verb: str, kind: type[EntryForm] = EntryForm, **given: Any) -> EntryForm:
        sent = request.POST if request.method == "POST" and request.path.endswith(f"/{verb}/") else None
        return kind(sent, auto_id=f"{verb}_%s", **given)

    read_by, fewer = readers_of_proposal(found), readers_of_answers(found)
    own: dict[str, Any] = {"members": offer.own, "nobody": offer.nobody}
    # A proponent that declines a revised text leaves the proposal, which its readers see.
    declining = read_by if offer.asked_again else fewer
    asked: dict[str, Any] = {"members": offer.asked, "initial": {"base": offer.base}}
    return {
        "invite": form("invite", InviteForm, participants=offer.participants, read_by=fewer, **own),
        "confirm": form("confirm", AnswerForm, read_by=read_by, **asked),
        "decline": form("decline", AnswerForm, read_by=declining, **asked),
        "leave": form("leave", members=offer.own, read_by=read_by),
        "withdraw": form("withdraw", read_by=read_by, **own),
    }


def found_proposal(request: HttpRequest, slug: str) -> Proposal:
    """Return a proposal; 404 where the reader may not see it."""
    visible = (
        visible_proposals(reader_of(request.user))
        .tabled_by(asked_day(request))
        .with_standing()
        .select_related("document", "negotiation")
    )
    return get_object_or_404(visible, slug=slug, negotiation=negotiation_of(request))


def _page(
    request: HttpRequest, found: Proposal, failed: str = "", form: EntryForm | None = None, status: int = 200
) -> HttpResponse:
    day, reader, names = asked_day(request), reader_of(request.user), load_names()
    # What was is read, and not acted on.
    offer = offer_of(ANYBODY if day else reader, found)
    forms = _forms(request, found, offer) | ({failed: form} if form else {})
    steps = (
        visible_steps(reader)
        .filter(Q(made_on__lte=day) & on_record(day) if day else Q(), proposal=found)
        .select_related(
            "member", "on_behalf_of", "recorded_by", "revision__provision__sub_issue", "revision__provision__issue"
        )
    )
    page = page_of(request, steps.order_by("-number"), STEPS_A_PAGE)
    seen = set(visible_provisions(reader).filter(revisions__proposal=found).values_list("pk", flat=True))
    related = visible_proposals(reader).filter(negotiation=found.negotiation)
    return render(
        request,
        "issues/proposal.html",
        {
            "proposal": found,
            "text_html": html_of(found.text, names),
            "proponents": _proponents(found),
            "is_open": proposals.is_open(found),
            "invitations": proposals.invitations(found) if _sees_invitations(steps) else [],
            "page": page,
            "history": _history(found, list(page.object_list), seen, names),
            "merged_into": _merged_into(found, seen),
            "supersedes": related.filter(superseded_by=found).first(),
            "superseded_by": related.filter(supersedes=found),
            "offer": offer,
            "forms": forms,
            "failed": failed,
            "forms_failed": form,
            "day": day,
            "may_table": may_table(reader, negotiation_of(request).pk),
        },
        status=status,
    )


def _sees_invitations(steps: "QuerySet[ProposalStep]") -> bool:
    return steps.filter(act=ProposalAct.INVITED).exists()


def _proponents(found: Proposal) -> list[tuple[Proponent, ProposalStep | None]]:
    """Return who proposes it, each with the last step by which it stood behind a text; none where a source names it."""
    came = Q(act=ProposalAct.CONFIRMED) | Q(act__in=WITH_TEXT, on_behalf_of__isnull=False)
    steps = found.steps.filter(came).defer("text").order_by("number")
    last = {step.member_id or step.on_behalf_of_id: step for step in steps}
    return [(one, last.get(one.holder.pk) if one.is_member else None) for one in found.standing.proponents]


@dataclass(frozen=True)
class Past:
    """One step as the history shows it: what was done, what it changed, and the provision that it went into.

    `confirmed_by` are the members behind a text, in the order of their names.
    """

    step: ProposalStep
    said: str
    sentences: list[str]
    provision: Provision | None
    confirmed_by: list[Member]


def _history(found: Proposal, page: list[ProposalStep], seen: set[int], names: Names) -> list[Past]:
    """Return the steps of one page; a provision is named to those who may see it only."""
    with_text = [step for step in page if step.text]
    before: dict[int, str] = {}
    if with_text:
        earlier = found.steps.exclude(text="").filter(number__lt=with_text[-1].number).order_by("-number").first()
        texts = [step.text for step in with_text[1:]] + [earlier.text if earlier else ""]
        before = {step.number: text for step, text in zip(with_text, texts, strict=True)}
    confirmed = _confirmed(found, [step.number for step in with_text])
    return [_past(step, before.get(step.number, ""), seen, names, confirmed.get(step.number, [])) for step in page]


def _confirmed(found: Proposal, texts: list[int]) -> dict[int, list[Member]]:
    """Return who stood behind each of `texts`, by the numbers of the steps that made them. One query."""
    if not texts:
        return {}
    behind = found.confirmations.texts
    members = Member.objects.filter(pk__in={pk for text in texts for pk in behind[text]}).order_by("name")
    return {text: [member for member in members if member.pk in behind[text]] for text in texts}


def _past(step: ProposalStep, before: str, seen: set[int], names: Names, confirmed: list[Member]) -> Past:
    provision = step.revision.provision if step.revision else None
    said = []
    if step.text and before:
        old, new = parse(before, names.register), parse(step.text, names.register)
        said = describe_change(old, new, member=step.on_behalf_of)
    return Past(step, _said(step), said, provision if provision and provision.pk in seen else None, confirmed)


IN_A_MEMBERS_NAME = {
    ProposalAct.TABLED: gettext_lazy("{who} tabled the proposal"),
    ProposalAct.REVISED: gettext_lazy("{who} revised the text"),
    ProposalAct.INVITED: gettext_lazy("{who} invited {member} to co-sponsor"),
    ProposalAct.CONFIRMED: gettext_lazy("{member} confirmed the text as co-sponsor"),
    ProposalAct.DECLINED: gettext_lazy("{member} declined to co-sponsor"),
    ProposalAct.LEFT: gettext_lazy("{member} left the proposal"),
    ProposalAct.WITHDRAWN: gettext_lazy("{who} withdrew the proposal"),
    ProposalAct.MERGED: gettext_lazy("{who} merged it into the text"),
    ProposalAct.UNMERGED: gettext_lazy("{who} undid the merge into the text"),
}


def _said(step: ProposalStep) -> str:
    """Return in a sentence what was done."""
    if step.on_behalf_of is None:
        return step.get_act_display().capitalize()
    said = IN_A_MEMBERS_NAME[ProposalAct(step.act)]
    return said.format(who=step.on_behalf_of.local_name, member=step.member.local_name if step.member else "")


def _merged_into(found: Proposal, seen: set[int]) -> "QuerySet[Provision]":
    return Provision.objects.with_place().filter(pk__in=seen)


def html_of(text: str, names: Names) -> str:
    return rendering.render(parse(text, names.register), names.of)


def examined(before: str, text: str, said: list[str] | None = None) -> dict[str, object]:
    """Return the context of the check of a text: what would be recorded, as `said`, or why it cannot be read."""
    try:
        check = preview_wording(before, text)
        return context_of(check if said is None else replace(check, sentences=said), load_names())
    except TextRefused as refused:
        return {"unreadable": str(refused)}


def add_error(form: EntryForm, refused: Exception) -> str:
    """Put what was refused at the field that it is about; return the field's name, "" for the form as a whole."""
    field = "text" if isinstance(refused, TextRefused | NothingChanged) else ""
    if isinstance(refused, InvalidValue):
        field = refused.field
    field = field if field in form.fields else ""
    form.add_error(field or None, str(refused) or _("Unknown proposal."))
    return field
