"""Tests that a database of an earlier release can be upgraded, backed up and restored, and that its record is valid.

The upgrade rebuilds the index stored by the earlier release and prints the differences.

Because no release exists yet, the database is that of commit 2924e88 in November 2026, the last before the second
migration. It contains the facts and one logged change. `first_release.json.xz` is its `dumpdata`.
"""

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Position, Provision, Revision, Variant
from jsi_tracker.ops import health
from members.concurrently import AddIndexConcurrently
from tests.operations.earlier import fill

THEN = [
    ("auth", "0012_alter_user_first_name_max_length"),
    ("issues", "0001_initial"),
    ("members", "0001_initial"),
]
STORED = Path(__file__).with_name("first_release.json.xz")


def said_by(*command: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def printed(another_database: None) -> str:
    """Upgrade the database of the earlier release after spoiling its index, and return the output of `migrate`."""
    MigrationExecutor(connection).migrate(THEN)
    with transaction.atomic():
        fill(STORED, THEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM issues_revision ORDER BY id")
        before = [row[0] for row in cursor.fetchall()]
    _spoil_the_index()
    assert health.migrations() == health.BEHIND
    out = said_by("migrate", verbosity=1)
    assert health.migrations() == health.FINE
    assert list(Revision.objects.order_by("pk").values_list("digest", flat=True)) == before
    return out


def _spoil_the_index() -> None:
    """Give the index of the earlier release a wrong outcome and wrong dates."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM issues_variant WHERE outcome = 'dropped'")
        dropped = cursor.fetchone()[0]
        cursor.execute("UPDATE issues_variant SET outcome = 'lifted' WHERE id = %s", [dropped])
        cursor.execute("UPDATE issues_variant SET opened_on = '1999-12-31' WHERE id = %s", [dropped])
        cursor.execute("SELECT min(id) FROM issues_position WHERE until IS NULL")
        cursor.execute("UPDATE issues_position SET since = '1999-12-30' WHERE id = %s", [cursor.fetchone()[0]])


@pytest.fixture(scope="module")
def upgraded(printed: str) -> str:
    """Return the output of `verify_record` after the upgrade."""
    return said_by("verify_record")


def test_errors_in_the_old_index_are_corrected_and_printed(printed: str) -> None:
    assert "Texts whose index was rebuilt: 37." in printed
    assert "previously lifted, now dropped." in printed
    assert "previously 1999-12-31, now 20" in printed
    assert "previously 1999-12-30, now 20" in printed
    assert not Variant.objects.filter(opened_on__year=1999).exists()
    assert not Position.objects.filter(since__year=1999).exists()
    assert not Variant.objects.filter(begun_in=None).exists()
    assert Provision.objects.count() >= 37


def test_a_second_migrate_finds_nothing_to_do(upgraded: str) -> None:
    assert "index was rebuilt" not in said_by("migrate", verbosity=1)


def test_the_record_of_an_earlier_release_is_verified_after_the_upgrade(upgraded: str) -> None:
    assert "Texts: 37 verified; chains, hashes and index agree." in upgraded
    told = Revision.objects.get(idempotency_key="release-before")
    assert told.text.endswith("[CAN: A sentence of the release before.]")


def test_the_site_can_be_used_after_the_upgrade(upgraded: str) -> None:
    provision = Provision.objects.get(slug="customs-duties")
    current = provision.revisions.latest("number")
    logged = changes.log(
        TextChange(
            provision,
            base_revision=current.number,
            edit=current.text.replace(" [CAN: A sentence of the release before.]", ""),
            on_behalf_of=None,
        ),
        actor=get_user_model().objects.get(username="secretariat"),
    )
    assert logged.number == current.number + 1


def test_an_index_can_be_created_and_removed_without_blocking_writers(upgraded: str) -> None:
    state = MigrationExecutor(connection).loader.project_state()
    after = state.clone()
    added = AddIndexConcurrently("lens", models.Index(fields=["name"], name="lens_by_name"))
    added.state_forwards("issues", after)
    for step, there in ((added.database_forwards, True), (added.database_backwards, False)):
        with connection.schema_editor(atomic=False) as editor:
            step("issues", editor, *((state, after) if there else (after, state)))
        with connection.cursor() as cursor:
            assert ("lens_by_name" in connection.introspection.get_constraints(cursor, "issues_lens")) == there


@pytest.fixture
def backup(upgraded: str, tmp_path: Path) -> Path:
    programs = {"pg_dump", "pg_restore", "psql"} if connection.vendor == "postgresql" else set()
    if missing := [name for name in programs if shutil.which(name) is None]:
        pytest.skip(f"{', '.join(missing)} not on this machine: apt-get install postgresql-client")
    path = tmp_path / "backup"
    assert "bytes" in said_by("backup", str(path))
    return path


def test_lost_data_are_restored_from_a_backup_and_the_record_is_verified(backup: Path) -> None:
    held, provision = said_by("verify_record"), Provision.objects.get(slug="customs-duties")
    changed = Revision.objects.filter(provision=provision).latest("number")
    changes.log(
        TextChange(provision, base_revision=changed.number, edit=f"{changed.text} Lost."),
        actor=get_user_model().objects.get(username="secretariat"),
    )
    assert said_by("verify_record") != held
    with pytest.raises(
        CommandError, match=r"The database contains 1 negotiations, 166 members, .* revisions, .* users"
    ):
        call_command("restore", str(backup))
    said_by("restore", str(backup), yes_replace_everything=True)
    assert said_by("verify_record") == held
    assert Revision.objects.filter(provision=provision).latest("number").pk == changed.pk


def test_a_restored_record_is_append_only_too(backup: Path) -> None:
    said_by("restore", str(backup), yes_replace_everything=True)
    with pytest.raises(IntegrityError, match="is never changed"), transaction.atomic():
        Revision.objects.filter(number=1).update(text="Forged.")


def test_a_backup_is_complete_and_private_and_does_not_overwrite_files(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    before = backup.read_bytes()
    with pytest.raises(CommandError, match="does not overwrite files"):
        call_command("backup", str(backup))
    assert backup.read_bytes() == before
    assert [one.name for one in backup.parent.iterdir()] == ["backup"]
    with pytest.raises(CommandError, match="does not exist"):
        call_command("backup", str(backup.parent / "nowhere" / "backup"))


def test_a_damaged_backup_is_refused_and_no_data_are_lost(backup: Path) -> None:
    held = said_by("verify_record")
    whole = backup.read_bytes()
    backup.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(CommandError, match=r"damaged|pg_restore failed"):
        call_command("restore", str(backup), yes_replace_everything=True)
    assert said_by("verify_record") == held


def test_a_file_that_is_not_a_backup_of_this_database_is_refused(upgraded: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", str(path))
    path.write_text("Something else.")
    with pytest.raises(CommandError, match="is not a backup"):
        call_command("restore", str(path))
    path.write_bytes(b"PGDMP" if connection.vendor == "sqlite" else b"SQLite format 3\x00")
    with pytest.raises(CommandError, match="but DATABASE_URL names"):
        call_command("restore", str(path))
