"""One press on a bracket, and what is asked of the facilitator. What was typed comes back with the reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bracketed_text import parse
from bracketed_text.advanced import variants
from issues.access.permissions import Refused, may_restructure
from issues.access.readership import readers_of_answer
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_provisions, visible_requests
from issues.actions import changes, requests
from issues.actions.edits import TextChange
from issues.actions.errors import CannotUndo, Conflict, NothingChanged, NotRecorded, RequestClosed, RequestOutdated
from issues.actions.request_previews import preview_requests
from issues.actions.request_rights import in_state, with_right
from issues.actions.undo import undo_revision
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import Act, RequestState
from issues.text.member_names import load_register
from issues.text.operations import RESTRUCTURING, InvalidOperation, Operation
from issues.text.sentences import describe_revision
from issues.web.bracket_links import follow
from issues.web.bracket_panel import members_of
from issues.web.confirmations import Question, about_operation
from issues.web.paging import page_of
from issues.web.provisions import provision_page
from issues.web.query_numbers import number
from issues.web.undo_notice import address, place_of
from members.models import Member

REQUESTS_A_PAGE = 30
BEFORE_ANSWER = ("provision__negotiation", "base", "stands_in", "on_behalf_of", "asked_by")
# What puts a bracket into the text.
OPENING = (Act.ALTERNATIVE, Act.PROPOSE, Act.ENCLOSE, Act.SUBSTITUTE, Act.MERGE)


@login_required
@require_POST
def operate(request: HttpRequest, slug: str) -> HttpResponse:
    """Do to the text what a button says, or ask the facilitator to; ask back once before others' positions end."""
    reader, sent = reader_of(request.user), request.POST.dict()
    found = get_object_or_404(visible_provisions(reader), slug=slug, negotiation=negotiation_of(request))
    base = number(sent, "revision")
    if _is_gone(found, base, sent):
        return provision_page(request, slug, touched=sent, too_late=True, status=409)
    try:
        operation = _operation(request)
        if "ask" in sent:
            asked = _ask(request, found, operation)
            return redirect(address(found, place_of(sent), asked=asked.pk))
        member = None if _in_nobodys_name(reader, found, operation) else _member(request)
        question = about_operation(found, operation, member, reader, sent)
        if question is not None:
            return provision_page(request, slug, touched=sent, question=question)
        revision = _perform(request, found, operation, member)
    except (Conflict, NothingChanged) as refused:
        too_late = found.revisions.filter(number__gt=base).exists() and found.revisions.filter(number=base).exists()
        error = "" if too_late else str(refused)
        status = 409 if too_late or isinstance(refused, Conflict) else 422
        return provision_page(request, slug, touched=sent, error=error, too_late=too_late, status=status)
    except (NotRecorded, Refused, InvalidOperation) as refused:
        return provision_page(request, slug, touched=sent, error=str(refused), status=422)
    return redirect(_where(found, operation, revision, sent))


def _is_gone(provision: Provision, base: int, sent: dict[str, str]) -> bool:
    """Whether the bracket that was pressed in revision `base` was lifted, dropped, chosen or merged since."""
    if "start" in sent or not provision.revisions.filter(number__gt=base).exists():
        return False
    trace = follow(provision, base, number(sent, "at"), load_register())
    return trace is not None and trace.end is not None


def _where(provision: Provision, operation: Operation, revision: Revision, sent: dict[str, str]) -> str:
    """Return the page with the panel of what was pressed: the bracket that it opened, else the one that it was done to.

    It stays good for good, for a bracket is followed from the revision in which it was pressed.
    """
    together = {"together": 1} if revision.number > number(sent, "revision") + 1 else {}
    place = place_of(sent)
    opened = revision.variants_opened.order_by("ordinal").first() if operation.act in OPENING else None
    if opened is not None:
        begins = variants(parse(revision.text, load_register()))[opened.ordinal - 1].begin
        place = {"revision": str(revision.number), "at": str(begins), "for": sent.get("for", "")}
    return address(provision, place, logged=revision.number, **together)


@login_required
@require_POST
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back one's own last act, or the undo of it; show what was recorded at the same place."""
    reader, sent = reader_of(request.user), request.POST.dict()
    found = get_object_or_404(visible_provisions(reader), slug=slug, negotiation=negotiation_of(request))
    mistake = get_object_or_404(found.revisions, number=number(sent, "undo"))
    assert request.user.is_authenticated  # login_required
    try:
        revision = undo_revision(revision=mistake, actor=request.user)
    except (CannotUndo, Refused) as refused:
        return provision_page(request, slug, touched=sent, error=str(refused), status=409)
    return redirect(address(found, _place_after(found, mistake, revision, place_of(sent)), logged=revision.number))


def _place_after(provision: Provision, mistake: Revision, undone: Revision, place: dict[str, str]) -> dict[str, str]:
    """Return where the place that was pressed is once `mistake` is undone by the entry `undone`.

    The text is then the one that stood before the mistake: what was chosen in that one is at the same place.
    """
    chosen_in = number(place, "revision")
    if "at" in place and 0 < chosen_in < mistake.number - 1:
        trace = follow(provision, chosen_in, number(place, "at"), load_register())
        ordinal = trace.places.get(mistake.number - 1) if trace is not None else None
        if ordinal is not None:
            before = provision.revisions.get(number=mistake.number - 1)
            begins = variants(parse(before.text, load_register()))[ordinal].begin
            return {**place, "revision": str(undone.number), "at": str(begins)}
    return {**place, "revision": str(undone.number)} if chosen_in == mistake.number - 1 else place


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


