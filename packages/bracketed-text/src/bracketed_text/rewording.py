"""Decide whether added text is a rewording of the text that was removed in its place."""

import re
from collections import Counter
from itertools import takewhile

from bracketed_text.events import Event
from bracketed_text.words import words as words_of

_LETTERS = re.compile(r"[^\W_]")
# Shorter words, such as "of the", are in most texts.
_SHORT = 3


def is_rewording(event: Event, *, in_same_words: bool) -> bool:
    """Return whether the added text of `event` is a rewording of the removed text.

    The two texts must share half of their words or all of their letters, or each must consist of a single word.
    `in_same_words` states whether the words around the change are the same: otherwise, single words have nothing to do
    with each other.
    """
    if _LETTERS.findall(event.removed.casefold()) == _LETTERS.findall(event.added.casefold()):
        return True
    removed, added = Counter(words_of(event.removed)), Counter(words_of(event.added))
    total, common = removed.total() + added.total(), removed & added
    if common.total() == min(removed.total(), added.total()) and any(len(word) > _SHORT for word in common):
        return True  # only words were added, or only words were removed
    if removed.total() == added.total() == 1:
        return in_same_words or _are_related(next(iter(removed)), next(iter(added)))
    return 4 * common.total() >= total


def _are_related(before: str, after: str) -> bool:
    """Return whether at least half of the letters of the longer word are at the beginning of both."""
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
    return 2 * sum(1 for _ in equal) >= max(len(before), len(after))
