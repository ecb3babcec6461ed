"""Tests that the documentation builds as a site and that CONTRIBUTING.md lists every package."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(r"<(?:script|img|iframe)\b[^>]*\bsrc=\S?(?:https?:)?//|<link\b[^>]*\brel=\S?stylesheet[^>]*//")


def test_the_documentation_builds_in_strict_mode_and_loads_nothing_from_other_hosts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert build.returncode == 0, build.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 100
    assert [page.name for page in pages if LOADED.search(page.read_text(encoding="utf-8"))] == []


def test_the_tree_for_contributors_is_short_and_complete() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r"^```\n(packages/.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert len(lines) <= 25
    in_tree = {line.split()[0] for line in lines if not line.startswith(" ")}
    minor = {"issues/migrations/", "jsi_tracker/formats/", "jsi_tracker/management/", "jsi_tracker/templatetags/"}
    rooms = {
        f"{path.parent.relative_to(ROOT)}/" for app in ("issues", "jsi_tracker") for path in ROOT.glob(f"{app}/*/*.py")
    }
    assert rooms - minor - in_tree == set(), "Give each room a line"
    assert {room for room in in_tree if not (ROOT / room).is_dir()} == set()
