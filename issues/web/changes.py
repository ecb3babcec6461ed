"""The page on which a new text of a provision is written, checked and logged.

If someone else logged a change in the meantime, both changes are merged in the form, and the reader resolves any
conflicts. If a change is refused, the form is shown again with everything that the reader typed.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from issues.access.permissions import Refused, may_correct_any, may_log
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.actions import changes
from issues.actions.change_previews import ChangePreview, preview_change, preview_text
from issues.actions.clock import default_day_of
from issues.actions.corrections import may_correct, text_without
from issues.actions.edits import TextChange
from issues.actions.errors import Conflict, ConflictOnDay, InvalidValue, NotRecorded, TextRefused
from issues.forms import ChangeForm
from issues.models import Provision, Revision
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, open_clashes_message
from issues.text.stored import stored_tree
from issues.web import rendering
from issues.web.authors import author_of, revisions_between
from issues.web.confirmations import Question, about_positions
from issues.web.demonstration import deny_invented
from issues.web.previews import context_of
from issues.web.provision_cards import Names, load_names
from issues.web.query_params import number
from issues.web.undo_notice import panel_url
from members.models import Member


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a change, check the change, or log it. An invalid form is shown again with the reasons."""
    actor, provision, base = _target(request, slug)
    page = _Page(request, actor, provision, base)
    if request.method != "POST":
        return page.show(page.form(initial=_initial(request, actor, provision, base)))
    form = page.form(request.POST.dict())
    if not form.is_valid():
        return page.show(form, page.clashes(form), status=422)
    clashes = page.clashes(form)
    if clashes is not None and "take" in request.POST:
        text, clashes = clashes.pressed(request.POST["take"], form.cleaned_data["text"])
        form = page.form({**form.data, "text": text, "taken": clashes.taken})
        return page.show(form, clashes)
    if "check" in request.POST:
        return page.show(form, clashes)
    if clashes is not None and clashes.open:
        form.add_error(None, open_clashes_message(clashes))
        return page.show(form, clashes, status=422)
    if "as_correction" in request.POST:
        form = page.form({**form.data, "corrects": request.POST["as_correction"]})
    question = page.question(form)
    if question is not None:
        return page.show(form, clashes, question=question)
    return _record_or_show(page, form, clashes)


def _record_or_show(page: "_Page", form: ChangeForm, clashes: Clashes | None) -> HttpResponse:
    """Log the change and redirect to the provision. If the change is refused, show the form with the reason."""
    try:
        revision = _record(form, page.provision, page.request)
    except ConflictOnDay as conflict:
        form.add_error("made_on", day_conflict_message(conflict))
        return page.show(form, clashes, status=409)
    except Conflict as conflict:
        return page.conflicting(form, conflict)
    except InvalidValue as refused:
        form.add_error(refused.field if refused.field in form.fields else "text", str(refused))
        return page.show(form, clashes, status=422)
    except (NotRecorded, Refused) as refused:
        form.add_error("text", str(refused))
        return page.show(form, clashes, status=422)
    together = {"together": 1} if revision.number - 1 > form.cleaned_data["base_revision"] else {}
    return redirect(panel_url(page.provision, {}, logged=revision.number, **together))


