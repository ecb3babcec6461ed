"""Positions that a change to a text would end, grouped by bracket.

These positions are listed before the change is recorded, so that no position ends unnoticed. A member may end its own
positions without confirmation. Before any other position ends, the user must confirm this.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from bracketed_text import Comparison, Tree
from bracketed_text.advanced import ENDINGS, Act, Variant
from issues.wording import stance_sentence

Claim = tuple[str, str]  # a stance, and the code of its holder


@dataclass(frozen=True)
class EndedPositions:
    """The positions that end at one bracket.

    They are given as a sentence and as claims, together with the wording of the bracket. `go_over` is true if all
    holders take the same position on the wording into which the bracket is merged.
    """

    says: str
    claims: tuple[Claim, ...]
    words: str = field(repr=False)
    go_over: bool = False


def ended_positions(
    old: Tree, new: Tree, comparison: Comparison, name_of: Callable[[str], str], *, own: Collection[str] = ()
) -> list[EndedPositions]:
    """Return the positions that the change from `old` to `new` ends, except those of the members in `own`.

    `own` contains the codes of members. `name_of` returns the name of the member or grouping with a given code.
    """
    opened = {
        claim
        for event in comparison.events
        if event.act is Act.OPENED and event.new is not None
        for claim in _claims(comparison.new_variants[event.new])
    }
    ended = []
    for event in comparison.events:
        if event.old is None:
            continue
        variant = comparison.old_variants[event.old]
        if event.act in ENDINGS:
            claims = [claim for claim in _claims(variant) if claim[1] not in own]
            go_over = event.act is Act.MERGED and set(claims) <= opened | _claims_at(comparison, event.new)
        elif event.act is Act.POSITION_WITHDRAWN and event.name not in own:
            claims, go_over = [(event.stance, event.name)], False
        else:
            continue
        if claims:
            words = variant.words(old.text)
            ended.append(EndedPositions(stance_sentence(claims, words, name_of), tuple(claims), words, go_over))
    return ended


def mark_of(ended: Iterable[EndedPositions]) -> str:
    """Return a fingerprint that changes if any of the positions or their wording changes."""
    content = json.dumps([[positions.claims, positions.words] for positions in ended])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _claims(variant: Variant) -> list[Claim]:
    return [(claim.stance, name) for claim in variant.head.claims for name in claim.names]


def _claims_at(comparison: Comparison, number: int | None) -> set[Claim]:
    """Return the claims of the new variant with index `number`, or an empty set if `number` is None."""
    return set() if number is None else set(_claims(comparison.new_variants[number]))
