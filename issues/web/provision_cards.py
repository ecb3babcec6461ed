"""Prepare provisions for display. The number of queries does not depend on the number of provisions."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from bracketed_text import Measures, Register
from issues.access.roles import Reader
from issues.access.visibility import current_revisions
from issues.models import Provision, Revision
from issues.reports.convergence import figures_of
from issues.text.member_names import load_register, names_by_code
from issues.text.stored import stored_tree
from issues.web.rendering import PanelLinks, render


@dataclass(frozen=True)
class Names:
    """The register and the names of all members and groupings, loaded in three queries."""

    register: Register
    by_code: dict[str, str]

    def of(self, code: str) -> str:
        """Return the name for a code, or the code itself if it is unknown."""
        return self.by_code.get(code, code)


def load_names(day: datetime.date | None = None) -> Names:
    """Return the register and all names, with the members of each grouping on `day` (by default today)."""
    return Names(load_register(day), names_by_code())


@dataclass(frozen=True)
class Card:
    """A provision with its text as HTML and its figures."""

    provision: Provision
    revision: Revision
    html: SafeString
    figures: Measures


def cards(
    reader: Reader, provisions: "QuerySet[Provision]", names: Names, day: datetime.date | None = None
) -> list[Card]:
    """Return the cards for those of `provisions` that are visible, as of the end of `day`, in text order."""
    revisions = (
        current_revisions(reader, day)
        .filter(provision__in=provisions)
        .select_related("measure")
        .with_place()
        .order_by("provision__position")
    )
    return [card(revision, names) for revision in revisions]


def card(revision: Revision, names: Names, links: PanelLinks | None = None) -> Card:
    """Return the card for a revision. With `links`, its brackets link to their panels."""
    tree = stored_tree(revision, names.register)
    return Card(revision.provision, revision, render(tree, names.of, links=links), figures_of(revision.measure))
