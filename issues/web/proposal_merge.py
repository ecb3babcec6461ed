"""The page on which a proposal is merged into a provision.

The reader chooses the provision, then the wording and the place at which to insert it. The page shows a preview, and
the merge is recorded only if its result still matches the preview. If others have changed the text in the meantime, the
chosen place is located in the new text, and a whole text edited by hand is merged with the changes.
"""

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bracketed_text import Tree
from bracketed_text.advanced import variants
from issues.access.merging import provisions_to_merge_into
from issues.access.permissions import Refused, may_restructure, speaks_for
from issues.access.readership import readers_of_merging
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_proposals
from issues.actions import proposals
from issues.actions.change_previews import ChangePreview, preview_text
from issues.actions.clock import default_day_of
from issues.actions.errors import Conflict, InvalidValue, NotRecorded, ProposalRevised
from issues.forms import MergeForm
from issues.models import Proposal, Provision, Revision
from issues.models.choices import ProposalState, Visibility
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, open_clashes_message
from issues.text.ended_positions import mark_of
from issues.text.stored import stored_tree
from issues.web import rendering
from issues.web.authors import author_of, revisions_between
from issues.web.bracket_links import follow
from issues.web.demonstration import deny_invented
from issues.web.paging import page_of
from issues.web.previews import context_of
from issues.web.provision_cards import load_names
from issues.web.query_params import number, row_with_slug
from issues.web.undo_notice import panel_url
from issues.wording import listed, quote

