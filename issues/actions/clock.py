"""The date on which the record of a negotiation stands: what an entry without a date gets, and how it advances.

The facts of the demonstration stand on a date in the past. An entry made in the demonstration is dated on that date by
default, so that it does not appear years after the entries before it.
"""

import datetime

from django.utils import timezone

from issues.models import Negotiation, Provision
from issues.sync.publishing import publish


def default_day(negotiation: Negotiation) -> datetime.date:
    """Return the date of an entry for which no other date is given.

    This is today, except in a negotiation with demonstration texts, where it is the date on which the facts stand.
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
    """Move the date on which the facts stand to `day`, the date of a new entry, unless it is already later.

    A negotiation whose record stands on no date has no such date to move. The caller must be in a transaction.
    """
    if negotiation.stands_on is None or day <= negotiation.stands_on:
        return
    if Negotiation.objects.filter(pk=negotiation.pk, stands_on__lt=day).update(stands_on=day):
        negotiation.stands_on = day
        publish(negotiation)
