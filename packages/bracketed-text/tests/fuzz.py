"""Test the engine's guarantees on random texts for a given time: `make fuzz SECONDS=600`.

Each text is composed of elements of the notation, of an extract from a real text if real texts are available, or of
random characters, and is then damaged at random. If a guarantee does not hold for a text, the text is written to
`var/fuzz/`, and its number is printed.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bracketed_text import (
    EditRefused,
    Silence,
    Tree,
    choose,
    compare,
    drop,
    lift,
    measure,
    merge,
    parse,
    parse_document,
    propose,
    propose_alternative,
    read,
    sentences,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import Edit, cut, enclose, first_trespass, merge_alternatives
from engine_texts import REGISTER

ROOT = Path(__file__).resolve().parents[3]
CORPORA = ROOT.parent / "shared" / "corpora"
FOUND = ROOT / "var" / "fuzz"
MARKS = (
    "[|]|[[|]]|{|}|\\[|\\]|\\|[CAN: |[CAN propose; BRA oppose: |[BRA/CHN oppose|[2. NZ/SG propose: |[CAN] propose: |"
    "[a/b]|[27]|[ 3 ]|[...]|[X]th|[Note: x]|[^1]|](a/b)|][c]|[c]: /d\n| / | or | {and/or} |Option 1: |\nOption 2: |"
    "\nOption B.\n|[No text]|\n|\n\n|\r\n|\f|\n1. |\n(a) |\n# Title\n|\nArticle 3\n|\n- 4 -\n|Page 3 of 9|"
    "\t|  |, |. |; |: |"
    "shall |may |promptly |digitalElectronic |shallshould |é|\u0130|\u200b|\u202e|\U0001f600|\ud800|\x00|1990|12.5"
).split("|")
OPERATIONS: list[Callable[[Tree, int, random.Random], Edit]] = [
    lambda tree, at, _: lift(tree, at),
    lambda tree, at, _: drop(tree, at),
    lambda tree, at, _: choose(tree, at),
    lambda tree, at, _: merge_alternatives(tree, at, "some words"),
    lambda tree, at, _: take_position(tree, at, "IDN", "oppose"),
    lambda tree, at, _: withdraw_position(tree, at, "CAN"),
    lambda tree, at, _: propose_alternative(tree, at, "some words", "IDN"),
    lambda tree, at, _: propose(tree, at, "some words", "IDN"),
    lambda tree, at, draw: enclose(tree, at, at + draw.randint(1, 40), "IDN"),
]


def main() -> None:
    """Test texts for the given number of seconds. Exit with code 1 if any guarantee does not hold."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    draw = random.Random(seed)
    real = [path.read_bytes().decode() for path in sorted(CORPORA.glob("*.txt"))] if CORPORA.is_dir() else []
    print(f"Seed {seed}; {len(real)} real texts to draw from.")
    tried = broken = characters = 0
    stop = time.monotonic() + seconds
    previous = ""
    while time.monotonic() < stop:
        text = damaged(draw, drawn(draw, real))
        changed = damaged(draw, text) if draw.random() < 0.7 else previous
        tried, characters = tried + 1, characters + len(text)
        try:
            keeps_its_promises(text, changed, draw)
        except Exception as problem:
            broken += 1
            FOUND.mkdir(parents=True, exist_ok=True)
            (FOUND / f"{seed}-{tried}.txt").write_bytes(repr((text, changed)).encode("utf-8", "backslashreplace"))
            print(f"Broken by text {tried}: {type(problem).__name__} {problem}"[:300])
        previous = text
    print(f"{tried} texts, {characters} characters, {broken} broke a promise.")
    sys.exit(int(bool(broken)))


def drawn(draw: random.Random, real: list[str]) -> str:
    """Return a random text from one of the three sources."""
    source = draw.random()
    if source < 0.5 or not real:
        return "".join(draw.choices(MARKS, k=draw.randint(0, 60)))
    if source < 0.9:
        text = draw.choice(real)
        start = draw.randrange(len(text))
        return text[start : start + draw.randint(1, 4000)]
    return "".join(chr(draw.choice((draw.randrange(128), draw.randrange(0x3000)))) for _ in range(draw.randint(0, 200)))


def damaged(draw: random.Random, text: str) -> str:
    """Return `text` after up to six random changes.

    The changes delete, double or move characters, or insert marks.
    """
    for _ in range(draw.randint(0, 6)):
        at, end = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
        end = min(end, at + draw.choice((1, 5, 60, 400)))
        change = draw.choice(("lose", "double", "move", "mark", "mark"))
        if change == "lose":
            text = text[:at] + text[end:]
        elif change == "double":
            text = text[:end] + text[at:end] + text[end:]
        elif change == "move":
            rest = text[:at] + text[end:]
            to = draw.randint(0, len(rest))
            text = rest[:to] + text[at:end] + rest[to:]
        else:
            text = text[:at] + draw.choice(MARKS) + text[at:]
    return text


def keeps_its_promises(text: str, changed: str, draw: random.Random) -> None:
    """Run the engine's functions on `text` and `changed`. Raises AssertionError if a guarantee does not hold."""
    tree, twin = parse(text, REGISTER), parse(changed, REGISTER)
    assert "".join(text[piece.start : piece.end] for piece in tree.pieces()) == text, "pieces"
    for finding in tree.diagnostics:
        assert 0 <= finding.start < finding.end <= len(text), "a finding has a place"
        assert finding.message
        tree.line_and_column(finding.start)
    figures = measure(tree)
    assert 0 <= figures.contested_words <= figures.words, "measures"
    assert "".join(text[left.start : left.end] for left in cut(text)) == text, "cut"
    whole = parse_document(text, REGISTER).tree()
    assert "".join(text[piece.start : piece.end] for piece in whole.pieces()) == text, "pieces of the document"
    for silence in Silence:
        read(tree, ["CAN", "KEN"], silence)
    comparison = compare(tree, twin)
    assert comparison.replay(text) == changed, "replay"
    assert all(0 <= hunk.event < len(comparison.events) for hunk in comparison.hunks), "accounts"
    assert len(sentences(tree, twin, comparison)) >= bool(comparison.events), "sentences"
    assert compare(twin, twin).events == [], "nothing changed"
    first_trespass(tree, twin, "CAN")
    edits = [edit for edit in (tried(tree, draw) for _ in range(4)) if edit is not None]
    for edit in edits:
        assert edit.undo() == text, "undo"
    if len(edits) > 1:
        left, two = merge(tree, edits[0].tree, edits[1].tree), merge(tree, edits[1].tree, edits[0].tree)
        assert (left.tree is None) == (two.tree is None), "merge is commutative"
        assert left.tree is None or two.tree is None or left.tree.text == two.tree.text, "merge is commutative"
    mixed = merge(tree, twin, edits[0].tree if edits else tree)
    assert (mixed.tree is None) == bool(mixed.conflicts), "merge"


def tried(tree: Tree, draw: random.Random) -> Edit | None:
    """Return a random edit of `tree`, or None if the operation is refused."""
    places = [bracket.start for bracket, _ in tree.walk()] + [block.start for run in tree.runs for block in run]
    at = draw.choice(places) if places and draw.random() < 0.8 else draw.randint(0, len(tree.text))
    try:
        return draw.choice(OPERATIONS)(tree, at, draw)
    except EditRefused:
        return None


if __name__ == "__main__":
    main()
