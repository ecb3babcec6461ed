"""Publish rows that were written without a call of `publish`.

They are found by comparing the database with the change feed. The comparison finds changes made by fixtures, the admin,
the shell and SQL. It also creates the feed of a new negotiation.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from issues.access.audiences import COMPUTED, COUNTER
from issues.access.roles import everything_of
from issues.models import Change, ChangeCounter, Negotiation
from issues.models.choices import ChangeKind
from issues.sync.feed_entries import Entry, entries_since, entry_of, removal, without_duplicates
from issues.sync.publishing import advance_counters, append, locked_counter
from issues.sync.resources import NEGOTIATED, RESOURCES, fetched
from issues.sync.resources.base import Resource


def catch_up(negotiation: Negotiation, *, facts: bool = False) -> int:
    """Publish every difference between the database and the feed of `negotiation`, and return the number of entries.

    If `facts` is true, compare only the resources that the secretariat maintains. The function may run at the same time
    as other writers. An item that another writer publishes in the meantime may be published twice but is never missed.
    """
    with transaction.atomic():
        resources = [resource for resource in RESOURCES.values() if not facts or resource.model not in NEGOTIATED]
        entries = [entry for resource in resources for entry in _unpublished(resource, negotiation)]
        # Removals come first, because another item may have taken over the key.
        entries.sort(key=lambda entry: entry.kind != ChangeKind.GONE)
        entries = without_duplicates(entries)
        append(negotiation.pk, entries)
        return len(entries)


def catch_up_everywhere(*, facts: bool = False) -> int:
    """Publish the differences in every negotiation, and return the number of entries."""
    return sum(catch_up(negotiation, facts=facts) for negotiation in Negotiation.objects.order_by("pk"))


def initialize_feeds(using: str = "default", **kwargs: Any) -> None:
    """Publish the complete content of each negotiation that has no feed yet.

    This handler runs after every migration.
    """
    if ChangeCounter._meta.db_table not in connections[using].introspection.table_names():
        return
    begun = ChangeCounter.objects.values("negotiation")
    for negotiation in Negotiation.objects.exclude(pk__in=begun):
        catch_up(negotiation)


def publish_recomputation() -> None:
    """Advance the counters of computed data: variants, positions and figures.

    Computed data can change even if no text changes.
    """
    for negotiation in Negotiation.objects.order_by("pk"):
        with transaction.atomic():
            counter, now = locked_counter(negotiation.pk), timezone.now()
            advance_counters(negotiation.pk, dict.fromkeys((COUNTER, COMPUTED), counter.number + 1), now)


def _unpublished(resource: Resource[Any], negotiation: Negotiation) -> Iterator[Entry]:
    """Yield the entries for the items of `resource` that are missing from the feed."""
    published = Change.objects.filter(negotiation=negotiation, resource=resource.name).order_by("number")
    items = fetched(resource, everything_of(negotiation.pk), negotiation)
    if resource.append_only:
        for item in items.exclude(pk__in=published.values("row")).iterator(100):
            yield entry_of(resource, item)
        return
    # The feed is read before the items. Therefore, an item that another writer publishes in the meantime may be
    # published twice but is never missed.
    last = {change.row: change for change in published.iterator()}
    for item in items.iterator(100):
        yield from entries_since(last.pop(item.pk, None), item, entry_of(resource, item))
    yield from (removal(change) for change in last.values() if change.kind != ChangeKind.GONE)
