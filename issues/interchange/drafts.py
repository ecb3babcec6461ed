"""What every reader gives, whatever the file was: paragraphs with their level, number, words and marks.

A draft is plain values, so that it can be stored and read again with other choices.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

INSERTED, DELETED = "inserted", "deleted"


class Run(NamedTuple):
    """Words that look alike. `change` says whether they were inserted or deleted, `by` whom and when (`on`).

    `colour` is a key such as "colour FF0000", "highlight yellow" or "style US text"; `comments` are the numbers of the
    comments anchored at these words.
    """

    text: str
    change: str = ""
    by: str = ""
    on: str = ""
    colour: str = ""
    comments: tuple[str, ...] = ()


class Paragraph(NamedTuple):
    """One paragraph. `level` is that of a heading, 0 for text; `number` the automatic number in front of it.

    `end` is what stands behind it; `change` and `by` are those of its end (a paragraph that was split or joined).
    `role` and `anchor` tell what it is in a file that this site wrote.
    """

    runs: tuple[Run, ...]
    level: int = 0
    number: str = ""
    end: str = "\n\n"
    change: str = ""
    by: str = ""
    role: str = ""
    anchor: str = ""

    @property
    def text(self) -> str:
        """The words, with those that were inserted and those that were deleted."""
        return "".join(run.text for run in self.runs)


class Comment(NamedTuple):
    """A comment in the margin; `on` is its day, as written in the file, or ""."""

    number: str
    author: str
    on: str
    text: str


class Mapped(NamedTuple):
    """That a character may not go on record, what it became (`plain_map.Became`), how often, and where at first."""

    character: str
    outcome: str
    times: int
    places: tuple[str, ...]


class Draft(NamedTuple):
    """A text as it came in. `warnings` are sentences about what the reader met and could not keep.

    `mapped` says which characters of the file became others: all that stands here may go on record, but for a form
    feed as the end of a paragraph, which is a page break.
    """

    kind: str
    paragraphs: tuple[Paragraph, ...]
    comments: tuple[Comment, ...] = ()
    warnings: tuple[str, ...] = ()
    mapped: tuple[Mapped, ...] = ()

    @property
    def from_this_site(self) -> bool:
        """Whether this site wrote the file, with its provisions marked as such."""
        return any(paragraph.role for paragraph in self.paragraphs)

    def authors(self) -> list[str]:
        """Return who inserted or deleted something, in order of the text."""
        return list(dict.fromkeys(by for change, by in self._changes() if change))

    def colours(self) -> dict[str, str]:
        """Return the keys of colours and styles, each with the first words that bear it."""
        samples: dict[str, str] = {}
        for paragraph in self.paragraphs:
            for run in paragraph.runs:
                if run.colour and run.text.strip():
                    samples.setdefault(run.colour, run.text.strip()[:80])
        return samples

    def _changes(self) -> Iterator[tuple[str, str]]:
        for paragraph in self.paragraphs:
            for run in paragraph.runs:
                yield run.change, run.by
            yield paragraph.change, paragraph.by

    def as_json(self) -> dict[str, Any]:
        """Return the draft as values that JSON knows."""
        return {
            "kind": self.kind,
            "paragraphs": [_paragraph_as_json(paragraph) for paragraph in self.paragraphs],
            "comments": [list(comment) for comment in self.comments],
            "warnings": list(self.warnings),
            "mapped": [list(row) for row in self.mapped],
        }


def draft_from_json(stored: dict[str, Any]) -> Draft:
    """Return the draft that `as_json` wrote."""
    return Draft(
        stored["kind"],
        tuple(Paragraph(tuple(map(_run, runs)), *rest) for runs, *rest in stored["paragraphs"]),
        tuple(Comment(*comment) for comment in stored["comments"]),
        tuple(stored["warnings"]),
        # Drafts of earlier releases were not mapped.
        tuple(Mapped(code, outcome, times, tuple(at)) for code, outcome, times, at in stored.get("mapped", ())),
    )


# Most of a text bears no mark: what is as usual is not written out.
_USUAL, _UNMARKED = Paragraph(()), Run("")[1:]


def _paragraph_as_json(paragraph: Paragraph) -> list[Any]:
    values: list[Any] = [[run.text if run[1:] == _UNMARKED else list(run) for run in paragraph.runs], *paragraph[1:]]
    while len(values) > 1 and values[-1] == _USUAL[len(values) - 1]:
        values.pop()
    return values


def _run(stored: Any) -> Run:
    if isinstance(stored, str):
        return Run(stored)
    text, change, by, on, colour, comments = stored
    return Run(text, change, by, on, colour, tuple(comments))
