"""Read plain text, Markdown and text copied from a PDF. Each line becomes a paragraph that retains its line break."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from issues.interchange.drafts import Draft, Paragraph, Run
from issues.interchange.file_checks import Unreadable, require_length

# A form feed ends the page and therefore also the line.
_LINE = re.compile(r"([^\r\n\f]*)(\r\n|\n|\r|\f|$)")
_HEADING = re.compile(r"(#{1,6})\s")
# Ligatures and non-breaking spaces in text copied from PDFs.
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00a0": " ", "\u00ad": "\u00ad"})


def decode(data: bytes) -> str:
    """Return the text of a file encoded in UTF-8, or in UTF-16 with a byte order mark.

    Raises Unreadable if the file cannot be decoded.
    """
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("Byte %(number)s is not valid UTF-8. Save the text as UTF-8.") % {"number": error.start + 1}
        ) from error


def read_plain(text: str, kind: str = "txt") -> Draft:
    """Return the draft of plain text or Markdown. The joined paragraphs reproduce the text exactly."""
    require_length(len(text))
    return Draft(kind, tuple(_lines(text, kind)))


def read_pdf_text(text: str) -> Draft:
    """Return the draft of text copied from a PDF, with broken lines joined and ligatures resolved."""
    require_length(len(text))
    lines = [line.rstrip() for line in text.translate(_LIGATURES).replace("\f", "\n").splitlines()]
    return Draft("pdf", tuple(_lines("\n".join(_unwrapped(lines)), "pdf")))


def _lines(text: str, kind: str) -> Iterator[Paragraph]:
    for line, end in _LINE.findall(text):
        if not line and not end:
            return
        heading = _HEADING.match(line) if kind == "md" else None
        yield Paragraph((Run(line),) if line else (), len(heading[1]) if heading else 0, end=end)


def _unwrapped(lines: list[str]) -> list[str]:
    """Return the lines, joining each line that begins with a lowercase letter to the previous line."""
    joined: list[str] = []
    for line in lines:
        words = line.lstrip()
        if joined and joined[-1] and words[:1].islower():
            before = joined[-1]
            # Remove a soft hyphen, which the typesetter added. Retain a hard hyphen, which may belong to the word.
            joined[-1] = before[:-1] + words if before.endswith("\u00ad") else before + _glue(before) + words
        else:
            joined.append(line)
    return joined


def _glue(before: str) -> str:
    return "" if before.endswith("-") else " "
