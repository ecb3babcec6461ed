"""Find a provision's heading at the beginning of its text, since many imported texts repeat the heading there."""

import re

_WORD = re.compile(r"\w+")


def heading_end(text: str, *headings: str) -> int:
    """Return the offset after the heading at the start of `text`, or 0 if `text` does not begin with the heading.

    The first lines are the heading if they consist of the `headings` in order. Only letters and digits are compared,
    regardless of case and line breaks.
    """
    target = _folded(" ".join(headings))
    if not target:
        return 0
    seen, at = "", 0
    for line in text.splitlines(keepends=True):
        seen += _folded(line)
        at += len(line)
        if seen == target:
            return at
        if not target.startswith(seen):
            return 0
    return 0


def _folded(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")
