"""The document pages, which show the versions of each document and the texts and proposals that came from it."""

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_documents, visible_proposals, visible_provisions
from issues.filters.record import DocumentFilter
from issues.models import Document, Proposal, Revision
from issues.web.paging import page_of
from issues.web.query_params import requested_day
from issues.web.record_lists import filter_fields

DOCUMENTS_A_PAGE, TEXTS_SHOWN = 25, 50
SUBJECTS = ("submitted_by", "members", "issues", "sub_issues", "small_groups", "lenses")


@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    """Show the documents that match the filters, newest first, with undated documents last."""
    visible = visible_documents(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    everything = visible.order_by(F("dated").desc(nulls_last=True), "-slug")
    filterset = DocumentFilter(request.GET, queryset=everything, request=request)
    valid = filterset.is_valid()
    documents = filterset.qs.prefetch_related("submitted_by") if valid else everything.none()
    page = page_of(request, documents, DOCUMENTS_A_PAGE)
    day = filterset.form.cleaned_data.get("as_of") if valid else None
    context = {**filter_fields(filterset.form), "page": page, "day": day}
    context["demonstration"] = any(document.demonstration for document in page)
    return render(request, "issues/documents.html", context, status=200 if valid else 400)


@require_safe
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a document with its versions, proposals, texts and meetings."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    documents = visible_documents(reader).filter(negotiation=negotiation).prefetch_related(*SUBJECTS)
    document = get_object_or_404(documents.known_on(negotiation, day) if day else documents, slug=slug)
    proposals = visible_proposals(reader).filter(document=document).known_on(negotiation, day)
    texts = Revision.objects.filter(
        Q(document=document) | Q(proposal__in=proposals), provision__in=visible_provisions(reader)
    )
    shown = list(proposals.prefetch_related("proponents", "grouping_proponents"))
    rows = list(texts.made_by(day).select_related("provision").order_by("provision__position", "number")[:TEXTS_SHOWN])
    context = {
        "day": day,
        "demonstration": _is_invented(document, shown, rows),
        "document": document,
        "later": negotiation.is_later(document.dated_as),
        "versions": versions_of(document, documents.known_on(negotiation, day)),
        "proposals": shown,
        "texts": rows,
        "meetings": document.meetings.known_on(negotiation, day).order_by("starts"),
    }
    return render(request, "issues/document.html", context)


def _is_invented(document: Document, proposals: list[Proposal], revisions: list[Revision]) -> bool:
    """Return whether the document, one of the proposals or one of the texts revised is invented."""
    marks = [document.demonstration, *(proposal.demonstration for proposal in proposals)]
    return any((*marks, *(revision.provision.demonstration for revision in revisions)))


def versions_of(document: Document, among: "QuerySet[Document]") -> list[Document]:
    """Return those documents `among` the given ones that are versions of `document`, oldest first.

    The symbols of all versions are the same except for a suffix such as “/Rev.1”.
    """
    if not document.symbol:
        return [document]
    family = {document, *among.filter(Q(symbol=document.family) | Q(symbol__startswith=f"{document.family}/Rev."))}
    return sorted(family, key=lambda version: version.version)
