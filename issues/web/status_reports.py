"""The page for reporting a status. If a report is refused, the form is shown with everything that the reader typed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues.access.permissions import may_state
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of
from issues.actions import status_reports
from issues.actions.clock import default_day
from issues.forms import StatementForm
from issues.models import Revision, SmallGroup, StatusReport
from issues.reports import convergence


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def state_status(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a status, or record the status. An invalid form is shown again with the reasons."""
    reader = reader_of(request.user)
    group = get_object_or_404(SmallGroup, slug=slug, negotiation=negotiation_of(request))
    if not may_state(reader, group):
        raise PermissionDenied(_("Only the facilitator of the small group or the secretariat can state a status."))
    if request.method != "POST":
        mistake = _mistake(group, request.GET.get("corrects", ""))
        return _page(request, reader, group, StatementForm(initial=_initial(request, group, mistake), group=group))
    form = StatementForm(request.POST, group=group)
    if not form.is_valid():
        return _page(request, reader, group, form, status=422)
    typed = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    against = status_reports.brackets_against(reader, group, typed["status"])
    if against and not form.cleaned_data["seen"]:
        form.add_error("seen", _("The text still contains open brackets. Tick this box to state the status anyway."))
        return _page(request, reader, group, form, against, status=422)
    assert request.user.is_authenticated  # ensured by login_required
    try:
        report = status_reports.state(small_group=group, actor=request.user, **typed)
    except ValidationError as wrong:
        form.add_error(
            None, [message for messages_of_field in wrong.message_dict.values() for message in messages_of_field]
        )
        return _page(request, reader, group, form, against, status=422)
    messages.success(
        request,
        _("Recorded: %(report)s (%(stated_on)s).") % {"report": report.label, "stated_on": report.stated_on_text},
    )
    return redirect("small-group", slug=slug)


def _mistake(group: SmallGroup, key: str) -> StatusReport | None:
    """Return the status to correct, or None for an empty `key`.

    Raise Http404 if the status is unknown or already corrected.
    """
    if not key:
        return None
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    return get_object_or_404(group.status_reports.in_effect(), pk=key if is_key else 0)


def _initial(request: HttpRequest, group: SmallGroup, mistake: StatusReport | None) -> dict[str, object]:
    if mistake is not None:
        names = ("status", "until", "stated_on", "stated_on_precision", "stated_by", "source", "note")
        return {"corrects": mistake, **{name: getattr(mistake, name) for name in names}}
    facilitator = group.facilitators.filter(user=request.user.pk).first()
    stated_by = f"{facilitator.name}, facilitator" if facilitator else ""
    return {"stated_by": stated_by, "stated_on": default_day(group.negotiation, request.user)}


def _page(
    request: HttpRequest,
    reader: Reader,
    group: SmallGroup,
    form: StatementForm,
    against: list[Revision] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page with the form, and the open brackets that contradict the status."""
    context = {
        "group": group,
        "form": form,
        "standing": convergence.group_standing(reader, group),
        "against": against or [],
        "mistake": _named(form, group),
    }
    return render(request, "issues/state_status.html", context, status=status)


def _named(form: StatementForm, group: SmallGroup) -> StatusReport | None:
    """Return the status that the form corrects, whether the form was submitted or is shown for the first time."""
    sent = form["corrects"].value()
    key = getattr(sent, "pk", sent)
    return group.status_reports.filter(pk=key).first() if str(key or "").isdigit() and len(str(key)) < 19 else None
