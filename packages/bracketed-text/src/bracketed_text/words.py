"""Words, as every figure and comparison counts them."""

import re

# Letters and digits, with apostrophes, hyphens and points between them: "member's", "e-commerce", "1.2". Marks, heads
# and punctuation are not words.
WORD = re.compile(r"\w+(?:['’.\-‑]\w+)*")

# The number of a footnote, raised or not, is not part of the word to which it is attached: "data³", "data3".
RAISED = "⁰¹²³⁴-⁹"
_WITH_NUMBER = rf"[^\W\d{RAISED}]++(?=[{RAISED}]+(?!\w))|[^\W\d{RAISED}]++(?<=[^\W\d_A-Z]{{3}})(?=\d{{1,3}}(?!\w))"
# A word without such a number; a mark; white space. Each includes the white space after it.
TOKEN = rf"(?:{_WITH_NUMBER}|\w+|[^\w\s])\s*|\s+"


def words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the words of `text[start:end]`, case-folded, so that a capital does not make a different word."""
    return [word.casefold() for word in WORD.findall(text, start, len(text) if end is None else end)]
