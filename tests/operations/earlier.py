"""Rows stored by the code of an earlier commit, which are loaded into a database of that time."""

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management.color import no_style
from django.core.serializers import python as serializer
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def fill(stored: Path, then: Sequence[tuple[str, str]]) -> None:
    """Store the rows in the file `stored`, using the models as of the migrations `then`."""
    apps = MigrationExecutor(connection).loader.project_state(list(then)).apps
    rows: dict[Any, list[Any]] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(serializer, "apps", apps)
        for row in list(serializer.Deserializer(json.loads(lzma.decompress(stored.read_bytes())))):
            rows.setdefault(type(row.object), []).append(row)
    for model, found in rows.items():
        model.objects.bulk_create([row.object for row in found], batch_size=200)
    for found in rows.values():
        for row in found:
            for name, keys in (row.m2m_data or {}).items():
                getattr(row.object, name).set(keys)
    for statement in connection.ops.sequence_reset_sql(no_style(), list(rows)):
        with connection.cursor() as cursor:
            cursor.execute(statement)
