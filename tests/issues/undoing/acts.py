"""Functions that log changes to a text and read its variants and their positions."""

import datetime
from typing import Any

from bracketed_text import parse
from bracketed_text.advanced import variants
from issues.models import Position, Provision, Revision, Variant
from issues.text import index
from issues.text.lifetimes import holders_of
from issues.text.member_names import load_register
from issues.text.operations import Operation
from members.models import Member
from tests.factories import log_change

TEXT = "Each Party shall [CAN support; BRA oppose: promptly publish] its laws [JPN: on the internet]."
LIFTED = "Each Party shall promptly publish its laws [JPN: on the internet]."
LATER = datetime.date(2021, 6, 1)


def press(provision: Provision, actor: Any, act: str, words: str, code: str = "", **values: Any) -> Revision:
    """Perform an operation on the bracket that contains `words`."""
    current = provision.revisions.latest("number")
    tree = parse(current.text, load_register())
    at = next(variant.begin for variant in variants(tree) if words in variant.words(tree.text))
    further = {name: values.pop(name) for name in ("stance", "number") if name in values}
    return log_change(
        provision=provision,
        base_revision=current.number,
        edit=Operation(act, at, **further),
        actor=actor,
        on_behalf_of=Member.objects.get(code=code) if code else None,
        **values,
    )


def log(provision: Provision, actor: Any, text: str, **values: Any) -> Revision:
    return log_change(
        provision=provision,
        base_revision=provision.revisions.latest("number").number,
        edit=text,
        actor=actor,
        **values,
    )


def standing(provision: Provision) -> list[Any]:
    """Return the open variants and the positions on them, with their places and dates."""
    rows = Variant.objects.filter(provision=provision, closed_in=None).order_by("ordinal")
    held = Position.objects.filter(until_revision=None)
    return [
        (
            *(row.ordinal, row.kind, row.text, row.depth, row.begun_in_id, row.begun_on),
            sorted(
                held.filter(variant=row).values_list(
                    "stance", "member__code", "grouping__code", "begun_in", "begun_on"
                ),
                key=str,
            ),
        )
        for row in rows
    ]


def whole(provision: Provision) -> None:
    """Assert that the index equals one rebuilt from the texts."""
    assert index.differences(provision, load_register(), holders_of()) == []
    before = standing(provision)
    index.rebuild([provision])
    assert standing(provision) == before
