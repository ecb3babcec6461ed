"""The search in proposals, reported positions, documents and meetings."""

from typing import Any

from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value, When

from issues.access.visibility import visible_documents, visible_proposals
from issues.models import Document, Meeting, Proposal, ProposalStep, ReportedPosition
from issues.models.known import on_record
from issues.models.page_links import PageLink
from issues.reports.search.base import Details, RowKind, Source
from issues.reports.search.values import Holders, ResultKind, SearchInput
from issues.text.search import SimilarTo, containing, marked_columns
from issues.text.search.similarity import MIN_LENGTH


class HeldKind(RowKind):
    """A kind whose rows belong to members or groupings, so that their names are searched as well."""

    def held(self, holders: Holders) -> Q:
        """Return the condition that a row belongs to any of `holders`."""
        raise NotImplementedError

    def containing(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a row contains `term` or belongs to a member or grouping with this name."""
        return super().containing(search, term) | self.held(search.holders.get(term, Holders()))

    def similar(self, search: SearchInput, term: str) -> Q:
        """Return the same condition for words with similar spellings."""
        return super().similar(search, term) | self.held(search.holders.get(term, Holders()))


def linked(through: type[Model], row: str, column: str, keys: frozenset[int]) -> Q:
    """Return the condition that a row is linked to any of `keys` by a table of links."""
    links = through._default_manager.filter(**{f"{column}__in": keys})
    return Q(pk__in=links.values(row))


def joined(*parts: str) -> str:
    """Return the parts that are not empty, separated by dots."""
    return " · ".join(part for part in parts if part)


class ProposalKind(HeldKind):
    """Proposals that the reader may read, by title, summary, text and proponents.

    On a day in the past, the text is that of the last step made by that day.
    """

    name = ResultKind.PROPOSAL
    sources = (Source(Proposal, titles=("title",)),)
    order = (F("tabled").desc(nulls_last=True), "slug")
    prefetched = ("sub_issues", "issues")

    def rows(self, search: SearchInput) -> "QuerySet[Proposal]":
        """Return the visible proposals tabled by the day of the search, with the text on that day."""
        visible = (
            visible_proposals(search.reader)
            .filter(negotiation=search.negotiation)
            .known_on(search.negotiation, search.day)
        )
        if search.day is None:
            return visible
        steps = ProposalStep.objects.filter(proposal=OuterRef("pk")).exclude(text="")
        then = steps.filter(on_record(search.day), made_on__lte=search.day).order_by("-number")
        return visible.annotate(
            has_steps=Exists(steps),
            step_then=Subquery(then.values("pk")[:1]),
            step_text=Subquery(then.values("text")[:1]),
        )

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the title or the slug."""
        return Q(title__iexact=search.text) | Q(slug__iexact=search.text)

    def containing(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a proposal contains `term`, as of the day of the search."""
        if search.day is None:
            return super().containing(search, term)
        source = self.sources[0]
        return (
            source.containing(term, ("title", "summary"))
            | (Q(has_steps=False) & source.containing(term, ("text",)))
            | Q(step_then__in=containing(ProposalStep, term))
            | self.held(search.holders.get(term, Holders()))
        )

    def similar(self, search: SearchInput, term: str) -> Q:
        """Return the same condition for words with similar spellings."""
        if search.day is None or len(term) < MIN_LENGTH:
            return super().similar(search, term)
        return (
            Q(SimilarTo(term, "title"))
            | Q(SimilarTo(term, "summary"))
            | (Q(has_steps=False) & Q(SimilarTo(term, "text")))
            | Q(SimilarTo(term, "step_text"))
            | self.held(search.holders.get(term, Holders()))
        )

    def held(self, holders: Holders) -> Q:
        """Return the condition that any of `holders` is a proponent."""
        members, groupings = Proposal.proponents.through, Proposal.grouping_proponents.through
        return linked(members, "proposal", "member", holders.members) | linked(
            groupings, "proposal", "grouping", holders.groupings
        )

    def columns(self, source: Source, search: SearchInput, rows: list[Any]) -> dict[int, dict[str, str]]:
        """Return the columns with the matches marked. On a day in the past, the text is that of the step on that day.

        A text that is later than the day is never shown.
        """
        if search.day is None:
            return super().columns(source, search, rows)
        then = {row.step_then: row.pk for row in rows if row.has_steps}
        for row in rows:
            if row.has_steps:
                row.text = row.step_text or ""
        columns = super().columns(source, search, rows)
        if not search.similar:
            steps = marked_columns(ProposalStep, [key for key in then if key], search.terms, ())
            for step, proposal in then.items():
                columns[proposal]["text"] = steps.get(step, {}).get("text", "")
        return columns

    def details(self, row: Proposal) -> Details:
        """Return the slug, the issues with the date, and the page."""
        codes = [entry.code for entry in (*row.sub_issues.all(), *row.issues.all())]
        location, link = joined(", ".join(codes), row.tabled_text), PageLink("proposal", (row.slug,))
        return Details(row.slug, location, link, demonstration=row.demonstration)


class ReportedPositionKind(HeldKind):
    """Positions reported by sources, by topic, statement and holder."""

    name = ResultKind.REPORTED_POSITION
    sources = (Source(ReportedPosition, titles=("topic",)),)
    related = ("member", "grouping", "issue")
    prefetched = ("sub_issues",)

    def rows(self, search: SearchInput) -> "QuerySet[ReportedPosition]":
        """Return the reported positions known on the day of the search."""
        return search.negotiation.reported_positions.known_by(search.negotiation.day(search.day))

    def held(self, holders: Holders) -> Q:
        """Return the condition that any of `holders` has the position."""
        return Q(member__in=holders.members) | Q(grouping__in=holders.groupings)

    def details(self, row: ReportedPosition) -> Details:
        """Return the holder, the issue and the page."""
        codes = [row.issue.code] if row.issue else [sub_issue.code for sub_issue in row.sub_issues.all()]
        location = joined(row.holder, row.get_stance_display(), ", ".join(codes))
        return Details(str(row.pk), location, reported_position_link(row))


def reported_position_link(position: ReportedPosition) -> PageLink:
    """Return the page of a reported position."""
    return PageLink("reported-position", (str(position.pk),))


class DocumentKind(HeldKind):
    """Documents that the reader may read, by symbol, title, note and submitters."""

    name = ResultKind.DOCUMENT
    sources = (Source(Document, titles=("title",), codes=("symbol",)),)
    order = (F("dated").desc(nulls_last=True), "-slug")

    def rows(self, search: SearchInput) -> "QuerySet[Document]":
        """Return the visible documents known on the day of the search."""
        documents = visible_documents(search.reader).filter(negotiation=search.negotiation)
        return documents.known_on(search.negotiation, search.day)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the symbol, with or without a revision, or the title."""
        symbol = Q(symbol__iexact=search.text) | Q(symbol__istartswith=f"{search.text}/Rev.")
        return symbol | Q(slug__iexact=search.text) | Q(title__iexact=search.text)

    def containing(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a document contains `term`, also as part of its symbol."""
        return super().containing(search, term) | Q(symbol__icontains=term)

    def ordered(self, search: SearchInput, rows: "QuerySet[Any]", limit: int) -> "QuerySet[Any]":
        """Return the documents in order of relevance, with the symbol itself before its revisions."""
        is_revision = Case(When(symbol__iexact=search.text, then=Value(0)), default=Value(1))
        return rows.order_by("level", is_revision, *self.order)

    def held(self, holders: Holders) -> Q:
        """Return the condition that any of `holders` submitted the document."""
        return linked(Document.submitted_by.through, "document", "member", holders.members)

    def details(self, row: Document) -> Details:
        """Return the slug, the symbol with the type and date, and the page."""
        location = joined(row.symbol, row.get_genre_display(), row.dated_text)
        return Details(row.slug, location, PageLink("document", (row.slug,)), demonstration=row.demonstration)


class MeetingKind(RowKind):
    """Meetings, by title, outcome and note."""

    name = ResultKind.MEETING
    sources = (Source(Meeting, titles=("title",)),)
    order = ("-starts", "slug")

    def rows(self, search: SearchInput) -> "QuerySet[Meeting]":
        """Return the meetings of the negotiation known on the day of the search."""
        return search.negotiation.meetings.known_on(search.negotiation, search.day)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the title or the slug."""
        return Q(title__iexact=search.text) | Q(slug__iexact=search.text)

    def details(self, row: Meeting) -> Details:
        """Return the slug, the kind with the date, and the page."""
        return Details(row.slug, joined(row.get_kind_display(), row.starts_text), PageLink("meeting", (row.slug,)))
