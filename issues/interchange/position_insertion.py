"""Add a position on a given passage to a text, in an existing bracket or a new one."""

from collections.abc import Sequence

from bracketed_text import EditRefused, Tree, take_position
from bracketed_text.advanced import enclose


def insert_position(tree: Tree, words: str, codes: Sequence[str], stance: str) -> str | None:
    """Return the text in which each of `codes` takes `stance` on the passage `words`.

    If the passage is the content of a bracket, the position is added to the head of that bracket. Otherwise, the
    passage is enclosed in a new bracket. Returns None if the text does not contain the passage or the edit is refused.
    """
    words = words.strip()
    start = tree.text.find(words) if words else -1
    if start < 0:
        return None
    at = _bracket_of(tree, words, start)
    try:
        for code in codes:
            if at is None:
                tree, at = enclose(tree, start, start + len(words), code, stance).tree, start
            else:
                tree = take_position(tree, at, code, stance).tree
    except EditRefused:
        return None
    return tree.text


def _bracket_of(tree: Tree, words: str, start: int) -> int | None:
    """Return the start of the bracket that is, or exactly contains, the passage `words` at `start`, or None."""
    for bracket, _depth in tree.walk():
        whole = bracket.start == start and tree.text[bracket.start : bracket.end] == words
        inside = bracket.body <= start < bracket.close and tree.text[bracket.body : bracket.close].strip() == words
        if whole or inside:
            return bracket.start
    return None
