"""Tests that compare the analyses with an oracle that tries everything and shares no code with the product."""

import ast
from functools import cache
from pathlib import Path

import pytest

from bracketed_text import Name, Register, parse
from issues.reports.analysis import Bound, Choice, Landing, choices_in, landing
from tests.analysis import oracle

WORLDS = range(500)
REGISTER = Register(
    [*((code, Name(code)) for code in oracle.MEMBERS), (oracle.GROUPING, Name(oracle.GROUPING, oracle.GROUPED))]
)


def test_the_oracle_shares_no_code_with_the_product() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported == {"random", "collections", "dataclasses", "itertools"}


@cache
def choices(seed: int) -> tuple[Choice, ...]:
    text = oracle.written(oracle.world(seed))
    return tuple(choices_in(parse(text, REGISTER), oracle.PARTIES, oracle.REPRESENTED))


def found(seed: int) -> Landing:
    return landing(choices(seed), oracle.PARTIES)


def test_the_largest_sets_match_an_exhaustive_search() -> None:
    for seed in WORLDS:
        largest = oracle.largest_sets(oracle.world(seed))
        zone = found(seed)
        text = oracle.written(oracle.world(seed))
        assert zone.bound is Bound.EXACT, text
        assert len(zone.members) == len(largest[0]), text
        assert zone.members in largest, text
        assert (zone.sets, zone.counted, zone.unique) == (len(largest), True, len(largest) == 1), text
        assert zone.in_all == frozenset.intersection(*largest), text
        assert zone.in_none == zone.parties - frozenset.union(*largest), text


def test_the_generated_cases_include_those_that_make_the_search_hard() -> None:
    zones = [found(seed) for seed in WORLDS]
    assert sum(not zone.unique for zone in zones) > 50
    assert sum(zone.enclosing_stay != len(zone.inside) for zone in zones) > 10
    nested = [choice for seed in WORLDS for choice in choices(seed) if choice.nested and choice.contested]
    assert len(nested) > 100


@pytest.mark.parametrize("seed", range(0, 500, 50))
def test_a_set_of_which_no_enclosing_bracket_is_removed_is_no_larger(seed: int) -> None:
    zone = found(seed)
    assert zone.enclosing_stay is not None
    assert zone.enclosing_stay <= len(zone.inside)
