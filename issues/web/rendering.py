"""Bracketed text as HTML: coloured by stance, who says what at hand, not one character changed."""

from collections.abc import Callable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

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
        return "Nobody is named at this bracket"
    return " · ".join(
        f"{', '.join(name_of(name) for name in claim.names)}: {Stance(claim.stance).label}" for claim in head.claims
    )


def render(tree: Tree, name_of: Callable[[str], str] = str, *, problems: bool = False) -> SafeString:
    """Return the text of `tree` as HTML; with `problems`, what is wrong is underlined at its place."""
    found = sorted(tree.diagnostics, key=lambda one: one.start) if problems else []
    return mark_safe("".join(_html(tree, name_of, found)))  # noqa: S308  every part comes from format_html


def _html(tree: Tree, name_of: Callable[[str], str], found: list[Diagnostic]) -> Iterator[str]:
    at = 0  # the first of `found` that may still lie ahead
    for start, end, role, bracket in tree.pieces():
        here: list[Diagnostic] = []
        while at < len(found) and found[at].start < end:
            here.append(found[at])
            at += 1
        if role == "open" and bracket is not None:
            yield _opening(bracket, name_of)
            yield format_html('<span class="mark">{}</span>', _marked(tree.text, start, end, here))
        elif role == "close":
            yield format_html('<span class="mark">{}</span></span>', _marked(tree.text, start, end, here))
        elif role == "head":
            yield format_html('<span class="mark">{}</span>', _marked(tree.text, start, end, here))
        elif role == "aside":
            yield format_html('<span class="aside">{}</span>', _marked(tree.text, start, end, here))
        else:
            yield _marked(tree.text, start, end, here)


def _opening(bracket: Bracket, name_of: Callable[[str], str]) -> SafeString:
    return format_html('<span class="bracket {}" title="{}">', colour(bracket.head), spoken(bracket.head, name_of))


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
