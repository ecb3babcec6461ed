"""Citations of a bracket: its text, permanent URL, revision, date and hash, as plain text, BibTeX or CSL JSON."""

import datetime
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.plain_text import sanitize, to_json

SITE = "JSI tracker"
# Characters that have a meaning in BibTeX or TeX, with their replacements.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "$&#%_"},
}
_SPECIAL = re.compile("[" + re.escape("".join(_TEX)) + "]")


@dataclass(frozen=True)
class Citation:
    """A bracket as it stands in a revision. `digest` is the hash of the revision, which the record's chain covers."""

    text: str
    label: str
    heading: str
    negotiation: str
    identifier: str
    url: str
    revision: int
    made_on: datetime.date
    digest: str
    demonstration: bool

    @property
    def title(self) -> str:
        """The label in its revision, and the heading of the provision."""
        return _("%(label)s in revision %(number)s: %(heading)s") % {
            "label": self.label,
            "number": self.revision,
            "heading": self.heading,
        }

    @property
    def note(self) -> str:
        """The hash of the revision, and whether the text is a demonstration."""
        digest = f"SHA-256 {self.digest}."
        invented = _("Demonstration text, not from the negotiation.")
        return f"{digest} {invented}" if self.demonstration else digest

    @property
    def plain(self) -> str:
        """The citation as text."""
        published = _("Revision %(number)s of %(day)s") % {"number": self.revision, "day": date_format(self.made_on)}
        accessed = _("accessed on %(day)s") % {"day": date_format(timezone.localdate())}
        words = " ".join(self.text.split())
        return f"“{words}”. {self.title}. {self.negotiation}. {SITE}. {published}. {self.url} ({accessed}). {self.note}"

    @property
    def bibtex(self) -> str:
        """The citation as a BibTeX entry, with the fields of biblatex for the date and the URL."""
        fields = {
            "title": self.title,
            "author": "{" + _tex(SITE) + "}",
            "date": str(self.made_on),
            "year": str(self.made_on.year),
            "version": str(self.revision),
            "organization": self.negotiation,
            "url": self.url,
            "urldate": str(timezone.localdate()),
            "abstract": " ".join(self.text.split()),
            "note": self.note,
        }
        as_written = {"author", "url"}
        lines = [f"  {name} = {{{value if name in as_written else _tex(value)}}}," for name, value in fields.items()]
        return "\n".join([f"@misc{{{self.identifier},", *lines, "}", ""])

    @property
    def csl(self) -> list[dict[str, Any]]:
        """The citation as the items of CSL JSON."""
        item = {
            "id": self.identifier,
            "type": "webpage",
            "title": self.title,
            "author": [{"literal": SITE}],
            "container-title": self.negotiation,
            "section": self.label,
            "version": str(self.revision),
            "issued": _csl_date(self.made_on),
            "accessed": _csl_date(timezone.localdate()),
            "URL": self.url,
            "abstract": self.text,
            "note": self.note,
        }
        return [item]

    @property
    def csl_json(self) -> str:
        """The citation as a CSL JSON document."""
        return to_json(self.csl, indent=1)


class Format(NamedTuple):
    """A format of citations: its name on the page, its media type, and the property that holds its content."""

    title: str
    media_type: str
    content: str


# The formats, by the ending of the file.
FORMATS = {
    "txt": Format("TXT", "text/plain; charset=utf-8", "plain"),
    "bib": Format("BibTeX", "application/x-bibtex; charset=utf-8", "bibtex"),
    "json": Format("CSL JSON", "application/vnd.citationstyles.csl+json", "csl_json"),
}


def citation_response(citation: Citation, name: str) -> HttpResponse:
    """Return the citation as a file in the format `name`. Raise Http404 for an unknown format."""
    if name not in FORMATS:
        raise Http404(_("Unknown format."))
    chosen = FORMATS[name]
    response = HttpResponse(sanitize(getattr(citation, chosen.content)), content_type=chosen.media_type)
    response["Content-Disposition"] = f'attachment; filename="{citation.identifier}.{name}"'
    return response


def _tex(text: str) -> str:
    return _SPECIAL.sub(lambda match: _TEX[match[0]], text)


def _csl_date(day: datetime.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}
