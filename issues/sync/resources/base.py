"""The base class of resources, which are the kinds of items that programs may copy."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from issues.access.roles import Reader
from issues.models import Negotiation
from issues.models.page_links import PageLink

Item = TypeVar("Item", bound=Model)
Data = dict[str, Any]


class Resource(Generic[Item]):
    """A kind of item that programs may copy. Subclasses declare the attributes and override methods as needed."""

    name: str
    model: type[Item]
    # The field whose value distinguishes an item from the other items of its kind.
    key_field = "slug"
    # The fields that come first in the data. They appear under their own names and in this order.
    fields: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    # The relations that are loaded with the rows, so that the number of queries does not depend on the number of items.
    select_related: tuple[str, ...] = ()
    prefetch_related: tuple[str, ...] = ()
    # The route of an item's page. The argument of the route is the item's key.
    route: str
    # True if items never change. In this case, each item is published only once.
    append_only = False

    def key(self, item: Item) -> str:
        """Return the key of an item, which is unique within the resource and the negotiation."""
        return str(getattr(item, self.key_field))

    def data(self, item: Item) -> Data:
        """Return the data of an item as values that JSON can represent."""
        return field_values(item, *self.fields)

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Item]":
        """Return the items of a negotiation that `reader` may read, in a fixed order.

        By default, these are all items.
        """
        rows = self.model._default_manager.filter(negotiation=negotiation)
        return rows.order_by(*self.ordering, "pk")

    def with_related(self, rows: "QuerySet[Item]", reader: Reader) -> "QuerySet[Item]":
        """Return `rows` with the related rows that `data` needs, but only those that `reader` may read."""
        rows = rows.select_related(*self.select_related) if self.select_related else rows
        return rows.prefetch_related(*self.prefetch_related)

    def downloaded(self, items: Sequence[Item], reader: Reader, negotiation: Negotiation) -> Iterator[tuple[str, Data]]:
        """Yield the key and data of each item in the bulk download. `items` is a part of the resource."""
        for item in items:
            yield self.key(item), self.data(item)

    def page(self, item: Item) -> PageLink | None:
        """Return a link to the page on which an item is shown, or None if there is no such page."""
        return PageLink(self.route, (self.key(item),))


def json_value(value: Any) -> Any:
    """Return a value in a form that JSON can represent.

    Dates and times are in ISO 8601 format, and times are in UTC.
    """
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def field_values(item: Any, *names: str) -> Data:
    """Return a mapping from the names of fields to the values of these fields of an item."""
    return {name: json_value(getattr(item, name)) for name in names}


def code_of(item: Any) -> str | None:
    """Return the code of a related item or, if it has no code, its slug.

    If `item` is None, return None.
    """
    return None if item is None else getattr(item, "code", None) or item.slug


def codes_of(items: Any) -> list[str]:
    """Return the sorted codes or slugs of the items that a related manager contains."""
    return sorted(str(code_of(item)) for item in items.all())
