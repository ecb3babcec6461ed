"""Undo one's own last change to a text, as long as no later entry builds on it.

Nothing is deleted. A new entry restores the text that preceded the mistaken entry, refers to the mistaken entry, and
has the same date and member. The mistaken entry is then treated as if it had never been in force: positions and
variants that it ended continue, and a request that it accepted or a proposal that it merged is open again. An undo can
itself be undone.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from issues.access.permissions import Refused, require_acting_for, require_may_enter, require_restructuring
from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_provisions
from issues.actions.corrections import original_entry
from issues.actions.errors import CannotUndo
from issues.actions.revisions import append_revisions, timestamp
from issues.actions.text_checks import require_value
from issues.models import ChangeRequest, Proposal, ProposalStep, Provision, Revision
from issues.models.choices import ProposalAct, ProposalState, RequestState
from issues.sync.publishing import publish, publishing
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.steps import Texts
from members.plain_text import PROSE


@publishing()
def undo_revision(*, revision: Revision, actor: AbstractBaseUser, reason: str = "") -> Revision:
    """Undo the actor's own last change to a text, and return the entry that undoes it.

    A repeated call returns the same entry, unless that entry has itself been undone. Raise CannotUndo, InvalidValue for
    an invalid reason, permissions.Refused, or Provision.DoesNotExist if the actor may not see the provision.
    """
    require_value("reason", reason, PROSE)
    reader = reader_of(actor)
    mistake = original_entry(revision)
    _lock_proposals(mistake)
    locked = visible_provisions(reader).select_for_update(of=("self",)).select_related("negotiation")
    provision = locked.get(pk=revision.provision_id)
    undone = mistake.undone_by.filter(recorded_by=actor.pk).order_by("number").first()
    if undone is not None and not undone.undone_by.exists():
        return undone
    _require_undoable(reader, provision, mistake)
    texts = stored_texts(provision, load_register())
    mistakes = [mistake, *mistake.carried_by.order_by("number")]
    entries = _undoing_entries(provision, mistakes, texts, actor, reason)
    append_revisions(entries, mistakes[-1], texts, _requests_accepted_again(mistake))
    _restore_requests_and_proposals(entries[0])
    return entries[0]


def may_undo(actor: Reader, revision: Revision) -> bool:
    """Return whether the actor may undo `revision`."""
    mistake = original_entry(revision)
    if mistake.undone_by.exists():
        return False
    try:
        _require_undoable(actor, revision.provision, mistake)
    except (CannotUndo, Refused):
        return False
    return True


def _require_undoable(actor: Reader, provision: Provision, mistake: Revision) -> None:
    """Raise CannotUndo or Refused unless the actor may undo `mistake`.

    `mistake` must be the newest entry, must not be the first entry, and must have been recorded by the actor. The actor
    must still be permitted to make such a change.
    """
    require_may_enter(actor, provision)
    if actor.user is None or mistake.recorded_by_id != actor.user:
        raise Refused(
            _(
                "Revision %(number)s was recorded by another person, and only that person can undo it. Log "
                "the text as it should read, or ask the secretariat to correct the record."
            )
            % {"number": mistake.number}
        )
    if mistake.number == 1:
        raise CannotUndo(
            _(
                "This is the first text on record, so there is no earlier text to restore. Log the text as "
                "it should read instead."
            )
        )
    newest = provision.revisions.order_by("-number").first()
    if newest is not None and mistake not in (newest, newest.carries):
        raise CannotUndo(
            _(
                "Revision %(newest)s has been logged since, so revision %(number)s can no longer be "
                "undone. Log the text as it should read, as a correction of revision %(number)s."
            )
            % {"newest": newest.number, "number": mistake.number}
        )
    if mistake.on_behalf_of is None:
        require_restructuring(actor, provision)
        return
    require_acting_for(actor, mistake.on_behalf_of, provision.negotiation_id)


def _undoing_entries(
    provision: Provision, mistakes: list[Revision], texts: Texts, actor: AbstractBaseUser, reason: str
) -> list[Revision]:
    """Return the entries that undo `mistakes`: a change, followed by the entries that carry it forward."""
    now = timestamp()
    entries: list[Revision] = []
    for count, mistake in enumerate(mistakes, start=1):
        before = texts.entry(mistake.follows_number)
        entry = Revision(
            provision=provision,
            number=mistakes[-1].number + count,
            text=before.text,
            unparsed=before.unparsed,
            made_on=mistake.made_on,
            recorded_at=now,
            recorded_by_id=actor.pk,
            on_behalf_of=mistakes[0].on_behalf_of,
            reason=reason,
            follows=mistake.number if len(mistakes) > 1 else None,
            carries=entries[0] if entries else None,
        )
        entries.append(entry)
    entries[0].undoes = mistakes[0]
    if mistakes[0].undoes is not None:  # undoing an undo repeats the operations of the original change
        entries[0].performed = mistakes[0].undoes.performed
    return entries


def _lock_proposals(mistake: Revision) -> None:
    """Lock the proposals that undoing `mistake` may change.

    As in other actions, proposals are locked before the text. Requests need no separate lock, because they are written
    only while their text is locked.
    """
    # Evaluate the query, because an unevaluated query locks nothing.
    list(Proposal.objects.filter(steps__revision=mistake).select_for_update(of=("self",)).order_by("pk"))


def _restore_requests_and_proposals(undo: Revision) -> None:
    """Reverse the effects of the undone entry on requests and proposals."""
    mistake = undo.undoes
    assert mistake is not None  # this is true of every undo
    _reopen(ChangeRequest.objects.filter(revision=mistake), mistake)
    _accept_again(_reopened_by(mistake), undo)
    steps = ProposalStep.objects.filter(revision=mistake).order_by("pk")
    for step in steps.filter(act=ProposalAct.MERGED):
        _add_step(step, ProposalAct.UNMERGED, undo)
    for step in steps.filter(act=ProposalAct.UNMERGED):
        _add_step(step, ProposalAct.MERGED, undo)


def _requests_accepted_again(mistake: Revision) -> list[int]:
    """Return the primary keys of the requests that undoing `mistake` accepts again because `mistake` reopened them."""
    return list(_reopened_by(mistake).values_list("pk", flat=True))


def _reopened_by(mistake: Revision) -> "QuerySet[ChangeRequest]":
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


def _add_step(undone_step: ProposalStep, act: ProposalAct, undo: Revision) -> None:
    """Add a step to the proposal of `undone_step`, and update the state of that proposal."""
    assert undo.recorded_by_id is not None  # every undo is recorded by a person
    proposal = Proposal.objects.get(pk=undone_step.proposal_id)
    last = proposal.steps.aggregate(last=Max("number"))["last"]
    step = ProposalStep.objects.create(
        proposal=proposal,
        number=last + 1,
        act=act,
        revision=undo,
        note=undo.reason,
        made_on=undo.made_on,
        recorded_by_id=undo.recorded_by_id,
        on_behalf_of_id=undone_step.on_behalf_of_id,
    )
    decisive = proposal.steps.decisive().order_by("-number").first()
    proposal.state = decisive.act if decisive else ProposalState.TABLED
    proposal.save(update_fields=["state"])
    publish(proposal, step)
