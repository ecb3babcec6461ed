"""Tests that migrations unsafe for the previous release are reported unless they contain a justification."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from jsi_tracker.ops import migrations as checked
from members.concurrently import AddIndexConcurrently


def judged(*operations: Any, **attributes: Any) -> list[str]:
    """Return the reports on operations on a table of articles with a nullable title."""
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=80, null=True))]
    state.add_model(ModelState("issues", "Article", fields))
    migration = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    return [str(one) for one in checked.unsafe_operations(migration("0099_x", "issues"), state)]


TITLE = {"model_name": "article", "name": "title"}
UNSAFE = {
    "previous release still uses": migrations.RemoveField(**TITLE),
    "still uses it": migrations.RenameField("article", "title", "heading"),
    "in the next": migrations.DeleteModel("Article"),
    "stop using it": migrations.RenameModel("Article", "Provision"),
    "lack a value": migrations.AddField("article", "rank", models.IntegerField(default=0)),
    "db_index=False": migrations.AddField("article", "rank", models.IntegerField(null=True, db_index=True)),
    "may leave it empty": migrations.AlterField(**TITLE, field=models.CharField(max_length=80)),
    "is rewritten": migrations.AlterField(**TITLE, field=models.IntegerField(null=True)),
    "add another column": migrations.AlterField(**TITLE, field=models.CharField(max_length=10, null=True)),
    "AddIndexConcurrently": migrations.AddIndex("article", models.Index(fields=["title"], name="by_title")),
    "may violate it": migrations.AddConstraint(
        "article", models.CheckConstraint(condition=models.Q(title="a"), name="title_a")
    ),
    "blocks writers": migrations.AddConstraint("article", models.UniqueConstraint(fields=["title"], name="title_once")),
    "effect is unknown": migrations.RunSQL("SELECT 1"),
}
SAFE = [
    migrations.AddField("article", "rank", models.IntegerField(null=True)),
    migrations.AddField("article", "rank", models.IntegerField(db_default=0)),
    migrations.AlterField(**TITLE, field=models.CharField(max_length=200, null=True)),
    migrations.AlterField(**TITLE, field=models.TextField(null=True)),
    migrations.AlterField(**TITLE, field=models.CharField(max_length=80, null=True, help_text="Of it.")),
    migrations.RunPython(migrations.RunPython.noop),
    AddIndexConcurrently("article", models.Index(fields=["title"], name="by_title")),
    migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
]


@pytest.mark.parametrize("said", UNSAFE)
def test_the_check_names_operations_that_break_the_previous_release_or_block_writers(said: str) -> None:
    (found,) = judged(UNSAFE[said])
    assert said in found
    assert found.startswith("issues.0099_x: ")


@pytest.mark.parametrize("operation", SAFE, ids=lambda operation: type(operation).__name__)
def test_operations_that_do_not_affect_the_previous_release_pass(operation: Any) -> None:
    assert judged(operation) == []


def test_a_migration_can_index_a_table_that_it_creates() -> None:
    made = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
    assert judged(made, migrations.AddIndex("other", models.Index(fields=["id"], name="by_id"))) == []


def test_rows_are_not_rewritten_in_a_migration_that_changes_the_schema() -> None:
    added = migrations.AddField("article", "rank", models.IntegerField(null=True))
    (found,) = judged(added, migrations.RunPython(migrations.RunPython.noop))
    assert "separate migration" in found


def test_a_justified_operation_passes_and_an_unused_justification_is_reported() -> None:
    removed = UNSAFE["previous release still uses"]
    assert judged(removed, safe_because={"RemoveField article.title": "unused since 0.3"}) == []
    (found,) = judged(SAFE[0], safe_because={"RemoveField article.title": "unused since 0.3"})
    assert "no unsafe operation of that name" in found


def test_operations_that_change_only_the_state_are_ignored() -> None:
    removed = UNSAFE["previous release still uses"]
    assert judged(migrations.SeparateDatabaseAndState(state_operations=[removed])) == []
    assert len(judged(migrations.SeparateDatabaseAndState(database_operations=[removed]))) == 1


def test_the_check_in_ci_names_each_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "BASELINE", {("issues", "0006_webhooks"), ("members", "0003_access_tokens")})
    with pytest.raises(CommandError, match=r"issues\.0007_staged_imports: AddField revision\.unparsed: .*db_default"):
        call_command("check_migrations")
