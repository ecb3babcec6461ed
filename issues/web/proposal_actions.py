"""The pages for tabling, confirming, declining, leaving and withdrawing a proposal, and for inviting co-sponsors."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from issues.access.permissions import Refused, may_table, speaks_for
from issues.access.roles import reader_of, taking_part
from issues.access.visibility import (
    negotiation_of,
    visible_proposals,
)
from issues.actions import proposals
from issues.actions.change_previews import preview_wording
from issues.actions.clock import default_day
from issues.actions.errors import InvalidValue, NothingChanged, NotRecorded, ProposalRevised, TextRefused
from issues.forms import EntryForm, TableForm
from issues.models import Proposal
from issues.web.previews import context_of
from issues.web.proposals import action_forms, get_proposal, offer_of, proposal_page
from issues.web.provision_cards import load_names
from members.models import Member


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Show the form for a new proposal, preview the proposal, or table it. An invalid form shows the reasons."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    if not may_table(reader, negotiation.pk):
        raise PermissionDenied(
            _(
                "Only delegates can table proposals, on behalf of the member that they act for. You do not act "
                "for any member."
            )
        )
    participants = Member.objects.filter(pk__in=taking_part(negotiation.pk).values("member")).order_by("name")
    members = speaks_for(reader, participants, negotiation.pk)
    own = visible_proposals(reader).filter(negotiation=negotiation, proponents__in=members).distinct()
    given: dict[str, Any] = {
        "members": members,
        "negotiation": negotiation,
        "participants": participants,
        "own": own.order_by("title"),
        "day": default_day(negotiation, request.user),
    }
    if request.method != "POST":
        first = {"supersedes": request.GET.get("supersedes", ""), "sub_issues": request.GET.getlist("sub_issue")}
        return render(request, "issues/table_proposal.html", {"form": TableForm(initial=first, **given)})
    form = TableForm(request.POST, **given)
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "issues/table_proposal.html", context, status=422)
    text = form.cleaned_data["text"]
    assert request.user.is_authenticated  # ensured by login_required
    try:
        if "check" in request.POST:
            sentences = proposals.preview_tabling(negotiation, form.draft(), form.entry(request.user))
            context |= checked_text("", text, sentences)
            return render(request, "issues/table_proposal.html", context)
        proposal = proposals.table(
            negotiation,
            form.draft(),
            form.entry(request.user),
            although_tabled=form.cleaned_data["although_tabled"],
        )
    except (NotRecorded, Refused, Proposal.DoesNotExist) as refused:
        context["asked_again"] = add_error(form, refused) == "although_tabled"
        context |= checked_text("", text)
        return render(request, "issues/table_proposal.html", context, status=422)
    messages.success(request, _("Tabled: %(found)s.") % {"found": proposal.title})
    return redirect("proposal", slug=proposal.slug)


VERBS = {
    "invite": gettext_lazy("Invitation recorded: the delegation can confirm or decline."),
    "confirm": gettext_lazy("Confirmed on behalf of %(member)s."),
    "decline": gettext_lazy("Declined on behalf of %(member)s."),
    "leave": gettext_lazy("%(member)s is no longer a co-sponsor."),
    "withdraw": gettext_lazy("Withdrawn."),
}


@login_required
@require_POST
def act(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Perform the selected action on a proposal. If the action is refused, show the page with the reason."""
    if verb not in VERBS:
        raise Http404(_("Unknown action on a proposal."))
    proposal = get_proposal(request, slug)
    form = action_forms(request, proposal, offer_of(reader_of(request.user), proposal))[verb]
    if not form.is_valid():
        return proposal_page(request, proposal, verb, form, status=422)
    try:
        _act(request, proposal, verb, form)
    except ProposalRevised as overtaken:
        # The page shows the current text, so that the next reply refers to that text.
        form.data = {name: form.data[name] for name in form.data} | {"base": overtaken.base}
        form.add_error(None, str(overtaken))
        return proposal_page(request, get_proposal(request, slug), verb, form, status=409)
    except (NotRecorded, Refused) as refused:
        add_error(form, refused)
        return proposal_page(request, proposal, verb, form, status=422)
    member = form.cleaned_data["on_behalf_of"]
    messages.success(request, str(VERBS[verb]) % {"member": member.local_name if member else ""})
    return redirect("proposal", slug=slug)


def _act(request: HttpRequest, proposal: Proposal, verb: str, form: EntryForm) -> None:
    assert request.user.is_authenticated  # ensured by login_required
    entry = form.entry(request.user)
    if verb == "invite":
        proposals.invite(proposal, form.cleaned_data["invited"], entry)
    elif verb == "leave":
        proposals.leave(proposal, entry)
    elif verb == "withdraw":
        proposals.withdraw(proposal, entry)
    else:
        proposals.respond(proposal, entry, confirm=verb == "confirm", base=form.cleaned_data["base"])


def checked_text(before: str, text: str, sentences: list[str] | None = None) -> dict[str, object]:
    """Return the context for the preview of a text, or the reason why the text cannot be read.

    The preview shows `sentences` or, by default, the changes from `before`.
    """
    try:
        check = preview_wording(before, text)
        return context_of(check if sentences is None else replace(check, sentences=sentences), load_names())
    except TextRefused as refused:
        return {"unreadable": str(refused)}


def add_error(form: EntryForm, refused: Exception) -> str:
    """Add a refusal to the field that it concerns.

    Return the name of that field, or "" if the refusal concerns the form as a whole.
    """
    field = "text" if isinstance(refused, TextRefused | NothingChanged) else ""
    if isinstance(refused, InvalidValue):
        field = refused.field
    field = field if field in form.fields else ""
    form.add_error(field or None, str(refused) or _("Unknown proposal."))
    return field
