"""The actions on brackets: performing and undoing an operation, and sending requests to the facilitator.

If an action is refused, the page is shown again with the reason and with everything that the reader typed.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

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
from issues.text.stored import stored_tree
from issues.web.bracket_links import follow
from issues.web.bracket_panel import members_of
from issues.web.confirmations import Question, about_operation
from issues.web.paging import page_of
from issues.web.provisions import provision_page
from issues.web.query_params import number
from issues.web.undo_notice import panel_url, selection_of
from members.models import Member

REQUESTS_A_PAGE = 30
BEFORE_ANSWER = ("provision__negotiation", "base", "stands_in", "on_behalf_of", "asked_by")
# Operations that insert a bracket.
OPENING = (Act.ALTERNATIVE, Act.PROPOSE, Act.ENCLOSE, Act.SUBSTITUTE, Act.MERGE)


@login_required
@require_POST
def operate(request: HttpRequest, slug: str) -> HttpResponse:
    """Perform the operation of the pressed button, or ask the facilitator to perform it.

    Before an operation ends the positions of other members, the page asks once for confirmation.
    """
    reader, sent = reader_of(request.user), request.POST.dict()
    provision = get_object_or_404(visible_provisions(reader), slug=slug, negotiation=negotiation_of(request))
    base = number(sent, "revision")
    if _has_ended(provision, base, sent):
        return provision_page(request, slug, query=sent, too_late=True, status=409)
    try:
        operation = _operation(request)
        if "ask" in sent:
            change_request = _ask(request, provision, operation)
            return redirect(panel_url(provision, selection_of(sent), asked=change_request.pk))
        member = None if _acts_as_office(reader, provision, operation) else _member(request)
        question = about_operation(provision, operation, member, reader, sent)
        if question is not None:
            return provision_page(request, slug, query=sent, question=question)
        revision = _perform(request, provision, operation, member)
    except (Conflict, NothingChanged) as refused:
        too_late = (
            provision.revisions.filter(number__gt=base).exists() and provision.revisions.filter(number=base).exists()
        )
        error = "" if too_late else str(refused)
        status = 409 if too_late or isinstance(refused, Conflict) else 422
        return provision_page(request, slug, query=sent, error=error, too_late=too_late, status=status)
    except (NotRecorded, Refused, InvalidOperation) as refused:
        return provision_page(request, slug, query=sent, error=str(refused), status=422)
    return redirect(_url_after(provision, operation, revision, sent))


def _has_ended(provision: Provision, base: int, sent: dict[str, str]) -> bool:
    """Return whether the bracket selected in revision `base` has since ended."""
    if "start" in sent or not provision.revisions.filter(number__gt=base).exists():
        return False
    trace = follow(provision, base, number(sent, "at"), load_register())
    return trace is not None and trace.end is not None


def _url_after(provision: Provision, operation: Operation, revision: Revision, sent: dict[str, str]) -> str:
    """Return the URL of the panel for the bracket that an operation created or, failing that, for the selected bracket.

    The URL is permanent, because the panel follows a bracket from the revision in which it was selected.
    """
    together = {"together": 1} if revision.number > number(sent, "revision") + 1 else {}
    location = selection_of(sent)
    opened = revision.variants_opened.order_by("ordinal").first() if operation.act in OPENING else None
    if opened is not None:
        begins = variants(stored_tree(revision, load_register()))[opened.ordinal - 1].begin
        location = {"revision": str(revision.number), "at": str(begins), "for": sent.get("for", "")}
    return panel_url(provision, location, logged=revision.number, **together)


@login_required
@require_POST
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo or redo the reader's last entry, and show the panel with the same selection."""
    reader, sent = reader_of(request.user), request.POST.dict()
    provision = get_object_or_404(visible_provisions(reader), slug=slug, negotiation=negotiation_of(request))
    mistake = get_object_or_404(provision.revisions, number=number(sent, "undo"))
    assert request.user.is_authenticated  # ensured by login_required
    try:
        revision = undo_revision(revision=mistake, actor=request.user)
    except (CannotUndo, Refused) as refused:
        return provision_page(request, slug, query=sent, error=str(refused), status=409)
    return redirect(
        panel_url(provision, _selection_after(provision, mistake, revision, selection_of(sent)), logged=revision.number)
    )


def _selection_after(
    provision: Provision, mistake: Revision, undone: Revision, location: dict[str, str]
) -> dict[str, str]:
    """Return the selection in the text that results when the entry `undone` undoes the entry `mistake`.

    That text is identical to the text before the mistake, so its brackets have the same offsets.
    """
    chosen_in = number(location, "revision")
    if "at" in location and 0 < chosen_in < mistake.number - 1:
        trace = follow(provision, chosen_in, number(location, "at"), load_register())
        ordinal = trace.indexes.get(mistake.number - 1) if trace is not None else None
        if ordinal is not None:
            before = provision.revisions.get(number=mistake.number - 1)
            begins = variants(stored_tree(before, load_register()))[ordinal].begin
            return {**location, "revision": str(undone.number), "at": str(begins)}
    return {**location, "revision": str(undone.number)} if chosen_in == mistake.number - 1 else location


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
        (member for member in members_of(reader_of(request.user), negotiation_of(request).pk) if member.code == code),
        None,
    )


