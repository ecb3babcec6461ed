"""Run all benchmarks and write the table in docs/reference/benchmarks.md (`make bench`).

`python -m benchmarks engine load` runs only these two parts and retains the previous results of the other parts. With
`--table`, no benchmarks are run, and the table is written from the previous results.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import api, engine, load, pages
from benchmarks.databases import rows_on_both_databases
from benchmarks.rows import NotMeasured, Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmarks.md"
RESULTS = Path(__file__).with_name("results.json")
BEGIN, END = "<!-- made by `make bench` -->\n", "<!-- until here -->\n"
PARTS: dict[str, Callable[[], Iterable[Row]]] = {
    "engine": engine.rows,
    "changes": partial(rows_on_both_databases, "benchmarks.on_database.changes"),
    "pages": pages.rows,
    "api": api.rows,
    "interchange": partial(rows_on_both_databases, "benchmarks.on_database.interchange"),
    "load": load.rows,
}


def run(parts: Iterable[str], results: dict[str, Any]) -> None:
    """Run `parts` and store their rows in `results`.

    If a part cannot be measured, its previous rows are retained, and the reason is stored with them.
    """
    for part in parts:
        rows = []
        try:
            for row in PARTS[part]():
                rows.append(row)
                print(line(row), flush=True)
        except NotMeasured as reason:
            print(f"{part}: not measured: {reason}", flush=True)
            results.setdefault(part, {"rows": []})["not_measured"] = str(reason)
        else:
            results[part] = {
                "rows": rows,
                "on": str(date.today()),
                "python": platform.python_version(),
                "after": _commit(),
            }


def _commit() -> str:
    completed = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return completed.stdout.strip() or "?"


def line(row: Row) -> str:
    """Return `row` as a row of the Markdown table."""
    return f"| {row.what} | {row.peer} | {row.ratio:.2f} | {row.target} | {row.met} |"


def table(results: dict[str, Any]) -> str:
    """Return, in Markdown, the number of targets met, the table, and the date of each measurement."""
    measured = {part: [Row(*row) for row in results[part]["rows"]] for part in PARTS if part in results}
    verdicts = [row.met for rows in measured.values() for row in rows if row.target]
    lines = [
        f"{verdicts.count('met')} of {len(verdicts)} targets met.",
        "",
        "| Measured | Compared with | Ratio | Target | Met |",
        "|---|---|---|---|---|",
        *[line(row) for rows in measured.values() for row in rows],
        "",
        "Measured:",
        "",
        *[f"- {part}: {_when(results.get(part, {}))}" for part in PARTS],
    ]
    return "\n".join(lines) + "\n"


def _when(result: dict[str, Any]) -> str:
    measured = (
        f"{result['on']}, Python {result['python']}, after commit {result['after']}" if "on" in result else "not yet"
    )
    return f"{measured}; last run failed: {result['not_measured']}" if "not_measured" in result else measured


def replace_table(page: str, results: dict[str, Any]) -> str:
    """Return `page` with a new table between its markers. Raises SystemExit if the markers are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE.name} lacks the markers {BEGIN.strip()} and {END.strip()}.")
    return f"{before}{BEGIN}{table(results)}{END}{after}"


def main(arguments: list[str]) -> None:
    """Run the parts named in `arguments`, or all parts if none are named, and write the page."""
    unknown = set(arguments) - {*PARTS, "--table"}
    if unknown:
        raise SystemExit(f"Unknown part: {', '.join(sorted(unknown))}. Use {', '.join(PARTS)} or --table.")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    if "--table" not in arguments:
        for part in arguments or PARTS:  # results are saved after each part in case the run is interrupted
            run([part], results)
            RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(replace_table(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
