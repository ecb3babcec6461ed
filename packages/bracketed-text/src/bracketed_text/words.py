"""Words, as every figure and comparison counts them."""

import re

# A run of letters and digits, with the apostrophes, hyphens and points that stand within it: "member's",
# "e-commerce", "1.2". Marks, heads and punctuation are no words.
WORD = re.compile(r"\w+(?:['’.\-‑]\w+)*")

# The number of a footnote, raised or not, is no part of the word that it is glued to: "data³", "data3".
RAISED = "⁰¹²³⁴-⁹"
_WITH_NUMBER = rf"[^\W\d{RAISED}]++(?=[{RAISED}]+(?!\w))|[^\W\d{RAISED}]++(?<=[^\W\d_A-Z]{{3}})(?=\d{{1,3}}(?!\w))"
# A word, without such a number; a mark; white space. Each with the white space behind it.
TOKEN = rf"(?:{_WITH_NUMBER}|\w+|[^\w\s])\s*|\s+"


def words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the words of `text[start:end]`, folded, so that a capital letter makes no new word."""
    return [word.casefold() for word in WORD.findall(text, start, len(text) if end is None else end)]
