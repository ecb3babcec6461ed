"""Convert and join the runs of a Word paragraph."""

from collections.abc import Iterator
from typing import Any

from issues.interchange.drafts import Run
from issues.interchange.word.numbering import W
from issues.interchange.word.styles import ANCHORS

# Private-use characters in symbol fonts such as Wingdings, most often bullets and boxes.
_OWN_LETTERS = range(0xE000, 0xF900)


def symbol_text(element: Any) -> str:
    """Return the character of a symbol, with a bullet in place of private-use characters."""
    code = int(element.get(f"{W}char") or "0", 16)
    return "" if not code else "•" if code in _OWN_LETTERS else chr(code)


def join_runs(runs: Iterator[Run]) -> Iterator[Run]:
    """Yield the runs, joining adjacent runs that have the same formatting."""
    last: Run | None = None
    parts: list[str] = []
    for run in runs:
        if last is not None and run[1:] == last[1:]:
            parts.append(run.text)
            continue
        if last is not None:
            yield last._replace(text="".join(parts))
        last, parts = run, [run.text]
    if last is not None:
        yield last._replace(text="".join(parts))


def strip_start(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the runs without white space at the start of the first run."""
    return (runs[0]._replace(text=runs[0].text.lstrip()), *runs[1:]) if runs else ()


def anchor_in(element: Any) -> str:
    """Return the slug in the first provision bookmark within an element, or ""."""
    for mark in element.iter(f"{W}bookmarkStart"):
        name = mark.get(f"{W}name") or ""
        if name.startswith(ANCHORS):
            return str(name[len(ANCHORS) :])
    return ""
