"""The current date of a negotiation, which is the default date of an entry.

The facts of the demonstration were collected up to a date in the past. This is the default date of an entry in the
demonstration, so that the entry does not appear years after the previous ones. An entry with a later date advances it.
"""

import datetime

from django.utils import timezone

from issues.models import Document, Meeting, Negotiation, Proposal, Provision
from issues.sync.publishing import publish
from members.dates import last_possible_day


def default_day(negotiation: Negotiation) -> datetime.date:
    """Return the date of an entry for which no other date is given.

    This is today, except in a negotiation with demonstration texts, where it is the date up to which the facts were
    collected.
    """
    if negotiation.stands_on is not None and negotiation.has_demonstration:
        return negotiation.stands_on
    return timezone.localdate()


def default_day_of(provision: Provision) -> datetime.date:
    """Return the date of a change to `provision` for which no other date is given."""
    negotiation = provision.negotiation
    if provision.demonstration and negotiation.stands_on is not None:
        return negotiation.stands_on
    return timezone.localdate()


def advance_to(negotiation: Negotiation, day: datetime.date) -> None:
    """Advance the current date of a negotiation to `day`, the date of a new entry, unless it is already later.

    A negotiation without such a date does not change. The caller must be in a transaction.
    """
    if negotiation.stands_on is None or day <= negotiation.stands_on:
        return
    if Negotiation.objects.filter(pk=negotiation.pk, stands_on__lt=day).update(stands_on=day):
        negotiation.stands_on = day
        publish(negotiation)


def advance_with(fact: Document | Meeting | Proposal) -> None:
    """Move the date on which the facts stand to the date of a fact entered at the desk.

    Without this, the entry would not appear until the reader asks for later facts. In a negotiation with demonstration
    texts the date stays, because its later facts are hidden on purpose. A date in the future counts as today. The
    caller must be in a transaction.
    """
    day, precision = fact.dated_as
    if day is not None and not fact.negotiation.has_demonstration:
        advance_to(fact.negotiation, min(last_possible_day(day, precision), timezone.localdate()))
