"""Permission to make a change, judged by the effect of the change on the text."""

from bracketed_text import Tree
from bracketed_text.advanced import variants
from issues.access.permissions import Acting, Refused, judge_change
from issues.models import Provision
from issues.models.choices import Act
from issues.text.entries import places_in
from issues.text.index import opened_by
from issues.text.operations import RESTRUCTURING
from issues.text.sentences import name_lookup
from members.models import Member


def require_authorized(acts: Acting, provision: Provision, old: Tree, new: Tree, current: Tree | None = None) -> None:
    """Raise Refused unless the actor may change `old` into `new`.

    The index, which records the member that opened each bracket, is queried only if the answer could affect the
    decision. Because the index describes the current text, `current` must be the current text if `old` is an earlier
    text.
    """
    try:
        judge_change(acts, old, new)
    except Refused:
        opened = brackets_opened_by(acts.member, provision, current or old)
        if current is not None:
            opened = frozenset(places_in(opened, current, old).values())
        judge_change(acts, old, new, opened, name_lookup())


def refusal_of(acts: Acting, provision: Provision, old: Tree, new: Tree, current: Tree | None = None) -> Refused | None:
    """Return the refusal that `require_authorized` would raise, or None if the actor may make the change."""
    if old.text == new.text:
        return None
    try:
        require_authorized(acts, provision, old, new, current)
    except Refused as refused:
        return refused
    return None


def brackets_opened_by(member: Member | None, provision: Provision, tree: Tree) -> frozenset[int]:
    """Return the offsets of the brackets that `member` opened. `tree` is the tree of the current text."""
    if member is None or all(member.code not in bracket.head.names() for bracket, _ in tree.walk()):
        return frozenset()
    ordinals = opened_by(provision, member)
    return frozenset(variant.begin for ordinal, variant in enumerate(variants(tree), start=1) if ordinal in ordinals)


def acting_member(acts: Acting, act: Act | str) -> Member | None:
    """Return the member in whose name an operation is performed, or None if a facilitator restructures the text."""
    return None if acts.restructures and act in RESTRUCTURING else acts.member
