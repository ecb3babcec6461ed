"""A text as paragraphs of spans, each of one role and one fate: what every writer goes through, in order."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text.advanced import Bracket, Piece
from issues.interchange.export import Text
from issues.interchange.redline import Account, Segment

_END = re.compile(r"(\n\n|\n)")
# What was deleted is read no more: its brackets are words among others.
_DELETED = "deleted"


class Span(NamedTuple):
    """Words of one role (those of `bracketed_text.Piece`, and "deleted"), in one bracket, on one account."""

    text: str
    role: str
    bracket: Bracket | None
    inserted: Account | None = None
    deleted: Account | None = None


class Paragraph(NamedTuple):
    """A line, or what stands between two empty lines. `end` is the span that ends it, None for the last one.

    `line` says that it goes on what stands before it, without an empty line between; `held`, that it is the heading of
    the provision, kept in its text.
    """

    spans: tuple[Span, ...]
    end: Span | None
    is_heading: bool
    continues: bool = False

    @property
    def text(self) -> str:
        """Its words, with those that were deleted."""
        return "".join(span.text for span in self.spans)


def paragraphs(text: Text) -> Iterator[Paragraph]:
    """Yield the paragraphs of `text`. Joined with their ends, they are the text to the letter."""
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
    """Yield the words of all segments, those that stand divided by their role."""
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
    """Yield the lines that stand together, with no empty line between."""
    together: list[Paragraph] = []
    for paragraph in all_paragraphs:
        if together and not paragraph.continues:
            yield together
            together = []
        together.append(paragraph)
    if together:
        yield together
