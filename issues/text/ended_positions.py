"""Whose positions a change of a text ends: listed by bracket before it is recorded, so that nobody's ends unseen.

A member's own act ends its own positions and is not asked about; those of everybody else are.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from bracketed_text import Comparison, Tree
from bracketed_text.advanced import ENDINGS, Act, Variant, stance_sentence


@dataclass(frozen=True)
class EndedPositions:
    """Who stands at one bracket, in a sentence and as (stance, code) each, and its words.

    `go_over` is whether all of them stand at the words into which the bracket is merged.
    """

    says: str
    claims: tuple[tuple[str, str], ...]
    words: str = field(repr=False)
    go_over: bool = False


def ended_positions(
    old: Tree, new: Tree, comparison: Comparison, name_of: Callable[[str], str], *, own: Collection[str] = ()
) -> list[EndedPositions]:
    """Return the positions that the change from `old` to `new` ends, but for those of the members (codes) in `own`."""
    opened = {
        claim
        for event in comparison.events
        if event.act is Act.OPENED and event.new is not None
        for claim in _claims(comparison.new_variants[event.new])
    }
    found = []
    for event in comparison.events:
        if event.old is None:
            continue
        variant = comparison.old_variants[event.old]
        if event.act in ENDINGS:
            claims = [claim for claim in _claims(variant) if claim[1] not in own]
            go_over = event.act is Act.MERGED and set(claims) <= opened | _claims_of(comparison, event.new)
        elif event.act is Act.POSITION_WITHDRAWN and event.name not in own:
            claims, go_over = [(event.stance, event.name)], False
        else:
            continue
        if claims:
            words = variant.words(old.text)
            found.append(EndedPositions(stance_sentence(claims, words, name_of), tuple(claims), words, go_over))
    return found


def mark_of(ended: Iterable[EndedPositions]) -> str:
    """Return a mark of these positions at these words: another one where anybody moved, or the words changed."""
    content = json.dumps([[positions.claims, positions.words] for positions in ended])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _claims(variant: Variant) -> list[tuple[str, str]]:
    return [(claim.stance, name) for claim in variant.head.claims for name in claim.names]


def _claims_of(comparison: Comparison, number: int | None) -> set[tuple[str, str]]:
    return set() if number is None else set(_claims(comparison.new_variants[number]))
