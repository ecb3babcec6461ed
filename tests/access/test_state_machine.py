"""Tests that the product allows exactly what the oracle allows, in small random worlds."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from issues.access import rules
from issues.access.rules import HOLDINGS, RULES, Action, Relation, Role
from tests.access.machine import AccessMachine, ServedMachine
from tests.access.worlds import Made

pytestmark = pytest.mark.django_db

STEPS = int(os.environ.get("ACCESS_STEPS", "300"))
STEPS_IN_A_WORLD = 50
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


@pytest.fixture(scope="module", autouse=True)
def beginning(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Create the initial world, which all runs share."""
    with django_db_blocker.unblock(), transaction.atomic():
        AccessMachine.beginning = Made()
        yield
        transaction.set_rollback(True)


def run(machine: type[AccessMachine], steps: int, phases: list[Phase], derandomize: bool = True) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, steps // STEPS_IN_A_WORLD),
            stateful_step_count=STEPS_IN_A_WORLD,
            phases=phases,
            derandomize=derandomize,
            database=None,
            deadline=None,
            suppress_health_check=CHECKS,
            report_multiple_bugs=False,
        ),
    )


def test_every_role_can_read_and_do_exactly_what_the_oracle_allows() -> None:
    """Set `ACCESS_STEPS=10000` for a long run with different worlds each time."""
    run(ServedMachine, STEPS, [Phase.generate, Phase.shrink], derandomize="ACCESS_STEPS" not in os.environ)


def inverted() -> list[tuple[Action | str, Role]]:
    """Return all cells of the table of rules, including the conditions under which a role is held."""
    cells: list[tuple[Action | str, Role]] = [(Action.READ_PUBLIC, Role.ANYBODY)]
    cells += [(action, role) for action in Action if action != Action.READ_PUBLIC for role in Role]
    cells += [("on_its_days", role) for role in HOLDINGS]
    # Only delegates act for a member.
    return [*cells, ("member_takes_part", Role.DELEGATE)]


def _cells_for_ci() -> list[Any]:
    """Return the cells. CI checks one cell in 24, and the remaining cells are marked for the nightly run."""
    return [
        cell if number % 24 == 0 else pytest.param(*cell, marks=pytest.mark.nightly)
        for number, cell in enumerate(inverted())
    ]


@pytest.mark.once  # the table is the same on both databases
@pytest.mark.parametrize(("cell", "role"), _cells_for_ci())
def test_an_inverted_cell_of_the_access_table_is_detected(
    cell: Action | str, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(cell, Action):
        row = dict(RULES[cell])
        if row.pop(role, None) is None:
            row[role] = Relation.ALWAYS if role is Role.ANYBODY else Relation.NEGOTIATION
        monkeypatch.setitem(rules.RULES, cell, row)
    else:
        held = HOLDINGS[role]
        monkeypatch.setitem(rules.HOLDINGS, role, replace(held, **{cell: not getattr(held, cell)}))
    with pytest.raises(AssertionError):
        run(AccessMachine, 500, [Phase.generate])
