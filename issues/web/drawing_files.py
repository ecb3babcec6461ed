"""Drawings on pages as downloadable files: a self-contained SVG with title, date and source.

`static/js/save_png.js` converts the SVG to PNG in the browser. Without JavaScript, the SVG is downloaded.
"""

import datetime
import re

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from issues.models import Negotiation
from issues.web.matrices import SHADES

HEAD, FOOT, PAD = 40, 24, 12
# The rules for drawings in the site's style sheet.
STYLE = (
    "text{font-family:'DejaVu Sans',Verdana,sans-serif;fill:#1a2230}.end{text-anchor:end}"
    ".matrix text,.plane text{font-size:10px}.plane circle{fill:#17487f}.plane line{stroke:#566072;stroke-width:1.4}"
    + "".join(f".share-{step}{{fill:{colour}}}" for step, colour in enumerate(SHADES))
)
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def as_file(
    request: HttpRequest,
    negotiation: Negotiation,
    name: str,
    title: str,
    drawing: SafeString,
    day: datetime.date | None,
) -> HttpResponse:
    """Return `drawing`, an SVG on a page, as the file `name`.svg with the title, the date and the URL of the page."""
    box = BOX.search(drawing)
    assert box is not None, "each drawing has a viewBox that begins at 0 0"
    width, height = float(box[1]), float(box[2])
    of = _("%(negotiation)s, as of the end of %(day)s") % {
        "negotiation": negotiation.local_short_name,
        "day": date_format(negotiation.day(day)),
    }
    whole = format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{2}" height="{3}" color="#1a2230">'
        '<style>{4}</style><rect width="100%" height="100%" fill="#fff"/>'
        '<text x="{5}" y="20" font-size="14" font-weight="bold">{6}</text>'
        '<text x="{5}" y="34" font-size="10">{7}</text>'
        '<svg x="{5}" y="{8}" width="{9}" height="{10}">{11}</svg>'
        '<text x="{5}" y="{12}" font-size="7">{13}</text></svg>',
        *(width + 2 * PAD, height + HEAD + FOOT, round(2 * (width + 2 * PAD)), round(2 * (height + HEAD + FOOT))),
        *(mark_safe(STYLE), PAD, title, of, HEAD, width, height, drawing),  # noqa: S308  a constant
        *(height + HEAD + 14, request.build_absolute_uri(request.path.rpartition("/")[0] + "/")),
    )
    response = HttpResponse(whole, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    return response
