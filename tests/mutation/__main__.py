"""Introduce small faults into the packages that contain rules, and count those that the tests detect (`make mutants`).

    python -m tests.mutation collect [tests …]      record the lines that each test executes
    python -m tests.mutation run                    run a sample of mutants; fail if too many survive
    python -m tests.mutation show NAME              print the fault of a mutant in the sample

SAMPLE is the number of mutants (200 by default), and SEED determines which mutants are drawn (185 by default). ROOM
limits the run to one folder. BUDGET is the maximum number of seconds for which tests are run on one mutant (600 by
default). An interrupted run continues from the results in var/mutation/results.jsonl.
"""

import json
import os
import sys

import pytest

from tests.mutation.mutants import Mutant, sample
from tests.mutation.running import Runner
from tests.mutation.selection import FOLDER, OPTIONS, Selection, collect

RESULTS = FOLDER / "results.jsonl"
FLOOR = 85


def _drawn() -> list[Mutant]:
    return sample(int(os.environ.get("SAMPLE", "200")), int(os.environ.get("SEED", "185")))


def _results() -> list[dict[str, object]]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def run() -> int:
    """Run the mutants in the sample that have no result yet, and return 1 if the tests detect too few of the sample."""
    room = os.environ.get("ROOM", "")
    sampled = [mutant for mutant in _drawn() if mutant.path.startswith(room)]
    known = {result["name"] for result in _results()}
    left = [mutant for mutant in sampled if mutant.name not in known]
    selection = Selection.load()
    if left:
        tests = sorted({test.partition("::")[0] for test in selection.seconds})
        runner = Runner(left, selection, float(os.environ.get("BUDGET", "600")), RESULTS)
        options = [*OPTIONS, "--capture=no"]
        pytest.main([*options, *tests], plugins=[runner])
    return report({mutant.name for mutant in sampled})


def report(names: set[str]) -> int:
    """Print the numbers of mutants run and detected, and list the survivors. Return 1 if too few were detected."""
    results = {str(result["name"]): result for result in _results() if result["name"] in names}
    noticed = [name for name, result in results.items() if result["noticed_by"]]
    for name, result in sorted(results.items()):
        if not result["noticed_by"]:
            print(f"survived {result['tests']} tests ({result['left_out']} left out): {name}")
    print(f"{len(names)} mutants, {len(results)} run, {len(noticed)} noticed")
    return int(len(results) < len(names) or 100 * len(noticed) < FLOOR * len(names))


def show(name: str) -> int:
    """Print the fault of a mutant."""
    for mutant in _drawn():
        if mutant.name == name:
            print(f"{mutant.before}\n->\n{mutant.after}")
    return 0


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit({"collect": lambda: collect(arguments), "run": run, "show": lambda: show(*arguments)}[command]())
