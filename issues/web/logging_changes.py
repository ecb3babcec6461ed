"""The pages on which a change is logged. They ask `changes`, and bring back what was typed whatever it says."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from issues import changes
from issues.access import Refused, may_log
from issues.brackets import parse
from issues.forms import ChangeForm
from issues.models import Provision, Revision
from issues.queries import Reader, current_revisions, default_negotiation, reader_of
from issues.web import rendering
from issues.web.cards import Names, load_names
from issues.web.checks import context_of
from members.models import Member


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a change; log it, or say at its place why not."""
    actor, base = _actor_and_base(request, slug)
    if request.method != "POST":
        member = Member.objects.filter(pk__in=actor.members).first()
        initial = {"text": base.text, "base_revision": base.number, "on_behalf_of": member}
        return _page(request, ChangeForm(initial=initial, actor=actor, base=base), base)
    form = ChangeForm(request.POST.dict(), actor=actor, base=base)
    if not form.is_valid():
        return _page(request, form, base, actor, status=422)
    if "check" in request.POST:
        return _page(request, form, base, actor)
    try:
        revision = _log(form, base.provision, request)
    except changes.Conflict as conflict:
        # What was typed stays; logged again, it is a change of the text that stands now.
        form.data = {**form.data, "base_revision": conflict.current.number}
        form.add_error(None, str(conflict))
        return _page(request, form, conflict.current, actor, status=409)
    except (changes.NotLogged, Refused) as refused:
        form.add_error("text", str(refused))
        return _page(request, form, base, actor, status=422)
    since = revision.number - 1 - form.cleaned_data["base_revision"]
    together = ", together with what others logged while you were writing" if since > 0 else ""
    messages.success(request, f"Logged as revision {revision.number}{together}.")
    return redirect("provision", slug=slug)


@login_required
@require_POST
def check_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Return what would be recorded, as a fragment of the page; asked while somebody types."""
    actor, base = _actor_and_base(request, slug)
    form = ChangeForm(request.POST, actor=actor, base=base)
    return render(request, "issues/_check.html", _checked(form, base, actor, load_names()))


def _actor_and_base(request: HttpRequest, slug: str) -> tuple[Reader, Revision]:
    """Return who acts and the text that stands; 404 where it may not be read, 403 where nothing may be logged."""
    actor = reader_of(request.user)
    revisions = current_revisions(actor).with_place()
    base = revisions.filter(provision__slug=slug, provision__negotiation=default_negotiation()).first()
    if base is None:
        raise Http404("No such provision.")
    if not may_log(actor, base.provision):
        raise PermissionDenied("You act for no member here, and are not the facilitator of this text's small group.")
    return actor, base


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
        idempotency_key=typed["idempotency_key"],
    )


def _page(
    request: HttpRequest, form: ChangeForm, base: Revision, actor: Reader | None = None, status: int = 200
) -> HttpResponse:
    names = load_names()
    context = {
        "form": form,
        "base": base,
        "provision": base.provision,
        "base_html": _html(base.text, names),
        **(_checked(form, base, actor, names) if actor is not None else {}),
    }
    return render(request, "issues/log_change.html", context, status=status)


def _html(text: str, names: Names) -> SafeString:
    return rendering.render(parse(text, names.register), names.of)


def _checked(form: ChangeForm, base: Revision, actor: Reader, names: Names) -> dict[str, object]:
    """Return the context of the check: what would be recorded, or why the text cannot be read."""
    if not form.is_valid() and "text" in form.errors:
        return {"unreadable": " ".join(str(error) for error in form.errors["text"])}
    try:
        check = changes.check(
            provision=base.provision,
            base=base,
            new_text=form.cleaned_data.get("text", ""),
            actor=actor,
            member=form.cleaned_data.get("on_behalf_of"),
        )
    except changes.TextRefused as refused:
        return {"unreadable": str(refused)}
    return context_of(check, names)
