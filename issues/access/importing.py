"""Permissions to import texts. Parameters named `negotiation` are primary keys."""

from django.db.models import QuerySet

from issues.access.conditions import SMALL_GROUP, Subject, allowed, may
from issues.access.roles import Reader
from issues.access.rules import Action
from issues.models import SmallGroup


def may_import(actor: Reader, negotiation: int) -> bool:
    """Return whether the actor may import a text into `negotiation`.

    It is sufficient that the actor may import a text for one of the small groups.
    """
    return may_import_whole(actor, negotiation) or importing_groups(actor, negotiation).exists()


def may_import_whole(actor: Reader, negotiation: int) -> bool:
    """Return whether the actor may import a text for the whole of `negotiation`."""
    return may(actor, Action.IMPORT_WHOLE, Subject(negotiation))


def importing_groups(actor: Reader, negotiation: int) -> "QuerySet[SmallGroup]":
    """Return the small groups in `negotiation` for which the actor may import a text."""
    groups = SmallGroup.objects.filter(negotiation=negotiation)
    return groups.filter(allowed(actor, Action.IMPORT_FOR_GROUP, SMALL_GROUP))
