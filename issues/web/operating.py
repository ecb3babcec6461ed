"""One press on a bracket, and what is asked of the facilitator. What was typed comes back with the reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from issues import changes, requests
from issues.access.permissions import Refused, may_restructure
from issues.access.visibility import negotiation_of, reader_of, visible_provisions, visible_requests
from issues.choices import RequestState
from issues.models import ChangeRequest, Provision
from issues.operations import RESTRUCTURING, NoOperation, Operation
from issues.web.paging import page_of
from issues.web.provisions import provision_page
from issues.web.touching import members_of, number
from members.models import Member

REQUESTS_A_PAGE = 30


@login_required
@require_POST
def operate(request: HttpRequest, slug: str) -> HttpResponse:
    """Do to the text what a button says, or ask the facilitator to."""
    reader = reader_of(request.user)
    found = get_object_or_404(visible_provisions(reader), slug=slug, negotiation=negotiation_of(request))
    try:
        operation = _operation(request)
        said = _ask(request, found, operation) if "ask" in request.POST else _perform(request, found, operation)
    except (changes.NotLogged, Refused, NoOperation) as refused:
        status = 409 if isinstance(refused, changes.Conflict) else 422
        return provision_page(request, slug, touched=request.POST.dict(), error=str(refused), status=status)
    messages.success(request, said)
    return HttpResponseRedirect(f"{reverse('provision', args=[slug])}#at-{operation.at}")


def _operation(request: HttpRequest) -> Operation:
    sent = request.POST
    return Operation(
        act=sent.get("act", ""),
        at=number(sent, "at"),
        end=max(0, number(sent, "end")),
        stance=sent.get("stance", ""),
        words=sent.get("words", "").replace("\r\n", "\n"),
        number=max(0, number(sent, "number")),
    )


def _member(request: HttpRequest) -> Member | None:
    code = request.POST.get("for", "")
    return next(
        (one for one in members_of(reader_of(request.user), negotiation_of(request).pk) if one.code == code), None
    )


def _perform(request: HttpRequest, provision: Provision, operation: Operation) -> str:
    reader, member = reader_of(request.user), _member(request)
    in_nobodys_name = operation.act in RESTRUCTURING and may_restructure(reader, provision)
    assert request.user.is_authenticated  # login_required
    revision = changes.log(
        provision=provision,
        base_revision=number(request.POST, "revision"),
        operation=operation,
        actor=request.user,
        on_behalf_of=None if in_nobodys_name else member,
        reason=request.POST.get("reason", ""),
        idempotency_key=request.POST.get("key", ""),
    )
    return _("Logged as revision %(number)s: %(names)s") % {
        "number": revision.number,
        "names": " ".join(changes.recorded(revision)),
    }


def _ask(request: HttpRequest, provision: Provision, operation: Operation) -> str:
    member = _member(request)
    if member is None:
        raise Refused(_("Requests are a delegation's: you act for no member here."))
    assert request.user.is_authenticated  # login_required
    asked = requests.ask(
        provision=provision,
        base_revision=number(request.POST, "revision"),
        operation=operation,
        actor=request.user,
        on_behalf_of=member,
        reason=request.POST.get("reason", ""),
        idempotency_key=request.POST.get("key", ""),
    )
    return _("Asked the facilitator: %(asked)s") % {"asked": asked.says}


@login_required
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """Show the requests that one has made or may answer, open ones first."""
    return _request_page(request)


@login_required
@require_POST
def answer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Accept or decline a request, or take it back."""
    assert request.user.is_authenticated  # login_required
    asked = get_object_or_404(visible_requests(reader_of(request.user)), pk=pk)
    said = request.POST.get("answer", "")
    try:
        if verb == "accept":
            revision = requests.accept(request=asked, actor=request.user, answer=said)
            messages.success(request, _("Accepted, and logged as revision %(number)s.") % {"number": revision.number})
        elif verb == "decline":
            requests.decline(request=asked, actor=request.user, answer=said)
            messages.success(request, _("Declined; the delegation reads your reason."))
        elif verb == "take-back":
            requests.take_back(request=asked, actor=request.user)
            messages.success(request, _("Taken back."))
        else:
            raise Http404(_("A request is accepted, declined or taken back."))
    except (changes.NotLogged, Refused) as refused:
        status = 409 if isinstance(refused, changes.Conflict | requests.Decided) else 422
        return _request_page(request, asked, str(refused), said, status)
    return redirect("requests")


def _request_page(
    request: HttpRequest, refused: ChangeRequest | None = None, error: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    reader = reader_of(request.user)
    state = request.GET.get("state", RequestState.OPEN)
    shown = visible_requests(reader).filter(provision__negotiation=negotiation_of(request))
    if state in RequestState.values:
        shown = shown.filter(state=state)
    page = page_of(
        request,
        shown.select_related("provision", "on_behalf_of", "asked_by", "decided_by", "revision", "base"),
        REQUESTS_A_PAGE,
    )
    answerable = {one.provision_id for one in page if may_restructure(reader, one.provision)}
    return render(
        request,
        "issues/requests.html",
        {
            "page": page,
            "state": state,
            "states": RequestState.choices,
            "answerable": answerable,
            "own": set(reader.members),
            "refused": refused.pk if refused else None,
            "error": error,
            "typed": typed,
        },
        status=status,
    )
