"""Whether the record can be trusted: the chain of revisions, their digests, and the index of the texts."""

from collections.abc import Iterator

from django.db import transaction

from issues.brackets import Register
from issues.index import differences
from issues.lifetimes import Holders, holders_of
from issues.models import Provision, Revision
from issues.models.text import PLACE
from issues.register import load_register

# What a digest takes in, fetched along.
DIGESTED = ("on_behalf_of", "corrects", "proposal__negotiation", "document__negotiation", "meeting__negotiation")


def verify(provisions: list[Provision]) -> Iterator[tuple[Provision, list[str]]]:
    """Yield each provision with what is wrong with its record, in sentences that name the revision; mostly nothing.

    Reads only, beside a live site. What seems wrong is read again under the lock that writers take, since somebody
    may have logged a change between two of the queries.
    """
    register, holders = load_register(), holders_of()
    for provision in provisions:
        found = _problems(provision, register, holders)
        if found:
            with transaction.atomic():
                Provision.objects.select_for_update().get(pk=provision.pk)
                found = _problems(provision, register, holders)
        yield provision, found


def _problems(provision: Provision, register: Register, holders: Holders) -> list[str]:
    revisions = list(provision.revisions.select_related(*DIGESTED).order_by("number"))
    for revision in revisions:
        revision.provision = provision
    return [*_broken_links(revisions), *differences(provision, register, holders)]


def _broken_links(revisions: list[Revision]) -> Iterator[str]:
    """Yield where the chain does not hold: each digest takes in the one before, from number 1 on."""
    before = ""
    for expected, revision in enumerate(revisions, start=1):
        if revision.number != expected:
            yield f"revision {expected} is missing from the record"
            return
        if revision.digest != revision.expected_digest(before):
            yield f"revision {revision.number}: the digest does not fit, so it was altered after it was recorded"
        before = revision.digest


def provisions_to_verify(slug: str = "") -> list[Provision]:
    """Return all provisions in the order of the text, or the one with this slug."""
    found = Provision.objects.select_related(*PLACE).order_by("negotiation", "position")
    return list(found.filter(slug=slug) if slug else found)
