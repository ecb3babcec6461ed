"""Tests that the recipes in docs/how-to/api.md work against a running site."""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issues.api.errors import KINDS
from issues.models import Revision, Variant
from members.tokens import create_token
from tests.people import delegate

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "api.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.DOTALL)


def test_every_problem_code_is_documented_with_a_remedy() -> None:
    for code, kind in KINDS.items():
        assert f"| `{code}` | {kind.status} | {kind.title} | {kind.way_out} |" in PAGE


@pytest.mark.django_db(transaction=True)
def test_the_documented_recipes_work(facts_on_disk: None, live_server: Any, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    user = delegate("CAN")
    _, key = create_token(user, "Recipes", "write", datetime.timedelta(days=1), second_factor=True)
    variant = Variant.objects.filter(closed_in=None, provision__slug="digital-products").first()
    assert variant is not None
    names = {"SITE": live_server.url, "TOKEN": key, "VARIANT": str(variant.pk)}
    for language, recipe in RECIPES:
        said = _in_shell(recipe, names) if language == "sh" else _in_python(recipe, names, tmp_path)
        assert said, recipe
    assert Revision.objects.filter(recorded_by=user).count() == 2


def _in_shell(recipe: str, names: dict[str, str]) -> str:
    run = subprocess.run(
        ["bash", "-ec", recipe], env={**os.environ, **names}, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    for document in _documents(run.stdout):
        assert "code" not in document or "?colour=" in recipe, document
    return run.stdout


def _documents(said: str) -> list[dict[str, Any]]:
    found, decoder, at = [], json.JSONDecoder(), 0
    while at < len(said):
        document, at = decoder.raw_decode(said, at)
        found.append(document)
    return found


def _in_python(recipe: str, names: dict[str, str], folder: Path) -> str:
    script = folder / "recipe.py"
    script.write_text("".join(f"{name} = {value!r}\n" for name, value in names.items()) + recipe, encoding="utf-8")
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout or "nothing to say"
