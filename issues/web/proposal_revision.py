"""The page on which a proposal is revised. What others revised meanwhile is put together with what was typed."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bracketed_text import parse
from issues.access.permissions import Refused
from issues.access.readership import readers_of_proposal
from issues.access.roles import reader_of
from issues.actions import proposals
from issues.actions.change_previews import ChangePreview, others_positions_ended, preview_wording
from issues.actions.errors import NotRecorded, ProposalRevised, TextRefused
from issues.forms import ReviseForm
from issues.models import Proposal, ProposalStep
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, merge_of, open_clashes_message
from issues.text.ended_positions import EndedPositions
from issues.text.member_names import load_register
from issues.web.confirmations import about_positions
from issues.web.proposals import add_error, examined, found_proposal, html_of, offer_of
from issues.web.provision_cards import load_names


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of a new text; record it, or say at its place why not."""
    found = found_proposal(request, slug)
    offer = offer_of(reader_of(request.user), found)
    if not offer.may_revise:
        raise PermissionDenied(
            _(
                "A proposal can be revised only by its proponents, and only until it is withdrawn or "
                "merged into the text."
            )
        )
    given: dict[str, Any] = {"members": offer.own, "nobody": offer.nobody, "confirming": offer.confirming}
    given["read_by"] = readers_of_proposal(found)
    context: dict[str, object] = {
        "proposal": found,
        "text_html": html_of(found.text, load_names()),
        "asks_others": len(found.standing.proponents) > 1,
    }
    if request.method != "POST":
        first = {"text": found.text, "base": proposals.base_of(found)}
        return render(request, "issues/revise_proposal.html", {**context, "form": ReviseForm(initial=first, **given)})
    form = ReviseForm({**request.POST.dict(), "confirmed_by": request.POST.getlist("confirmed_by")}, **given)
    context["form"] = form
    if not form.is_valid():
        return render(request, "issues/revise_proposal.html", context, status=422)
    clashes = context["clashes"] = _clashes(found, form)
    if clashes is not None and "take" in request.POST:
        text, clashes = clashes.pressed(request.POST["take"], form.cleaned_data["text"])
        form = ReviseForm({**form.data, "text": text, "taken": clashes.taken}, **given)
        context |= {"form": form, "clashes": clashes, **examined(found.text, text)}
        return render(request, "issues/revise_proposal.html", context)
    typed = dict(form.cleaned_data)
    if "check" in request.POST:
        context |= {**_examined(found, form), "behind": _behind(request, found, form)}
        return render(request, "issues/revise_proposal.html", context)
    if clashes is not None and clashes.open:
        form.add_error(None, open_clashes_message(clashes))
        return render(request, "issues/revise_proposal.html", context, status=422)
    question = about_positions(_ended(found, form), request.POST.get("confirmed", ""))
    if question is not None:
        context |= {**_examined(found, form), "question": question, "behind": _behind(request, found, form)}
        return render(request, "issues/revise_proposal.html", context)
    assert request.user.is_authenticated  # login_required
    try:
        proposals.revise(
            found,
            typed["text"],
            form.entry(request.user),
            base=typed["base"],
            symbol=typed["symbol"],
            confirmed_by=list(typed["confirmed_by"]),
        )
    except ProposalRevised as overtaken:
        context |= _overtaken(found, form, overtaken.base, given)
        return render(request, "issues/revise_proposal.html", context, status=409)
    except (NotRecorded, Refused) as refused:
        add_error(form, refused)
        context |= examined(found.text, typed["text"])
        return render(request, "issues/revise_proposal.html", context, status=422)
    member = typed["on_behalf_of"]
    messages.success(
        request,
        _("Revised on behalf of %(member)s. The earlier text stays in the history.") % {"member": member.local_name}
        if member
        else _("Revised. The earlier text stays in the history."),
    )
    return redirect("proposal", slug=slug)


def _ended(found: Proposal, form: ReviseForm) -> list[EndedPositions]:
    """Return whose positions in the text of the proposal a revision ends; none for what cannot be recorded."""
    typed = form.cleaned_data
    if typed["base"] != proposals.base_of(found):
        return []
    try:
        preview_wording(found.text, typed["text"])
    except TextRefused:
        return []
    register = load_register()
    old, new = parse(found.text, register), parse(typed["text"], register)
    return others_positions_ended(old, new, typed["on_behalf_of"])


def _examined(found: Proposal, form: ReviseForm) -> dict[str, object]:
    """Return the context of the check, with the positions that the revision ends."""
    context = examined(found.text, form.cleaned_data["text"])
    check = context.get("check")
    if isinstance(check, ChangePreview):
        context["check"] = replace(check, ends=_ended(found, form))
    return context


def _behind(request: HttpRequest, found: Proposal, form: ReviseForm) -> list[str]:
    """Return in sentences who will stand behind the text, and who is asked; none for what cannot be recorded."""
    assert request.user.is_authenticated  # login_required
    try:
        return proposals.preview_revision(found, form.entry(request.user), list(form.cleaned_data["confirmed_by"]))
    except (NotRecorded, Refused) as refused:
        add_error(form, refused)
        return []


def _clashes(found: Proposal, form: ReviseForm) -> Clashes | None:
    """Return what the form is in the middle of putting together, None where nothing is."""
    typed = form.cleaned_data
    if not typed["written"] or typed["written_on"] is None:
        return None
    base, stands = (_text_of(found, number) for number in (typed["written_on"], typed["base"]))
    return clashes_between(base, typed["written"], stands, typed["taken"])


def _text_of(found: Proposal, number: int) -> str:
    """Return the text of a step; of 0, the text from before the first step, which the first step has kept."""
    with_text = found.steps.exclude(text="").order_by("number")
    step = (with_text.filter(number=number) if number else with_text).first()
    return step.text if step is not None else ""


def _overtaken(found: Proposal, form: ReviseForm, base: int, given: dict[str, Any]) -> dict[str, object]:
    """Return the context of the page after somebody else has revised: both texts put together, clashes open."""
    typed = form.cleaned_data
    stands, written = _text_of(found, base), _text_of(found, typed["base"])
    together = merge_of(written, typed["text"], stands)
    clashes = clashes_of(together) if together.conflicts else None
    data = {**form.data, "base": base}
    if together.tree is not None:
        data["text"] = together.tree.text
    elif clashes is not None:
        data |= {"text": clashes.text, **fields_of(clashes, typed["base"], typed["text"])}
    again = ReviseForm(data, **given)
    step = found.steps.filter(number=base).select_related("on_behalf_of", "recorded_by").first()
    again.add_error(None, _said_overtaken(step, base))
    return {"form": again, "clashes": clashes, **examined(stands, str(data["text"]))}


def _said_overtaken(step: ProposalStep | None, base: int) -> str:
    who = step.on_behalf_of.local_name if step is not None and step.on_behalf_of else _("The secretariat")
    return _(
        "%(who)s revised this proposal while you were writing, in step %(base)s. Your revision is "
        "not recorded yet: the box contains both texts combined. Check it, then record it."
    ) % {"who": who, "base": base}
