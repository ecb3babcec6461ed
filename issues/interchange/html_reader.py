"""Sanitize an HTML page and divide it into paragraphs."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import nh3
from django.utils.translation import gettext as _
from lxml import html

from issues.interchange.drafts import DELETED, INSERTED, Draft, Paragraph, Run
from issues.interchange.file_checks import Unreadable, require_length
from issues.interchange.word.numbering import format_number

_BLOCKS = frozenset("p div li td th blockquote pre dt dd caption figcaption section article address main".split())
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_KEPT = {"ins", "del", "br", "ul", "ol", "table", "tr", "tbody", "thead", "span", "b", "i", "em", "strong", "u", "s"}
_KEPT |= {"sup", "sub", "body", "font", *_BLOCKS, *_LEVELS}
# Elements with an optional end tag, and empty elements.
_ENDED = frozenset("p li td th tr dt dd thead tbody tfoot option colgroup br img hr input meta link col wbr".split())
_OBJECTS = frozenset("img svg object embed iframe video audio canvas math".split())
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^>]{0,500}?(/?)>")
# No real page is nested more deeply than this. The sanitizer's running time is quadratic in the depth.
_DEEPEST = 400
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


# An element that this site marked as invented in an exported page.
_INVENTED = re.compile(r"<[a-z]+\b[^<>]*\sdata-demonstration=")


def read_html(text: str) -> Draft:
    """Return the draft of a page, with headings, paragraphs, table cells, list numbers, insertions and deletions.

    Before the page is read, the sanitizer removes all other elements, such as scripts, styles and forms. Raises
    Unreadable if the page is too long or nested too deeply.
    """
    require_length(len(text))
    _require_flat(text)
    attributes = {"ol": {"type", "start"}, "ins": {"cite", "datetime"}, "del": {"cite", "datetime"}, "font": {"color"}}
    clean = nh3.clean(text, tags=_KEPT, attributes=attributes, clean_content_tags={"script", "style", "title"})
    root = html.fragment_fromstring(clean, create_parent="div")
    invented = bool(_INVENTED.search(text))
    return Draft("html", tuple(_Reader(root).paragraphs()), warnings=tuple(_left_out(text)), demonstration=invented)


def _left_out(text: str) -> Iterator[str]:
    """Yield a warning with the number of images and other objects, which are not imported."""
    if many := sum(1 for closes, tag, _alone in _TAG.findall(text) if not closes and tag.lower() in _OBJECTS):
        yield _("Images and other objects on the page (%(many)s in all) were left out: only text is imported.") % {
            "many": many
        }


def _require_flat(text: str) -> None:
    """Raise Unreadable if elements are nested too deeply for the sanitizer."""
    depth = 0
    for closes, tag, alone in _TAG.findall(text):
        if tag.lower() not in _ENDED and not alone:
            depth += -1 if closes else 1
        if depth > _DEEPEST:
            raise Unreadable(_("The page is nested too deeply to be read. Copy the text and paste it."))


class _Reader:
    """A reader that collects runs until a block begins or ends."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.runs: list[Run] = []
        self.number = ""
        self.level = 0
        self.counts: Counter[Any] = Counter()  # the number of items so far in each list

    def paragraphs(self) -> Iterator[Paragraph]:
        """Yield the paragraphs. The traversal is iterative, because pages may be deeply nested."""
        # Each entry contains an element or a string, the tracked change, and a flag for the end of the element.
        waiting: list[tuple[Any, str, bool]] = [(self.root, "", False)]
        while waiting:
            node, change, ends = waiting.pop()
            if isinstance(node, str):
                self._append(node, change)
                continue
            tag = node.tag if isinstance(node.tag, str) else ""
            is_block = tag in _BLOCKS or tag in _LEVELS
            if is_block:
                yield from self._flushed()
            if ends:
                continue
            if tag == "br":
                self.runs.append(Run("\n", change))
            self.level = _LEVELS.get(tag, 0) if is_block else self.level
            self.number = self._number(node) if tag == "li" else self.number
            inner = {"ins": INSERTED, "del": DELETED}.get(tag, change)
            waiting.append((node, change, True))
            for child in reversed(node):
                if child.tail:
                    waiting.append((child.tail, inner, False))
                waiting.append((child, inner, False))
            if node.text:
                waiting.append((node.text, inner, False))
        yield from self._flushed()

    def _append(self, text: str, change: str) -> None:
        words = " ".join(text.split())
        lead = " " if text[:1].isspace() else ""
        tail = " " if text[-1:].isspace() and words else ""
        self.runs.append(Run(lead + words + tail, change, "?" if change else ""))

    def _number(self, item: Any) -> str:
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return "•" if parent is not None and parent.tag == "ul" else ""
        self.counts[parent] += 1
        start = parent.get("start", "1")
        first = int(start) if start.isdecimal() and len(start) < 7 else 1
        form = _FORMS.get(parent.get("type", ""), "decimal")
        number = format_number(first + self.counts[parent] - 1, form)
        return f"{number}." if form == "decimal" else f"({number})"

    def _flushed(self) -> Iterator[Paragraph]:
        runs, number, level = _trimmed(self.runs), self.number, self.level
        self.runs = []
        if runs:
            self.number, self.level = "", 0
            yield Paragraph(tuple(runs), level, number)


def _trimmed(runs: list[Run]) -> list[Run]:
    """Return the runs without spaces at either end of the paragraph and without repeated spaces."""
    trimmed: list[Run] = []
    for run in runs:
        text = run.text.lstrip(" ") if not trimmed or trimmed[-1].text.endswith((" ", "\n")) else run.text
        if text:
            trimmed.append(run._replace(text=text))
    while trimmed and not trimmed[-1].text.rstrip():
        trimmed.pop()
    if trimmed:
        trimmed[-1] = trimmed[-1]._replace(text=trimmed[-1].text.rstrip())
    return trimmed
