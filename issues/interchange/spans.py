"""Divide a text into paragraphs that consist of spans, for use by the writers.

A span is a piece of text with a single role, a single bracket and a single `Account` of its change. When joined in
order, the spans and paragraph ends reproduce the text exactly.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text.advanced import Bracket, Piece
from issues.interchange.export import Text
from issues.interchange.redline import Account, Segment

_END = re.compile(r"(\n\n|\n)")
# Deleted text is not parsed. Any brackets in it are ordinary characters.
_DELETED = "deleted"


class Span(NamedTuple):
    """A piece of text with a single role, a single bracket and a single account of its change.

    The role is a role of `bracketed_text.advanced.Piece` or "deleted".
    """

    text: str
    role: str
    bracket: Bracket | None
    inserted: Account | None = None
    deleted: Account | None = None


class Paragraph(NamedTuple):
    """A paragraph, or one line of a paragraph.

    `end` is the span of the line break that ends the paragraph or line, or None at the end of the text. `is_heading`
    indicates that the paragraph or line is part of the provision's heading. `continues` indicates that no blank line
    separates it from the previous line.
    """

    spans: tuple[Span, ...]
    end: Span | None
    is_heading: bool
    continues: bool = False

    @property
    def text(self) -> str:
        """The text of the spans, including deletions."""
        return "".join(span.text for span in self.spans)


def paragraphs(text: Text) -> Iterator[Paragraph]:
    """Yield the paragraphs of `text` in order."""
    spans: list[Span] = []
    at, began, line = 0, 0, False
    for span in _spans(text):
        for words in _END.split(span.text):
            if not span.deleted:
                at += len(words)
            if words in ("\n\n", "\n"):
                yield Paragraph(tuple(spans), span._replace(text=words), began < text.heading_length, line)
                spans, began, line = [], at, words == "\n"
            elif words:
                spans.append(span._replace(text=words))
    yield Paragraph(tuple(spans), None, began < text.heading_length, line)


def _spans(text: Text) -> Iterator[Span]:
    """Yield the segments as spans. Segments that are not marked as deleted are divided by role."""
    pieces = text.tree.pieces()
    piece: Piece | None = next(pieces, None)
    at = 0
    for segment in text.segments:
        if segment.deleted:
            yield Span(segment.text, _DELETED, None, None, segment.deleted)
            continue
        end = at + len(segment.text)
        while at < end and piece is not None:
            until = min(piece.end, end)
            yield _span(text, segment, piece, at, until)
            at = until
            piece = next(pieces, None) if piece.end == at else piece


def _span(text: Text, segment: Segment, piece: Piece, start: int, end: int) -> Span:
    return Span(text.tree.text[start:end], piece.role, piece.bracket, segment.inserted)


def group_lines(all_paragraphs: Iterator[Paragraph]) -> Iterator[list[Paragraph]]:
    """Yield the lines of each paragraph as a list."""
    together: list[Paragraph] = []
    for paragraph in all_paragraphs:
        if together and not paragraph.continues:
            yield together
            together = []
        together.append(paragraph)
    if together:
        yield together
