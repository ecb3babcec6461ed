"""Words, as every figure and comparison counts them."""

import re

# A run of letters and digits, with the apostrophes, hyphens and points that stand within it: "member's",
# "e-commerce", "1.2". Marks, heads and punctuation are no words.
WORD = re.compile(r"\w+(?:['’.\-‑]\w+)*")


def words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the words of `text[start:end]`, folded, so that a capital letter makes no new word."""
    return [word.casefold() for word in WORD.findall(text, start, len(text) if end is None else end)]
