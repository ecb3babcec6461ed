"""Filters of the API: the site's FilterSets, and no parameter is ignored in silence."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from issues.api.errors import Problem, error_entry
from issues.filters.names import NamesFilter
from issues.filters.variants import HolderFilter

# What every address takes; `format` chooses between JSON and the browsable pages.
COMMON_PARAMETERS = frozenset({"format"})
# Filters that may stand several times, and parameters of every address that may.
REPEATABLE_FILTERS = (NamesFilter, HolderFilter, django_filters.ModelMultipleChoiceFilter)
REPEATABLE_PARAMETERS = frozenset({"fields", "include"})


def repeatable_parameters(filters: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of those of `filters` that may stand several times in a query."""
    return frozenset(name for name, entry in filters.items() if isinstance(entry, REPEATABLE_FILTERS))


def require_known_parameters(request: Request, known: Iterable[str], repeatable: Iterable[str] = ()) -> None:
    """Raise Problem where the query has a parameter that nothing would answer to, or one twice that is taken once."""
    accepted = COMMON_PARAMETERS.union(known)
    require_known("parameter", set(request.query_params), accepted)
    twice = {name for name, values in request.query_params.lists() if len(values) > 1}
    if wrong := sorted(twice - REPEATABLE_PARAMETERS.union(repeatable)):
        errors = [error_entry(name, "Send it once: only one value can be meant.") for name in wrong]
        raise Problem("invalid", f"{', '.join(wrong)}: sent more than once.", errors)


def require_known(noun: str, names: Iterable[str], known: Iterable[str], field: str = "") -> None:
    """Raise Problem where one of `asked` is not `known`; it lists those that are."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        message = f"Unknown {noun}. Known here: {', '.join(sorted(known))}."
        errors = [error_entry(field or name, f"“{name}”: {message}") for name in unknown]
        raise Problem("unknown_parameter", f"{', '.join(unknown)}: unknown {noun}.", errors)


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's FilterSet; an unknown parameter is an error that lists the known ones."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        require_known_parameters(
            request,
            self.known(view, queryset),
            repeatable_parameters(filterset_class.base_filters) if filterset_class else frozenset[str](),
        )
        if not view.lists:  # one row is found by its address, whatever its state
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def known(self, view: Any, queryset: QuerySet[Any]) -> frozenset[str]:
        """Return the parameters that the view answers to."""
        filterset_class = self.get_filterset_class(view, queryset)
        known = frozenset(filterset_class.base_filters) if filterset_class and view.lists else frozenset[str]()
        further: frozenset[str] = view.parameters()
        return known | further
