"""The engine against a floor and a peer in the same run, on the same text. Ratios, never bare seconds."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.text import negotiating_text, register
from issues.brackets import Bracket, compare, measure, parse

ROUNDS = 15


def best(run: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of `ROUNDS` runs: the one that was disturbed least."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def rows() -> Iterator[tuple[str, str, float, str]]:
    """Yield (what, against what, ratio, target)."""
    text, names = negotiating_text(), register()
    tree = parse(text, names)
    as_json = json.dumps([_plain(bracket) for bracket in tree.brackets])
    parsing = best(lambda: parse(text, names))
    yield (
        "parse 30,000 words, 1,500 brackets",
        "one `re.finditer` pass over the brackets",
        parsing / best(lambda: [match.start() for match in re.finditer(r"[\[\]]", text)]),
        "at most 4 (issue 3)",
    )
    yield (
        "parse, as above",
        "`json.loads` of the same tree",
        parsing / best(lambda: json.loads(as_json)),
        "at most 2 (issue 3)",
    )
    yield "measure the parsed text", "parsing it", best(lambda: measure(tree)) / parsing, "none yet"
    changed = parse(text.replace("[CAN: ", "[CAN, BRA: ", 40), names)
    yield "compare with 40 positions changed", "parsing it", best(lambda: compare(tree, changed)) / parsing, "none yet"
    longer = negotiating_text(300_000, 15_000)
    yield (
        "parse ten times the text",
        "ten times parsing it once",
        best(lambda: parse(longer, names)) / (10 * parsing),
        "about 1: linear",
    )


def _plain(bracket: Bracket) -> dict[str, Any]:
    claims = [[claim.stance, list(claim.names)] for claim in bracket.head.claims]
    return {
        "start": bracket.start,
        "end": bracket.end,
        "kind": bracket.kind.value,
        "head": claims,
        "children": [_plain(child) for child in bracket.children],
    }
