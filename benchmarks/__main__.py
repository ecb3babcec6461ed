"""`make bench`: run every benchmark and write the table into docs/benchmarks.md."""

import platform
import subprocess
from datetime import date
from pathlib import Path

from benchmarks import engine

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Ratios of two things measured in the same run on the same machine; smaller is better. `make bench` runs them and
writes this page. Targets that belong to an issue still open are shown with its number.

"""


def main() -> None:
    """Print the table and write the page."""
    table = ["| what | against what | ratio | target |", "|---|---|---|---|"]
    for what, peer, ratio, target in engine.rows():
        table.append(f"| {what} | {peer} | {ratio:.2f} | {target} |")
        print(table[-1])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    after = commit.stdout.strip() or "?"
    run = f"\nLast run: {date.today()}, Python {platform.python_version()}, after commit {after}.\n"
    PAGE.write_text(INTRODUCTION + "\n".join(table) + "\n" + run, encoding="utf-8")


if __name__ == "__main__":
    main()
