"""What changed between two versions of a provision, in terms of brackets and positions.

Matching: a variant is the same when its words are (marks and heads aside), in order of the text. What is left
on both sides is reworded where at least half of the words are shared (Dice coefficient over the words,
L. R. Dice, Ecology 26, 1945); the rest was opened, lifted, dropped or chosen.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

from issues.brackets.alternatives import Relation, Variant, groups, variants
from issues.brackets.tree import Tree
from issues.brackets.words import words

# The part of the words that two versions of one bracket share at least.
SAME_BRACKET = 0.5


class Act(Enum):
    """What happened to a variant, to a position, or to the base text."""

    OPENED = "opened"
    LIFTED = "lifted"
    DROPPED = "dropped"
    CHOSEN = "chosen"
    REWORDED = "reworded"
    POSITION_TAKEN = "position taken"
    POSITION_WITHDRAWN = "position withdrawn"
    BASE_TEXT = "base text changed"


class Event(NamedTuple):
    """One thing that changed. `old` and `new` are positions in the lists of variants of each version."""

    act: Act
    old: int | None = None
    new: int | None = None
    stance: str = ""
    name: str = ""
    removed: str = ""
    added: str = ""


class Comparison(NamedTuple):
    """Two versions, their variants, which of them are the same, and what happened."""

    old_variants: list[Variant]
    new_variants: list[Variant]
    same: dict[int, int]
    events: list[Event]


def compare(old: Tree, new: Tree) -> Comparison:
    """Return what changed from `old` to `new`."""
    before, after = variants(old), variants(new)
    same = _same(_keys(old, before), _keys(new, after))
    reworded = _reworded(old, new, before, after, same)
    events = [
        *_endings(old, new, before, {**same, **reworded}),
        *(
            Event(Act.OPENED, new=at)
            for at in range(len(after))
            if at not in set(same.values()) | set(reworded.values())
        ),
        *(
            Event(Act.REWORDED, one, other, removed=_words_of(old, before[one]), added=_words_of(new, after[other]))
            for one, other in reworded.items()
        ),
        *_position_changes(before, after, {**same, **reworded}),
        *_base_text(old, new, before, after),
    ]
    return Comparison(before, after, same, events)


def _words_of(tree: Tree, variant: Variant) -> str:
    return tree.text[variant.start : variant.end].strip()


def _keys(tree: Tree, found: list[Variant]) -> list[tuple[str, ...]]:
    """Return the words of each variant without heads, so that a change of positions alone keeps it the same.

    One pass over the text: every piece is folded once, and each variant takes the run of words that it spans.
    """
    flat: list[str] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    edges = sorted({offset for variant in found for offset in (variant.start, variant.end)})
    edge = 0
    for start, end, role, _ in tree.pieces():
        position = start
        while edge < len(edges) and edges[edge] <= end:
            if role == "text":
                flat += words(tree.text, position, edges[edge])
                position = max(position, edges[edge])
            starts[edges[edge]] = ends[edges[edge]] = len(flat)
            edge += 1
        if role == "text":
            flat += words(tree.text, position, end)
    return [tuple(flat[starts[variant.start] : ends[variant.end]]) for variant in found]


def _same(before: list[tuple[str, ...]], after: list[tuple[str, ...]]) -> dict[int, int]:
    """Return which variants of both versions have the same words, first come first served."""
    waiting: defaultdict[tuple[str, ...], deque[int]] = defaultdict(deque)
    for at, key in enumerate(before):
        waiting[key].append(at)
    return {waiting[key].popleft(): at for at, key in enumerate(after) if waiting[key]}


def _reworded(
    old: Tree, new: Tree, before: list[Variant], after: list[Variant], same: dict[int, int]
) -> dict[int, int]:
    """Return which of the variants left over share at least half of their words, each with its best match."""
    taken = set(same.values())
    left_before = {at: Counter(words(_words_of(old, before[at]))) for at in range(len(before)) if at not in same}
    left_after = {at: Counter(words(_words_of(new, after[at]))) for at in range(len(after)) if at not in taken}
    scored = sorted(
        (
            (-_dice(one, other), abs(before_at - after_at), before_at, after_at)
            for before_at, one in left_before.items()
            for after_at, other in left_after.items()
        ),
    )
    found: dict[int, int] = {}
    for score, _, one_at, other_at in scored:
        if -score >= SAME_BRACKET and one_at not in found and other_at not in found.values():
            found[one_at] = other_at
    return found


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _endings(old: Tree, new: Tree, before: list[Variant], matched: dict[int, int]) -> Iterator[Event]:
    """Yield how each variant ended that the new version no longer has."""
    base_before, base_after = _base_words(old), _base_words(new)
    siblings = _siblings(old, before)
    for at, variant in enumerate(before):
        if at in matched:
            continue
        key = " ".join(words(_words_of(old, variant)))
        stays = bool(key) and _times(base_after, key) > _times(base_before, key)
        alone = not any(other in matched for other in siblings.get(at, ()))
        if stays and siblings.get(at) and alone:
            yield Event(Act.CHOSEN, old=at)
        else:
            yield Event(Act.LIFTED if stays else Act.DROPPED, old=at)


def _siblings(tree: Tree, found: list[Variant]) -> dict[int, list[int]]:
    """Return the alternatives that each variant stands beside, by position in `found`."""
    at = {variant.start: index for index, variant in enumerate(found)}
    beside: dict[int, list[int]] = {}
    for group in groups(tree):
        members = [at[start] for start, _ in group.spans if start in at]
        if group.relation is not Relation.RUN or len(members) > 1:
            beside |= {one: [other for other in members if other != one] for one in members}
    return beside


def _times(haystack: str, needle: str) -> int:
    return f" {haystack} ".count(f" {needle} ")


def _base_words(tree: Tree) -> str:
    return " ".join(
        word
        for start, end, role, bracket in tree.pieces()
        if role == "text" and bracket is None
        for word in words(tree.text, start, end)
    )


def _position_changes(before: list[Variant], after: list[Variant], matched: dict[int, int]) -> Iterator[Event]:
    for one, other in matched.items():
        held, holds = _claims(before[one]), _claims(after[other])
        for stance, name in sorted(held - holds):
            yield Event(Act.POSITION_WITHDRAWN, one, other, stance, name)
        for stance, name in sorted(holds - held):
            yield Event(Act.POSITION_TAKEN, one, other, stance, name)


def _claims(variant: Variant) -> set[tuple[str, str]]:
    return {(claim.stance, name) for claim in variant.head.claims for name in claim.names}


def _base_text(old: Tree, new: Tree, before: list[Variant], after: list[Variant]) -> Iterator[Event]:
    """Yield the words changed outside all brackets, other than those that a bracket took in or gave back."""
    was, now = _base_words(old).split(), _base_words(new).split()
    first = 0
    while first < min(len(was), len(now)) and was[first] == now[first]:
        first += 1
    last = 0
    while last < min(len(was), len(now)) - first and was[-1 - last] == now[-1 - last]:
        last += 1
    was, now = was[first : len(was) - last], now[first : len(now) - last]
    taken_in = _bag(new, after) - _bag(old, before)
    given_back = _bag(old, before) - _bag(new, after)
    for tag, one, one_end, other, other_end in SequenceMatcher(None, was, now, autojunk=True).get_opcodes():
        if tag == "equal":
            continue
        removed = _unexplained(was[one:one_end], taken_in)
        added = _unexplained(now[other:other_end], given_back)
        if removed or added:
            yield Event(Act.BASE_TEXT, removed=" ".join(removed), added=" ".join(added))


def _bag(tree: Tree, found: list[Variant]) -> Counter[str]:
    """Return the words inside the outermost brackets."""
    return Counter(
        word
        for variant in found
        if variant.depth == 1 and variant.bracket is not None
        for word in words(_words_of(tree, variant))
    )


def _unexplained(changed: list[str], bag: Counter[str]) -> list[str]:
    """Return `changed` where `bag` does not hold all of it; otherwise take it out of the bag."""
    if all(bag[word] >= count for word, count in Counter(changed).items()):
        bag.subtract(changed)
        return []
    return changed
