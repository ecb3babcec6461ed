"""What accepting a request would do on the text that stands now, and whether it is still asked by right.

Its sentence was stored when it was asked. Others have changed the text since: the operation is done where its bracket
stands now, and `differs` says whether it would take away or put anything else than was asked for.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree, parse
from bracketed_text.advanced import Bracket, groups
from issues.access.permissions import Refused, require_acting_for, require_taking_part
from issues.access.roles import reader_of, with_participation
from issues.access.rules import HOLDINGS, RULES, Action, Relation
from issues.actions.change_previews import describe_operation
from issues.actions.errors import NotRecorded
from issues.actions.open_requests import Follower, Found
from issues.actions.text_checks import require_operations
from issues.models import ChangeRequest, Participation, Provision, Revision
from issues.models.choices import Act, RequestState
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.operations import Operation, perform
from issues.text.sentences import name_lookup
from issues.text.steps import Texts
from issues.wording import listed, quote, stance_sentence
from members.models import Delegation, Member, in_force

Fingerprint = list[tuple[str, str]]


@dataclass(frozen=True)
class RequestPreview:
    """What accepting would do on the text of revision `number`, in sentences; or why nothing can be done any more.

    `refused` says why the request cannot be accepted although it is open, "" where it can: an earlier release let words
    in that go into no text today, or the text has become too long for them.
    """

    number: int
    operation: Operation | None = None
    says: list[str] = field(default_factory=list)
    differs: bool = False
    because: str = ""
    refused: str = ""


def prospects(requests: Iterable[ChangeRequest]) -> dict[int, RequestPreview]:
    """Return what accepting each open request would do now, by primary key.

    `requests` have `provision`, `base`, `stands_in` and `on_behalf_of` fetched along, and `right_holds` where that was
    looked at. One query, and some for each whose bracket was last looked for in an earlier text.
    """
    by_text: defaultdict[Provision, list[ChangeRequest]] = defaultdict(list)
    for request in requests:
        if request.state == RequestState.OPEN:
            by_text[request.provision].append(request)
    newest = {
        revision.provision_id: revision for revision in Revision.objects.current().filter(provision__in=list(by_text))
    }
    found: dict[int, RequestPreview] = {}
    for provision, waiting in by_text.items():
        texts = stored_texts(provision, load_register())
        for known in (newest[provision.pk], *(row for one in waiting for row in (one.base, one.stands_in) if row)):
            texts.know(known)
        follower = Follower(provision, texts, newest=newest[provision.pk])
        found |= {one.pk: _prospect(one, follower, texts, newest[provision.pk]) for one in waiting}
    return found


def _prospect(request: ChangeRequest, follower: Follower, texts: Texts, newest: Revision) -> RequestPreview:
    if not getattr(request, "right_holds", True):
        return RequestPreview(newest.number, because=right_ended(request))
    where = follower.follow(request)
    if not isinstance(where, Found):
        return RequestPreview(newest.number, because=where.because)
    try:
        for operation in (Operation.from_json(request.operation), where.operation):
            require_operations([operation])
        return _prospect_at(where, request, texts, newest)
    except NotRecorded as refused:
        reason = _("This request cannot be accepted as submitted: decline it, or have it submitted again. %(reason)s")
        return RequestPreview(where.number, where.operation, refused=reason % {"reason": refused})


def _prospect_at(where: Found, request: ChangeRequest, texts: Texts, newest: Revision) -> RequestPreview:
    code = request.on_behalf_of.code
    tree = texts.tree(where.number)
    asked = _fingerprint(texts.tree(request.base.number), Operation.from_json(request.operation), code)
    if asked == _fingerprint(tree, where.operation, code):
        return RequestPreview(where.number, where.operation)
    return RequestPreview(where.number, where.operation, foretold(newest, where.operation, request.on_behalf_of), True)


def _fingerprint(tree: Tree, operation: Operation, code: str) -> Fingerprint | None:
    """Return what an operation takes out of a text and puts in its place; None where it cannot be done."""
    try:
        edit = perform(tree, operation, code)
    except EditRefused:
        return None
    return [(tree.text[change.start : change.end], change.added) for change in edit.changes]


def with_right(requests: "QuerySet[ChangeRequest]", day: datetime.date | None = None) -> "QuerySet[Any]":
    """Say of each request whether it is asked by right on `day`, today by default: `right_holds`.

    The person that asked acts for the member, and the member takes part. What `right_ended` says of one.
    """
    day = day or timezone.localdate()
    delegations = Delegation.objects.filter(
        user=OuterRef("asked_by"), user__is_active=True, negotiation=OuterRef("provision__negotiation")
    )
    acting = with_participation(delegations, day).filter(_acting_for(OuterRef("on_behalf_of"), day))
    taking_part = Participation.objects.on(day).filter(
        negotiation=OuterRef("provision__negotiation"), member=OuterRef("on_behalf_of")
    )
    return requests.annotate(right_holds=Exists(acting) & Exists(taking_part))


def _acting_for(member: OuterRef, day: datetime.date) -> Q:
    """Return the condition on delegations with `takes_part` that the table of rules lets them act for `member`."""
    allowed = Q(pk__in=())
    for role, relation in RULES[Action.ACT_FOR_MEMBER].items():
        holding = HOLDINGS[role]
        of_role = Q(role=role.value)
        if relation is Relation.MEMBER:
            of_role &= Q(member=member)
        if holding.on_its_days:
            of_role &= in_force(day)
        if holding.member_takes_part:
            of_role &= Q(takes_part=True)
        allowed |= of_role
    return allowed


def in_state(requests: "QuerySet[ChangeRequest]", state: str) -> "QuerySet[Any]":
    """Return the requests in this state as of now: an open one that is no longer asked by right has lapsed."""
    judged = with_right(requests)
    if state == RequestState.OPEN:
        return judged.filter(state=state, right_holds=True)
    if state == RequestState.LAPSED:
        return judged.filter(Q(state=state) | Q(state=RequestState.OPEN, right_holds=False))
    return judged.filter(state=state)


def right_ended(request: ChangeRequest) -> str:
    """Return in a sentence why a request is no longer asked by right, "" where it is."""
    member, negotiation = request.on_behalf_of, request.provision.negotiation_id
    try:
        require_taking_part(member, negotiation)
    except Refused:
        return _("%(member)s no longer takes part in this negotiation.") % {"member": member.local_name}
    try:
        require_acting_for(reader_of(request.asked_by), member, negotiation)
    except Refused:
        return _("The person who made the request no longer acts for %(member)s.") % {"member": member.local_name}
    return ""


def foretold(base: Revision, operation: Operation, member: Member, *, asks: bool = False) -> list[str]:
    """Return in sentences what an operation would do to the text of `base`; with `asks`, that `member` asks for it.

    Raises OperationRefused or TextRefused.
    """
    sentences = describe_operation(base, operation, member)
    if operation.act != Act.MERGE:
        return sentences
    tree = parse(base.text, load_register())
    brackets = _alternatives(tree, operation)
    words = {
        "alternatives": listed([quote(_words(tree, bracket)) for bracket in brackets]),
        "words": quote(operation.words),
        "member": member.local_name,
    }
    names = name_lookup()
    at, edit = brackets[0].start, perform(tree, operation, member.code)
    merged = next(bracket for bracket, _place in edit.tree.walk() if bracket.start == at)
    claims = [(claim.stance, name) for claim in merged.head.claims for name in claim.names]
    sentence = (
        _("%(member)s asks to replace the alternatives %(alternatives)s with %(words)s.")
        if asks
        else _("The alternatives %(alternatives)s would be replaced with %(words)s.")
    )
    if not claims:
        return [sentence % words, _("No names are recorded on them.")]
    stands = stance_sentence(claims, operation.words, names)
    whose = (
        _("The names on both would be carried over: %(names)s")
        if len(brackets) == 2
        else _("The names on all of them would be carried over: %(names)s")
    )
    return [sentence % words, whose % {"names": stands}]


def is_default_of_form(base: Revision, operation: Operation) -> bool:
    """Whether the words to merge into are only the alternatives one after the other, as a form puts them."""
    if operation.act != Act.MERGE:
        return False
    tree = parse(base.text, load_register())
    alternatives = " ".join(_words(tree, bracket) for bracket in _alternatives(tree, operation))
    return operation.words.split() == alternatives.split()


def _alternatives(tree: Tree, operation: Operation) -> tuple[Bracket, ...]:
    """Return the brackets of the choice in which an operation is done."""
    for group in groups(tree):
        if any(bracket.start == operation.at for bracket in group.brackets):
            return tuple(group.brackets)
    return ()


def _words(tree: Tree, bracket: Bracket) -> str:
    return tree.text[bracket.body : bracket.close].strip()
