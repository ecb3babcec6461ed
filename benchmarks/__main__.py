"""`make bench`: run every benchmark and write the table into docs/benchmarks.md."""

import platform
import subprocess
from datetime import date
from itertools import chain
from pathlib import Path

from benchmarks import api, changes, engine, interchange, pages

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Ratios of two things measured in the same run on the same machine; smaller is better. `make bench` runs them and
writes this page. The generated text has some thirty different words; the real ones are those of `../shared/corpora`,
where they are at hand. The peers do less than the engine: see `benchmarks/grammars.py` and `benchmarks/differs.py`.

Not met: real texts are parsed in five times the floor, not four, and in two to three times `json.loads` (their
brackets nest, their heads carry footnote numbers, and fixed costs weigh more where the floor is low); comparing is
twice as fast as difflib on words, not eight times (it is sixteen times as fast where difflib has to account for
blanks as well, as the engine does); a change costs some ten times the bare SQL of the rows that it inserts, not three
times (it also reads, locks, parses, judges, compares, and moves what stands behind; most of it is the ORM making some
fifteen queries; on SQLite, where a bare insert costs next to nothing, some thirty-five times). On a busy machine
single ratios vary by a fifth.

"""


def main() -> None:
    """Print the table and write the page."""
    table = ["| what | against what | ratio | target |", "|---|---|---|---|"]
    everything = chain(engine.rows(), changes.rows(), pages.rows(), api.rows(), interchange.rows())
    for what, peer, ratio, target in everything:
        table.append(f"| {what} | {peer} | {ratio:.2f} | {target} |")
        print(table[-1])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    after = commit.stdout.strip() or "?"
    run = f"\nLast run: {date.today()}, Python {platform.python_version()}, after commit {after}.\n"
    PAGE.write_text(INTRODUCTION + "\n".join(table) + "\n" + run, encoding="utf-8")


if __name__ == "__main__":
    main()
