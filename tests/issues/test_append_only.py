"""Tests that the database itself protects the record."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction

from issues.models import ProposalStep, Revision, StatusReport
from issues.models.append_only import TABLES, _triggers, install_guards, missing_guards
from issues.text import verification
from issues.text.verification import check_guards
from tests.admin.rows import a_row_of_each
from tests.factories import UserFactory, provision_with
from tests.guards import guards_lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision() -> Revision:
    """Return a revision."""
    return provision_with("Each Member shall act.").revisions.get()


def test_a_revision_cannot_be_changed(revision: Revision) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(text="Each Member may act.")
    revision.refresh_from_db()
    assert revision.text == "Each Member shall act."


def test_a_revision_cannot_be_deleted(revision: Revision) -> None:
    with pytest.raises(IntegrityError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM issues_revision")
    assert Revision.objects.filter(pk=revision.pk).exists()


def test_saving_an_unchanged_revision_is_allowed_and_changes_nothing(revision: Revision) -> None:
    Revision.objects.filter(pk=revision.pk).update(text=revision.text)


@pytest.mark.parametrize("altered", ["text", "reason", "source"])
def test_an_altered_revision_does_not_match_its_hash(revision: Revision, altered: str) -> None:
    assert revision.digest == revision.expected_digest("")
    setattr(revision, altered, getattr(revision, altered) + "x")
    assert revision.digest != revision.expected_digest("")


def test_a_revision_preserves_every_byte_of_its_text() -> None:
    text = "  [CAN: é\t“words”]\r\n\r\nlast line \n\n"
    stored: Any = provision_with(text).revisions.get()
    stored.refresh_from_db()
    assert stored.text == text


def rows_on_record() -> None:
    """Create a row in every guarded table."""
    a_row_of_each(code="CAN")
    LogEntry.objects.create(user=UserFactory(), action_flag=1, object_repr="a line")


def values(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        row = cursor.fetchone()
        return dict(zip([column[0] for column in cursor.description], row, strict=True))


@pytest.mark.parametrize("table", TABLES)
def test_a_recorded_row_cannot_be_changed_deleted_or_replaced_by_any_statement(table: str) -> None:
    rows_on_record()
    before = values(table)
    text = next(name for name in ("note", "text", "key", "object_repr", "label", "old", "data") if name in before)
    statements = {
        f"UPDATE {table} SET {text} = 'x'": "never changed",
        f"DELETE FROM {table}": "never",
    }
    if connection.vendor == "postgresql":
        statements[f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE"] = "never"
    else:
        columns = ", ".join(name if name != text else "'x'" for name in before)
        statements[f"INSERT OR REPLACE INTO {table} SELECT {columns} FROM {table}"] = "never replaced"
    for statement, refusal in statements.items():
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert values(table) == before
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {text} = {text}")


def test_a_hash_can_be_set_only_once() -> None:
    rows_on_record()
    for model in (ProposalStep, StatusReport):
        for values in ({"seals": {}}, {"seals": None}, {"digest": "0" * 64}, {"digest_scheme": 1}):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                model.objects.update(**values)


def triggers() -> list[tuple[str, str]]:
    """Return the table and the name of each guard."""
    return [
        (trigger.table, trigger.name) for table, row in TABLES.items() for trigger in _triggers(connection, table, row)
    ]


def test_the_check_names_each_missing_trigger_and_how_to_restore_it() -> None:
    assert missing_guards() == []
    assert check_guards() == []
    of_table = " ON {table}" if connection.vendor == "postgresql" else ""
    for table, name in triggers():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{of_table.format(table=table)}")
        assert missing_guards() == [f"{table} ({name})"]
        [error] = check_guards()
        assert error.is_serious()
        assert name in error.msg
        assert "manage.py migrate" in str(error.hint)
        for command, options in (("verify_record", {}), ("check", {"deploy": True})):
            with pytest.raises(CommandError) as refused:
                call_command(command, stdout=StringIO(), stderr=StringIO(), **options)
            assert name in str(refused.value), command
        install_guards()
        assert missing_guards() == []


def test_the_check_reports_a_trigger_that_permits_everything() -> None:
    if connection.vendor == "postgresql":
        statements = [
            "ALTER TABLE issues_revision DISABLE TRIGGER issues_revision_guard",
            "CREATE OR REPLACE FUNCTION issues_revision_guard() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$",
        ]
    else:
        statements = ["DROP TRIGGER issues_revision_no_update"]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            assert any("issues_revision" in one for one in missing_guards())
            if connection.vendor == "postgresql":
                install_guards()
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER issues_revision_no_update BEFORE UPDATE ON issues_revision WHEN 0 "
                "BEGIN SELECT RAISE(ABORT, 'never'); END"
            )
            assert missing_guards() == ["issues_revision (issues_revision_no_update)"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps a trigger as it was written.")
@pytest.mark.parametrize("table", TABLES)
def test_the_check_reports_a_trigger_that_fires_less_often(table: str) -> None:
    call = f"FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
    for weaker in (
        f"BEFORE DELETE ON {table} {call}",
        f"BEFORE UPDATE ON {table} {call}",
        f"AFTER UPDATE OR DELETE ON {table} {call}",
        f"BEFORE UPDATE OF id OR DELETE ON {table} {call}",
        f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW WHEN (false) EXECUTE FUNCTION {table}_guard()",
        f"BEFORE UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()",
        f"BEFORE UPDATE OR DELETE ON issues_lens {call}",
    ):
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute(f"DROP TRIGGER {table}_guard ON {table}")
            cursor.execute(f"CREATE TRIGGER {table}_guard {weaker}")
            assert missing_guards() == [f"{table} ({table}_guard)"], weaker
            transaction.set_rollback(True)
    assert missing_guards() == []


def test_verification_names_each_missing_trigger_and_how_to_restore_it() -> None:
    provision_with("Each Member shall act.")
    with guards_lifted(), pytest.raises(CommandError) as refused:
        call_command("verify_record", stdout=StringIO())
    lines = str(refused.value).splitlines()
    assert all(name in lines[0] for _, name in triggers())
    assert lines[1] == "To restore the triggers, run manage.py migrate."
    call_command("verify_record", stdout=StringIO())


def test_the_check_reports_that_the_database_did_not_respond(monkeypatch: Any) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server does not answer")

    monkeypatch.setattr(verification, "missing_guards", away)
    [message] = check_guards()
    assert not message.is_serious()
    assert message.msg == "The database is not responding, so its triggers were not checked."
