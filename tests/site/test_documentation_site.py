"""The documentation builds as a site without a broken link, and its pages load nothing from another host."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(r"<(?:script|img|iframe)\b[^>]*\bsrc=\S?(?:https?:)?//|<link\b[^>]*\brel=\S?stylesheet[^>]*//")


def test_the_documentation_builds_strictly_and_loads_nothing_from_another_host(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert build.returncode == 0, build.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 100
    assert [page.name for page in pages if LOADED.search(page.read_text(encoding="utf-8"))] == []
