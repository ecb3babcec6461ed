"""Conditions for rows that are in force from one date to another."""

import datetime

from django.db.models import Q


def in_force(day: datetime.date) -> Q:
    """Return the condition that `day` lies between a row's `since` and `until`. Empty dates are open-ended."""
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))
