"""Test the public interface of the package, its independence from the site, and the examples in its README."""

import doctest
import subprocess
import sys
from pathlib import Path

import bracketed_text

PACKAGE = Path(__file__).resolve().parent.parent


def test_the_package_exports_fewer_than_thirty_names() -> None:
    assert len(bracketed_text.__all__) < 30
    assert sorted(bracketed_text.__all__) == bracketed_text.__all__
    assert all(hasattr(bracketed_text, name) for name in bracketed_text.__all__)


def test_the_package_does_not_import_django_or_the_site() -> None:
    program = (
        "import sys, bracketed_text, bracketed_text.advanced, bracketed_text.__main__\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'django', 'issues', 'members', 'jsi_tracker'}))"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PACKAGE / "src",
        env={"PYTHONPATH": str(PACKAGE / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert completed.stdout.strip() == "[]"


def test_the_examples_in_the_readme_are_correct() -> None:
    result = doctest.testfile(str(PACKAGE / "README.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 5
    assert result.failed == 0


def test_the_changelog_describes_this_version() -> None:
    assert f"## {bracketed_text.__version__} " in (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
