"""Tests that nothing is lost or duplicated after concurrent changes, killed processes or lost connections."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision, Revision, Variant
from issues.models.choices import Act
from issues.text import index
from issues.text.operations import Operation
from issues.text.verification import provisions_to_verify, verify
from members.models import Member
from tests.factories import DelegationFactory, MemberFactory, provision_with
from tests.serving import copy_of_the_empty_database

ROOT = Path(__file__).resolve().parents[2]
PROVISIONS, CHANGES_EACH, WRITERS = 20, 10, 8
WORDS = [f"word{number}" for number in range(CHANGES_EACH)]


def nothing_is_wrong() -> bool:
    return not any(found for _, found in verify(provisions_to_verify()))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_changes_to_twenty_texts_by_eight_writers_are_all_recorded() -> None:
    member = MemberFactory(code="CAN", name="Canada")
    writers = [DelegationFactory(role="delegate", member=member).user for _ in range(WRITERS)]
    texts = [provision_with(" and then ".join(WORDS), slug=f"text-{number}") for number in range(PROVISIONS)]
    places = [texts[0].revisions.get().text.index(word) for word in WORDS]

    def write(number: int) -> int:
        provision, place = texts[number % PROVISIONS], number // PROVISIONS
        try:
            return changes.log(
                TextChange(
                    provision,
                    base_revision=1,
                    edit=Operation(Act.ENCLOSE, places[place], places[place] + len(WORDS[place])),
                    on_behalf_of=member,
                ),
                actor=writers[number % WRITERS],
                idempotency_key=f"change {number}",
            ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        numbers = list(pool.map(write, range(PROVISIONS * CHANGES_EACH)))

    for at, provision in enumerate(texts):
        assert sorted(numbers[at::PROVISIONS]) == list(range(2, CHANGES_EACH + 2))
        newest = provision.revisions.latest("number").text
        assert newest == " and then ".join(f"[CAN oppose: {word}]" for word in WORDS)
        assert Variant.objects.filter(provision=provision, closed_in=None).count() == CHANGES_EACH
    assert nothing_is_wrong()


SCRIPT = """
import os, signal, sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from issues.text import index
from issues.models import Provision
from members.models import Delegation
from tests.factories import DelegationFactory, MemberFactory, log_change, provision_with

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

when = sys.argv[1]
if when == "prepare":
    DelegationFactory(role="delegate", member=MemberFactory(code="CAN", name="Canada"))
    provision_with("Each Member shall act.", slug="article")
    sys.exit()
if when == "before commit":
    index._store, kept = die, index._store
delegation = Delegation.objects.get()
revision = log_change(
    provision=Provision.objects.get(),
    base_revision=1,
    edit="Each Member shall [CAN: always] act.",
    actor=delegation.user,
    on_behalf_of=delegation.member,
    idempotency_key="the same key",
)
if when == "before the answer":
    die()
print(revision.number, Provision.objects.get().revisions.count())
call_command("verify_record")
"""


@pytest.fixture
def run(tmp_path: Path, django_db_setup: None) -> Callable[[str], "subprocess.CompletedProcess[str]"]:
    """Return a function that runs the script in a separate process on a separate SQLite database."""
    environment = {
        **os.environ,
        "DATABASE_URL": copy_of_the_empty_database(tmp_path / "site.sqlite3"),
        "DJANGO_SETTINGS_MODULE": "jsi_tracker.settings",
    }

    def go(when: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", SCRIPT, when]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    prepared = go("prepare")
    assert prepared.returncode == 0, prepared.stderr
    return go


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the processes share an SQLite database")
@pytest.mark.parametrize("when", ["before commit", "before the answer"])
def test_a_process_killed_during_a_change_leaves_all_or_nothing_and_a_retry_is_recorded_once(
    run: Callable[[str], "subprocess.CompletedProcess[str]"], when: str
) -> None:
    assert run(when).returncode == -signal.SIGKILL
    retried = run("again")
    assert retried.returncode == 0, retried.stderr
    assert retried.stdout.splitlines()[0] == "2 2"
    assert "agree" in retried.stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server whose connection could be lost")
def test_a_connection_lost_during_a_change_stores_nothing_and_a_retry_is_recorded_once(monkeypatch: Any) -> None:
    member = MemberFactory(code="CAN", name="Canada")
    user = DelegationFactory(role="delegate", member=member).user
    provision = provision_with("Each Member shall act.")

    def log() -> Revision:
        return changes.log(
            TextChange(provision, base_revision=1, edit="Each Member shall [CAN: always] act.", on_behalf_of=member),
            actor=user,
            idempotency_key="the same key",
        )

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    store: Callable[..., None] = index._store

    def cut(*args: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_terminate, pid).result()
        store(*args)

    monkeypatch.setattr(index, "_store", cut)
    with pytest.raises((OperationalError, InterfaceError)):
        log()
    monkeypatch.setattr(index, "_store", store)
    connection.close()
    assert Provision.objects.get().revisions.count() == 1
    assert log().number == log().number == 2
    assert Member.objects.count() == 1
    assert nothing_is_wrong()


def _terminate(pid: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    connections["default"].close()
