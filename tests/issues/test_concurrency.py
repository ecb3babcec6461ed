"""Tests of concurrent users with real threads and connections, on the database of the test run."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import Conflict
from issues.models import Provision, Variant
from members.models import Member
from tests.factories import MemberFactory, provision_with

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Each Member shall act."
WRITERS = 6


@pytest.fixture
def provision() -> Provision:
    """Return a provision. Canada is a member."""
    MemberFactory(code="CAN", name="Canada")
    return provision_with(TEXT)


def at_once(run: Callable[[int], str]) -> Counter[str]:
    """Call `run` in threads that start together, and count the return values."""
    barrier = Barrier(WRITERS)

    def one(number: int) -> str:
        barrier.wait()
        try:
            return run(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return Counter(pool.map(one, range(WRITERS)))


def attempt(provision: Provision, user: Any, text: str, key: str) -> str:
    try:
        revision = changes.log(
            TextChange(provision, base_revision=1, edit=text, on_behalf_of=Member.objects.get(code="CAN")),
            actor=user,
            idempotency_key=key,
        )
    except Conflict:
        return "conflict"
    return f"revision {revision.number}"


def test_one_of_several_simultaneous_changes_is_recorded_and_the_others_are_refused(
    provision: Provision, canada: Any
) -> None:
    outcomes = at_once(lambda number: attempt(provision, canada, f"{TEXT} [CAN: {number} times]", f"key {number}"))
    assert outcomes == {"revision 2": 1, "conflict": WRITERS - 1}
    assert provision.revisions.count() == 2
    assert Variant.objects.filter(provision=provision).count() == 1


def test_a_double_click_is_recorded_once_and_every_click_receives_the_same_response(
    provision: Provision, canada: Any
) -> None:
    outcomes = at_once(lambda _: attempt(provision, canada, f"{TEXT} [CAN: twice]", "the same key"))
    assert outcomes == {"revision 2": WRITERS}
    assert provision.revisions.count() == 2


def test_simultaneous_changes_in_different_places_are_all_recorded(canada: Any) -> None:
    words = [f"word{number}" for number in range(WRITERS)]
    provision = provision_with(" and so ".join(words), slug="places")
    text = provision.revisions.get(number=1).text
    outcomes = at_once(
        lambda number: attempt(
            provision, canada, text.replace(words[number], f"[CAN oppose: {words[number]}]"), f"key {number}"
        )
    )
    assert outcomes == {f"revision {number}": 1 for number in range(2, WRITERS + 2)}
    assert provision.revisions.get(number=WRITERS + 1).text == " and so ".join(
        f"[CAN oppose: {word}]" for word in words
    )
    assert Variant.objects.filter(provision=provision, closed_in=None).count() == WRITERS