def _in_nobodys_name(reader: Reader, provision: Provision, operation: Operation) -> bool:
    return operation.act in RESTRUCTURING and may_restructure(reader, provision)


def _perform(request: HttpRequest, provision: Provision, operation: Operation, member: Member | None) -> Revision:
    assert request.user.is_authenticated  # login_required
    mistake = number(request.POST, "corrects")
    return changes.log(
        TextChange(
            provision,
            base_revision=number(request.POST, "revision"),
            edit=operation,
            on_behalf_of=member,
            reason=request.POST.get("reason", ""),
            corrects=provision.revisions.filter(number=mistake).first() if mistake > 0 else None,
        ),
        actor=request.user,
        idempotency_key=request.POST.get("key", ""),
    )


def _ask(request: HttpRequest, provision: Provision, operation: Operation) -> ChangeRequest:
    member = _member(request)
    if member is None:
        raise Refused(_("Only delegations can make requests: you do not act for any member here."))
    assert request.user.is_authenticated  # login_required
    return requests.ask(
        provision=provision,
        base_revision=number(request.POST, "revision"),
        operation=operation,
        actor=request.user,
        on_behalf_of=member,
        reason=request.POST.get("reason", ""),
        idempotency_key=request.POST.get("key", ""),
    )


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
    reader = reader_of(request.user)
    asked = get_object_or_404(visible_requests(reader).select_related(*BEFORE_ANSWER), pk=pk)
    said = request.POST.get("answer", "")
    try:
        if verb == "accept":
            question = _question_of(request, asked, reader)
            if question is not None:
                return _request_page(request, asked, typed=said, question=question)
            seen = number(request.POST, "seen")
            revision = requests.accept(request=asked, actor=request.user, answer=said, seen=seen)
            messages.success(request, _accepted(revision))
        elif verb == "decline":
            requests.decline(request=asked, actor=request.user, answer=said)
            messages.success(
                request,
                _("Declined. The delegation of %(member)s will see your reason.")
                % {"member": asked.on_behalf_of.local_name},
            )
        elif verb == "take-back":
            requests.take_back(request=asked, actor=request.user)
            messages.success(
                request, _("Taken back on behalf of %(member)s.") % {"member": asked.on_behalf_of.local_name}
            )
        else:
            raise Http404(_("Unknown action: a request can be accepted, declined or taken back."))
    except (NotRecorded, Refused) as refused:
        status = 409 if isinstance(refused, Conflict | RequestClosed | RequestOutdated) else 422
        return _request_page(request, asked, str(refused), said, status)
    return redirect("requests")


def _question_of(request: HttpRequest, asked: ChangeRequest, reader: Reader) -> Question | None:
    """Return what is asked before a request is accepted; it is no correction of one's own.

    None where it would do something else than was asked, which is said first.
    """
    preview = preview_requests([asked]).get(asked.pk)
    if preview is None or preview.operation is None or preview.refused:
        return None
    if preview.differs and preview.number != number(request.POST, "seen"):
        return None
    sent = {"revision": str(preview.number), "confirmed": request.POST.get("confirmed", ""), "corrects": ""}
    return about_operation(asked.provision, preview.operation, None, reader, sent)


def _accepted(revision: Revision) -> SafeString:
    """Return what was recorded, and where it can be undone."""
    said = _("Accepted and logged as revision %(number)s: %(sentences)s") % {
        "number": revision.number,
        "sentences": " ".join(describe_revision(revision)),
    }
    page = address(revision.provision, {}, logged=revision.number)
    return format_html('{} <a href="{}">{}</a>', said, page, _("View or undo it"))


def _request_page(
    request: HttpRequest,
    refused: ChangeRequest | None = None,
    error: str = "",
    typed: str = "",
    status: int = 200,
    question: Question | None = None,
) -> HttpResponse:
    reader = reader_of(request.user)
    state = request.GET.get("state", RequestState.OPEN)
    shown = visible_requests(reader).filter(provision__negotiation=negotiation_of(request))
    shown = in_state(shown, state) if state in RequestState.values else with_right(shown)
    related = ("provision", "on_behalf_of", "asked_by", "decided_by", "revision", "base", "stands_in", "lapsed_in")
    page = page_of(request, shown.select_related(*related), REQUESTS_A_PAGE)
    told = preview_requests(page)
    answerable = {one.provision_id for one in page if may_restructure(reader, one.provision)}
    return render(
        request,
        "issues/requests.html",
        {
            "page": page,
            "rows": [(one, told.get(one.pk)) for one in page],
            "refused_elsewhere": refused is not None and refused not in page,
            "state": state,
            "states": RequestState.choices,
            "answerable": answerable,
            "own": set(reader.members_in(negotiation_of(request).pk)),
            "refused": refused.pk if refused else None,
            "error": error,
            "typed": typed,
            "question": question,
            "read_by": readers_of_answer(),
        },
        status=status,
    )
