"""Decide whether added text is a rewording of the text that was removed in its place."""

import re
from collections import Counter

from bracketed_text.events import Event
from bracketed_text.words import words as words_of

_LETTERS = re.compile(r"[^\W_]")
# Shorter words, such as "of the", are in most texts.
_SHORT = 3


def is_rewording(event: Event) -> bool:
    """Return whether the added text of `event` is a rewording of the removed text.

    The two texts must share half of their words or all of their letters, or each must consist of a single word.
    """
    if _LETTERS.findall(event.removed.casefold()) == _LETTERS.findall(event.added.casefold()):
        return True
    removed, added = Counter(words_of(event.removed)), Counter(words_of(event.added))
    total, common = removed.total() + added.total(), removed & added
    if common.total() == min(removed.total(), added.total()) and any(len(word) > _SHORT for word in common):
        return True  # only words were added, or only words were removed
    return removed.total() == added.total() == 1 or 4 * common.total() >= total
