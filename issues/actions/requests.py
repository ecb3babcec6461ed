"""Requests: operations on a text that a delegation asks a facilitator to perform.

A request is made and then accepted, declined or taken back, or it lapses when its bracket is closed or the right to
make it ends. Each of these actions runs in one transaction that locks the text first. A response to a request that is
no longer open is refused. If the request has lapsed, the lapse is recorded before the response is refused.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from issues.access.permissions import require_acting_for, require_may_enter, require_restructuring, require_taking_part
from issues.access.roles import reader_of
from issues.access.visibility import visible_provisions, visible_requests
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import OperationRefused, RequestClosed, RequestOutdated, TextRefused, UnknownRevision
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.open_requests import Lapsed, RequestTracker, lapse, update_request
from issues.actions.request_previews import describe_request, is_unedited_merge, preview_requests
from issues.actions.request_rights import reason_without_right
from issues.actions.text_checks import require_operations, require_value
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import RequestState
from issues.sync.publishing import publish, publishing
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.operations import RESTRUCTURING, Operation
from members.models import Member
from members.plain_text import LINE, PROSE, is_blank, sanitize


@publishing()
def ask(
    *,
    provision: Provision,
    base_revision: int,
    operation: Operation,
    actor: AbstractBaseUser,
    on_behalf_of: Member,
    reason: str = "",
    idempotency_key: str = "",
) -> ChangeRequest:
    """Request `operation` on the text of `base_revision`, and return the request.

    If the same person has already made an identical request that is still open, that request is returned. Raise
    UnknownRevision if the revision does not exist, TextRefused if the operation does not need a facilitator, or
    Provision.DoesNotExist if the actor may not see the provision. Also raise permissions.Refused, WordsRefused,
    InvalidValue or OperationRefused.
    """
    require_operations([operation])
    require_value("reason", reason, PROSE)
    require_value("idempotency_key", idempotency_key, LINE)
    stored = operation.as_json()
    content, earlier = [stored, reason], (base_revision, [stored])
    intent = Intent(ChangeRequest, actor, "ask", provision, on_behalf_of, base_revision, content, earlier=earlier)
    mark, recorded = recorded_before(idempotency_key, intent)
    reader = reader_of(actor)
    require_acting_for(reader, on_behalf_of, provision.negotiation_id)
    require_taking_part(on_behalf_of, provision.negotiation_id)
    if operation.act not in RESTRUCTURING:
        raise TextRefused(_("No request is needed: you can make this change yourself."))
    # The lock also prevents a double click from creating two requests.
    provision = visible_provisions(reader).select_for_update(of=("self",)).get(pk=provision.pk)
    require_may_enter(reader, provision)
    if recorded is not None:
        return ChangeRequest.objects.get(pk=recorded)
    base = provision.revisions.filter(number=base_revision).first()
    if base is None:
        raise UnknownRevision(provision.revisions.latest("number"), base_revision)
    request = ChangeRequest(
        provision=provision,
        base=base,
        operation=stored,
        says=_describe(base, operation, on_behalf_of),
        reason=reason,
        asked_by_id=actor.pk,
        on_behalf_of=on_behalf_of,
        idempotency_key=mark,
    )
    return _same_open_request(request) or _stored(request, operation)


def _describe(base: Revision, operation: Operation, member: Member) -> str:
    """Return a description of a request's effect, to be stored with the request.

    Raise OperationRefused for an unedited merge.
    """
    with translation.override("en"):  # the stored sentences are in English
        sentences = describe_request(base, operation, member, name_requester=True)
    if is_unedited_merge(base, operation):
        raise OperationRefused(
            _(
                "This text only repeats the alternatives one after another. Write a single text to replace them, "
                "and submit the request again."
            ),
            operation.at,
        )
    return sanitize(" ".join(sentences))


def _same_open_request(request: ChangeRequest) -> ChangeRequest | None:
    same = ChangeRequest.objects.filter(
        provision=request.provision,
        base=request.base,
        on_behalf_of=request.on_behalf_of,
        asked_by=request.asked_by_id,
        reason=request.reason,
        state=RequestState.OPEN,
    )
    return next((existing for existing in same if existing.operation == request.operation), None)


def _stored(request: ChangeRequest, operation: Operation) -> ChangeRequest:
    """Store and publish a request with the position of its bracket in the current text.

    Raise OperationRefused if the operation is no longer possible.
    """
    provision = request.provision
    located = RequestTracker(provision, stored_texts(provision, load_register())).locate(request)
    if isinstance(located, Lapsed):
        raise OperationRefused(located.reason, operation.at)
    request.stands_in, request.stands_as = provision.revisions.get(number=located.number), located.operation.as_json()
    request.save()
    publish(request)
    return request


def accept(
    *,
    request: ChangeRequest,
    actor: AbstractBaseUser,
    answer: str = "",
    seen: int | None = None,
    idempotency_key: str = "",
) -> Revision:
    """Perform the requested operation on the current text, and return the resulting revision.

    If the operation would now have a different effect, `seen` must be the number of the current revision, which
    confirms that the actor has read a description of that effect. Raise RequestOutdated otherwise. Also raise
    RequestClosed, OperationRefused, permissions.Refused, or any error that `changes.log` raises.
    """
    _lapse_if_ended(request, actor)
    return _accept(request, actor, answer, seen, idempotency_key)


@publishing()
def _accept(request: ChangeRequest, actor: AbstractBaseUser, answer: str, seen: int | None, key: str) -> Revision:
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.ACCEPTED, answer, key, seen)
    if decision.recorded is not None and decision.recorded.revision is not None:
        return decision.recorded.revision
    request = _locked(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    preview = preview_requests([request])[request.pk]
    if preview.operation is None:
        raise RequestClosed(request, preview.lapsed_because)
    if preview.refused:
        raise OperationRefused(preview.refused, preview.operation.at)
    if preview.differs and seen != preview.number:
        raise RequestOutdated(preview)
    requester = f"At the request of {request.on_behalf_of.name}"
    reason = f"{requester}: {request.reason}" if request.reason else requester
    change = TextChange(request.provision, base_revision=preview.number, edit=preview.operation, reason=reason)
    revision = changes.log(change, actor=actor, accepted=request)
    _decide(request, actor, decision, revision)
    return revision


def decline(*, request: ChangeRequest, actor: AbstractBaseUser, answer: str, idempotency_key: str = "") -> None:
    """Decline a request for the reason given in `answer`.

    Raise RequestClosed, permissions.Refused, InvalidValue for an invalid `answer`, or TextRefused if `answer` is empty.
    """
    _lapse_if_ended(request, actor)
    _decline(request, actor, answer, idempotency_key)


@publishing()
def _decline(request: ChangeRequest, actor: AbstractBaseUser, answer: str, key: str) -> None:
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.DECLINED, answer, key)
    if decision.recorded is not None:
        return
    request = _locked(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    if is_blank(answer):
        raise TextRefused(_("Give a reason for declining: the delegation that made the request will read it."))
    _decide(request, actor, decision)


def take_back(*, request: ChangeRequest, actor: AbstractBaseUser, idempotency_key: str = "") -> None:
    """Take back a request.

    Raise RequestClosed, or permissions.Refused unless the actor acts for the request's member.
    """
    _lapse_if_ended(request, actor)
    _take_back(request, actor, idempotency_key)


@publishing()
def _take_back(request: ChangeRequest, actor: AbstractBaseUser, key: str) -> None:
    decision = _decision(request, actor, RequestState.TAKEN_BACK, "", key)
    if decision.recorded is not None:
        return
    request = _locked(request, actor)
    require_may_enter(reader_of(actor), request.provision)
    require_acting_for(reader_of(actor), request.on_behalf_of, request.provision.negotiation_id)
    _decide(request, actor, decision)


def lapse_ended_requests() -> int:
    """Record the lapse of open requests whose right or bracket has ended, and return the number of such requests.

    If a change to the text ends a request, the request lapses immediately. This function finds the requests that ended
    on a certain date or because of a change to other data, such as a delegation.
    """
    texts = ChangeRequest.objects.filter(state=RequestState.OPEN).order_by("provision").values_list("provision")
    return sum(_lapse_in_text(provision) for (provision,) in texts.distinct())


@publishing()
def _lapse_in_text(key: int, only: ChangeRequest | None = None) -> int:
    """Record the lapse of open requests on a text, and return the number of requests that lapsed.

    `key` is the primary key of the text. If `only` is given, check only that request.
    """
    provision = Provision.objects.select_for_update(of=("self",)).get(pk=key)
    open_requests = ChangeRequest.objects.filter(provision=provision, state=RequestState.OPEN).order_by("pk")
    if only is not None:
        open_requests = open_requests.filter(pk=only.pk)
    tracker = RequestTracker(provision, stored_texts(provision, load_register()))
    lapsed = 0
    for request in open_requests.select_related("on_behalf_of", "asked_by", "base", "stands_in", "provision"):
        with translation.override("en"):  # the stored sentences are in English
            reason = reason_without_right(request)
        if reason:
            lapse(request, reason)
        else:
            update_request(request, tracker)
        lapsed += request.state == RequestState.LAPSED
    return lapsed


def _lapse_if_ended(request: ChangeRequest, actor: AbstractBaseUser) -> None:
    """If a request has lapsed, record the lapse in a separate transaction.

    If the lapse were recorded in the current transaction, the refusal of the response would roll it back.
    """
    if visible_requests(reader_of(actor)).filter(pk=request.pk, state=RequestState.OPEN).exists():
        _lapse_in_text(request.provision_id, request)


@dataclass(frozen=True)
class _Decision:
    """A decision on a request. If the same decision has already been recorded, `recorded` is the request."""

    state: RequestState
    answer: str
    mark: str
    recorded: ChangeRequest | None


def _decision(
    request: ChangeRequest, actor: AbstractBaseUser, state: RequestState, answer: str, key: str, seen: int | None = None
) -> _Decision:
    intent = Intent(ChangeRequest, actor, f"request {state}", request, base=seen or 0, content=answer.strip())
    mark, decided = recorded_before(key, intent)
    visible = visible_requests(reader_of(actor)).select_related("revision")
    return _Decision(state, answer.strip(), mark, visible.get(pk=decided) if decided is not None else None)


def _locked(request: ChangeRequest, actor: AbstractBaseUser) -> ChangeRequest:
    """Lock the text of a request and then the row of the request, and return the request.

    All code that writes requests must lock the text first. Raise RequestClosed if the request is not open or no longer
    valid, or ChangeRequest.DoesNotExist if the actor may not see it.
    """
    visible = visible_requests(reader_of(actor))
    Provision.objects.select_for_update(of=("self",)).get(pk=visible.get(pk=request.pk).provision_id)
    related = ("provision", "base", "stands_in", "on_behalf_of", "asked_by")
    request = visible.select_related(*related).select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != RequestState.OPEN:
        raise RequestClosed(request)
    if reason := reason_without_right(request):
        raise RequestClosed(request, reason)
    return request


def _decide(
    request: ChangeRequest, actor: AbstractBaseUser, decision: _Decision, revision: Revision | None = None
) -> None:
    request.state, request.answer, request.revision = decision.state, decision.answer, revision
    request.decided_by_id, request.decided_at = actor.pk, timezone.now()
    request.decision_key = decision.mark
    request.save(update_fields=["state", "answer", "revision", "decided_by", "decided_at", "decision_key"])
    publish(request)
