"""The history of a provision: each revision with what it did to the one before."""

import datetime
from dataclasses import dataclass

from django.urls import reverse

from bracketed_text import Measures, parse
from issues.models import Provision, Revision
from issues.reports.convergence import figures_of
from issues.text.entries import acting_in, compared
from issues.web.provision_cards import Names
from issues.wording import sentences

REVISIONS_A_PAGE = 20


def address_of(slug: str, number: int, newest: int, day: datetime.date | None = None) -> str:
    """Return where a revision stands in the history of a provision, which begins with the `newest`, as of `day`."""
    page = (newest - number) // REVISIONS_A_PAGE + 1
    as_of = f"as_of={day}&" if day else ""
    return f"{reverse('history', args=[slug])}?{as_of}page={page}#revision-{number}"


@dataclass(frozen=True)
class Entry:
    """One revision, in sentences and figures."""

    revision: Revision
    sentences: list[str]
    figures: Measures


def entry(revision: Revision, previous: Revision | None, names: Names) -> Entry:
    """Return `revision` with a sentence for each thing that it changed in `previous`, the one that it follows."""
    said: list[str] = []
    if previous is not None:
        old, new = parse(previous.text, names.register), parse(revision.text, names.register)
        said = sentences(old, new, compared(previous, revision, old, new), names.of, acting_in(revision))
    return Entry(revision, said, figures_of(revision.measure))


def entries(provision: Provision, page: list[Revision], names: Names) -> list[Entry]:
    """Return the entries of one page of revisions, newest first; the one before the page is read along."""
    before = {
        revision.number: revision
        for revision in provision.revisions.filter(number__in=[revision.follows_number for revision in page])
    }
    return [entry(revision, before.get(revision.follows_number), names) for revision in page]
