"""What delegates ask of facilitators: a request is made, and accepted, declined or taken back; or it lapses.

One transaction each, which locks the text first. Whoever comes to answer a request that has ended by itself is told so,
and that it has is on record then.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from issues.access.permissions import require_acting_for, require_restructuring, require_taking_part
from issues.access.roles import reader_of
from issues.access.visibility import visible_provisions, visible_requests
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import Conflict, OperationRefused, RequestClosed, RequestOutdated, TextRefused
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.open_requests import Follower, Gone, lapse, settle_one
from issues.actions.request_previews import foretold, is_default_of_form, prospects, right_ended
from issues.actions.text_checks import require_operations, require_value
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import RequestState
from issues.sync.publishing import publish, publishing
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.operations import RESTRUCTURING, Operation
from members.models import Member
from members.plain_text import LINE, PROSE, says_nothing, written_out


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
    """Ask for `operation` on the text of `base_revision`; the same request of the same person that is open is returned.

    Raises access.Refused, OperationRefused, Conflict where there is no such revision,
    TextRefused where it is not for a facilitator, or Provision.DoesNotExist for one that is not to be seen.
    """
    require_operations([operation])
    require_value("reason", reason, PROSE)
    require_value("idempotency_key", idempotency_key, LINE)
    wanted = operation.as_json()
    earlier = (base_revision, [wanted])
    intent = Intent(
        ChangeRequest, actor, "ask", provision, on_behalf_of, base_revision, [wanted, reason], earlier=earlier
    )
    mark, asked_before = recorded_before(idempotency_key, intent)
    reader = reader_of(actor)
    require_acting_for(reader, on_behalf_of, provision.negotiation_id)
    require_taking_part(on_behalf_of, provision.negotiation_id)
    if operation.act not in RESTRUCTURING:
        raise TextRefused(_("No request is needed: you can make this change yourself."))
    # The lock also keeps a double click from asking twice.
    provision = visible_provisions(reader).select_for_update(of=("self",)).get(pk=provision.pk)
    if asked_before is not None:
        return ChangeRequest.objects.get(pk=asked_before)
    base = provision.revisions.filter(number=base_revision).first()
    if base is None:
        raise Conflict(provision.revisions.latest("number"))
    with translation.override("en"):  # it stays on record, for readers of any language
        says = foretold(base, operation, on_behalf_of, asks=True)
    if is_default_of_form(base, operation):
        raise OperationRefused(
            _(
                "This text only places the alternatives one after another. Write a single text to replace "
                "them and submit the request again."
            ),
            operation.at,
        )
    same = ChangeRequest.objects.filter(
        provision=provision, base=base, on_behalf_of=on_behalf_of, asked_by=actor.pk, reason=reason
    )
    for asked in same.filter(state=RequestState.OPEN):
        if asked.operation == wanted:
            return asked
    asked = ChangeRequest(
        provision=provision,
        base=base,
        operation=wanted,
        says=written_out(" ".join(says)),
        reason=reason,
        asked_by_id=actor.pk,
        on_behalf_of=on_behalf_of,
        idempotency_key=mark,
    )
    where = Follower(provision, stored_texts(provision, load_register())).follow(asked)
    if isinstance(where, Gone):
        raise OperationRefused(where.because, operation.at)
    asked.stands_in, asked.stands_as = provision.revisions.get(number=where.number), where.operation.as_json()
    asked.save()
    publish(asked)
    return asked


def accept(
    *,
    request: ChangeRequest,
    actor: AbstractBaseUser,
    answer: str = "",
    seen: int | None = None,
    idempotency_key: str = "",
) -> Revision:
    """Do what was asked on the text that stands; return the revision that it became.

    Where that would do something else than was asked, `seen` is the revision on which the actor has read what. Raises
    RequestClosed, RequestOutdated where it was another one, OperationRefused, Refused, or what `changes.log` raises.
    """
    _settle(request, actor)
    return _accept(request, actor, answer, seen, idempotency_key)


@publishing()
def _accept(request: ChangeRequest, actor: AbstractBaseUser, answer: str, seen: int | None, key: str) -> Revision:
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.ACCEPTED, answer, key, seen)
    if decision.before is not None and decision.before.revision is not None:
        return decision.before.revision
    request = _open(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    prospect = prospects([request])[request.pk]
    if prospect.operation is None:
        raise RequestClosed(request, prospect.because)
    if prospect.refused:
        raise OperationRefused(prospect.refused, prospect.operation.at)
    if prospect.differs and seen != prospect.number:
        raise RequestOutdated(prospect)
    asked = f"At the request of {request.on_behalf_of.name}"
    revision = changes.log(
        TextChange(
            request.provision,
            base_revision=prospect.number,
            edit=prospect.operation,
            reason=f"{asked}: {request.reason}" if request.reason else asked,
        ),
        actor=actor,
        accepted=request,
    )
    _decide(request, actor, decision, revision)
    return revision


def decline(*, request: ChangeRequest, actor: AbstractBaseUser, answer: str, idempotency_key: str = "") -> None:
    """Answer no, and why. Raises RequestClosed, access.Refused, or TextRefused without a reason."""
    _settle(request, actor)
    _decline(request, actor, answer, idempotency_key)


@publishing()
def _decline(request: ChangeRequest, actor: AbstractBaseUser, answer: str, key: str) -> None:
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.DECLINED, answer, key)
    if decision.before is not None:
        return
    request = _open(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    if says_nothing(answer):
        raise TextRefused(_("Give a reason for declining: the delegation that made the request will read it."))
    _decide(request, actor, decision)


def take_back(*, request: ChangeRequest, actor: AbstractBaseUser, idempotency_key: str = "") -> None:
    """Ask no longer. Raises RequestClosed, or access.Refused for anybody but the member that asked."""
    _settle(request, actor)
    _take_back(request, actor, idempotency_key)


@publishing()
def _take_back(request: ChangeRequest, actor: AbstractBaseUser, key: str) -> None:
    decision = _decision(request, actor, RequestState.TAKEN_BACK, "", key)
    if decision.before is not None:
        return
    request = _open(request, actor)
    require_acting_for(reader_of(actor), request.on_behalf_of, request.provision.negotiation_id)
    _decide(request, actor, decision)


def settle_all() -> int:
    """Record of all open requests which have lapsed, for want of right or of their bracket; return how many.

    What a change of a text ends lapses with it; here is what ends by a date, or came onto record in another way.
    """
    texts = ChangeRequest.objects.filter(state=RequestState.OPEN).order_by("provision").values_list("provision")
    return sum(_settle_text(provision) for (provision,) in texts.distinct())


@publishing()
def _settle_text(key: int, only: ChangeRequest | None = None) -> int:
    """Let the open requests of a text (a primary key) lapse that have ended; of all, or `only` one."""
    provision = Provision.objects.select_for_update(of=("self",)).get(pk=key)
    waiting = ChangeRequest.objects.filter(provision=provision, state=RequestState.OPEN).order_by("pk")
    if only is not None:
        waiting = waiting.filter(pk=only.pk)
    follower = Follower(provision, stored_texts(provision, load_register()))
    lapsed = 0
    for request in waiting.select_related("on_behalf_of", "asked_by", "base", "stands_in", "provision"):
        with translation.override("en"):  # it stays on record, for readers of any language
            because = right_ended(request)
        if because:
            lapse(request, because)
        else:
            settle_one(request, follower)
        lapsed += request.state == RequestState.LAPSED
    return lapsed


def _settle(request: ChangeRequest, actor: AbstractBaseUser) -> None:
    """Record that a request has lapsed, in a transaction of its own: whoever comes to answer it is refused then."""
    if visible_requests(reader_of(actor)).filter(pk=request.pk, state=RequestState.OPEN).exists():
        _settle_text(request.provision_id, request)


@dataclass(frozen=True)
class _Decision:
    """What becomes of a request, with the mark of the entry, and the request where the same entry decided it before."""

    state: RequestState
    answer: str
    mark: str
    before: ChangeRequest | None


def _decision(
    request: ChangeRequest, actor: AbstractBaseUser, state: RequestState, answer: str, key: str, seen: int | None = None
) -> _Decision:
    intent = Intent(ChangeRequest, actor, f"request {state}", request, base=seen or 0, content=answer.strip())
    mark, decided = recorded_before(key, intent)
    visible = visible_requests(reader_of(actor)).select_related("revision")
    return _Decision(state, answer.strip(), mark, visible.get(pk=decided) if decided is not None else None)


def _open(request: ChangeRequest, actor: AbstractBaseUser) -> ChangeRequest:
    """Return the request with its text locked, which all that write requests lock first, and its own row.

    Raises RequestClosed where it is not open or no longer asked by right, or ChangeRequest.DoesNotExist.
    """
    visible = visible_requests(reader_of(actor))
    Provision.objects.select_for_update(of=("self",)).get(pk=visible.get(pk=request.pk).provision_id)
    related = ("provision", "base", "stands_in", "on_behalf_of", "asked_by")
    request = visible.select_related(*related).select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != RequestState.OPEN:
        raise RequestClosed(request)
    if because := right_ended(request):
        raise RequestClosed(request, because)
    return request


def _decide(
    request: ChangeRequest, actor: AbstractBaseUser, decision: _Decision, revision: Revision | None = None
) -> None:
    request.state, request.answer, request.revision = decision.state, decision.answer, revision
    request.decided_by_id, request.decided_at = actor.pk, timezone.now()
    request.decision_key = decision.mark
    request.save(update_fields=["state", "answer", "revision", "decided_by", "decided_at", "decision_key"])
    publish(request)
