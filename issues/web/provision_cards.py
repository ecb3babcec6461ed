"""Provisions ready to be shown: text, figures, place, for a list of them in a bounded number of queries."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from bracketed_text import Measures, Register, parse
from issues.access.roles import Reader
from issues.access.visibility import current_revisions
from issues.models import Provision, Revision
from issues.reports.convergence import figures_of
from issues.text.member_names import load_register, names_by_code
from issues.web.rendering import Touch, render


@dataclass(frozen=True)
class Names:
    """Everything that is needed to read and to say the names at heads: three queries, whatever is shown."""

    register: Register
    by_code: dict[str, str]

    def of(self, code: str) -> str:
        """Return the name behind a code."""
        return self.by_code.get(code, code)


def load_names(day: datetime.date | None = None) -> Names:
    """Return the register, with the members of groupings on `day` or today, and all names."""
    return Names(load_register(day), names_by_code())


@dataclass(frozen=True)
class Card:
    """One provision with its current text as HTML and its figures."""

    provision: Provision
    revision: Revision
    html: SafeString
    figures: Measures


def cards(
    reader: Reader, provisions: "QuerySet[Provision]", names: Names, day: datetime.date | None = None
) -> list[Card]:
    """Return the visible ones of `provisions` as they stood at the end of `day`, in order of the text."""
    revisions = (
        current_revisions(reader, day)
        .filter(provision__in=provisions)
        .select_related("measure")
        .with_place()
        .order_by("provision__position")
    )
    return [card(revision, names) for revision in revisions]


def card(revision: Revision, names: Names, touch: Touch | None = None) -> Card:
    """Return one revision, ready to be shown; with `touch`, its brackets lead to their panels."""
    tree = parse(revision.text, names.register)
    return Card(revision.provision, revision, render(tree, names.of, touch=touch), figures_of(revision.measure))
