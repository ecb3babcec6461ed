"""Bracketed text as HTML: coloured by stance, who says what at hand, not one character changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from issues.brackets import Bracket, Diagnostic, Head, Severity, Tree
from issues.choices import Stance

FOR = (Stance.PROPOSE, Stance.SUPPORT)
AGAINST = (Stance.OPPOSE,)


def colour(head: Head) -> str:
    """Return the class of a bracket by who stands at it: proposed, opposed, disputed, reserved or bare."""
    wanted, unwanted = bool(head.names(*FOR)), bool(head.names(*AGAINST))
    if wanted and unwanted:
        return "disputed"
    if wanted or unwanted:
        return "proposed" if wanted else "opposed"
    return "reserved" if head.claims else "bare"


def spoken(head: Head, name_of: Callable[[str], str]) -> str:
    """Return who says what at a bracket, such as "Canada, Japan: proposes · Brazil: opposes"."""
    if not head.claims:
        return _("Nobody is named at this bracket")
    return " · ".join(
        f"{', '.join(name_of(name) for name in claim.names)}: {Stance(claim.stance).label}" for claim in head.claims
    )


@dataclass(frozen=True)
class Touch:
    """That brackets can be touched: each opening mark leads to its panel, on the text of this revision.

    `at` is where the bracket begins that is touched now. On a page with several texts, `page` is the address of the
    page of this one, and `name` tells its brackets from those of the others.
    """

    revision: int
    at: int = -1
    page: str = ""
    name: str = ""

    def address(self, at: int) -> str:
        """Return where the panel of the bracket that begins at `at` is."""
        return f"{self.page}?revision={self.revision}&at={at}#panel"

    def anchor(self, at: int) -> str:
        """Return the name of the bracket that begins at `at` within the page."""
        return f"{self.name}at-{at}"


def render(
    tree: Tree, name_of: Callable[[str], str] = str, *, problems: bool = False, touch: Touch | None = None
) -> SafeString:
    """Return the text of `tree` as HTML; with `problems`, what is wrong is underlined at its place."""
    found = sorted(tree.diagnostics, key=lambda one: one.start) if problems else []
    return mark_safe("".join(_html(tree, name_of, found, touch)))  # noqa: S308  every part comes from format_html


def _html(tree: Tree, name_of: Callable[[str], str], found: list[Diagnostic], touch: Touch | None) -> Iterator[str]:
    at = 0  # the first of `found` that may still lie ahead
    labels = {block.start: block for run in tree.runs for block in run}
    for start, end, role, bracket in tree.pieces():
        here: list[Diagnostic] = []
        while at < len(found) and found[at].start < end:
            here.append(found[at])
            at += 1
        marked = _marked(tree.text, start, end, here)
        if role == "open" and bracket is not None:
            yield _opening(bracket, name_of, touch)
            yield _mark(marked, spoken(bracket.head, name_of), bracket.start, touch)
        elif role == "close":
            yield format_html('<span class="mark">{}</span></span>', marked)
        elif role == "head":
            yield format_html('<span class="mark">{}</span>', marked)
        elif role == "label" and start in labels:
            yield _mark(marked, labels[start].label, start, touch)
        elif role == "aside":
            yield format_html('<span class="aside">{}</span>', marked)
        else:
            yield marked


def _opening(bracket: Bracket, name_of: Callable[[str], str], touch: Touch | None) -> SafeString:
    said = spoken(bracket.head, name_of)
    if touch is None:
        return format_html('<span class="bracket {}" title="{}">', colour(bracket.head), said)
    touched = " touched" if bracket.start == touch.at else ""
    return format_html(
        '<span class="bracket {}{}" id="{}" title="{}">',
        colour(bracket.head),
        touched,
        touch.anchor(bracket.start),
        said,
    )


def _mark(marked: SafeString, said: str, at: int, touch: Touch | None) -> SafeString:
    """Return an opening mark, or the label of an option; where it can be touched, as a link to its panel."""
    if touch is None:
        return format_html('<span class="mark">{}</span>', marked)
    return format_html(
        '<a class="mark touch" href="{}" aria-label="{}: {}">{}</a>', touch.address(at), _("Bracket"), said, marked
    )


def _marked(text: str, start: int, end: int, found: list[Diagnostic]) -> SafeString:
    """Return `text[start:end]` with each of `found` underlined; of two that overlap, the first."""
    parts: list[tuple[str]] = []
    for one in found:
        first, last = max(start, one.start), min(end, one.end)
        if first < start or first >= last:
            continue
        css = "problem" if one.severity is Severity.ERROR else "warning"
        parts.append((format_html("{}", text[start:first]),))
        parts.append(
            (format_html('<span class="{}" title="{} {}">{}</span>', css, one.message, one.hint, text[first:last]),)
        )
        start = last
    parts.append((format_html("{}", text[start:end]),))
    return format_html_join("", "{}", parts)
