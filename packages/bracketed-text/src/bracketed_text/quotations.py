"""Quote texts in sentences. Long texts are shortened."""

import re

from bracketed_text.phrases import Translate
from bracketed_text.phrases import gettext_noop as _

LONGEST_QUOTE = 80

_FOOTNOTE = re.compile(r"\[?\^\w{1,4}\]?")


def quote(text: str, translate: Translate = str) -> str:
    """Return `text` in quotation marks, without its final punctuation. A long text is shortened by omitting words."""
    words = text.split()
    left, letters = len(words), sum(len(word) + 1 for word in words) - 1
    # The omission grows around a point two thirds into the text. The length is updated after each step, because
    # joining the words each time would take minutes for a text of a million characters.
    first = end = left * 2 // 3
    while left > 3 and letters > LONGEST_QUOTE:
        if left * 2 // 3 < first:
            first -= 1
            letters -= len(words[first]) + 1
        else:
            letters -= len(words[end]) + 1
            end += 1
        left -= 1
    if first < end:
        words[first:end] = ["…"]
    shown = " ".join(words)
    shown = shown.rstrip(".;:,") or shown
    return translate(_("“{words}”")).format(words=shown) if shown else translate(_("an empty bracket"))


def differing_parts(old: str, new: str) -> tuple[str, str]:
    """Return both texts or, if their quotations would be the same, the differing parts with a few words of context."""
    before, after = old.split(), new.split()
    if quote(old) != quote(new) or before == after:
        return old, new
    first = behind = 0
    most = min(len(before), len(after))
    while first < most and before[first] == after[first]:
        first += 1
    while behind < most - first and before[-1 - behind] == after[-1 - behind]:
        behind += 1
    return _cut(before, first, behind), _cut(after, first, behind)


def _cut(words: list[str], first: int, behind: int) -> str:
    """Return `words` without the first `first` and last `behind` words, with three words of context on each side."""
    start, end = max(0, first - 3), len(words) - max(0, behind - 3)
    return " ".join(["…"] * (start > 0) + words[start:end] + ["…"] * (end < len(words)))


def without_lone_marks(text: str) -> str:
    """Return `text` without footnote marks, and without marks whose partner is not in `text`."""
    if "[" not in text and "]" not in text:
        return text
    text = _FOOTNOTE.sub("", text)
    opens: list[int] = []
    lone: list[int] = []
    for at, letter in enumerate(text):
        if letter == "[":
            opens.append(at)
        elif letter == "]" and opens:
            opens.pop()
        elif letter == "]":
            lone.append(at)
    left = set(opens + lone)
    return "".join(letter for at, letter in enumerate(text) if at not in left) if left else text
