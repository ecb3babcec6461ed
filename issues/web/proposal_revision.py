"""The page on which the proponents of a proposal revise its text.

If another revision was recorded while the reader was writing, both texts are merged in the form, and the reader
resolves any conflicts.
"""

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
from issues.actions.clock import default_day
from issues.actions.errors import NotRecorded, ProposalRevised, TextRefused
from issues.forms import ReviseForm
from issues.models import Proposal, ProposalStep
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, merge_of, open_clashes_message
from issues.text.ended_positions import EndedPositions
from issues.text.member_names import load_register
from issues.web.confirmations import about_positions
from issues.web.demonstration import deny_invented
from issues.web.proposal_actions import add_error, checked_text
from issues.web.proposals import Offer, get_proposal, html_of, offer_of
from issues.web.provision_cards import load_names


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a new text, check the text, or record it. An invalid form is shown again with the reasons."""
    proposal = get_proposal(request, slug)
    reader = reader_of(request.user)
    deny_invented(reader, proposal)
    offer = offer_of(reader, proposal)
    if not offer.may_revise:
        raise PermissionDenied(
            _(
                "A proposal can be revised only by its proponents, and only until it is withdrawn or "
                "merged into the text."
            )
        )
    page = _Page(request, proposal, offer)
    if request.method != "POST":
        first = {"text": proposal.text, "base": proposals.base_of(proposal)}
        return page.show(page.form(initial=first))
    form = page.form({**request.POST.dict(), "confirmed_by": request.POST.getlist("confirmed_by")})
    if not form.is_valid():
        return page.show(form, status=422)
    clashes = page.clashes(form)
    if clashes is not None and "take" in request.POST:
        return page.take(form, clashes)
    if "check" in request.POST:
        return page.show(form, clashes, page.checked(form))
    if clashes is not None and clashes.open:
        form.add_error(None, open_clashes_message(clashes))
        return page.show(form, clashes, status=422)
    question = about_positions(_ended(proposal, form), request.POST.get("confirmed", ""))
    if question is not None:
        return page.show(form, clashes, {**page.checked(form), "question": question})
    return _record(page, form, clashes)


def _record(page: "_Page", form: ReviseForm, clashes: Clashes | None) -> HttpResponse:
    """Record the revision and redirect to the proposal. If it is refused, show the form with the reason."""
    typed = dict(form.cleaned_data)
    assert page.request.user.is_authenticated  # ensured by login_required
    try:
        proposals.revise(
            page.proposal,
            typed["text"],
            form.entry(page.request.user),
            base=typed["base"],
            symbol=typed["symbol"],
            confirmed_by=list(typed["confirmed_by"]),
        )
    except ProposalRevised as overtaken:
        return page.overtaken(form, overtaken.base)
    except (NotRecorded, Refused) as refused:
        add_error(form, refused)
        return page.show(form, clashes, checked_text(page.proposal.text, typed["text"]), status=422)
    member = typed["on_behalf_of"]
    messages.success(
        page.request,
        _("Revised on behalf of %(member)s. The earlier text stays in the history.") % {"member": member.local_name}
        if member
        else _("Revised. The earlier text stays in the history."),
    )
    return redirect("proposal", slug=page.proposal.slug)


class _Page:
    """The page for a revision: its form, the merge with a revision by others, and the preview."""

    def __init__(self, request: HttpRequest, proposal: Proposal, offer: Offer) -> None:
        self.request, self.proposal, self.offer = request, proposal, offer

    def form(self, data: dict[str, Any] | None = None, **kwargs: Any) -> ReviseForm:
        """Return the form with the submitted data or its initial values."""
        return ReviseForm(
            data,
            members=self.offer.own,
            nobody=self.offer.nobody,
            confirming=self.offer.confirming,
            read_by=readers_of_proposal(self.proposal),
            day=default_day(self.proposal.negotiation, self.request.user),
            **kwargs,
        )

    def show(
        self,
        form: ReviseForm,
        clashes: Clashes | None = None,
        preview: dict[str, object] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page with the form, any open conflicts and the preview."""
        context: dict[str, object] = {
            "proposal": self.proposal,
            "demonstration": self.proposal.demonstration,
            "text_html": html_of(self.proposal.text, load_names()),
            "asks_others": len(self.proposal.standing.proponents) > 1,
            "form": form,
            "clashes": clashes,
            **(preview or {}),
        }
        return render(self.request, "issues/revise_proposal.html", context, status=status)

    def take(self, form: ReviseForm, clashes: Clashes) -> HttpResponse:
        """Return the page after a button has resolved a conflict."""
        text, clashes = clashes.pressed(self.request.POST["take"], form.cleaned_data["text"])
        form = self.form({**form.data, "text": text, "taken": clashes.taken})
        return self.show(form, clashes, checked_text(self.proposal.text, text))

    def checked(self, form: ReviseForm) -> dict[str, object]:
        """Return the context for the preview: the changes, the positions that end, and the support for the text."""
        context = checked_text(self.proposal.text, form.cleaned_data["text"])
        check = context.get("check")
        if isinstance(check, ChangePreview):
            context["check"] = replace(check, ends=_ended(self.proposal, form))
        return {**context, "support": self._support(form)}

    def _support(self, form: ReviseForm) -> list[str]:
        """Return sentences that name the members that will support the text and those that will be asked to support it.

        Return an empty list if the revision cannot be recorded.
        """
        assert self.request.user.is_authenticated  # ensured by login_required
        confirmed_by = list(form.cleaned_data["confirmed_by"])
        try:
            return proposals.preview_revision(self.proposal, form.entry(self.request.user), confirmed_by)
        except (NotRecorded, Refused) as refused:
            add_error(form, refused)
            return []

    def clashes(self, form: ReviseForm) -> Clashes | None:
        """Return the merge in progress in the form, or None if there is no merge."""
        typed = form.cleaned_data
        if not typed["written"] or typed["written_on"] is None:
            return None
        base, current = (_text_of(self.proposal, number) for number in (typed["written_on"], typed["base"]))
        return clashes_between(base, typed["written"], current, typed["taken"])

    def overtaken(self, form: ReviseForm, base: int) -> HttpResponse:
        """Return the page after others have revised the text in step `base`.

        Both texts are merged, and any conflicts remain to be resolved.
        """
        typed = form.cleaned_data
        current, written_on = _text_of(self.proposal, base), _text_of(self.proposal, typed["base"])
        merge = merge_of(written_on, typed["text"], current)
        clashes = clashes_of(merge) if merge.conflicts else None
        data = {**form.data, "base": base}
        if merge.tree is not None:
            data["text"] = merge.tree.text
        elif clashes is not None:
            data |= {"text": clashes.text, **fields_of(clashes, typed["base"], typed["text"])}
        merged = self.form(data)
        step = self.proposal.steps.filter(number=base).select_related("on_behalf_of", "recorded_by").first()
        merged.add_error(None, _overtaken_message(step, base))
        return self.show(merged, clashes, checked_text(current, str(data["text"])), status=409)


def _ended(proposal: Proposal, form: ReviseForm) -> list[EndedPositions]:
    """Return the positions of other members that a revision ends, or an empty list if it cannot be recorded."""
    typed = form.cleaned_data
    if typed["base"] != proposals.base_of(proposal):
        return []
    try:
        preview_wording(proposal.text, typed["text"])
    except TextRefused:
        return []
    register = load_register()
    old, new = parse(proposal.text, register), parse(typed["text"], register)
    return others_positions_ended(old, new, typed["on_behalf_of"])


def _text_of(proposal: Proposal, number: int) -> str:
    """Return the text after a step. For step 0, return the text before the first step, which that step stores."""
    with_text = proposal.steps.exclude(text="").order_by("number")
    step = (with_text.filter(number=number) if number else with_text).first()
    return step.text if step is not None else ""


def _overtaken_message(step: ProposalStep | None, base: int) -> str:
    who = step.on_behalf_of.local_name if step is not None and step.on_behalf_of else _("The secretariat")
    return _(
        "%(who)s revised this proposal (step %(base)s) while you were writing. Your revision has not been "
        "recorded yet. The box combines both texts. Check the result, then record it."
    ) % {"who": who, "base": base}
