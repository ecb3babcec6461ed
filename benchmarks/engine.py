"""Compare the engine with a lower bound and with other libraries on the same text. The results are ratios of times."""

import json
import math
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.differs import PEERS, WHOLE, changed_provisions, versions
from benchmarks.grammars import lark_parser, lark_tree_parser, pyparsing_parser
from benchmarks.rows import Row
from benchmarks.text import negotiating_text, register
from benchmarks.timing import SLOW_ROUNDS, fastest_times, ratio
from bracketed_text import Register, Silence, Tree, compare, measure, merge, parse, parse_document, read
from bracketed_text.advanced import Bracket, names_at_heads

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def rows() -> Iterator[Row]:
    """Yield the rows for the engine."""
    yield from parsing(negotiating_text(), register(), "30,000 words, 1,500 brackets")
    yield from parsing_by_libraries(negotiating_text(), register())
    yield from growing()
    yield from comparing()
    yield from reading()
    if CORPORA.is_dir():
        yield from on_real_texts()


def parsing(text: str, names: Register, called: str) -> Iterator[Row]:
    """Compare parsing with a lower bound and with json.loads."""
    tree = parse(text, names)
    as_json = json.dumps(_plain(tree))

    def cold() -> None:
        names.heads.clear()
        parse(text, names)

    def floor() -> list[int]:
        return [match.start() for match in re.finditer(r"[\[\]]", text)]

    mine, unprepared, least, loads = fastest_times(lambda: parse(text, names), cold, floor, lambda: json.loads(as_json))
    yield Row(f"parse {called}", "one `re.finditer` pass over the brackets", mine / least, "at most 4")
    yield Row("the same, without cached heads", "the same", unprepared / least, "at most 4")
    yield Row(f"parse {called}", "`json.loads` of the same tree", mine / loads, "at most 2")
    yield Row("the same, without cached heads", "the same", unprepared / loads, "at most 2")


def parsing_by_libraries(text: str, names: Register) -> Iterator[Row]:
    """Compare parsing with parser libraries, which accept only well-formed texts."""
    for name, parser in (
        ("lark (LALR), tree with the text", lark_tree_parser()),
        ("lark (LALR), optimized, without the text", lark_parser()),
        ("pyparsing, without the text", pyparsing_parser()),
    ):
        peer = ratio(lambda: parse(text, names), lambda parser=parser: parser(text), SLOW_ROUNDS)  # type: ignore[misc]
        yield Row("parse the same text", name, peer, "at most 0.125 (8 times faster)" if "tree" in name else "")


def growing() -> Iterator[Row]:
    """Measure the growth of time and memory on texts of 10 KB to 10 MB and on a malicious text."""
    sizes, seconds = [], []
    for words in (1_250, 12_500, 125_000, 1_250_000):
        text, names = negotiating_text(words, words // 20), register()
        sizes.append(math.log(len(text)))
        seconds.append(math.log(min(fastest_times(lambda: parse(text, names), rounds=5))))  # noqa: B023  called in the same iteration
    yield Row(
        "parse 10 KB to 10 MB", "exponent of the growth of time with length", _slope(sizes, seconds), "at most 1.1"
    )
    hostile = "[" * 100_000
    yield Row("parse 100,000 opening brackets", "2 seconds", fastest_times(lambda: parse(hostile))[0] / 2, "below 1")
    text, names = negotiating_text(), register()
    yield Row("peak memory of parsing", "60 bytes per byte of text", _memory(text, names) / 60, "below 1")
    yield Row("the same, 100,000 opening brackets", "the same", _memory(hostile, names) / 60, "below 1")


def comparing() -> Iterator[Row]:
    """Measure the time for parsing and comparing two texts against libraries that compare words."""
    old, new = versions()
    names = register()
    pieces = changed_provisions(old, new)

    def run() -> None:
        compare(parse(old, names), parse(new, names))

    for name, peer in PEERS.items():
        arguments = (old, new) if peer.unit == WHOLE else pieces
        times = ratio(run, lambda peer=peer, arguments=arguments: peer.run(*arguments), SLOW_ROUNDS)  # type: ignore[misc]
        targets = {"fast-diff-match-patch": "below 1", "difflib": "at most 0.125 (8 times faster)"}
        yield Row(
            "compare two versions with 5% of the words changed", f"{name} ({peer.unit})", times, targets.get(name, "")
        )


def reading() -> Iterator[Row]:
    """Compare the times for measuring, reading, merging and dividing a text with the time for parsing it."""
    text, names = negotiating_text(), register()
    tree = parse(text, names)
    mine, theirs = text.replace("[CAN: ", "[CAN, BRA: ", 20), text[::-1].replace(" :NAC[", " :NAC/RBA[", 20)[::-1]
    first_edit, second_edit = parse(mine, names), parse(theirs, names)
    base = fastest_times(lambda: parse(text, names))[0]
    for what, run in (
        ("measure the parsed text", lambda: measure(tree)),
        ("read the text as one member", lambda: read(tree, ["CAN"], Silence.KEEP)),
        ("merge two edits of 20 positions", lambda: merge(tree, first_edit, second_edit)),
        ("divide the text into provisions and parse each", lambda: parse_document(text, names)),
    ):
        yield Row(what, "parsing the text", fastest_times(run, rounds=SLOW_ROUNDS)[0] / base, "")


def on_real_texts() -> Iterator[Row]:
    """Repeat some of the measurements on real texts."""
    tpp = _corpus("tpp_ip")
    yield from parsing(tpp, names_at_heads(tpp), "the TPP text (33,000 words, 787 brackets)")
    old, new = _corpus("unfccc_adp_2015-10-23"), _corpus("unfccc_adp_2015-11-10")
    peer = PEERS["fast-diff-match-patch"].run
    yield Row(
        "compare the October with the November 2015 UNFCCC text (half of it rewritten)",
        "fast-diff-match-patch (whole text)",
        ratio(lambda: compare(parse(old), parse(new)), lambda: peer(old, new), SLOW_ROUNDS),
        "",
    )


def _corpus(start: str) -> str:
    return next(CORPORA.glob(f"{start}*")).read_bytes().decode("utf-8")


def _slope(x: list[float], y: list[float]) -> float:
    """Return the slope of the least-squares line through the points."""
    middle, height = sum(x) / len(x), sum(y) / len(y)
    rise = sum((first - middle) * (second - height) for first, second in zip(x, y, strict=True))
    return rise / sum((first - middle) ** 2 for first in x)


def _memory(text: str, names: Register) -> float:
    """Return the peak memory of parsing, in bytes per byte of text."""
    tracemalloc.start()
    tree = parse(text, names)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tree.text == text
    return most / len(text.encode())


def _plain(tree: Tree) -> dict[str, Any]:
    """Return the whole tree as JSON values."""
    return {
        "text": tree.text,
        "brackets": [_plain_bracket(bracket) for bracket in tree.brackets],
        "diagnostics": [[problem.code.value, problem.start, problem.end, problem.name] for problem in tree.diagnostics],
    }


def _plain_bracket(bracket: Bracket) -> dict[str, Any]:
    head = bracket.head
    return {
        "start": bracket.start,
        "end": bracket.end,
        "kind": bracket.kind.value,
        "head": {
            "length": head.length,
            "lead": head.lead,
            "claims": [{"stance": claim.stance, "names": list(claim.names)} for claim in head.claims],
            "problems": [[code.value, name] for code, name in head.problems],
        },
        "children": [_plain_bracket(child) for child in bracket.children],
    }
