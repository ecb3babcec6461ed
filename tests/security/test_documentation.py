"""Tests that docs/explanation/security.md names an existing test for each protection against an attack."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "security.md"
NAMED = re.compile(r"`(test_\w+)`")


def test_every_documented_security_test_exists_and_every_security_test_is_documented() -> None:
    named = set(NAMED.findall(PAGE.read_text()))
    there = {name for path in (ROOT / "tests").rglob("test_*.py") for name in _tests(path)}
    assert len(named) > 50
    assert named - there == set(), "The page names tests that are gone"
    here = {name for path in Path(__file__).parent.glob("test_*.py") for name in _tests(path)}
    assert here - named == set(), "Say on the page what these stop"


def test_every_requirement_of_the_verification_standard_is_assessed_with_a_reference() -> None:
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    numbers = [number for number, _ in rows]
    assert len(numbers) == len(set(numbers)) == 253
    assert numbers == sorted(numbers, key=lambda one: [int(part) for part in one.split(".")])
    for number, row in rows:
        _, state, where = [cell.strip() for cell in row.split(" | ")]
        assert state in ("met", "n/a", "open"), number
        assert where, f"{number} says nothing of where, or why not"


def test_the_documented_number_of_open_requirements_is_correct() -> None:
    page = PAGE.read_text()
    states = re.findall(r"^\| \d+\.\d+\.\d+ \| .* \| (met|n/a|open) \| ", page, re.MULTILINE)
    said = re.search(r"(\d+) are met, (\d+) are not applicable and (\d+) are open", page)
    assert said is not None
    assert [int(one) for one in said.groups()] == [states.count(one) for one in ("met", "n/a", "open")]


def _tests(path: Path) -> list[str]:
    return re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE)
