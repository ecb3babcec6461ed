"""Text in which the matches of a search are marked, and excerpts of it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Characters from the Unicode private use area. They delimit a match in text that has not yet been converted to HTML.
BEGINS, ENDS = "\ue000", "\ue001"
MATCH = re.compile(f"{BEGINS}([^{BEGINS}{ENDS}]*){ENDS}")
WORD = re.compile(r"\w+(?:['’-]\w+)*")
EXCERPT_WORDS = 30
# An excerpt starts this many words before the first match.
WORDS_BEFORE = 8


@dataclass(frozen=True)
class MarkedText:
    """A text with delimiters around the matches in `marked`."""

    marked: str

    @property
    def has_match(self) -> bool:
        """Whether any part of the text is marked."""
        return MATCH.search(self.marked) is not None

    @property
    def html(self) -> SafeString:
        """The text as HTML, in which all text is escaped and the matches are marked with `<mark>`."""
        return as_html(self.marked)

    @property
    def plain(self) -> str:
        """The text without marks."""
        return MATCH.sub(r"\1", self.marked)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The first and last offsets of each match in `plain`."""
        matches = enumerate(MATCH.finditer(self.marked))
        # Each earlier match has two delimiters, which `plain` lacks.
        return [(match.start() - 2 * index, match.end() - 2 * index - 2) for index, match in matches]


def as_html(excerpt: str) -> SafeString:
    """Return an excerpt as HTML, in which all text is escaped and the matches are marked with `<mark>`."""
    return mark_safe(MATCH.sub(r"<mark>\1</mark>", escape(excerpt)))  # noqa: S308  # escaped before the marks are set


def fold_words(text: str) -> str:
    """Return `text` without case and diacritics, with the same number of characters for most texts."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def marked_where(text: str, is_match: Callable[[str], bool]) -> MarkedText:
    """Return `text` with each word marked for which `is_match` returns true."""

    def mark(match: re.Match[str]) -> str:
        word = match.group()
        return f"{BEGINS}{word}{ENDS}" if is_match(word) else word

    return MarkedText(WORD.sub(mark, text))


def excerpt_of(text: MarkedText) -> MarkedText:
    """Return about thirty words of `text`, beginning shortly before the first match."""
    words = text.marked.split()
    first = next((index for index, word in enumerate(words) if BEGINS in word), 0)
    start = max(0, first - WORDS_BEFORE)
    end = start + EXCERPT_WORDS
    # A match of several words may be cut in two, in which case the excerpt continues to its end.
    while end < len(words) and _is_open(words[start:end]):
        end += 1
    before, after = "… " if start else "", " …" if end < len(words) else ""
    return MarkedText(f"{before}{' '.join(words[start:end])}{after}")


def _is_open(words: list[str]) -> bool:
    joined = " ".join(words)
    return joined.count(BEGINS) > joined.count(ENDS)