def _acts_as_office(reader: Reader, provision: Provision, operation: Operation) -> bool:
    return operation.act in RESTRUCTURING and may_restructure(reader, provision)


def _perform(request: HttpRequest, provision: Provision, operation: Operation, member: Member | None) -> Revision:
    assert request.user.is_authenticated  # ensured by login_required
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
    """Record a request to the facilitator. Raise Refused if the reader does not act for any member."""
    member = _member(request)
    if member is None:
        raise Refused(_("Only delegations can make requests, and you do not act for any member in this negotiation."))
    assert request.user.is_authenticated  # ensured by login_required
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
    """Show the requests that the reader made or may answer, with open requests first."""
    return _request_page(request)


@login_required
@require_POST
def answer_request(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Accept, decline or withdraw a request."""
    assert request.user.is_authenticated  # ensured by login_required
    reader = reader_of(request.user)
    change_request = get_object_or_404(visible_requests(reader).select_related(*BEFORE_ANSWER), pk=pk)
    reply = request.POST.get("answer", "")
    try:
        if verb == "accept":
            question = _question_of(request, change_request, reader)
            if question is not None:
                return _request_page(request, change_request, typed=reply, question=question)
            seen = number(request.POST, "seen")
            revision = requests.accept(request=change_request, actor=request.user, answer=reply, seen=seen)
            messages.success(request, _accepted_message(revision))
        elif verb == "decline":
            requests.decline(request=change_request, actor=request.user, answer=reply)
            messages.success(
                request,
                _("Declined. The delegation of %(member)s will see your reason.")
                % {"member": change_request.on_behalf_of.local_name},
            )
        elif verb == "take-back":
            requests.take_back(request=change_request, actor=request.user)
            messages.success(
                request, _("Taken back on behalf of %(member)s.") % {"member": change_request.on_behalf_of.local_name}
            )
        else:
            raise Http404(_("Unknown action: a request can be accepted, declined or taken back."))
    except (NotRecorded, Refused) as refused:
        status = 409 if isinstance(refused, Conflict | RequestClosed | RequestOutdated) else 422
        return _request_page(request, change_request, str(refused), reply, status)
    return redirect("requests")


def _question_of(request: HttpRequest, change_request: ChangeRequest, reader: Reader) -> Question | None:
    """Return the question to ask before a request is accepted, or None.

    If accepting the request would no longer have the requested effect, the page first shows the new effect, and no
    question is asked. Accepting a request is never offered as a correction.
    """
    preview = preview_requests([change_request]).get(change_request.pk)
    if preview is None or preview.operation is None or preview.refused:
        return None
    if preview.differs and preview.number != number(request.POST, "seen"):
        return None
    sent = {"revision": str(preview.number), "confirmed": request.POST.get("confirmed", ""), "corrects": ""}
    return about_operation(change_request.provision, preview.operation, None, reader, sent)


def _accepted_message(revision: Revision) -> SafeString:
    """Return a message that describes the recorded changes, with a link to undo them."""
    sentence = _("Accepted and logged as revision %(number)s: %(sentences)s") % {
        "number": revision.number,
        "sentences": " ".join(describe_revision(revision)),
    }
    page = panel_url(revision.provision, {}, logged=revision.number)
    return format_html('{} <a href="{}">{}</a>', sentence, page, _("View or undo the change"))


def _request_page(
    request: HttpRequest,
    refused: ChangeRequest | None = None,
    error: str = "",
    typed: str = "",
    status: int = 200,
    question: Question | None = None,
) -> HttpResponse:
    """Return the page of requests, with an error or a question next to the request `refused`."""
    reader = reader_of(request.user)
    state = request.GET.get("state", RequestState.OPEN)
    shown = visible_requests(reader).filter(provision__negotiation=negotiation_of(request))
    shown = in_state(shown, state) if state in RequestState.values else with_right(shown)
    related = ("provision", "on_behalf_of", "asked_by", "decided_by", "revision", "base", "stands_in", "lapsed_in")
    page = page_of(request, shown.select_related(*related), REQUESTS_A_PAGE)
    previews = preview_requests(page)
    answerable = {
        change_request.provision_id for change_request in page if may_restructure(reader, change_request.provision)
    }
    return render(
        request,
        "issues/requests.html",
        {
            "page": page,
            "demonstration": any(change_request.provision.demonstration for change_request in page),
            "rows": [(change_request, previews.get(change_request.pk)) for change_request in page],
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
