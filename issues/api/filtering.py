"""Filters of the API: the site's FilterSets, and no parameter is ignored in silence."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from issues.api.errors import Problem, at
from issues.filters.names import NamesFilter
from issues.filters.variants import HolderFilter

# What every address takes; `format` chooses between JSON and the browsable pages.
COMMON_PARAMETERS = frozenset({"format"})
# Filters that may stand several times, and parameters of every address that may.
SEVERAL = (NamesFilter, HolderFilter, django_filters.ModelMultipleChoiceFilter)
LISTS = frozenset({"fields", "include"})


def repeatable(filters: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of those of `filters` that may stand several times in a query."""
    return frozenset(name for name, one in filters.items() if isinstance(one, SEVERAL))


def refuse_unknown_parameters(request: Request, known: Iterable[str], several: Iterable[str] = ()) -> None:
    """Raise Problem where the query has a parameter that nothing would answer to, or one twice that is taken once."""
    taken = COMMON_PARAMETERS.union(known)
    refuse_unknown("parameter", set(request.query_params), taken)
    twice = {name for name, values in request.query_params.lists() if len(values) > 1}
    if wrong := sorted(twice - LISTS.union(several)):
        errors = [at(name, "Send it once: only one value can be meant.") for name in wrong]
        raise Problem("invalid", f"{', '.join(wrong)}: sent more than once.", errors)


def refuse_unknown(what: str, asked: Iterable[str], known: Iterable[str], at_field: str = "") -> None:
    """Raise Problem where one of `asked` is not `known`; it lists those that are."""
    unknown = sorted(set(asked) - set(known))
    if unknown:
        said = f"Unknown {what}. Known here: {', '.join(sorted(known))}."
        errors = [at(at_field or name, f"“{name}”: {said}") for name in unknown]
        raise Problem("unknown_parameter", f"{', '.join(unknown)}: unknown {what}.", errors)


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's FilterSet; an unknown parameter is an error that lists the known ones."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        kind = self.get_filterset_class(view, queryset)
        refuse_unknown_parameters(
            request, self.known(view, queryset), repeatable(kind.base_filters) if kind else frozenset[str]()
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
