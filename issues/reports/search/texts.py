"""The search in the text: provisions with their words and headings, and the variants in their brackets."""

from typing import Any

from django.db.models import Q, QuerySet

from issues.access.visibility import current_revisions, visible_provisions, visible_variants
from issues.models import Provision, Revision, Variant
from issues.models.page_links import PageLink
from issues.models.text import PLACE
from issues.reports.search.base import Details, RowKind, Source
from issues.reports.search.values import Found, Match, ResultKind, SearchInput
from issues.text.label_search import labelled_variants
from issues.text.search.matching import relevance

PROVISION_PLACE = tuple(f"provision__{part}" for part in PLACE)


class ProvisionKind(RowKind):
    """Provisions that the reader may read, by heading and by the words of the text on the day of the search.

    The rows are the revisions that are current on that day.
    """

    name = ResultKind.PROVISION
    sources = (Source(Provision, "provision", titles=("heading",)), Source(Revision))
    order = ("provision__position",)
    related = PROVISION_PLACE

    def rows(self, search: SearchInput) -> "QuerySet[Revision]":
        """Return the current revisions of the visible provisions."""
        return current_revisions(search.reader, search.day).filter(provision__negotiation=search.negotiation)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the heading or the slug."""
        return Q(provision__heading__iexact=search.text) | Q(provision__slug__iexact=search.text)

    def details(self, row: Revision) -> Details:
        """Return the slug, the issue and the page."""
        provision = row.provision
        link = PageLink("provision", (provision.slug,))
        return Details(provision.slug, provision.parent.code, link, demonstration=provision.demonstration)


class VariantKind(RowKind):
    """Open brackets, alternatives and options in the provisions that the reader may read, by their words.

    Labels also find those that have been closed.
    """

    name = ResultKind.VARIANT
    sources = (Source(Variant),)
    order = ("provision__position", "ordinal", "pk")
    related = PROVISION_PLACE

    def rows(self, search: SearchInput) -> "QuerySet[Variant]":
        """Return the variants of the visible provisions that are open on the day of the search."""
        return visible_variants(search.reader).filter(provision__negotiation=search.negotiation).open_on(search.day)

    def listed(self, search: SearchInput) -> "QuerySet[Variant]":
        """Return all variants of the visible provisions that were opened by the day of the search."""
        return visible_variants(search.reader).filter(provision__negotiation=search.negotiation).begun_by(search.day)

    def find(self, search: SearchInput, limit: int) -> list[Found]:
        """Return the variants whose label is the query, and then those that contain the terms."""
        matches = super().find(search, limit)
        if search.similar:
            return matches
        provisions = visible_provisions(search.reader).filter(negotiation=search.negotiation)
        labelled = labelled_variants(search.text, provisions, search.day)[:limit]
        others = [row for row in matches if row.key not in labelled]
        return [*(Found(self.name, key, Match.EXACT) for key in labelled), *others][:limit]

    def ordered(self, search: SearchInput, rows: "QuerySet[Any]", limit: int) -> "QuerySet[Any]":
        """Return the variants in the order of the explorer, which is by relevance.

        Ranking takes much longer than finding. If too many variants match, only those recorded first are ranked.
        """
        if search.similar:
            return super().ordered(search, rows, limit)
        rows = rows.filter(pk__in=rows.order_by("pk").values("pk")[:limit])
        return rows.order_by(relevance(rows, search.terms).desc(), *self.order)

    def details(self, row: Variant) -> Details:
        """Return the number, the provision and the permanent address."""
        location = f"{row.provision.parent.code} · {row.get_kind_display()}"
        return Details(str(row.pk), location, row.page, row.provision.heading, row.provision.demonstration)
