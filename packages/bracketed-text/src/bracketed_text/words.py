"""Recognise the words that are counted in figures and compared in comparisons."""

import re

# A word consists of letters and digits, with apostrophes, hyphens or points between them: "member's", "e-commerce",
# "1.2". Marks and punctuation are not words.
WORD = re.compile(r"\w+(?:['’.\-‑]\w+)*")

# A footnote number, raised or not, is not part of the word to which it is attached: "data³", "data3".
RAISED = "⁰¹²³⁴-⁹"
_WITH_NUMBER = rf"[^\W\d{RAISED}]++(?=[{RAISED}]+(?!\w))|[^\W\d{RAISED}]++(?<=[^\W\d_A-Z]{{3}})(?=\d{{1,3}}(?!\w))"
# A word without a footnote number, or a mark, each with the white space after it; or white space alone.
TOKEN = rf"(?:{_WITH_NUMBER}|\w+|[^\w\s])\s*|\s+"


def words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the words of `text[start:end]`, case-folded."""
    return [word.casefold() for word in WORD.findall(text, start, len(text) if end is None else end)]


_LETTERS = re.compile(r"[^\W\d_]+")


def outermost_words(text: str) -> list[str]:
    """Return the first and the last word of `text`, case-folded, where numbers and hyphens are not part of words."""
    letters = _LETTERS.findall(text.casefold())
    return letters[:1] + letters[-1:]
