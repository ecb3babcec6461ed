"""Render bracketed text as HTML, with brackets coloured by stance and with the holders of positions in tooltips.

No character of the text is added, removed or changed. Every part is escaped, and only tags are inserted.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bracketed_text import Diagnostic, Severity, Tree
from bracketed_text.advanced import Bracket, Claim, Head
from issues.models.choices import Stance
from issues.wording import diagnostic_text, joined

FOR = (Stance.PROPOSE, Stance.SUPPORT)
AGAINST = (Stance.OPPOSE,)


def colour(head: Head) -> str:
    """Return the CSS class for a bracket according to its positions: proposed, opposed, disputed, reserved or bare."""
    supported, opposed = bool(head.names(*FOR)), bool(head.names(*AGAINST))
    if supported and opposed:
        return "disputed"
    if supported or opposed:
        return "proposed" if supported else "opposed"
    return "reserved" if head.claims else "bare"


def spoken(head: Head, name_of: Callable[[str], str]) -> str:
    """Return the positions on a bracket, such as "Canada; Japan: proposes · Brazil: opposes"."""
    if not head.claims:
        return _("Nobody is named at this bracket")
    return " · ".join(
        f"{joined(name_of(name) for name in claim.names)}{_(':')} {Stance(claim.stance).label}" for claim in head.claims
    )


@dataclass(frozen=True)
class PanelLinks:
    """Links from the brackets of one text, `revision`, to their panels.

    `selected` is the offset of the bracket currently selected. On a page with several texts, `page` is the URL of this
    provision, and `prefix` makes the anchors of its brackets unique. `day` is the past day that is shown. With
    `focused`, the browser moves the focus to the selected bracket when the page opens.
    """

    revision: int
    selected: int = -1
    page: str = ""
    prefix: str = ""
    day: datetime.date | None = None
    focused: bool = False

    def url(self, at: int) -> str:
        """Return the permanent URL of the panel for the bracket at offset `at`."""
        as_of = f"as_of={self.day}&" if self.day else ""
        return f"{self.page}?{as_of}revision={self.revision}&at={at}#panel"

    def anchor(self, at: int) -> str:
        """Return the anchor of the bracket at offset `at`."""
        return f"{self.prefix}at-{at}"


class ShownLabel(NamedTuple):
    """The label of a bracket, and the part of it that style sheets show at the bracket, outside the text."""

    name: str
    short: str


def shown_labels(labels: Mapping[int, str], code: str) -> dict[int, ShownLabel]:
    """Return the labels to show at the brackets of a text, by offset.

    `labels` are those without the place, which `code` names. The first bracket of a paragraph shows the number of the
    paragraph: “¶2 [1]”, then “[2]”.
    """
    shown, before = {}, ""
    for offset, label in labels.items():
        paragraph, _space, number = label.rpartition(" ")
        shown[offset] = ShownLabel(f"{code} {label}", number if paragraph == before else label)
        before = paragraph
    return shown


def render(
    tree: Tree,
    name_of: Callable[[str], str] = str,
    *,
    problems: bool = False,
    links: PanelLinks | None = None,
    labels: Mapping[int, ShownLabel] | None = None,
) -> SafeString:
    """Return the text of `tree` as HTML. With `problems`, diagnostics are underlined.

    `labels` are those of brackets and options, by offset. They are attributes, so they are not copied with the text.
    """
    diagnostics = sorted(tree.diagnostics, key=lambda diagnostic: diagnostic.start) if problems else []
    heads = _Heads(name_of, links, labels or {})
    return mark_safe("".join(_html(tree, heads, diagnostics)))  # noqa: S308  every part is escaped, or a fixed tag


def _html(tree: Tree, heads: "_Heads", diagnostics: list[Diagnostic]) -> Iterator[str]:
    """Yield the parts of the HTML. A ninety-page text has ten thousand parts, so the loop must be cheap."""
    at = 0  # index of the next diagnostic
    labels = {block.start for run in tree.runs for block in run}
    for start, end, role, bracket in tree.pieces():
        overlapping: list[Diagnostic] = []
        while at < len(diagnostics) and diagnostics[at].start < end:
            overlapping.append(diagnostics[at])
            at += 1
        marked = _marked(tree.text, start, end, overlapping) if overlapping else escape(tree.text[start:end])
        if role == "text":
            yield marked
        elif role == "open" and bracket is not None:
            yield heads.opening(bracket)
            yield heads.mark(marked, heads.of(bracket.head)[1], bracket.start)
        elif role == "close":
            yield f'<span class="mark">{marked}</span></span>'
        elif role == "head":
            yield f'<span class="mark">{marked}</span>'
        elif role == "label" and start in labels:
            yield heads.label(marked, start)
        elif role == "aside":
            yield f'<span class="aside">{marked}</span>'
        else:
            yield marked


class _Heads:
    """The opening tags of brackets on a page. The class and description for each head are computed only once."""

    def __init__(
        self, name_of: Callable[[str], str], links: PanelLinks | None, labels: Mapping[int, ShownLabel]
    ) -> None:
        self.name_of = name_of
        self.links = links
        self.labels = labels
        self.word = escape(_("Bracket"))
        self.known: dict[tuple[Claim, ...], tuple[str, str]] = {}

    def of(self, head: Head) -> tuple[str, str]:
        """Return the CSS class and the escaped description for a bracket with this head."""
        known = self.known.get(head.claims)
        if known is None:
            known = self.known[head.claims] = (colour(head), escape(spoken(head, self.name_of)))
        return known

    def opening(self, bracket: Bracket) -> str:
        """Return the opening tag of a bracket."""
        css, summary = self.of(bracket.head)
        label, number = self.labels.get(bracket.start), ""
        if label is not None:
            summary, number = f"{escape(label.name)} · {summary}", f' data-bracket="{escape(label.short)}"'
        if self.links is None:
            return f'<span class="bracket {css}" title="{summary}"{number}>'
        touched = " touched" if bracket.start == self.links.selected else ""
        anchor = escape(self.links.anchor(bracket.start))
        return f'<span class="bracket {css}{touched}" id="{anchor}" title="{summary}"{number}>'

    def mark(self, marked: str, summary: str, at: int) -> str:
        """Return an opening bracket mark, as a link to the bracket's panel if the page has panels."""
        label = self.labels.get(at)
        word = f"{self.word} {escape(label.name)}" if label is not None else self.word
        return self._linked(marked, f' aria-label="{word}: {summary}"', at)

    def label(self, marked: str, at: int) -> str:
        """Return the label of an option, as a link to the option's panel if the page has panels."""
        if label := self.labels.get(at):
            number = f'title="{escape(label.name)}" data-bracket="{escape(label.short)}"'
            return f'<span class="option-label" {number}>{self._linked(marked, "", at)}</span>'
        if self.links is None or at != self.links.selected:
            return self._linked(marked, "", at)
        anchor = escape(self.links.anchor(at))
        return f'<span class="touched" id="{anchor}">{self._linked(marked, "", at)}</span>'

    def _linked(self, marked: str, name: str, at: int) -> str:
        if self.links is None:
            return f'<span class="mark">{marked}</span>'
        focus = " autofocus" if self.links.focused and at == self.links.selected else ""
        return f'<a class="mark touch" href="{escape(self.links.url(at))}"{name}{focus}>{marked}</a>'


def _marked(text: str, start: int, end: int, diagnostics: list[Diagnostic]) -> str:
    """Return `text[start:end]`, escaped, with the diagnostics underlined.

    If two diagnostics overlap, only the first is underlined.
    """
    parts: list[str] = []
    for diagnostic in diagnostics:
        first, last = max(start, diagnostic.start), min(end, diagnostic.end)
        if first < start or first >= last:
            continue
        css = "problem" if diagnostic.severity is Severity.ERROR else "warning"
        title = escape(diagnostic_text(diagnostic))
        parts.append(escape(text[start:first]))
        parts.append(f'<span class="{css}" title="{title}">{escape(text[first:last])}</span>')
        start = last
    parts.append(escape(text[start:end]))
    return "".join(parts)
