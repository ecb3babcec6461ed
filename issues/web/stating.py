"""The page on which a status is stated. What was typed comes back with the reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues import convergence, statements
from issues.access.permissions import may_state
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of
from issues.forms import StatementForm
from issues.models import Revision, SmallGroup


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def state_status(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for a statement; put it on record, or say at its field why not."""
    reader = reader_of(request.user)
    group = get_object_or_404(SmallGroup, slug=slug, negotiation=negotiation_of(request))
    if not may_state(reader, group):
        raise PermissionDenied(_("A status is stated by the facilitator of the small group, or by the secretariat."))
    if request.method != "POST":
        return _page(request, reader, group, StatementForm(initial=_initial(request, group)))
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _page(request, reader, group, form, status=422)
    typed = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    against = statements.brackets_against(reader, group, typed["status"])
    if against and not form.cleaned_data["seen"]:
        form.add_error("seen", _("Brackets stand open in the text: tick this to state it all the same."))
        return _page(request, reader, group, form, against, status=422)
    assert request.user.is_authenticated  # login_required
    report = statements.state(small_group=group, actor=request.user, **typed)
    messages.success(
        request,
        _("On record: %(report)s, stated %(stated_on)s.")
        % {"report": report.label, "stated_on": date_format(report.stated_on)},
    )
    return redirect("small-group", slug=slug)


def _initial(request: HttpRequest, group: SmallGroup) -> dict[str, object]:
    facilitator = group.facilitators.filter(user=request.user.pk).first()
    return {"stated_by": f"{facilitator.name}, facilitator" if facilitator else ""}


def _page(
    request: HttpRequest,
    reader: Reader,
    group: SmallGroup,
    form: StatementForm,
    against: list[Revision] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "group": group,
        "form": form,
        "standing": convergence.group_standing(reader, group),
        "against": against or [],
    }
    return render(request, "issues/state_status.html", context, status=status)
