"""Previews of accepting requests on the current text.

The sentence that describes a request is stored when the request is made. Because the text may have changed since then,
the operation is performed at the current position of its bracket. The attribute `differs` shows whether the operation
would remove or insert wording other than the wording requested.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree
from bracketed_text.advanced import Bracket, groups
from issues.actions.change_previews import describe_operation
from issues.actions.errors import NotRecorded
from issues.actions.open_requests import Located, RequestTracker
from issues.actions.request_rights import reason_without_right
from issues.actions.text_checks import require_operations
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import Act, RequestState
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.operations import Operation, perform
from issues.text.sentences import name_lookup
from issues.text.steps import Texts
from issues.text.stored import stored_tree
from issues.wording import listed, quote, stance_sentence
from members.models import Member

Replacements = list[tuple[str, str]]


@dataclass(frozen=True)
class RequestPreview:
    """The effect that accepting a request would have on the text of revision `number`.

    `operation` is None if the request has lapsed, for the reason given in `lapsed_because`. If the effect would differ
    from the request, `differs` is true and `sentences` describes the effect. `refused` states why an open request
    cannot be accepted. Either its wording, which an earlier release stored, is no longer valid, or the resulting text
    would be too long.
    """

    number: int
    operation: Operation | None = None
    sentences: list[str] = field(default_factory=list)
    differs: bool = False
    lapsed_because: str = ""
    refused: str = ""


def preview_requests(requests: Iterable[ChangeRequest]) -> dict[int, RequestPreview]:
    """Return the effect that accepting each open request would have now. The keys are the primary keys of the requests.

    The relations `provision`, `base`, `stands_in` and `on_behalf_of` of the requests must have been loaded. The
    requests may be annotated with `right_holds`. The function runs one query, and a few further queries for each
    request whose bracket was last located in an earlier text.
    """
    by_text: defaultdict[Provision, list[ChangeRequest]] = defaultdict(list)
    for request in requests:
        if request.state == RequestState.OPEN:
            by_text[request.provision].append(request)
    newest = {
        revision.provision_id: revision for revision in Revision.objects.current().filter(provision__in=list(by_text))
    }
    previews: dict[int, RequestPreview] = {}
    for provision, open_requests in by_text.items():
        texts = stored_texts(provision, load_register())
        selected = [row for request in open_requests for row in (request.base, request.stands_in) if row]
        for revision in (newest[provision.pk], *selected):
            texts.know(revision)
        tracker = RequestTracker(provision, texts, newest=newest[provision.pk])
        previews |= {request.pk: _preview(request, tracker, newest[provision.pk]) for request in open_requests}
    return previews


def _preview(request: ChangeRequest, tracker: RequestTracker, newest: Revision) -> RequestPreview:
    if not getattr(request, "right_holds", True):
        return RequestPreview(newest.number, lapsed_because=reason_without_right(request))
    located = tracker.locate(request)
    if not isinstance(located, Located):
        return RequestPreview(newest.number, lapsed_because=located.reason)
    try:
        for operation in (Operation.from_json(request.operation), located.operation):
            require_operations([operation])
        return _preview_located(located, request, tracker.texts, newest)
    except NotRecorded as refused:
        reason = _(
            "This request cannot be accepted as submitted. Decline it, or ask the delegation to submit it again. "
            "%(reason)s"
        )
        return RequestPreview(located.number, located.operation, refused=reason % {"reason": refused})


def _preview_located(located: Located, request: ChangeRequest, texts: Texts, newest: Revision) -> RequestPreview:
    code = request.on_behalf_of.code
    requested = _replacements(texts.tree(request.base.number), Operation.from_json(request.operation), code)
    if requested == _replacements(texts.tree(located.number), located.operation, code):
        return RequestPreview(located.number, located.operation)
    sentences = describe_request(newest, located.operation, request.on_behalf_of)
    return RequestPreview(located.number, located.operation, sentences, differs=True)


def _replacements(tree: Tree, operation: Operation, code: str) -> Replacements | None:
    """Return each removed passage with its replacement, or None if the operation cannot be performed."""
    try:
        edit = perform(tree, operation, code)
    except EditRefused:
        return None
    return [(tree.text[change.start : change.end], change.added) for change in edit.changes]


def describe_request(
    base: Revision, operation: Operation, member: Member, *, name_requester: bool = False
) -> list[str]:
    """Return sentences that describe the effect of a requested operation on the text of `base`.

    `member` is the member that requests the operation. If `name_requester` is true, the sentence about a merge names
    that member. Raise OperationRefused, TextRefused or WordsRefused.
    """
    sentences = describe_operation(base, operation, member)
    if operation.act != Act.MERGE:
        return sentences
    tree = stored_tree(base, load_register())
    alternatives = _alternatives(tree, operation)
    values = {
        "alternatives": listed([quote(_words(tree, bracket)) for bracket in alternatives]),
        "words": quote(operation.words),
        "member": member.local_name,
    }
    sentence = (
        _("%(member)s asks to replace the alternatives %(alternatives)s with %(words)s.")
        if name_requester
        else _("The alternatives %(alternatives)s would be replaced with %(words)s.")
    )
    return [sentence % values, _names_carried_over(tree, operation, member, alternatives)]


def _names_carried_over(tree: Tree, operation: Operation, member: Member, alternatives: tuple[Bracket, ...]) -> str:
    """Return a sentence that lists the names at the head of the merged wording."""
    at, edit = alternatives[0].start, perform(tree, operation, member.code)
    merged = next(bracket for bracket, _place in edit.tree.walk() if bracket.start == at)
    claims = [(claim.stance, name) for claim in merged.head.claims for name in claim.names]
    if not claims:
        return _("Nobody is named at these alternatives.")
    sentence = (
        _("The names at both alternatives would be carried over: %(names)s")
        if len(alternatives) == 2
        else _("The names at all these alternatives would be carried over: %(names)s")
    )
    return sentence % {"names": stance_sentence(claims, operation.words, name_lookup())}


def is_unedited_merge(base: Revision, operation: Operation) -> bool:
    """Return whether an operation is a merge whose text is still the text that was prefilled in the form.

    The prefilled text consists of the alternatives, one after another.
    """
    if operation.act != Act.MERGE:
        return False
    tree = stored_tree(base, load_register())
    alternatives = " ".join(_words(tree, bracket) for bracket in _alternatives(tree, operation))
    return operation.words.split() == alternatives.split()


def _alternatives(tree: Tree, operation: Operation) -> tuple[Bracket, ...]:
    """Return the brackets of the choice on which an operation acts."""
    for group in groups(tree):
        if any(bracket.start == operation.at for bracket in group.brackets):
            return tuple(group.brackets)
    return ()


def _words(tree: Tree, bracket: Bracket) -> str:
    return tree.text[bracket.body : bracket.close].strip()
