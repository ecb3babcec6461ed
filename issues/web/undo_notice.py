"""The notice about the entry that the reader has just recorded, with a button to undo it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from issues.access.roles import Reader
from issues.access.visibility import visible_requests
from issues.actions.undo import may_undo
from issues.models import ChangeRequest, Provision, Revision
from issues.text.sentences import describe_revision
from issues.web.query_params import number

# The number of sentences shown for a change in many places. The history shows all of them.
SENTENCES_SHOWN = 12
# Parameters that select a part of the text. They are kept when an operation is undone or redone.
SELECTION = ("revision", "at", "start", "end", "for")


@dataclass(frozen=True)
class Recorded:
    """An entry by the reader, described in sentences, and whether it can be undone.

    `more` is the number of sentences left out. `together` is true if the entry was merged with changes by others.
    `selection` is the selection in the text.
    """

    revision: Revision
    sentences: list[str]
    more: int
    together: bool
    can_undo: bool
    selection: dict[str, str]


def recorded_entry(query: Mapping[str, str], reader: Reader, provision: Provision) -> Recorded | None:
    """Return the entry that the query identifies as `logged`, or None if it is not the reader's own."""
    if "logged" not in query or reader.user is None:
        return None
    own = provision.revisions.filter(number=number(query, "logged"), recorded_by=reader.user)
    revision = own.select_related("undoes", "corrects", "provision__negotiation", "on_behalf_of", "carries").first()
    if revision is None:
        return None
    sentences = describe_revision(revision)
    return Recorded(
        revision=revision,
        sentences=sentences[:SENTENCES_SHOWN],
        more=max(0, len(sentences) - SENTENCES_SHOWN),
        together="together" in query,
        can_undo=may_undo(reader, revision),
        selection=selection_of(query),
    )


def recorded_request(query: Mapping[str, str], reader: Reader, provision: Provision) -> ChangeRequest | None:
    """Return the request that the query identifies as `asked`, or None if it is not the reader's own."""
    if "asked" not in query or reader.user is None:
        return None
    own = visible_requests(reader).filter(provision=provision, asked_by=reader.user)
    return own.filter(pk=number(query, "asked")).first()


def selection_of(query: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a query that define the selection in the text."""
    return {name: query[name] for name in SELECTION if query.get(name)}


def panel_url(provision: Provision, selection: Mapping[str, str], **what: str | int) -> str:
    """Return the URL of a provision with the panel for `selection` and with further parameters."""
    return f"{reverse('provision', args=[provision.slug])}?{urlencode({**selection, **what})}#panel"
