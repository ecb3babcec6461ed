"""What delegates ask of facilitators: a request is made, and accepted, declined or taken back. One transaction each."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from issues import changes
from issues.access.permissions import require_acting_for, require_restructuring, require_taking_part
from issues.access.roles import reader_of
from issues.access.visibility import visible_provisions, visible_requests
from issues.choices import RequestState
from issues.idempotency import Intent, recorded_before
from issues.models import ChangeRequest, Provision, Revision
from issues.operations import RESTRUCTURING, Operation
from issues.telling import tell, telling
from issues.text_checks import require_operations, require_value
from members.models import Member
from members.plain_text import LINE, PROSE, written_out


class Decided(changes.NotLogged):
    """The request was answered or taken back already."""

    def __init__(self, request: ChangeRequest) -> None:
        super().__init__(
            _("This request is no longer open: it was %(what)s.") % {"what": request.get_state_display().lower()}
        )


@telling()
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

    Raises access.Refused, changes.OperationRefused, changes.Conflict where there is no such revision,
    changes.TextRefused where it is not for a facilitator, or Provision.DoesNotExist for one that is not to be seen.
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
        raise changes.TextRefused(_("This needs nobody's help: you may do it yourself."))
    # The lock also keeps a double click from asking twice.
    provision = visible_provisions(reader).select_for_update(of=("self",)).get(pk=provision.pk)
    if asked_before is not None:
        return ChangeRequest.objects.get(pk=asked_before)
    base = provision.revisions.filter(number=base_revision).first()
    if base is None:
        raise changes.Conflict(provision.revisions.latest("number"))
    with translation.override("en"):  # it stays on record, for readers of any language
        says = changes.foretell(base, operation, on_behalf_of)
    same = ChangeRequest.objects.filter(
        provision=provision, base=base, on_behalf_of=on_behalf_of, asked_by=actor.pk, reason=reason
    )
    for asked in same.filter(state=RequestState.OPEN):
        if asked.operation == wanted:
            return asked
    asked = ChangeRequest.objects.create(
        provision=provision,
        base=base,
        operation=wanted,
        says=written_out(" ".join(says)),
        reason=reason,
        asked_by_id=actor.pk,
        on_behalf_of=on_behalf_of,
        idempotency_key=mark,
    )
    tell(asked)
    return asked


@telling()
def accept(*, request: ChangeRequest, actor: AbstractBaseUser, answer: str = "", idempotency_key: str = "") -> Revision:
    """Do what was asked, with what others have logged since; return the revision that it became.

    Raises Decided, access.Refused, or what `changes.log` raises.
    """
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.ACCEPTED, answer, idempotency_key)
    if decision.before is not None and decision.before.revision is not None:
        return decision.before.revision
    request = _open(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    asked = f"At the request of {request.on_behalf_of.name}"
    revision = changes.log(
        provision=request.provision,
        base_revision=request.base.number,
        operation=Operation.from_json(request.operation),
        actor=actor,
        reason=f"{asked}: {request.reason}" if request.reason else asked,
    )
    _decide(request, actor, decision, revision)
    return revision


@telling()
def decline(*, request: ChangeRequest, actor: AbstractBaseUser, answer: str, idempotency_key: str = "") -> None:
    """Answer no, and why. Raises Decided, access.Refused, or changes.TextRefused without a reason."""
    require_value("answer", answer, PROSE)
    decision = _decision(request, actor, RequestState.DECLINED, answer, idempotency_key)
    if decision.before is not None:
        return
    request = _open(request, actor)
    require_restructuring(reader_of(actor), request.provision)
    if not answer.strip():
        raise changes.TextRefused(_("Say why the request is declined: whoever asked will read it."))
    _decide(request, actor, decision)


@telling()
def take_back(*, request: ChangeRequest, actor: AbstractBaseUser, idempotency_key: str = "") -> None:
    """Ask no longer. Raises Decided, or access.Refused for anybody but the member that asked."""
    decision = _decision(request, actor, RequestState.TAKEN_BACK, "", idempotency_key)
    if decision.before is not None:
        return
    request = _open(request, actor)
    require_acting_for(reader_of(actor), request.on_behalf_of, request.provision.negotiation_id)
    _decide(request, actor, decision)


@dataclass(frozen=True)
class _Decision:
    """What becomes of a request, with the mark of the entry, and the request where the same entry decided it before."""

    state: RequestState
    answer: str
    mark: str
    before: ChangeRequest | None


def _decision(request: ChangeRequest, actor: AbstractBaseUser, state: RequestState, answer: str, key: str) -> _Decision:
    intent = Intent(ChangeRequest, actor, f"request {state}", request, content=answer.strip())
    mark, decided = recorded_before(key, intent)
    visible = visible_requests(reader_of(actor)).select_related("revision")
    return _Decision(state, answer.strip(), mark, visible.get(pk=decided) if decided is not None else None)


def _open(request: ChangeRequest, actor: AbstractBaseUser) -> ChangeRequest:
    """Return the request with its row locked; raises Decided, or ChangeRequest.DoesNotExist where it is not visible."""
    request = visible_requests(reader_of(actor)).select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != RequestState.OPEN:
        raise Decided(request)
    return request


def _decide(
    request: ChangeRequest, actor: AbstractBaseUser, decision: _Decision, revision: Revision | None = None
) -> None:
    request.state, request.answer, request.revision = decision.state, decision.answer, revision
    request.decided_by_id, request.decided_at = actor.pk, timezone.now()
    request.decision_key = decision.mark
    request.save(update_fields=["state", "answer", "revision", "decided_by", "decided_at", "decision_key"])
    tell(request)
