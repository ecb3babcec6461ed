"""What the reader has just recorded, shown where the hand is, with the way to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from issues.access.roles import Reader
from issues.access.visibility import visible_requests
from issues.actions.undo import may_undo
from issues.models import ChangeRequest, Provision, Revision
from issues.text.sentences import describe_revision
from issues.web.query_numbers import number

# Of a change in many places so many sentences are shown; the history has all.
SENTENCES_SHOWN = 12
# What a page is asked for to show a place in the text: carried from a press to its undo, and on to the redo.
PLACE = ("revision", "at", "start", "end", "for")


@dataclass(frozen=True)
class Recorded:
    """An entry of the reader's own, in sentences, and whether it can be undone. `place` is where it was pressed."""

    revision: Revision
    sentences: list[str]
    more: int
    together: bool
    can_undo: bool
    place: dict[str, str]


def recorded(asked: Mapping[str, str], reader: Reader, provision: Provision) -> Recorded | None:
    """Return the entry that `asked` calls `logged`, None where it is not the reader's own."""
    if "logged" not in asked or reader.user is None:
        return None
    own = provision.revisions.filter(number=number(asked, "logged"), recorded_by=reader.user)
    revision = own.select_related("undoes", "corrects", "provision__negotiation", "on_behalf_of", "carries").first()
    if revision is None:
        return None
    sentences = describe_revision(revision)
    return Recorded(
        revision=revision,
        sentences=sentences[:SENTENCES_SHOWN],
        more=max(0, len(sentences) - SENTENCES_SHOWN),
        together="together" in asked,
        can_undo=may_undo(reader, revision),
        place=place_of(asked),
    )


def request_made(asked: Mapping[str, str], reader: Reader, provision: Provision) -> ChangeRequest | None:
    """Return the request of the reader's own that `asked` calls `asked`."""
    if "asked" not in asked or reader.user is None:
        return None
    own = visible_requests(reader).filter(provision=provision, asked_by=reader.user)
    return own.filter(pk=number(asked, "asked")).first()


def place_of(asked: Mapping[str, str]) -> dict[str, str]:
    """Return of what was asked or sent where in the text it was."""
    return {name: asked[name] for name in PLACE if asked.get(name)}


def address(provision: Provision, place: Mapping[str, str], **what: str | int) -> str:
    """Return the page of a provision with the panel of a place open, and what was done in it."""
    return f"{reverse('provision', args=[provision.slug])}?{urlencode({**place, **what})}#panel"
