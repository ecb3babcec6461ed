"""Previews of changes, which show the effect of recording a change without storing anything.

A preview contains the sentences that would be recorded and, if the change cannot be made, the reason. Each function
previews a different kind of input:

- `preview_change` previews a `TextChange`, as `changes.log` would record it.
- `preview_text` previews a complete text that replaces the current text, such as the result of merging a proposal.
- `preview_operations` previews several operations separately, such as those that a page offers as buttons.
- `preview_wording` previews only the wording, regardless of its author.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from bracketed_text import Diagnostic, Measures, Tree, compare, measure, parse
from issues.access.permissions import Acting, Refused, Tabled, acting, judge_change
from issues.access.roles import Reader
from issues.actions.apply_operations import EditResult, perform_operation
from issues.actions.authorization import acting_member, brackets_opened_by, refusal_of
from issues.actions.backdating import DayResult
from issues.actions.corrections import own_mistake, restorable_attributions
from issues.actions.edits import TextChange, apply_change, day_of, require_bounded_edit
from issues.actions.errors import OperationRefused, TextRefused
from issues.actions.text_checks import blocking_problems, require_operations, require_sound, require_text
from issues.models import Provision, Revision
from issues.text.ended_positions import EndedPositions, ended_positions
from issues.text.entries import Endings
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.operations import RESTRUCTURING, Operation
from issues.text.sentences import NameLookup, describe_change, name_lookup
from issues.text.stored import stored_tree
from members.models import Member


@dataclass(frozen=True)
class ChangePreview:
    """The effect of recording a change: the new text, its problems and a sentence for each difference.

    If the change would restore something that the actor ended with an entry of the past day, `takes_back` is that
    entry. Logging the change as a correction of that entry preserves the earlier dates. `ends` lists the positions of
    other members that the change ends. `dated` contains the result of a backdated change on each date concerned.
    """

    tree: Tree
    figures: Measures
    problems: list[Diagnostic]
    warnings: list[Diagnostic]
    sentences: list[str]
    refusal: Refused | None
    takes_back: Revision | None = None
    ends: Sequence[EndedPositions] = ()
    dated: Sequence[DayResult] = ()

    @property
    def can_be_logged(self) -> bool:
        """Return whether `changes.log` would record the change."""
        return bool(self.sentences) and not self.problems and self.refusal is None


@dataclass(frozen=True)
class OperationPreview:
    """The sentences that an operation would record.

    `refusal` is the Refused or NotRecorded error that prevents the operation, or None.
    """

    operation: Operation
    sentences: list[str]
    refusal: Exception | None


def preview_change(change: TextChange, *, actor: Reader) -> ChangePreview:
    """Return a preview of `change`, merged with the changes logged since its base revision.

    The preview includes any problems in the resulting text. Raise TextRefused if the date is invalid or if no text
    results. Also raise OperationRefused, WordsRefused or Conflict.
    """
    require_bounded_edit(change)
    provision, day = change.provision, day_of(change)
    current = provision.revisions.order_by("-number").first()
    old = stored_tree(current, load_register())
    days: list[DayResult] = []
    try:
        result, days = apply_change(change, current, old, day)
    except TextRefused as refused:
        if refused.tree is None:
            raise
        result = EditResult(refused.tree)
    preview = preview_text(
        provision=provision,
        base=current,
        new_text=result.tree.text,
        actor=actor,
        member=change.on_behalf_of,
        endings=None if change.operations is None else result.endings,
        corrects=change.corrects,
    )
    if not days:
        return preview
    restores = restorable_attributions(change.corrects, stored_texts(provision, old.register), actor, day)
    acts = acting(actor, provision, change.on_behalf_of, performed=change.operations is not None, restores=restores)
    refusal = preview.refusal or refusal_of(acts, provision, days[0].before, days[0].result.tree, current=old)
    return replace(preview, refusal=refusal, dated=days)


def preview_text(
    *,
    provision: Provision,
    base: Revision | None,
    new_text: str,
    actor: Reader,
    member: Member | None,
    tabled: Tabled | None = None,
    endings: Endings | None = None,
    corrects: Revision | None = None,
) -> ChangePreview:
    """Return a preview of replacing the text of the current revision, `base`, with `new_text`.

    `tabled` is the proposal from which the wording is taken. If the text results from operations, `endings` maps
    offsets in the text of `base` to the outcomes of variants. Raise TextRefused if `new_text` is invalid.
    """
    stored = base.text if base else ""
    new_text = require_text(new_text, stored)
    register = load_register()
    old, new = stored_tree(base, register), parse(new_text, register)
    result = EditResult(new, endings or {})
    restores = restorable_attributions(corrects, stored_texts(provision, register), actor, timezone.localdate())
    acts = acting(actor, provision, member, tabled=tabled, performed=endings is not None, restores=restores)
    preview = _preview_result(old, result, refusal_of(acts, provision, old, new), member)
    mistake = own_mistake(provision=provision, old=old, result=result, actor=actor, member=member)
    return replace(preview, takes_back=mistake, ends=others_positions_ended(old, new, member, endings))


def preview_wording(before: str, text: str) -> ChangePreview:
    """Return a preview of `text` as a replacement for `before`, regardless of its author.

    Raise TextRefused for an invalid text.
    """
    text = require_text(text, before)
    register = load_register()
    return _preview_result(parse(before, register), EditResult(parse(text, register)), None)


def _preview_result(
    old: Tree, result: EditResult, refusal: Refused | None, member: Member | None = None
) -> ChangePreview:
    problems = blocking_problems(result.tree)
    blocking = set(problems)
    return ChangePreview(
        tree=result.tree,
        figures=measure(result.tree),
        problems=problems,
        warnings=[diagnostic for diagnostic in result.tree.diagnostics if diagnostic not in blocking],
        sentences=describe_change(old, result.tree, endings=result.endings, member=member),
        refusal=refusal,
    )


def others_positions_ended(
    old: Tree, new: Tree, member: Member | None, endings: Endings | None = None
) -> list[EndedPositions]:
    """Return the positions that the change from `old` to `new` ends, except those of the acting `member`.

    `endings` contains the known outcomes of brackets (see `bracketed_text.compare`).
    """
    if not any(bracket.head.claims for bracket, _ in old.walk()):
        return []
    own = (member.code,) if member else ()
    return ended_positions(old, new, compare(old, new, endings), name_lookup(), own=own)


def preview_operations(
    *, provision: Provision, base: Revision, operations: Iterable[Operation], actor: Reader, member: Member | None
) -> list[OperationPreview]:
    """Return a preview of each of `operations`, performed on the text of the current revision, `base`."""
    old = stored_tree(base, load_register())
    opened = brackets_opened_by(member, provision, old)
    acts, names = acting(actor, provision, member, performed=True), name_lookup()

    def preview(operation: Operation) -> OperationPreview:
        own = replace(acts, member=acting_member(acts, operation.act))
        author = own.member
        try:
            result = perform_operation(old, operation, author)
            require_sound(result.tree)
        except (OperationRefused, TextRefused) as refused:
            return OperationPreview(operation, [], refused)
        refusal = _refusal(own, old, result.tree, opened, names)
        if refusal is not None and operation.act in RESTRUCTURING:
            author = None  # a facilitator performs such an operation without acting for a member
        sentences = describe_change(old, result.tree, names, result.endings, member=author)
        return OperationPreview(operation, sentences, refusal)

    return [preview(operation) for operation in operations]


def _refusal(acts: Acting, old: Tree, new: Tree, opened: frozenset[int], names: NameLookup) -> Refused | None:
    try:
        judge_change(acts, old, new, opened, names)
    except Refused as refused:
        return refused
    return None


def describe_operation(base: Revision, operation: Operation, member: Member | None = None) -> list[str]:
    """Return a sentence for each difference that `operation` makes to the text of `base`.

    `member` is the member that requests the operation. An operation that restructures the text is performed by the
    facilitator and affects the positions of `member` like those of any other member. Raise OperationRefused,
    TextRefused or WordsRefused if the operation cannot be performed.
    """
    require_operations([operation])
    old = stored_tree(base, load_register())
    result = perform_operation(old, operation, member)
    require_sound(result.tree)
    author = None if operation.act in RESTRUCTURING else member
    return describe_change(old, result.tree, endings=result.endings, member=author)
