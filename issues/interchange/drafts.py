"""The common result of all readers, which consists of paragraphs with their level, number, text and formatting.

A draft consists of plain values, so that it can be stored and composed again with other choices.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

INSERTED, DELETED = "inserted", "deleted"
# The word in the properties of an exported Word file that says that texts in the file are invented.
INVENTED = "demonstration"


class Run(NamedTuple):
    """A piece of text with uniform formatting.

    `change` is "inserted", "deleted" or "". `by` and `on` are the author and date of the change. `colour` is a key such
    as "colour FF0000", "highlight yellow" or "style US text". `comments` lists the numbers of the comments on the run.
    """

    text: str
    change: str = ""
    by: str = ""
    on: str = ""
    colour: str = ""
    comments: tuple[str, ...] = ()


class Paragraph(NamedTuple):
    """A paragraph with its heading level (0 for text), its automatic number, and the line break after it.

    `change` and `by` describe a tracked change to the paragraph mark, which is recorded when paragraphs are split or
    joined. `role` and `anchor` identify parts of a file written by this site; see `word.styles`.
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
        """The text of the paragraph, including insertions and deletions."""
        return "".join(run.text for run in self.runs)


class Comment(NamedTuple):
    """A comment in the margin. `on` is the date as written in the file, or "" if the file gives no date."""

    number: str
    author: str
    on: str
    text: str


class Mapped(NamedTuple):
    """A mapped character, with its outcome (`character_map.Outcome`), number of occurrences and first locations."""

    character: str
    outcome: str
    times: int
    places: tuple[str, ...]


class Draft(NamedTuple):
    """The content of an imported file. `warnings` are sentences about parts that were not imported unchanged.

    `mapped` lists the characters that were mapped. A mapped draft contains no invalid characters except form feeds at
    the ends of paragraphs, which represent page breaks. `demonstration` is true if this site wrote the file and marked
    any of its texts as invented; what is imported from the file then remains marked.
    """

    kind: str
    paragraphs: tuple[Paragraph, ...]
    comments: tuple[Comment, ...] = ()
    warnings: tuple[str, ...] = ()
    mapped: tuple[Mapped, ...] = ()
    demonstration: bool = False

    @property
    def from_this_site(self) -> bool:
        """Whether this site wrote the file and marked its provisions."""
        return any(paragraph.role for paragraph in self.paragraphs)

    def authors(self) -> list[str]:
        """Return the authors of tracked changes, in order of first occurrence."""
        return list(dict.fromkeys(by for change, by in self._changes() if change))

    def colours(self) -> dict[str, str]:
        """Return the colours, highlights and styles in use, each with the start of the first text that has it."""
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
        """Return the draft as JSON values."""
        return {
            "kind": self.kind,
            "paragraphs": [_paragraph_as_json(paragraph) for paragraph in self.paragraphs],
            "comments": [list(comment) for comment in self.comments],
            "warnings": list(self.warnings),
            "mapped": [list(row) for row in self.mapped],
            "demonstration": self.demonstration,
        }


def draft_from_json(stored: dict[str, Any]) -> Draft:
    """Return the draft that the JSON values represent."""
    return Draft(
        stored["kind"],
        tuple(Paragraph(tuple(map(_run, runs)), *rest) for runs, *rest in stored["paragraphs"]),
        tuple(Comment(*comment) for comment in stored["comments"]),
        tuple(stored["warnings"]),
        # Earlier releases stored drafts without mapping their characters.
        tuple(Mapped(code, outcome, times, tuple(at)) for code, outcome, times, at in stored.get("mapped", ())),
        stored.get("demonstration", False),
    )


# Default values are omitted because most runs have no formatting.
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
