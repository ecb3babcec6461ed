"""Tests that templates have short lines, few lines and little logic."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LOGIC = re.compile(r"\{%-?\s*(?:if|elif|else|for|empty|with|ifchanged)\b")
LONGEST_LINE, MOST_LINES, MOST_LOGIC = 160, 200, 20
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", PAGES)
def test_templates_are_short_and_contain_little_logic(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    lines = source.splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []
    assert len(lines) <= MOST_LINES
    assert len(LOGIC.findall(source)) <= MOST_LOGIC


@pytest.mark.parametrize("name", PAGES)
def test_loop_variables_in_templates_describe_their_values(name: str) -> None:
    assert not re.search(r"\{%\s*for\s+(?:one|thing|said|found|other|here|there)\b", (TEMPLATES / name).read_text())
