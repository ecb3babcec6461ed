"""The pages on which a change is logged. They ask `changes`, and bring back what was typed whatever it says."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from issues import changes
from issues.access.permissions import Refused, may_log
from issues.access.visibility import Reader, negotiation_of, reader_of, visible_provisions
from issues.brackets import Conflict as Place
from issues.brackets import parse
from issues.forms import ChangeForm
from issues.models import Provision, Revision
from issues.web import rendering
from issues.web.cards import Names, load_names
from issues.web.checks import context_of
from issues.web.touching import number
from members.models import Member

# As many places of a conflict as the page shows.
PLACES_SHOWN = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a change; log it, or say at its place why not."""
    actor, provision, base = _asked_for(request, slug)
    if request.method != "POST":
        form = ChangeForm(initial=_initial(request, actor, base), actor=actor, provision=provision, base=base)
        return _page(request, form, provision, base)
    form = ChangeForm(request.POST.dict(), actor=actor, provision=provision, base=base)
    if not form.is_valid():
        return _page(request, form, provision, base, actor, status=422)
    if "check" in request.POST:
        return _page(request, form, provision, base, actor)
    try:
        revision = _log(form, provision, request)
    except changes.Conflict as conflict:
        # What was typed stays; logged again, it is a change of the text that stands now.
        form.data = {**form.data, "base_revision": conflict.current.number}
        form.add_error(None, str(conflict))
        return _page(request, form, provision, conflict.current, actor, status=409, places=conflict.places)
    except (changes.NotLogged, Refused) as refused:
        form.add_error("text", str(refused))
        return _page(request, form, provision, base, actor, status=422)
    since = revision.number - 1 - form.cleaned_data["base_revision"]
    together = _(", together with what others logged while you were writing") if since > 0 else ""
    messages.success(
        request, _("Logged as revision %(number)s%(together)s.") % {"number": revision.number, "together": together}
    )
    return redirect("provision", slug=slug)


@login_required
@require_POST
def check_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Return what would be recorded, as a fragment of the page; asked while somebody types."""
    actor, provision, base = _asked_for(request, slug)
    form = ChangeForm(request.POST, actor=actor, provision=provision, base=base)
    return render(request, "issues/_check.html", _checked(form, provision, base, actor, load_names()))


def _asked_for(request: HttpRequest, slug: str) -> tuple[Reader, Provision, Revision | None]:
    """Return who acts, on which text, and what stands, None before its first text is logged.

    404 where it may not be read, 403 where nothing may be logged. A text without a revision is the secretariat's.
    """
    actor = reader_of(request.user)
    provisions = visible_provisions(actor).with_place().filter(negotiation=negotiation_of(request))
    provision = get_object_or_404(provisions, slug=slug)
    base = provision.revisions.order_by("-number").first()
    if base is None and not actor.secretariat:
        raise Http404(_("No such provision."))
    if not may_log(actor, provision):
        raise PermissionDenied(_("You act for no member here, and are not the facilitator of this text's small group."))
    if base is not None:
        base.provision = provision
    return actor, provision, base


def _initial(request: HttpRequest, actor: Reader, base: Revision | None) -> dict[str, object]:
    """Return the text that stands, to be changed; for a correction, without what the mistaken entry did to it."""
    initial: dict[str, object] = {
        "text": base.text if base else "",
        "base_revision": base.number if base else 0,
        "on_behalf_of": Member.objects.filter(pk__in=actor.members).first(),
    }
    mistake = number(request.GET.dict(), "corrects")
    entry = base.provision.revisions.filter(number=mistake).first() if base else None
    if base is None or entry is None or not actor.secretariat:
        return initial
    return {
        **initial,
        "text": changes.without(entry, base),
        "corrects": entry.number,
        "on_behalf_of": entry.on_behalf_of,
        "reason": f"Correction of revision {entry.number}",
    }


def _log(form: ChangeForm, provision: Provision, request: HttpRequest) -> Revision:
    typed = form.cleaned_data
    assert request.user.is_authenticated  # login_required
    return changes.log(
        provision=provision,
        base_revision=typed["base_revision"],
        new_text=typed["text"],
        actor=request.user,
        on_behalf_of=typed["on_behalf_of"],
        made_on=typed["made_on"],
        reason=typed["reason"],
        source=typed["source"],
        corrects=typed["corrects"],
        idempotency_key=typed["idempotency_key"],
    )


def _page(
    request: HttpRequest,
    form: ChangeForm,
    provision: Provision,
    base: Revision | None,
    actor: Reader | None = None,
    status: int = 200,
    places: Sequence[Place] = (),
) -> HttpResponse:
    names = load_names()
    context = {
        "conflicts": places[:PLACES_SHOWN],
        "form": form,
        "base": base,
        "provision": provision,
        "base_html": _html(base.text, names) if base else "",
        **(_checked(form, provision, base, actor, names) if actor is not None else {}),
    }
    return render(request, "issues/log_change.html", context, status=status)


def _html(text: str, names: Names) -> SafeString:
    return rendering.render(parse(text, names.register), names.of)


def _checked(
    form: ChangeForm, provision: Provision, base: Revision | None, actor: Reader, names: Names
) -> dict[str, object]:
    """Return the context of the check: what would be recorded, or why the text cannot be read."""
    if not form.is_valid() and "text" in form.errors:
        return {"unreadable": " ".join(str(error) for error in form.errors["text"])}
    try:
        check = changes.check(
            provision=provision,
            base=base,
            new_text=form.cleaned_data.get("text", ""),
            actor=actor,
            member=form.cleaned_data.get("on_behalf_of"),
        )
    except changes.TextRefused as refused:
        return {"unreadable": str(refused)}
    return context_of(check, names)
