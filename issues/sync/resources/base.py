"""The base class of resources, which are the kinds of items that programs may copy."""

import datetime
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
    # The field whose value identifies an item among those of its kind.
    key_field = "slug"
    # Fields that come first in the data, under their own names and in this order.
    fields: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    # Relations loaded with the rows, so that the number of queries does not depend on the number of items.
    select_related: tuple[str, ...] = ()
    prefetch_related: tuple[str, ...] = ()
    # The route of an item's page. Its argument is the item's key.
    route: str
    # True if items never change, so that each is published only once.
    append_only = False

    def key(self, item: Item) -> str:
        """Return the key of an item, unique within the resource and the negotiation."""
        return str(getattr(item, self.key_field))

    def data(self, item: Item) -> Data:
        """Return the data of an item as values that JSON can represent."""
        return field_values(item, *self.fields)

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Item]":
        """Return the items of a negotiation that `reader` may read, in a fixed order. All are readable by default."""
        rows = self.model._default_manager.filter(negotiation=negotiation)
        return rows.order_by(*self.ordering, "pk")

    def with_related(self, rows: "QuerySet[Item]", reader: Reader) -> "QuerySet[Item]":
        """Return `rows` with the related rows that `data` needs, as far as `reader` may read them."""
        rows = rows.select_related(*self.select_related) if self.select_related else rows
        return rows.prefetch_related(*self.prefetch_related)

    def page(self, item: Item) -> PageLink | None:
        """Return a link to the page on which an item is shown, or None if there is no such page."""
        return PageLink(self.route, (self.key(item),))


def json_value(value: Any) -> Any:
    """Return a value for JSON. Dates and times are in ISO 8601 format, and times are in UTC."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def field_values(item: Any, *names: str) -> Data:
    """Return the values of the named fields of an item, by field name."""
    return {name: json_value(getattr(item, name)) for name in names}


def code_of(item: Any) -> str | None:
    """Return the code of a related item or, if it has no code, its slug. Return None if `item` is None."""
    return None if item is None else getattr(item, "code", None) or item.slug


def codes_of(items: Any) -> list[str]:
    """Return the sorted codes or slugs of the items of a related manager."""
    return sorted(str(code_of(item)) for item in items.all())
