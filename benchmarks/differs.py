"""Libraries that compare two versions of a text: peers of `bracketed_text.compare`.

Each function returns a number of differences. None of the libraries parses brackets. They find inserted and deleted
words, whereas the engine also determines what was done to each bracket; the comparison is therefore in their favour.
The numbers vary with what a library counts as one difference. The generated text has only some thirty distinct words,
far fewer than a real text, which is hard for difflib and the libraries based on it.
"""

import html
import random
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import chain
from typing import Any, NamedTuple

from benchmarks.text import WORDS, negotiating_text

# A word or a single punctuation mark, so that an added or removed bracket is a difference.
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WHOLE = re.compile(r"\w+|\s+|[^\w\s]")
# Skips heads. The match of a word that follows another includes the space before it.
_HEAD_OR_WORD = re.compile(r"\[[A-Z][^\]:]*:|((?:(?<=[a-z]) )?[a-z]+)")
# All code points except NUL and the surrogates.
_CODE_POINTS = range(1, 0xD800), range(0xE000, 0x110000)


def versions(words: int = 30_000, brackets: int = 1_500, changed: float = 0.05, seed: int = 2) -> tuple[str, str]:
    """Return a generated text and a changed version of it, the same for the same seed.

    `changed` is the share of words that differ, inside and outside brackets: three in five are replaced by another
    word, one is deleted, and one is followed by a new word. Brackets and heads do not change. Blank lines separate
    provisions in both versions, so that these can be paired.
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
    """Return the replacement of a word in the new version. The first word of a run is never deleted."""
    another = draw.choice([word for word in WORDS if word != written.strip()])
    act = draw.choice(("replace", "replace", "replace", "delete", "insert"))
    if act == "insert":
        return f"{written} {another}"
    if not written.startswith(" "):
        return another
    return "" if act == "delete" else f" {another}"


def changed_provisions(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the provisions that differ, in the old and in the new version, in pairs."""
    pairs = zip(old.split("\n\n"), new.split("\n\n"), strict=True)
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return [before for before, _ in different], [after for _, after in different]


def by_difflib(old: list[str], new: list[str]) -> int:
    """Return the number of differing token sequences, provision by provision.

    This shows the standard library at its best: on short, paired pieces. On a whole text, its time is quadratic in the
    length.
    """
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _TOKEN.findall(before), _TOKEN.findall(after), autojunk=False).get_opcodes()
    )


def by_difflib_with_blanks(old: list[str], new: list[str]) -> int:
    """Return the number of differing token sequences, including white space.

    White space is needed to reconstruct the new text.
    """
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _WHOLE.findall(before), _WHOLE.findall(after), autojunk=False).get_opcodes()
    )


def by_fast_diff_match_patch(old: str, new: str) -> int:
    """Return the number of inserted and deleted token sequences; a replacement counts as two.

    This measures Myers' algorithm in C++ on the whole text. To compare words, each distinct token is mapped to one
    character, as is usual; the time of the mapping, in Python, is included. There is no clean-up and no time limit.
    """
    from fast_diff_match_patch import diff  # type: ignore[import-not-found]

    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    characters = dict(zip(dict.fromkeys(before + after), map(chr, chain(*_CODE_POINTS)), strict=False))
    mapped_old, mapped_new = ("".join(map(characters.__getitem__, tokens)) for tokens in (before, after))
    return sum(
        operation != "=" for operation, _ in diff(mapped_old, mapped_new, timelimit=0, checklines=False, cleanup="No")
    )


def by_lxml(old: str, new: str) -> int:
    """Return the number of word sequences marked as deleted or inserted; a replacement counts as two.

    This measures `htmldiff`: two documents are parsed, compared with a difflib compiled by Cython, and serialized. It
    ignores matches of one or two words.
    """
    from lxml.html.diff import htmldiff

    marked = htmldiff(_as_html(old), _as_html(new))
    return int(marked.count("<ins>") + marked.count("<del>"))


def _as_html(text: str) -> str:
    return "".join(f"<p>{html.escape(provision)}</p>" for provision in text.split("\n\n"))


def by_redlines(old: str, new: str) -> int:
    """Return the number of differing word sequences; those separated only by punctuation are counted as one.

    This measures a package that shows changes as a word processor does: tokenization, difflib in Python, and the list
    of changes, without rendering. On a whole text, its time is quadratic in the length.
    """
    from redlines import Redlines

    return len(Redlines(old, new).changes)


class Peer(NamedTuple):
    """A library, and its arguments: two whole texts, or two paired lists of changed provisions.

    The time to divide the texts and find the changed provisions is not included; see `changed_provisions`.
    """

    unit: str
    run: Callable[[Any, Any], int]


def by_provision(compare: Callable[[str, str], int]) -> Callable[[list[str], list[str]], int]:
    """Return a function that applies `compare`, for two texts, to pairs of provisions."""

    def run(old: list[str], new: list[str]) -> int:
        return sum(map(compare, old, new))

    return run


WHOLE, PROVISIONS = "whole text", "changed provisions"
# Each with its most favourable unit. On a whole text, lxml and redlines take seconds: their time is quadratic.
PEERS = {
    "difflib": Peer(PROVISIONS, by_difflib),
    "difflib, blanks included": Peer(PROVISIONS, by_difflib_with_blanks),
    "fast-diff-match-patch": Peer(WHOLE, by_fast_diff_match_patch),
    "fast-diff-match-patch by provision": Peer(PROVISIONS, by_provision(by_fast_diff_match_patch)),
    "lxml": Peer(PROVISIONS, by_provision(by_lxml)),
    "redlines": Peer(PROVISIONS, by_provision(by_redlines)),
}
