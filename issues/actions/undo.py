"""What follows from an undo beside the text: a request that was accepted is open again, a merging is taken back.

An undo of the undo does it again. Called by `changes.undo` alone, in its transaction.
"""

from django.db.models import Max, QuerySet
from django.utils import timezone

from issues.models import ChangeRequest, Proposal, ProposalStep, Revision
from issues.models.choices import ProposalAct, ProposalState, RequestState
from issues.sync.publishing import publish


def hold(mistake: Revision) -> None:
    """Lock the proposals that an undo of `mistake` may change, before the text is: in the order in which others do.

    Requests are written by who has locked their text.
    """
    # Evaluated: a query that nobody reads locks nothing.
    list(Proposal.objects.filter(steps__revision=mistake).select_for_update(of=("self",)).order_by("pk"))


def follow_up(undo: Revision) -> None:
    """Do to requests and proposals what `undo` means for them."""
    mistake = undo.undoes
    assert mistake is not None  # that is what an undo is
    _reopen(ChangeRequest.objects.filter(revision=mistake), mistake)
    _accept_again(_open_again(mistake), undo)
    steps = ProposalStep.objects.filter(revision=mistake).order_by("pk")
    for step in steps.filter(act=ProposalAct.MERGED):
        _add(step, ProposalAct.UNMERGED, undo)
    for step in steps.filter(act=ProposalAct.UNMERGED):
        _add(step, ProposalAct.MERGED, undo)


def accepted_again(mistake: Revision) -> list[int]:
    """Return the requests (primary keys) that an undo of `mistake` accepts: it had made them open again."""
    return list(_open_again(mistake).values_list("pk", flat=True))


def _open_again(mistake: Revision) -> "QuerySet[ChangeRequest]":
    if mistake.undoes is None:
        return ChangeRequest.objects.none()
    return ChangeRequest.objects.filter(undone=mistake.undoes, state=RequestState.OPEN)


def _reopen(requests: "QuerySet[ChangeRequest]", mistake: Revision) -> None:
    for request in requests:
        request.state, request.answer, request.revision, request.undone = RequestState.OPEN, "", None, mistake
        request.decided_by, request.decided_at, request.decision_key = None, None, ""
        _save(request)


def _accept_again(requests: "QuerySet[ChangeRequest]", undo: Revision) -> None:
    for request in requests:
        request.state, request.revision = RequestState.ACCEPTED, undo
        request.decided_by_id, request.decided_at = undo.recorded_by_id, timezone.now()
        _save(request)


def _save(request: ChangeRequest) -> None:
    request.save(update_fields=["state", "answer", "revision", "undone", "decided_by", "decided_at", "decision_key"])
    publish(request)


def _add(before: ProposalStep, act: ProposalAct, undo: Revision) -> None:
    """Add a step to the proposal of the step `before`, which `undo` takes back, and give it the state that follows."""
    assert undo.recorded_by_id is not None  # somebody undid it
    proposal = Proposal.objects.get(pk=before.proposal_id)
    last = proposal.steps.aggregate(last=Max("number"))["last"]
    step = ProposalStep.objects.create(
        proposal=proposal,
        number=last + 1,
        act=act,
        revision=undo,
        note=undo.reason,
        made_on=undo.made_on,
        recorded_by_id=undo.recorded_by_id,
        on_behalf_of_id=before.on_behalf_of_id,
    )
    decisive = proposal.steps.decisive().order_by("-number").first()
    proposal.state = decisive.act if decisive else ProposalState.TABLED
    proposal.save(update_fields=["state"])
    publish(proposal, step)
