"""The date on which the record of a negotiation stands: what an entry without a date gets, and how it advances.

The facts of the demonstration were collected up to a date in the past. Invented entries are dated on that date by
default and never later, so that one of them neither appears years after the others nor reveals later facts. Any other
entry that everybody may read advances the date.
"""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from issues.models import Document, Meeting, Negotiation, Proposal, Provision
from issues.sync.publishing import publish
from members.dates import last_possible_day
from members.demonstration import is_demo_user


def default_day(negotiation: Negotiation, user: Any) -> datetime.date:
    """Return the date of an entry by `user` for which no other date is given.

    This is today, except in the demonstration, where it is the date up to which the facts were collected. If there are
    also real texts in the negotiation, this date is that of the entries of demonstration users only.
    """
    day = negotiation.stands_on
    if day is None or not negotiation.has_demonstration:
        return timezone.localdate()
    invented = is_demo_user(user) or not negotiation.provisions.filter(demonstration=False).exists()
    return day if invented else timezone.localdate()


def ended_before(negotiation: Negotiation, day: datetime.date) -> str:
    """Return the message that refuses an invented entry of `day`, or "" if the demonstration has not ended by then."""
    if negotiation.stands_on is None or day <= negotiation.stands_on or not negotiation.has_demonstration:
        return ""
    ends = {"day": date_format(negotiation.stands_on)}
    return _("The demonstration ends on %(day)s. Enter that date or an earlier date.") % ends


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
    """Move the date on which the facts stand to the date of a fact entered in the admin.

    Without this, the entry would not appear until the reader asks for later facts. In a negotiation with demonstration
    texts the date stays, because its later facts are hidden on purpose. A date in the future, such as that of a planned
    meeting, does not count. The caller must be in a transaction.
    """
    day, precision = fact.dated_as
    today = timezone.localdate()
    if day is not None and day <= today and not fact.negotiation.has_demonstration:
        advance_to(fact.negotiation, min(last_possible_day(day, precision), today))
