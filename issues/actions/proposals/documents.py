"""The documents in which proposals are circulated."""

import datetime

from django.utils.text import slugify

from issues.access.roles import ANYBODY
from issues.access.visibility import visible_documents
from issues.actions.proposals.entries import Entry
from issues.models import Document, Negotiation, Proposal
from issues.models.choices import Genre
from issues.sync.publishing import publish


def link_document(proposal: Proposal, symbol: str, entry: Entry, day: datetime.date) -> None:
    """Link `proposal` to the document with the given symbol, if a symbol is given.

    A document that everyone may read is linked directly. Otherwise, a separate document is created for the proposal.
    This document records little more than the symbol and the date, is marked as not verified, and is visible only to
    readers of the proposal. A symbol therefore does not reveal the documents of hidden proposals, and the readership of
    those documents does not change.
    """
    if not symbol:
        return
    previous = proposal.document
    document = document_named(proposal.negotiation, symbol) or _own_document(proposal, symbol, entry, day)
    proposal.document = document
    proposal.save(update_fields=["document"])
    publish(document, *([previous] if previous else []))


def _own_document(proposal: Proposal, symbol: str, entry: Entry, day: datetime.date) -> Document:
    code = entry.on_behalf_of.code if entry.on_behalf_of else "secretariat"
    words = f"{symbol.replace('/', '-').replace('.', '-')} {code}"
    return Document.objects.get_or_create(
        recorded_with=proposal,
        symbol=symbol,
        defaults={
            "negotiation": proposal.negotiation,
            "slug": free_slug(Document, proposal.negotiation, words),
            "title": "Text proposal",
            "genre": Genre.PROPOSAL,
            "dated": day,
            "verification": "Symbol as it was typed when a proposal was recorded; not checked.",
            "source": "Recorded through the tracker",
        },
    )[0]


def document_named(negotiation: Negotiation, symbol: str) -> Document | None:
    """Return the document with this symbol that everyone may read, or None if there is no such document."""
    documents = visible_documents(ANYBODY).filter(negotiation=negotiation, symbol__iexact=symbol)
    return documents.order_by("recorded_with", "pk").first()


def free_slug(model: type[Proposal] | type[Document], negotiation: Negotiation, words: str) -> str:
    """Return an unused slug derived from `words`.

    Callers include a member's code in `words`, so that a numeric suffix does not reveal another member's hidden row.
    """
    slug = slugify(words)[:90].strip("-") or "proposal"
    taken = set(
        model._default_manager.filter(negotiation=negotiation, slug__startswith=slug).values_list("slug", flat=True)
    )
    candidates = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def note_with_symbol(note: str, symbol: str) -> str:
    """Return the note of a step, preceded by the symbol of its document."""
    return " ".join(part for part in (f"{symbol}." if symbol else "", note.strip()) if part)
