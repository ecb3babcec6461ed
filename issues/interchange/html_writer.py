"""Write the text as a self-contained HTML page, or as a PDF of that page if WeasyPrint is installed."""

from collections.abc import Iterator
from importlib import import_module

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from issues.interchange.export import Export, Text
from issues.interchange.file_checks import Unreadable
from issues.interchange.spans import Paragraph, Span, group_lines, paragraphs
from issues.models.choices import Stance
from members.plain_text import sanitize

_LOOK = """
@page { size: A4; margin: 24mm 25mm 22mm; }
@page { @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1a2230; }
body { font: 11pt/1.4 "Times New Roman", "Liberation Serif", serif; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
h1, h2, h3, dl { font-family: Arial, "Liberation Sans", sans-serif; }
h1 { color: #10325a; font-size: 20pt; line-height: 1.2; } h2 { color: #10325a; font-size: 13pt; margin-top: 2em; }
h3 { font-size: 11pt; margin: 1.4em 0 .4em; } h2, h3 { break-after: avoid; }
p { margin: .5em 0; } .held { font: bold 11pt Arial, "Liberation Sans", sans-serif; margin-top: 1.4em; }
dl { font-size: 8.5pt; color: #566072; display: grid; grid-template-columns: max-content 1fr; gap: .1em .8em; }
[data-demonstration]::before { content: attr(data-demonstration); border: 1px solid; font-size: 8.5pt; }
dt { font-weight: bold; } dd { margin: 0; }
.mark { font-weight: bold; } .head { font: bold 9pt Arial, "Liberation Sans", sans-serif; color: #4d3a84; }
.for { color: #17694d; } .against { color: #a12d26; } .aside { color: #566072; }
ins { color: #17487f; } del { color: #a12d26; }
"""


def write_page(export: Export) -> bytes:
    """Return the self-contained page, which has no scripts or images."""
    return _page(export).encode("utf-8")


def can_write_pdf() -> bool:
    """Return whether WeasyPrint and Pango are installed."""
    try:
        import_module("weasyprint")
    except (ImportError, OSError):
        return False
    return True


def write_pdf(export: Export) -> bytes:
    """Return a PDF/UA document tagged for screen readers. Raises Unreadable if PDF export is not available."""
    if not can_write_pdf():
        raise Unreadable(
            _("PDF export is not available: WeasyPrint or Pango is not installed. Use the Word file or the web page.")
        )
    made: bytes = import_module("weasyprint").HTML(string=_page(export)).write_pdf(pdf_variant="pdf/ua-1")
    return made


def _page(export: Export) -> str:
    about = format_html_join("", "<dt>{}</dt><dd>{}</dd>", export.about)
    # The text is in English regardless of the page's language.
    page = format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="viewport" content="width=device-width"><style>{}</style></head>'
        '<body><h1>{}</h1><dl>{}</dl><main lang="en">{}</main></body></html>\n',
        get_language() or "en",
        export.negotiation.local_name,
        mark_safe(_LOOK),  # noqa: S308  a constant
        export.negotiation.local_name,
        about,
        mark_safe("".join(_body(export))),  # noqa: S308  each part comes from format_html
    )
    return sanitize(page)


def _body(export: Export) -> Iterator[SafeString]:
    for part in export.parts:
        yield format_html("<h2>{} {}</h2>", part.section.label, part.section.title)
        for text in part.texts:
            yield from _provision(text)


def _provision(text: Text) -> Iterator[SafeString]:
    # The visible mark is not an element, because it would become part of the text when the page is imported.
    mark = format_html(' data-demonstration="{}"', _("invented")) if text.provision.demonstration else ""
    yield format_html('<article id="{}"{}>', text.provision.slug, mark)
    if not text.heading_length:
        yield format_html("<h3>{}</h3>", text.provision.heading)
    for together in group_lines(paragraphs(text)):
        held = together[0].is_heading
        yield SafeString('<p class="held">' if held else "<p>")
        yield mark_safe("<br>".join(_line(line) for line in together))  # noqa: S308  from format_html
        yield SafeString("</p>")
    yield SafeString("</article>\n")


def _line(line: Paragraph) -> SafeString:
    return mark_safe("".join(_span(span) for span in line.spans))  # noqa: S308  from format_html


def _span(span: Span) -> SafeString:
    css = _css(span)
    words = format_html('<span class="{}">{}</span>', css, span.text) if css else format_html("{}", span.text)
    if span.role == "open" and len(span.text) > 1 and span.text.startswith("["):
        words = format_html('<span class="mark">[</span><span class="{}">{}</span>', css, span.text[1:])
    if span.inserted:
        return format_html('<ins datetime="{}" title="{}">{}</ins>', span.inserted.day, span.inserted.author, words)
    if span.deleted:
        return format_html('<del datetime="{}" title="{}">{}</del>', span.deleted.day, span.deleted.author, words)
    return words


def _css(span: Span) -> str:
    if span.role in ("open", "head") and span.bracket is not None and span.text != "[":
        supported = bool(span.bracket.head.names(Stance.PROPOSE, Stance.SUPPORT))
        unwanted = bool(span.bracket.head.names(Stance.OPPOSE))
        return "head" + ("" if supported == unwanted else " for" if supported else " against")
    return {"open": "mark", "close": "mark", "label": "mark", "aside": "aside"}.get(span.role, "")
