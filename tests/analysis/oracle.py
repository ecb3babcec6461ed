"""An independent statement of what can be read in a text and by whom, by trying everything.

A world is generated as data, so that this module knows its structure without parsing the text. No code of the product
is imported, not even the parser of the engine. `test_oracle.py` compares the product with it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product

MEMBERS = ("BRA", "CAN", "EU", "FRA", "IDN", "JPN", "KEN", "POL")
# The European Union negotiates for France and Poland, which also take part.
REPRESENTED = {"FRA": "EU", "POL": "EU"}
PARTIES = tuple(member for member in MEMBERS if member not in REPRESENTED)
GROUPING, GROUPED = "AFRICAN GROUP", ("KEN", "EU")
VERBS = {"propose": 1, "support": 1, "oppose": -1, "reserve": 0}


@dataclass
class Variant:
    """A bracket, an alternative or a labelled option: its stances by holder, and the choices within its words."""

    stances: list[tuple[str, str]] = field(default_factory=list)
    inner: list["Choice"] = field(default_factory=list)


@dataclass
class Choice:
    """One bracket (`kind` is "bracket"), or several variants of which one remains ("slash" or "options")."""

    kind: str
    variants: list[Variant]


def world(seed: int) -> list[Choice]:
    """Return a text of random choices, nested up to three levels."""
    rng = random.Random(seed)
    return [_choice(rng, depth=1) for _ in range(rng.randint(1, 4))]


def _choice(rng: random.Random, depth: int) -> Choice:
    kind = rng.choice(["bracket", "bracket", "slash", *(["options"] if depth == 1 else [])])
    count = 1 if kind == "bracket" else rng.randint(2, 3)
    # The engine takes an option for a choice of its own right if a bracket fills it, so that there each has a head.
    return Choice(kind, [_variant(rng, depth) for _ in range(count)])


def _variant(rng: random.Random, depth: int) -> Variant:
    holders = rng.sample([*MEMBERS, GROUPING], rng.choice([0, 1, 1, 2, 2, 3]))
    stances = [(holder, rng.choice([*VERBS, "oppose", "propose"])) for holder in holders]
    if stances and rng.random() < 0.15:
        stances.append((stances[0][0], rng.choice(list(VERBS))))
    inner = [_choice(rng, depth + 1) for _ in range(rng.choice([0, 0, 1, 2]))] if depth < 3 else []
    return Variant(sorted(set(stances)), inner)


def written(choices: list[Choice]) -> str:
    """Return the text of a world. Words between choices keep neighbouring brackets from forming a run."""
    blocks = []
    for number, choice in enumerate(choices, start=1):
        if choice.kind == "options":
            lines = [
                f"Option {at}: [{_head(variant)}{_inside(variant)}]"
                for at, variant in enumerate(choice.variants, start=1)
            ]
            blocks.append(f"{number}. There are these options:\n\n" + "\n".join(lines))
        else:
            blocks.append(f"{number}. Each party {_inline(choice)} without delay.")
    return "\n\n".join(blocks) + "\n\n9. It enters into force.\n"


def _head(variant: Variant) -> str:
    claims = "; ".join(f"{holder} {verb}" for holder, verb in variant.stances)
    return f"{claims}: " if claims else ""


def _inline(choice: Choice) -> str:
    return " / ".join(f"[{_head(variant)}{_inside(variant)}]" for variant in choice.variants)


def _inside(variant: Variant) -> str:
    return " ".join(["acts", *(f"as {_inline(choice)} requires" for choice in variant.inner), "and informs"])


def positions(choices: list[Choice]) -> Iterator[dict[str, int]]:
    """Yield the sides that the parties take at each variant, outer variants before inner ones."""
    for choice in choices:
        for variant in choice.variants:
            yield sides(variant)
            yield from positions(variant.inner)


def sides(variant: Variant) -> dict[str, int]:
    """Return the side of each party that takes one at a variant."""
    taken: dict[str, int] = {}
    for party in PARTIES:
        stances = _stances(variant, party)
        if party == "EU" and not stances:
            stances = [verb for holder, verb in variant.stances if REPRESENTED.get(holder) == party]
            if len({VERBS[verb] for verb in stances} - {0}) == 2:
                stances = []
        values = {VERBS[verb] for verb in stances} - {0}
        if len(values) == 1:
            taken[party] = values.pop()
    return taken


def _stances(variant: Variant, member: str) -> list[str]:
    own = [verb for holder, verb in variant.stances if holder == member]
    through = [verb for holder, verb in variant.stances if holder == GROUPING and member in GROUPED]
    return own or through


def largest_sets(choices: list[Choice]) -> list[frozenset[str]]:
    """Return all sets of parties with a common reading that no larger set has, by trying all sets and all readings."""
    for size in range(len(PARTIES), -1, -1):
        largest = [frozenset(group) for group in combinations(PARTIES, size) if _can_read(choices, frozenset(group))]
        if largest:
            return largest
    raise AssertionError("the empty set can read every text")


def _can_read(choices: list[Choice], group: frozenset[str]) -> bool:
    return all(any(True for _ in _outcomes(choice, group)) for choice in choices)


def _outcomes(choice: Choice, group: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to decide a choice, and those within the words that stay, to which nobody in `group` objects."""
    supporters = [{party for party, side in sides(variant).items() if side > 0} for variant in choice.variants]
    opponents = [{party for party, side in sides(variant).items() if side < 0} for variant in choice.variants]
    if choice.kind == "bracket" and not supporters[0] & group:
        yield ("removed",)
    for at, variant in enumerate(choice.variants):
        elsewhere = set().union(*supporters) - supporters[at] if choice.kind != "bracket" else set()
        if group & (opponents[at] | elsewhere):
            continue
        for inner in product(*(list(_outcomes(nested, group)) for nested in variant.inner)):
            yield (str(at), *(step for outcome in inner for step in outcome))
            break  # one way is enough