PROVISIONS_A_PAGE = 50
# Ordered from the most readers to the fewest.
CIRCLES = (Visibility.PUBLIC, Visibility.PARTICIPANTS, Visibility.GROUP)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the available provisions or the form for one of them, preview the merge, or record it."""
    reader = reader_of(request.user)
    visible = visible_proposals(reader).with_standing().select_related("negotiation")
    proposal = get_object_or_404(visible, slug=slug, negotiation=negotiation_of(request))
    deny_invented(reader, proposal)
    provisions = provisions_to_merge_into(reader, proposal).with_place()
    if proposal.state == ProposalState.WITHDRAWN or not provisions.exists():
        raise PermissionDenied(
            _(
                "You cannot merge this proposal into any provision: proponents can merge it into texts in "
                "their own name, facilitators into the texts of their small group, and the secretariat "
                "into any text."
            )
        )
    provision_slug = (request.POST or request.GET).get("provision", "")
    chosen = row_with_slug(provisions, provision_slug) if provision_slug else None
    if provision_slug and chosen is None:
        raise Http404(_("Unknown provision."))
    if chosen is None:
        page = page_of(request, provisions, PROVISIONS_A_PAGE)
        demonstration = proposal.demonstration or any(provision.demonstration for provision in page)
        context = {"proposal": proposal, "page": page, "demonstration": demonstration}
        return render(request, "issues/merge_choice.html", context)
    merging = _Merging(request, reader, proposal, chosen)
    return merging.show() if request.method != "POST" else merging.respond()


class _Merging:
    """The merge of one proposal into one provision."""

    def __init__(self, request: HttpRequest, reader: Reader, proposal: Proposal, provision: Provision) -> None:
        self.request, self.reader, self.proposal, self.provision = request, reader, proposal, provision
        self.names = load_names()
        typed_on = number(request.POST, "base")
        # Offsets refer to the text that the form showed, even if others have since changed the text.
        self.base: Revision = provision.revisions.filter(number=typed_on).first() or provision.revisions.latest(
            "number"
        )

    def show(self) -> HttpResponse:
        """Return the page with the form."""
        first = {"words": self.proposal.text, "whole": self.base.text, "base": self.base.number}
        first["text_base"] = proposals.base_of(self.proposal)
        return self._page(self._form(initial=first), {})

    def respond(self) -> HttpResponse:
        """Return the response to a submitted form: a preview of the merge, or a redirect once the merge is recorded."""
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
        return self._preview_or_record(form, clashes)

    def _preview_or_record(self, form: MergeForm, clashes: Clashes | None) -> HttpResponse:
        """Record the merge if the reader has seen its preview. Otherwise, show the preview or the refusal."""
        try:
            text, check = self._checked_text(form)
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
        """Return the page after others have changed the text, with the wording at its place in the new text.

        A whole text edited by hand is merged with the changes, and the reader resolves any conflicts.
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
        preview: dict[str, object] = {}
        if gone:
            again.errors.pop("beside", None)  # the message about the ended bracket already asks for another bracket
            again.add_error(None, gone)
        else:
            try:
                text, check = self._checked_text(again)
                again.data = {**data, "seen": _mark(text, check)}
                preview = context_of(check, self.names)
            except (NotRecorded, Refused) as refused:
                again.add_error(_field(again, refused), str(refused))
        if clashes is None and not gone:
            again.add_error(None, self._conflict_message(former.number, conflict))
        return self._page(again, preview, clashes, 409)

    def _bracket_now(self, number: int, at: int) -> tuple[int | str, str]:
        """Return the current offset of the bracket at `at` in revision `number`, or "" and a message that it ended."""
        trace = follow(self.provision, number, at, self.names.register)
        if trace is not None and self.base.number in trace.indexes:
            index = trace.indexes[self.base.number]
            return variants(stored_tree(self.base, self.names.register))[index].begin, ""
        ended = trace.end.sentence if trace is not None and trace.end is not None else ""
        return "", " ".join(part for part in (ended, _("Choose another location.")) if part)

    def _conflict_message(self, number: int, conflict: Conflict) -> str:
        """Return a message that names the authors of changes since revision `number` and explains the page."""
        since = revisions_between(self.provision, number, self.base.number)
        if not since:
            return _("%(conflict)s Compare your change with the current text.") % {"conflict": conflict}
        who = listed([f"{author_of(revision, self.reader)} ({revision.number})" for revision in since])
        return _(
            "While you were writing, changes were logged by %(who)s. Your change has not been recorded yet. Its "
            "effect on the current text is shown alongside."
        ) % {"who": who}

    def _clashes(self, form: MergeForm) -> Clashes | None:
        """Return the merge of texts in progress in the form, or None if there is no such merge."""
        typed = getattr(form, "cleaned_data", {})
        written_on = self.provision.revisions.filter(number=typed.get("written_on") or 0).first()
        if written_on is None or not typed.get("written") or typed.get("place") != MergeForm.WHOLE:
            return None
        return clashes_between(written_on.text, typed["written"], self.base.text, typed.get("taken", ""))

    def _checked_text(self, form: MergeForm) -> tuple[str, ChangePreview]:
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
        assert self.request.user.is_authenticated  # ensured by login_required
        step = proposals.merge_into(
            self.proposal,
            self.provision,
            form.placing(),
            form.entry(self.request.user),
            base=form.cleaned_data["base"],
            text_base=form.cleaned_data["text_base"],
        )
        assert step.revision is not None  # guaranteed by the constraint proposal_step_names_the_revision
        return redirect(panel_url(self.provision, {}, logged=step.revision.number))

    def _form(self, *args: Any, **kwargs: Any) -> MergeForm:
        """Return the form, cleaned, with the submitted data or its initial values."""
        own = speaks_for(self.reader, self.proposal.proponents.order_by("name"), self.provision.negotiation_id)
        restructures = may_restructure(self.reader, self.provision)
        form = MergeForm(
            *args,
            members=own,
            nobody=_("All proponents that have confirmed its text") if restructures else "",
            brackets=_brackets(stored_tree(self.base, self.names.register)),
            read_by=readers_of_merging(self.proposal, self.provision),
            day=default_day_of(self.provision),
            **kwargs,
        )
        form.full_clean()
        return form

    def _page(
        self, form: MergeForm, checked: dict[str, object], clashes: Clashes | None = None, status: int = 200
    ) -> HttpResponse:
        written_on = form.cleaned_data["written_on"] if clashes and form.is_bound else None
        since = [] if written_on is None else revisions_between(self.provision, written_on, self.base.number)
        context = {
            "clashes": clashes,
            "meanwhile": [(revision, author_of(revision, self.reader)) for revision in since],
            "proposal": self.proposal,
            "provision": self.provision,
            "demonstration": self.provision.demonstration or self.proposal.demonstration,
            "base": self.base,
            "base_html": rendering.render(stored_tree(self.base, self.names.register), self.names.of),
            "form": form,
            "wider": _wider(self.proposal, self.provision),
            "standing": self.proposal.standing,
            "left_out": proposals.left_out(self.proposal),
            **checked,
        }
        return render(self.request, "issues/merge_proposal.html", context, status=status)


def _brackets(tree: Tree) -> list[tuple[int, str]]:
    """Return the offset and the wording of each bracket beside which words can be inserted."""
    return [(bracket.start, quote(tree.text[bracket.start : bracket.end])) for bracket, _ in tree.walk()]


def _wider(proposal: Proposal, provision: Provision) -> str:
    """Return a phrase for the readers of the provision if it has more readers than the proposal, otherwise ""."""
    wider = CIRCLES.index(Visibility(provision.visibility)) < CIRCLES.index(Visibility(proposal.visibility))
    return provision.get_visibility_display() if wider else ""


def _mark(text: str, check: ChangePreview) -> str:
    """Return a hash of a previewed text and the positions that end with it."""
    return hashlib.sha256(f"{mark_of(check.ends)} {text}".encode("utf-8", "surrogatepass")).hexdigest()


def _field(form: MergeForm, refused: Exception) -> str | None:
    """Return the name of the field that a refusal concerns, or None if it concerns the form as a whole."""
    if isinstance(refused, InvalidValue):
        return refused.field if refused.field in form.fields else None
    if isinstance(refused, NotRecorded):
        return "whole" if form.cleaned_data["place"] == MergeForm.WHOLE else "words"
    return None
