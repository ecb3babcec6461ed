"""Bracketed text as HTML: coloured by stance, who says what at hand, not one character changed."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bracketed_text import Diagnostic, Severity, Tree
from bracketed_text.advanced import Bracket, Claim, Head
from issues.models.choices import Stance
from issues.wording import diagnostic_text

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
    page of this one, and `name` tells its brackets from those of the others. `day` is the day as of which one reads.
    """

    revision: int
    at: int = -1
    page: str = ""
    name: str = ""
    day: datetime.date | None = None

    def address(self, at: int) -> str:
        """Return where the panel of the bracket that begins at `at` is, for good: `following` finds it later too."""
        as_of = f"as_of={self.day}&" if self.day else ""
        return f"{self.page}?{as_of}revision={self.revision}&at={at}#panel"

    def anchor(self, at: int) -> str:
        """Return the name of the bracket that begins at `at` within the page."""
        return f"{self.name}at-{at}"


def render(
    tree: Tree, name_of: Callable[[str], str] = str, *, problems: bool = False, touch: Touch | None = None
) -> SafeString:
    """Return the text of `tree` as HTML; with `problems`, what is wrong is underlined at its place."""
    found = sorted(tree.diagnostics, key=lambda one: one.start) if problems else []
    return mark_safe("".join(_html(tree, name_of, found, touch)))  # noqa: S308  every part is escaped, or a tag of ours


def _html(tree: Tree, name_of: Callable[[str], str], found: list[Diagnostic], touch: Touch | None) -> Iterator[str]:
    """Yield the parts of the page: ten thousand for a text of ninety pages, so each is made with little ado."""
    at = 0  # the first of `found` that may still lie ahead
    labels = {block.start for run in tree.runs for block in run}
    heads = _Heads(name_of, touch)
    for start, end, role, bracket in tree.pieces():
        here: list[Diagnostic] = []
        while at < len(found) and found[at].start < end:
            here.append(found[at])
            at += 1
        marked = _marked(tree.text, start, end, here) if here else escape(tree.text[start:end])
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
    """What opens a bracket on one page: colour and words of each head, found once, and the link to its panel."""

    def __init__(self, name_of: Callable[[str], str], touch: Touch | None) -> None:
        self.name_of = name_of
        self.touch = touch
        self.word = escape(_("Bracket"))
        self.known: dict[tuple[Claim, ...], tuple[str, str]] = {}

    def of(self, head: Head) -> tuple[str, str]:
        """Return the class of a bracket with this head, and who says what there, ready for a page."""
        known = self.known.get(head.claims)
        if known is None:
            known = self.known[head.claims] = (colour(head), escape(spoken(head, self.name_of)))
        return known

    def opening(self, bracket: Bracket) -> str:
        """Return the tag in which the bracket stands."""
        css, said = self.of(bracket.head)
        if self.touch is None:
            return f'<span class="bracket {css}" title="{said}">'
        touched = " touched" if bracket.start == self.touch.at else ""
        anchor = escape(self.touch.anchor(bracket.start))
        return f'<span class="bracket {css}{touched}" id="{anchor}" title="{said}">'

    def mark(self, marked: str, said: str, at: int) -> str:
        """Return an opening mark; where it can be touched, as a link to its panel."""
        return self._linked(marked, f' aria-label="{self.word}: {said}"', at)

    def label(self, marked: str, at: int) -> str:
        """Return the label of an option, which is its own name; where it can be touched, as a link to its panel."""
        return self._linked(marked, "", at)

    def _linked(self, marked: str, name: str, at: int) -> str:
        if self.touch is None:
            return f'<span class="mark">{marked}</span>'
        return f'<a class="mark touch" href="{escape(self.touch.address(at))}"{name}>{marked}</a>'


def _marked(text: str, start: int, end: int, found: list[Diagnostic]) -> str:
    """Return `text[start:end]`, escaped, with each of `found` underlined; of two that overlap, the first."""
    parts: list[str] = []
    for one in found:
        first, last = max(start, one.start), min(end, one.end)
        if first < start or first >= last:
            continue
        css = "problem" if one.severity is Severity.ERROR else "warning"
        title = escape(diagnostic_text(one))
        parts.append(escape(text[start:first]))
        parts.append(f'<span class="{css}" title="{title}">{escape(text[first:last])}</span>')
        start = last
    parts.append(escape(text[start:end]))
    return "".join(parts)
