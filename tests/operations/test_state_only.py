"""Tests that operations that skip the database have no effect on it, and that the state is that of the operations."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import AddField, AlterConstraint, AlterField, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from members.state_only import StateOnly

WITH = [
    (key, operation)
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items())
    for operation in migration.operations
    if isinstance(operation, StateOnly)
]


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "operation"), WITH, ids=[".".join(key) for key, _ in WITH])
def test_no_column_differs_after_an_operation_that_skips_the_database(key: Any, operation: StateOnly) -> None:
    before = MigrationLoader(None).project_state(key, at_end=False)
    after = before.clone()
    operation.state_forwards(key[0], after)
    editor = connection.schema_editor()
    for altered in operation.state_operations:
        if type(altered) is AlterConstraint:  # an operation of Django that never changes the database
            continue
        assert type(altered) is AlterField
        old, new = (
            state.apps.get_model(key[0], altered.model_name)._meta.get_field(altered.name) for state in (before, after)
        )
        assert not editor._field_should_be_altered(old, new), altered.describe()  # type: ignore[attr-defined]


def test_some_migrations_skip_the_database() -> None:
    assert [key[0] for key, _ in WITH] == ["issues", "members"]


def test_the_classes_of_models_are_those_after_all_operations() -> None:
    state = ProjectState()
    CreateModel("Lamp", [("id", models.AutoField(primary_key=True)), ("name", models.TextField())]).state_forwards(
        "issues", state
    )
    assert state.apps.get_model("issues", "Lamp")._meta.get_field("name").help_text == ""
    worded = StateOnly([AlterField("Lamp", "name", models.TextField(help_text="Its name."))])
    migration = Migration("0001", "issues")
    migration.operations = [worded, AddField("Lamp", "colour", models.TextField(default=""))]
    after = migration.mutate_state(state)
    lamp = after.apps.get_model("issues", "Lamp")
    assert lamp._meta.get_field("name").help_text == "Its name."
    assert lamp._meta.get_field("colour")
    assert state.apps.get_model("issues", "Lamp")._meta.get_field("name").help_text == ""
