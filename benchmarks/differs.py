"""Libraries that compare two versions of a text and serve as peers of `bracketed_text.compare`.

Each function returns a number of differences. The libraries find inserted and deleted words but do not parse brackets.
The benchmark therefore favours them, because the engine also determines how each bracket changed. The numbers depend on
each library's definition of a difference. The generated text has only about thirty distinct words, far fewer than a
real text, which slows difflib and the libraries based on it.
"""

import html
import random
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import chain
from typing import Any, NamedTuple

from benchmarks.text import WORDS, negotiating_text

# A word or a single punctuation mark. An added or removed bracket is therefore a difference.
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WHOLE = re.compile(r"\w+|\s+|[^\w\s]")
# Matches heads, which are skipped, and words. The match of a word that follows another word includes the space between.
_HEAD_OR_WORD = re.compile(r"\[[A-Z][^\]:]*:|((?:(?<=[a-z]) )?[a-z]+)")
# All code points except NUL and the surrogates.
_CODE_POINTS = range(1, 0xD800), range(0xE000, 0x110000)


def versions(words: int = 30_000, brackets: int = 1_500, changed: float = 0.05, seed: int = 2) -> tuple[str, str]:
    """Return a generated text and a changed version of it. Both are always the same for the same seed.

    `changed` is the proportion of words that change, both inside and outside brackets. Of every five changes, on
    average, three replace a word, one deletes a word, and one inserts a new word after it. Brackets and heads do not
    change. Blank lines separate provisions in both versions, so that provisions can be paired.
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
    """Return the replacement for a word in the new version. The first word of a run is never deleted."""
    another = draw.choice([word for word in WORDS if word != written.strip()])
    act = draw.choice(("replace", "replace", "replace", "delete", "insert"))
    if act == "insert":
        return f"{written} {another}"
    if not written.startswith(" "):
        return another
    return "" if act == "delete" else f" {another}"


def changed_provisions(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the old and the new versions of the provisions that differ, in the same order."""
    pairs = zip(old.split("\n\n"), new.split("\n\n"), strict=True)
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return [before for before, _ in different], [after for _, after in different]


def by_difflib(old: list[str], new: list[str]) -> int:
    """Return the number of differing token sequences, provision by provision.

    This method favours the standard library, because the provisions are short and already paired. On a whole text, its
    running time would be quadratic in the length.
    """
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _TOKEN.findall(before), _TOKEN.findall(after), autojunk=False).get_opcodes()
    )


def by_difflib_with_blanks(old: list[str], new: list[str]) -> int:
    """Return the number of differing sequences of tokens, where white space also counts as a token.

    White space is needed to reconstruct the new text.
    """
    return sum(
        opcode[0] != "equal"
        for before, after in zip(old, new, strict=True)
        for opcode in SequenceMatcher(None, _WHOLE.findall(before), _WHOLE.findall(after), autojunk=False).get_opcodes()
    )


def by_fast_diff_match_patch(old: str, new: str) -> int:
    """Return the number of inserted and deleted sequences of tokens. A replacement counts as two.

    This function measures Myers' algorithm in C++ on the whole text. To compare words, each distinct token is mapped to
    one character, as is usual. The time for the mapping in Python is included. Neither clean-up nor a time limit
    applies.
    """
    from fast_diff_match_patch import diff  # type: ignore[import-not-found]

    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    characters = dict(zip(dict.fromkeys(before + after), map(chr, chain(*_CODE_POINTS)), strict=False))
    mapped_old, mapped_new = ("".join(map(characters.__getitem__, tokens)) for tokens in (before, after))
    return sum(
        operation != "=" for operation, _ in diff(mapped_old, mapped_new, timelimit=0, checklines=False, cleanup="No")
    )


def by_lxml(old: str, new: str) -> int:
    """Return the number of word sequences marked as deleted or inserted. A replacement counts as two.

    This function measures `htmldiff`, which parses two documents, compares them with a version of difflib compiled by
    Cython, and serializes the result. Matches of one or two words are ignored.
    """
    from lxml.html.diff import htmldiff

    marked = htmldiff(_as_html(old), _as_html(new))
    return int(marked.count("<ins>") + marked.count("<del>"))


def _as_html(text: str) -> str:
    return "".join(f"<p>{html.escape(provision)}</p>" for provision in text.split("\n\n"))


def by_redlines(old: str, new: str) -> int:
    """Return the number of differing word sequences. Sequences separated only by punctuation are counted as one.

    This function measures a package that shows changes as a word processor does. Tokenization, difflib in Python and
    the list of changes are included, but rendering is not. On a whole text, the running time is quadratic in the
    length.
    """
    from redlines import Redlines

    return len(Redlines(old, new).changes)


class Peer(NamedTuple):
    """A library with its kind of arguments, which are two whole texts or two paired lists of changed provisions.

    The time for dividing the texts and finding the changed provisions is excluded; see `changed_provisions`.
    """

    unit: str
    run: Callable[[Any, Any], int]


def by_provision(compare: Callable[[str, str], int]) -> Callable[[list[str], list[str]], int]:
    """Return a function that applies `compare`, which takes two texts, to each pair of provisions."""

    def run(old: list[str], new: list[str]) -> int:
        return sum(map(compare, old, new))

    return run


WHOLE, PROVISIONS = "whole text", "changed provisions"
# The libraries, each with the unit that favours it most. On a whole text, lxml and redlines take seconds, because their
# running time is quadratic.
PEERS = {
    "difflib": Peer(PROVISIONS, by_difflib),
    "difflib, blanks included": Peer(PROVISIONS, by_difflib_with_blanks),
    "fast-diff-match-patch": Peer(WHOLE, by_fast_diff_match_patch),
    "fast-diff-match-patch by provision": Peer(PROVISIONS, by_provision(by_fast_diff_match_patch)),
    "lxml": Peer(PROVISIONS, by_provision(by_lxml)),
    "redlines": Peer(PROVISIONS, by_provision(by_redlines)),
}
