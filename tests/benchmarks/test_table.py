"""Tests that the table in docs/reference/benchmarks.md contains the measurements and whether each target was met."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks.rows import NotMeasured, Row

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("ratio", "target", "met"),
    [
        (4.0, "at most 4", "met"),
        (4.001, "at most 4", "**not met**"),
        (1.0, "below 1", "**not met**"),
        (0.81, "at least 0.8", "met"),
        (0.79, "at least 0.8", "**not met**"),
        (0.12, "at most 0.125 (8 times faster)", "met"),
        (9.0, "", ""),
    ],
)
def test_a_target_is_either_met_or_not_met(ratio: float, target: str, met: str) -> None:
    assert Row("a", "b", ratio, target).met == met


def test_a_target_that_is_not_a_number_is_an_error() -> None:
    with pytest.raises(ValueError, match="is not a target"):
        _ = Row("a", "b", 1.0, "flat").met


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Replace the parts, which take an hour, with short ones, and use temporary files for the page and results."""

    def slow() -> Any:
        yield Row("slow thing", "a floor", 2.0, "at most 3")
        raise NotMeasured("no wrk: apt-get install wrk")

    made = {"quick": lambda: [Row("quick thing", "a peer", 0.5, "at most 0.4"), Row("plain thing", "it", 7.0)]}
    monkeypatch.setattr(bench, "PARTS", {**made, "slow": slow})
    monkeypatch.setattr(bench, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    earlier = {"rows": [["slow thing", "a floor", 1.5, "at most 3"]], "on": "2026-11-24", "python": "3", "after": "abc"}
    bench.RESULTS.write_text(json.dumps({"slow": earlier}))
    bench.PAGE.write_text(f"By people.\n{bench.BEGIN}old\n{bench.END}Also by people.\n")
    return tmp_path


def test_a_run_writes_one_table_and_keeps_text_written_by_hand(parts: Path) -> None:
    bench.main([])
    page = bench.PAGE.read_text()
    assert page.startswith("By people.\n")
    assert page.endswith("Also by people.\n")
    assert "1 of 2 targets met." in page
    assert "| quick thing | a peer | 0.50 | at most 0.4 | **not met** |" in page
    assert "| plain thing | it | 7.00 |  |  |" in page
    # A part that could not be measured retains its previous rows, and the reason is stated.
    assert "| slow thing | a floor | 1.50 | at most 3 | met |" in page
    assert "- slow: 2026-11-24, Python 3, after commit abc; last run failed: no wrk: apt-get install wrk" in page
    before = bench.RESULTS.read_text()
    bench.main(["--table"])
    assert (bench.PAGE.read_text(), bench.RESULTS.read_text()) == (page, before)


def test_an_unknown_part_is_named_in_the_error(parts: Path) -> None:
    with pytest.raises(SystemExit, match=r"Unknown part: quik\. Use quick, slow"):
        bench.main(["quik"])


def test_the_documented_benchmarks_are_generated_from_the_committed_results() -> None:
    page = (ROOT / "docs" / "reference" / "benchmarks.md").read_text(encoding="utf-8")
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert bench.replace_table(page, results) == page
