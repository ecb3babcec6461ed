"""Tests that an upgrade rebuilds the index stored by an earlier release and prints the differences."""

import io

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from issues.models import Position, Provision, Variant
from tests.operations.earlier import fill
from tests.operations.test_upgrades import STORED, THEN, said_by


@pytest.fixture(scope="module")
def printed(another_database: None) -> str:
    """Return the output of `migrate` on a database whose index has a wrong outcome and wrong dates."""
    MigrationExecutor(connection).migrate(THEN)
    with transaction.atomic():
        fill(STORED, THEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM issues_variant WHERE outcome = 'dropped'")
        dropped = cursor.fetchone()[0]
        cursor.execute("UPDATE issues_variant SET outcome = 'lifted' WHERE id = %s", [dropped])
        cursor.execute("UPDATE issues_variant SET opened_on = '1999-12-31' WHERE id = %s", [dropped])
        cursor.execute("SELECT min(id) FROM issues_position WHERE until IS NULL")
        cursor.execute("UPDATE issues_position SET since = '1999-12-30' WHERE id = %s", [cursor.fetchone()[0]])
    out = io.StringIO()
    call_command("migrate", verbosity=1, stdout=out)
    return out.getvalue()


def test_errors_in_the_old_index_are_corrected_and_printed(printed: str) -> None:
    assert "Texts whose index was rebuilt: 37." in printed
    assert "previously lifted, now dropped." in printed
    assert "previously 1999-12-31, now 20" in printed
    assert "previously 1999-12-30, now 20" in printed
    assert not Variant.objects.filter(opened_on__year=1999).exists()
    assert not Position.objects.filter(since__year=1999).exists()
    assert not Variant.objects.filter(begun_in=None).exists()
    assert Provision.objects.count() >= 37


def test_the_record_is_verified_and_a_second_migrate_changes_nothing(printed: str) -> None:
    assert "chains, hashes and index agree." in said_by("verify_record")
    out = io.StringIO()
    call_command("migrate", verbosity=1, stdout=out)
    assert "index was rebuilt" not in out.getvalue()
