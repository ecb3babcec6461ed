"""Tests of agreement, the map and the order of members, computed from tables of sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from issues.reports.analysis import agreement, arrangement, carried_onto, clustered, nearest

TABLES = st.tuples(st.integers(0, 12), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.sampled_from([-1.0, 0.0, 1.0]))
)


@given(TABLES)
def test_agreement_equals_the_result_of_direct_counting(table: np.ndarray) -> None:
    found = agreement(table)
    for first in range(table.shape[1]):
        for second in range(table.shape[1]):
            pairs = [(a, b) for a, b in zip(table[:, first], table[:, second], strict=True) if a and b]
            assert found.same[first, second] == sum(a == b for a, b in pairs)
            assert found.opposite[first, second] == sum(a != b for a, b in pairs)


@given(TABLES)
def test_the_order_by_clusters_contains_every_member_once(table: np.ndarray) -> None:
    assert sorted(clustered(agreement(table))) == list(range(table.shape[1]))


@given(TABLES)
def test_every_member_has_a_place_on_the_map(table: np.ndarray) -> None:
    places = arrangement(agreement(table))
    assert places.shape == (table.shape[1], 2)
    assert np.isfinite(places).all()


def test_each_of_two_opposing_camps_is_close_together_and_far_from_the_other_on_the_map() -> None:
    camps = np.array([[1, -1, 1, -1, 1, -1]] * 20, dtype=np.float32)
    found = agreement(camps)
    order = clustered(found)
    assert {tuple(sorted(order[:3])), tuple(sorted(order[3:]))} == {(0, 2, 4), (1, 3, 5)}
    places = arrangement(found)
    within = np.linalg.norm(places[0] - places[2])
    across = np.linalg.norm(places[0] - places[1])
    assert within < 0.1 < 0.8 < across


def test_map_distances_between_three_members_are_one_minus_the_smoothed_share() -> None:
    found = agreement(np.array([[1, 1, -1], [1, -1, -1], [1, 1, 0], [-1, -1, 1]], dtype=np.float32))
    places = arrangement(found)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(places[first] - places[second]) == pytest.approx(1 - found.smoothed[first, second])


def test_the_nearest_members_are_ranked_by_the_number_of_comparisons() -> None:
    table = np.zeros((11, 3), dtype=np.float32)
    table[:10, :2] = 1
    table[10, [0, 2]] = 1
    pairs = nearest(agreement(table), 0)
    assert [(pair.column, pair.n, pair.is_small) for pair in pairs] == [(1, 10, False), (2, 1, True)]


def test_rotating_and_mirroring_the_map_shows_no_movement() -> None:
    places = np.array([[0.0, 0.0], [1.0, 0.2], [0.3, 0.9], [0.7, 0.4]])
    turned = places @ np.array([[0.0, 1.0], [1.0, 0.0]]) + 3
    assert carried_onto(turned, places) == pytest.approx(places)
