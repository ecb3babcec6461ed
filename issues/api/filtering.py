"""Filtering in the API with the site's FilterSets. Unknown parameters are refused."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from issues.api.errors import Problem, error_entry
from issues.filters.names import NamesFilter
from issues.filters.variants import HolderFilter

# Parameters that every URL accepts; `format` selects JSON or the browsable API.
COMMON_PARAMETERS = frozenset({"format"})
# Filters that may be repeated, and parameters of all URLs that may be repeated.
REPEATABLE_FILTERS = (NamesFilter, HolderFilter, django_filters.ModelMultipleChoiceFilter)
REPEATABLE_PARAMETERS = frozenset({"fields", "include"})


def repeatable_parameters(filters: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the filters that may be repeated in a query."""
    return frozenset(name for name, entry in filters.items() if isinstance(entry, REPEATABLE_FILTERS))


def require_known_parameters(request: Request, known: Iterable[str], repeatable: Iterable[str] = ()) -> None:
    """Raise Problem if the query contains an unknown parameter or repeats one that takes a single value."""
    accepted = COMMON_PARAMETERS.union(known)
    require_known("parameter", set(request.query_params), accepted)
    twice = {name for name, values in request.query_params.lists() if len(values) > 1}
    if wrong := sorted(twice - REPEATABLE_PARAMETERS.union(repeatable)):
        errors = [
            error_entry(name, "Send this parameter only once, because it takes a single value.") for name in wrong
        ]
        raise Problem("invalid", f"Parameters sent more than once: {', '.join(wrong)}.", errors)


def require_known(noun: str, names: Iterable[str], known: Iterable[str], field: str = "") -> None:
    """Raise Problem, with a list of the known names, unless all `names` are in `known`."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        message = f"Unknown {noun}. Accepted names: {', '.join(sorted(known))}."
        errors = [error_entry(field or name, f"“{name}”: {message}") for name in unknown]
        raise Problem("unknown_parameter", f"Unknown {noun}: {', '.join(unknown)}.", errors)


class StrictFilterBackend(DjangoFilterBackend):
    """A backend that filters by the FilterSet of the view and refuses unknown parameters."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        require_known_parameters(
            request,
            self.known(view, queryset),
            repeatable_parameters(filterset_class.base_filters) if filterset_class else frozenset[str](),
        )
        if not view.lists:  # the URL identifies a single row, so no filter applies
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def known(self, view: Any, queryset: QuerySet[Any]) -> frozenset[str]:
        """Return the parameters that the view accepts."""
        filterset_class = self.get_filterset_class(view, queryset)
        known = frozenset(filterset_class.base_filters) if filterset_class and view.lists else frozenset[str]()
        further: frozenset[str] = view.parameters()
        return known | further