@login_required
@require_POST
def check_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the preview of a change as a fragment of the page, requested while the reader types."""
    actor, provision, base = _target(request, slug)
    form = ChangeForm(request.POST, actor=actor, provision=provision, base=base)
    return render(request, "issues/_check.html", _checked(form, provision, base, actor, load_names()))


def _target(request: HttpRequest, slug: str) -> tuple[Reader, Provision, Revision | None]:
    """Return the actor, the provision, and its current revision, which is None before the first text is logged.

    Raise Http404 if the reader may not see the provision, and PermissionDenied if the reader may not log changes. Only
    the secretariat may log the first text.
    """
    actor = reader_of(request.user)
    provisions = visible_provisions(actor).with_place().filter(negotiation=negotiation_of(request))
    provision = get_object_or_404(provisions, slug=slug)
    base = provision.revisions.order_by("-number").first()
    if base is None and not may_correct_any(actor, provision.negotiation_id):
        raise Http404(_("Unknown provision."))
    deny_invented(actor, provision)
    if not may_log(actor, provision):
        raise PermissionDenied(
            _("You do not act for any member in this negotiation and are not a facilitator of this text's small group.")
        )
    if base is not None:
        base.provision = provision
    return actor, provision, base


def _initial(request: HttpRequest, actor: Reader, provision: Provision, base: Revision | None) -> dict[str, object]:
    """Return the initial form values: the current text or, for a correction, that text without the mistaken entry."""
    initial: dict[str, object] = {
        "made_on": default_day_of(provision),
        "text": base.text if base else "",
        "base_revision": base.number if base else 0,
        "on_behalf_of": Member.objects.filter(pk__in=actor.members_in(provision.negotiation_id)).first(),
    }
    mistake = number(request.GET.dict(), "corrects")
    entry = base.provision.revisions.filter(number=mistake).first() if base else None
    if base is None or entry is None or not may_correct(actor, entry):
        return initial
    return {
        **initial,
        "text": text_without(entry, base),
        "corrects": entry.number,
        "on_behalf_of": entry.on_behalf_of,
        "reason": f"Correction of revision {entry.number}",
    }


def _record(form: ChangeForm, provision: Provision, request: HttpRequest) -> Revision:
    assert request.user.is_authenticated  # ensured by login_required
    return changes.log(
        form.text_change(provision), actor=request.user, idempotency_key=form.cleaned_data["idempotency_key"]
    )


class _Page:
    """The page for a change: its form, the merge with changes by others, and the preview."""

    def __init__(self, request: HttpRequest, actor: Reader, provision: Provision, base: Revision | None) -> None:
        self.request, self.actor, self.provision, self.base = request, actor, provision, base
        self.checked: tuple[ChangeForm, dict[str, object]] | None = None

    def form(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> ChangeForm:
        """Return the form, cleaned, with the submitted data or its initial values."""
        form = ChangeForm(data, actor=self.actor, provision=self.provision, base=self.base, **kwargs)
        form.full_clean()
        return form

    def clashes(self, form: ChangeForm) -> Clashes | None:
        """Return the merge in progress in the form, or None if there is no merge."""
        typed = form.cleaned_data
        texts = self._texts(typed.get("written_on"), typed.get("base_revision"))
        if len(texts) < 2 or not typed.get("written"):
            return None
        return clashes_between(texts[0], typed["written"], texts[1], typed.get("taken", ""))

    def conflicting(self, form: ChangeForm, conflict: Conflict) -> HttpResponse:
        """Return the page with both changes merged. Only the conflicts between them remain to be resolved."""
        data = {**form.data, "base_revision": conflict.current.number}
        clashes = None
        if conflict.merged is not None:
            written_on, written = form.cleaned_data["base_revision"], form.cleaned_data["text"]
            clashes = clashes_of(conflict.merged)
            data |= {"text": clashes.text, **fields_of(clashes, written_on, written)}
        self.base = conflict.current
        self.checked = None
        again = self.form(data)
        if clashes is None:
            again.add_error(
                None,
                _("%(conflict)s Compare your text with the current text, then log it again.") % {"conflict": conflict},
            )
        return self.show(again, clashes, status=409)

    def question(self, form: ChangeForm) -> Question | None:
        """Return the question to ask before ending the positions of other members, or None."""
        check = self._check(form).get("check")
        if not isinstance(check, ChangePreview) or not check.can_be_logged:
            return None
        return about_positions(check.ends, self.request.POST.get("confirmed", ""), _("Log it anyway"))

    def _check(self, form: ChangeForm) -> dict[str, object]:
        """Return the context of the preview of `form`, computed once."""
        if self.checked is None or self.checked[0] is not form:
            self.checked = (form, _checked(form, self.provision, self.base, self.actor, load_names()))
        return self.checked[1]

    def show(
        self, form: ChangeForm, clashes: Clashes | None = None, *, question: Question | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page. A submitted form is shown with its preview."""
        names, typed = load_names(), form.cleaned_data if clashes else {}
        since = revisions_between(self.provision, typed["written_on"], typed["base_revision"]) if typed else []
        context = {
            "clashes": clashes,
            "meanwhile": [(revision, author_of(revision, self.actor)) for revision in since],
            "form": form,
            "base": self.base,
            "provision": self.provision,
            "demonstration": self.provision.demonstration,
            "base_html": _html(self.base, names) if self.base else "",
            "question": question,
            **(self._check(form) if form.is_bound else {}),
        }
        return render(self.request, "issues/log_change.html", context, status=status)

    def _texts(self, *numbers: int | None) -> list[str]:
        """Return the texts of those revisions in `numbers` that exist, in the same order."""
        present = [number for number in numbers if number is not None]
        known = dict(self.provision.revisions.filter(number__in=present).values_list("number", "text"))
        return [known[number] for number in present if number in known]


def day_conflict_message(conflict: ConflictOnDay) -> str:
    """Return a message stating that the change could not have been made on the given date, with advice."""
    return _("%(conflict)s Nothing was recorded. Enter a later date or change other words.") % {"conflict": conflict}


def _html(revision: Revision, names: Names) -> SafeString:
    return rendering.render(stored_tree(revision, names.register), names.of)


def _checked(
    form: ChangeForm, provision: Provision, base: Revision | None, actor: Reader, names: Names
) -> dict[str, object]:
    """Return the context of the preview, with the change as merged with others' or the reason for its refusal."""
    if not form.is_valid() and "text" in form.errors:
        return {"unreadable": " ".join(str(error) for error in form.errors["text"])}
    member = form.cleaned_data.get("on_behalf_of")
    text, written_on = form.cleaned_data.get("text", ""), form.cleaned_data.get("base_revision")
    try:
        corrects = form.cleaned_data.get("corrects")
        if base is None or written_on is None:
            check = preview_text(
                provision=provision, base=base, new_text=text, actor=actor, member=member, corrects=corrects
            )
        else:
            check = preview_change(
                TextChange(
                    provision,
                    base_revision=written_on,
                    edit=text,
                    on_behalf_of=member,
                    corrects=corrects,
                    made_on=form.cleaned_data.get("made_on"),
                ),
                actor=actor,
            )
    except ConflictOnDay as conflict:
        return {"unreadable": day_conflict_message(conflict)}
    except Conflict as conflict:
        return {"meets": str(conflict)}
    except TextRefused as refused:
        return {"unreadable": str(refused)}
    offered = check.takes_back if not form.cleaned_data.get("corrects") else None
    return {**context_of(check, names), "takes_back": offered}
