"""Bounded lists of the proposals, documents and meetings that concern a place, a member or a lens."""

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.forms import Form
from django.urls import reverse

from issues.access.roles import Reader
from issues.access.visibility import visible_documents
from issues.filters.subjects import Place, documents_at, documents_under, meetings_at, meetings_under
from issues.models import Document, Issue, Lens, Meeting, Negotiation, Section, SmallGroup
from issues.models.record import DocumentQuerySet, MeetingQuerySet
from members.models import Member

MOST_ROWS = 15


@dataclass(frozen=True)
class Listed:
    """The first rows of a list, the number of all rows, and the URL of the complete list."""

    rows: list[Any]
    total: int
    url: str


# Filters that are always shown. The form shows the others on demand, except deprecated names.
MAIN_FILTERS, DEPRECATED_FILTERS = ("q", "kind", "state", "member", "issue"), ("genre",)


def filter_fields(form: Form) -> dict[str, Any]:
    """Return the form of a list with its main fields, its other fields, and whether any of the others has a value."""
    fields = {field.name: field for field in form.visible_fields()}
    more = [field for name, field in fields.items() if name not in (*MAIN_FILTERS, *DEPRECATED_FILTERS)]
    return {
        "form": form,
        "main_fields": [fields[name] for name in MAIN_FILTERS if name in fields],
        "more_fields": more,
        "more_used": any(field.value() not in (None, "", "unknown") for field in more),
        # A hidden field has no place of its own for its errors.
        "hidden_errors": [error for field in form.hidden_fields() for error in field.errors],
        "asked": any(value for name, value in form.data.items() if name != "page"),
    }


def listed(rows: "QuerySet[Any]", page: str, query: dict[str, str]) -> Listed:
    """Return the first of `rows`, with the URL of the page that shows all of them under `query`."""
    shown = list(rows[: MOST_ROWS + 1])
    total = len(shown) if len(shown) <= MOST_ROWS else rows.count()
    return Listed(shown[:MOST_ROWS], total, f"{reverse(page)}?{urlencode(query)}")


def query_of(entry: Place) -> dict[str, str]:
    """Return the query parameter that selects `entry` in lists."""
    if isinstance(entry, SmallGroup):
        return {"small_group": entry.slug}
    if isinstance(entry, Section):
        return {"section": entry.code}
    return {"issue" if isinstance(entry, Issue) else "sub_issue": entry.code}


def record_at(reader: Reader, entry: Place, day: datetime.date | None) -> dict[str, Listed]:
    """Return the documents and meetings that concern `entry`, as far as they are known on `day`."""
    visible = visible_documents(reader).filter(negotiation=entry.negotiation)
    documents = visible.filter(pk__in=documents_at(entry, reader).values("pk"))
    return _listed_record(entry.negotiation, documents, meetings_at(entry), query_of(entry), day)


def record_of_member(
    reader: Reader, negotiation: Negotiation, member: Member, day: datetime.date | None
) -> dict[str, Listed]:
    """Return the documents by or about a member, and the meetings that concern it."""
    concerned = Document.objects.filter(Q(submitted_by=member) | Q(members=member))
    documents = visible_documents(reader).filter(negotiation=negotiation, pk__in=concerned.values("pk"))
    attended = Meeting.objects.filter(Q(members=member) | Q(documents__submitted_by=member))
    meetings = negotiation.meetings.filter(pk__in=attended.values("pk"))
    return _listed_record(negotiation, documents, meetings, {"member": member.code}, day)


def record_under(reader: Reader, negotiation: Negotiation, lens: Lens, day: datetime.date | None) -> dict[str, Listed]:
    """Return the documents and meetings under a lens."""
    documents = visible_documents(reader).filter(negotiation=negotiation)
    documents = documents.filter(pk__in=documents_under(lens, reader).values("pk"))
    meetings = meetings_under(lens).filter(negotiation=negotiation)
    return _listed_record(negotiation, documents, meetings, {"lens": lens.slug}, day)


def _listed_record(
    negotiation: Negotiation,
    documents: DocumentQuerySet,
    meetings: MeetingQuerySet,
    query: dict[str, str],
    day: datetime.date | None,
) -> dict[str, Listed]:
    documents, meetings = documents.known_on(negotiation, day), meetings.known_on(negotiation, day)
    newest = documents.order_by(F("dated").desc(nulls_last=True), "slug")
    return {
        "documents": listed(newest, "documents", query),
        "meetings": listed(meetings.order_by("-starts", "slug"), "calendar", query),
    }
