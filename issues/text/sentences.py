"""Sentences that describe changes to a text, with the names of members written out."""

from collections.abc import Callable, Iterable
from functools import cache

from bracketed_text import Tree, compare
from issues.models import Revision
from issues.text.entries import Endings, acting_in, compared
from issues.text.member_names import load_register, names_by_code
from issues.text.stored import stored_tree
from issues.wording import sentences
from members.models import Member

NameLookup = Callable[[str], str]


def name_lookup() -> NameLookup:
    """Return a function that maps a code to a name, and an unknown code to itself.

    The names are loaded when the function is first called.
    """
    names = cache(names_by_code)
    return lambda code: names().get(code, code)


def describe_change(
    old: Tree,
    new: Tree,
    name_of: NameLookup | None = None,
    endings: Endings | None = None,
    *,
    member: Member | None = None,
) -> list[str]:
    """Return a sentence for each difference between two texts.

    A caller that compares many texts should pass the result of a single call of `name_lookup` as `name_of`. `endings`
    contains the known outcomes of variants of `old`. `member` is the acting member.
    """
    if old.text == new.text:
        return []
    actors = (member.code,) if member else ()
    return sentences(old, new, compare(old, new, endings), name_of or name_lookup(), actors)


def describe_revision(revision: Revision) -> list[str]:
    """Return a sentence for each difference from the previous revision. The list is empty for the first revision."""
    return describe_revisions([revision])[revision.pk]


def describe_revisions(revisions: Iterable[Revision]) -> dict[int, list[str]]:
    """Return, for each revision, a sentence for each difference from the previous revision.

    The keys are the primary keys of the revisions. The number of queries does not depend on the number of revisions.
    """
    rows = list(revisions)
    keys = {(row.provision_id, row.follows_number) for row in rows}
    followed = Revision.objects.filter(
        provision__in={provision for provision, _ in keys}, number__in={number for _, number in keys}
    )
    previous = {(row.provision_id, row.number): row for row in followed.only("provision", "number", "text", "unparsed")}
    register, names = load_register(), name_lookup()

    def describe(row: Revision) -> list[str]:
        before = previous.get((row.provision_id, row.follows_number))
        if before is None:
            return []
        old, new = stored_tree(before, register), stored_tree(row, register)
        return sentences(old, new, compared(before, row, old, new), names, acting_in(row))

    return {row.pk: describe(row) for row in rows}
