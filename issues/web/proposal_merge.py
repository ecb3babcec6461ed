"""The page on which a proposal goes into a provision: which one, which words and where, and what will be recorded."""

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bracketed_text import Tree, parse
from bracketed_text.advanced import variants
from issues.access.permissions import Refused, may_restructure, provisions_to_merge_into, speaks_for
from issues.access.readership import readers_of_merging
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_proposals
from issues.actions import proposals
from issues.actions.change_previews import ChangePreview, preview_text
from issues.actions.errors import Conflict, InvalidValue, NotRecorded, ProposalRevised
from issues.forms import MergeForm
from issues.models import Proposal, Provision, Revision
from issues.models.choices import ProposalState, Visibility
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, open_clashes_message
from issues.text.ended_positions import mark_of
from issues.web import rendering
from issues.web.authors import doer, since_revision
from issues.web.bracket_links import follow
from issues.web.paging import page_of
from issues.web.previews import context_of
from issues.web.provision_cards import load_names
from issues.web.query_numbers import number
from issues.web.query_params import named
from issues.web.undo_notice import address
from issues.wording import listed, quote

PROVISIONS_A_PAGE = 50
# From the widest circle of readers to the narrowest.
CIRCLES = (Visibility.PUBLIC, Visibility.PARTICIPANTS, Visibility.GROUP)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the provision, then the words and their place; say what will be recorded; record it."""
    reader = reader_of(request.user)
    visible = visible_proposals(reader).with_standing().select_related("negotiation")
    found = get_object_or_404(visible, slug=slug, negotiation=negotiation_of(request))
    provisions = provisions_to_merge_into(reader, found).with_place()
    if found.state == ProposalState.WITHDRAWN or not provisions.exists():
        raise PermissionDenied(
            _(
                "You cannot merge this proposal into any provision: proponents can merge it into texts in "
                "their own name, facilitators into the texts of their small group, and the secretariat "
                "into any text."
            )
        )
    asked = (request.POST or request.GET).get("provision", "")
    chosen = named(provisions, asked) if asked else None
    if asked and chosen is None:
        raise Http404(_("Unknown provision."))
    if chosen is None:
        page = page_of(request, provisions, PROVISIONS_A_PAGE)
        return render(request, "issues/merge_choice.html", {"proposal": found, "page": page})
    merging = _Merging(request, reader, found, chosen)
    return merging.show() if request.method != "POST" else merging.answer()


class _Merging:
    """One proposal on its way into one provision."""

    def __init__(self, request: HttpRequest, reader: Reader, proposal: Proposal, provision: Provision) -> None:
        self.request, self.reader, self.proposal, self.provision = request, reader, proposal, provision
        self.names = load_names()
        typed_on = number(request.POST, "base")
        # Places are counted in the text that the form showed, whatever others have logged since.
        self.base: Revision = provision.revisions.filter(number=typed_on).first() or provision.revisions.latest(
            "number"
        )

    def show(self) -> HttpResponse:
        """Show the form."""
        first = {"words": self.proposal.text, "whole": self.base.text, "base": self.base.number}
        first["text_base"] = proposals.base_of(self.proposal)
        return self._page(self._form(initial=first), {})

    def answer(self) -> HttpResponse:
        """Say what would be recorded; record what was said before, or bring back what was typed."""
        form = self._form(self.request.POST.dict())
        clashes = self._clashes(form)
        if not form.is_valid():
            return self._page(form, {}, clashes, 422)
        if clashes is not None and "take" in self.request.POST:
            text, clashes = clashes.pressed(self.request.POST["take"], form.cleaned_data["whole"])
            form = self._form({**form.data, "whole": text, "taken": clashes.taken, "seen": ""})
        if clashes is not None and clashes.open and "merge" in self.request.POST:
            form.add_error(None, open_clashes_message(clashes))
            return self._page(form, {}, clashes, 422)
        return self._judged(form, clashes)

    def _judged(self, form: MergeForm, clashes: Clashes | None) -> HttpResponse:
        """Record what was said before would be, else say what would be recorded, or why it cannot be."""
        try:
            text, check = self._checked(form)
            if "merge" in self.request.POST and form.cleaned_data["seen"] == _mark(text, check):
                return self._recorded(form)
        except Conflict as conflict:
            return self._overtaken(form, conflict)
        except ProposalRevised as overtaken:
            form.data = {**form.data, "text_base": overtaken.base, "seen": ""}
            form.add_error(None, str(overtaken))
            return self._page(form, {}, clashes, 409)
        except (NotRecorded, Refused) as refused:
            form.add_error(_field(form, refused), str(refused))
            return self._page(form, {}, clashes, 422)
        form.data = {**form.data, "seen": _mark(text, check)}
        return self._page(form, context_of(check, self.names), clashes)

    def _overtaken(self, form: MergeForm, conflict: Conflict) -> HttpResponse:
        """Put the words where they were meant to go in the text that stands, and say what would be recorded now.

        Words that were typed by hand are put together with what was logged; what clashes is left to be decided.
        """
        typed, former = form.cleaned_data, self.base
        self.base = conflict.current
        data = {**form.data, "base": conflict.current.number, "seen": ""}
        clashes, gone = None, ""
        if typed["place"] == MergeForm.WHOLE and conflict.merged is not None:
            clashes = clashes_of(conflict.merged)
            data |= {"whole": clashes.text, **fields_of(clashes, former.number, typed["whole"])}
        elif typed["place"] == MergeForm.BESIDE:
            data["beside"], gone = self._bracket_now(former.number, typed["beside"])
        again = self._form(data)
        said: dict[str, object] = {}
        if gone:
            again.errors.pop("beside", None)  # that a bracket is to be chosen is said with what became of the last one
            again.add_error(None, gone)
        else:
            try:
                text, check = self._checked(again)
                again.data = {**data, "seen": _mark(text, check)}
                said = context_of(check, self.names)
            except (NotRecorded, Refused) as refused:
                again.add_error(_field(again, refused), str(refused))
        if clashes is None and not gone:
            again.add_error(None, self._said_meanwhile(former.number, conflict))
        return self._page(again, said, clashes, 409)

    def _bracket_now(self, number: int, at: int) -> tuple[int | str, str]:
        """Return where the bracket that began at `at` in that revision begins now, or "" and how it ended."""
        trace = follow(self.provision, number, at, self.names.register)
        if trace is not None and self.base.number in trace.places:
            place = trace.places[self.base.number]
            return variants(parse(self.base.text, self.names.register))[place].begin, ""
        ended = trace.end.says if trace is not None and trace.end is not None else ""
        return "", " ".join(part for part in (ended, _("Choose another place.")) if part)

    def _said_meanwhile(self, number: int, conflict: Conflict) -> str:
        """Return who logged what since that revision, and what became of the words."""
        since = since_revision(self.provision, number, self.base.number)
        if not since:
            return _("%(conflict)s Compare it with the current text.") % {"conflict": conflict}
        who = listed([f"{doer(revision, self.reader)} ({revision.number})" for revision in since])
        return _(
            "Logged while you were writing, by revision: %(who)s. Nothing you wrote has been recorded "
            "yet; what would be recorded on the current text is shown alongside."
        ) % {"who": who}

    def _clashes(self, form: MergeForm) -> Clashes | None:
        """Return what the form is in the middle of putting together, None where nothing is."""
        typed = getattr(form, "cleaned_data", {})
        written_on = self.provision.revisions.filter(number=typed.get("written_on") or 0).first()
        if written_on is None or not typed.get("written") or typed.get("place") != MergeForm.WHOLE:
            return None
        return clashes_between(written_on.text, typed["written"], self.base.text, typed.get("taken", ""))

    def _checked(self, form: MergeForm) -> tuple[str, ChangePreview]:
        typed = form.cleaned_data
        member = typed["on_behalf_of"]
        proposals.require_read(self.proposal, typed["text_base"])
        text = proposals.place_words(self.proposal, self.provision, form.placing(), member, base=typed["base"])
        check = preview_text(
            provision=self.provision,
            base=self.base,
            new_text=text,
            actor=self.reader,
            member=member,
            tabled=proposals.tabled(self.proposal),
        )
        return text, check

    def _recorded(self, form: MergeForm) -> HttpResponse:
        assert self.request.user.is_authenticated  # login_required
        step = proposals.merge_into(
            self.proposal,
            self.provision,
            form.placing(),
            form.entry(self.request.user),
            base=form.cleaned_data["base"],
            text_base=form.cleaned_data["text_base"],
        )
        assert step.revision is not None  # the database says so: proposal_step_names_the_revision
        return redirect(address(self.provision, {}, logged=step.revision.number))

    def _form(self, *args: Any, **kwargs: Any) -> MergeForm:
        """Return the form with what was sent, cleaned, or with its initial values."""
        own = speaks_for(self.reader, self.proposal.proponents.order_by("name"), self.provision.negotiation_id)
        restructures = may_restructure(self.reader, self.provision)
        form = MergeForm(
            *args,
            members=own,
            nobody=_("All proponents that have confirmed its text") if restructures else "",
            brackets=_brackets(parse(self.base.text, self.names.register)),
            read_by=readers_of_merging(self.proposal, self.provision),
            **kwargs,
        )
        form.full_clean()
        return form

    def _page(
        self, form: MergeForm, checked: dict[str, object], clashes: Clashes | None = None, status: int = 200
    ) -> HttpResponse:
        written_on = form.cleaned_data["written_on"] if clashes and form.is_bound else None
        since = [] if written_on is None else since_revision(self.provision, written_on, self.base.number)
        context = {
            "clashes": clashes,
            "meanwhile": [(revision, doer(revision, self.reader)) for revision in since],
            "proposal": self.proposal,
            "provision": self.provision,
            "base": self.base,
            "base_html": rendering.render(parse(self.base.text, self.names.register), self.names.of),
            "form": form,
            "wider": _wider(self.proposal, self.provision),
            "standing": self.proposal.standing,
            "left_out": proposals.left_out(self.proposal),
            **checked,
        }
        return render(self.request, "issues/merge_proposal.html", context, status=status)


def _brackets(tree: Tree) -> list[tuple[int, str]]:
    """Return the brackets beside which words may go, each by where it begins and in its own words."""
    return [(bracket.start, quote(tree.text[bracket.start : bracket.end])) for bracket, _ in tree.walk()]


def _wider(proposal: Proposal, provision: Provision) -> str:
    """Return who may read the provision, where that are more than may read the proposal."""
    wider = CIRCLES.index(Visibility(provision.visibility)) < CIRCLES.index(Visibility(proposal.visibility))
    return provision.get_visibility_display() if wider else ""


def _mark(text: str, check: ChangePreview) -> str:
    """Return the mark of a text of which was said what will be recorded, and whose positions end."""
    return hashlib.sha256(f"{mark_of(check.ends)} {text}".encode("utf-8", "surrogatepass")).hexdigest()


def _field(form: MergeForm, refused: Exception) -> str | None:
    """Return the field that a refusal is about, None for the form as a whole."""
    if isinstance(refused, InvalidValue):
        return refused.field if refused.field in form.fields else None
    if isinstance(refused, NotRecorded):
        return "whole" if form.cleaned_data["place"] == MergeForm.WHOLE else "words"
    return None
