"""Comparing two versions of a text by words: peers of `bracketed_text.compare`. Each returns how many differences.

None of them knows what a bracket is: they find words taken out and put in, the engine says what was done to which
bracket, so they are favoured. The counts differ from peer to peer with what each calls one difference. The generated
text has some thirty different words, far fewer than a real one: hard for difflib and what is built upon it.
"""

import html
import random
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import chain
from typing import Any, NamedTuple

from benchmarks.text import WORDS, negotiating_text

# A word, or a mark on its own: so a bracket opened or lifted is a difference too.
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WHOLE = re.compile(r"\w+|\s+|[^\w\s]")
# A head is stepped over; of a word that follows another, the space in front belongs to the match.
_HEAD_OR_WORD = re.compile(r"\[[A-Z][^\]:]*:|((?:(?<=[a-z]) )?[a-z]+)")
# All but the first and the surrogates.
_CODE_POINTS = range(1, 0xD800), range(0xE000, 0x110000)


def versions(words: int = 30_000, brackets: int = 1_500, changed: float = 0.05, seed: int = 2) -> tuple[str, str]:
    """Return a generated text and a second version of it, the same for the same seed.

    A share `changed` of its words, in brackets and outside, is changed: three of five replaced by another word, one
    deleted, one followed by a new word. Marks and heads stay. A blank line parts provisions in both, so that they pair.
    """
    draw = random.Random(seed)
    old = negotiating_text(words, brackets)
    matches = [match for match in _HEAD_OR_WORD.finditer(old) if match[1]]
    pieces: list[str] = []
    position = 0
    for number in sorted(draw.sample(range(len(matches)), round(len(matches) * changed))):
        pieces += old[position : matches[number].start()], _changed(draw, matches[number][1])
        position = matches[number].end()
    return old, "".join(pieces) + old[position:]


def _changed(draw: random.Random, written: str) -> str:
    """Return what stands in the new version for a word. The first word of a run is never deleted."""
    another = draw.choice([word for word in WORDS if word != written.strip()])
    act = draw.choice(("replace", "replace", "replace", "delete", "insert"))
    if act == "insert":
        return f"{written} {another}"
    if not written.startswith(" "):
        return another
    return "" if act == "delete" else f" {another}"


def changed_provisions(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the provisions that differ, of the old and of the new version, in pairs."""
    pairs = zip(old.split("\n\n"), new.split("\n\n"), strict=True)
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return [before for before, _ in different], [after for _, after in different]


def by_difflib(old: list[str], new: list[str]) -> int:
    """Return how many stretches of tokens differ, provision by provision.

    It measures the standard library where it is at its best: on short pieces already paired. On the whole text at once
    its time grows with the square of the length.
    """
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _TOKEN.findall(before), _TOKEN.findall(after), autojunk=False).get_opcodes()
    )


def by_difflib_with_blanks(old: list[str], new: list[str]) -> int:
    """Return how many stretches of tokens differ, blanks included, as it must be for the new text to be replayed."""
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _WHOLE.findall(before), _WHOLE.findall(after), autojunk=False).get_opcodes()
    )


def by_fast_diff_match_patch(old: str, new: str) -> int:
    """Return how many stretches of tokens were deleted or inserted; a replacement counts as two.

    It measures Myers' algorithm in C++ over the whole text, with the usual trick by which it works on words: each
    different token becomes one character. The mapping, in Python, is part of the time. No clean-up, no time limit.
    """
    from fast_diff_match_patch import diff  # type: ignore[import-not-found]

    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    letters = dict(zip(dict.fromkeys(before + after), map(chr, chain(*_CODE_POINTS)), strict=False))
    old_letters, new_letters = ("".join(map(letters.__getitem__, tokens)) for tokens in (before, after))
    return sum(
        operation != "=" for operation, _ in diff(old_letters, new_letters, timelimit=0, checklines=False, cleanup="No")
    )


def by_lxml(old: str, new: str) -> int:
    """Return how many stretches of words are marked as deleted or inserted; a replacement counts as two.

    It measures `htmldiff` from text to marked HTML: two documents parsed, compared with difflib compiled by Cython,
    and written. It passes over agreements of one or two words.
    """
    from lxml.html.diff import htmldiff

    marked = htmldiff(_as_html(old), _as_html(new))
    return int(marked.count("<ins>") + marked.count("<del>"))


def _as_html(text: str) -> str:
    return "".join(f"<p>{html.escape(provision)}</p>" for provision in text.split("\n\n"))


def by_redlines(old: str, new: str) -> int:
    """Return how many stretches of words differ, those with nothing but punctuation between them taken as one.

    It measures the package that people use to show changes as a word processor does: tokens, difflib in Python, and the
    list of changes; nothing is rendered. On the whole text at once its time grows with the square of the length.
    """
    from redlines import Redlines

    return len(Redlines(old, new).changes)


class Peer(NamedTuple):
    """A way to compare, and what its two arguments are: two whole texts, or two lists of changed provisions in pairs.

    To cut the texts and to find which provisions changed is not part of it: see `changed_provisions`.
    """

    unit: str
    run: Callable[[Any, Any], int]


def by_provision(compare: Callable[[str, str], int]) -> Callable[[list[str], list[str]], int]:
    """Return how to compare provision by provision what compares two texts."""

    def run(old: list[str], new: list[str]) -> int:
        return sum(map(compare, old, new))

    return run


WHOLE, PROVISIONS = "whole text", "changed provisions"
# Each with the unit that suits it. lxml and redlines take seconds on the whole text, where their time is the square.
PEERS = {
    "difflib": Peer(PROVISIONS, by_difflib),
    "difflib, blanks included": Peer(PROVISIONS, by_difflib_with_blanks),
    "fast-diff-match-patch": Peer(WHOLE, by_fast_diff_match_patch),
    "fast-diff-match-patch by provision": Peer(PROVISIONS, by_provision(by_fast_diff_match_patch)),
    "lxml": Peer(PROVISIONS, by_provision(by_lxml)),
    "redlines": Peer(PROVISIONS, by_provision(by_redlines)),
}
