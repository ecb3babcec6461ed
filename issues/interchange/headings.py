"""Where the heading of a provision stands in its own text, if it does: texts from elsewhere begin with theirs."""

import re

_WORD = re.compile(r"\w+")


def heading_end(text: str, *headings: str) -> int:
    """Return the offset behind the lines at the beginning of `text` that say `headings` one after the other, or 0.

    Letters and digits count, in any case; the lines may be divided otherwise.
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


def split_heading(text: str, heading: str) -> tuple[str, str, str]:
    """Return the lines of `text` that are its heading, the line ends behind them, and the rest."""
    end = heading_end(text, heading)
    head = text[:end].rstrip("\n")
    rest = text[len(head) :]
    body = rest.lstrip("\n")
    return head, rest[: len(rest) - len(body)], body


def _folded(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")
